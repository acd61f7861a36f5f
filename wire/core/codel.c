/* SPDX-License-Identifier: MIT */
/* codel.c - controlled delay (RFC 8289, 5.5 and 5.6, with its names): frames that waited longer
 * than the target for a whole interval are dropped at the head of the queue, ever faster until
 * waits are short. */
#include "wire/core/side.h"

/* The next drop comes interval / sqrt(count) later. */
static int64_t control_law(const struct side *s, int64_t t)
{
	uint64_t square = s->codel.count << 32, root = 0; /* 16 bits of fraction */
	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= square)
			root |= bit;
	return t + (int64_t)((u128)s->law->queue.interval_ns * (1 << 16) / root);
}

/* What dodequeue() says of the head: has the wait been above the target for an interval? */
static bool ok_to_drop(struct side *s, int64_t now)
{
	struct codel *c = &s->codel;
	const struct node *head = s->queue.head;
	if (!head) {
		c->first_above_time = 0;
		return false;
	}
	uint32_t len = head->p.f.len;
	if (len > c->maxpacket)
		c->maxpacket = len;
	if (now - head->p.in_ns < s->law->queue.target_ns || s->queue.bytes - len <= c->maxpacket) {
		c->first_above_time = 0;
		return false;
	}
	if (!c->first_above_time) {
		c->first_above_time = now + s->law->queue.interval_ns;
		return false;
	}
	return now >= c->first_above_time;
}

void codel_drop(struct side *s, int64_t now)
{
	struct codel *c = &s->codel;
	bool ok = ok_to_drop(s, now);
	if (c->dropping) {
		c->dropping = ok;
		while (c->dropping && now >= c->drop_next) {
			queue_drop_head(s, DROP_AQM);
			c->count++;
			c->dropping = ok_to_drop(s, now);
			if (c->dropping)
				c->drop_next = control_law(s, c->drop_next);
		}
	} else if (ok) {
		queue_drop_head(s, DROP_AQM);
		ok_to_drop(s, now);
		c->dropping = true;
		/* Not long ago it was dropping at some rate: go on from there. */
		uint64_t delta = c->count - c->lastcount;
		bool recent = now - c->drop_next < 16 * s->law->queue.interval_ns;
		c->count = delta > 1 && recent ? delta : 1;
		c->drop_next = control_law(s, now);
		c->lastcount = c->count;
	}
}
