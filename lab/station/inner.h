/* SPDX-License-Identifier: MIT */
/* inner.h - what the files of a station share: the one heap of alarms, handle tables, the way out
 * for a packet, and how each protocol is entered. Private to this folder. */
#ifndef DW_LAB_STATION_INNER_H
#define DW_LAB_STATION_INNER_H

#include "lab/station/inet.h"
#include "lab/station/station.h"
#include "lib/base/heap.h"
#include "lib/base/stream.h"
#include "lib/base/wire.h"

/* ---- alarms: all deadlines of a station in one heap ---- */
struct alarm { /* embedded in its owner */
	struct deadline d;
	void (*fire)(struct station *s, struct alarm *a, int64_t now);
};

/* 0, or -ENOMEM: no room in the heap, and nothing to undo. */
int alarm_init(struct station *s, struct alarm *a,
	       void (*fire)(struct station *, struct alarm *, int64_t));
void alarm_set(struct station *s, struct alarm *a, int64_t due); /* TIME_NEVER: off */
void alarm_fini(struct station *s, struct alarm *a);             /* zeroed or not */

/* ---- handles: small numbers for what a caller holds ---- */
struct handles {
	void **v;
	unsigned room;
};

int handles_put(struct handles *h, void *thing);        /* its handle; -ENOMEM, -ENOSPC */
void *handles_get(const struct handles *h, int handle); /* NULL: nobody's */
void *handles_take(struct handles *h, int handle);      /* the same, and the number is free again */
void handles_fini(struct handles *h);

/* ---- the way out: what the host does not take waits, in order ---- */
enum { EGRESS_MAX = 512 };

struct egress {
	struct frame *v; /* a ring of `room`, grown as needed to EGRESS_MAX */
	unsigned room, head, count;
};

/* Sends one frame in pooled bytes; takes the reference over. */
void egress_put(struct station *s, struct buf *buf, uint32_t len);
void egress_drain(struct station *s);
void egress_flush(struct station *s); /* all that waits is lost with the link */
void egress_fini(struct station *s);

/* ---- a packet under construction: Ethernet and IPv4 heads are written, the payload is to come
 * ---- */
struct packet {
	struct buf *buf;
	struct wr w; /* room for exactly the payload that was asked for */
	uint8_t *payload;
	uint32_t dst;
};

/* false: no buffer, counted. */
bool packet_begin(struct station *s, struct packet *p, uint32_t dst, uint8_t proto, size_t len);
void packet_checksum(const struct packet *p, size_t at,
		     uint64_t sum); /* of the payload on top of `sum` */
void packet_send(struct station *s, struct packet *p, int64_t now);
uint64_t packet_pseudo_sum(const struct station *s, const struct packet *p, uint8_t proto);
/* Writes the Ethernet head and this station's tag. */
void ether_write(const struct station *s, struct wr *w, const uint8_t dst[static 6], uint16_t type);
uint32_t ether_head_len(const struct station *s);

/* ---- the station ---- */
struct arp {
	struct neighbour **v; /* sorted by address */
	unsigned count, room;
};

struct station {
	struct station_config config;
	const struct station_host *host;
	void *ctx;
	struct pool *pool;
	struct heap heap;
	size_t alarms; /* alive: the heap has room for all of them */
	uint64_t alarm_id;
	struct arp arp;
	struct egress out;
	struct handles pings, flows, accounts, tcps;
	struct stream icmp_stream, udp_stream, tcp_stream;
	uint64_t icmp_draws, udp_draws, tcp_draws; /* ordinals */
	int64_t unreachable_next_ns;               /* ICMP errors are rationed (RFC 1812 4.3.2.8) */
	struct station_stats stats;
	uint64_t generation;
	int64_t now; /* the last that was told */
	bool up, watch;
};

static inline void count_drop(struct station *s, enum station_drop why)
{
	s->stats.drops[why]++;
}

/* Can `ip` be another station on this link? 0; -EINVAL own, zero, broadcast or group; -ENETUNREACH.
 */
int station_reaches(const struct station *s, uint32_t ip);

/* ---- protocols ---- */
void arp_rx(struct station *s, const uint8_t *p, size_t len, int64_t now);
void arp_announce(struct station *s);
/* Sends a packet (whole frame, destination address still open) to `ip`, or keeps it until that is
 * known. Takes the reference over. */
void arp_send(struct station *s, uint32_t ip, struct buf *buf, uint32_t len, int64_t now);
void arp_fini(struct station *s);

/* `from`: the frame's source address, where an echo goes back to. */
void ipv6_rx(struct station *s, const uint8_t *packet, size_t len, const uint8_t from[static 6]);

void icmp_rx(struct station *s, const struct ipv4 *ip, int64_t now);
/* "Port unreachable" about a datagram that came for nobody (RFC 1122 4.1.3.1). */
void icmp_unreachable(struct station *s, const struct ipv4 *about, int64_t now);
void ping_fini(struct station *s);

void udp_rx(struct station *s, const struct ipv4 *ip, int64_t now);
void flow_fini(struct station *s);

void tcp_rx(struct station *s, const struct ipv4 *ip, int64_t now);
void tcp_unreachable(struct station *s, uint32_t ip, int64_t now); /* nobody answered ARP for it */
void tcp_fini(struct station *s);

#endif
