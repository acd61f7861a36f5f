/* SPDX-License-Identifier: MIT */
/* rto.h - the retransmission timeout from measured round trips: RFC 6298 in integers. Pure. */
#ifndef DW_LAB_STATION_RTO_H
#define DW_LAB_STATION_RTO_H

#include <stdint.h>

struct rto {
	int64_t srtt_ns, rttvar_ns; /* srtt 0: nothing was measured yet */
	int64_t rto_ns;
};

void rto_init(struct rto *r);
void rto_sample(struct rto *r, int64_t rtt_ns); /* of a segment sent once (Karn's rule, clause 3) */
void rto_back_off(struct rto *r); /* it ran out: twice as long (5.5), until the next sample */

#endif
