/* SPDX-License-Identifier: MIT */
/* rstp_inner.h - inside of RSTP: the variables of 802.1D-2004 17.17-17.20 under their own names,
 * the shape of a state machine, and the one runner. Private to switch/core/rstp*.c. A machine is a
 * table: conditions only read, entry actions only write, rstp_run.c alone writes a state. */
#ifndef DW_SWITCH_CORE_RSTP_INNER_H
#define DW_SWITCH_CORE_RSTP_INNER_H

#include "switch/core/rstp.h"
#include "switch/core/rstp_bpdu.h"

#define RSTP_TICK_NS (INT64_C(1000000000) / 256) /* the unit of times on the wire */
#define MIGRATE_TIME_NS INT64_C(3000000000)      /* 17.13.9 */
#define SECOND_NS INT64_C(1000000000)
#define RSTP_CLAIM_NS (SECOND_NS / 100) /* how long a claim by old news waits for better */

/* 17.17. The first five are of a port in a tree, the others of a port; TX_TICK counts txCount down,
 * 17.26; TX_PACE keeps BPDUs apart, see rstp_transmit.c and designated_port(). */
enum rstp_timer {
	FD_WHILE,
	RB_WHILE,
	RCVD_INFO_WHILE,
	RR_WHILE,
	TC_WHILE,
	RSTP_TREE_TIMERS,
	EDGE_DELAY_WHILE = RSTP_TREE_TIMERS,
	HELLO_WHEN,
	MDELAY_WHILE,
	TX_TICK,
	TX_PACE,
	RSTP_TIMERS
};

/* The standard counts seconds down and holds some timers up by re-entering a state at every tick
 * ("fdWhile != MaxAge"). Here a timer is a deadline, and holding it up is a state of its own. */
struct rstp_while {
	int64_t due; /* ns; RSTP_HELD: stands at span; in the past: zero */
	int64_t span;
};
#define RSTP_HELD INT64_MAX

enum rstp_info_is { INFO_DISABLED, INFO_AGED, INFO_MINE, INFO_RECEIVED };
enum rstp_rcvd {
	OTHER_INFO,
	SUPERIOR_DESIGNATED,
	REPEATED_DESIGNATED,
	INFERIOR_DESIGNATED,
	INFERIOR_ROOT_ALTERNATE
};

enum rstp_machine_id { PRX, PPM, BDM, PIM, PRT, PST, TCM, PTX, RSTP_MACHINES }; /* in their order */
enum { RSTP_TREE_MACHINES = TCM - PIM + 1 };                                    /* run per tree */

/* What belongs to a port in one tree, 17.19. There is one tree; Multiple Spanning Trees would have
 * one of these for each. */
struct rstp_port_tree {
	struct rstp_while timer[RSTP_TREE_TIMERS];
	uint8_t at[RSTP_TREE_MACHINES]; /* states of PIM to TCM; 0: not begun */
	uint16_t portId;
	uint32_t PortPathCost;
	enum rstp_role role, selectedRole;
	enum rstp_info_is infoIs;
	enum rstp_rcvd rcvdInfo;
	struct rstp_vector portPriority, designatedPriority, msgPriority;
	struct bpdu_times portTimes, designatedTimes, msgTimes;
	bool agree, agreed, disputed, forward, forwarding, learn, learning;
	bool proposed, proposing, rcvdMsg, rcvdTc, reRoot, reselect, selected;
	bool sync, synced, tcProp, updtInfo;
	bool loopGuarded, rootGuarded;
	int64_t heard; /* when portPriority was last received */
	int64_t state_since;
};

struct rstp_port { /* what belongs to the port, whatever the tree */
	struct rstp *r;
	unsigned no;
	struct rstp_port_config cfg;
	struct deadline d; /* the earliest of its timers */
	struct rstp_while timer[RSTP_TIMERS - RSTP_TREE_TIMERS];
	uint8_t at[RSTP_MACHINES]; /* states of the others */
	bool dirty;                /* its conditions want a look */
	int64_t looked;            /* when its conditions were last looked at */
	bool ran;                  /* they had one in this run: it may transmit */
	bool MAC_Operational, portEnabled, operPointToPointMAC, operEdge;
	bool shared;
	bool rcvdBPDU, rcvdRSTP, rcvdSTP, rcvdTcAck, rcvdTcn, sendRSTP, mcheck, newInfo, tcAck,
		shut;
	bool edgeAsked; /* AdminEdge was set while the port was up */
	unsigned txCount;
	int64_t sent; /* when a BPDU last went out */
	uint64_t speed_bps;
	struct bpdu msg; /* the one being received */
	struct rstp_counters counters;
	struct rstp_port_tree tree;
};

