/* SPDX-License-Identifier: MIT */
/* sim.h - the world in virtual time: the cores of a lab in one process, driven in one total order
 * of events: (time, class, node in creation order, sequence within the node). Private to lab/sim.
 */
#ifndef DW_LAB_SIM_SIM_H
#define DW_LAB_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/world.h"
#include "lib/base/frame.h"
#include "lib/base/heap.h"
#include "switch/core/bridge.h"
#include "wire/core/wire.h"

enum sim_class {
	CLASS_PLAN,
	CLASS_ARRIVAL,
	CLASS_DEADLINE
}; /* resuming tasks, class 3, is the lab's */

enum {
	SIM_INSTANT_MAX = 1000000, /* events at one instant, then time is said to stand still */
	SIM_PAUSED_MAX = 1000,     /* frames that wait at one paused switch, as in its sockets */
	SIM_TRACE_KEPT = 1024,     /* frames under way in one direction that a record knows again */
	SIM_CALL_ID = 1 << 20,     /* deadlines of calls come after those of nodes */
};
/* Longer than any timer of a bridge after which something is seen to happen (802.1Q-2018 13.25: 70
 * s of topology change at most): what stays the same for two of these does so for ever. */
#define SIM_QUIET_NS (INT64_C(60) * 1000000000)
#define SIM_POOL_BYTES ((size_t)1 << 30)
#define SIM_WIRE_DELAY_NS INT64_C(1000)        /* of a cable whose delay is not set */
#define SIM_WIRE_RATE_BPS UINT64_C(1000000000) /* of a cable whose rate is not set */

struct sim;
struct sim_node;

struct sim_wire { /* a cable, or the plug of an end */
	struct sim *sim;
	struct wire *core;
	struct deadline due; /* class 2 */
	struct {
		struct sim_node *node;
		unsigned port;
	} end[WIRE_DIRS];
	uint64_t touched; /* counts what happened to it */
	uint64_t changed; /* the event of a record that changed it last */
	struct sim_trace *trace[WIRE_DIRS];
	struct ref ref; /* of a cable; of a plug: the end's node */
	bool plug;
};

struct arrival { /* what the next call into a node will be */
	enum { ARRIVES_FRAME, ARRIVES_LINK } what;
	unsigned port;
	bool on;            /* link */
	uint64_t cause;     /* event of the record */
	struct frame frame; /* one reference is ours */
};

struct inbox { /* a ring; grows */
	struct arrival *v;
	size_t head, count, room;
};

struct sim_port {              /* of a switch, 0..numports; of an end, only 0 */
	struct sim_wire *wire; /* NULL: nothing is plugged in */
	unsigned end;          /* which end of it is here */
	bool heard;            /* a frame has come in */
	uint64_t chain;        /* fingerprint of all that came in */
};

struct sim_call;

struct sim_clock { /* own time at lab time `lab` was `own`; since then it goes this much faster */
	int64_t lab, own;
	int32_t ppm;
};

struct sim_node {
	struct sim *sim;
	const struct node_spec *spec;
	unsigned idx;
	struct bridge *bridge;   /* switches; NULL while killed */
	struct station *station; /* all others */
	struct sim_port *port;
	unsigned nports;
	struct inbox inbox;
	struct deadline due, arrives; /* class 2, class 1 */
	struct sim_call *calls;       /* of this end, not done */
	bool paused;
	struct sim_clock clock; /* of a switch */
	uint64_t touched;       /* counts what happened to it */
	uint64_t changed;       /* the event of a record that asked it for something last */
	uint64_t lived;         /* generations of bridges that were killed */
};

struct sim_call {
	struct call call; /* first: the lab sees only this */
	struct sim *sim;
	struct sim_node *node, *to;
	enum verb verb;
	int handle, far; /* the station's: ours, the other end's */
	struct frame_match match;
	uint8_t *match_data;
	struct deadline due; /* tcp: within */
	struct sim_call *next;
};

struct sim_capture;

struct sim_timer {
	struct deadline due; /* class 0 */
	void (*fn)(void *ctx);
	void *ctx;
};

