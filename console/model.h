/* SPDX-License-Identifier: MIT */
/* model.h - what the console knows: sources (switches, wires, labs) with their ports, addresses and
 * impairments, and the events of all of them. Pure data: feed.c fills it from sockets through the
 * model_take_ calls, pages read it. Texts are kept as they came; drawing escapes them. */
#ifndef DW_CONSOLE_MODEL_H
#define DW_CONSOLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/drop.h"

enum {
	SOURCES_MAX = 1024,
	PORTS_MAX = 65536,       /* of one source */
	ADDRESSES_MAX = 1 << 20, /* of one source */
	EVENTS_MAX = 4096,       /* of all; the oldest go */
	FRAMES_MAX = 4096,       /* seen; the oldest go */
	COMMANDS_MAX = 1024,     /* of one source */
	SETTINGS_MAX = 48,       /* of one direction of a wire */
	HISTORY_LEN = 24,        /* of rates, for sparklines */
	NAME_LEN = 64,
	DESCR_LEN = 96,
	SETTING_LEN = 40,
};

enum source_kind { KIND_UNKNOWN, KIND_SWITCH, KIND_WIRE, KIND_LAB, KIND_OTHER, KIND_FOREIGN };
enum source_state { SRC_CONNECTING, SRC_UP, SRC_SLOW, SRC_DEAD };

struct flow { /* a counter that grows, and how fast */
	uint64_t frames, bytes;
	uint64_t fps, bps; /* frames and bits a second, between the last two samples */
};

struct drops {
	uint64_t by[DROP_REASONS];
	uint64_t other; /* reasons this console does not know */
	uint64_t sum;
	uint64_t before; /* sum one sample ago */
};

enum { STP_NONE, STP_DISABLED, STP_ROOT, STP_DESIGNATED, STP_ALTERNATE, STP_BACKUP, STP_ROLES };
enum { STP_STATE_NONE, STP_DISCARDING, STP_LEARNING, STP_FORWARDING, STP_STATES };

struct port {
	uint32_t number;
	uint32_t stamp;                        /* of the listing that named it last */
	char name[NAME_LEN], descr[DESCR_LEN]; /* descr: of the port, else of its first endpoint */
	char module[24]; /* kind of the first endpoint; "": nobody is plugged in */
	char mode[20], allow[SETTING_LEN]; /* VLANs */
	uint16_t pvid, endpoints;
	bool up, active;
	uint8_t role, state; /* STP_ */
	uint32_t cost;
	char designated[24]; /* MAC of the bridge that is designated on its link; "": not told */
	uint64_t lost;       /* of its endpoints */
	struct flow rx, tx;
	struct drops drops;
	uint32_t history[HISTORY_LEN]; /* frames a second, both ways, newest last */
};

struct address {
	uint64_t key;     /* VLAN << 48 | MAC: their order */
	int64_t heard_ns; /* when it spoke last, by our clock; static ones: 0 */
	int64_t moved_ns; /* when it moved last; 0: never while we looked */
	uint32_t port;
	uint16_t moves;
	uint8_t kind; /* 'l' learned, 's' static, 'k' sticky */
	bool flaps;
};

struct setting {
	char key[24], value[SETTING_LEN];
};

struct side { /* one direction of a wire */
	struct setting set[SETTINGS_MAX];
	unsigned count;
	struct flow rx, tx;
	uint64_t duplicates, held;
	int64_t delay_min_ns, delay_avg_ns, delay_max_ns, late_max_ns;
	struct drops drops;
	uint32_t history[HISTORY_LEN];
};

struct wire_model {
	char state[16]; /* "up", "cut", "held" */
	bool carrier_a, carrier_b;
	bool unfaithful;     /* it said that it could not keep its word */
	struct side side[2]; /* ab, ba */
};

struct lab_time { /* of a lab that is led */
	bool known;
	char state[12]; /* "stands", "runs", "returns", "ended" */
	char verdict[12], file[96], test[96], stopped_by[120];
	int64_t now_ns;
	uint64_t number, tests, seed, by_hand;
};

struct command {
	char path[40], syntax[64], help[80];
	bool writes, menu;
};

