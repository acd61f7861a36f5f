/* SPDX-License-Identifier: MIT */
/* ctl.h - what the parts of dw-ctl share: ctl.c (options, one command, lines from stdin),
 * ctl_words.c (the server's commands, for completion and hints), ctl_tty.c (the terminal),
 * ctl_capture.c (a capture to our stdout). */
#ifndef DW_CONSOLE_CTL_H
#define DW_CONSOLE_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/io/loop.h"
#include "lib/io/mgmt.h"

struct words {    /* the commands of a server, as its `help` lists them */
	char **v; /* ended by a NULL once filled */
	size_t count;
};

void words_fini(struct words *w);
/* Reads the text of `help`: what follows the line of dashes, first words, menus left out. */
int words_fill(struct words *w, const char *help, size_t len);
/* The command word of a line, past "json "; its length in *len. */
const char *words_first(const char *line, size_t *len);
/* The command nearest to that of `line`, or NULL. */
const char *words_near(const struct words *w, const char *line);

struct ctl {
	struct loop *loop;
	struct mgmt_client *client;
	const char *path;            /* of the socket */
	struct words words;          /* empty until asked for */
	bool busy;                   /* a reply is awaited */
	bool watching;               /* event lines are wanted */
	bool failed;                 /* some command was refused */
	bool ended;                  /* the server closed the session */
	bool asked_to_end;           /* by logout or shutdown: then that is no trouble */
	bool hid_prompt;             /* tty: something was printed over the line being edited */
	char line[CMD_LINE_MAX + 8]; /* the command under way */
	int code;                    /* its answer: 0, errno, or -1: none came */
	char why[512];               /* the words of an error */
	struct ctl_capture *capture; /* stdout is the capture's; NULL: ours */
};

/* Sends one line and runs the loop until it is answered and printed. 0: answered (also with an
 * error of the command); >0: number of the signal that ended the wait; negative errno: cannot be
 * sent. */
int ctl_ask(struct ctl *c, const char *line);
/* Runs the loop while `go_on` (may be NULL: for ever) is true and nothing ends it; as ctl_ask(). */
int ctl_run(struct ctl *c, bool (*go_on)(struct ctl *c));
/* Fetches the words from the server, silently; without them completion and hints stay away. */
void ctl_learn_words(struct ctl *c);
void ctl_print(struct ctl *c, const char *text,
	       size_t len); /* on stdout; dies by SIGPIPE without a reader */

/* The line asks the server to capture to our stdout. ctl_capture() sends c->line, and waits until
 * that is over: as ctl_ask(), with its answer in c->code. */
bool ctl_wants_stdout(const char *line);
int ctl_capture(struct ctl *c);
void ctl_capture_event(struct ctl_capture *k, const char *line);

/* The terminal: reads lines until its end. As ctl_ask(). */
int ctl_tty(struct ctl *c);

#endif
