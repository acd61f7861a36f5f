/* SPDX-License-Identifier: MIT */
/* histogram.h - durations in log-linear buckets: 32 to an octave, so the middle of a bucket is
 * within 1/64 (1.6 %) of everything in it; below 32 ns exact, above 2^42 ns (73 min) all in the
 * last. Pure. */
#ifndef DW_BASE_HISTOGRAM_H
#define DW_BASE_HISTOGRAM_H

#include <stdint.h>

enum {
	HISTOGRAM_SUB_BITS = 5,
	HISTOGRAM_TOP_BIT = 42,
	HISTOGRAM_BUCKETS = (HISTOGRAM_TOP_BIT - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS,
};

struct histogram { /* zeroed is empty */
	uint64_t count;
	int64_t min_ns, max_ns;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, int64_t ns); /* negative counts as 0 */
/* The smallest duration that `percent` (1..100) of all do not exceed, as the middle of its bucket
 * and never outside what was seen. 0: empty. */
int64_t histogram_percentile(const struct histogram *h, unsigned percent);

#endif
