/* SPDX-License-Identifier: MIT */
/* mgmt_inner.h - what the parts of a management server share: mgmt.c (socket, sessions' birth and
 * death), mgmt_session.c (bytes in, replies out), mgmt_rows.c (the commands that every socket has),
 * mgmt_event.c (event lines), mgmt_script.c (files of commands), mgmt_fd.c (descriptors that come
 * with commands). Private to lib/io/mgmt*.c. */
#ifndef DW_IO_MGMT_INNER_H
#define DW_IO_MGMT_INNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/io/mgmt.h"
#include "lib/proto/lines.h"

struct mgmt_session {
	struct mgmt *m;
	struct mgmt_session *next;
	struct watch in, out; /* a socket has `in` only, for both directions */
	bool console, in_is_socket, out_is_socket;
	bool has_prompt;  /* console: see mgmt_config.stdin_console */
	bool mute;        /* console: nobody reads what it says any more */
	bool eof;         /* nothing more will come in */
	bool logout_said; /* by the command that runs */
	bool ending;      /* nothing more is run; closes when all is sent */
	bool gone;        /* closed; freed after this turn */
	bool flush_queued;
	size_t chunk; /* console: bytes that a ready fd 1 takes without blocking */
	struct lines lines;
	struct out queue; /* bytes to send; the first `sent` of them are */
	size_t sent;
	uint64_t kinds, debug; /* what it watches */
	bool json_events;
	uint64_t lost; /* events since the last one that fitted */
	uint64_t seq;  /* of the last event that was for it, lost or not */
	int passed_fd; /* came with a command, not taken yet; -1: none */
	struct mgmt_bond *bonds;
};

struct mgmt {
	struct loop *loop;
	struct mgmt_config config; /* strings owned */
	struct cmd_set set;        /* the caller's tables and ours */
	struct cmd_table *tables;
	struct watch listener;
	struct timer accept_again; /* no descriptor was left */
	uint64_t socket_ino;       /* of our socket file: another's is not removed */
	struct mgmt_session *sessions;
	unsigned session_count;
	struct mgmt_session *current; /* whose command runs */
	unsigned script_depth;
	bool shutdown_said, stdin_ended, closed;
	uint64_t kinds, debug; /* of all sessions together */
};

/* mgmt.c */
void mgmt_session_close(struct mgmt_session *s); /* its memory goes after this turn */
void mgmt_count_masks(struct mgmt *m);           /* after a session's masks may have changed */
void mgmt_do_shutdown(struct mgmt *m);           /* the host's callback, once asked for */

/* mgmt_session.c */
void session_welcome(struct mgmt_session *s);
void session_in_ready(struct watch *w, uint32_t events);  /* of a socket: both directions */
void session_out_ready(struct watch *w, uint32_t events); /* console only */
/* Queues an event line (newline included) if there is room, else counts it lost. */
void session_event(struct mgmt_session *s, const char *line, size_t len);

/* mgmt_event.c */
unsigned event_tag(enum event_kind kind);
/* Both with their newline; seq: its number in the session that gets it. */
void event_text(const struct event *ev, uint64_t seq, struct out *o);
void event_json(const struct event *ev, uint64_t seq, struct out *o);
void event_lost_line(const struct mgmt_session *s, struct out *o);

/* mgmt_fd.c */
ssize_t session_recv(struct mgmt_session *s, char *to,
		     size_t room);           /* as recv(), with descriptors */
void session_let_go(struct mgmt_session *s); /* of descriptors and bonds */

/* mgmt_rows.c */
extern const struct cmd_row mgmt_rows[];

/* mgmt_script.c: `echo` (text or JSON) gets each line and its result; NULL: nobody listens.
 * *failed: how many lines; the first in err. 0: all was read; negative errno: the file could not
 * be. */
int script_run(struct mgmt *m, const char *path, struct out *echo, unsigned *failed,
	       struct err *err);

#endif
