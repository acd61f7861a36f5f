/* SPDX-License-Identifier: MIT */
/* flap.h - addresses that keep moving: the same one spoken for at two ports, by a loop, by a cut
 * that heals and breaks, or by two machines with one address. Bounded: the newest that share a slot
 * win. */
#ifndef DW_SWITCH_CORE_FLAP_H
#define DW_SWITCH_CORE_FLAP_H

#include <stdbool.h>
#include <stdint.h>

enum {
	FLAP_SLOTS = 64,
	FLAP_MOVES = 3,     /* there, back and there again: more than a migration that failed */
	FLAP_WINDOW_S = 10, /* between two moves of one run */
};

struct flap {
	uint64_t key; /* as in the address table */
	int64_t last_ns;
	uint32_t moves; /* in this run; 0: slot free */
	uint16_t vid, from, to;
};

struct flaps {
	struct flap slot[FLAP_SLOTS];
};

/* A station has moved. True: with this move it flaps (told once a run). */
bool flap_note(struct flaps *fs, uint64_t key, unsigned vid, unsigned from, unsigned to,
	       int64_t now);
bool flap_is_on(const struct flap *f, int64_t now);

#endif
