/* SPDX-License-Identifier: MIT */
/* bridge.h - the switch core: a pure machine. Frames, settings and time go in; frames, events and
 * deadlines come out. No I/O, no clock, no globals. `now` is ns on a clock that never goes back;
 * ask bridge_next() once after every call that took it. Ports are 0 (management) and 1..numports.
 */
#ifndef DW_SWITCH_CORE_BRIDGE_H
#define DW_SWITCH_CORE_BRIDGE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/bpf.h"
#include "lib/base/drop.h"
#include "lib/base/err.h"
#include "lib/base/event.h"
#include "lib/base/frame.h"
#include "lib/base/pieces.h"
#include "lib/proto/cmd.h"
#include "switch/core/fdb.h"
#include "switch/core/mirror.h"
#include "switch/core/reserved.h"
#include "switch/core/rstp.h"
#include "switch/core/vepa.h"
#include "switch/core/vlan.h"

enum {
	BRIDGE_PORT_MAX = 65535,
	BRIDGE_PORTS_DEFAULT = 32,
	PORT_NAME_MAX = 32,
	DROP_ALARM_DEFAULT = 100,
	PORT_QUEUE_DEFAULT = 256, /* frames that wait at a port whose endpoint is full */
	PORT_QUEUE_MAX = 1 << 20,
};

struct bridge;

struct port_config {              /* one value; see portkeys.h for how people write it */
	char name[PORT_NAME_MAX]; /* "" : none; begins with a letter */
	char descr[64];
	bool up;         /* administrative */
	bool learn;      /* sources heard here go into the address table */
	bool isolated;   /* nothing between this and other isolated ports */
	bool promisc;    /* at an edge relay: also gets unicast from the uplink that nobody owns */
	uint8_t reflect; /* enum reflect: a frame may leave by the port it came in by */
	uint32_t queue;  /* egress limit, frames */
	uint32_t limit;  /* of learned addresses; 0: none */
	uint8_t limit_action; /* enum limit_action: of a frame whose source would be one too many */
	uint8_t reserved[RESERVED_ADDRESSES]; /* enum reserved_policy */
	struct vlan_port vlan;
	struct rstp_port_config tree; /* of the spanning tree */
};

enum limit_action { LIMIT_DROP, LIMIT_SHUTDOWN };

struct bridge_config { /* one value */
	uint8_t mac[6];
	bool rstp;               /* runs the spanning tree; never as a hub */
	struct rstp_config tree; /* its parameters */
	bool hub;                /* repeat everything everywhere */
	unsigned numports;
	uint64_t seed;       /* of the address table's hash */
	int64_t age_ns;      /* addresses are forgotten after this silence; default 300 s */
	int64_t persist_ns;  /* a station heard less long ago does not move; default 0 */
	size_t fdb_max;      /* entries at most; default 1 M */
	uint32_t drop_alarm; /* an event when a port loses so many a second for one reason; 0: never
			      */
	struct vlan_table vlan;
	struct vepa_config vepa; /* never as a hub */
	struct mirror_config mirror;
};

struct link_info {          /* what the endpoint behind a port is like */
	bool shared;        /* several peers: not point-to-point */
	uint64_t speed_bps; /* 0: has none, counts as 1 Gbit/s */
};

struct port_rate { /* of the last whole second */
	uint64_t rx_frames, rx_bytes, tx_frames, tx_bytes, drops;
};

struct port_stats { /* wire frames */
	uint64_t rx_frames, rx_bytes, tx_frames, tx_bytes;
	uint64_t queued; /* in the egress queue now */
	uint64_t drops[DROP_REASONS];
	struct port_rate rate;
};

struct bridge_stats { /* the law: rx + originated = ingress_drops + trapped + forwarded;
		       * copies(forwarded) = tx + egress_drops + queued */
	uint64_t rx, originated, ingress_drops, trapped, forwarded;
	uint64_t copies, tx, egress_drops, queued;
};

enum bridge_dir { BRIDGE_IN, BRIDGE_OUT };

/* Notices may queue or do I/O, but never call the core that gave them; a service answers at once.
 */
struct bridge_host {
	unsigned (*tx)(void *ctx, unsigned port, const struct txv *v,
		       unsigned n);                       /* taken, in order */
	void (*event)(void *ctx, const struct event *ev); /* only kinds in bridge_want_events() */
	void (*carrier)(void *ctx, unsigned port,
			bool on); /* administrative up/down: tell the peer */
	/* A frame came in, or left, or was lost there (`why`; DROP_REASONS: it was not): each of
	 * them once, as it was on the line. Only after bridge_want_tap(). */
	void (*tap)(void *ctx, unsigned port, enum bridge_dir dir, const struct pieces *frame,
		    enum drop_reason why, int64_t now);
	/* A service: makes a filter expression a program, which is the core's then. 0; -EINVAL with
	 * words; -ENOMEM. NULL: filters are refused. */
	int (*compile)(struct bpf **out, const char *expression, struct err *e);
};

void bridge_config_default(struct bridge_config *c);
void port_config_default(struct port_config *c);
int bridge_config_check(const struct bridge_config *c, struct err *e); /* 0 or -EINVAL with words */

/* host and ctx are kept, pool is borrowed for life (its owner calls pool_grow() between batches).
 * The config must pass bridge_config_check(). NULL: out of memory. */
