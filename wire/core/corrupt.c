/* SPDX-License-Identifier: MIT */
/* corrupt.c - bits that flip: one at a place of chance in a frame that `corrupt` strikes, and each
 * bit by itself with the probability `ber`. The frame's bytes belong to others: it gets a copy of
 * its own. */
#include <string.h>

#include "wire/core/fixed.h"
#include "wire/core/side.h"

enum { /* draws */
       K_STRIKE,
       K_PLACE,
};

/* Bit errors are more than COPY_DRAWS: their draws stand apart, a frame has fewer than 2^20 bits.
 */
static uint64_t error_draw(const struct side *s, const struct pass *p, uint32_t i)
{
	return draw(s->stream[STAGE_CORRUPT], p->n, UINT32_C(1) << 28 | p->copy << 20 | i);
}

static bool corrupt_wanted(const struct side *s)
{
	return s->law->corrupt > 0 || s->law->ber > 0;
}

static void corrupt_prepare(struct side *s)
{
	s->ber_neg_ln = neg_ln(prob_not(s->law->ber));
	if (s->law->ber >> 54 ==
	    0) { /* below 2^-10: the series is better than the table of squares */
		u128 p = s->law->ber, p2 = p * p >> 64;
		s->ber_neg_ln = p + p2 / 2 + (p2 * p >> 64) / 3 + (p2 * p2 >> 64) / 4;
	}
}

static void corrupt_begin(struct side *s, struct lane *l, struct pass *p)
{
	(void)l;
	if (s->law->corrupt && chance(s->law->corrupt, pass_draw(s, STAGE_CORRUPT, p, K_STRIKE)))
		p->fate |= FATE_CORRUPT;
}

static void flip(uint8_t *bytes, uint64_t bit)
{
	bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* Good bits before the next error: geometric, ln u / ln (1 - ber). */
static uint64_t good_bits(const struct side *s, const struct pass *p, uint32_t i, uint64_t most)
{
	u128 n = s->ber_neg_ln ? neg_ln(error_draw(s, p, i)) / s->ber_neg_ln : most;
	return n < most ? (uint64_t)n : most;
}

/* A copy of the frame in a buffer of our own, or NULL: dropped, counted. */
static uint8_t *own_bytes(struct side *s, struct pass *p)
{
	struct buf *b = pool_get(s->w->pool, p->f.len);
	if (!b) {
		pass_drop(s, p, DROP_NO_BUFFER);
		return NULL;
	}
	memcpy(b->bytes, p->f.data, p->f.len);
	if (p->kept)
		buf_unref(p->f.buf);
	p->f.buf = b;
	p->f.data = b->bytes;
	p->kept = true;
	return b->bytes;
}

bool corrupt_strike(struct side *s, struct pass *p)
{
	uint64_t bits = (uint64_t)p->f.len * 8;
	uint64_t next = s->law->ber ? good_bits(s, p, 0, bits) : bits;
	bool struck = p->fate & FATE_CORRUPT;
	if (!struck && next >= bits)
		return true;
	uint8_t *bytes = own_bytes(s, p);
	if (!bytes)
		return false;
	if (struck)
		flip(bytes, mul_high(pass_draw(s, STAGE_CORRUPT, p, K_PLACE), bits));
	for (uint32_t i = 1; next < bits; i++) {
		flip(bytes, next);
		next += 1 + good_bits(s, p, i, bits);
	}
	p->fate |= FATE_DAMAGED;
	uint16_t segs = p->f.segs;
	frame_parse(&p->f); /* the header may be another one now; a tag cut short is sent as it
			       stands */
	p->f.segs = segs;
	s->stats.corrupted += segs;
	return true;
}

static void corrupt_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	if (corrupt_strike(r->s, p))
		pass_on(r, at, p);
}

const struct stage stage_corrupt = {
	.name = "corrupt",
	.wanted = corrupt_wanted,
	.prepare = corrupt_prepare,
	.begin = corrupt_begin,
	.enter = corrupt_enter,
};
