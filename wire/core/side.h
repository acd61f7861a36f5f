/* SPDX-License-Identifier: MIT */
/* side.h - inside the wire: one direction of it, the frames on their way and the stages they pass.
 * A stage takes a frame and hands it to the next one, drops it, or keeps it until its time. */
#ifndef DW_WIRE_CORE_SIDE_H
#define DW_WIRE_CORE_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"
#include "lib/base/heap.h"
#include "lib/base/stream.h"
#include "wire/core/wire.h"

enum {
	/* Frames that may enter while the far end takes nothing. The shell stops reading then, so
	 * this bounds only what a host that does not (the lab) piles up. */
	BLOCKED_MAX = 4096,
	LANES = 2, /* ordinary frames; frames to reserved addresses, which have ordinals of their
		      own */
};

enum stage_id { STAGE_MTU, STAGE_LOSS, STAGE_QUEUE, STAGE_DELAY, STAGE_DELIVER, STAGES };

struct pass {           /* one frame on its way through a direction */
	struct frame f; /* borrowed from the caller of wire_rx() until pass_keep() */
	uint64_t n;     /* ordinal at the entry, bit 63: lane */
	int64_t in_ns;  /* when it entered the wire */
	int64_t due;    /* when it may leave, as far as the stages so far have said */
	uint64_t seq;   /* order among those with the same due */
	bool kept;      /* one reference to f.buf is ours */
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
	int64_t ns;
	uint64_t part; /* below the rate it was worked out with */
	uint64_t bps;
};

struct side {
	struct wire *w;
	enum wire_dir dir;
	const struct wire_law *law;
	struct stream stream[STAGES];
	const struct stage *path[STAGES + 1]; /* the stages this law needs, in order; NULL ends */
	uint64_t ordinal[LANES];
	struct wire_stats stats;
	struct fifo queue;    /* waits for the rate */
	struct finish finish; /* of the frame that was last sent at the rate */
	int64_t last_due; /* of the frames so far: order is kept where reordering was not asked for
			   */
	uint64_t next_seq;
	struct line line;
	unsigned since_block; /* frames that came while the far end took nothing */
	bool blocked;         /* the last tx took fewer than given */
	bool straight; /* no stage but the last: a frame may leave in the call that brought it */
	bool leaving;  /* a stage stays in the path only for the frames it keeps */
};

struct wire {
	struct wire_config config;
	struct wire_host host;
	void *ctx;
	struct pool *pool;
	struct side side[WIRE_DIRS];
	struct node *spare; /* free nodes */
	struct buf *chunks; /* the pooled buffers they live in, linked through their first word */
	uint64_t generation, wanted;
	bool present[2], carrier[2];
	bool cut, silent, hold;
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
	bool (*wanted)(
		const struct side *s); /* has it anything to do: by the law, or frames to let go? */
	/* Takes the frame: pass_on(r, at, p), pass_drop(), or keeps it. `at` is its place in the
	 * path. */
	void (*enter)(struct run *r, const struct stage *const *at, struct pass *p);
	/* Of a stage that keeps frames, else NULL: when one is due; those due at r->now move on;
	 * all of them are dropped. */
	int64_t (*next)(const struct side *s);
	void (*tick)(struct run *r, const struct stage *const *at);
	void (*flush)(struct side *s, enum drop_reason why);
};

extern const struct stage stage_mtu, stage_loss, stage_queue, stage_delay, stage_deliver;

/* pipeline.c: the order */
void side_route(struct side *s); /* path from law */
const struct stage *stage_at(enum stage_id id);

static inline void pass_on(struct run *r, const struct stage *const *at, struct pass *p)
{
	at[1]->enter(r, at + 1, p);
}

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

/* deliver.c */
void run_flush(struct run *r); /* gives the collected departures to the host */

/* rate.c */
bool rate_is_busy(const struct side *s, int64_t now);
int64_t rate_free_at(const struct side *s); /* the ns by which the last bit is out */
int64_t rate_send(struct side *s, uint32_t len,
		  int64_t now); /* that of a frame which starts now or then */

#endif
