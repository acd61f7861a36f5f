/* SPDX-License-Identifier: MIT */
/* captures.h - the captures of one program, and the commands that start, stop and list them. What
 * can be captured has numbers here (ports, directions of a wire); the program gives them names. */
#ifndef DW_IO_CAPTURES_H
#define DW_IO_CAPTURES_H

#include <stdbool.h>

#include "lib/base/event.h"
#include "lib/io/capture.h"
#include "lib/io/mgmt.h"
#include "lib/proto/cmd.h"

enum {
	CAPTURES_MAX = 64,
	CAPTURES_ALL = CAPTURE_POINTS, /* in place of a point: every one */
	CAPTURES_NAME = 64,
};

struct captures_host {
	/* The number that a word names (never "all", which is known here), or -EINVAL with words.
	 */
	int (*point)(void *ctx, const char *word, struct err *e);
	/* The words that name it, for people: "3", "ab". */
	void (*name)(void *ctx, unsigned point, char out[static CAPTURES_NAME]);
	/* One that is there, to stand in a file in which none was heard. */
	unsigned (*any)(void *ctx);
	/* As in struct capture_host. */
	void (*describe)(void *ctx, unsigned point, struct pcapng_interface *i);
	/* A filter expression to a program: lib/ext is above this layer. */
	int (*compile)(struct bpf **out, const char *expression, struct err *e);
	/* The first capture began, or the last one is over: are frames to be shown? */
	void (*wanted)(void *ctx, bool on);
	/* `capture.end`: name is the capture's number, text says why. */
	void (*event)(void *ctx, const struct event *ev);
};

/* For programs whose points are two directions, 0 "ab" and 1 "ba": three of the members above. */
int captures_find_dir(void *ctx, const char *word, struct err *e);
void captures_name_dir(void *ctx, unsigned point, char out[static CAPTURES_NAME]);
unsigned captures_any_dir(void *ctx);

struct captures;

/* `host` and `application` (who writes the files) are kept. NULL: out of memory. */
struct captures *captures_new(struct loop *l, const char *application,
			      const struct captures_host *host, void *ctx);
/* Closes all; a reader that is behind gets a second. Before the loop goes. NULL is fine. */
void captures_free(struct captures *c);
/* Where commands come from, so that "-" can be the caller's stdout; before that it is refused. */
void captures_serve(struct captures *c, struct mgmt *m);

/* For an option: `file` is a path or "-", our own stdout. 0 or negative errno with words. */
int captures_start(struct captures *c, int point, const char *file, struct err *e);
void captures_frame(struct captures *c, unsigned point, const struct capture_note *note,
		    const struct pieces *frame, int64_t now);

extern const struct cmd_row
	capture_commands[]; /* capture/start, stop, list; ctx is the struct captures */

#endif
