/* SPDX-License-Identifier: MIT */
/* side.h - inside the wire: one direction of it, the frames on their way and the stages they pass.
 * A stage decides a frame's fate once, at the entry, by its ordinal; it acts when the frame comes
 * to it: hands it to the next stage, drops it, or keeps it until its time. */
#ifndef DW_WIRE_CORE_SIDE_H
#define DW_WIRE_CORE_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"
#include "lib/base/heap.h"
#include "lib/base/stream.h"
#include "wire/core/copula.h"
#include "wire/core/fixed.h"
#include "wire/core/wire.h"

enum {
	/* Frames that may enter while the far end takes nothing. The shell stops reading then, so
	 * this bounds only what a host that does not (the lab) piles up. */
	BLOCKED_MAX = 4096,
	LANES = 2, /* ordinary frames; frames to reserved addresses, which have ordinals of their
		      own */
	COPY_DRAWS =
		16, /* k of a draw: that many for each copy of a frame, the frame itself first */
};

#define ORDINAL_MASK (UINT64_MAX >> 1) /* of struct pass.n: above it stands the lane */

enum stage_id {
	STAGE_FILTER,
	STAGE_MTU,
	STAGE_LOSS,
	STAGE_DUPLICATE,
	STAGE_CORRUPT,
	STAGE_QUEUE,
	STAGE_REORDER,
	STAGE_DELAY,
	STAGE_NETEM,
	STAGE_DELIVER,
	STAGES
};

enum { /* struct pass.fate: what was decided at the entry */
       FATE_LOST = 1,
       FATE_TWICE = 2,
       FATE_CORRUPT = 4,
       FATE_OVERTAKE = 8,
       FATE_DAMAGED = 16, /* not decided, but done to it */
       FATE_BARE = 32,    /* not for impairing */
};

struct pass {            /* one frame on its way through a direction */
	struct frame f;  /* borrowed from the caller of wire_rx() until pass_keep() */
	uint64_t n;      /* ordinal at the entry, bit 63: lane */
	uint64_t jitter; /* uniform bits that choose its delay */
	int64_t in_ns;   /* when it entered the wire */
	int64_t due;     /* when it may leave, as far as the stages so far have said */
	uint64_t seq;    /* order among those with the same due */
	uint32_t copy;   /* 0: the frame itself; else which duplicate of it */
	uint8_t fate;
	bool kept; /* one reference to f.buf is ours */
};

struct chain { /* a law with memory of one bit: whether it struck the frame before */
	bool begun, on;
};

struct netem { /* what compat=netem remembers of the frames before */
	bool begun;
	uint32_t last[3]; /* answers of get_crandom(), by use */
	uint64_t counter; /* frames since one overtook */
	uint8_t loss_state;
};

struct lane { /* frames that count their ordinals, and step their chains, together */
	uint64_t ordinal;
	struct chain loss, twice;
	uint8_t loss_state;      /* Gilbert-Elliott: 1 is bad; four states: 0..3 */
	uint64_t since_overtake; /* frames */
	struct copula copula;
	struct netem netem;
};

struct node { /* a kept frame; from the pool, many to a buffer, reused until wire_free() */
	struct node *next;  /* in a list or in the free list; in a heap: next sibling */
	struct node *child; /* in a heap: first child */
	struct pass p;
};

struct fifo {
	struct node *head, *tail;
	uint64_t count, bytes; /* frames on the wire */
};

/* Frames between their last stage and the far end, by (due, seq). Frames that come in order are a
 * list; only those that overtake go to a pairing heap: nothing is allocated, 100,000 are no burden.
 */
struct line {
	struct fifo run;
	struct node *heap;
	uint64_t count, bytes;
};

/* When the last bit of the latest frame is out, exactly: ns + part / rate. No drift, ever. */
struct finish {
	bool was; /* there has been one */
	int64_t ns;
	uint64_t part; /* below the rate it was worked out with */
	uint64_t bps;
};

struct step { /* chances of a struct chain: to strike at first, after a strike, after none */
	uint64_t first, again, anew;
};

enum { LATE_BUCKETS = 256 };

struct meter {
	uint64_t late[LATE_BUCKETS]; /* frames by how late they left */
	uint64_t too_late;           /* beyond the tolerance */
	int64_t window_ns;           /* since when window_bytes are counted */
	uint64_t window_bytes, bps;
};

struct side;

