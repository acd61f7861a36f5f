/* SPDX-License-Identifier: MIT */
/* wirefilter.h - dw-wire under the name wirefilter: vde-2's options, values, commands and blink. */
#ifndef DW_WIRE_WIREFILTER_H
#define DW_WIRE_WIREFILTER_H

#include "lib/io/loop.h"
#include "lib/io/mgmt.h"
#include "lib/proto/cmd.h"
#include "wire/cable.h"
#include "wire/wf_model.h"

int wirefilter_main(int argc, char **argv); /* the exit code */

struct wirefilter {
	struct wf_model model;
	struct wire_config config;
	struct loop *loop;
	struct pool *pool;
	struct cable *cable;
	struct mgmt *mgmt;
	struct cmd_table table;
	struct cmd_set set;
	bool two_way;
	int blink; /* datagram socket, -1: none */
	const char *blink_path;
	char blink_id[64];
	struct timer watcher; /* ticks the chain while somebody watches its moves */
};

extern const struct cmd_row wirefilter_commands[]; /* wf_commands.c; ctx is a struct wirefilter */

/* The model has changed: so does the wire. 0 or negative errno with words. */
int wirefilter_apply(struct wirefilter *f, int64_t now, struct err *e);
void wirefilter_watch(struct wirefilter *f); /* somebody began or ceased to watch */

#endif
