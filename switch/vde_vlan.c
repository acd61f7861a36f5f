/* SPDX-License-Identifier: MIT */
/* vde_vlan.c - VDE's vlan/ menu and port/setvlan over our port modes. In VDE a port is an untagged
 * member of one VLAN (0 at first) and a tagged one of any others: our mode hybrid. The first such
 * command turns a port of another mode into the hybrid that does the same. Formats and codes:
 * vde_switch 2.3.2. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>

#include "lib/base/units.h"
#include "switch/sw.h"

unsigned vde_untagged_vlan(const struct vlan_port *v)
{
	if (v->mode == VLAN_TRANSPARENT)
		return 0;
	return v->mode == VLAN_TRUNK ? VID_NONE : v->pvid;
}

static bool vlan_exists(const struct sw *sw, unsigned vid)
{
	return vid == 0 || vidset_has(&bridge_config(sw->bridge)->vlan.created, vid);
}

/* A port of another mode becomes the hybrid with the same memberships; a transparent one, a member
 * of all, becomes what VDE starts with. */
static void make_hybrid(struct vlan_port *v)
{
	struct vidset none = { { 0 } };
	unsigned pvid = vde_untagged_vlan(v);
	bool tagged = v->mode == VLAN_NATIVE_TAGGED;
	if (v->mode == VLAN_HYBRID)
		return;
	if (v->mode == VLAN_TRANSPARENT || v->mode == VLAN_ACCESS)
		v->allow = none;
	v->untagged = none;
	v->mode = VLAN_HYBRID;
	v->pvid = (uint16_t)pvid;
	if (pvid != VID_NONE)
		vidset_put(tagged && pvid ? &v->allow : &v->untagged, pvid, true);
}

static void set_untagged(struct vlan_port *v, unsigned vid)
{
	if (v->mode == VLAN_TUNNEL || (v->mode == VLAN_ACCESS && vid >= 1 && vid <= VID_MAX)) {
		v->pvid = (uint16_t)vid;
		return;
	}
	make_hybrid(v);
	if (v->pvid != VID_NONE)
		vidset_put(&v->untagged, v->pvid, false);
	v->pvid = (uint16_t)vid;
	if (vid == VID_NONE)
		return;
	vidset_put(&v->untagged, vid, true);
	vidset_put(&v->allow, vid, false);
}

/* VLAN and port of two words, both existing: 0; -EINVAL, -ENXIO as VDE says them. */
static int read_pair(const struct sw *sw, const struct args *a, unsigned vlan_at, unsigned vid_max,
		     unsigned *vid, unsigned *port)
{
	uint64_t v;
	if (a->count != 2 || unit_u64(a->word[vlan_at], 0, vid_max, &v, NULL) < 0)
		return -EINVAL;
	int p = sw_port_arg(sw, a->word[1 - vlan_at]);
	if (p < 0)
		return -EINVAL;
	*vid = (unsigned)v;
	*port = (unsigned)p;
	bool known =
		bridge_port_config(sw->bridge, *port) && (v == VID_NONE || vlan_exists(sw, *vid));
	return known ? 0 : -ENXIO;
}

int vde_port_setvlan(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	unsigned vid, port;
	(void)o;
	int r = read_pair(sw, a, 1, VID_NONE, &vid, &port);
	if (r < 0)
		return r;
	struct port_config c = *bridge_port_config(sw->bridge, port);
	set_untagged(&c.vlan, vid);
	return bridge_port_apply(sw->bridge, port, &c, a->now, e);
}

/* ---- VLANs ---- */

static int create(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t vid;
	(void)o;
	if (a->count != 1 || unit_u64(a->word[0], 1, VID_MAX, &vid, NULL) < 0)
		return -EINVAL;
	if (vlan_exists(sw, (unsigned)vid))
		return -EEXIST;
	struct bridge_config c = *bridge_config(sw->bridge);
	vidset_put(&c.vlan.created, (unsigned)vid, true);
	return bridge_apply(sw->bridge, &c, a->now, e);
}

static int remove_vlan(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t vid;
	(void)o, (void)e;
	if (a->count != 1 || unit_u64(a->word[0], 0, VID_MAX, &vid, NULL) < 0)
		return -EINVAL;
	if (vid == 0)
		return -EADDRINUSE; /* always there */
	if (!vlan_exists(sw, (unsigned)vid))
		return -ENXIO;
	struct bridge_config c = *bridge_config(sw->bridge);
	vidset_put(&c.vlan.created, (unsigned)vid, false);
	return bridge_apply(sw->bridge, &c, a->now, NULL);
}

