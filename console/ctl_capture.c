/* SPDX-License-Identifier: MIT */
/* ctl_capture.c - "capture/start WHAT -": our stdout goes to the server along with the command, and
 * we stay until the capture ends. It ends with us, too: the server sees our connection go. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "console/ctl.h"
#include "lib/cli/log.h"

struct ctl_capture {
	struct ctl *ctl;
	struct watch out; /* tells when the reader of stdout goes */
	unsigned id;      /* as the server numbers it; 0: not yet known */
	bool busy;        /* a reply is awaited */
	bool over;
};

bool ctl_wants_stdout(const char *line)
{
	char text[CMD_LINE_MAX + 1];
	struct args a;
	size_t n;
	line = words_first(line, &n);
	snprintf(text, sizeof text, "%s", line);
	return args_split(&a, text, NULL) == 0 && a.count >= 3 &&
	       strcmp(a.word[0], "capture/start") == 0 && strcmp(a.word[2], "-") == 0;
}

/* "3261 capture.end name 7 stopped [3 12.000000000s]" */
void ctl_capture_event(struct ctl_capture *k, const char *line)
{
	static const char end[] = " capture.end name ";
	size_t tag = strcspn(line, " ");
	unsigned id;
	int at = 0;
	if (strncmp(line + tag, end, sizeof end - 1) != 0)
		return;
	line += tag + sizeof end - 1;
	if (sscanf(line, "%u %n", &id, &at) != 1 || id != k->id)
		return;
	k->over = true;
	line += at;
	const char *stamp = strrchr(line, '[');
	int len = stamp && stamp > line ? (int)(stamp - line) - 1 : (int)strlen(line);
	char words[256];
	snprintf(words, sizeof words, "%.*s", len, line);
	if (strcmp(words, "stopped") == 0 || strcmp(words, "the reader went away") == 0)
		return;
	log_error("capture: %s", words);
	k->ctl->failed = true;
}

static void reader_gone(struct watch *w, uint32_t events)
{
	(void)events;
	container_of(w, struct ctl_capture, out)->over = true;
	loop_del(w);
}

static void on_watching(void *ctx, const struct mgmt_reply *r)
{
	(void)r; /* a server without it tells no end: the reader's will do */
	((struct ctl_capture *)ctx)->busy = false;
}

/* Nothing of the reply goes to stdout: it is the capture's. */
static void on_started(void *ctx, const struct mgmt_reply *r)
{
	struct ctl_capture *k = ctx;
	k->busy = false;
	k->ctl->code = r->code;
	if (r->code) {
		snprintf(k->ctl->why, sizeof k->ctl->why, "%.*s", (int)r->len, r->text);
		return;
	}
	size_t digits = strcspn(r->data, "0123456789");
	k->id = (unsigned)strtoul(r->data + digits, NULL, 10);
}

static bool is_busy(struct ctl *c)
{
	return c->capture->busy;
}

static bool is_running(struct ctl *c)
{
	return !c->capture->over;
}

static int send_both(struct ctl_capture *k)
{
	struct ctl *c = k->ctl;
	k->busy = true;
	int r = mgmt_client_send(c->client, "event/watch capture.end", on_watching, k);
	if (!r)
		r = ctl_run(c, is_busy);
	if (r || c->ended)
		return r;
	k->busy = true;
	r = mgmt_client_send_fd(c->client, c->line, STDOUT_FILENO, on_started, k);
	return r ? r : ctl_run(c, is_busy);
}

int ctl_capture(struct ctl *c)
{
	struct ctl_capture k = { .ctl = c };
	if (isatty(STDOUT_FILENO)) {
		log_error("capture/start: stdout is a terminal, and a capture is binary");
		c->failed = true;
		return 0;
	}
	c->capture = &k;
	int r = send_both(&k);
	if (!r && !c->ended && !c->code && k.id) {
		r = loop_add(c->loop, &k.out, STDOUT_FILENO, 0, reader_gone);
		if (!r)
			r = ctl_run(c, is_running);
		loop_del(&k.out);
	}
	c->capture = NULL;
	return r;
}
