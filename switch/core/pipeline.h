/* SPDX-License-Identifier: MIT */
/* pipeline.h - inside of the bridge: its state, and the stages a batch goes through, in their
 * order. Private to switch/core. A stage has a function that decides (it reads, and says PASS or a
 * drop reason) in a file of its own; pipeline.c acts on what was decided. */
#ifndef DW_SWITCH_CORE_PIPELINE_H
#define DW_SWITCH_CORE_PIPELINE_H

#include "lib/base/gso.h"
#include "lib/base/heap.h"
#include "switch/core/bridge.h"
#include "switch/core/flap.h"
#include "switch/core/portset.h"
#include "switch/core/trace.h"

#define PASS DROP_REASONS        /* of a decision: not lost here */
#define TAKEN (DROP_REASONS + 1) /* of a decision: for a machine that runs here */

struct qnode;

struct queue { /* frames that wait for the endpoint, oldest first */
	struct qnode *head, *tail;
};

struct counters { /* wire frames; drops[] are in_drops and out_drops by reason */
	uint64_t rx_frames, rx_bytes, tx_frames, tx_bytes, in_drops, out_drops, drops[DROP_REASONS];
};

struct port {
	unsigned no;
	bool fresh;            /* made, not yet set: goes again if its neighbours cannot be made */
	bool present;          /* an endpoint is behind it */
	const char *shut;      /* which guard shut it; NULL: none */
	bool live;             /* up, present and not shut: frames come in, control frames go out */
	bool open;             /* live, and the spanning tree lets frames cross */
	enum rstp_state state; /* of the spanning tree; forwarding where none runs */
	bool copies_only;      /* a mirror ends here */
	bool each;             /* egress_decide() depends on more than the frame's VLAN */
	uint32_t queued;       /* wire frames in `data`, never over cfg.queue when they came */
	uint64_t mask;         /* of this batch: the frames that leave here */
	struct queue control, data; /* control goes first and is exempt from the limit */
	struct counters count;
	struct counters seen; /* when its rates were measured ... */
	int64_t seen_ns;      /* ... which was then */
	uint64_t alarmed;     /* bit r: drops for reason r are over cfg.drop_alarm */
	struct port_rate rate;
	struct link_info link;
	struct port_config cfg;
};

struct timer { /* one deadline of one machine, in the bridge's heap */
	struct deadline d;
	void (*run)(struct bridge *b, int64_t now);
};

struct rates { /* see rates.h */
	struct timer timer;
	int64_t started_ns, begun_ns; /* with the first frame; this round */
	unsigned next;                /* port of this round */
	bool runs, busy;              /* busy: this round found something new */
};

enum {
	MEMBERS_ROW = 64
}; /* most switches name a few VLANs: memory for those and their neighbours */

struct bridge {
	struct bridge_config cfg;
	const struct bridge_host *host;
	void *ctx;
	struct pool *pool;
	struct fdb *fdb;
	struct port **port;                  /* 0..cfg.numports; NULL: no such port */
	struct portset exist, open, touched; /* touched: this batch leaves there */
	struct portset everywhere;           /* members of VLANs 1..4094, too many to name */
	uint64_t **members[VID_COUNT / MEMBERS_ROW]; /* see members_of(); rows of named VLANs */
	struct flaps flaps;
	struct heap heap;
	struct timer fdb_timer, tree_timer;
	struct rates rates;
	struct rstp *tree;                    /* NULL: none runs */
	bool tree_stands;                     /* its links have been told to it */
	bool guard_fired;                     /* in the call to it that is just over */
	uint64_t wanted;                      /* events */
	bool mirrors;                         /* there are some */
	struct bpf *filter[MIRRORS_MAX];      /* what each of them sees; NULL: everything */
	struct bpf *filter_next[MIRRORS_MAX]; /* between mirror_reserve() and mirror_set() */
	bool tapped;                          /* somebody wants to see the frames */
	uint64_t gen[2];
	bool tree_ran;          /* since somebody asked for BRIDGE_GEN_STATE */
	uint64_t tree_standing; /* its digest then: most of what it does is to say the same again */
	uint64_t originated, trapped, forwarded, copies;
	struct counters gone; /* of ports that were removed */
};

