/* SPDX-License-Identifier: MIT */
/* exec.c - programs in a host's namespace: the caller's, and the system's own ping. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/real/pingtext.h"
#include "lab/real/real.h"
#include "lib/base/units.h"

/* The texts are the program's as long as the call lives. */
static void show_output(struct prog *p)
{
	struct real_call *c = container_of(p, struct real_call, prog);
	c->call.text = p->out.text.v;
	c->call.len = p->out.text.len;
	c->call.text2 = p->err.text.v;
	c->call.len2 = p->err.text.len;
	c->node->touched++;
	real_happened(c->real);
}

static void program_ended(struct prog *p)
{
	struct real_call *c = container_of(p, struct real_call, prog);
	show_output(p);
	c->call.exited = true;
	c->call.code = prog_code(p);
	if (p->out.text.cut || p->err.text.cut)
		err_set(&c->call.words, -EFBIG, "more than %d MiB of output; the rest is lost",
			PROG_TEXT_MAX >> 20);
	call_done(c, 0); /* a spawned one is done since it runs */
}

int exec_start(struct real_call *c, const struct words *argv)
{
	const char *name = c->node->spec->name;
	if (c->node->spec->kind != NODE_HOST || !c->real->namespaces)
		return err_set(&c->call.words, -EOPNOTSUPP,
			       "%s is a station here: programs run on hosts, with "
			       "--backend ns",
			       name);
	if (!argv || !argv->count)
		return err_set(&c->call.words, -EINVAL, "%s: no command given", name);
	c->prog = (struct prog){ .on_exit = program_ended, .on_output = show_output };
	int r = prog_start(&c->prog, &c->real->spawner, c->real->loop, argv, c->node->host.netns);
	if (r < 0)
		return r;
	show_output(&c->prog);
	return c->verb == VERB_SPAWN ? 0 : -EINPROGRESS;
}

/* ---- ping ---- */

static void ping_ended(struct prog *p)
{
	struct real_call *c = container_of(p, struct real_call, prog);
	char words[200];
	prog_last_words(p, words, sizeof words);
	int code = prog_code(p);
	if (code <= 1 && pingtext_read(&c->call.ping, p->out.text.v)) { /* 1: not all came back */
		call_done(c, 0);
		return;
	}
	call_done(c, err_set(&c->call.words, code == 127 ? -ENOENT : -EIO, "%s: ping: %s%s",
			     c->node->spec->name, *words ? words : "it did not say what it found",
			     code == 127 ? " (apt install iputils-ping)" : ""));
}

static int add(struct words *w, const char *option, const char *value)
{
	int r = words_add(w, option);
	return r < 0 ? r : words_add(w, value);
}

static int ping_words(struct words *w, const struct ping_args *a)
{
	static const int64_t shortest = 2 * NS_PER_MS; /* ping floods below that */
	int64_t interval = a->interval_ns < shortest ? shortest : a->interval_ns;
	char number[4][40], ip[16];
	snprintf(number[0], sizeof number[0], "%u", a->count);
	snprintf(number[1], sizeof number[1], "%" PRId64 ".%06" PRId64, interval / NS_PER_SEC,
		 interval % NS_PER_SEC / 1000);
	snprintf(number[2], sizeof number[2], "%" PRId64 ".%06" PRId64, a->within_ns / NS_PER_SEC,
		 a->within_ns % NS_PER_SEC / 1000);
	snprintf(number[3], sizeof number[3], "%u", a->size);
	snprintf(ip, sizeof ip, "%u.%u.%u.%u", a->ip >> 24, a->ip >> 16 & 255, a->ip >> 8 & 255,
		 a->ip & 255);
	int r = add(w, "env", "LC_ALL=C"); /* its numbers with points, its words in English */
	if (r == 0)
		r = add(w, "ping", "-nq");
	if (r == 0)
		r = add(w, "-c", number[0]);
	if (r == 0)
		r = add(w, "-i", number[1]);
	if (r == 0)
		r = add(w, "-W", number[2]);
	if (r == 0)
		r = add(w, "-s", number[3]);
	return r == 0 ? words_add(w, ip) : r;
}

int exec_ping(struct node *n, struct real_call *c, const struct ping_args *a)
{
	struct words w = { 0 };
	c->prog = (struct prog){ .on_exit = ping_ended };
	int r = ping_words(&w, a);
	if (r == 0)
		r = prog_start(&c->prog, &n->real->spawner, n->real->loop, &w, n->host.netns);
	words_fini(&w);
	return r < 0 ? r : -EINPROGRESS;
}
