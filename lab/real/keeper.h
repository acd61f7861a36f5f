/* SPDX-License-Identifier: MIT */
/* keeper.h - the process that every process of a lab descends from. It outlives dw-lab for a
 * moment, whatever happened to that: then it kills all of them and removes the lab's folder. */
#ifndef DW_LAB_REAL_KEEPER_H
#define DW_LAB_REAL_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"

struct keeper {
	pid_t pid; /* 0: none */
	int sock;  /* for spawner_init(); it belongs to the spawner from then on */
};

#define KEEPER_HOLDER_FILE ".holder" /* in the lab's folder, with namespaces: the holder's pid */

/* Forks the keeper of the lab in `rundir`, whose lock it takes over (closed here). With
 * `namespaces` its programs run below a holder: pid 1 of new user, pid, mount and network
 * namespaces. 0, or negative errno with words; then nothing is left but the folder. */
int keeper_start(struct keeper *k, const char *rundir, int lock, bool namespaces, struct err *e);
/* After the socket is closed: waits until the keeper is done. */
void keeper_wait(struct keeper *k);
/* Can namespaces be had? Tries. 0, or -ENOTSUP with what is missing and how to get it. */
int keeper_probe_namespaces(struct err *why);

#endif
