/* SPDX-License-Identifier: MIT */
/* polls.h - what is asked of which source, for which page, how often: a table. Pure. */
#ifndef DW_CONSOLE_POLLS_H
#define DW_CONSOLE_POLLS_H

#include "console/take.h"

enum { /* what pages want to know */
       WANT_ALWAYS = 1,
       WANT_PORTS = 2, /* settings and who is plugged in */
       WANT_RATES = 4, /* counters, at the pace of the screen */
       WANT_ADDRESSES = 8,
       WANT_TREE = 16,
       WANT_CAPTURES = 32,
       WANT_LEARNING = 64, /* each address learned, as an event */
};

struct poll {
	const char *command;   /* sent with "json " before it */
	enum source_kind kind; /* KIND_UNKNOWN: any */
	unsigned wants;
	int64_t period_ns; /* 0: that of the screen */
	uint64_t news;     /* event_bit()s after which it is asked at once */
	take_fn *take;
};

enum { POLLS = 10 };
extern const struct poll polls[POLLS];

enum {
	/* A server spends at most one part in so many of its time on us: a command whose answer
	 * took d is asked again no sooner than POLL_REST * d after it came. */
	POLL_REST = 32,
	/* What nobody sees is asked so many times less often. */
	POLL_UNSEEN = 8,
};

/* Whether `p` is something to ask of `s` for pages that want `wants`. */
bool poll_fits(const struct poll *p, const struct source *s, unsigned wants);

#endif
