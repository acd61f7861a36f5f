/* SPDX-License-Identifier: MIT */
/* vde_port.c - VDE's port/ menu, byte for byte: formats and error codes as vde_switch 2.3.2 gives
 * them (vde-2 port.c as observed), except that a word which is no number is refused where VDE
 * reads it as 0. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/access.h"
#include "switch/sw.h"

int sw_port_arg(const struct sw *sw, const char *word)
{
	uint64_t n;
	if (unit_u64(word, 0, bridge_config(sw->bridge)->numports, &n, NULL) == 0)
		return (int)n;
	int port = bridge_port_find(sw->bridge, word);
	return port < 0 ? -EINVAL : port;
}

/* The port of word 0, which must exist, when there are `count` words. -EINVAL, -ENXIO */
static int existing_port(const struct sw *sw, const struct args *a, unsigned count)
{
	if (a->count != count)
		return -EINVAL;
	int port = sw_port_arg(sw, a->word[0]);
	return port < 0 || bridge_port_config(sw->bridge, (unsigned)port) ? port : -ENXIO;
}

/* ---- showing ---- */

static int showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const struct bridge_config *c = bridge_config(sw->bridge);
	(void)a, (void)e;
	out_u64(o, "numports", "Numports=%" PRIu64 "\n", (uint64_t)c->numports);
	out_bool(o, "hub", NULL, c->hub);
	out_text(o, "HUB=%s\n", c->hub ? "true" : "false");
	out_bool(o, "counters", NULL, true);
	out_text(o, "counters=true\n");
	return 0;
}

static void print_endpoints(const struct ports_member *m, struct out *o)
{
	out_list(o, "endpoints");
	for (; m; m = m->next) {
		const char *descr = m->ep->descr;
		out_object(o, NULL);
		out_u64(o, "id", "  -- endpoint ID %04" PRIu64 " ", (uint64_t)m->id);
		out_str(o, "module", "module %-12s: ", m->module);
		out_json_str(o, "descr", descr);
		out_text(o, "%s\n", *descr ? descr : "no endpoint description");
		out_json_str(o, "locator", m->ep->locator);
		out_bool(o, "up", NULL, m->ep->is_up);
		out_json_u64(o, "lost", m->lost + m->ep->tx_dropped);
		out_end_object(o);
	}
	out_end_list(o);
}

static void print_owner(const struct ports_rule *rule, const struct ports_member *m,
			struct access_names *names, struct out *o)
{
	int uid = m ? m->uid : ACCESS_NONE;
	out_text(o, " Current User: %s ", access_user_text(names, uid));
	out_text(o, "Access Control: (User: %s - ", access_user_text(names, rule->uid));
	out_text(o, "Group: %s)\n", access_group_text(names, rule->gid));
	out_json_str(o, "current_user", m ? access_user_text(names, uid) : NULL);
	out_json_str(o, "user", rule->uid < 0 ? NULL : access_user_text(names, rule->uid));
	out_json_str(o, "group", rule->gid < 0 ? NULL : access_group_text(names, rule->gid));
}

static void print_port(const struct sw *sw, unsigned port, struct access_names *names,
		       struct out *o)
{
	const struct ports_member *m = ports_members(sw->ports, port);
	const struct port_config *c = bridge_port_config(sw->bridge, port);
	struct ports_rule rule = ports_rule(sw->ports, port);
	struct port_stats s;
	ports_counters(sw->ports, port, &s);
	out_object(o, NULL);
	out_u64(o, "port", "Port %04" PRIu64 " ", (uint64_t)port);
	out_json_str(o, "name", c->name);
	out_u64(o, "untagged_vlan", "untagged_vlan=%04" PRIu64 " ",
		(uint64_t)vde_untagged_vlan(&c->vlan));
	out_bool(o, "active", NULL, m != NULL);
	out_bool(o, "allocatable", NULL, rule.allocatable);
	out_text(o, "%sACTIVE - %sUnnamed Allocatable\n", m ? "" : "IN",
		 rule.allocatable ? "" : "NOT ");
	print_owner(&rule, m, names, o);
	out_u64(o, "rx_frames", " IN:  pkts %10" PRIu64 "          ", s.rx_frames);
	out_u64(o, "rx_bytes", "bytes %20" PRIu64 "\n", s.rx_bytes);
	out_u64(o, "tx_frames", " OUT: pkts %10" PRIu64 "          ", s.tx_frames);
	out_u64(o, "tx_bytes", "bytes %20" PRIu64 "\n", s.tx_bytes);
	print_endpoints(m, o);
	out_end_object(o);
}

static int print_ports(const struct sw *sw, const struct args *a, struct out *o, bool inactive)
{
	int only = a->count ? existing_port(sw, a, 1) : -1;
	if (a->count && only < 0)
		return only;
	if (only >= 0 && !inactive && !ports_members(sw->ports, (unsigned)only))
		return -ENXIO;
	struct access_names names = { 0 };
	out_list(o, "ports");
	if (only >= 0)
		print_port(sw, (unsigned)only, &names, o);
	else
		for (unsigned port = bridge_port_after(sw->bridge, -1); port != UINT_MAX;
		     port = bridge_port_after(sw->bridge, (int)port)) {
			if (inactive || ports_members(sw->ports, port))
				print_port(sw, port, &names, o);
		}
	out_end_list(o);
	return 0;
}

static int print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)e;
	return print_ports(ctx, a, o, false);
}

static int allprint(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)e;
	return print_ports(ctx, a, o, true);
}

