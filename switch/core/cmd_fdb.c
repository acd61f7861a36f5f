/* SPDX-License-Identifier: MIT */
/* cmd_fdb.c - the fdb/ commands: the address table. */
#include "switch/core/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/core/pipeline.h"
#include "switch/core/portlist.h"

static const char *kind_name(enum fdb_kind k)
{
	switch (k) {
	case FDB_LEARNED:
		return "learned";
	case FDB_STATIC:
		return "static";
	case FDB_STICKY:
		return "sticky";
	}
	return "?";
}

static int read_vlan(const char *text, unsigned *vid, struct err *e)
{
	uint64_t n;
	int r = unit_u64(text, 0, VID_MAX, &n, e);
	if (r < 0)
		return err_prefix(e, -EINVAL, "vlan");
	*vid = (unsigned)n;
	return 0;
}

static int read_mac(const char *text, uint8_t mac[static ETH_ALEN], struct err *e)
{
	if (mac_parse(mac, text) < 0)
		return err_set(e, -EINVAL, "%s: not an address like 02:00:00:00:00:01", text);
	return 0;
}

/* "[port N] [vlan V]" in any order; BRIDGE_ANY where not given. */
static int read_which(const struct bridge *b, const struct args *a, int *port, int *vid,
		      struct err *e)
{
	*port = *vid = BRIDGE_ANY;
	for (unsigned i = 0; i < a->count; i += 2) {
		const char *value = i + 1 < a->count ? a->word[i + 1] : NULL;
		int r = 0;
		unsigned v = 0;
		if (value && !strcmp(a->word[i], "port"))
			*port = r = port_list_one(b, value, e);
		else if (value && !strcmp(a->word[i], "vlan")) {
			r = read_vlan(value, &v, e);
			*vid = (int)v;
		} else
			return err_set(e, -EINVAL, "usage: [port N] [vlan V]");
		if (r < 0)
			return r;
	}
	return 0;
}

struct which { /* BRIDGE_ANY: all */
	int port, vid;
};

static bool is_wanted(void *ctx, const struct fdb_entry *e)
{
	const struct which *w = ctx;
	return (w->port == BRIDGE_ANY || e->port == w->port) &&
	       (w->vid == BRIDGE_ANY || e->fid == w->vid);
}

static void print_entry(const struct bridge *b, const struct fdb_entry *en, struct out *o)
{
	char mac[MAC_TEXT_LEN];
	const char *name = bridge_port_config(b, en->port)->name;
	out_object(o, NULL);
	out_str(o, "mac", "%s", mac_format(mac, en->mac));
	out_u64(o, "vlan", " vlan %-4" PRIu64, (uint64_t)en->fid);
	out_u64(o, "port", " port %" PRIu64, (uint64_t)en->port);
	if (*name)
		out_text(o, " %s", name);
	out_json_str(o, "name", name);
	if (en->kind != FDB_STATIC)
		out_text(o, " age %" PRId64 "s", en->age_ns / NS_PER_SEC);
	out_json_i64(o, "age_ns", en->age_ns);
	out_str(o, "kind", " %s\n", kind_name(en->kind));
	out_end_object(o);
}

int cmd_fdb_print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct bridge *b = ctx;
	struct which w;
	int r = read_which(b, a, &w.port, &w.vid, e);
	if (r < 0)
		return r;
	size_t count;
	struct fdb_entry *list = bridge_fdb_list_some(b, a->now, is_wanted, &w, &count);
	if (count == SIZE_MAX)
		return -ENOMEM;
	out_list(o, "entries");
	for (size_t i = 0; i < count; i++)
		print_entry(b, &list[i], o);
	out_end_list(o);
	free(list);
	return 0;
}

int cmd_fdb_add(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	uint8_t mac[ETH_ALEN];
	unsigned vid = 0;
	bool sticky = a->count == 4 && !strcmp(a->word[3], "sticky");
	if (a->count != 3 && !sticky)
		return cmd_usage(e, "fdb/add MAC VLAN PORT [sticky]");
	int r = read_mac(a->word[0], mac, e);
	if (!r)
		r = read_vlan(a->word[1], &vid, e);
	if (r < 0)
		return r;
	int port = port_list_one(ctx, a->word[2], e);
	if (port < 0)
		return port;
	return bridge_fdb_add(ctx, mac, vid, (unsigned)port, sticky ? FDB_STICKY : FDB_STATIC,
			      a->now, e);
}

