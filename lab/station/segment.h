/* SPDX-License-Identifier: MIT */
/* segment.h - the TCP header (RFC 9293 3.1) and the two options we use: maximum segment size and
 * window scale (RFC 7323 2). Pure. */
#ifndef DW_LAB_STATION_SEGMENT_H
#define DW_LAB_STATION_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/station/inet.h"

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };
enum {
	TCP_HLEN = 20,
	TCP_SYN_HLEN = 28,     /* with both options, padded */
	TCP_MSS_DEFAULT = 536, /* of a peer that says nothing (RFC 9293 3.7.1) */
};

struct segment {
	uint16_t src, dst;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t window; /* as written: not scaled */
	uint16_t mss;    /* 0: not said */
	bool scales;     /* the option was there */
	uint8_t scale;
	const uint8_t *data; /* borrowed */
	uint16_t len;
};

enum segment_verdict { SEGMENT_GOOD, SEGMENT_MALFORMED, SEGMENT_CHECKSUM };

enum segment_verdict segment_read(struct segment *g, const struct ipv4 *ip);
/* The header with checksum zero; SYN segments carry the options. Data follows. */
void segment_write(struct wr *w, const struct segment *g);

static inline uint32_t segment_span(const struct segment *g) /* sequence numbers it takes */
{
	return g->len + !!(g->flags & TCP_SYN) + !!(g->flags & TCP_FIN);
}

#endif
