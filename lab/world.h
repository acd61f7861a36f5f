/* SPDX-License-Identifier: MIT */
/* world.h - what every world fills: the lab in virtual time (sim) and on real processes (proc, ns).
 * A world is built from a frozen plan for one test and freed after it. Time is lab time: ns since
 * the world stood, never goes back. Work is asked for with a request; what takes time comes back as
 * a call that is done later. One thread; a world calls its hooks only inside start(), step() and
 * at()'s timers. */
#ifndef DW_LAB_WORLD_H
#define DW_LAB_WORLD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "lab/plan.h"
#include "lab/station/station.h"
#include "lib/base/err.h"
#include "lib/base/event.h"
#include "lib/proto/cmd.h"

struct wire_files;

struct ref { /* one node or one cable of the plan, by index */
	bool cable;
	unsigned index;
};

/* ---- what can be asked ---- */
enum verb {
	VERB_CMD,  /* one management line, asked as JSON; result: text. Switches and cables */
	VERB_PING, /* from one end to another; result: ping */
	VERB_FLOW, /* starts a UDP flow; done once it runs; the call is the flow until call_end() */
	VERB_ACCOUNT, /* of the flow `of`; result: flow */
	VERB_TCP,     /* bulk to the other end; result: tcp */
	VERB_SEND,    /* one raw frame from an end */
	VERB_AWAIT,   /* the first frame an end hears, from now on, that matches; result: text (the
			 frame) */
	VERB_EXEC, /* a command in a host's namespace; result: text, text2 (stdout, stderr), code */
	VERB_SPAWN,   /* the same, done once it runs; text and text2 grow; call_end() kills it;
			 exited, code */
	VERB_POWER,   /* a switch: kill, restart, pause, resume */
	VERB_CLOCK,   /* a switch: its clock runs this much faster from now on; virtual time only */
	VERB_STATS,   /* of an end; result: stats */
	VERB_CONSOLE, /* of a machine: what its serial console has said; result: text */
};

enum power { POWER_KILL, POWER_RESTART, POWER_PAUSE, POWER_RESUME };

struct frame_match { /* all that are set must agree; zeroed: any frame */
	bool dst, src, type, vlan;
	uint8_t dst_mac[6], src_mac[6];
	uint16_t ethertype, vid; /* vid 0: untagged */
	const uint8_t *data; /* the payload begins with these bytes (borrowed; the world copies) */
	uint32_t len;
};
bool frame_matches(const struct frame_match *m, const void *bytes, uint32_t len); /* lab/match.c */

struct request { /* all borrowed for the call */
	enum verb verb;
	struct ref who;
	unsigned to;      /* ping, flow, tcp: the other end's index */
	const char *line; /* cmd: without "json " */
	struct ping_args
		ping; /* .ip is filled in by the world from `to` unless that end has none */
	struct flow_args flow; /* .ip and .port are the world's to fill in */
	struct tcp_args tcp;   /* the same */
	int64_t within_ns;     /* tcp: longest duration; then -ETIMEDOUT with tcp filled in */
	const struct call *of; /* account */
	const void *frame;     /* send */
	uint32_t len;
	struct frame_match match; /* await; there is no deadline: call_end() gives up */
	const struct words *argv; /* exec, spawn */
	enum power power;
	int32_t ppm; /* clock */
};

struct flow_result {
	uint64_t sent;
	struct flow_account account;
};

struct call { /* the world makes it; the caller ends it, done or not */
	bool done;
	int error; /* 0 or negative errno, once done; -EOPNOTSUPP: this world never can (SKIP) */
	struct err words;   /* why */
	void *ctx;          /* the caller's */
	char *text, *text2; /* owned by the call, NUL-terminated for the eye; lengths beside them */
	size_t len, len2;
	bool exited; /* spawn */
	int code;    /* exec, spawn: exit code, or 128 + signal */
	union {
		struct ping_result ping;
		struct flow_result flow;
		struct tcp_result tcp;
		struct station_stats stats;
	};
};

/* ---- hooks: notices to the lab ---- */
struct world_hooks {
	void *ctx;
	void (*done)(void *ctx,
		     struct call *c); /* c->done has become true (not for those done by start()) */
	void (*event)(void *ctx, struct ref who, const struct event *ev);
};