struct batch { /* what came in on one port at one instant */
	struct bridge *b;
	struct port *in;
	struct frame *f;
	unsigned n;
	int64_t now;
	uint64_t live;          /* bit i: frame i is still on its way */
	uint64_t refused;       /* of those live: lost at the owner's port */
	uint8_t why[BATCH_MAX]; /* enum drop_reason of those not live (PASS: trapped) or refused */
	uint64_t src[BATCH_MAX], dst[BATCH_MAX]; /* keys in the address table */
	unsigned to[BATCH_MAX];                  /* owner port, or TO_FLOOD */
	uint64_t whole, classified;              /* got past ingress; their VLAN is known */
	uint64_t ruled;                          /* by vepa_decide(): it says where to */
	uint64_t choosy,
		unowned; /* floods that not every member gets; those for promiscuous ports only */
	unsigned spared[BATCH_MAX]; /* of choosy frames: the port that must not get it, or FDB_NONE
				     */
	struct trace *trace;        /* write down what was decided, do nothing; NULL: do it */
	bool shut;                  /* the port is to be shut when this batch is over */
	uint64_t kept;              /* borrowed frames that were copied for a queue ... */
	const uint8_t *data[BATCH_MAX]; /* ... and where their bytes were */
};

enum { TO_FLOOD = FDB_NONE };

/* Ports that name the VLAN, as many words as a portset; NULL: none. */
static inline uint64_t *members_of(const struct bridge *b, unsigned vid)
{
	uint64_t **row = b->members[vid / MEMBERS_ROW];
	return row ? row[vid % MEMBERS_ROW] : NULL;
}

/* ingress.c: is the port open, is it a frame at all, or a bundle of them? Parses. */
enum drop_reason ingress_decide(const struct port *in, struct frame *f);
/* vlan.c, members.c: which VLAN, who is in it, with which tag; see vlan.h. */
int members_reserve(struct bridge *b,
		    const struct vlan_port *v); /* before members_put(); 0 or -ENOMEM */
void members_put(struct bridge *b, const struct port *p, bool in);
int members_grow(struct bridge *b, unsigned words); /* for more ports; 0 or -ENOMEM */
void members_fini(struct bridge *b);
/* control.c: frames to reserved addresses. */
unsigned control_decide(const struct bridge *b, const struct port *in, const struct frame *f);
void control_act(struct batch *t, unsigned i); /* gives a frame that is TAKEN to its machine */
/* tree.c: the spanning tree beside the pipeline. */
void tree_init(struct bridge *b);
int tree_reserve(struct bridge *b, const struct bridge_config *c, int64_t now); /* 0 or -ENOMEM */
void tree_apply(struct bridge *b, int64_t now); /* b->cfg has changed */
int tree_port_reserve(struct bridge *b, unsigned port, int64_t now);
void tree_port_apply(struct bridge *b, struct port *p,
		     int64_t now); /* p->cfg, its link or p->live has */
void tree_port_remove(struct bridge *b, unsigned port, int64_t now);
void tree_rx(struct bridge *b, struct port *in, const struct frame *f, int64_t now);
/* learn.c: is the source to be learned, and may it? Then learns it and tells. */
bool learn_wanted(const struct bridge *b, const struct port *in, const struct frame *f);
enum drop_reason learn_decide(const struct batch *t, unsigned i, struct fdb_meeting *m);
void learn_act(struct batch *t, unsigned i, const struct fdb_meeting *m);
/* vepa.c: where a frame goes at an edge relay, if it is one in the frame's VLAN; sets t->to[i] and
 * who is left out. Then, for a choosy frame: may this port have it? */
bool vepa_rules(const struct batch *t, unsigned i);
enum drop_reason vepa_decide(struct batch *t, unsigned i);
enum drop_reason vepa_egress(const struct batch *t, const struct port *out, unsigned i);
bool reflects(const struct bridge *b, const struct port *in,
	      const struct frame *f); /* back to where it came from */
