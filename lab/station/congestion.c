/* SPDX-License-Identifier: MIT */
/* congestion.c - the congestion window of RFC 5681, with the recovery of RFC 6582 (NewReno). */
#include "lab/station/congestion.h"

enum { FIRST_SEGMENTS = 10, FIRST_BYTES = 14600 }; /* RFC 6928 2 */

static uint64_t at_least(uint64_t bytes, uint64_t least)
{
	return bytes > least ? bytes : least;
}

void congestion_init(struct congestion *c, uint32_t mss, bool repeated)
{
	uint64_t first = (uint64_t)FIRST_SEGMENTS * mss,
		 most = at_least(2 * (uint64_t)mss, FIRST_BYTES);
	*c = (struct congestion){
		.window = repeated       ? mss
			  : first < most ? first
					 : most, /* 5681 3.1 */
		.threshold = UINT64_MAX,
		.mss = mss,
	};
}

void congestion_acked(struct congestion *c, uint64_t bytes)
{
	if (c->window < c->threshold) { /* slow start, equation 2 */
		c->window += bytes < c->mss ? bytes : c->mss;
		return;
	}
	c->acked += bytes; /* one segment a window, counted in bytes: 3.1, the recommended way */
	if (c->acked >= c->window) {
		c->acked -= c->window;
		c->window += c->mss;
	}
}

static void halve(struct congestion *c, uint64_t flight) /* equation 4 */
{
	c->threshold = at_least(flight / 2, 2 * (uint64_t)c->mss);
	c->acked = 0;
}

void congestion_lost(struct congestion *c, uint64_t flight)
{
	halve(c, flight);
	c->window = c->threshold + 3 * (uint64_t)c->mss; /* 3.2, step 3: the three have left */
}

void congestion_duplicate(struct congestion *c)
{
	c->window += c->mss;
}

void congestion_partial(struct congestion *c, uint64_t bytes)
{
	c->window = c->window > bytes ? c->window - bytes : 0;
	if (bytes >= c->mss)
		c->window += c->mss;
	c->window = at_least(c->window, c->mss);
}

void congestion_recovered(struct congestion *c, uint64_t flight)
{
	uint64_t most = at_least(flight, c->mss) + c->mss; /* option 1: no burst */
	c->window = c->threshold < most ? c->threshold : most;
}

void congestion_timeout(struct congestion *c, uint64_t flight)
{
	halve(c, flight);
	c->window = c->mss;
}

void congestion_timeout_again(struct congestion *c)
{
	c->window = c->mss;
	c->acked = 0;
}