static int addport(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	unsigned vid, port;
	(void)o;
	int r = read_pair(sw, a, 0, VID_MAX, &vid, &port);
	if (r < 0)
		return r;
	struct port_config c = *bridge_port_config(sw->bridge, port);
	if (c.vlan.mode == VLAN_TUNNEL)
		return err_set(e, -EINVAL,
			       "port %u is a tunnel: its one VLAN is set with port/setvlan", port);
	if (vde_untagged_vlan(&c.vlan) == vid)
		return 0; /* VDE: stays the untagged one */
	if (vid == 0)
		return err_set(e, -EINVAL, "VLAN 0 has no tag");
	if (c.vlan.mode != VLAN_TRUNK && c.vlan.mode != VLAN_NATIVE_UNTAGGED &&
	    c.vlan.mode != VLAN_NATIVE_TAGGED)
		make_hybrid(&c.vlan);
	vidset_put(&c.vlan.allow, vid, true);
	return bridge_port_apply(sw->bridge, port, &c, a->now, e);
}

static int delport(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	unsigned vid, port;
	(void)o;
	int r = read_pair(sw, a, 0, VID_MAX, &vid, &port);
	if (r < 0)
		return r;
	struct port_config c = *bridge_port_config(sw->bridge, port);
	if (vde_untagged_vlan(&c.vlan) == vid)
		return -EADDRINUSE;
	if (c.vlan.mode == VLAN_TRANSPARENT || c.vlan.mode == VLAN_ACCESS ||
	    c.vlan.mode == VLAN_TUNNEL)
		return 0; /* no member that could go */
	vidset_put(&c.vlan.allow, vid, false);
	return bridge_port_apply(sw->bridge, port, &c, a->now, e);
}

/* ---- showing ---- */

static void print_member(const struct sw *sw, unsigned port, bool tagged, struct out *o)
{
	bool active = ports_members(sw->ports, port) != NULL;
	const char *status = bridge_port_forwards(sw->bridge, port) ? "Forwarding"
			     : active                               ? "Discarding"
								    : "Learning";
	out_object(o, NULL);
	out_u64(o, "port", " -- Port %04" PRIu64 " ", (uint64_t)port);
	out_bool(o, "tagged", NULL, tagged);
	out_bool(o, "active", NULL, active);
	out_text(o, "tagged=%d active=%d ", tagged, active);
	out_str(o, "status", "status=%s\n", status);
	out_end_object(o);
}

/* Ports that name the VLAN; transparent ones, members of all, stand where their untagged frames
 * are. */
static void print_vlan(const struct sw *sw, unsigned vid, bool inactive, struct out *o)
{
	out_object(o, NULL);
	out_u64(o, "vlan", "VLAN %04" PRIu64 "\n", (uint64_t)vid);
	out_list(o, "ports");
	for (unsigned port = bridge_port_after(sw->bridge, -1); port != UINT_MAX;
	     port = bridge_port_after(sw->bridge, (int)port)) {
		const struct vlan_port *v = &bridge_port_config(sw->bridge, port)->vlan;
		enum vlan_form form = vlan_form(v, vid);
		bool named = form != FORM_NONE && (v->mode != VLAN_TRANSPARENT || vid == 0);
		if (named && (inactive || ports_members(sw->ports, port)))
			print_member(sw, port, form == FORM_TAGGED, o);
	}
	out_end_list(o);
	out_end_object(o);
}

static int print_vlans(const struct sw *sw, const struct args *a, bool inactive, struct out *o)
{
	const struct vidset *created = &bridge_config(sw->bridge)->vlan.created;
	uint64_t only = 0;
	if (a->count > 1 || (a->count && unit_u64(a->word[0], 0, VID_MAX, &only, NULL) < 0))
		return -EINVAL;
	if (!vlan_exists(sw, (unsigned)only))
		return -ENXIO;
	out_list(o, "vlans");
	if (!a->count || only == 0)
		print_vlan(sw, 0, inactive, o);
	for (unsigned vid = vidset_next(created, 1); vid < VID_COUNT;
	     vid = vidset_next(created, vid + 1)) {
		if (!a->count || vid == only)
			print_vlan(sw, vid, inactive, o);
	}
	out_end_list(o);
	return 0;
}

static int print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)e;
	return print_vlans(ctx, a, false, o);
}

static int allprint(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)e;
	return print_vlans(ctx, a, true, o);
}

enum { DATA = CMD_VDE | CMD_DATA, SET = CMD_VDE | CMD_WRITES };

const struct cmd_row vde_vlan_commands[] = {
	{ "vlan", "============", "VLAN MANAGEMENT MENU", 0, NULL },
	{ "vlan/create", "N", "create the VLAN with tag N", SET, create },
	{ "vlan/remove", "N", "remove the VLAN with tag N", SET, remove_vlan },
	{ "vlan/addport", "N PORT", "add port to the vlan N (tagged)", SET, addport },
	{ "vlan/delport", "N PORT", "delete port from the vlan N (tagged)", SET, delport },
	{ "vlan/print", "[N]", "print the list of defined vlan", DATA, print },
	{ "vlan/allprint", "[N]", "print the list of defined vlan (including inactive port)", DATA,
	  allprint },
	{ 0 },
};