/* table.c: what is told of the address table */
void table_init(struct bridge *b);
void table_flushed(struct bridge *b, unsigned port, unsigned vid, const char *why,
		   int64_t now); /* 0: all */
/* forward.c: the owner, everybody, or nobody. */
enum drop_reason forward_decide(const struct batch *t, unsigned i, unsigned *to);
/* egress.c: may the frame leave there? Then puts it on its way. */
enum drop_reason egress_decide(const struct batch *t, const struct port *out,
			       const struct frame *f);
/* The frame as it leaves there: PASS or DROP_OVERSIZE. */
enum drop_reason egress_header(const struct batch *t, const struct port *p, const struct frame *f,
			       struct txv *v);
void egress_act(struct batch *t);
void egress_lose(struct batch *t, struct port *p, const struct txv *v, enum drop_reason why);
void egress_send(struct batch *t, struct port *p, const struct txv *v,
		 unsigned n); /* or queues or drops; t->b->copies has them */
void egress_purge(struct bridge *b, struct port *p, enum drop_reason why,
		  int64_t now); /* the queues are lost */
void egress_purge_data(struct bridge *b, struct port *p, enum drop_reason why,
		       int64_t now); /* all but control */
void egress_originate(struct bridge *b, struct port *p, const uint8_t *bytes, uint32_t len,
		      int64_t now);
/* a control frame of our own */
uint64_t egress_queued(const struct port *p); /* wire frames that wait, counted one by one */
/* mirror.c */
int mirror_reserve(struct bridge *b, const struct mirror_config *c,
		   struct err *e); /* 0, -ENOMEM, -EINVAL, -EOPNOTSUPP */
void mirror_set(struct bridge *b, const struct mirror_config *c); /* before b->cfg has it */
void mirror_fini(struct bridge *b);
void mirror_mark(struct bridge *b, struct port *p); /* is it for copies alone? */
void mirror_mark_all(struct bridge *b);             /* b->cfg.mirror has changed */
void mirror_act(struct batch *t); /* before egress_act(), which empties the masks */
void mirror_originated(struct batch *t,
		       const struct port *from); /* a frame of our own leaves there */
/* tap.c: what somebody who wants to see the frames is told */
void tap_in(const struct batch *t); /* after the decisions: all that came in, in order */
void tap_out(struct bridge *b, const struct port *p, const struct txv *v, unsigned n,
	     enum drop_reason why, int64_t now);
/* trace.c */
void trace_met(struct batch *t, unsigned i, const struct fdb_meeting *m);
unsigned trace_owner(const struct batch *t, unsigned i, uint64_t key,
		     unsigned owner); /* as if it had been learned */
void trace_egress(struct batch *t);

void drop_out(struct port *p, const struct frame *f, enum drop_reason why);

/* bridge.c; the halves of bridge_apply() */
int bridge_reserve(struct bridge *b, const struct bridge_config *c, int64_t now,
		   struct err *e); /* 0, or as mirror_reserve() */
void bridge_set(struct bridge *b, const struct bridge_config *c, int64_t now);
void bridge_event(struct bridge *b, const struct event *ev);
void bridge_fdb_changed(struct bridge *b); /* re-keys its deadline */
bool bridge_wants(const struct bridge *b, enum event_kind kind);

/* ports.c */
struct port *bridge_port(const struct bridge *b, unsigned port); /* NULL: none */
void port_reopen(struct bridge *b, struct port *p,
		 int64_t now); /* after anything that `live` and `open` depend on */
void port_shut(struct bridge *b, struct port *p, const char *why, int64_t now);
/* The two halves of bridge_port_apply() after the check: what may fail (-ENOMEM; then all ports
 * that were made and not yet set are gone again), and what cannot. */
int bridge_port_reserve(struct bridge *b, unsigned port, const struct port_config *c, int64_t now,
			struct err *e);
void bridge_port_set(struct bridge *b, unsigned port, const struct port_config *c, int64_t now);
int port_config_check(const struct bridge *b, unsigned port, const struct port_config *c,
		      struct err *e);

#endif
