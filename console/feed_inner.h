/* SPDX-License-Identifier: MIT */
/* feed_inner.h - what feed.c and discover.c share. */
#ifndef DW_CONSOLE_FEED_INNER_H
#define DW_CONSOLE_FEED_INNER_H

#include "console/feed.h"
#include "console/polls.h"

struct feed;

struct poll_state {
	struct feed *feed;
	int64_t due, sent;
	bool asked;
	unsigned answers;
};

enum listening { LISTEN_NOT, LISTEN_BASIC, LISTEN_ALL };

struct feed {
	struct feeds *all;
	struct source *source;      /* the model's */
	struct mgmt_client *client; /* NULL: not connected; the timer tells when to try */
	struct timer timer;
	int64_t retry_ns, waiting_since, answered;
	unsigned waiting;    /* answers under way, all commands */
	unsigned complaints; /* in a row */
	enum listening listening;
	bool config_asked;
	bool learned; /* help was answered on this connection */
	bool seen;
	char last_words[128]; /* why the connection ended */
	struct poll_state poll[POLLS];
};

struct feeds {
	struct loop *loop;
	struct model *model;
	int64_t delay;
	unsigned wants;
	void (*changed)(void *ctx);
	void *ctx;
	struct feed *feed[SOURCES_MAX]; /* by the idx of their sources */
	unsigned count;
	uint64_t leaps; /* the model's, as far as they were followed */
};

#endif
