/* SPDX-License-Identifier: MIT */
/* travel.h - time travel: tests in virtual time that are led over management sockets. A test begins
 * standing still. Whoever is connected lets time pass (an instant, until an event, for good), goes
 * back (the test is run again up to that instant, unseen) and breaks things by hand; what was done
 * by hand is kept with its lab time and done again whenever the test runs again.
 * The sockets: "@lab.mgmt" leads, NODE.mgmt and CABLE.mgmt are what they are in a lab of real
 * processes; all in a folder below the user's run directory, where dw-console finds them. */
#ifndef DW_LAB_TRAVEL_TRAVEL_H
#define DW_LAB_TRAVEL_TRAVEL_H

#include <signal.h>
#include <stddef.h>

#include "lab/bind/script.h"
#include "lib/base/err.h"

struct travel;

/* `stop`: nonzero when the run is to end; kept. 0 or negative errno with words. */
int travel_open(struct travel **out, const volatile sig_atomic_t *stop, struct err *e);
void travel_close(struct travel *t);            /* the sockets and their folder go; NULL is fine */
const char *travel_lab(const struct travel *t); /* its name, for dw-console */
const char *travel_folder(const struct travel *t); /* where the sockets are */

struct travel_test { /* borrowed for the call */
	const char *file, *name;
	size_t index;    /* of the test in its file */
	unsigned number; /* 1.. of those that are run */
	unsigned count;
	uint64_t seed;
};
/* Runs one test in virtual time, as often as whoever leads goes back, until he lets it end. */
void travel_run(struct travel *t, const struct travel_test *test, const struct script_env *env,
		struct outcome *out);
/* Nobody leads any more: time passes by itself. */
void travel_let_go(struct travel *t);
/* Calls fn(ctx) once, from within travel_run(), when that descriptor (borrowed) is readable. */
int travel_watch(struct travel *t, int fd, void (*fn)(void *ctx), void *ctx);

#endif
