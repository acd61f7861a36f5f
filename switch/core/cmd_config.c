/* SPDX-License-Identifier: MIT */
/* cmd_config.c - the settings as commands that make them again: a function of the config values. */
#include "switch/core/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/core/pipeline.h"
#include "switch/core/portkeys.h"
#include "switch/core/switchkeys.h"

/* `line` before the keys that were shown, if any; JSON goes straight through. */
static void show_line(const char *line, struct out *keys, struct out *o)
{
	if (keys->len)
		out_text(o, "%s%s\n", line, keys->text);
	o->oom |= keys->oom;
	out_fini(keys);
}

static void show_bridge(const struct bridge *b, struct out *o)
{
	struct out keys;
	out_init(&keys, false);
	switch_keys_show(bridge_config(b), false, o->json ? o : &keys);
	show_line("switch/set", &keys, o);
	rstp_config_show(&bridge_config(b)->tree, bridge_config(b)->rstp, o);
}

/* What belongs to VLANs, and those that no port names: naming one here makes it. */
static void show_vlans(const struct bridge *b, struct out *o)
{
	const struct vlan_table *t = &bridge_config(b)->vlan;
	struct vidset named = { { 0 } };
	for (unsigned p = bridge_port_after(b, -1); p != UINT_MAX; p = bridge_port_after(b, (int)p))
		vlan_named(&bridge_port_config(b, p)->vlan, &named);
	out_list(o, "vlans");
	for (unsigned v = 0; v <= VID_MAX; v++) {
		bool quiet = vidset_has(&t->quiet, v), created = vidset_has(&t->created, v);
		if (!t->fid[v] && !quiet && !created)
			continue;
		out_object(o, NULL);
		out_json_u64(o, "vlan", v);
		out_json_u64(o, "fid", vlan_fid(t, v));
		out_bool(o, "flood", NULL, !quiet);
		if (t->fid[v] || (created && !quiet && !vidset_has(&named, v)))
			out_text(o, "vlan/fid %u %u\n", v, vlan_fid(t, v));
		if (quiet)
			out_text(o, "vlan/flood %u no\n", v);
		out_end_object(o);
	}
	out_end_list(o);
}

static void show_port(const struct bridge *b, unsigned port, struct out *o)
{
	char line[32];
	struct out keys;
	out_init(&keys, false);
	out_object(o, NULL);
	out_json_u64(o, "port", port);
	port_keys_show(bridge_port_config(b, port), false, o->json ? o : &keys);
	if (!keys.len && fdb_port_statics(b->fdb, port)) /* it must be there before its addresses */
		out_text(&keys, " up=yes");
	snprintf(line, sizeof line, "port/set %u", port);
	show_line(line, &keys, o);
	out_end_object(o);
}

static bool is_static(void *ctx, const struct fdb_entry *e)
{
	(void)ctx;
	return e->kind == FDB_STATIC;
}

/* Static entries are settings; sticky ones age, so they are none. */
static int show_static(const struct bridge *b, int64_t now, struct out *o)
{
	size_t count;
	struct fdb_entry *list = bridge_fdb_list_some(b, now, is_static, NULL, &count);
	if (count == SIZE_MAX)
		return -ENOMEM;
	out_list(o, "static");
	for (size_t i = 0; i < count; i++) {
		char mac[MAC_TEXT_LEN];
		out_object(o, NULL);
		out_str(o, "mac", "fdb/add %s", mac_format(mac, list[i].mac));
		out_u64(o, "vlan", " %" PRIu64, (uint64_t)list[i].fid);
		out_u64(o, "port", " %" PRIu64 "\n", (uint64_t)list[i].port);
		out_end_object(o);
	}
	out_end_list(o);
	free(list);
	return 0;
}

int cmd_config_show(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct bridge *b = ctx;
	if (a->count)
		return cmd_usage(e, "config/show");
	show_bridge(b, o);
	show_vlans(b, o);
	vepa_config_show(&bridge_config(b)->vepa, o);
	out_list(o, "ports");
	for (unsigned p = bridge_port_after(b, -1); p != UINT_MAX; p = bridge_port_after(b, (int)p))
		show_port(b, p, o);
	out_end_list(o);
	mirror_config_show(&bridge_config(b)->mirror, true, o);
	return show_static(b, a->now, o);
}
