/* SPDX-License-Identifier: MIT */
/* station.h - a small end host as a pure machine: ARP, ICMP echo, UDP flows with sequence numbers,
 * a simple TCP for bulk, raw frames; over IPv6 it is found (ND) and answers echo. So labs need no
 * privileges. `now` in ns, never goes back; ask station_next() after every call that took it. One
 * IPv4 address, one link, no router: an address outside the prefix is -ENETUNREACH. Fragments are
 * neither made nor put together. An idle station takes under 4 KiB; neighbours, flows and
 * connections are allocated when they are made, never on the way of a frame except for a new
 * neighbour (bounded).
 *
 * Handles are small numbers, one series for each kind; an ended one may be given out again. At most
 * STATION_HANDLES of a kind at once (-ENOSPC). */
#ifndef DW_LAB_STATION_STATION_H
#define DW_LAB_STATION_STATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/station/account.h"
#include "lib/base/err.h"
#include "lib/base/frame.h"

enum { STATION_HANDLES = 4096 };

struct station;

struct station_config {
	char name[32];
	uint8_t mac[6];
	uint32_t ip;     /* IPv4, host order */
	unsigned prefix; /* 24 */
	uint16_t tag;    /* 0: untagged, else sends and expects this VLAN's tag (priority 0) */
	uint64_t seed;   /* of ports and sequence numbers */
};

struct station_host { /* notices */
	/* Returns how many it took, in order; the rest waits here, bounded. */
	unsigned (*tx)(void *ctx, const struct txv *v, unsigned n);
	/* Each whole frame that comes in while station_watch() is on. */
	void (*frame)(void *ctx, const struct frame *f);
};

/* `host` and `pool` are borrowed for life. The link begins down: call station_link() when frames
 * can leave. NULL: out of memory. */
struct station *station_new(const struct station_config *c, const struct station_host *host,
			    void *ctx, struct pool *pool, int64_t now);
void station_free(struct station *s); /* NULL is fine */
const struct station_config *station_config(const struct station *s);
/* Its IPv6 address: link-local, of the Ethernet address. */
void ipv6_own(const uint8_t mac[static 6], uint8_t out[static 16]);

/* data, len (and buf, rx_ns) of each frame are set, the rest is filled here. */
void station_rx(struct station *s, struct frame *f, unsigned n, int64_t now);
void station_writable(struct station *s, int64_t now); /* after a short tx: room again */
/* Up: announces the address (a gratuitous ARP, RFC 5227 3). Down: what waits is lost and counted,
 * as is all that is sent meanwhile. */
void station_link(struct station *s, bool up, int64_t now);
int64_t station_next(const struct station *s);
void station_tick(struct station *s, int64_t now);
uint64_t station_generation(const struct station *s); /* moves when a result below changes */

/* ---- echo: `count` requests, `interval` apart, each waits at most `within`. ---- */
struct ping_args {
	uint32_t ip;
	unsigned count; /* 1..65535 */
	int64_t interval_ns, within_ns;
	uint32_t size; /* payload bytes, 56 is usual */
};
struct ping_result {
	bool done;
	unsigned sent, received;
	int64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns; /* of those received */
};
/* Handle, or -EINVAL, -ENETUNREACH, -EMSGSIZE, -ENOSPC, -ENOMEM; the same of all that follow. */
int station_ping(struct station *s, const struct ping_args *a, int64_t now);
const struct ping_result *station_ping_result(const struct station *s, int handle);
void station_ping_end(struct station *s, int handle); /* forgets it */

