/* SPDX-License-Identifier: MIT */
/* spin.h - who on this machine may burn a processor to be on time: fewer than half of the
 * processors are given away, one to a wire, whoever runs it. */
#ifndef DW_WIRE_SPIN_H
#define DW_WIRE_SPIN_H

/* A token (a descriptor, kept open as long as one spins), or -1: none is left. */
int spin_take(void);

#endif
