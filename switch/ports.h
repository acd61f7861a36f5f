/* SPDX-License-Identifier: MIT */
/* ports.h - joins endpoints to bridge ports. Several endpoints may stand behind one port when they
 * belong to the same user: each gets what the port sends, and none hears another. Also what VDE
 * knows of a port besides: who may use it and whether a plug without a wish may take it. */
#ifndef DW_SWITCH_PORTS_H
#define DW_SWITCH_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/io/ep.h"
#include "lib/io/loop.h"
#include "switch/core/bridge.h"

enum {
	PORTS_ANY = -1,         /* a plug without a wish */
	PORTS_NOBODY = -1,      /* user or group: no rule */
	PORTS_MEMBERS_MAX = 64, /* endpoints behind one port */
};

struct ports;

struct ports_member { /* an endpoint behind a port, as printed */
	struct ep *ep;
	struct ports_member *next; /* of the same port, oldest first */
	unsigned port, id;         /* id: unique while the switch runs */
	int uid;         /* of the peer; the switch's own user for what it opened itself */
	char module[16]; /* VDE's word for its kind: "unix prog", "tuntap"; else the scheme */
	uint64_t lost;   /* frames it had no room for while others shared the port */
	/* ports.c alone: */
	struct ports *ports;
	struct ports_member *ready; /* in the queue of those to be served */
	unsigned batch;             /* frames to take at once */
	bool queued, gone;
	char reason[80]; /* why it is gone */
};

struct ports_rule {       /* of one port */
	bool allocatable; /* a plug without a wish may take it */
	int uid, gid;     /* who may plug in besides root; both PORTS_NOBODY: everyone */
};

struct ports_notice { /* to the switch; may call ports_* and the core */
	void (*plugged)(void *ctx, const struct ports_member *m, bool first);
	void (*unplugged)(void *ctx, const struct ports_member *m, bool last);
};

/* All borrowed for life; the bridge is given later because it needs its host first. */
struct ports *ports_new(struct loop *l, struct pool *pool, const struct ports_notice *n, void *ctx);
void ports_set_bridge(struct ports *p, struct bridge *b);
void ports_free(struct ports *p); /* closes all endpoints; NULL is fine */

/* What struct bridge_host asks for. */
unsigned ports_tx(struct ports *p, unsigned port, const struct txv *v, unsigned n);
void ports_carrier(struct ports *p, unsigned port, bool on);

/* Serves the endpoints that wait, for a bounded time. true: some still wait. */
bool ports_poll(struct ports *p, int64_t now);

/* The port a plug of this user gets, made if need be: `wanted` or PORTS_ANY. -EPERM; -EADDRINUSE:
 * another user's; -EINVAL: no such number; -ENOSPC: none free. uid -1: unknown. */
int ports_choose(struct ports *p, int wanted, int uid, int gid, struct err *e);
/* Puts an endpoint behind a port that ports_choose() named; takes it over (closed when out of
 * memory: -ENOMEM). */
int ports_join(struct ports *p, unsigned port, struct ep *ep, const char *module, int uid);
/* Opens a locator with port keys behind port `wanted`, or a free one for PORTS_ANY. The port, or
 * negative errno with words. */
int ports_open(struct ports *p, const char *locator, int wanted, struct err *e);

int ports_make(struct ports *p, unsigned port,
	       struct err *e);                     /* not allocatable; -EEXIST, -EINVAL */
int ports_lowest_unmade(const struct ports *p);    /* >= 1; -ENOSPC */
int ports_remove(struct ports *p, unsigned port);  /* -ENXIO, -EADDRINUSE */
void ports_forget(struct ports *p, unsigned port); /* the core has none there any more */
int ports_close(struct ports *p, unsigned port, unsigned id); /* one endpoint; -ENOENT */
const struct ports_member *ports_members(const struct ports *p, unsigned port); /* NULL: none */
unsigned ports_count(const struct ports *p); /* endpoints in all */

struct ports_rule ports_rule(const struct ports *p, unsigned port);
int ports_set_rule(struct ports *p, unsigned port, struct ports_rule rule); /* 0 or -ENOMEM */

/* Counters as VDE shows them: since `port/resetcounter`. The core's own never go back. */
void ports_counters(const struct ports *p, unsigned port, struct port_stats *out);
int ports_reset_counters(struct ports *p, unsigned port); /* 0 or -ENOMEM */

#endif
