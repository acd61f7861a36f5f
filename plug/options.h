/* SPDX-License-Identifier: MIT */
/* options.h - dw-plug's command line. */
#ifndef DW_PLUG_OPTIONS_H
#define DW_PLUG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plug/load/plan.h"

struct options {
	const char *locator[2];         /* NULL: not given */
	char **command;                 /* behind '='; NULL: none */
	const char *descr;              /* of both in VDE's way, else of the first one */
	const char *group[2], *mode[2]; /* VDE's; the second ones only under the name vde_plug */
	const char *port[2];            /* likewise */
	const char *pidfile, *mgmt, *rcfile, *capture;
	const char *name; /* --name, else the two ends joined by "--" */
	char name_made[192];
	int ready_fd; /* -1: none */
	bool daemon, list;
	bool compat;          /* called as vde_plug: its options, words and exit codes */
	bool log, iplog;      /* compat: say to syslog who comes, and with which addresses */
	int64_t reconnect_ns; /* 0: no */
	unsigned words;
	bool is_load; /* --generate or --sink */
	struct load_plan load;
};

/* -1: go on; else the exit code. */
int options_parse(struct options *o, int argc, char **argv);
/* The same for vde_plug of vdeplug4, in compat.c. */
bool compat_is(const char *argv0);
int compat_parse(struct options *o, int argc, char **argv);
/* locator.c: what options and locator `i` say together, as one locator. 0 or -EINVAL: too long. */
int options_locator(const struct options *o, unsigned i, char *out, size_t room);

#endif
