/* SPDX-License-Identifier: MIT */
/* vde_hash.c - VDE's hash/ menu over our address table. Ours grows by itself, so the number of
 * buckets is only what VDE's listing shows; its garbage collector has no counterpart that could be
 * set. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/base/units.h"
#include "switch/sw.h"

static int showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const struct bridge_config *b = bridge_config(sw->bridge);
	struct fdb_counts c;
	(void)e;
	bridge_fdb_counts(sw->bridge, a->now, &c);
	out_u64(o, "size", "Hash size %" PRIu64 "\n", (uint64_t)sw->hash.size);
	out_u64(o, "gc_secs", "GC interval %" PRIu64 " secs\n", (uint64_t)sw->hash.gc_secs);
	out_json_i64(o, "expire_ns", b->age_ns);
	out_text(o, "GC expire %" PRId64 " secs\n", b->age_ns / NS_PER_SEC);
	out_json_i64(o, "min_persistence_ns", b->persist_ns);
	out_text(o, "Min persistence %" PRId64 " secs\n", b->persist_ns / NS_PER_SEC);
	out_json_u64(o, "entries", (uint64_t)c.entries);
	return 0;
}

static void print_entry(const struct sw *sw, const struct fdb_entry *f, struct out *o)
{
	char mac[MAC_TEXT_LEN];
	uint64_t bucket = mix64(fdb_key(mac_to_u64(f->mac), f->fid)) & (sw->hash.size - 1);
	out_object(o, NULL);
	out_u64(o, "bucket", "Hash: %04" PRIu64 " ", bucket);
	out_str(o, "mac", "Addr: %s ", mac_format(mac, f->mac));
	out_u64(o, "vlan", "VLAN %04" PRIu64 " ", (uint64_t)f->fid);
	out_u64(o, "port", "to port: %03" PRIu64 " ", (uint64_t)f->port);
	out_json_i64(o, "age_ns", f->age_ns);
	out_text(o, " age %" PRId64 " secs\n", f->age_ns / NS_PER_SEC);
	out_end_object(o);
}

static int print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	size_t count;
	(void)e;
	struct fdb_entry *list = bridge_fdb_list(sw->bridge, a->now, &count);
	if (count == SIZE_MAX)
		return -ENOMEM;
	out_list(o, "addresses");
	for (size_t i = 0; i < count; i++)
		print_entry(sw, &list[i], o);
	out_end_list(o);
	free(list);
	return 0;
}

static bool is_it(void *ctx, const struct fdb_entry *e)
{
	const struct fdb_entry *f = ctx;
	return mac_eq(e->mac, f->mac) && e->fid == f->fid;
}

/* The entry of f's address and VLAN into *f; false: there is none. */
static bool look_up(const struct sw *sw, struct fdb_entry *f, int64_t now)
{
	size_t count;
	if (bridge_fdb_find(sw->bridge, f->mac, f->fid, now) == FDB_NONE)
		return false;
	struct fdb_entry *list =
		bridge_fdb_list_some(sw->bridge, now, is_it, f, &count); /* for its age */
	if (!list)
		return false;
	*f = list[0];
	free(list);
	return true;
}

static int find(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	struct fdb_entry f = { 0 };
	uint64_t vid = 0;
	(void)e;
	if (a->count < 1 || a->count > 2 || mac_parse(f.mac, a->word[0]) < 0 ||
	    (a->count == 2 && unit_u64(a->word[1], 0, VID_MAX, &vid, NULL) < 0))
		return -EINVAL;
	f.fid = (uint16_t)vid;
	if (!look_up(sw, &f, a->now))
		return -ENODEV;
	print_entry(sw, &f, o);
	return 0;
}

/* ---- settings ---- */

static int seconds(const struct args *a, uint64_t min, uint64_t *n)
{
	return a->count == 1 ? unit_u64(a->word[0], min, INT_MAX, n, NULL) : -EINVAL;
}

unsigned vde_hash_size(unsigned n)
{
	unsigned size = 1;
	while (size < n)
		size *= 2;
	return size;
}

static int setsize(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct sw *sw = ctx;
	uint64_t n;
	(void)o, (void)e;
	if (a->count != 1 || unit_u64(a->word[0], 1, VDE_HASH_MAX, &n, NULL) < 0)
		return -EINVAL;
	sw->hash.size = vde_hash_size((unsigned)n);
	bridge_fdb_flush(sw->bridge, BRIDGE_ANY, BRIDGE_ANY, a->now); /* as VDE */
	return 0;
}

static int setgcint(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct sw *sw = ctx;
	uint64_t n;
	(void)o, (void)e;
	if (seconds(a, 1, &n) < 0)
		return -EINVAL;
	sw->hash.gc_secs = (unsigned)n;
	return 0;
}

static int setexpire(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t n;
	(void)o;
	if (seconds(a, 1, &n) < 0)
		return -EINVAL;
	struct bridge_config c = *bridge_config(sw->bridge);
	c.age_ns = (int64_t)n * NS_PER_SEC;
	return bridge_apply(sw->bridge, &c, a->now, e);
}

static int setminper(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t n;
	(void)o;
	if (seconds(a, 0, &n) < 0)
		return -EINVAL;
	struct bridge_config c = *bridge_config(sw->bridge);
	c.persist_ns = (int64_t)n * NS_PER_SEC;
	return bridge_apply(sw->bridge, &c, a->now, e);
}

enum { DATA = CMD_VDE | CMD_DATA, SET = CMD_VDE | CMD_WRITES };

const struct cmd_row vde_hash_commands[] = {
	{ "hash", "============", "HASH TABLE MENU", 0, NULL },
	{ "hash/showinfo", "", "show hash info", DATA, showinfo },
	{ "hash/setsize", "N", "change hash size", SET, setsize },
	{ "hash/setgcint", "N", "change garbage collector interval", SET, setgcint },
	{ "hash/setexpire", "N", "change hash entries expire time", SET, setexpire },
	{ "hash/setminper", "N", "minimum persistence time", SET, setminper },
	{ "hash/print", "", "print the hash table", DATA, print },
	{ "hash/find", "MAC [VLAN]", "MAC lookup", DATA, find },
	{ 0 },
};
