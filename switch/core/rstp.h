/* SPDX-License-Identifier: MIT */
/* rstp.h - Rapid Spanning Tree (IEEE 802.1D-2004 clause 17, with the corrections of 802.1Q-2018
 * clause 13) as a pure machine beside the pipeline: it hears BPDUs and link changes, and acts
 * through port states only. `now` is ns and never goes back; ask rstp_next() after every call that
 * took it. Ports are 1..4095. One tree; what belongs to a tree is apart from what belongs to a
 * port. */
#ifndef DW_SWITCH_CORE_RSTP_H
#define DW_SWITCH_CORE_RSTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/heap.h"

enum {
	RSTP_PORT_MAX = 4095,
	RSTP_PORT_PRIORITY_DEFAULT = 128,
	RSTP_BRIDGE_PRIORITY_DEFAULT = 32768,
	RSTP_COST_MAX = 200000000,
	RSTP_FRAME_MAX = 60, /* an Ethernet frame with a BPDU, padded */
};

enum rstp_role { RSTP_DISABLED, RSTP_ROOT, RSTP_DESIGNATED, RSTP_ALTERNATE, RSTP_BACKUP };
enum rstp_state { RSTP_DISCARDING, RSTP_LEARNING, RSTP_FORWARDING };
enum rstp_p2p { RSTP_P2P_AUTO, RSTP_P2P_YES, RSTP_P2P_NO };

struct rstp_config {       /* per bridge; times in 1/256 s as on the wire */
	uint16_t priority; /* 0..61440 in steps of 4096 */
	uint16_t hello, max_age, fwd_delay;
	uint8_t tx_hold; /* BPDUs per port and second, 1..10 */
	uint8_t version; /* 2: RSTP; 0: speaks STP only (force version) */
};

struct rstp_port_config {     /* per port */
	uint32_t cost;        /* 0: from the link's speed */
	uint32_t priority;    /* 0..240 in steps of 16 */
	uint8_t p2p;          /* enum rstp_p2p */
	bool edge, auto_edge; /* AdminEdge, AutoEdge */
	bool bpdu_guard;      /* a BPDU takes the port down until it is set up again */
	bool bpdu_filter;     /* neither sends nor hears BPDUs */
	bool root_guard;      /* never a root port; says so in an event */
	bool loop_guard;      /* silence on a blocked or root port does not open it */
	bool restricted_role, restricted_tcn;
};

struct rstp_vector {   /* a priority vector, 17.5: lower is better */
	uint64_t root; /* bridge identifiers: 4 bits priority, 12 bits 0, 48 bits address */
	uint32_t cost;
	uint64_t bridge;
	uint16_t port; /* 4 bits priority, 12 bits number */
};

struct rstp_counters {
	uint64_t rx_rst, rx_config, rx_tcn, rx_bad, tx_rst, tx_config, tx_tcn;
	uint64_t changes; /* topology changes detected here */
};

struct rstp_port_view { /* what can be seen of a port */
	enum rstp_role role;
	enum rstp_state state;
	bool enabled, edge, p2p, rstp; /* operEdge, operPointToPointMAC, sendRSTP */
	bool agreed, proposing, disputed, guarded,
		shut; /* guarded: by root or loop guard; shut: by BPDU guard */
	uint32_t cost;
	uint16_t port_id;
	struct rstp_vector priority;   /* portPriority: the best heard or sent here */
	struct rstp_vector designated; /* designatedPriority: what this bridge would send */
	int64_t state_since_ns, info_left_ns, forward_left_ns, change_left_ns;
	struct rstp_counters counters;
};

struct rstp_view {               /* what can be seen of the bridge */
	struct rstp_vector root; /* rootPriority */
	unsigned root_port;      /* 0: this bridge is the root */
	uint64_t bridge;
	uint16_t message_age, max_age, hello, fwd_delay; /* rootTimes */
	uint64_t changes;
	int64_t last_change_ns; /* -1: none yet */
	unsigned last_change_port;
	const char
		*last_change_cause; /* opened: that port did; told: the neighbour there was heard */
};

struct rstp_move { /* a state machine took an arc; all strings live for ever */
	unsigned port;
	const char *machine, *from, *to; /* the standard's names */
	unsigned arc;                    /* its place in the machine's table */
};

struct rstp_host { /* notices */
	void (*tx)(void *ctx, unsigned port, const uint8_t *frame, uint32_t len);
	void (*state)(void *ctx, unsigned port, enum rstp_state s);
	void (*flush)(void *ctx, unsigned port); /* forget what was learned there */
	void (*role)(void *ctx, unsigned port, enum rstp_role r);
	void (*change)(void *ctx, unsigned port); /* topology change detected or heard on port */
	void (*shut)(void *ctx, unsigned port);   /* BPDU guard fired */
	void (*moved)(void *ctx, const struct rstp_move *m); /* NULL: nobody asks */
};

struct rstp;

void rstp_config_default(struct rstp_config *c);
void rstp_port_config_default(struct rstp_port_config *c);
int rstp_config_check(const struct rstp_config *c,
		      struct err *e); /* ranges and 17.14's relation; -EINVAL */
int rstp_port_config_check(const struct rstp_port_config *c, struct err *e);

struct rstp *rstp_new(const struct rstp_config *c, const uint8_t mac[static 6],
		      const struct rstp_host *host, void *ctx,
		      int64_t now); /* NULL: out of memory */
void rstp_free(struct rstp *r);
void rstp_apply(struct rstp *r, const struct rstp_config *c, int64_t now); /* checked before */
const struct rstp_config *rstp_config(const struct rstp *r);

/* Makes the port, or changes its settings. 0, -ENOMEM; -ERANGE: not 1..4095. */
int rstp_port_apply(struct rstp *r, unsigned port, const struct rstp_port_config *c, int64_t now);
void rstp_port_remove(struct rstp *r, unsigned port, int64_t now);
/* MAC_Operational and the facts of the link: shared media is not point-to-point; speed 0 counts as
 * 1 Gbit/s. Setting a port up anew also ends a shut-down by BPDU guard. */
void rstp_port_link(struct rstp *r, unsigned port, bool enabled, bool shared, uint64_t speed_bps,
		    int64_t now);
void rstp_mcheck(struct rstp *r, unsigned port, int64_t now);

/* A whole frame to 01-80-C2-00-00-00 with LLC 42-42-03. Bad ones are counted and forgotten. */
void rstp_rx(struct rstp *r, unsigned port, const uint8_t *frame, uint32_t len, int64_t now);

int64_t rstp_now(const struct rstp *r); /* the instant of the notice being given */
int64_t rstp_next(const struct rstp *r);
void rstp_tick(struct rstp *r, int64_t now);

enum rstp_state rstp_port_state(const struct rstp *r, unsigned port); /* no such port: forwarding */
bool rstp_port_view(const struct rstp *r, unsigned port, int64_t now, struct rstp_port_view *v);
void rstp_view(const struct rstp *r, struct rstp_view *v);
/* A digest of both views without timers and counters: the same while the tree stands as it is. */
uint64_t rstp_standing(const struct rstp *r);
const char *rstp_role_name(enum rstp_role r);
const char *rstp_state_name(enum rstp_state s);
/* Lower is better: negative, 0, positive. 17.6 without the same-port clause. */
int rstp_vector_cmp(const struct rstp_vector *a, const struct rstp_vector *b);

#endif
