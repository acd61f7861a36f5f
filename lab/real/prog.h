/* SPDX-License-Identifier: MIT */
/* prog.h - one program of a lab: what it prints is kept (bounded), its ready newline and its end
 * are told. */
#ifndef DW_LAB_REAL_PROG_H
#define DW_LAB_REAL_PROG_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/plan.h"
#include "lab/real/spawn.h"

enum { PROG_TEXT_MAX = 16 << 20 }; /* bytes kept of each stream; the rest is read and dropped */

struct prog_text { /* NUL-terminated from the start on */
	char *v;
	size_t len, room;
	bool cut;
};

struct prog_pipe {
	struct watch watch;
	struct prog *prog;
	struct prog_text text;
};

struct prog { /* embedded; zeroed, then prog_start() */
	struct spawner *spawner;
	struct spawned spawned;
	struct prog_pipe out, err, ready;
	bool running;
	int status;                        /* once it ended: as wait() tells */
	void (*on_ready)(struct prog *p);  /* the newline on descriptor 3; NULL: it gets none */
	void (*on_output)(struct prog *p); /* more text; NULL: nobody asks */
	void (*on_exit)(struct prog *p);   /* with all that it printed before */
};

/* argv as spawn_program(). 0, or negative errno: it is not running. */
int prog_start(struct prog *p, struct spawner *s, struct loop *l, const struct words *argv,
	       const char *netns);
void prog_signal(struct prog *p, int signo);
void prog_fini(struct prog *p);      /* kills it, frees the texts; no notice comes */
int prog_code(const struct prog *p); /* exit code, or 128 + signal */
/* The last line that it wrote to stderr, cut to fit; "" if none. */
void prog_last_words(const struct prog *p, char *out, size_t room);

#endif
