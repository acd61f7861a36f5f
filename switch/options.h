/* SPDX-License-Identifier: MIT */
/* options.h - the command line of dw-switch, and of vde_switch when run under that name. */
#ifndef DW_SWITCH_OPTIONS_H
#define DW_SWITCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct join {             /* -t and --plug, in the order given */
	bool tap;         /* text is an interface name, else a locator with keys */
	const char *text; /* from argv */
};

struct options {
	bool compat;        /* run as vde_switch: its option table, texts and exit codes alone */
	bool help, version; /* asked for in compat mode, where the table is ours to answer */
	bool daemon, hub, fstp, nostdin;
	bool has_mac;
	uint8_t mac[6];
	unsigned numports, priority, hashsize; /* hashsize: shown and accepted, see vde_hash.c */
	int mode, dirmode, mgmtmode;           /* -1: not given */
	int gid, mgmtgid;                      /* -1: none */
	int ready_fd;                          /* -1: none */
	const char *name;                      /* of this switch, in the log; NULL: the program's */
	const char *sock, *mgmt, *rcfile, *pidfile; /* NULL: not given */
	struct join *joins;
	size_t joins_count;
};

/* Fills `o`. -1: go on; else the exit code (help and version were answered, misuse was said). */
int options_parse(struct options *o, int argc, char **argv);
void options_fini(struct options *o);

#endif
