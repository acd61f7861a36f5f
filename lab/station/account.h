/* SPDX-License-Identifier: MIT */
/* account.h - what a receiver knows about a flow of numbered packets: loss, duplicates, order, gaps
 * and latency; and the bytes at the head of each payload. Pure; stations and namespace hosts share
 * it. */
#ifndef DW_LAB_STATION_ACCOUNT_H
#define DW_LAB_STATION_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FLOW_PAYLOAD_MIN = 24, /* "DWfl", 4 zero bytes, sequence number, send time: big-endian */
	ACCOUNT_WINDOW = 8192, /* how far back a number can be told from its duplicate */
};

struct flow_stamp {
	uint64_t seq;    /* from 0 */
	int64_t sent_ns; /* on a clock both sides share */
};

/* Fills `size` >= FLOW_PAYLOAD_MIN bytes: the stamp, then zeroes. */
void flow_stamp_write(const struct flow_stamp *f, uint8_t *out, size_t size);
bool flow_stamp_read(struct flow_stamp *f, const void *payload,
		     size_t len); /* false: not a flow's */

struct flow_account {
	uint64_t received;   /* different numbers: lost so far = highest - received */
	uint64_t duplicated; /* numbers that came again */
	uint64_t reordered;  /* came after a higher number; older than the window counts here too */
	uint64_t highest;    /* sequence number + 1 */
	int64_t started_ns;  /* account_new() */
	int64_t last_ns;     /* last arrival, or start */
	int64_t longest_gap_ns; /* between arrivals (or since the start), ended gaps only */
	int64_t latency_p50_ns, latency_p99_ns; /* within 1.6 %; 0 while nothing came */
};

struct account;
struct account *account_new(int64_t now); /* about 11 KiB; NULL: out of memory */
void account_free(struct account *a);
void account_take(struct account *a, const struct flow_stamp *f, int64_t now);
void account_read(const struct account *a, struct flow_account *out);

#endif