/* ---- UDP flow with numbers and send times (account.h); the receiver keeps the account. ---- */
struct flow_args {
	uint32_t ip;         /* of the receiver */
	uint16_t port;       /* UDP, distinct per flow at the receiver */
	int64_t interval_ns; /* between frames */
	uint32_t size;       /* UDP payload, at least FLOW_PAYLOAD_MIN */
	uint64_t count;      /* 0: until ended */
};
struct flow_sent {
	uint64_t sent;
	bool done;
};
int station_flow(struct station *s, const struct flow_args *a, int64_t now);
const struct flow_sent *station_flow_sent(const struct station *s, int handle);
void station_flow_end(struct station *s, int handle);
/* Opens the account of what comes to `port`. -EADDRINUSE: there is one. */
int station_flow_expect(struct station *s, uint16_t port, int64_t now);
void station_flow_account(const struct station *s, int handle, struct flow_account *a);
void station_flow_forget(struct station *s, int handle);

/* ---- TCP bulk: `bytes` of a known pattern (pattern.h) to a listener, checked there. Slow start,
 * congestion avoidance and fast recovery by RFC 5681 and 6582, the timer by RFC 6298. */
struct tcp_args {
	uint32_t ip;
	uint16_t port;
	uint64_t bytes;
	uint32_t mss;    /* 0: 1460; the listener's word counts if it is less */
	uint32_t window; /* bytes in flight at most; 0: 1 MiB */
};
struct tcp_result {
	bool done;
	int error;      /* 0, or positive errno: ECONNREFUSED, ECONNRESET, EHOSTUNREACH (no ARP
			 * answer), ETIMEDOUT, EBADMSG (bytes differ) */
	uint64_t bytes; /* acknowledged (sender), received in order (listener) */
	uint64_t retransmits, timeouts;
	int64_t stalled_ns; /* the longest time between two advances of `bytes`; 0: not known */
	int64_t started_ns, ended_ns;
};
/* For one connection. -EADDRINUSE: somebody listens there. */
int station_tcp_listen(struct station *s, uint16_t port, int64_t now);
int station_tcp(struct station *s, const struct tcp_args *a, int64_t now);
const struct tcp_result *station_tcp_result(const struct station *s, int handle);
void station_tcp_end(struct station *s, int handle);

/* ---- raw frames ---- */
/* Sent as it is, no tag added. 0, -ENOBUFS (queue or pool full), -ENETDOWN, -EINVAL (under 14
 * bytes), -EMSGSIZE. */
int station_send(struct station *s, const void *frame, uint32_t len, int64_t now);
void station_watch(struct station *s, bool on); /* give every received frame to host->frame */

/* Every way in which a frame ends here without being used: a closed list. */
#define STATION_DROP_LIST(X)                                                                       \
	X(STATION_RUNT, "runt")             /* no whole Ethernet header */                         \
	X(STATION_NOT_OURS, "not-ours")     /* another address: flooded by a switch */             \
	X(STATION_TAG, "tag")               /* not the tag this station speaks */                  \
	X(STATION_UNCLAIMED, "unclaimed")   /* a protocol, port or handle nobody has here */       \
	X(STATION_MALFORMED, "malformed")   /* cut off, or a length that cannot be */              \
	X(STATION_CHECKSUM, "checksum")     /* IPv4, ICMP, UDP or TCP checksum */                  \
	X(STATION_FRAGMENT, "fragment")     /* not put together here */                            \
	X(STATION_LINK_DOWN, "link-down")   /* sent while the link was down */                     \
	X(STATION_QUEUE_FULL, "queue-full") /* the host took too little for too long */            \
	X(STATION_NO_BUFFER, "no-buffer")   /* the pool was empty */                               \
	X(STATION_UNRESOLVED, "unresolved") /* nobody answered ARP, or too many waited */

enum station_drop {
#define X(name, text) name,
	STATION_DROP_LIST(X)
#undef X
		STATION_DROPS
};
const char *station_drop_name(enum station_drop d);

struct station_stats {
	uint64_t rx_frames, rx_bytes; /* all that came in */
	uint64_t tx_frames, tx_bytes; /* all that the host took */
	uint64_t tx_dropped;          /* the last four of drops[] */
	uint64_t drops[STATION_DROPS];
};
void station_stats(const struct station *s, struct station_stats *st);

#endif
