/* SPDX-License-Identifier: MIT */
/* service.c - a switch or a cable: started, made what the plan says, asked, killed, started again.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/real/eventline.h"
#include "lab/real/real.h"
#include "lib/base/units.h"

static const int64_t FILL_NS = 500 * NS_PER_MS;

struct ask { /* a management line under way; its call may end before the answer comes */
	struct real_call *call;
	struct service *service;
	struct ask *next;
};

static void up(struct service *v)
{
	struct real_call *c = v->power;
	v->state = SERVICE_UP;
	v->power = NULL;
	timer_set(&v->filled, TIME_NEVER);
	if (c)
		call_done(c, 0);
}

/* Those who were faster than our watching; events tell of the rest, in order with this answer. */
static void count_plugs(void *ctx, const struct mgmt_reply *r)
{
	static const char mark[] =
		"\"endpoints\":[{"; /* quotes in names are escaped: this is no name's */
	struct service *v = ctx;
	v->plugs = 0;
	for (const char *p = r->code == 0 ? strstr(r->text, mark) : NULL; p;
	     p = strstr(p + 1, mark))
		v->plugs++;
	if (v->plugs >= v->plugs_wanted && v->state == SERVICE_FILLING)
		up(v);
}

/* Who was plugged in plugs in again, cables and ends alike, within a moment; a cable that is cut
 * does not. */
static void fill(struct service *v)
{
	v->state = SERVICE_FILLING;
	if (!v->power || !v->plugs_wanted ||
	    mgmt_client_send(v->mgmt, "json port/print", count_plugs, v) < 0)
		up(v);
	else
		timer_set(&v->filled, loop_now(v->real->loop) + FILL_NS);
}

static void filled(struct timer *t, int64_t now)
{
	(void)now;
	up(container_of(t, struct service, filled));
}

/* ---- its settings ---- */

static void line_failed(struct service *v, int code, const char *words)
{
	struct real_call *c = v->power;
	v->power = NULL;
	if (c) {
		err_set(&c->call.words, code, "%s: %s", v->name, words);
		call_done(c, code);
	} else {
		real_trouble(v->real, code, "%s: %s", v->name, words);
	}
}

static void line_done(void *ctx, const struct mgmt_reply *r)
{
	struct service *v = ctx;
	if (r->code < 0)
		return; /* it ended: that is told elsewhere */
	if (r->code > 0)
		line_failed(v, -EINVAL, r->text); /* the plan is wrong */
	if (--v->lines_left == 0 && v->state == SERVICE_SETTING)
		fill(v);
	real_happened(v->real);
}

static int send_line(struct service *v, const char *line)
{
	int r = mgmt_client_send(v->mgmt, line, line_done, v);
	if (r == 0)
		v->lines_left++;
	else
		line_failed(v, r, strerror(-r));
	return r;
}

/* Learning and forgetting are too many to tell about; all else is told. */
static void watch_events(struct service *v)
{
	char line[CMD_LINE_MAX];
	size_t len = (size_t)snprintf(line, sizeof line, "json event/watch");
	for (unsigned k = 0; k < EVENT_KINDS; k++)
		if (k != EVENT_FDB_AGE && k != EVENT_FDB_LEARN)
			len += (size_t)snprintf(line + len, sizeof line - len, " %s",
						event_name(k));
	send_line(v, line);
}

static void event_came(void *ctx, const char *line)
{
	struct service *v = ctx;
	const struct world_hooks *h = &v->real->world.setup->hooks;
	struct eventline e;
	v->touched++;
	if (eventline_read(&e, line) < 0)
		return; /* "event.lost", say */
	if (e.event.kind == EVENT_PLUG && ++v->plugs == v->plugs_wanted &&
	    v->state == SERVICE_FILLING)
		up(v);
	e.event.at = real_now(v->real);
	real_happened(v->real);
	if (v->real->standing && h->event) /* while all is being built no lab looks on */
		h->event(h->ctx, v->ref, &e.event);
}

static void ready(struct prog *p)
{
	struct service *v = container_of(p, struct service, prog);
	struct err e = { "" };
	v->state = SERVICE_SETTING;
	v->lines_left = 0;
	v->touched++;
	int r = mgmt_client_open(&v->mgmt, v->real->loop, v->mgmt_path, &e);
	if (r < 0) {
		line_failed(v, r == -EINVAL ? -EIO : r, e.text);
		return;
	}
	mgmt_client_on_event(v->mgmt, event_came, v);
	watch_events(v);
	for (size_t i = 0; i < v->lines.count; i++)
		send_line(v, v->lines.v[i]);
}

int service_add_line(struct service *v, const char *line)
{
	int r = words_add(&v->lines, line);
	return r == 0 && v->state >= SERVICE_SETTING ? send_line(v, line) : r;
}

/* ---- lines that are under way ---- */

static void strike(struct ask *a)
{
	for (struct ask **at = &a->service->asks; *at; at = &(*at)->next)
		if (*at == a) {
			*at = a->next;
			break;
		}
	if (a->call)
		a->call->ask = NULL;
	free(a);
}

