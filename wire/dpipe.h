/* SPDX-License-Identifier: MIT */
/* dpipe.h - dw-wire under the name dpipe: vdeplug4's options, its chains, nothing else. */
#ifndef DW_WIRE_DPIPE_H
#define DW_WIRE_DPIPE_H

int dpipe_main(int argc,
	       char **argv); /* the exit code, unless a command took the process over (-n) */

#endif
