/* SPDX-License-Identifier: MIT */
/* ranges.c - which pieces of a byte stream came before their time. */
#include "lab/station/ranges.h"

#include <string.h>

static void cut_out(struct ranges *r, unsigned at, unsigned n)
{
	memmove(&r->v[at], &r->v[at + n], (r->count - at - n) * sizeof r->v[0]);
	r->count -= n;
}

bool ranges_add(struct ranges *r, uint64_t from, uint64_t to)
{
	if (from >= to)
		return true;
	unsigned first = 0;
	while (first < r->count && r->v[first].to < from)
		first++;
	unsigned after = first; /* those in [first, after) touch the new one and melt into it */
	for (; after < r->count && r->v[after].from <= to; after++) {
		if (r->v[after].from < from)
			from = r->v[after].from;
		if (r->v[after].to > to)
			to = r->v[after].to;
	}
	if (after > first) {
		cut_out(r, first + 1, after - first - 1);
	} else {
		if (r->count == RANGES_MAX)
			return false;
		memmove(&r->v[first + 1], &r->v[first], (r->count - first) * sizeof r->v[0]);
		r->count++;
	}
	r->v[first] = (struct range){ from, to };
	return true;
}

uint64_t ranges_join(struct ranges *r, uint64_t at)
{
	unsigned n = 0;
	for (; n < r->count && r->v[n].from <= at; n++)
		if (r->v[n].to > at)
			at = r->v[n].to;
	cut_out(r, 0, n);
	return at;
}
