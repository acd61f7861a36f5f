/* SPDX-License-Identifier: MIT */
/* inner.h - what the files of time travel share: travel.c (a world whose time is led), hand.c (what
 * was done by hand), sockets.c (a socket for each node and cable), rows.c (the commands of
 * "@lab.mgmt"). Private to lab/travel. */
#ifndef DW_LAB_TRAVEL_INNER_H
#define DW_LAB_TRAVEL_INNER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lab/travel/travel.h"
#include "lib/io/loop.h"
#include "lib/io/mgmt.h"

enum {
	INSTANTS_MAX = 4096, /* that time/back knows by number */
	HANDS_MAX = 10000,
	TRAVEL_PATH = 200,
};

enum travel_state {
	TRAVEL_STANDS, /* nothing passes until somebody says so */
	TRAVEL_RUNS,
	TRAVEL_RETURNS, /* to the instant that was asked for, unseen */
	TRAVEL_ENDED,   /* the test is over; it can be gone back to */
};

struct hand { /* one command by hand */
	struct travel *travel;
	int64_t at;
	bool power; /* of a node: line is kill, restart, pause or resume */
	struct ref who;
	char *line;
	/* live, the first time: */
	struct out *reply;
	int result;
	bool live;
};

struct node_socket {
	struct travel *travel;
	struct ref who;
	struct mgmt *mgmt; /* NULL: it does not run */
	bool lacks;        /* it could not be had */
};

struct watched { /* travel_watch() */
	struct watch watch;
	void (*fn)(void *ctx);
	void *ctx;
};

struct travel {
	struct world world;  /* first: what the script sees */
	struct world *inner; /* NULL: no test runs */
	struct world_hooks script_hooks;
	const struct travel_test *test;
	const struct plan *plan;
	const struct words *faults; /* as the scenario planned them */
	const volatile sig_atomic_t *stop;

	/* time */
	enum travel_state state;
	int64_t goal;   /* time passes up to it; TIME_NEVER: for good */
	unsigned steps; /* instants to go before it stands again; 0: not counted */
	int stop_kind;  /* an event of this kind ends the run; -1: none */
	struct ref stop_who;
	bool stop_anyone;             /* whoever reports it */
	char stopped_by[120];         /* the event that did, in words; "" */
	double speed;                 /* lab time per time; 0: as fast as it goes */
	int64_t pace_lab, pace_clock; /* when it was set */
	bool again, go_on;            /* said: run the test anew up to `goal`; be done with it */
	bool stirred;                 /* a command made something happen */
	int result;                   /* of the steps that commands took; 0 or negative errno */
	struct err words;
	unsigned turns; /* steps since the sockets were looked at */
	int64_t ended_at;
	int verdict;                    /* enum verdict, once TRAVEL_ENDED */
	int64_t instants[INSTANTS_MAX]; /* a ring, by count */
	uint64_t ninstants;

	/* by hand */
	struct hand **hand; /* in order of time */
	size_t nhands;

	/* sockets */
	struct loop *loop;
	char folder[TRAVEL_PATH];
	int lock;
	struct mgmt *mgmt;
	struct node_socket *socket; /* the switches and cables of `plan` */
	size_t nsockets;
	char *sockets_of; /* the file they are for */
	struct watched watched;
	bool let_go;

	struct frames *frames; /* captures for whoever watches */
	bool frames_stale;     /* this run of the test does not know them yet */
};

static inline int64_t travel_now(const struct travel *t)
{
	return t->inner ? t->inner->ops->now(t->inner) : t->ended_at;
}
const char *travel_name_of(const struct travel *t, struct ref who);
int travel_find(const struct travel *t, const char *name, struct ref *who); /* 0 or -ENOENT */

static inline const char *travel_bare(const char *line) /* without "json " */
{
	while (*line == ' ')
		line++;
	if (strncmp(line, "json ", 5) == 0)
		line += 5;
	while (*line == ' ')
		line++;
	return line;
}

/* hand.c */
/* Now, an instant (1 ns) after what has happened: what was done later is forgotten. The command's
 * result; its framed reply in `reply` (NULL: none). */
int hand_do(struct travel *t, struct ref who, bool power, const char *line, struct out *reply,
	    struct err *e);
int hand_begin(struct travel *t); /* a test begins: all of it is planned. 0 or -ENOMEM */
void hand_forget(struct travel *t, int64_t after);
void hand_lua(const struct travel *t, struct out *o); /* as a call of by_hand() */

/* sockets.c */
int sockets_open(struct travel *t, struct err *e); /* for the plan; those of another one go */
void sockets_refresh(struct travel *t); /* what was killed has none, what came back has */
void sockets_close(struct travel *t);
void sockets_event(struct travel *t, struct ref who, const struct event *ev);

/* frames.c */
int frames_append(const char *file, bool anew, const void *bytes, size_t len, struct err *e);
/* capture/start WHAT -, from a session of `m` */
int frames_start(struct travel *t, struct mgmt *m, struct ref who, const struct args *a,
		 struct out *o, struct err *e);
void frames_begin(struct travel *t); /* all of them, in a test that is run again */
void frames_close(struct travel *t);

/* rows.c */
extern const struct cmd_row travel_rows[]; /* ctx: struct travel */
const char *travel_state_name(const struct travel *t);

#endif
