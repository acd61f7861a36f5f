/* SPDX-License-Identifier: MIT */
/* sockets.c - a management socket for each switch and cable of a lab in virtual time: what it is
 * asked is answered at once; what changes it is done by hand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/travel/inner.h"

/* ---- commands ---- */

static int no_load(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)a, (void)o;
	return err_set(e, -EOPNOTSUPP, "a lab in virtual time reads no files: say the lines");
}

static int no_shutdown(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)a, (void)o;
	return err_set(e, -EOPNOTSUPP, "a switch in virtual time ends by node/kill of the lab");
}

/* "-" is whoever asks; files are the world's own. */
static int capture(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct node_socket *s = ctx;
	struct cmd_table tables[WORLD_TABLES];
	char line[CMD_LINE_MAX];
	int64_t now;
	if (!s->who.cable)
		return err_set(e, -EOPNOTSUPP, "in virtual time cables are captured");
	if (a->count >= 2 && strcmp(a->word[1], "-") == 0)
		return frames_start(s->travel, s->mgmt, s->who, a, o, e);
	s->travel->inner->ops->commands(s->travel->inner, s->who, tables, &now);
	snprintf(line, sizeof line, "capture/start %s", a->tail);
	return cmd_call(&(struct cmd_set){ tables, WORLD_TABLES }, line, o->json, now, o, e);
}

/* In the place of those that every socket of a real program has. */
static const struct cmd_row instead[] = {
	{ "capture/start", "all|ab|ba FILE|- [filter EXPR]",
	  "write the frames of a cable to a file, or to you", CMD_DATA, capture },
	{ "load", "FILE", "not in virtual time", 0, no_load },
	{ "shutdown", "", "not in virtual time", 0, no_shutdown },
	{ 0 },
};

static void refuse(struct out *reply, int r, const struct err *e)
{
	out_text(reply, "1%03d %s\n", -r, e->text);
}

static int run(void *ctx, const struct cmd_set *set, const char *line, struct out *reply)
{
	struct node_socket *s = ctx;
	struct cmd_table table[WORLD_TABLES + 2] = { { instead, s } };
	struct cmd_set all = { table, WORLD_TABLES + 2 }, core = { table + 1, WORLD_TABLES };
	struct travel *t = s->travel;
	struct ref who = s->who;
	int64_t now;
	struct err e = { "" };
	void *unused;
	const char *tail;
	int r;
	if (!t->inner || !t->inner->ops->commands(t->inner, who, table + 1, &now)) {
		r = err_set(&e, -ECONNREFUSED, "it does not run");
		refuse(reply, r, &e);
		return r;
	}
	table[WORLD_TABLES + 1] = set->tables[set->count - 1]; /* mgmt's own */
	const struct cmd_row *row = cmd_find(&core, travel_bare(line), &unused, &tail);
	if (!row || !(row->flags & CMD_WRITES))
		return cmd_run(&all, line, now, reply);
	r = hand_do(t, who, false, line, reply, &e);
	if (r < 0 && !reply->len)
		refuse(reply, r, &e);
	return r;
}

/* ---- life ---- */

static void open_one(struct travel *t, struct node_socket *s)
{
	struct cmd_table table[WORLD_TABLES + 1] = { { instead, s } };
	char path[TRAVEL_PATH + CABLE_NAME_MAX + 8];
	int64_t unused;
	if (!t->inner->ops->commands(t->inner, s->who, table + 1, &unused))
		return;
	snprintf(path, sizeof path, "%s/%s.mgmt", t->folder, travel_name_of(t, s->who));
	struct mgmt_config c = {
		.path = path, .mode = 0600, .gid = -1, .prompt = "vde$ ", .ctx = s, .run = run
	};
	/* One that cannot be had (a name too long for a socket, too many of them) is not there. */
	if (mgmt_open(&s->mgmt, t->loop, &c, &(struct cmd_set){ table, WORLD_TABLES + 1 }, NULL) <
	    0)
		s->mgmt = NULL;
}

void sockets_refresh(struct travel *t)
{
	struct cmd_table unused[WORLD_TABLES];
	int64_t now;
	for (size_t i = 0; t->inner && i < t->nsockets; i++) {
		struct node_socket *s = &t->socket[i];
		bool runs = t->inner->ops->commands(t->inner, s->who, unused, &now);
		if (s->mgmt && !runs) {
			mgmt_close(s->mgmt);
			s->mgmt = NULL;
		} else if (!s->mgmt && runs && !s->lacks) {
			open_one(t, s);
			s->lacks = !s->mgmt;
		}
	}
}

void sockets_close(struct travel *t)
{
	for (size_t i = 0; i < t->nsockets; i++)
		mgmt_close(t->socket[i].mgmt);
	free(t->socket);
	free(t->sockets_of);
	t->socket = NULL;
	t->sockets_of = NULL;
	t->nsockets = 0;
}

int sockets_open(struct travel *t, struct err *e)
{
	const struct plan *p = t->plan;
	if (t->sockets_of && strcmp(t->sockets_of, t->test->file) == 0)
		return 0;
	sockets_close(t);
	t->socket = calloc(p->nnodes + p->ncables + 1, sizeof *t->socket);
	t->sockets_of = strdup(t->test->file);
	if (!t->socket || !t->sockets_of)
		return err_set(e, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < p->nnodes; i++)
		if (p->nodes[i].kind == NODE_SWITCH)
			t->socket[t->nsockets++] =
				(struct node_socket){ .travel = t, .who = { .index = i } };
	for (unsigned i = 0; i < p->ncables; i++)
		t->socket[t->nsockets++] =
			(struct node_socket){ .travel = t, .who = { .cable = true, .index = i } };
	sockets_refresh(t);
	return 0;
}

void sockets_event(struct travel *t, struct ref who, const struct event *ev)
{
	for (size_t i = 0; i < t->nsockets; i++) {
		struct node_socket *s = &t->socket[i];
		if (s->mgmt && s->who.cable == who.cable && s->who.index == who.index) {
			mgmt_event(s->mgmt, ev);
			return;
		}
	}
}