struct bridge *bridge_new(const struct bridge_config *c, const struct bridge_host *host, void *ctx,
			  struct pool *pool, int64_t now);
void bridge_free(struct bridge *b); /* NULL is fine */

/* Settings: edit a copy, apply it; reserves everything first, cannot fail afterwards. 0, -ENOMEM,
 * or -EINVAL/-EBUSY/-EEXIST/-EADDRINUSE (a VLAN that a port names cannot go) with words; on error
 * nothing has changed. */
int bridge_apply(struct bridge *b, const struct bridge_config *c, int64_t now, struct err *e);
/* Takes over all settings of a scratch bridge: its config (but for mac, priority and seed), its
 * ports, its static addresses. All or nothing: memory comes first. A port that `from` has not goes,
 * or is as new (but for its name, if that is free) when an endpoint is there. Ports that stay as
 * they are notice nothing. 0; -EBUSY: an endpoint is at a port beyond from's; -ENOMEM. */
int bridge_adopt(struct bridge *b, const struct bridge *from, int64_t now, struct err *e);
const struct bridge_config *bridge_config(const struct bridge *b);
int bridge_port_apply(struct bridge *b, unsigned port, const struct port_config *c, int64_t now,
		      struct err *e);
/* makes the port if there is none, and the VLANs that it names */
int bridge_port_remove(struct bridge *b, unsigned port,
		       int64_t now); /* -ENOENT; -EADDRINUSE: link present */
const struct port_config *bridge_port_config(const struct bridge *b,
					     unsigned port); /* NULL: no such port */
unsigned bridge_port_after(const struct bridge *b,
			   int port); /* lowest existing port > `port`; UINT_MAX: none */
int bridge_port_find(const struct bridge *b, const char *number_or_name); /* port, or -ENOENT */

/* The endpoint of a port (which must exist) came, changed or went; a port that loses it forgets its
 * own addresses and what waited for it. info NULL: not shared, no speed. */
void bridge_link(struct bridge *b, unsigned port, bool present, const struct link_info *info,
		 int64_t now);
/* Why a port that could be open is not: a guard shut it. NULL: none did. port/up, or going down and
 * up again, ends it. */
const char *bridge_port_shut(const struct bridge *b, unsigned port); /* "limit" */
void bridge_port_revive(struct bridge *b, unsigned port, int64_t now);
bool bridge_port_forwards(const struct bridge *b,
			  unsigned port); /* up, link present, not blocked */
const struct rstp *bridge_rstp(
	const struct bridge *b); /* to look at; NULL: no spanning tree runs */
void bridge_mcheck(struct bridge *b, unsigned port, int64_t now); /* 802.1D-2004 17.19.13 */
bool bridge_port_present(const struct bridge *b, unsigned port);  /* has an endpoint */

/* A batch that came in on `port` (which must exist): data, len, buf, rx_ns of each frame are set,
 * the rest is filled here; a caller with a pooled buf keeps its own reference. Frames are scratch
 * then. */
void bridge_rx(struct bridge *b, unsigned port, struct frame *f, unsigned n,
	       int64_t now); /* n <= BATCH_MAX */
void bridge_writable(struct bridge *b, unsigned port,
		     int64_t now); /* after a short tx: room again */

int64_t bridge_next(const struct bridge *b);
void bridge_tick(struct bridge *b, int64_t now);

void bridge_port_stats(const struct bridge *b, unsigned port, struct port_stats *s);
void bridge_stats(const struct bridge *b, struct bridge_stats *s);
bool bridge_conserves(const struct bridge *b,
		      struct err *e); /* the law holds; else which side is off */
void bridge_want_events(struct bridge *b, uint64_t mask); /* event_bit()s */
void bridge_want_tap(struct bridge *b, bool on);          /* costs one branch a batch while off */

enum bridge_generation { BRIDGE_GEN_STATE, BRIDGE_GEN_TRAFFIC };
uint64_t bridge_generation(struct bridge *b, enum bridge_generation g); /* moves when it changes */

/* The address table, for the shell's own rows. See fdb.h. vid is the VLAN, 0 for untagged frames.
 */
struct fdb_entry *bridge_fdb_list(const struct bridge *b, int64_t now,
				  size_t *count); /* caller frees */
struct fdb_entry *bridge_fdb_list_some(const struct bridge *b, int64_t now, fdb_wanted_fn *wanted,
				       void *ctx, size_t *count);
void bridge_fdb_counts(const struct bridge *b, int64_t now, struct fdb_counts *c);
unsigned bridge_fdb_find(const struct bridge *b, const uint8_t mac[static 6], unsigned vid,
			 int64_t now);
/* port, or FDB_NONE */
int bridge_fdb_add(struct bridge *b, const uint8_t mac[static 6], unsigned vid, unsigned port,
		   enum fdb_kind kind, int64_t now,
		   struct err *e); /* -EINVAL, -ENOENT, -ENOSPC, -ENOMEM */
int bridge_fdb_del(struct bridge *b, const uint8_t mac[static 6], unsigned vid,
		   int64_t now); /* -ENOENT */
enum { BRIDGE_ANY = -1 };
void bridge_fdb_flush(struct bridge *b, int port, int vid,
		      int64_t now); /* BRIDGE_ANY: all of them */

/* The commands a bridge can do alone; ctx is the bridge. */
extern const struct cmd_row bridge_commands[];

#endif