/* Closes the session: what is under way gets no answer any more. */
static void hang_up(struct service *v)
{
	mgmt_client_close(v->mgmt);
	v->mgmt = NULL;
	while (v->asks) {
		struct real_call *c = v->asks->call;
		strike(v->asks);
		if (c)
			call_done(c, err_set(&c->call.words, -ECONNRESET, "%s ended", v->name));
	}
}

/* ---- its life ---- */

static void ended(struct prog *p)
{
	struct service *v = container_of(p, struct service, prog);
	struct real_call *c = v->power;
	struct err e = { "" };
	char words[320];
	v->state = SERVICE_DOWN;
	v->touched++;
	timer_set(&v->filled, TIME_NEVER);
	hang_up(v);
	if (v->again) {
		v->again = false;
		if (service_start(v, &e) < 0)
			line_failed(v, -EIO, e.text);
	} else if (c && !v->wanted) {
		v->power = NULL;
		call_done(c, 0);
	} else if (v->wanted) {
		v->wanted = false;
		prog_last_words(p, words, sizeof words);
		if (v->real->standing && v->real->world.setup->name)
			return; /* whoever looks sees that it is down */
		real_trouble(v->real, -EPIPE, "%s ended%s%s (%s %d)", v->name, *words ? ": " : "",
			     words, prog_code(p) > 128 ? "signal" : "exit code",
			     prog_code(p) > 128 ? prog_code(p) - 128 : prog_code(p));
	}
}

int service_start(struct service *v, struct err *e)
{
	struct real *r = v->real;
	prog_fini(&v->prog);
	v->prog = (struct prog){ .on_ready = ready, .on_exit = ended };
	if (!v->filled.loop)
		timer_init(&v->filled, r->loop, filled);
	v->state = SERVICE_STARTING;
	v->plugs = 0;
	v->wanted = true;
	v->paused = false;
	int code = prog_start(&v->prog, &r->spawner, r->loop, &v->argv, NULL);
	if (code < 0)
		v->state = SERVICE_DOWN;
	return code < 0 ? err_set(e, code, "%s: %s", v->name, strerror(-code)) : 0;
}

void service_fini(struct service *v)
{
	hang_up(v);
	timer_fini(&v->filled);
	prog_fini(&v->prog);
	words_fini(&v->argv);
	words_fini(&v->lines);
}

/* ---- what is asked of it ---- */

static int kill_it(struct service *v, bool again, struct real_call *c)
{
	struct err *e = &c->call.words;
	if (v->power)
		return err_set(e, -EBUSY, "%s is being started or killed already", v->name);
	v->wanted = false;
	v->again = again && v->prog.running;
	v->paused = false;
	v->power = c;
	if (v->prog.running) {
		prog_signal(&v->prog, SIGKILL);
		return -EINPROGRESS;
	}
	int r = again ? service_start(v, e) : 0;
	if (r < 0 || !again)
		v->power = NULL;
	return r == 0 && again ? -EINPROGRESS : r;
}

static int stop_it(struct service *v, bool stop, struct real_call *c)
{
	if (v->state == SERVICE_DOWN && stop)
		return err_set(&c->call.words, -ESRCH, "%s is not running", v->name);
	prog_signal(&v->prog, stop ? SIGSTOP : SIGCONT);
	v->paused = stop;
	return 0;
}

int service_power(struct service *v, enum power p, struct real_call *c)
{
	v->touched++;
	switch (p) {
	case POWER_KILL:
	case POWER_RESTART:
		return kill_it(v, p == POWER_RESTART, c);
	case POWER_PAUSE:
	case POWER_RESUME:
		return stop_it(v, p == POWER_PAUSE, c);
	}
	return -EINVAL;
}

static void answered(void *ctx, const struct mgmt_reply *r)
{
	struct ask *a = ctx;
	struct real_call *c = a->call;
	a->service->touched++;
	strike(a);
	if (!c)
		return;
	if (r->code == 0)
		call_done(c, call_text(c, r->text, r->len));
	else
		call_done(c, err_set(&c->call.words, r->code < 0 ? -ECONNRESET : -r->code, "%s",
				     r->text));
}

void service_cmd(struct service *v, struct real_call *c, const char *line)
{
	struct err *e = &c->call.words;
	char json[CMD_LINE_MAX + 8];
	if (v->state < SERVICE_SETTING) {
		call_done(c, err_set(e, -ECONNREFUSED, "%s is not running", v->name));
		return;
	}
	if (v->paused) {
		call_done(c,
			  err_set(e, -ETIMEDOUT, "%s stands still and does not answer", v->name));
		return;
	}
	struct ask *a = malloc(sizeof *a);
	if (!a) {
		call_done(c, -ENOMEM);
		return;
	}
	*a = (struct ask){ .call = c, .service = v, .next = v->asks };
	v->asks = a;
	c->ask = a;
	snprintf(json, sizeof json, "json %s", line);
	int r = mgmt_client_send(v->mgmt, json, answered, a);
	if (r < 0) {
		strike(a);
		call_done(c, err_set(e, r, "%s: %s", v->name, strerror(-r)));
	}
}

void service_forget(struct real_call *c)
{
	if (c->ask)
		c->ask->call = NULL;
	c->ask = NULL;
	struct service *v = c->node ? &c->node->sw : NULL;
	if (v && v->power == c)
		v->power = NULL;
}
