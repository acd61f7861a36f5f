/* SPDX-License-Identifier: MIT */
/* rate.c - when a frame's last bit is out at a given rate: a virtual finish time kept as ns and an
 * exact remainder in parts of 1/rate, so that a million frames later nothing has drifted. */
#include "wire/core/side.h"

/* Beyond any instant the loop can mean; keeps sums in range. */
#define FINISH_MAX (INT64_MAX / 4)

static int64_t rate_free_at(const struct side *s)
{
	return s->finish.ns + (s->finish.part > 0);
}

/* netem's packet_time_ns(): bytes on the line, with what the line adds and in whole cells. */
uint64_t rate_billed(const struct wire_law *law, uint32_t len)
{
	int64_t n = (int64_t)len + law->overhead;
	if (n < 0)
		n = 0;
	if (!law->cell)
		return (uint64_t)n;
	int64_t cells = (n + (int64_t)law->cell - 1) / (int64_t)law->cell;
	int64_t size = (int64_t)law->cell + law->cell_overhead;
	return (uint64_t)(cells * (size > 0 ? size : 0));
}

/* An idle line has saved up to rate_burst bytes: as if the last frame had ended that much earlier.
 */
static int64_t credit_ns(const struct wire_law *law)
{
	u128 ns = law->rate_bps ? (u128)law->rate_burst * 8 * NS_PER_SEC / law->rate_bps : 0;
	return ns > FINISH_MAX ? FINISH_MAX : (int64_t)ns;
}

static int64_t rate_send(struct side *s, uint32_t len, int64_t now)
{
	struct finish *f = &s->finish;
	uint64_t bps = s->law->rate_bps;
	if (f->bps != bps) { /* a part of the old rate means nothing at the new one */
		f->ns += f->part > 0;
		f->part = 0;
		f->bps = bps;
	}
	int64_t least = now - credit_ns(s->law);
	if (!f->was || f->ns < least) { /* a new line has been idle for ever */
		f->ns = least;
		f->part = 0;
		f->was = true;
	}
	if (bps) { /* else it was lifted while frames waited */
		u128 work = (u128)rate_billed(s->law, len) * 8 * NS_PER_SEC + f->part;
		u128 ns = work / bps;
		f->ns = ns > (u128)(FINISH_MAX - f->ns) ? FINISH_MAX : f->ns + (int64_t)ns;
		f->part = (uint64_t)(work % bps);
	}
	int64_t through = rate_free_at(s);
	return through > now ? through : now;
}

const struct server server_rate = { .free_at = rate_free_at, .send = rate_send };
