/* SPDX-License-Identifier: MIT */
/* adopt.c - a bridge takes over all settings of another at once: the second half of config/load,
 * whose first is to run the script on a scratch bridge. */
#include <errno.h>
#include <stdlib.h>

#include "switch/core/pipeline.h"
#include "switch/core/portkeys.h"

static unsigned next_port(const struct bridge *b, unsigned from)
{
	return portset_next(&b->exist, from);
}

static int check(const struct bridge *b, const struct bridge *from, struct err *e)
{
	for (unsigned p = next_port(b, from->cfg.numports + 1); p != UINT_MAX;
	     p = next_port(b, p + 1))
		if (b->port[p]->present)
			return err_set(e, -EBUSY, "numports: port %u is in use", p);
	return 0;
}

static int reserve(struct bridge *b, const struct bridge *from, size_t statics, int64_t now,
		   struct err *e)
{
	int r = bridge_reserve(b, &from->cfg, now, e);
	if (!r)
		r = fdb_reserve(b->fdb, statics);
	if (r < 0)
		return r;
	if (b->cfg.numports < from->cfg.numports)
		b->cfg.numports =
			from->cfg.numports; /* nobody sees the room until all is taken over */
	for (unsigned p = next_port(from, 0); p != UINT_MAX; p = next_port(from, p + 1)) {
		r = bridge_port_reserve(b, p, &from->port[p]->cfg, now, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- from here on nothing can fail --- */

static void forget_port(struct bridge *b, const struct bridge *from, struct port *p, int64_t now)
{
	if (!p->present) {
		bridge_port_remove(b, p->no, now);
		return;
	}
	struct port_config c;
	port_config_default(&c);
	if (*p->cfg.name && bridge_port_find(from, p->cfg.name) == -ENOENT)
		memcpy(c.name, p->cfg.name, sizeof c.name);
	bridge_port_set(b, p->no, &c, now);
}

static void take_ports(struct bridge *b, const struct bridge *from, int64_t now)
{
	for (unsigned p = next_port(b, 0); p != UINT_MAX; p = next_port(b, p + 1))
		if (!bridge_port(from, p))
			forget_port(b, from, b->port[p], now);
	for (unsigned p = next_port(from, 0); p != UINT_MAX; p = next_port(from, p + 1))
		if (b->port[p]->fresh || !port_keys_same(&b->port[p]->cfg, &from->port[p]->cfg))
			bridge_port_set(b, p, &from->port[p]->cfg, now);
}

static void take_config(struct bridge *b, const struct bridge *from, int64_t now)
{
	struct bridge_config c = from->cfg;
	memcpy(c.mac, b->cfg.mac, sizeof c.mac);
	c.seed = b->cfg.seed;
	bridge_set(b, &c, now);
}

static uint64_t key_of(const struct fdb_entry *e)
{
	return fdb_key(mac_to_u64(e->mac), e->fid);
}

/* A table full of learned addresses makes room for given ones. */
static void put_static(struct bridge *b, const struct fdb_entry *e, int64_t now)
{
	if (!fdb_add(b->fdb, key_of(e), e->port, FDB_STATIC, now))
		return;
	fdb_flush_all(b->fdb);
	fdb_add(b->fdb, key_of(e), e->port, FDB_STATIC, now);
}

static void take_statics(struct bridge *b, const struct fdb_entry *old, size_t olds,
			 const struct fdb_entry *new, size_t news, int64_t now)
{
	for (size_t i = 0; i < olds; i++)
		if (old[i].kind == FDB_STATIC)
			fdb_del(b->fdb, key_of(&old[i]), now);
	for (size_t i = 0; i < news; i++)
		if (new[i].kind == FDB_STATIC)
			put_static(b, &new[i], now);
	bridge_fdb_changed(b);
}

int bridge_adopt(struct bridge *b, const struct bridge *from, int64_t now, struct err *e)
{
	size_t olds, news;
	int r = check(b, from, e);
	if (r < 0)
		return r;
	unsigned numports = b->cfg.numports;
	struct fdb_entry *old = fdb_list(b->fdb, now, &olds),
			 *new = fdb_list(from->fdb, now, &news);
	if (olds == SIZE_MAX || news == SIZE_MAX)
		r = err_set(e, -ENOMEM, "out of memory");
	else
		r = reserve(b, from, olds + news, now, e);
	if (r < 0) {
		b->cfg.numports = numports;
	} else {
		take_ports(b, from, now);
		take_config(b, from, now);
		take_statics(b, old, olds, new, news, now);
	}
	free(old);
	free(new);
	return r;
}
