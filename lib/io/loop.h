/* SPDX-License-Identifier: MIT */
/* loop.h - the event loop: epoll, one timerfd, one signalfd, pollers. One thread. */
#ifndef DW_IO_LOOP_H
#define DW_IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/heap.h"

struct loop;

/* Level-triggered. A descriptor that epoll refuses (a regular file, /dev/null) is always ready. */
struct watch { /* embedded in its owner; zero it, then loop_add() */
	int fd;
	uint32_t events; /* EPOLLIN | EPOLLOUT as wanted now */
	void (*ready)(struct watch *w, uint32_t events);
	struct loop *loop; /* NULL: not watched */
};

struct timer { /* embedded in its owner; timer_init() once */
	struct deadline d;
	void (*fire)(struct timer *t, int64_t now);
	struct loop *loop;
};

struct poller {                                      /* asked before every sleep; embedded */
	bool (*poll)(struct poller *p, int64_t now); /* true: did something, do not sleep */
	struct poller *next;
};

/* Blocks SIGTERM, SIGINT and (where it is not ignored) SIGHUP, and ignores SIGPIPE for the process.
 * NULL: errno tells. */
struct loop *loop_new(void);
void loop_free(struct loop *l); /* runs what is deferred; gives back the signal mask of before */
/* In a forked child before exec: signals as a program expects them (none blocked, SIGPIPE default).
 */
void loop_child(void);
int64_t loop_now(struct loop *l);   /* CLOCK_MONOTONIC ns, read once per wake-up */
int64_t loop_clock(struct loop *l); /* reads the clock anew; loop_now() follows */

/* 0 or negative errno (-EEXIST: this descriptor is watched already). */
int loop_add(struct loop *l, struct watch *w, int fd, uint32_t events,
	     void (*ready)(struct watch *, uint32_t));
void loop_want(struct watch *w, uint32_t events); /* change the wanted events */
void loop_del(struct watch *w); /* safe inside any callback, for any watch; fine when not watched */

/* Aborts when there is no memory for one more pointer. */
void timer_init(struct timer *t, struct loop *l, void (*fire)(struct timer *, int64_t now));
void timer_set(struct timer *t, int64_t due); /* TIME_NEVER: off. Fires once, at or after due */
void timer_fini(struct timer *t);

void loop_add_poller(struct loop *l, struct poller *p);
void loop_del_poller(struct loop *l, struct poller *p);

/* Runs `fn` once after the callbacks of this turn (frees what must not vanish inside them); what a
 * deferred call defers runs in the next turn, without sleeping first. Aborts like timer_init(). */
void loop_defer(struct loop *l, void (*fn)(void *ctx), void *ctx);

/* Blocks `signo` and delivers it here instead; fn NULL: no handler any more. SIGTERM, SIGINT and
 * SIGHUP without a handler end the run. 0 or negative errno. */
int loop_on_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx);

/* Until loop_stop() or SIGTERM/SIGINT/SIGHUP: returns the code given, or the number of the signal,
 * or -errno. */
int loop_run(struct loop *l);
/* One turn: handles what is ready, sleeping until something is or `until` passes. 0, or as
 * loop_run() with *ended set. */
int loop_turn(struct loop *l, int64_t until, bool *ended);
void loop_stop(struct loop *l, int code); /* the turn that runs now is finished first */
/* The epoll descriptor: readable when a turn has work (pollers and regular files aside). */
int loop_fd(struct loop *l);

#endif
