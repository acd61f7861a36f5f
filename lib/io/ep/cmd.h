/* SPDX-License-Identifier: MIT */
/* cmd.h - an endpoint on the stdin and stdout of a command: what cmd:// and ssh:// share. */
#ifndef DW_IO_EP_CMD_H
#define DW_IO_EP_CMD_H

#include "lib/io/ep/impl.h"

/* What an exit code above 0 means to who knows the command: negative errno and words, or 0: no
 * more than its number. */
typedef int command_meaning(int code, char *words, size_t room);

/* Runs argv[0] (found in PATH). `group`: see child_start(). `meaning` may be NULL. */
int ep_command(struct ep **e, struct loop *l, char *const argv[], bool group,
	       command_meaning *meaning, const struct ep_host *host, void *ctx, struct err *err);

#endif