/* What lets a frame start: a rate, a trace of opportunities, slots. Times are exact however late a
 * tick is. */
struct server {
	void (*arrive)(struct side *s,
		       int64_t now); /* a frame came to an empty queue; NULL: no matter */
	int64_t (*free_at)(const struct side *s); /* when the next frame may start */
	/* It starts at `now`, or when the server is free; returns when it is through. */
	int64_t (*send)(struct side *s, uint32_t len, int64_t now);
};

enum {
	TRACE_BYTES = 1504
}; /* in one opportunity: as Mahimahi's link_queue.cc counts, its manual says 1500 */

uint64_t rate_billed(const struct wire_law *law,
		     uint32_t len); /* bytes of the line that a frame takes */

extern const struct server server_rate, server_trace, server_slot;

struct opportunity { /* of a trace */
	const struct wire_trace *of;
	int64_t start_ns; /* when the trace began */
	int64_t round;
	size_t next;     /* in this round */
	int64_t last_ns; /* the latest that was used */
	uint32_t left;   /* bytes of it that were not */
};

struct slot {
	int64_t at;
	uint64_t count;          /* slots so far: ordinal of their draws */
	uint64_t packets, bytes; /* still to go in it */
};

struct red {          /* Floyd and Jacobson 1993 */
	uint64_t avg; /* of the queue, 34.30 */
	int64_t idle_since;
	uint64_t since_drop; /* frames, when avg is between the thresholds */
};

struct codel { /* RFC 8289, 5.3, by its names */
	int64_t first_above_time, drop_next;
	uint64_t count, lastcount;
	uint32_t maxpacket;
	bool dropping;
};

struct side {
	struct wire *w;
	enum wire_dir dir;
	const struct wire_law *law;
	struct stream stream[STAGES];
	const struct stage *path[STAGES + 1];  /* the stages this law needs, in order; NULL ends */
	const struct stage *begin[STAGES + 1]; /* those of them that decide at the entry */
	struct lane lane[LANES];
	struct step loss_step, twice_step; /* worked out from the law */
	struct wire_stats stats;
	struct meter meter;
	u128 ber_neg_ln;             /* -ln(1 - ber), 64.64 */
	struct fifo queue;           /* waits for the server */
	const struct server *server; /* NULL: nothing waits */
	struct finish finish;        /* of the frame that was last sent at the rate */
	struct opportunity opportunity;
	struct slot slot;
	struct red red;
	struct codel codel;
	int64_t last_due; /* of the frames so far: order is kept where reordering was not asked for
			   */
	uint64_t next_seq;
	struct line line;
	unsigned since_block; /* frames that came while the far end took nothing */
	bool blocked;         /* the last tx took fewer than given */
	bool straight; /* no stage but the last: a frame may leave in the call that brought it */
	bool leaving;  /* a stage stays in the path only for the frames it keeps */
};

struct moves { /* of the law along its chain */
	const struct wire_markov *chain;
	struct wire_law (*law)[WIRE_DIRS]; /* of each node; owned */
	struct stream stream;
	unsigned node;
	int64_t begun_ns;
	uint64_t steps; /* so far */
};

struct wire {
	struct wire_config config;
	struct moves moves;
	struct wire_host host;
	void *ctx;
	struct pool *pool;
	struct side side[WIRE_DIRS];
	struct node *spare; /* free nodes */
	struct buf *chunks; /* the pooled buffers they live in, linked through their first word */
	uint64_t generation, wanted;
	bool present[2], carrier[2];
	bool cut, silent, hold, tapped;
	int64_t now;         /* of the call in progress, for the tap */
	int64_t applied_at;  /* when the configuration became this one */
	int64_t released_at; /* the last hold ended then: what it held was due no earlier */
};

/* One call into a direction: `now`, and departures collected for one tx. */
struct run {
	struct side *s;
	int64_t now;
	unsigned count;
	struct departure {
		struct pass p;
		struct node *node; /* NULL: went straight through; else its frame is node->p.f */
	} out[BATCH_MAX];
	struct txv v[BATCH_MAX];
};

