/* SPDX-License-Identifier: MIT */
/* sw.h - one running switch: a bridge core, the sockets around it, and the commands that steer it.
 */
#ifndef DW_SWITCH_SW_H
#define DW_SWITCH_SW_H

#include "lib/base/err.h"
#include "lib/base/frame.h"
#include "lib/io/captures.h"
#include "lib/io/loop.h"
#include "lib/io/mgmt.h"
#include "lib/io/vde_server.h"
#include "switch/core/bridge.h"
#include "switch/options.h"
#include "switch/ports.h"
#include "switch/vde.h"

enum { SW_TABLES = 9 };

struct sw {
	const struct options *opt; /* borrowed */
	struct loop *loop;
	struct pool *pool;
	struct bridge *bridge;
	struct ports *ports;
	struct vde_server *server;
	struct mgmt *mgmt;
	struct captures *captures;
	struct timer tick;    /* the core's next deadline */
	struct poller poller; /* serves endpoints, then keys the timer */
	struct vde_hash hash;
	int64_t born;
	char *mgmt_path; /* absolute; NULL: no socket */
	int mgmt_mode;
	bool stdin_ended; /* the console's end of file stopped the loop */
	struct cmd_table tables[SW_TABLES];
	struct cmd_set commands;
};

/* Opens everything the options ask for, runs the rc file, and accepts. 0, or negative errno with
 * words; -EINVAL and -ERANGE are misuse. What was opened is left to sw_free(). */
int sw_open(struct sw **out, const struct options *opt, struct err *e);
void sw_free(struct sw *sw); /* sockets and the directory are removed; NULL is fine */

/* "3" or a port's name: 0..numports (it need not exist); -EINVAL. */
int sw_port_arg(const struct sw *sw, const char *word);

/* Rows that need files, sockets or names; ctx is the struct sw. */
extern const struct cmd_row switch_commands[];

/* config.c: the settings as a script. */
cmd_fn config_show, config_save, config_load, config_check;

/* capture.c: what struct bridge_host asks for, and the captures that it serves. */
void sw_tap(void *ctx, unsigned port, enum bridge_dir dir, const struct pieces *frame,
	    enum drop_reason why, int64_t now);
int sw_captures_open(struct sw *sw); /* 0 or -ENOMEM */

#endif