static int read_station(const struct args *a, uint8_t mac[static ETH_ALEN], unsigned *vid,
			const char *syntax, struct err *e)
{
	*vid = 0;
	if (a->count < 1 || a->count > 2)
		return cmd_usage(e, syntax);
	int r = read_mac(a->word[0], mac, e);
	return r < 0 || a->count < 2 ? r : read_vlan(a->word[1], vid, e);
}

int cmd_fdb_del(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	uint8_t mac[ETH_ALEN];
	unsigned vid;
	int r = read_station(a, mac, &vid, "fdb/del MAC [VLAN]", e);
	if (r < 0)
		return r;
	r = bridge_fdb_del(ctx, mac, vid, a->now);
	return r == -ENOENT ? err_set(e, r, "%s: not in VLAN %u", a->word[0], vid) : r;
}

int cmd_fdb_find(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	uint8_t mac[ETH_ALEN];
	unsigned vid;
	int r = read_station(a, mac, &vid, "fdb/find MAC [VLAN]", e);
	if (r < 0)
		return r;
	unsigned port = bridge_fdb_find(ctx, mac, vid, a->now);
	if (port == FDB_NONE)
		return err_set(e, -ENOENT, "%s: not in VLAN %u", a->word[0], vid);
	const char *name = bridge_port_config(ctx, port)->name;
	char text[MAC_TEXT_LEN];
	out_str(o, "mac", "%s", mac_format(text, mac));
	out_u64(o, "vlan", " vlan %" PRIu64, (uint64_t)vid);
	out_u64(o, "port", " port %" PRIu64, (uint64_t)port);
	out_text(o, *name ? " %s\n" : "\n", name);
	out_json_str(o, "name", name);
	return 0;
}

int cmd_fdb_flush(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	int port, vid;
	int r = read_which(ctx, a, &port, &vid, e);
	if (r < 0)
		return r;
	bridge_fdb_flush(ctx, port, vid, a->now);
	return 0;
}

int cmd_fdb_age(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct bridge_config c = *bridge_config(ctx);
	if (!a->count) {
		char text[UNIT_TEXT_LEN];
		out_text(o, "%s\n", unit_time_text(text, c.age_ns));
		out_json_i64(o, "age_ns", c.age_ns);
		return 0;
	}
	if (a->count != 1)
		return cmd_usage(e, "fdb/age [TIME]");
	int r = unit_time(a->word[0], &c.age_ns, e);
	return r < 0 ? err_prefix(e, r, "age") : bridge_apply(ctx, &c, a->now, e);
}

static void show_flaps(const struct bridge *b, int64_t now, struct out *o)
{
	out_list(o, "flaps");
	for (unsigned i = 0; i < FLAP_SLOTS; i++) {
		const struct flap *f = &b->flaps.slot[i];
		uint8_t mac[ETH_ALEN];
		char text[MAC_TEXT_LEN];
		if (!flap_is_on(f, now))
			continue;
		mac_from_u64(mac, f->key);
		out_object(o, NULL);
		out_str(o, "mac", "flaps   %s", mac_format(text, mac));
		out_u64(o, "vlan", " vlan %" PRIu64, (uint64_t)f->vid);
		out_u64(o, "port", " between ports %" PRIu64, (uint64_t)f->to);
		out_u64(o, "port2", " and %" PRIu64, (uint64_t)f->from);
		out_u64(o, "moves", ", %" PRIu64 " moves\n", (uint64_t)f->moves);
		out_json_i64(o, "age_ns", now - f->last_ns);
		out_end_object(o);
	}
	out_end_list(o);
}

int cmd_fdb_stats(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	if (a->count)
		return cmd_usage(e, "fdb/stats");
	struct fdb_counts c;
	bridge_fdb_counts(ctx, a->now, &c);
	out_u64(o, "entries", "entries %" PRIu64 "\n", (uint64_t)c.entries);
	out_u64(o, "max", "max     %" PRIu64 "\n", (uint64_t)c.max);
	out_u64(o, "slots", "slots   %" PRIu64 "\n", (uint64_t)c.slots);
	out_u64(o, "learned", "learned %" PRIu64 "\n", c.learned);
	out_u64(o, "moved", "moved   %" PRIu64 "\n", c.moved);
	out_u64(o, "full", "full    %" PRIu64 "\n", c.full);
	out_u64(o, "evicted", "evicted %" PRIu64 "\n", c.evicted);
	show_flaps(ctx, a->now, o);
	return 0;
}