struct stage {
	const char *name; /* of its random stream */
	bool takes_bare;  /* also frames that the filter does not match */
	bool (*wanted)(
		const struct side *s); /* has it anything to do: by the law, or frames to let go? */
	void (*prepare)(
		struct side *s); /* the law is new: works out what it needs; NULL: nothing */
	/* The law of a fate: reads p->n, writes p->fate or p->jitter. Called for every ordinal,
	 * also of frames that an earlier stage will drop, so that chains step once per ordinal; and
	 * with `l` NULL for a duplicate (p->copy), which steps no chain. NULL: decides nothing. */
	void (*begin)(struct side *s, struct lane *l, struct pass *p);
	/* Takes the frame: pass_on(r, at, p), pass_drop(), or keeps it. `at` is its place in the
	 * path. NULL: only decides. */
	void (*enter)(struct run *r, const struct stage *const *at, struct pass *p);
	/* Of a stage that keeps frames, else NULL: when one is due; those due at r->now move on;
	 * all of them are dropped. */
	int64_t (*next)(const struct side *s);
	void (*tick)(struct run *r, const struct stage *const *at);
	void (*flush)(struct side *s, enum drop_reason why);
};

extern const struct stage stage_filter, stage_mtu, stage_loss, stage_duplicate, stage_corrupt,
	stage_queue, stage_reorder, stage_delay, stage_netem, stage_deliver;

/* pipeline.c: the order */
void side_route(struct side *s); /* path from law */
const struct stage *stage_at(enum stage_id id);

/* Into the stage at `at`, or the first one behind it that takes such a frame; the last takes all.
 */
static inline void pass_into(struct run *r, const struct stage *const *at, struct pass *p)
{
	if (p->fate & FATE_BARE)
		while (!(*at)->takes_bare)
			at++;
	(*at)->enter(r, at, p);
}

static inline void pass_on(struct run *r, const struct stage *const *at, struct pass *p)
{
	pass_into(r, at + 1, p);
}

/* The bits of draw `k` of a stage for this frame or copy. */
static inline uint64_t pass_draw(const struct side *s, enum stage_id id, const struct pass *p,
				 uint32_t k)
{
	return draw(s->stream[id], p->n, p->copy * COPY_DRAWS + k);
}

/* chain.c */
struct step step_correlated(uint64_t p, uint64_t corr); /* mean p, correlation of neighbours corr */
/* Mean p, runs of `burst_milli` / 1000 on average. false: no chain has both. */
bool step_bursts(struct step *step, uint64_t p, uint64_t burst_milli);
bool chain_step(struct chain *c, const struct step *step, uint64_t bits);

/* loss.c: the chains; `state` is theirs. Is the frame lost? */
bool loss_gilbert_elliott(const struct wire_law *law, uint8_t *state, uint64_t move, uint64_t hit);
bool loss_four_states(const struct wire_law *law, uint8_t *state, uint64_t bits);

/* corrupt.c: flips what p->fate and the law say. false: no buffer, the frame is dropped. */
bool corrupt_strike(struct side *s, struct pass *p);

void pass_tap(const struct side *s, const struct pass *p,
	      enum drop_reason why); /* wire.c; only if w->tapped */

/* keep.c: frames that stay */
void pass_drop(struct side *s, struct pass *p, enum drop_reason why);
struct node *pass_keep(struct side *s, const struct pass *p); /* NULL: dropped, counted no-buffer */
void node_done(struct wire *w, struct node *n); /* back to the spare ones; its frame has moved on */
void nodes_free(struct wire *w);
void fifo_push(struct fifo *q, struct node *n);
struct node *fifo_pop(struct fifo *q); /* NULL: empty */

/* line.c */
void line_add(struct line *l, struct node *n); /* by (n->p.due, n->p.seq) */
struct node *line_head(const struct line *l);  /* NULL: empty */
struct node *line_pop(struct line *l);

/* meter.c */
void meter_delivered(struct side *s, const struct frame *f, int64_t in_ns, int64_t now);
void meter_read(const struct side *s, struct wire_stats *st);

/* deliver.c */
void run_flush(struct run *r); /* gives the collected departures to the host */

bool queue_has_law(const struct wire_law *law); /* is there a rate, a trace, slots? */

/* red.c, codel.c: disciplines */
/* Is this frame, which comes to a busy server, to be dropped? */
bool red_drops(struct side *s, const struct pass *p, int64_t now);
void red_idle(struct side *s, int64_t now); /* the queue is empty from now on */
void red_busy(struct side *s);              /* a frame waits in it */
void codel_drop(struct side *s,
		int64_t start); /* before the head starts: drops some, perhaps all */
void queue_drop_head(struct side *s, enum drop_reason why);

#endif
