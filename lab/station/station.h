/* SPDX-License-Identifier: MIT */
/* station.h - a small end host as a pure machine: ARP, ICMP echo, UDP flows with sequence numbers, a
 * simple TCP for bulk, raw frames. So labs need no privileges. `now` in ns, never goes back; ask
 * station_next() after every call that took it. */
#ifndef DW_LAB_STATION_STATION_H
#define DW_LAB_STATION_STATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/frame.h"

struct station;

struct station_config {
	char name[32];
	uint8_t mac[6];
	uint32_t ip;         /* IPv4, host order */
	unsigned prefix;     /* 24 */
	uint16_t tag;        /* 0: untagged, else sends and expects this VLAN's tag (priority 0) */
	uint64_t seed;       /* of ports and sequence numbers */
};

struct station_host { /* notices */
	unsigned (*tx)(void *ctx, const struct txv *v, unsigned n); /* taken, in order; the rest waits here, bounded */
	void (*frame)(void *ctx, const struct frame *f); /* each frame that matches a filter of station_watch() */
};

struct station *station_new(const struct station_config *c, const struct station_host *host, void *ctx,
			    struct pool *pool, int64_t now);
void station_free(struct station *s);
const struct station_config *station_config(const struct station *s);

void station_rx(struct station *s, struct frame *f, unsigned n, int64_t now);
void station_writable(struct station *s, int64_t now);
void station_link(struct station *s, bool up, int64_t now);
int64_t station_next(const struct station *s);
void station_tick(struct station *s, int64_t now);
uint64_t station_generation(const struct station *s); /* moves when a result below changes */

/* ---- echo: `count` requests, `interval` apart, each waits at most `within`. ---- */
struct ping_args {
	uint32_t ip;
	unsigned count;          /* 1.. */
	int64_t interval_ns, within_ns;
	uint32_t size;           /* payload bytes, default 56 */
};
struct ping_result {
	bool done;
	unsigned sent, received;
	int64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns; /* of those received */
};
int station_ping(struct station *s, const struct ping_args *a, int64_t now); /* handle >= 0, or -errno */
const struct ping_result *station_ping_result(const struct station *s, int handle);
void station_ping_end(struct station *s, int handle); /* forgets it */

/* ---- UDP flow with sequence numbers and send times; the receiver keeps the account. ---- */
struct flow_args {
	uint32_t ip;             /* of the receiver */
	uint16_t port;           /* UDP, distinct per flow at the receiver */
	int64_t interval_ns;     /* between frames */
	uint32_t size;           /* UDP payload, at least 24 */
	uint64_t count;          /* 0: until ended */
};
struct flow_sent {
	uint64_t sent;
	bool done;
};
struct flow_account {            /* the receiver's */
	uint64_t received, duplicated, reordered;
	uint64_t highest;        /* sequence number + 1 */
	int64_t started_ns;      /* flow_expect() */
	int64_t last_ns;         /* last arrival, or start */
	int64_t longest_gap_ns;  /* between arrivals (or since the start), ended gaps only */
	int64_t latency_p50_ns, latency_p99_ns;
};
int station_flow(struct station *s, const struct flow_args *a, int64_t now);
const struct flow_sent *station_flow_sent(const struct station *s, int handle);
void station_flow_end(struct station *s, int handle);
int station_flow_expect(struct station *s, uint16_t port, int64_t now); /* opens the account; handle */
void station_flow_account(const struct station *s, int handle, struct flow_account *a);
void station_flow_forget(struct station *s, int handle);

/* ---- TCP bulk: `bytes` of a known pattern to a listener, checked there. ---- */
struct tcp_args {
	uint32_t ip;
	uint16_t port;
	uint64_t bytes;
	uint32_t mss;            /* default 1460 */
	uint32_t window;         /* bytes in flight, default 64 KiB */
};
struct tcp_result {
	bool done;
	int error;               /* 0, or positive errno: ECONNREFUSED, ETIMEDOUT, EBADMSG (bytes differ) */
	uint64_t bytes;          /* acknowledged (sender), received in order (listener) */
	uint64_t retransmits;
	int64_t started_ns, ended_ns;
};
int station_tcp_listen(struct station *s, uint16_t port, int64_t now); /* one connection; handle */
int station_tcp(struct station *s, const struct tcp_args *a, int64_t now);
const struct tcp_result *station_tcp_result(const struct station *s, int handle);
void station_tcp_end(struct station *s, int handle);

/* ---- raw frames ---- */
int station_send(struct station *s, const void *frame, uint32_t len, int64_t now); /* 0 or -ENOBUFS */
void station_watch(struct station *s, bool on); /* give every received frame to host->frame */

struct station_stats {
	uint64_t rx_frames, rx_bytes, tx_frames, tx_bytes, tx_dropped;
};
void station_stats(const struct station *s, struct station_stats *st);

#endif
