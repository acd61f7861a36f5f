/* SPDX-License-Identifier: MIT */
/* cable.h - a wire between two endpoints, on an event loop: what dw-wire and dw-cable have in
 * common. */
#ifndef DW_WIRE_CABLE_H
#define DW_WIRE_CABLE_H

#include "lib/base/err.h"
#include "lib/base/frame.h"
#include "lib/io/captures.h"
#include "lib/io/loop.h"
#include "wire/core/wire.h"

struct cable;

struct cable_host {
	/* Once: both ends are up, or one is missing and will be tried again and again. */
	void (*ready)(void *ctx, struct cable *c);
	/* An end closed for good; what was on its way to the other end has been delivered. Once. */
	void (*ended)(void *ctx, struct cable *c, unsigned end, const char *reason);
	void (*event)(void *ctx, const struct event *ev);
	void (*sent)(void *ctx, enum wire_dir dir, const struct txv *v,
		     unsigned n); /* departures taken; or NULL */
};

/* 0 or -ENOMEM. `pool` is borrowed and shared by all cables of the process. */
int cable_new(struct cable **out, struct loop *l, struct pool *pool,
	      const struct wire_config *config, const struct cable_host *host, void *ctx);
void cable_free(struct cable *c); /* NULL is fine */

enum { CABLE_NO_RETRY = -1 };
/* What is on `end` (0 or 1): a locator, or two descriptors with 2-byte framing (kept, also on
 * error). A locator that closes is opened again after at most `retry_ns`, at the port it had;
 * CABLE_NO_RETRY: the cable ends with it. 0, -EINVAL misuse, else trouble; words in `e`. */
int cable_plug(struct cable *c, unsigned end, const char *locator, int64_t retry_ns, struct err *e);
int cable_plug_fds(struct cable *c, unsigned end, int in, int out, const char *name, struct err *e);

/* On time to microseconds: sleeps to shortly before a departure, then spins. false: too many wires
 * of this machine do so already; this one goes on with sleeping. */
bool cable_precise(struct cable *c);
/* Reads from `end` no faster than that many bytes a second, so that the sender is held up; 0: no
 * bound. */
void cable_pace(struct cable *c, unsigned end, uint64_t bytes_per_s);

struct captures *cable_captures(struct cable *c); /* of its frames */
struct wire *cable_wire(struct cable *c);         /* commands may act on it at any time */
const char *cable_end_name(const struct cable *c, unsigned end);

#endif