/* ---- settings of all ports ---- */

static int setnumports(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t n;
	(void)o, (void)e;
	if (a->count != 1 || unit_u64(a->word[0], 1, BRIDGE_PORT_MAX, &n, NULL) < 0)
		return -EINVAL;
	if (bridge_port_after(sw->bridge, (int)n) != UINT_MAX)
		return -EADDRINUSE;
	struct bridge_config c = *bridge_config(sw->bridge);
	c.numports = (unsigned)n;
	return bridge_apply(sw->bridge, &c, a->now, e);
}

static int sethub(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t hub;
	(void)o;
	if (a->count != 1 || unit_u64(a->word[0], 0, UINT_MAX, &hub, NULL) < 0)
		return -EINVAL;
	struct bridge_config c = *bridge_config(sw->bridge);
	c.hub = hub != 0;
	return bridge_apply(sw->bridge, &c, a->now, e);
}

/* ---- one port ---- */

static int create(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	(void)o;
	uint64_t n;
	if (a->count != 1 || unit_u64(a->word[0], 0, BRIDGE_PORT_MAX, &n, NULL) < 0)
		return -EINVAL; /* a name cannot be made here: port/set N name=... */
	return ports_make(sw->ports, (unsigned)n, e);
}

static int createauto(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	(void)a;
	int port = ports_lowest_unmade(sw->ports);
	int r = port < 0 ? port : ports_make(sw->ports, (unsigned)port, e);
	if (r < 0)
		return r;
	out_u64(o, "port", "Port %04" PRIu64 "\n", (uint64_t)port);
	return 0;
}

static int remove_port(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	(void)o, (void)e;
	int port = existing_port(sw, a, 1);
	return port < 0 ? port : ports_remove(sw->ports, (unsigned)port);
}

static int allocatable(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t yes;
	(void)o, (void)e;
	int port = existing_port(sw, a, 2);
	if (port < 0)
		return port;
	if (unit_u64(a->word[1], 0, UINT_MAX, &yes, NULL) < 0)
		return -EINVAL;
	struct ports_rule rule = ports_rule(sw->ports, (unsigned)port);
	rule.allocatable = yes != 0;
	return ports_set_rule(sw->ports, (unsigned)port, rule);
}

static int setuser(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	(void)o, (void)e;
	int port = existing_port(sw, a, 2);
	if (port < 0)
		return port;
	struct ports_rule rule = ports_rule(sw->ports, (unsigned)port);
	int r = access_user(&rule.uid, a->word[1]);
	return r < 0 ? r : ports_set_rule(sw->ports, (unsigned)port, rule);
}

static int setgroup(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	(void)o, (void)e;
	int port = existing_port(sw, a, 2);
	if (port < 0)
		return port;
	struct ports_rule rule = ports_rule(sw->ports, (unsigned)port);
	int r = access_group(&rule.gid, a->word[1]);
	return r < 0 ? r : ports_set_rule(sw->ports, (unsigned)port, rule);
}

static int epclose(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t id;
	(void)o, (void)e;
	int port = existing_port(sw, a, 2);
	if (port < 0)
		return port;
	if (unit_u64(a->word[1], 0, UINT_MAX, &id, NULL) < 0)
		return -EINVAL;
	int r = ports_close(sw->ports, (unsigned)port, (unsigned)id);
	return r == -ENOENT ? -ENXIO : r;
}

static int resetcounter(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	(void)o, (void)e;
	if (a->count) {
		int port = existing_port(sw, a, 1);
		if (port == -ENXIO)
			return 0; /* nothing was counted there */
		return port < 0 ? port : ports_reset_counters(sw->ports, (unsigned)port);
	}
	int r = 0;
	for (unsigned port = bridge_port_after(sw->bridge, -1); port != UINT_MAX && r == 0;
	     port = bridge_port_after(sw->bridge, (int)port))
		r = ports_reset_counters(sw->ports, port);
	return r;
}

enum { DATA = CMD_VDE | CMD_DATA, SET = CMD_VDE | CMD_WRITES };

const struct cmd_row vde_port_commands[] = {
	{ "port", "============", "PORT STATUS MENU", 0, NULL },
	{ "port/showinfo", "", "show port info", DATA, showinfo },
	{ "port/setnumports", "N", "set the number of ports", SET, setnumports },
	{ "port/sethub", "0/1", "1=HUB 0=switch", SET, sethub },
	{ "port/setvlan", "N VLAN", "set port VLAN (untagged)", SET, vde_port_setvlan },
	{ "port/createauto", "",
	  "create a port with an automatically allocated id (inactive|notallocatable)", SET,
	  createauto },
	{ "port/create", "N", "create the port N (inactive|notallocatable)", SET, create },
	{ "port/remove", "N", "remove the port N", SET, remove_port },
	{ "port/allocatable", "N 0/1", "Is the port allocatable as unnamed? 1=Y 0=N", SET,
	  allocatable },
	{ "port/setuser", "N user", "access control: set user", SET, setuser },
	{ "port/setgroup", "N user", "access control: set group", SET, setgroup },
	{ "port/epclose", "N ID", "remove the endpoint port N/id ID", SET, epclose },
	{ "port/resetcounter", "[N]", "reset the port (N) counters", SET, resetcounter },
	{ "port/print", "[N]", "print the port/endpoint table", DATA, print },
	{ "port/allprint", "[N]", "print the port/endpoint table (including inactive port)", DATA,
	  allprint },
	{ 0 },
};
