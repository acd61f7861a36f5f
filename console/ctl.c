/* SPDX-License-Identifier: MIT */
/* ctl.c - dw-ctl: one command, a file of commands or a terminal, spoken to a management socket. */
#include "console/ctl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/cli/opts.h"
#include "lib/proto/lines.h"

enum {
	EXIT_REFUSED = 1, /* 1EEE */
	EXIT_MISUSE = 2,
	EXIT_TROUBLE = 3,
};

/* ---- printing ---- */

void ctl_print(struct ctl *c, const char *text, size_t len)
{
	(void)c;
	if (fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0)
		return;
	if (errno == EPIPE)
		die_by(SIGPIPE); /* as a filter whose reader went away */
	log_verdict(-errno, "stdout");
	exit(EXIT_TROUBLE);
}

/* "3201 port.up port 1" without the tag, which is for machines; JSON as it is. */
static void on_event(void *ctx, const char *line)
{
	struct ctl *c = ctx;
	if (c->capture) {
		ctl_capture_event(c->capture, line);
		return;
	}
	size_t tag = line[0] == '3' ? strcspn(line, " ") : 0;
	line += tag + (tag && line[tag] == ' ');
	if (!c->busy && isatty(STDOUT_FILENO)) {
		ctl_print(c, "\r\033[K", 4); /* the line being edited is drawn again below */
		c->hid_prompt = true;
	}
	ctl_print(c, line, strlen(line));
	ctl_print(c, "\n", 1);
}

static void on_end(void *ctx)
{
	struct ctl *c = ctx;
	c->ended = true;
}

/* ---- one command ---- */

static bool first_word_is(const char *line, const char *word)
{
	size_t n;
	const char *first = words_first(line, &n);
	return n == strlen(word) && memcmp(first, word, n) == 0;
}

/* What a command that was granted means for us: whether lines come by themselves from now on, and
 * whether the end of the session is what was asked for. */
static void note_success(struct ctl *c)
{
	if (first_word_is(c->line, "event/watch") || first_word_is(c->line, "debug/add"))
		c->watching = true;
	if (first_word_is(c->line, "event/unwatch"))
		c->watching = false;
	if (first_word_is(c->line, "logout") || first_word_is(c->line, "shutdown"))
		c->asked_to_end = true;
}

static void on_reply(void *ctx, const struct mgmt_reply *r)
{
	struct ctl *c = ctx;
	c->busy = false;
	if (!first_word_is(c->line, "event/watch")) /* "{}" is no event */
		ctl_print(c, r->data, r->data_len);
	c->code = r->code;
	if (r->code)
		snprintf(c->why, sizeof c->why, "%.*s", (int)r->len, r->text);
}

/* The words of an error on stderr, the thing first; for an unknown command the nearest one too. */
static void say_failure(struct ctl *c)
{
	const char *near = NULL;
	c->failed = true;
	if (c->code < 0) {
		log_error("%s: %s", c->path, c->why);
		return;
	}
	if (c->code == ENOSYS && !strstr(c->why, "did you mean")) { /* json replies have said it */
		ctl_learn_words(c);
		near = words_near(&c->words, c->line);
	}
	size_t n;
	const char *word = words_first(c->line, &n);
	if (strncmp(c->why, word, n) == 0 && c->why[n] == ':')
		log_error("%s", c->why);
	else if (near && !first_word_is(c->line, near))
		log_error("%.*s: %s; did you mean %s?", (int)n, word, c->why, near);
	else
		log_error("%.*s: %s", (int)n, word, c->why);
}

int ctl_run(struct ctl *c, bool (*go_on)(struct ctl *))
{
	while (!c->ended && (!go_on || go_on(c))) {
		bool stopped;
		int r = loop_turn(c->loop, TIME_NEVER, &stopped);
		if (stopped)
			return r;
	}
	return 0;
}

static bool is_busy(struct ctl *c)
{
	return c->busy;
}

static int send_and_wait(struct ctl *c)
{
	if (ctl_wants_stdout(c->line))
		return ctl_capture(c);
	c->busy = true;
	int r = mgmt_client_send(c->client, c->line, on_reply, c);
	return r < 0 ? r : ctl_run(c, is_busy);
}

int ctl_ask(struct ctl *c, const char *line)
{
	line += strspn(line, " \t");
	bool json = opt_json && *line && *line != '#' && strncmp(line, "json ", 5) != 0;
	snprintf(c->line, sizeof c->line, "%s%s", json ? "json " : "", line);
	c->code = 0;
	int r = send_and_wait(c);
	if (r || c->busy)
		return r;
	if (c->code)
		say_failure(c);
	else
		note_success(c);
	return 0;
}

static void on_help(void *ctx, const struct mgmt_reply *r)
{
	struct ctl *c = ctx;
	c->busy = false;
	if (!r->code)
		words_fill(&c->words, r->data, r->data_len); /* out of memory: no hints, no harm */
}

void ctl_learn_words(struct ctl *c)
{
	if (c->words.count || c->ended)
		return;
	c->busy = true;
	if (mgmt_client_send(c->client, "help", on_help, c) == 0)
		ctl_run(c, is_busy);
}

/* ---- lines from stdin ---- */