struct rstp {
	struct rstp_config cfg;
	uint8_t mac[6];
	const struct rstp_host *host;
	void *ctx;
	struct rstp_port **port;       /* by number; NULL: none */
	unsigned room, count, highest; /* of the table; ports there are; highest number in use */
	struct heap heap;
	int64_t now; /* of the call, or of the deadline being served */
	bool all_dirty, reselect;
	/* 17.18 */
	uint64_t BridgeIdentifier;
	struct bpdu_times BridgeTimes, rootTimes;
	struct rstp_vector rootPriority;
	unsigned rootPort; /* number, 0: none */
	uint64_t changes;
	int64_t last_change;
	unsigned last_change_port;
	const char *last_change_cause;
};

#define EACH_PORT(r, p)                                                                            \
	for (unsigned p##_no = 1; p##_no <= (r)->highest; p##_no++)                                \
		for (struct rstp_port *p = (r)->port[p##_no]; p; p = NULL)

/* ---- machines as tables ---- */
enum { ANY = 0 };

struct rstp_arc {
	uint8_t from; /* ANY: from every state, tried before the others */
	bool (*when)(const struct rstp_port *p);
	uint8_t to;
};

struct rstp_box { /* a state: its name and what is done on entry */
	const char *name;
	void (*enter)(struct rstp_port *p);
	bool local; /* changes nothing that another port's conditions read */
};

struct rstp_machine {
	const char *name;
	const struct rstp_arc *arcs; /* first that holds; ended by when == NULL */
	const struct rstp_box *box;  /* by state, from 1 */
	uint8_t begin;
};

extern const struct rstp_machine rstp_prx, rstp_ppm, rstp_bdm, rstp_pim, rstp_prt, rstp_pst,
	rstp_tcm, rstp_ptx;

bool rstp_always(const struct rstp_port *p); /* UCT */

/* rstp_run.c: runs what is dirty until all is still, then lets ports transmit. */
void rstp_run(struct rstp *r);
void rstp_begin_port(struct rstp_port *p); /* BEGIN, 17.19 */
void rstp_touch(struct rstp_port *p);
void rstp_touch_all(struct rstp *r);

/* rstp_timers.c */
void timer_start(struct rstp_port *p, enum rstp_timer t, int64_t span_ns); /* 0: stops it */
void timer_hold(struct rstp_port *p, enum rstp_timer t, int64_t span_ns);
void timer_release(struct rstp_port *p, enum rstp_timer t); /* a held one runs from now */
const struct rstp_while *timer_of(const struct rstp_port *p, enum rstp_timer t);
bool timer_zero(const struct rstp_port *p, enum rstp_timer t);
bool timer_held(const struct rstp_port *p, enum rstp_timer t);
bool timer_held_at(const struct rstp_port *p, enum rstp_timer t, int64_t span_ns);
int64_t timer_left(const struct rstp_port *p, enum rstp_timer t);
int64_t timer_left_at(const struct rstp_port *p, enum rstp_timer t, int64_t now);
void timers_key(struct rstp_port *p);  /* puts the earliest into the heap */
void timers_pass(struct rstp_port *p); /* before each look at its conditions */

/* rstp_params.c: 17.20, in ns, of the port's designated times */
int64_t rstp_hello(const struct rstp_port *p);
int64_t rstp_fwd_delay(const struct rstp_port *p);
int64_t rstp_max_age(const struct rstp_port *p);
int64_t rstp_forward_delay(const struct rstp_port *p); /* 17.20.5 */
int64_t rstp_edge_delay(const struct rstp_port *p);    /* 17.20.4 */
bool rstp_version(const struct rstp_port *p);          /* 17.20.11 */
bool rstp_sparing(const struct rstp_port *p); /* half of the hold count is spent, or just was */
void rstp_port_params(
	struct rstp_port *p); /* portId, PortPathCost, operPointToPointMAC, portEnabled */
bool times_same(const struct bpdu_times *a, const struct bpdu_times *b);

/* rstp_select.c: 17.21.25 and 17.28 */
void rstp_select(struct rstp *r);

#endif
