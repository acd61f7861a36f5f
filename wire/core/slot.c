/* SPDX-License-Identifier: MIT */
/* slot.c - a shared medium: frames gather and leave together in slots, some packets or bytes in
 * each (netem's slot). The first slot opens some time after a frame came to an idle line. */
#include "wire/core/side.h"

enum { K_SLOT = 8 }; /* its draws, by the number of the slot, stand beside those of RED by frame */

static void next_slot(struct side *s, int64_t from)
{
	struct slot *t = &s->slot;
	uint64_t span = (uint64_t)(s->law->slot.max_ns - s->law->slot.min_ns) + 1;
	uint64_t bits = draw(s->stream[STAGE_QUEUE], t->count++, K_SLOT);
	t->at = from + s->law->slot.min_ns + (int64_t)mul_high(bits, span);
	t->packets = s->law->slot.packets;
	t->bytes = s->law->slot.bytes;
}

static void slot_arrive(struct side *s, int64_t now)
{
	if (s->slot.at < now || s->slot.count == 0)
		next_slot(s, now);
}

static int64_t slot_free_at(const struct side *s)
{
	return s->slot.at;
}

static int64_t slot_send(struct side *s, uint32_t len, int64_t now)
{
	struct slot *t = &s->slot;
	int64_t at = t->at > now ? t->at : now;
	bool full = false;
	if (s->law->slot.packets) /* 0 left: the slot opened under a law without that bound */
		full |= t->packets == 0 || --t->packets == 0;
	if (s->law->slot.bytes) {
		full |= len >= t->bytes;
		t->bytes -= len < t->bytes ? len : t->bytes;
	}
	if (full)
		next_slot(s, t->at);
	return at;
}

const struct server server_slot = { .arrive = slot_arrive,
				    .free_at = slot_free_at,
				    .send = slot_send };
