/* SPDX-License-Identifier: MIT */
/* memif.h - an endpoint on memif rings, whichever side made the memory: frames, spinning and
 * sleeping, the link, the end. The handshakes are memif_client.c and lib/io/memif_server.c. */
#ifndef DW_IO_EP_MEMIF_H
#define DW_IO_EP_MEMIF_H

#include "lib/io/ep/impl.h"
#include "lib/io/rings.h"

struct memif { /* begins a side's own struct */
	struct ep ep;
	struct ep_end end;
	struct rings rings;
	struct watch sock, bell; /* sock.fd -1: none */
	struct poller poller;    /* with the loop while awake */
	struct timer nap;        /* to look again without a doorbell */
	struct timer rest;       /* the server's: to let go of pages that nobody uses */
	bool resting;            /* done so, and none is in use since */
	bool used;               /* since `rest` was set */
	int64_t busy_ns;         /* when something last came or went */
	bool awake, paused;
	bool full, flushing;    /* waits for room; for the peer to have taken everything */
	const char *lost_words; /* the reason when the socket ends */
	bool fences, links;     /* what the peer is known to do */
	bool peer_on, on;       /* the link as the peer has it, and as told to it */
};

struct memif *memif_born(size_t size, bool client, const struct ep_ops *ops, struct loop *l,
			 const struct ep_host *host, void *ctx);
/* The rings are agreed on: `name` is the peer's, from HELLO or CONNECT. Watches the socket and the
 * doorbell from here on. 0 or negative errno. */
int memif_start(struct memif *m, const char *name);
void memif_close(struct ep *e);
/* A message or the end, after memif_start(). */
void memif_sock_ready(struct watch *w, uint32_t events);

/* Joins the server at `path` as a client. `id`: of the interface, or the wanted port, 0 for any;
 * `descr`, `secret` may be NULL. As ep_open(). */
int memif_client_open(struct ep **e, struct loop *l, const char *path, uint32_t id,
		      const char *descr, const char *secret, const struct ep_host *host, void *ctx,
		      struct err *err);

extern const struct ep_ops memif_ops;
unsigned memif_rx(struct ep *e, struct frame *f, unsigned max);
void memif_rx_done(struct ep *e);
unsigned memif_tx(struct ep *e, const struct txv *v, unsigned n);
void memif_pause(struct ep *e, bool on);
bool memif_flushed(struct ep *e);
void memif_carrier(struct ep *e, bool on);

#endif
