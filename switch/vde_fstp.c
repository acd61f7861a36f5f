/* SPDX-License-Identifier: MIT */
/* vde_fstp.c - VDE's fstp/ menu on top of the one spanning tree, which is RSTP and knows no VLANs:
 * where VDE asks for one, any that exists will do. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/sw.h"

static int showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const struct bridge_config *c = bridge_config(sw->bridge);
	char mac[MAC_TEXT_LEN];
	(void)a, (void)e;
	out_str(o, "mac", "MAC %s ", mac_format(mac, c->mac));
	out_json_u64(o, "priority", (uint64_t)c->tree.priority);
	out_text(o, "Priority %u (0x%x)\n", c->tree.priority, c->tree.priority);
	out_bool(o, "fstp", NULL, c->rstp);
	out_text(o, "FSTP=%s\n", c->rstp ? "true" : "false");
	return 0;
}

static int setfstp(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct sw *sw = ctx;
	uint64_t on;
	if (a->count != 1 || unit_u64(a->word[0], 0, UINT_MAX, &on, NULL) < 0)
		return -EINVAL;
	struct bridge_config c = *bridge_config(sw->bridge);
	if (on && c.hub) {
		out_text(o, "Can't use fstp in hub mode\n"); /* VDE says so and means success */
		return 0;
	}
	c.rstp = on;
	return bridge_apply(sw->bridge, &c, a->now, e);
}

/* VLAN PORT and one more number. */
static int read_three(const struct sw *sw, const struct args *a, uint64_t max, unsigned *port,
		      uint64_t *n)
{
	uint64_t vlan, p;
	if (a->count != 3 || unit_u64(a->word[0], 0, VID_MAX, &vlan, NULL) < 0 ||
	    unit_u64(a->word[1], 0, BRIDGE_PORT_MAX, &p, NULL) < 0 ||
	    unit_u64(a->word[2], 0, max, n, NULL) < 0)
		return -EINVAL;
	if (!bridge_port_config(sw->bridge, (unsigned)p))
		return -ENXIO;
	*port = (unsigned)p;
	return 0;
}

static int setedge(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct sw *sw = ctx;
	unsigned port;
	uint64_t on;
	(void)o;
	int r = read_three(sw, a, 1, &port, &on);
	if (r < 0)
		return r;
	struct port_config c = *bridge_port_config(sw->bridge, port);
	c.tree.edge = on;
	return bridge_port_apply(sw->bridge, port, &c, a->now, e);
}

/* VDE subtracts the bonus from the cost of a port: so does this, once, from the cost of its speed.
 */
static int bonus(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	enum { COST_GIGABIT = 20000 };
	struct sw *sw = ctx;
	unsigned port;
	uint64_t off;
	(void)o;
	int r = read_three(sw, a, RSTP_COST_MAX, &port, &off);
	if (r < 0)
		return r;
	struct port_config c = *bridge_port_config(sw->bridge, port);
	c.tree.cost = off == 0 ? 0 : off < COST_GIGABIT ? (uint32_t)(COST_GIGABIT - off) : 1;
	return bridge_port_apply(sw->bridge, port, &c, a->now, e);
}

static void print_port(const struct sw *sw, const struct rstp *r, unsigned port, int64_t now,
		       struct out *o)
{
	struct rstp_port_view v;
	if (!rstp_port_view(r, port, now, &v) || !bridge_port_present(sw->bridge, port))
		return;
	out_object(o, NULL);
	out_u64(o, "port", " -- Port %04" PRIu64, (uint64_t)port);
	out_text(o, " tagged=%d portcost=%" PRIu32, 0, v.cost);
	out_json_u64(o, "cost", v.cost);
	out_text(o, " role=");
	out_str(o, "role", "%s", rstp_role_name(v.role));
	out_str(o, "state", " %s", rstp_state_name(v.state));
	out_text(o, "%s\n", v.edge ? " edge" : "");
	out_end_object(o);
}

static int print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const struct rstp *r = bridge_rstp(sw->bridge);
	uint64_t vlan = 0;
	struct rstp_view v;
	(void)e;
	if (a->count > 1 || (a->count && unit_u64(a->word[0], 0, VID_MAX, &vlan, NULL) < 0))
		return -EINVAL;
	if (!r) /* as VDE without fstp: nothing to say */
		return 0;
	rstp_view(r, &v);
	uint8_t root[ETH_ALEN];
	char mac[MAC_TEXT_LEN];
	mac_from_u64(root, v.root.root & UINT64_C(0xffffffffffff));
	out_text(o, "FST DATA VLAN %04u %s\n", (unsigned)vlan, v.root_port ? "" : "++ROOT++");
	out_str(o, "root", " ++ root %s", mac_format(mac, root));
	out_u64(o, "root_port", " port %" PRIu64, (uint64_t)v.root_port);
	out_u64(o, "root_cost", " cost %" PRIu64 "\n", (uint64_t)v.root.cost);
	out_list(o, "ports");
	for (unsigned p = bridge_port_after(sw->bridge, 0); p <= RSTP_PORT_MAX;
	     p = bridge_port_after(sw->bridge, (int)p))
		print_port(sw, r, p, a->now, o);
	out_end_list(o);
	return 0;
}

const struct cmd_row vde_fstp_commands[] = {
	{ "fstp", "============", "FAST SPANNING TREE MENU", 0, NULL },
	{ "fstp/showinfo", "", "show fstp info", CMD_VDE | CMD_DATA, showinfo },
	{ "fstp/setfstp", "0/1", "Fast spanning tree protocol 1=ON 0=OFF",
	  CMD_VDE | CMD_DATA | CMD_WRITES, setfstp },
	{ "fstp/setedge", "VLAN PORT 1/0", "Define an edge port for a vlan 1=Y 0=N",
	  CMD_VDE | CMD_WRITES, setedge },
	{ "fstp/bonus", "VLAN PORT COST", "set the port bonus for a vlan", CMD_VDE | CMD_WRITES,
	  bonus },
	{ "fstp/print", "[N]", "print fst data for the defined vlan", CMD_VDE | CMD_DATA, print },
	{ 0 },
};
