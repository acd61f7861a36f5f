/* SPDX-License-Identifier: MIT */
/* check.c - what became of numbered frames: a ring of bits over the last numbers. */
#include "plug/load/check.h"

#include <string.h>

static uint64_t *word_of(struct check *c, uint64_t number)
{
	return &c->seen[number / 64 % (CHECK_WINDOW / 64)];
}

static uint64_t bit_of(uint64_t number)
{
	return UINT64_C(1) << (number & 63);
}

/* The window moves up to `number`: what it has not seen yet is not there. */
static void move_to(struct check *c, uint64_t number)
{
	if (number - c->next >= CHECK_WINDOW)
		memset(c->seen, 0, sizeof c->seen);
	else
		for (uint64_t n = c->next; n < number; n++)
			*word_of(c, n) &= ~bit_of(n);
	c->next = number + 1;
}

void check_number(struct check *c, uint64_t number)
{
	if (number >= c->next) {
		move_to(c, number);
	} else if (c->next - number <= CHECK_WINDOW && *word_of(c, number) & bit_of(number)) {
		c->duplicated++;
		return;
	} else {
		c->reordered++;
	}
	*word_of(c, number) |= bit_of(number);
	c->received++;
}
