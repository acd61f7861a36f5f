/* SPDX-License-Identifier: MIT */
/* cmd.c - commands that speak the framing: cmd://, and a given argv. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/child.h"
#include "lib/io/ep/cmd.h"
#include "lib/io/ep/streamep.h"

static const int64_t LAST_WORDS_NS = NS_PER_SEC; /* from the end of its output to its exit status */

struct cmd {
	struct stream s;
	struct child *child;
	struct timer timer;
	command_meaning *meaning; /* NULL: none */
	bool has_status;
	int status, why;
	char reason[64]; /* why the stream ended; "": it has not */
};

static void say_end(struct cmd *c)
{
	char words[120] = "";
	if (c->has_status)
		child_words(c->status, words, sizeof words);
	int code = c->has_status && (c->status & 0x7f) == 0 ? c->status >> 8 & 0xff : -1;
	int why = code > 0 && c->meaning ? c->meaning(code, words, sizeof words) : 0;
	if (why < 0)
		ep_end_say(&c->s.end, why, "%s", words);
	else if (c->has_status && c->why != -EPROTO)
		ep_end_say(&c->s.end, code == 0 ? 0 : -ECHILD, "the command %s", words);
	else
		ep_end_say(&c->s.end, c->why, "the command %s%s%s", words, *words ? ": " : "",
			   c->reason);
}

static void stream_ended(struct stream *s, int why, const char *reason)
{
	struct cmd *c = (struct cmd *)s;
	c->why = why;
	snprintf(c->reason, sizeof c->reason, "%s", reason);
	if (c->has_status)
		say_end(c);
	else
		timer_set(&c->timer, loop_now(s->ep.loop) + LAST_WORDS_NS);
}

static void command_ended(void *ctx, int status)
{
	struct cmd *c = ctx;
	c->has_status = true;
	c->status = status;
	if (c->reason[0]) /* else: what it left in the pipe first */
		say_end(c);
}

static void waited(struct timer *t, int64_t now)
{
	(void)now;
	say_end(container_of(t, struct cmd, timer));
}

static void cmd_close(struct ep *e)
{
	struct cmd *c = (struct cmd *)e;
	timer_fini(&c->timer);
	struct child *child = c->child;
	stream_close(e); /* its end of file comes before the signal */
	child_leave(child);
}

static const struct ep_ops cmd_ops = {
	.rx = stream_rx,
	.tx = stream_tx,
	.pause = stream_pause,
	.flushed = stream_flushed,
	.finish = stream_finish,
	.close = cmd_close,
};

int ep_command(struct ep **e, struct loop *l, char *const argv[], bool group,
	       command_meaning *meaning, const struct ep_host *host, void *ctx, struct err *err)
{
	*e = NULL;
	struct cmd *c = (struct cmd *)stream_born(sizeof *c, &cmd_ops, 2, l, host, ctx);
	if (!c)
		return err_set(err, -ENOMEM, "%s: out of memory", argv[0]);
	timer_init(&c->timer, l, waited);
	c->meaning = meaning;
	c->s.over = stream_ended;
	snprintf(c->s.ep.locator, sizeof c->s.ep.locator, "cmd://%.240s", argv[0]);
	snprintf(c->s.ep.descr, sizeof c->s.ep.descr, "%.127s", argv[0]);
	int to, from, r = child_start(&c->child, l, argv, group, &to, &from, command_ended, c, err);
	if (r == 0) {
		r = stream_start(&c->s, from, to);
		if (r < 0)
			err_set(err, r, "%s: %s", argv[0], strerror(-r));
	}
	if (r < 0) {
		ep_close(&c->s.ep);
		return r;
	}
	*e = &c->s.ep;
	return 0;
}

int ep_open_command(struct ep **e, struct loop *l, char *const argv[], const struct ep_host *host,
		    void *ctx, struct err *err)
{
	return ep_command(e, l, argv, false, NULL, host, ctx, err);
}

/* One command with its words, nothing that only a shell can do. */
static bool is_simple(const char *text)
{
	static const char *const keywords[] = { "if",   "while", "until", "for", "case",
						"exec", "exit",  "set",   "!",   NULL };
	if (strpbrk(text, ";|&()<>{}`\n"))
		return false;
	text += strspn(text, " \t");
	size_t n = strcspn(text, " \t");
	for (const char *const *k = keywords; *k; k++)
		if (strlen(*k) == n && memcmp(*k, text, n) == 0)
			return false;
	return !memchr(text, '=', n); /* an assignment in front */
}

/* The shell's language. A simple command takes the shell's place and may ask at the terminal, as
 * ssh does; a longer script is a process group of its own, all of which ends together. */
EP_OPEN(ep_cmd_open)
{
	char text[EP_TEXT_MAX], script[EP_TEXT_MAX + 5];
	(void)keys;
	*e = NULL;
	snprintf(text, sizeof text, "%s", rest);
	ep_unquote(text);
	if (!text[strspn(text, " \t")])
		return err_set(err, -EINVAL, "cmd://: no command");
	bool simple = is_simple(text);
	snprintf(script, sizeof script, "%s%s", simple ? "exec " : "", text);
	char sh[] = "/bin/sh", opt[] = "-c";
	char *argv[] = { sh, opt, script, NULL };
	return ep_command(e, l, argv, !simple, NULL, host, ctx, err);
}