struct sim {
	struct world world; /* first */
	struct pool *pool;
	struct bridge_host bridge_host; /* of all bridges */
	struct heap heap;
	size_t wanted; /* members reserved in the heap */
	int64_t now;
	unsigned at_instant; /* events handled at `now` */
	uint64_t serial;     /* of timers and calls */
	struct sim_node *node;
	size_t nnodes;
	struct sim_wire *wire; /* the plugs, by node; then the cables */
	size_t nwires;
	bool something; /* step() must return after this instant */
	bool watched;
	int64_t stirred_at; /* the last time that more than bridges repeating themselves was seen */
	uint64_t calm;      /* generations of all bridges then */
	struct sim_capture *captures;
	unsigned last_capture;
	uint16_t next_port; /* of flows and bulk transfers */
	int trouble;        /* negative errno that ends the run */
	struct err words;
};

static inline struct sim *sim_of(struct world *w)
{
	return (struct sim *)w;
}

static inline uint64_t sim_id(enum sim_class c, uint64_t order)
{
	return (uint64_t)c << 56 | order;
}

static inline void sim_stir(struct sim *s) /* the lab may want to know: step() returns */
{
	s->something = true;
	s->stirred_at = s->now;
}

/* Out of memory or buffers: the run ends, nothing is lost in silence. */
void sim_trouble(struct sim *s, int code, const char *what);

void sim_done(struct sim_call *c, int error); /* unless it is: done now, by what happened */

/* node.c: the cores and what joins them */
int sim_nodes_open(struct sim *s, struct err *e); /* 0, -EINVAL (the plan is wrong), -ENOMEM */
void sim_nodes_close(struct sim *s);
void sim_key_wire(struct sim_wire *w); /* after every call into it */
void sim_key_node(struct sim_node *n);
void sim_arrive(struct sim_node *n); /* the next arrival of its inbox */
int sim_power(struct sim_node *n, enum power p, struct err *e);

/* clock.c */
int64_t sim_clock(const struct sim_node *n);                  /* what its clock says now */
int64_t sim_clock_due(const struct sim_node *n, int64_t own); /* lab time at which it says that */
void sim_clock_skew(struct sim_node *n,
		    int32_t ppm); /* over -MILLION; 0: as the lab's, from now on */

/* print.c */
void sim_print_frame(struct sim_port *p, const struct frame *f, int64_t now);
bool sim_fingerprint(struct world *w, uint64_t *fp);

/* trace.c: the record, if there is one */
void sim_trace_out(struct sim_node *n, unsigned port, struct sim_wire *w, struct frame *f);
uint64_t sim_trace_leaves(const struct sim_wire *w, unsigned dir,
			  const struct txv *v); /* its event */
void sim_trace_lost(struct sim_wire *w, const struct wire_tapped *t, int64_t now);
void sim_trace_in(struct sim_node *n, unsigned port, const struct frame *f, uint64_t cause);
void sim_trace_before(struct sim_node *n, uint64_t sum[static DROP_REASONS]);
void sim_trace_after(struct sim_node *n, const uint64_t before[static DROP_REASONS]);
void sim_trace_event(struct sim *s, const char *who, const struct event *ev);
void sim_trace_asked(struct sim_call *c, const struct request *q);
void sim_trace_timer(struct sim_node *n);
void sim_trace_cause(struct sim *s, uint64_t cause);
uint64_t sim_trace_now(const struct sim *s); /* the cause of what happens now */
void sim_trace_close(struct sim_wire *w);

/* calls.c */
struct call *sim_start(struct world *w, const struct request *r);
void sim_call_end(struct world *w, struct call *c);
void sim_calls_look(struct sim_node *n); /* after every call into its station: what is done now? */
void sim_call_late(struct sim_call *c);  /* its deadline is due */
void sim_heard(void *node, const struct frame *f); /* station_host.frame */

/* capture.c: frames of wires as pcapng, written through the setup's append() */
int sim_capture_open(struct sim *s, const struct sim_wire *w, int dir, const char *file,
		     const char *filter, unsigned *id,
		     struct err *e); /* w NULL: all wires; dir -1: both ways; filter NULL: all */
void sim_capture_tap(void *wire, const struct wire_tapped *t, int64_t now); /* wire_host.tap */
void sim_captures_close(struct sim *s);
void sim_captures_flush(struct world *w);
extern const struct cmd_row sim_capture_rows[]; /* ctx is the wire */

/* shell.c: the rows that only a shell has; ctx is the node or the wire */
extern const struct cmd_row sim_switch_rows[], sim_cable_rows[];
bool sim_commands(struct world *w, struct ref who, struct cmd_table table[static WORLD_TABLES],
		  int64_t *now);
void sim_told(struct world *w, struct ref who);

#endif
