/* SPDX-License-Identifier: MIT */
/* mirror.c - which frames of a batch a mirror sees, in which form, and one copy of each. */
#include "switch/core/mirror.h"

#include <errno.h>

#include "switch/core/pipeline.h"

int mirror_config_check(const struct mirror_config *c, unsigned numports, struct err *e)
{
	for (unsigned i = 0; i < MIRRORS_MAX; i++) {
		const struct mirror *m = &c->at[i];
		if (!m->dir)
			continue;
		unsigned most = m->from > m->to ? m->from : m->to;
		if (most > numports)
			return err_set(e, -EINVAL, "mirror %u: port %u: ports are 0 to %u", i + 1,
				       most, numports);
		if (mirror_ends_at(c, m->from))
			return err_set(e, -EINVAL, "mirror %u: port %u is for copies alone", i + 1,
				       m->from);
	}
	return 0;
}

static bool same(const struct mirror *a, const struct mirror *b)
{
	return a->dir == b->dir && a->from == b->from && a->to == b->to && a->vid == b->vid &&
	       strcmp(a->filter, b->filter) == 0;
}

bool mirror_config_same(const struct mirror_config *a, const struct mirror_config *b)
{
	for (unsigned i = 0; i < MIRRORS_MAX; i++)
		if (!same(&a->at[i], &b->at[i]))
			return false;
	return true;
}

bool mirror_ends_at(const struct mirror_config *c, unsigned port)
{
	for (unsigned i = 0; i < MIRRORS_MAX; i++)
		if (c->at[i].dir && c->at[i].to == port)
			return true;
	return false;
}

void mirror_mark(struct bridge *b, struct port *p)
{
	bool copies = mirror_ends_at(&b->cfg.mirror, p->no);
	if (copies && !p->copies_only)
		fdb_flush_port(b->fdb, p->no); /* who was there is not reached any more */
	p->copies_only = copies;
}

void mirror_mark_all(struct bridge *b)
{
	b->mirrors = false;
	for (unsigned i = 0; i < MIRRORS_MAX; i++)
		b->mirrors |= b->cfg.mirror.at[i].dir;
	for (unsigned p = portset_next(&b->exist, 0); p != UINT_MAX;
	     p = portset_next(&b->exist, p + 1))
		mirror_mark(b, b->port[p]);
}

/* --- filters: programs that follow from the settings --- */

static bool same_filter(const struct bridge *b, const struct mirror_config *c, unsigned i)
{
	return strcmp(b->cfg.mirror.at[i].filter, c->at[i].filter) == 0;
}

int mirror_reserve(struct bridge *b, const struct mirror_config *c, struct err *e)
{
	for (unsigned i = 0; i < MIRRORS_MAX; i++) {
		bpf_free(b->filter_next[i]);
		b->filter_next[i] = NULL;
		if (!*c->at[i].filter || same_filter(b, c, i))
			continue;
		if (!b->host->compile)
			return err_set(e, -EOPNOTSUPP, "filter: nobody here can compile one");
		int r = b->host->compile(&b->filter_next[i], c->at[i].filter, e);
		if (r < 0)
			return r;
	}
	return 0;
}

void mirror_set(struct bridge *b, const struct mirror_config *c)
{
	for (unsigned i = 0; i < MIRRORS_MAX; i++) {
		if (same_filter(b, c, i))
			continue;
		bpf_free(b->filter[i]);
		b->filter[i] = b->filter_next[i];
		b->filter_next[i] = NULL;
	}
}

void mirror_fini(struct bridge *b)
{
	for (unsigned i = 0; i < MIRRORS_MAX; i++) {
		bpf_free(b->filter[i]);
		bpf_free(b->filter_next[i]);
	}
}

static bool passes(const struct bpf *filter, const struct txv *v)
{
	struct pieces p = pieces_of_txv(v);
	return bpf_match(filter, &p);
}

/* --- frames --- */

/* As it came: what was read of it since may say otherwise. */
static struct txv as_received(const struct frame *f)
{
	struct txv v = { .f = f, .hlen = (uint8_t)(12 + 4 * f->ntags) };
	memcpy(v.hdr, f->data, v.hlen);
	return v;
}

static uint64_t in_vlan(const struct batch *t, uint64_t frames, unsigned vid)
{
	uint64_t in = 0;
	if (vid == MIRROR_ANY_VLAN)
		return frames;
	for (uint64_t m = frames & t->classified; m; m &= m - 1)
		if (t->f[__builtin_ctzll(m)].vid == vid)
			in |= m & -m;
	return in;
}

static void copy(struct batch *t, struct port *to, struct txv *v, unsigned n)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < n; i++) {
		t->b->copies += v[i].f->segs;
		if (!to->live)
			egress_lose(t, to, &v[i], DROP_DOWN);
		else if (gso_longest(v[i].f, txv_len(&v[i])) > ETH_FRAME_MAX)
			egress_lose(t, to, &v[i], DROP_OVERSIZE);
		else
			v[kept++] = v[i];
	}
	egress_send(t, to, v, kept);
}

/* What mirror `i` sees of the batch, but for `done`; returns it. */
static uint64_t act(struct batch *t, unsigned i, uint64_t done)
{
	const struct mirror *m = &t->b->cfg.mirror.at[i];
	const struct port *from = bridge_port(t->b, m->from);
	struct port *to = bridge_port(t->b, m->to);
	struct txv v[BATCH_MAX];
	unsigned n = 0;
	if (!from || !to)
		return 0;
	uint64_t in = from == t->in && m->dir & MIRROR_IN ? t->whole : 0,
		 out = m->dir & MIRROR_OUT ? from->mask : 0,
		 seen = in_vlan(t, in | out, m->vid) & ~done;
	for (uint64_t s = seen; s; s &= s - 1) {
		const struct frame *f = &t->f[__builtin_ctzll(s)];
		if (s & -s & in)
			v[n] = as_received(f);
		else
			egress_header(t, from, f, &v[n]);
		if (passes(t->b->filter[i], &v[n]))
			n++;
		else
			seen &= ~(s & -s);
	}
	copy(t, to, v, n);
	return seen;
}

/* Where the frames are remembered that a port has already: at its first mirror. */
static unsigned first_to(const struct mirror_config *c, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (c->at[k].dir && c->at[k].to == c->at[i].to)
			return k;
	return i;
}

void mirror_act(struct batch *t)
{
	const struct mirror_config *c = &t->b->cfg.mirror;
	uint64_t done[MIRRORS_MAX] = { 0 };
	if (!t->b->mirrors)
		return;
	for (unsigned i = 0; i < MIRRORS_MAX; i++) {
		if (!c->at[i].dir)
			continue;
		unsigned first = first_to(c, i);
		done[first] |= act(t, i, done[first]);
	}
}

void mirror_originated(struct batch *t, const struct port *from)
{
	const struct mirror_config *c = &t->b->cfg.mirror;
	uint64_t done[MIRRORS_MAX] = { 0 };
	for (unsigned i = 0; t->b->mirrors && i < MIRRORS_MAX; i++) {
		const struct mirror *m = &c->at[i];
		struct port *to = bridge_port(t->b, m->to);
		struct txv v = txv_plain(&t->f[0]);
		if (!(m->dir & MIRROR_OUT) || m->from != from->no || m->vid != MIRROR_ANY_VLAN ||
		    !to || !passes(t->b->filter[i], &v) || done[first_to(c, i)]++)
			continue;
		copy(t, to, &v, 1);
	}
}
