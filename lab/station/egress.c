/* SPDX-License-Identifier: MIT */
/* egress.c - the way out: frames that the host does not take wait here in order, bounded. */
#include <stdlib.h>

#include "lab/station/inner.h"

/* true: the host took it, and it is counted. */
static bool offer(struct station *s, const struct frame *f)
{
	struct txv v = txv_plain(f);
	if (s->host->tx(s->ctx, &v, 1) != 1)
		return false;
	s->stats.tx_frames++;
	s->stats.tx_bytes += f->len;
	return true;
}

static void lose(struct station *s, struct buf *buf, enum station_drop why)
{
	count_drop(s, why);
	s->stats.tx_dropped++;
	buf_unref(buf);
}

static bool grow(struct egress *e)
{
	unsigned room = e->room ? e->room * 2 : 8;
	struct frame *v = room <= EGRESS_MAX ? malloc(room * sizeof *v) : NULL;
	if (!v)
		return false;
	for (unsigned i = 0; i < e->count; i++)
		v[i] = e->v[(e->head + i) % e->room];
	free(e->v);
	*e = (struct egress){ .v = v, .room = room, .count = e->count };
	return true;
}

void egress_put(struct station *s, struct buf *buf, uint32_t len)
{
	struct egress *e = &s->out;
	if (!s->up) {
		lose(s, buf, STATION_LINK_DOWN);
		return;
	}
	struct frame f = { .data = buf->bytes, .buf = buf, .len = len };
	frame_parse(&f); /* built or checked here: it has a header */
	if (!e->count && offer(s, &f)) {
		buf_unref(buf);
		return;
	}
	if (e->count == e->room && !grow(e)) {
		lose(s, buf, STATION_QUEUE_FULL);
		return;
	}
	e->v[(e->head + e->count++) % e->room] = f;
}

void egress_drain(struct station *s)
{
	struct egress *e = &s->out;
	while (e->count && offer(s, &e->v[e->head])) {
		buf_unref(e->v[e->head].buf);
		e->head = (e->head + 1) % e->room;
		e->count--;
	}
}

void egress_flush(struct station *s)
{
	struct egress *e = &s->out;
	for (; e->count; e->count--) {
		lose(s, e->v[e->head].buf, STATION_LINK_DOWN);
		e->head = (e->head + 1) % e->room;
	}
}

void egress_fini(struct station *s)
{
	egress_flush(s);
	free(s->out.v);
	s->out = (struct egress){ 0 };
}