struct input {
	struct watch watch;
	struct lines lines;
	bool came, eof;
};

static void on_input(struct watch *w, uint32_t events)
{
	struct input *in = container_of(w, struct input, watch);
	size_t room;
	(void)events;
	char *at = lines_space(&in->lines, &room);
	ssize_t n = read(STDIN_FILENO, at, room);
	if (n > 0)
		lines_filled(&in->lines, (size_t)n);
	else if (n == 0 || errno != EINTR)
		in->eof = true;
	in->came = true;
	loop_del(w);
}

static int wait_input(struct ctl *c, struct input *in)
{
	in->came = false;
	int r = loop_add(c->loop, &in->watch, STDIN_FILENO, EPOLLIN, on_input);
	while (r == 0 && !in->came && !c->ended) {
		bool stopped;
		int end = loop_turn(c->loop, TIME_NEVER, &stopped);
		if (stopped)
			r = end;
	}
	loop_del(&in->watch);
	return r;
}

/* All lines are tried; what was refused shows in the exit code. */
static int ctl_lines(struct ctl *c)
{
	static const struct cmd_set none; /* no tail is a command before its newline or the end */
	struct input in = { .eof = false };
	int r = 0;
	while (r == 0 && !c->ended) {
		bool toolong;
		const char *line = lines_next(&in.lines, &none, in.eof, &toolong);
		if (toolong) {
			log_error("stdin: a line is longer than %d bytes", CMD_LINE_MAX);
			c->failed = true;
		} else if (line) {
			r = ctl_ask(c, line);
		} else if (in.eof) {
			break;
		} else {
			r = wait_input(c, &in);
		}
	}
	return r;
}

/* ---- the command line ---- */

/* A word that would fall apart goes in quotes; the first may be a whole command line of its own. */
static void join_word(struct out *o, const char *word, bool first)
{
	if (first) {
		out_text(o, "%s", word);
		return;
	}
	out_text(o, " ");
	if (*word && !strpbrk(word, " \t\"")) {
		out_text(o, "%s", word);
		return;
	}
	out_text(o, "\"");
	for (; *word; word++)
		out_text(o, "%s%c", *word == '"' || *word == '\\' ? "\\" : "", *word);
	out_text(o, "\"");
}

static int ctl_words(struct ctl *c, char **words, int count)
{
	struct out line;
	out_init(&line, false);
	for (int i = 0; i < count; i++)
		join_word(&line, words[i], i == 0);
	int r = line.oom ? -ENOMEM : ctl_ask(c, line.text);
	if (r == -EINVAL)
		log_error("the command: a newline in it, or longer than %d bytes", CMD_LINE_MAX);
	out_fini(&line);
	return r;
}

static int talk(struct ctl *c, char **words, int count)
{
	bool stdin_lines = count == 1 && strcmp(words[0], "-") == 0;
	int r;
	if (count > 0 && !stdin_lines)
		r = ctl_words(c, words, count);
	else if (!stdin_lines && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return ctl_tty(c);
	else
		r = ctl_lines(c);
	if (r == 0 && c->watching && !c->ended)
		r = ctl_run(c, NULL);
	return r;
}

static int verdict(struct ctl *c, int r)
{
	if (r == -EINVAL)
		return EXIT_MISUSE; /* was said */
	if (r < 0) {
		log_error("%s: %s", c->path, strerror(-r));
		return EXIT_TROUBLE;
	}
	if (c->ended && !c->asked_to_end) {
		if (c->code >= 0) /* else it was said as the answer to a command */
			log_error("%s: the connection ended", c->path);
		return EXIT_TROUBLE;
	}
	return c->failed ? EXIT_REFUSED : 0;
}

static int take_socket(void *ctx, const char *word, struct err *e)
{
	struct ctl *c = ctx;
	(void)e;
	c->path = word;
	return 1; /* the rest is the command's */
}

static const struct program program = {
	.name = "dw-ctl",
	.usage = "[OPTION...] SOCKET [COMMAND...]",
	.about = "Speaks to the management socket of a switch, a wire, a plug or a lab: one "
		 "command, \"-\" for "
		 "lines from stdin, or nothing for a terminal.",
	.word = take_socket,
};

int main(int argc, char **argv)
{
	struct ctl c = { .path = NULL };
	struct err e = { .text = "" };
	int rest = argc;
	int code = opts_parse(&program, &c, argc, argv, &rest);
	if (code >= 0)
		return code;
	if (!c.path)
		return log_verdict(EXIT_MISUSE, "which socket? dw-ctl SOCKET [COMMAND...]");
	c.loop = loop_new();
	if (!c.loop)
		return log_verdict(-errno, "");
	int r = mgmt_client_open(&c.client, c.loop, c.path, &e);
	if (r < 0) {
		log_error("%s", e.text);
		code = EXIT_TROUBLE;
	} else {
		mgmt_client_on_event(c.client, on_event, &c);
		mgmt_client_on_end(c.client, on_end, &c);
		r = talk(&c, argv + rest, argc - rest);
		code = verdict(&c, r);
	}
	mgmt_client_close(c.client);
	words_fini(&c.words);
	loop_free(c.loop);
	return r > 0 ? die_by(r) : code;
}
