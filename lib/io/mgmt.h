/* SPDX-License-Identifier: MIT */
/* mgmt.h - management sessions: a listening Unix socket (and the console on stdin) in front of a
 * command set; and the client side, for dw-ctl, the lab and the console. */
#ifndef DW_IO_MGMT_H
#define DW_IO_MGMT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/event.h"
#include "lib/base/units.h"
#include "lib/io/loop.h"
#include "lib/proto/cmd.h"

struct mgmt;
struct mgmt_session;

struct mgmt_config {
	const char *path;   /* socket; NULL: none */
	int mode, gid;      /* 0600, -1 */
	const char *banner; /* lines sent on connect, before the first prompt; NULL: none */
	const char *prompt; /* "vde$ "; sent as "\n" prompt, always the last bytes of a reply */
	/* fd 0/1 is a session: no banner, its end of file is a shutdown. As with VDE the prompt
	 * shows where fd 0 can be written to: on a terminal or socket, not on a pipe. */
	bool stdin_console;
	void (*shutdown)(void *ctx); /* `shutdown` was said, or the console ended */
	/* Runs a line in the place of cmd_run(), for a server whose time is not the clock's; `set`:
	 * the caller's tables, then mgmt's own. NULL: cmd_run() with the loop's time. */
	int (*run)(void *ctx, const struct cmd_set *set, const char *line, struct out *reply);
	void *ctx;
};

enum {
	MGMT_SESSIONS_MAX = 64,    /* one more is told 1011 and closed */
	MGMT_REPLY_ROOM = 1 << 20, /* bytes queued; over it a session runs nothing until it reads */
	MGMT_EVENT_ROOM = 1 << 18, /* bytes queued; over it a session loses events */
	MGMT_SCRIPT_MAX = 1 << 20, /* bytes of a file to load */
	MGMT_SCRIPT_DEPTH = 8,     /* files that load files */
};

/* `set` is borrowed and must outlive it. The rows help, logout, shutdown, load, event/watch,
 * event/unwatch, event/list are added by mgmt itself (a row of the same path in `set` wins). */
int mgmt_open(struct mgmt **out, struct loop *l, const struct mgmt_config *c,
	      const struct cmd_set *set, struct err *err);
/* Sends nothing more; removes the socket. Also from within a command. NULL is fine. */
void mgmt_close(struct mgmt *m);
/* Runs all lines of a file through the set, output discarded. 0, or the first error, with
 * "FILE:LINE: words" in err (and how many more failed); the lines after it have run. */
int mgmt_load(struct mgmt *m, const char *path, struct err *err);
/* To every session that watches its kind. Never inside a reply; a session that does not read loses
 * events and is told how many ("3277 event.lost N"). Tags: see `event/list`. */
void mgmt_event(struct mgmt *m, const struct event *ev);
uint64_t mgmt_event_mask(const struct mgmt *m); /* kinds that anyone watches; 0 for NULL */
bool mgmt_stdin_ended(const struct mgmt *m);    /* the console saw its end of file */

/* VDE's debug lines: each session has a mask of categories that the program gives meaning to. This
 * is that of the session whose command is running; NULL: outside of one. */
uint64_t *mgmt_debug(struct mgmt *m);
/* "3TTT path text" (no newline) to every session whose mask meets `bits`; treated as an event. */
void mgmt_debug_line(struct mgmt *m, uint64_t bits, const char *line);
uint64_t mgmt_debug_mask(const struct mgmt *m); /* of all sessions together */

/* A descriptor that came with the command that is running (SCM_RIGHTS): the caller's from here on.
 * -EBADF: none came, or it runs from a file or the console. */
int mgmt_take_fd(struct mgmt *m);

struct mgmt_bond { /* embedded in what is to end with the session whose command made it */
	void (*gone)(struct mgmt_bond *b); /* the session is over; the bond is none any more */
	struct mgmt_session *session;      /* NULL: bound to none */
	struct mgmt_bond *next;
};
void mgmt_bind(struct mgmt *m, struct mgmt_bond *b); /* to the session whose command runs, if any */
void mgmt_unbind(struct mgmt_bond *b);               /* fine when bound to none */

/* ---- client ---- */
#define MGMT_WELCOME_NS (5 * NS_PER_SEC)

struct mgmt_client;
struct mgmt_reply { /* texts are borrowed for the call */
	int code;   /* 0: success; errno (positive) as in 1EEE; -1: the connection ended first */
	const char *text; /* data without framing, or the words of the error */
	size_t len;
	const char *data; /* the data, also when it came with an error */
	size_t data_len;
};
/* Connects at once or fails (-ENOENT, -ECONNREFUSED, ...); everything after that is non-blocking. A
 * peer that sends no welcome within MGMT_WELCOME_NS is no management socket: the connection ends.
 * Its callbacks must not run the loop. */
int mgmt_client_open(struct mgmt_client **out, struct loop *l, const char *path, struct err *err);
/* Also from its callbacks; nothing is called after it. NULL is fine. */
void mgmt_client_close(struct mgmt_client *c);
/* Queues one command; `done` is called once, in order, with its reply. One command is under way at
 * a time, so that servers that take one read for one command (VDE's own) understand. 0; -EINVAL:
 * the line holds a newline or is over CMD_LINE_MAX; -EPIPE: the connection has ended; -ENOMEM. */
int mgmt_client_send(struct mgmt_client *c, const char *line,
		     void (*done)(void *ctx, const struct mgmt_reply *r), void *ctx);
/* The same with a descriptor (borrowed) that goes along; also negative errno when it cannot be
 * kept. */
int mgmt_client_send_fd(struct mgmt_client *c, const char *line, int fd,
			void (*done)(void *ctx, const struct mgmt_reply *r), void *ctx);
/* Event lines ("3TTT path text" or JSON) as they come. */
void mgmt_client_on_event(struct mgmt_client *c, void (*fn)(void *ctx, const char *line),
			  void *ctx);
/* Called once when the connection has ended (after every `done` got its -1). */
void mgmt_client_on_end(struct mgmt_client *c, void (*fn)(void *ctx), void *ctx);
const char *mgmt_client_prompt(const struct mgmt_client *c); /* "vde$ "; NULL: not welcomed yet */

#endif
