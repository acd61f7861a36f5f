/* SPDX-License-Identifier: MIT */
/* table.c - the address table as the shell and the commands see it: by VLAN, with words for errors.
 */
#include "switch/core/bridge.h"

#include <errno.h>

#include "switch/core/pipeline.h"

static uint64_t key(const struct bridge *b, const uint8_t mac[static ETH_ALEN], unsigned vid)
{
	return fdb_key(mac_to_u64(mac), vlan_fid(&b->cfg.vlan, vid));
}

static void changed(struct bridge *b)
{
	bridge_fdb_changed(b);
	b->gen[BRIDGE_GEN_STATE]++;
}

struct fdb_entry *bridge_fdb_list(const struct bridge *b, int64_t now, size_t *count)
{
	return fdb_list(b->fdb, now, count);
}

struct fdb_entry *bridge_fdb_list_some(const struct bridge *b, int64_t now, fdb_wanted_fn *wanted,
				       void *ctx, size_t *count)
{
	return fdb_list_some(b->fdb, now, wanted, ctx, count);
}

void bridge_fdb_counts(const struct bridge *b, int64_t now, struct fdb_counts *c)
{
	fdb_counts(b->fdb, now, c);
}

unsigned bridge_fdb_find(const struct bridge *b, const uint8_t mac[static ETH_ALEN], unsigned vid,
			 int64_t now)
{
	if (vid > VID_MAX || mac_is_group(mac))
		return FDB_NONE;
	return fdb_lookup(b->fdb, key(b, mac, vid), now);
}

int bridge_fdb_add(struct bridge *b, const uint8_t mac[static ETH_ALEN], unsigned vid,
		   unsigned port, enum fdb_kind kind, int64_t now, struct err *e)
{
	char text[MAC_TEXT_LEN];
	if (mac_is_group(mac))
		return err_set(e, -EINVAL, "%s: a group address has no port",
			       mac_format(text, mac));
	if (vid > VID_MAX)
		return err_set(e, -EINVAL, "vlan %u: VLANs are 0 to %d", vid, VID_MAX);
	if (!bridge_port(b, port))
		return err_set(e, -ENOENT, "port %u: no such port", port);
	int r = fdb_add(b->fdb, key(b, mac, vid), port, kind, now);
	if (r == -ENOSPC)
		return err_set(e, r, "the address table is full");
	if (!r)
		changed(b);
	return r;
}

int bridge_fdb_del(struct bridge *b, const uint8_t mac[static ETH_ALEN], unsigned vid, int64_t now)
{
	if (vid > VID_MAX || mac_is_group(mac))
		return -ENOENT;
	int r = fdb_del(b->fdb, key(b, mac, vid), now);
	if (!r)
		changed(b);
	return r;
}

static const char *name_of(const struct bridge *b, unsigned port)
{
	const struct port *p = bridge_port(b, port);
	return p && port ? p->cfg.name : NULL;
}

void table_flushed(struct bridge *b, unsigned port, unsigned vid, const char *why, int64_t now)
{
	bridge_event(b, &(struct event){ .kind = EVENT_FDB_FLUSH,
					 .at = now,
					 .port = port,
					 .vid = vid,
					 .name = name_of(b, port),
					 .text = why });
}

static void on_aged(void *ctx, uint64_t key, unsigned port, int64_t at)
{
	struct bridge *b = ctx;
	struct event ev = { .kind = EVENT_FDB_AGE,
			    .at = at,
			    .port = port,
			    .vid = (unsigned)(key >> 48),
			    .name = name_of(b, port) };
	if (!bridge_wants(b, EVENT_FDB_AGE))
		return;
	mac_from_u64(ev.mac, key & UINT64_C(0xffffffffffff));
	bridge_event(b, &ev);
}

void table_init(struct bridge *b)
{
	fdb_on_aged(b->fdb, on_aged, b);
}

void bridge_fdb_flush(struct bridge *b, int port, int vid, int64_t now)
{
	if (port == BRIDGE_ANY && vid == BRIDGE_ANY)
		fdb_flush_all(b->fdb);
	else if (vid == BRIDGE_ANY)
		fdb_flush_port(b->fdb, (unsigned)port);
	else if (port == BRIDGE_ANY)
		fdb_flush_fid(b->fdb, vlan_fid(&b->cfg.vlan, (unsigned)vid));
	else
		fdb_flush_port_fid(b->fdb, (unsigned)port, vlan_fid(&b->cfg.vlan, (unsigned)vid));
	table_flushed(b, port == BRIDGE_ANY ? 0 : (unsigned)port,
		      vid == BRIDGE_ANY ? 0 : (unsigned)vid, "asked for", now);
	changed(b);
}
