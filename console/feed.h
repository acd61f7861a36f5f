/* SPDX-License-Identifier: MIT */
/* feed.h - sources by their management sockets: connecting, asking, listening, coming back. Keeps
 * the model true. Never blocks; a socket that is slow, mute, mad or gone harms nobody but itself.
 */
#ifndef DW_CONSOLE_FEED_H
#define DW_CONSOLE_FEED_H

#include "console/model.h"
#include "lib/io/loop.h"
#include "lib/io/mgmt.h"

struct feeds;

struct feeds_config {
	int64_t delay_ns;           /* pace of what is asked as often as the screen changes */
	void (*changed)(void *ctx); /* a notice: the model moved */
	void *ctx;
};

int feeds_open(struct feeds **out, struct loop *l, struct model *m, const struct feeds_config *c);
void feeds_close(struct feeds *all); /* NULL is fine; the model stays */

/* One more source; a path that is known already is left as it is. `asked`: the user named it. 0,
 * -EEXIST, -ENOSPC, -ENOMEM. */
int feeds_add(struct feeds *all, const char *path, const char *lab, bool asked);
/* The sockets of the labs that run: *.mgmt in the folders of the runtime directory; `lab` NULL: all
 * of them, else that one. The number that was new, or -ENOENT: there is no such lab. */
int feeds_discover(struct feeds *all, const char *lab);
/* What is on the screen: WANT_ bits, and whether each source (by idx) has anything on it. */
void feeds_want(struct feeds *all, unsigned wants, const bool *seen);
/* Every source has been heard at least `answers` times about all that is wanted, or is dead. */
bool feeds_settled(const struct feeds *all, unsigned answers);

/* Sends a command as it stands; `done` as of mgmt_client_send(). Afterwards all of the source is
 * asked anew. 0, -ENOTCONN, or as mgmt_client_send(). */
int feeds_command(struct feeds *all, unsigned source, const char *line,
		  void (*done)(void *ctx, const struct mgmt_reply *r), void *ctx);

/* The same with a descriptor (borrowed) that goes along. */
int feeds_command_fd(struct feeds *all, unsigned source, const char *line, int fd,
		     void (*done)(void *ctx, const struct mgmt_reply *r), void *ctx);

/* Asks all sources that nobody touched yet how they are, for the scenario. */
void feeds_ask_configs(struct feeds *all);

#endif
