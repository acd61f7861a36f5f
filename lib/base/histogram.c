/* SPDX-License-Identifier: MIT */
/* histogram.c - durations in log-linear buckets. */
#include "lib/base/histogram.h"

#include <assert.h>

static unsigned top_bit(uint64_t v) /* v > 0 */
{
	unsigned bit = 0;
	for (unsigned step = 32; step; step /= 2)
		if (v >> step) {
			v >>= step;
			bit += step;
		}
	return bit;
}

/* Below one octave of sub-buckets the value is its own index; above, the octave and the next bits.
 */
static unsigned bucket_of(uint64_t v)
{
	if (v >> HISTOGRAM_TOP_BIT)
		return HISTOGRAM_BUCKETS - 1;
	if (v >> HISTOGRAM_SUB_BITS == 0)
		return (unsigned)v;
	unsigned shift = top_bit(v) - HISTOGRAM_SUB_BITS;
	return (shift << HISTOGRAM_SUB_BITS) + (unsigned)(v >> shift);
}

static int64_t middle_of(unsigned bucket)
{
	unsigned sub = 1u << HISTOGRAM_SUB_BITS;
	if (bucket < 2 * sub)
		return bucket;
	unsigned shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
	int64_t low = (int64_t)(bucket - (shift << HISTOGRAM_SUB_BITS)) << shift;
	return low + ((INT64_C(1) << shift) - 1) / 2;
}

void histogram_add(struct histogram *h, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	if (!h->count || ns < h->min_ns)
		h->min_ns = ns;
	if (!h->count || ns > h->max_ns)
		h->max_ns = ns;
	h->count++;
	h->bucket[bucket_of((uint64_t)ns)]++;
}

int64_t histogram_percentile(const struct histogram *h, unsigned percent)
{
	assert(percent >= 1 && percent <= 100);
	/* rank = ceil(count * percent / 100), without overflow */
	uint64_t rank = h->count / 100 * percent + (h->count % 100 * percent + 99) / 100;
	uint64_t seen = 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->bucket[i];
		if (!seen || seen < rank)
			continue;
		int64_t v = middle_of(i);
		return v < h->min_ns ? h->min_ns : v > h->max_ns ? h->max_ns : v;
	}
	return 0;
}
