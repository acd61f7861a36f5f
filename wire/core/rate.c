/* SPDX-License-Identifier: MIT */
/* rate.c - when a frame's last bit is out at a given rate: a virtual finish time kept as ns and an
 * exact remainder in parts of 1/rate, so that a million frames later nothing has drifted. */
#include "wire/core/side.h"

/* Beyond any instant the loop can mean; keeps sums in range. */
#define FINISH_MAX (INT64_MAX / 4)

int64_t rate_free_at(const struct side *s)
{
	return s->finish.ns + (s->finish.part > 0);
}

bool rate_is_busy(const struct side *s, int64_t now)
{
	return rate_free_at(s) > now;
}

int64_t rate_send(struct side *s, uint32_t len, int64_t now)
{
	struct finish *f = &s->finish;
	uint64_t bps = s->law->rate_bps;
	if (f->bps != bps) { /* a part of the old rate means nothing at the new one */
		f->ns += f->part > 0;
		f->part = 0;
		f->bps = bps;
	}
	if (f->ns < now) {
		f->ns = now;
		f->part = 0;
	}
	if (!bps) /* was lifted while frames waited */
		return rate_free_at(s);
	uint64_t work = (uint64_t)len * 8 * NS_PER_SEC + f->part; /* < 2^59 + rate */
	f->ns += (int64_t)(work / bps);
	f->part = work % bps;
	if (f->ns > FINISH_MAX)
		f->ns = FINISH_MAX;
	return rate_free_at(s);
}
