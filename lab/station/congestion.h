/* SPDX-License-Identifier: MIT */
/* congestion.h - how much a sender may have under way: slow start, congestion avoidance, fast
 * recovery (RFC 5681, RFC 6582), in bytes. Pure; `flight` is what is under way when the loss is
 * seen. */
#ifndef DW_LAB_STATION_CONGESTION_H
#define DW_LAB_STATION_CONGESTION_H

#include <stdbool.h>
#include <stdint.h>

struct congestion {
	uint64_t window, threshold; /* cwnd, ssthresh */
	uint64_t acked;             /* in congestion avoidance: bytes of the window so far */
	uint32_t mss;
};

/* The first window: ten segments (RFC 6928), or one if the opening had to be repeated. */
void congestion_init(struct congestion *c, uint32_t mss, bool repeated);
void congestion_acked(struct congestion *c, uint64_t bytes); /* new data, not in fast recovery */
void congestion_lost(struct congestion *c, uint64_t flight); /* three duplicates: fast recovery */
void congestion_duplicate(struct congestion *c); /* one more: a segment has left the network */
void congestion_partial(struct congestion *c, uint64_t bytes); /* RFC 6582 3.2, step 3 */
void congestion_recovered(struct congestion *c, uint64_t flight);
void congestion_timeout(struct congestion *c, uint64_t flight);
void congestion_timeout_again(struct congestion *c); /* of what was sent again already */

#endif
