/* SPDX-License-Identifier: MIT */
/* options.h - dw-plug's command line. */
#ifndef DW_PLUG_OPTIONS_H
#define DW_PLUG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *locator[2];           /* NULL: not given */
	char **command;                   /* behind '='; NULL: none */
	const char *descr, *group, *mode; /* of the first locator */
	const char *pidfile;
	int ready_fd; /* -1: none */
	bool daemon, list;
	int64_t reconnect_ns; /* 0: no */
	unsigned words;
};

/* -1: go on; else the exit code. */
int options_parse(struct options *o, int argc, char **argv);

#endif
