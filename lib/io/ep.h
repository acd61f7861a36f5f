/* SPDX-License-Identifier: MIT */
/* ep.h - an endpoint: anything that gives and takes Ethernet frames, behind one interface. A switch
 * port is an endpoint; a plug joins one to a stream; a cable joins two. Opened by locator
 * "LOCATOR[,key=value...]"; one file a scheme in lib/io/ep/, one row each in schemes.c. */
#ifndef DW_IO_EP_H
#define DW_IO_EP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/base/frame.h"
#include "lib/base/gso.h"
#include "lib/io/loop.h"

struct ep;

/* Notices to whoever opened it, given from the loop only: never from inside ep_open(), ep_rx(),
 * ep_tx() or ep_pause(). ep_close() is allowed inside any of them. */
struct ep_host {
	void (*readable)(
		void *ctx,
		struct ep *e); /* frames wait: call ep_rx(); it is said again while more wait */
	void (*writable)(void *ctx,
			 struct ep *e); /* after a short ep_tx(), or when ep_flushed() turns true */
	void (*up)(void *ctx, struct ep *e);   /* connected; frames flow from here on */
	void (*down)(void *ctx, struct ep *e); /* the peer took the link away; it may come back */
	void (*changed)(void *ctx, struct ep *e); /* caps have, while it was up */
	void (*closed)(void *ctx, struct ep *e,
		       const char *reason); /* for good; ep_close() it (now or later) */
	bool unfinished; /* it may be given frames as their sender left them, see gso.h */
};

struct ep_caps {
	uint32_t longest; /* bytes of the longest frame it takes */
	unsigned
		offloads; /* OFFLOAD_ bits: what it takes unfinished; for others ep_tx() finishes */
	bool shared;      /* several peers behind it: not point-to-point */
	bool carrier;     /* ep_carrier() reaches the peer */
	uint64_t speed_bps; /* 0: has none */
};

struct ep_ops {                                                      /* what a scheme implements */
	unsigned (*rx)(struct ep *e, struct frame *f, unsigned max); /* borrowed until rx_done */
	void (*rx_done)(struct ep *e);                               /* NULL: nothing to do */
	unsigned (*tx)(struct ep *e, const struct txv *v,
		       unsigned n); /* taken, in order; less: full */
	void (*pause)(struct ep *e,
		      bool on);        /* stop reading (back-pressure); NULL: keeps reading */
	bool (*flushed)(struct ep *e); /* all that was taken has left; NULL: always */
	bool (*finish)(struct ep *e);  /* see ep_finish(); NULL: false */
	void (*carrier)(struct ep *e, bool on); /* tell the peer the link state; NULL: cannot */
	void (*close)(struct ep *e);            /* frees */
};

struct ep { /* first member of every scheme's own struct */
	const struct ep_ops *ops;
	const struct ep_host *host;
	void *ctx; /* the opener's */
	struct loop *loop;
	struct ep_caps caps;
	bool is_up;
	char locator[256];    /* as given, keys of others removed */
	char descr[128];      /* who is on the other side, as far as known; control bytes masked */
	int uid;              /* of the peer, -1 unknown */
	int port;             /* the one we got at a far switch, -1 unknown */
	uint64_t tx_dropped;  /* frames the scheme took and then had to lose (peer went away) */
	uint64_t rx_oversize; /* frames that came in longer than ETH_FRAME_MAX and were dropped */
	uint64_t rx_stray;    /* what came in and was not for us: from others, of another network */
	int why;    /* with closed(): 0: its natural end; -EACCES: refused; else what went wrong */
	bool *gone; /* of the notice in progress: set by ep_close() */
	struct ep_tail *tail; /* finish.c: of a bundle of which the first frames have left */
};

/* Keys of a locator that are not the endpoint's own (port keys, say), for the opener. */
struct ep_rest {
	char text[512]; /* "vlan=10,name=x"; "" : none */
};

/* Opens without blocking: is_up on return, or later (host->up), or closed with a reason. Each
 * endpoint gets up to BATCH_MAX frames a call from receive memory that all of a thread share:
 * ep_rx_done() before the next ep_rx() of any of them. SIGPIPE is ignored from the first stream on.
 * `rest` NULL: foreign keys are errors. 0; -EINVAL misuse; else trouble; `err` has the words. */
