/* SPDX-License-Identifier: MIT */
/* rto.c - the retransmission timeout: RFC 6298 in integers. The lower bound is Linux's 200 ms, not
 * the second of clause 2.4: that clause makes up for coarse clocks, and a lab's clock counts
 * nanoseconds. */
#include "lab/station/rto.h"

#include "lib/base/units.h"

#define RTO_FIRST_NS (1 * NS_PER_SEC) /* 2.1 */
#define RTO_MIN_NS (200 * NS_PER_MS)
#define RTO_MAX_NS (60 * NS_PER_SEC) /* 2.5 */
#define GRANULARITY_NS 1

static int64_t clamp(int64_t ns)
{
	return ns < RTO_MIN_NS ? RTO_MIN_NS : ns > RTO_MAX_NS ? RTO_MAX_NS : ns;
}

void rto_init(struct rto *r)
{
	*r = (struct rto){ .rto_ns = RTO_FIRST_NS };
}

void rto_sample(struct rto *r, int64_t rtt_ns)
{
	if (rtt_ns < 1)
		rtt_ns = 1;
	if (r->srtt_ns == 0) { /* 2.2 */
		r->srtt_ns = rtt_ns;
		r->rttvar_ns = rtt_ns / 2;
	} else { /* 2.3: beta 1/4, alpha 1/8; the variance first, from the old mean */
		int64_t off = r->srtt_ns > rtt_ns ? r->srtt_ns - rtt_ns : rtt_ns - r->srtt_ns;
		r->rttvar_ns += (off - r->rttvar_ns) / 4;
		r->srtt_ns += (rtt_ns - r->srtt_ns) / 8;
	}
	int64_t spread = 4 * r->rttvar_ns;
	r->rto_ns = clamp(r->srtt_ns + (spread > GRANULARITY_NS ? spread : GRANULARITY_NS));
}

void rto_back_off(struct rto *r)
{
	r->rto_ns = clamp(r->rto_ns * 2);
}
