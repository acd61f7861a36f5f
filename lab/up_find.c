/* SPDX-License-Identifier: MIT */
/* up_find.c - which lab is meant, and what it answers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/real/ask.h"
#include "lab/up.h"

struct choice {
	struct up *up;
	char names[300];
	size_t count;
};

static void note(void *ctx, const char *name, const char *path)
{
	struct choice *c = ctx;
	size_t len = strlen(c->names);
	snprintf(c->up->name, sizeof c->up->name, "%s", name);
	snprintf(c->up->dir, sizeof c->up->dir, "%s", path);
	snprintf(c->names + len, sizeof c->names - len, "%s%s", c->count++ ? ", " : "", name);
}

int up_choose(struct up *u)
{
	struct choice c = { .up = u };
	if (rundir_labs(u->lab, note, &c) == 1)
		return 0;
	if (c.count) {
		log_error("which lab? %s are up; choose with -l", c.names);
		return 2;
	}
	if (!u->lab || rundir_labs(NULL, note, &c) == 0)
		log_error(u->lab ? "%s: no lab is up" : "no lab is up%s", u->lab ? u->lab : "");
	else
		log_error("%s: no lab of that name is up; %s", u->lab, c.names);
	return 1;
}

int up_ask(struct up *u, const char *line, char **text)
{
	char path[RUNDIR_MAX + sizeof RUNDIR_LAB_SOCKET], asked[4200];
	struct err e = { "" };
	char *reply = NULL;
	snprintf(path, sizeof path, "%s/" RUNDIR_LAB_SOCKET, u->dir);
	snprintf(asked, sizeof asked, "%s%s", opt_json && !text ? "json " : "", line);
	int r = ask_socket(path, asked, &reply, &e);
	if (r == -ECONNRESET || r == -ETIMEDOUT || r == -EINTR || r == -ENOMEM)
		return log_verdict(3, e.text);
	if (r < 0) {
		log_error("%s", e.text[0] ? e.text : strerror(-r));
		return 1;
	}
	if (text) {
		*text = reply;
		return 0;
	}
	fputs(reply, stdout);
	r = fflush(stdout) ? log_verdict(-errno, "stdout") : 0;
	free(reply);
	return r;
}