struct world_setup { /* borrowed for the world's life */
	const struct plan *plan;
	uint64_t seed;
	struct world_hooks hooks;
	const volatile sig_atomic_t *stop; /* nonzero: Ctrl-C; step() returns -EINTR soon */
	const char *capture;               /* --capture FILE, or NULL */
	/* sim: how captures reach their files: `anew` makes the file, else bytes are added to it.
	 * 0 or negative errno with words. NULL: nothing can be captured. */
	int (*append)(const char *file, bool anew, const void *bytes, size_t len, struct err *e);
	const char *self;         /* path of this program: its sisters lie beside it */
	struct wire_files *files; /* where sim keeps tables that cables name */
	struct record *record;    /* sim: what happens is written there; NULL: it is not */
	size_t frame_bytes;       /* sim: of frames in flight at most; 0: 1 GiB */
	const char *name; /* real worlds: of a lab that stays, and of its folder; NULL: one that
			     goes with the test. What ends in one that stays is down, no trouble */
};

enum generation { GEN_STATE, GEN_TRAFFIC };

enum { WORLD_TABLES = 3 }; /* that commands() gives */

enum {                  /* world.can */
       WORLD_EXACT = 1, /* virtual time: figures are exact, fingerprint() works */
       WORLD_EXEC = 2,
       WORLD_VM = 4,
       WORLD_ATTACH = 8,
};

struct world {
	const struct world_ops *ops;
	const struct world_setup *setup;
	unsigned can;
};

struct world_ops {
	void (*free)(struct world *w); /* nothing of it is left behind */
	int64_t (*now)(struct world *w);
	/* Lets time pass until a call is done, an event was given, a generation that watch() named
	 * moves, or `until` (TIME_NEVER: no limit) is reached; sim never stops inside an instant:
	 * all that is due then is handled. 1: something happened; 0: `until` was reached
	 * (TIME_NEVER: idle() holds); -EINTR; else trouble, with words: -ELOOP (time does not
	 * advance: the test fails), others end the run with exit 3. */
	int (*step)(struct world *w, int64_t until, struct err *e);
	/* Nothing new will come, ever, unless the lab does something: tasks that wait do so for
	 * good. Nothing is due, or for minutes of lab time bridges did but repeat themselves. Only
	 * virtual time can know. */
	bool (*idle)(struct world *w);
	/* Calls fn(ctx) at lab time `when`, before any frame or timer of that instant (class 0), in
	 * the order given. It may start calls. Forgotten when the world goes. 0 or -ENOMEM. */
	int (*at)(struct world *w, int64_t when, void (*fn)(void *ctx), void *ctx);
	/* Starts what `r` asks. Never NULL for want of sense: what cannot be done is done with an
	 * error. NULL: out of memory. May be done already. */
	struct call *(*start)(struct world *w, const struct request *r);
	/* Gives up what is not done, frees it. A flow ends; its account goes. NULL is fine. */
	void (*call_end)(struct world *w, struct call *c);
	/* Moves when what can be read of `who` may have changed; real worlds move GEN_TRAFFIC every
	 * 10 ms. */
	uint64_t (*generation)(struct world *w, struct ref who, enum generation g);
	void (*watch)(struct world *w,
		      bool on); /* on: step() also returns when any generation moved */
	/* Per-test fingerprint, WORLD_EXACT only; else false. */
	bool (*fingerprint)(struct world *w, uint64_t *fp);

	/* ---- WORLD_EXACT only, for whoever leads time (lab/travel); else NULL ---- */
	int64_t (*next)(struct world *w); /* when the next thing is due; TIME_NEVER: idle() */
	/* What `who`, a switch or a cable, understands of the management language: rows and whom
	 * they are for, the core's and the shell's, good until it is killed or restarted; and what
	 * its clock shows. False: it does not run. */
	bool (*commands)(struct world *w, struct ref who,
			 struct cmd_table table[static WORLD_TABLES], int64_t *now);
	/* A command was run on it: what is due now? */
	void (*told)(struct world *w, struct ref who);
	void (*flush)(struct world *w); /* what was captured so far is appended now */
};

struct world_kind {
	const char *name; /* "sim" */
	/* Can it be had on this machine? 0, or -ENOTSUP and in `why` what is missing and how to get
	 * it. */
	int (*probe)(const char *self, struct err *why);
	/* Builds the lab and waits until all of it stands. 0; -ENOTSUP: cannot be had here, or the
	 * plan has a node it cannot have (SKIP with words); -EINVAL: the plan is wrong, words name
	 * node and line (exit 2); -EINTR; else trouble (exit 3). */
	int (*open)(struct world **out, const struct world_setup *s, struct err *e);
};

extern const struct world_kind world_sim;  /* lab/sim */
extern const struct world_kind world_proc; /* lab/real */
extern const struct world_kind world_ns;

#endif
