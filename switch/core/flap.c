/* SPDX-License-Identifier: MIT */
/* flap.c - telling addresses that flap from addresses that moved. */
#include "switch/core/flap.h"

#include "lib/base/hash.h"
#include "lib/base/units.h"

static bool fresh(const struct flap *f, int64_t now)
{
	return f->moves && now - f->last_ns <= FLAP_WINDOW_S * NS_PER_SEC;
}

bool flap_is_on(const struct flap *f, int64_t now)
{
	return f->moves >= FLAP_MOVES && fresh(f, now);
}

bool flap_note(struct flaps *fs, uint64_t key, unsigned vid, unsigned from, unsigned to,
	       int64_t now)
{
	struct flap *f = &fs->slot[mix64(key) % FLAP_SLOTS];
	if (f->key != key && flap_is_on(f, now))
		return false; /* the slot has its story */
	uint32_t moves = f->key == key && fresh(f, now) ? f->moves + 1 : 1;
	*f = (struct flap){ .key = key,
			    .last_ns = now,
			    .moves = moves,
			    .vid = (uint16_t)vid,
			    .from = (uint16_t)from,
			    .to = (uint16_t)to };
	return moves == FLAP_MOVES;
}
