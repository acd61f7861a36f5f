/* SPDX-License-Identifier: MIT */
/* cmd.c - commands that speak the framing: cmd://, ssh://, and a given argv. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/child.h"
#include "lib/io/ep/streamep.h"

static const int64_t LAST_WORDS_NS = NS_PER_SEC; /* from the end of its output to its exit status */

struct cmd {
	struct stream s;
	struct child *child;
	struct timer timer;
	bool remote; /* it is ssh */
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
	if (c->remote && code == 127)
		ep_end_say(&c->s.end, -ENOENT, "the far side has no dw-plug in its PATH");
	else if (c->remote && code == 255)
		ep_end_say(&c->s.end, -ECONNREFUSED,
			   "ssh could not connect, or lost the connection");
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

static int command(struct ep **e, struct loop *l, char *const argv[], bool remote, bool group,
		   const struct ep_host *host, void *ctx, struct err *err)
{
	*e = NULL;
	struct cmd *c = (struct cmd *)stream_born(sizeof *c, &cmd_ops, 2, l, host, ctx);
	if (!c)
		return err_set(err, -ENOMEM, "%s: out of memory", argv[0]);
	timer_init(&c->timer, l, waited);
	c->remote = remote;
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
	return command(e, l, argv, false, false, host, ctx, err);
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
	return command(e, l, argv, false, !simple, host, ctx, err);
}

/* ---- ssh ---- */

/* Adds `text` to the remote command as one word of the remote shell. false: no room. */
static bool add_word(char *out, size_t room, const char *text)
{
	size_t at = strlen(out);
	for (; *text && at + 5 < room; text++) {
		if (*text == '\'') {
			memcpy(out + at, "'\\''", 4);
			at += 4;
		} else {
			out[at++] = *text;
		}
	}
	out[at] = '\0';
	return !*text;
}

static bool has_tty(void) /* somebody can be asked for a password */
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

struct far {
	char host[256]; /* with USER@ */
	char port[6];   /* "": ssh's own */
	char locator[EP_TEXT_MAX];
};

/* HOST, HOST:PORT or [V6]:PORT behind an optional USER@; ssh wants the IPv6 address without its
 * brackets. */
static int host_of(struct far *f, char *text, struct err *err)
{
	char *at = strrchr(text, '@'), *name = at ? at + 1 : text;
	char *open = *name == '[' ? name : NULL, *close = open ? strchr(open, ']') : NULL;
	char *colon = strchr(close ? close : name, ':');
	if (colon) {
		*colon = '\0';
		uint64_t n;
		if (unit_u64(colon + 1, 1, 65535, &n, NULL) < 0)
			return err_set(err, -EINVAL,
				       "ssh://%s: port '%s' is not a number from 1 to 65535", text,
				       colon + 1);
		snprintf(f->port, sizeof f->port, "%u", (unsigned)n);
	}
	if (close) {
		*close = '\0';
		memmove(open, open + 1, strlen(open));
	}
	if (!*name || text[0] == '-' || text[0] == '@')
		return err_set(err, -EINVAL, "ssh://%s: no host", text);
	if (snprintf(f->host, sizeof f->host, "%s", text) >= (int)sizeof f->host)
		return err_set(err, -EINVAL, "ssh://%.40s...: the host's name is too long", text);
	return 0;
}

/* HOST/LOCATOR: the slash before another scheme's locator is not part of it. */
static int far_of(struct far *f, const char *rest, struct err *err)
{
	char text[EP_TEXT_MAX];
	*f = (struct far){ .port = "" };
	snprintf(text, sizeof text, "%s", rest);
	char *slash = strchr(text, '/');
	if (slash) {
		char *sep = strstr(slash, "://");
		bool scheme = sep && !memchr(slash + 1, '/', (size_t)(sep - slash - 1));
		snprintf(f->locator, sizeof f->locator, "%s", slash + scheme);
		*slash = '\0';
	}
	return host_of(f, text, err);
}

EP_OPEN(ep_ssh_open)
{
	struct far f;
	char line[2 * EP_TEXT_MAX] = "exec dw-plug '";
	*e = NULL;
	int r = far_of(&f, rest, err);
	if (r < 0)
		return r;
	bool fits = add_word(line, sizeof line, f.locator[0] ? f.locator : "vde://");
	for (unsigned i = 0; i < keys->count && fits; i++)
		fits = add_word(line, sizeof line, ",") &&
		       add_word(line, sizeof line, keys->key[i].name) &&
		       add_word(line, sizeof line, "=") &&
		       add_word(line, sizeof line, keys->key[i].value);
	if (!fits || strlen(line) + 2 > sizeof line)
		return err_set(err, -EINVAL, "ssh://%s: too long", f.host);
	memcpy(line + strlen(line), "'", 2);
	char ssh[] = "ssh", o[] = "-o", batch[] = "BatchMode=yes", t[] = "-T", p[] = "-p",
	     dashes[] = "--";
	char *argv[10] = { ssh, t };
	int n = 2;
	if (!has_tty()) {
		argv[n++] = o;
		argv[n++] = batch;
	}
	if (f.port[0]) {
		argv[n++] = p;
		argv[n++] = f.port;
	}
	argv[n++] = dashes;
	argv[n++] = f.host;
	argv[n++] = line;
	return command(e, l, argv, true, false, host, ctx, err);
}