struct source {
	unsigned idx;
	char name[NAME_LEN]; /* as shown: unique */
	char lab[NAME_LEN];  /* "" : not of a lab's folder */
	char path[256];
	enum source_kind kind;
	enum source_state state;
	int64_t since_ns;    /* in this state */
	bool asked;          /* named on the command line */
	char why[128];       /* dead or wrong: in words */
	unsigned complaints; /* replies that were not understood */
	/* from help and showinfo */
	struct command *commands;
	unsigned command_count;
	char *config; /* config/show, from before anything was done to it by hand; NULL: not told */
	bool touched; /* by hand */
	char title[NAME_LEN]; /* its own name, "" none */
	char version[24], mac[24];
	uint64_t pid;
	int64_t uptime_ns, uptime_at;
	/* switches */
	struct port *ports; /* by number */
	size_t port_count, port_room;
	uint32_t stamp;
	int64_t stats_at; /* of the last sample; 0: none yet */
	bool has_rates;
	bool rstp; /* rstp/print was answered */
	bool rstp_on;
	char bridge[40], root[40];
	uint32_t root_port;
	struct address *addresses; /* by key */
	size_t address_count, address_room;
	uint64_t addresses_told; /* how many there are, by fdb/stats; may be more than fetched */
	int64_t addresses_at;    /* 0: not fetched yet */
	uint32_t address_gen;
	struct wire_model wire;
	struct lab_time time;
};

struct event_line {
	uint64_t seq; /* 1, 2, ... */
	int64_t wall_ns, at_ns;
	uint32_t source; /* idx */
	int16_t kind;    /* enum event_kind; -1: something else */
	char text[160];
};

struct frame_line { /* a frame that was seen, decoded */
	uint64_t seq;
	int64_t wall_ns;
	uint32_t len;
	uint16_t vlan;
	char way;                        /* 'i' into the switch, 'o' out of it, ' ' untold */
	char src[18], dst[18], text[96]; /* text: what is in it */
	char where[24];                  /* the interface of the capture: which port, which way */
	char drop[16];                   /* why it was lost; "": it was not */
};

struct model {
	struct source *source[SOURCES_MAX];
	unsigned source_count;
	struct event_line *events; /* ring of EVENTS_MAX, by seq */
	uint64_t event_seq;        /* of the newest; 0: none */
	uint64_t events_lost;      /* that servers could not tell us */
	struct frame_line *frames; /* ring of FRAMES_MAX, by seq */
	uint64_t frame_seq;
	unsigned watched_source;
	char watched[96];     /* whose frames they are; "": nobody's */
	char watch_why[96];   /* why there are none, or no more */
	int64_t now, wall_ns; /* of the frame being drawn */
	int64_t zone_ns;      /* local time less UTC */
	uint64_t gen;         /* moves with every change worth a frame */
	uint64_t leaps;       /* of the time of a lab: all that was heard is of another instant */
};

int model_init(struct model *m); /* 0 or -ENOMEM */
void model_fini(struct model *m);
/* A new source of that name (made unique by its lab, then by a number); NULL: no memory, or there
 * are SOURCES_MAX. The model owns it. */
struct source *model_add(struct model *m, const char *name, const char *lab, const char *path);
void model_set_state(struct model *m, struct source *s, enum source_state state, const char *why,
		     int64_t now);

const struct command *source_command(const struct source *s,
				     const char *path); /* exact; NULL: none */
bool source_can(const struct source *s, const char *path);
int model_leader(
	const struct model *m); /* idx of the source that leads the time of a lab; -1: none */
struct port *source_port(const struct source *s, uint32_t number); /* NULL: none */
const struct port *source_port_named(const struct source *s, const char *name);
const char *source_state_name(enum source_state s);
const char *source_kind_name(enum source_kind k);
const char *stp_role_name(unsigned role); /* "": none known */
const char *stp_state_name(unsigned state);
const char *side_setting(const struct side *s, const char *key); /* "": unknown */

/* Events. `text` is what came; seq of what is in the ring: model_first_event() .. m->event_seq. */
void model_event(struct model *m, struct source *s, int kind, const char *text, int64_t at_ns);
uint64_t model_first_event(const struct model *m);
struct frame_line *model_frame(
	struct model *m); /* a new one in the ring: seq is set, the rest is empty */
uint64_t model_first_frame(const struct model *m);
const struct frame_line *model_frame_at(const struct model *m, uint64_t seq); /* NULL: gone */
const struct event_line *model_event_at(const struct model *m, uint64_t seq); /* NULL: gone */

#endif
