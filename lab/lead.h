/* SPDX-License-Identifier: MIT */
/* lead.h - a run that somebody leads: with a console on this terminal, or over sockets alone. */
#ifndef DW_LAB_LEAD_H
#define DW_LAB_LEAD_H

#include <signal.h>
#include <stdbool.h>

#include "lab/travel/travel.h"

struct lead;

/* console: starts dw-console, which lies beside `self`, on this terminal; what is printed appears
 * once it is gone. Else the folder of the sockets is said. 0; -ENOTTY: no terminal; or negative
 * errno, with words. */
int lead_open(struct lead **out, bool console, const char *self, const volatile sig_atomic_t *stop,
	      struct err *e);
void lead_close(struct lead *l); /* ends the console; NULL is fine */
struct travel *lead_travel(struct lead *l);

#endif