int ep_open(struct ep **e, struct loop *l, const char *locator, const struct ep_host *host,
	    void *ctx, struct ep_rest *rest, struct err *err);
void ep_close(
	struct ep *e); /* NULL is fine. No notice follows. What ep_flushed() denies is lost. */

/* Stream framing (`framing` 2 or 4 length bytes) on descriptors that are there already; they may be
 * the same. Both are the endpoint's from here on, also on error. Up on return. */
int ep_open_fds(struct ep **e, struct loop *l, int in, int out, unsigned framing, const char *name,
		const struct ep_host *host, void *ctx, struct err *err);
/* A command that speaks 2-byte framing on its stdin and stdout. Up on return; a command that cannot
 * be run is closed with the reason. ep_close() ends it (SIGTERM, SIGKILL two seconds later). */
int ep_open_command(struct ep **e, struct loop *l, char *const argv[], const struct ep_host *host,
		    void *ctx, struct err *err);

static inline unsigned ep_rx(struct ep *e, struct frame *f, unsigned max)
{
	return e->ops->rx(e, f, max);
}

static inline void ep_rx_done(struct ep *e)
{
	if (e->ops->rx_done)
		e->ops->rx_done(e);
}

unsigned ep_tx_finished(struct ep *e, const struct txv *v, unsigned n);
bool ep_tail_waits(const struct ep *e);

/* Frames taken, in order; of a bundle that was begun all is taken. */
static inline unsigned ep_tx(struct ep *e, const struct txv *v, unsigned n)
{
	unsigned needs = 0;
	for (unsigned i = 0; i < n; i++)
		needs |= gso_needs(v[i].f);
	if (needs & ~e->caps.offloads || e->tail)
		return ep_tx_finished(e, v, n);
	return e->ops->tx(e, v, n);
}

static inline void ep_pause(struct ep *e, bool on)
{
	if (e->ops->pause)
		e->ops->pause(e, on);
}

static inline bool ep_flushed(struct ep *e)
{
	return !ep_tail_waits(e) && (!e->ops->flushed || e->ops->flushed(e));
}

/* Nothing more will be sent: tells a peer that may still be at work on what it got (a command sees
 * end of file). true: closed() follows when it is done; false: nothing to wait for. */
static inline bool ep_finish(struct ep *e)
{
	return e->ops->finish && e->ops->finish(e);
}

static inline void ep_carrier(struct ep *e, bool on)
{
	if (e->ops->carrier)
		e->ops->carrier(e, on);
}

/* How endpoints on rings wait, in the whole process: never spin; spin a little before sleeping,
 * less when that costs others their processor; or for ever. Not said: adaptive where there are two
 * processors to run on, else never. */
enum ep_poll { EP_POLL_NEVER, EP_POLL_ADAPTIVE, EP_POLL_ALWAYS };
void ep_poll_mode(enum ep_poll mode);
/* As the `take` of an option --poll=never|adaptive|always. 0 or -EINVAL with words. */
int ep_poll_take(void *ctx, const char *word, struct err *err);

/* One row a scheme: gives dispatch, --list, help and the manual. */
struct ep_keys;                                                /* parsed keys: ep_key() */
const char *ep_key(const struct ep_keys *k, const char *name); /* value or NULL */

struct scheme {
	const char *name;        /* "tap" for tap://; "" for a bare path; "-" for stdin/stdout */
	const char *syntax;      /* "tap://NAME[,netns=PATH]" */
	const char *help;        /* one line */
	const char *const *keys; /* its own keys besides descr=, which all have; ended by NULL */
	int (*open)(struct ep **e, struct loop *l, const char *rest, const struct ep_keys *keys,
		    const struct ep_host *host, void *ctx, struct err *err);
};
extern const struct scheme schemes[]; /* ended by a NULL name; anything else goes to libvdeplug */
void ep_list(FILE *f, bool json);     /* dw-plug --list */

#endif
