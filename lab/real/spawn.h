/* SPDX-License-Identifier: MIT */
/* spawn.h - programs of a lab are started by its keeper (or, with namespaces, by its holder), so
 * that all of them descend from it and none outlives it. This is both sides of what goes over the
 * socket between them: orders with descriptors one way, exits the other. */
#ifndef DW_LAB_REAL_SPAWN_H
#define DW_LAB_REAL_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lab/plan.h"
#include "lib/base/err.h"
#include "lib/io/loop.h"

enum { SPAWN_FDS_MAX = 3 }; /* become descriptors 1, 2, 3 of the program; 0 is /dev/null */

/* ---- client: in dw-lab ---- */

struct spawned {                                       /* embedded in its owner */
	uint32_t id;                                   /* 0: not running, nothing is to come */
	void (*exited)(struct spawned *s, int status); /* as wait() tells */
	struct spawned *next;
};

struct spawner {
	struct loop *loop;
	struct watch watch;
	uint32_t last_id;
	struct spawned *running;
	struct order *first, **last; /* not sent yet: the socket is full */
	void (*lost)(void *ctx);     /* the other side is gone */
	void *ctx;
};

int spawner_init(struct spawner *p, struct loop *l, int sock, void (*lost)(void *ctx), void *ctx);
void spawner_fini(struct spawner *p); /* closes the socket; no notice comes after it */

/* Runs argv (its first word is found in PATH) in the network namespace at `netns` (NULL: none of
 * its own). Takes `fds` over (closed here, also on error). 0 or -ENOMEM, -E2BIG. */
int spawn_program(struct spawner *p, struct spawned *s, const struct words *argv, const char *netns,
		  const int *fds, unsigned nfds);
/* Runs a host agent (agent.h) in a network namespace of its own that will be found at `netns`. */
int spawn_agent(struct spawner *p, struct spawned *s, const char *netns, int fd);
/* Its whole process group gets it. */
void spawn_signal(struct spawner *p, const struct spawned *s, int signo);
void spawn_forget(struct spawner *p, struct spawned *s); /* kills it; no notice comes */

/* ---- server: in the keeper or holder; returns when the client has gone or SIGTERM came ---- */
void spawn_serve(int sock);
/* The first word over the socket: the server stands, or why not. */
void spawn_tell(int sock, int code, const char *words);
int spawn_hear(int sock, struct err *e); /* waits for it; 0 or negative errno with the words */

#endif
