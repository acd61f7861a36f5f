/* SPDX-License-Identifier: MIT */
/* stay.h - a lab that stays: its world goes on without a test and answers on a management socket in
 * its folder (rundir.h) until it is told to end. */
#ifndef DW_LAB_REAL_STAY_H
#define DW_LAB_REAL_STAY_H

#include "lab/world.h"

struct stay;

/* Makes the socket of a real world that has a name. 0 or negative errno with words. */
int stay_open(struct stay **out, struct world *w, struct err *e);
/* Until `shutdown` is said (0), a signal came (-EINTR) or the lab cannot go on (words). */
int stay_serve(struct stay *s, struct err *e);
void stay_close(struct stay *s);            /* the world stays the caller's */
const char *stay_dir(const struct stay *s); /* the lab's folder */

#endif
