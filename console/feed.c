/* SPDX-License-Identifier: MIT */
/* feed.c - one management socket each: connect, learn what it is, ask what is wanted, listen.
 *
 * State is the source's (model.h): asking until `json help` was answered, then up; slow while an
 * answer is overdue; dead when the connection ended, with the reason, and tried again after a wait
 * that doubles. */
#include "console/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "console/feed_inner.h"
#include "console/record.h"
#include "lib/base/event.h"
#include "lib/base/units.h"

#define RETRY_FIRST_NS (100 * NS_PER_MS)
#define RETRY_LAST_NS NS_PER_SEC
#define SLOW_NS (2 * NS_PER_SEC)

enum { CONFIG_MAX = 1 << 18 };
enum {
	COMPLAINTS_MAX = 8
}; /* answers in a row that were not understood: then it is not one of ours */

/* What is listened to from the beginning: all but each address learned, which a busy switch could
 * fill the line with. */
static const char watch_basic[] =
	"json event/watch port.* *plug fdb.move fdb.flap rstp.* config drop wire.*";
static const char watch_learning[] = "json event/watch fdb.learn";
static const char unwatch_learning[] = "event/unwatch fdb.learn";

static void ask_due(struct feed *f);
static void connect_again(struct feed *f);

static void keep_time(struct feeds *all)
{
	struct timespec wall;
	clock_gettime(CLOCK_REALTIME, &wall);
	all->model->now = loop_now(all->loop);
	all->model->wall_ns = wall.tv_sec * NS_PER_SEC + wall.tv_nsec;
}

static void set_state(struct feed *f, enum source_state state, const char *why)
{
	keep_time(f->all);
	model_set_state(f->all->model, f->source, state, why, f->all->model->now);
	f->all->changed(f->all->ctx);
}

/* ---- the end of a connection, and the next one ---- */

static void drop_connection(struct feed *f, const char *why)
{
	if (f->client) {
		mgmt_client_close(f->client);
		f->client = NULL;
	}
	memset(f->poll, 0, sizeof f->poll);
	f->waiting = 0;
	f->learned = f->config_asked = false;
	f->listening = LISTEN_NOT;
	f->source->stats_at = 0;
	f->source->has_rates = false;
	set_state(f, SRC_DEAD, why);
	timer_set(&f->timer, loop_now(f->all->loop) + f->retry_ns);
	f->retry_ns = 2 * f->retry_ns < RETRY_LAST_NS ? 2 * f->retry_ns : RETRY_LAST_NS;
}

static void on_end(void *ctx)
{
	struct feed *f = ctx;
	drop_connection(f, f->last_words[0] ? f->last_words : "the connection ended");
}

/* The time of a lab has leapt: everything is asked anew. */
static void follow_leap(struct feeds *all)
{
	if (all->leaps == all->model->leaps)
		return;
	all->leaps = all->model->leaps;
	for (unsigned i = 0; i < all->count; i++) {
		struct feed *f = all->feed[i];
		for (unsigned k = 0; f->source->kind != KIND_LAB && k < POLLS; k++)
			f->poll[k].due = 0;
		ask_due(f);
	}
}

/* ---- answers ---- */

static void note_slowness(struct feed *f)
{
	struct source *s = f->source;
	int64_t now = loop_now(f->all->loop);
	if (f->waiting && now - f->waiting_since > SLOW_NS && s->state != SRC_DEAD)
		set_state(f, SRC_SLOW, "no answer");
	else if (!f->waiting && s->state == SRC_SLOW)
		set_state(f, f->learned ? SRC_UP : SRC_CONNECTING, "");
}

static void sent_one(struct feed *f)
{
	if (!f->waiting++)
		f->waiting_since = loop_now(f->all->loop);
}

/* An answer came: what still waits is as old as this. */
static void got_one(struct feed *f)
{
	f->waiting -= f->waiting > 0;
	f->waiting_since = f->answered = loop_now(f->all->loop);
	note_slowness(f);
}

static void keep_last_words(struct feed *f, const struct mgmt_reply *r)
{
	snprintf(f->last_words, sizeof f->last_words, "%.*s", (int)r->len, r->text);
}

static void not_understood(struct feed *f, const char *what)
{
	char why[96];
	snprintf(why, sizeof why, "%s: an answer that makes no sense", what);
	f->source->complaints++;
	snprintf(f->source->why, sizeof f->source->why, "%s", why);
	if (++f->complaints >= COMPLAINTS_MAX)
		drop_connection(f, why);
}

static void on_poll(void *ctx, const struct mgmt_reply *r)
{
	struct poll_state *ps = ctx;
	struct feed *f = ps->feed;
	struct feeds *all = f->all;
	const struct poll *p = &polls[ps - f->poll];
	if (r->code < 0) {
		keep_last_words(f, r);
		return; /* on_end() follows */
	}
	keep_time(all);
	int64_t now = all->model->now;
	int64_t took = now - (ps->sent > f->answered ? ps->sent : f->answered); /* one at a time */
	int64_t period = p->period_ns ? p->period_ns : all->delay;
	ps->asked = false;
	ps->answers++;
	ps->due = ps->sent + period > now + POLL_REST * took ? ps->sent + period
							     : now + POLL_REST * took;
	got_one(f);
	if (r->code) {
		ps->due = now + 10 * NS_PER_SEC; /* refused: it will hardly think again soon */
	} else if (p->take(all->model, f->source, r->text, r->len, now) == 0) {
		f->complaints = 0;
	} else {
		not_understood(f, p->command);
		return;
	}
	follow_leap(all);
	ask_due(f);
	all->changed(all->ctx);
}

static void on_silence(void *ctx, const struct mgmt_reply *r)
{
	struct feed *f = ctx;
	if (r->code < 0)
		keep_last_words(f, r);
	else
		got_one(f);
}

/* ---- what it is ---- */

static void on_config(void *ctx, const struct mgmt_reply *r)
{
	struct feed *f = ctx;
	if (r->code < 0) {
		keep_last_words(f, r);
		return;
	}
	f->config_asked = false;
	got_one(f);
	if (r->code)
		return;
	char *copy = r->len > CONFIG_MAX
			     ? strdup("# its configuration is too long to be repeated here\n")
			     : strndup(r->text, r->len);
	if (copy) {
		free(f->source->config);
		f->source->config = copy;
	}
}

/* How it was before anybody touched it from here, for the scenario that repeats what was done. Not
 * asked before it is needed: a long configuration takes its switch a while to tell. */
static void ask_config(struct feed *f)
{
	if (f->config_asked || f->source->touched || f->source->kind == KIND_FOREIGN ||
	    !source_can(f->source, "config/show"))
		return;
	if (mgmt_client_send(f->client, "config/show", on_config, f) == 0) {
		f->config_asked = true;
		sent_one(f);
	}
}

static void come_up(struct feed *f)
{
	f->retry_ns = RETRY_FIRST_NS;
	f->complaints = 0;
	f->learned = true;
	set_state(f, SRC_UP,
		  f->source->kind == KIND_FOREIGN ? "speaks no JSON: only : commands" : "");
	if (f->source->kind != KIND_FOREIGN && source_can(f->source, "event/watch") &&
	    mgmt_client_send(f->client, watch_basic, on_silence, f) == 0) {
		sent_one(f);
		f->listening = LISTEN_BASIC;
	}
	ask_due(f);
}

static void on_help_text(void *ctx, const struct mgmt_reply *r)
{
	struct feed *f = ctx;
	if (r->code < 0) {
		keep_last_words(f, r);
		return;
	}
	got_one(f);
	take_help_text(f->all->model, f->source, r->text, r->len, loop_now(f->all->loop));
	come_up(f);
}

static void on_help(void *ctx, const struct mgmt_reply *r)
{
	struct feed *f = ctx;
	if (r->code < 0) {
		keep_last_words(f, r);
		return;
	}
	got_one(f);
	if (r->code) { /* VDE's own: "json" is no command of theirs */
		if (mgmt_client_send(f->client, "help", on_help_text, f) == 0)
			sent_one(f);
		return;
	}
	if (take_help(f->all->model, f->source, r->text, r->len, loop_now(f->all->loop)) < 0)
		drop_connection(f, "help: an answer that makes no sense");
	else
		come_up(f);
}

/* ---- events ---- */

static void on_event(void *ctx, const char *line)
{
	struct feed *f = ctx;
	struct model *m = f->all->model;
	uint64_t before = m->event_seq;
	keep_time(f->all);
	if (take_event(m, f->source, line, strlen(line), m->now) < 0) {
		f->source->complaints++;
		return;
	}
	const struct event_line *e = model_event_at(m, m->event_seq);
	if (m->event_seq != before && e && e->kind >= 0)
		for (unsigned i = 0; i < POLLS; i++)
			if (polls[i].news & event_bit((enum event_kind)e->kind) &&
			    f->poll[i].due > m->now)
				f->poll[i].due = m->now;
	ask_due(f);
	f->all->changed(f->all->ctx);
}

/* ---- asking ---- */

static void listen_as_wanted(struct feed *f)
{
	bool want = f->all->wants & WANT_LEARNING;
	if (f->listening == LISTEN_NOT || want == (f->listening == LISTEN_ALL))
		return;
	if (mgmt_client_send(f->client, want ? watch_learning : unwatch_learning, on_silence, f) ==
	    0) {
		sent_one(f);
		f->listening = want ? LISTEN_ALL : LISTEN_BASIC;
	}
}

/* Sends what is due, and sets the timer for what will be next. */
static void ask_due(struct feed *f)
{
	struct feeds *all = f->all;
	int64_t now = loop_now(all->loop), next = now + NS_PER_SEC;
	if (!f->client || !f->learned)
		return;
	if (f->source->kind != KIND_FOREIGN)
		listen_as_wanted(f);
	for (unsigned i = 0; i < POLLS; i++) {
		struct poll_state *ps = &f->poll[i];
		char line[64];
		if (ps->asked || !poll_fits(&polls[i], f->source, all->wants))
			continue;
		bool seldom = !f->seen && ps->answers && !(polls[i].wants & WANT_ALWAYS);
		int64_t due = ps->due + (seldom ? POLL_UNSEEN * all->delay : 0);
		if (due > now) {
			next = due < next ? due : next;
			continue;
		}
		snprintf(line, sizeof line, "json %s", polls[i].command);
		ps->feed = f;
		if (mgmt_client_send(f->client, line, on_poll, ps) < 0)
			continue;
		ps->asked = true;
		ps->sent = now;
		sent_one(f);
	}
	timer_set(&f->timer, next);
}

static void connect_again(struct feed *f)
{
	struct err e;
	f->last_words[0] = '\0';
	int r = mgmt_client_open(&f->client, f->all->loop, f->source->path, &e);
	if (r < 0) {
		const char *words = strrchr(e.text, ':'); /* the path is shown elsewhere */
		drop_connection(f, words && words[1] == ' ' ? words + 2 : e.text);
		return;
	}
	mgmt_client_on_event(f->client, on_event, f);
	mgmt_client_on_end(f->client, on_end, f);
	if (f->source->state != SRC_DEAD) /* one that was dead is so until it answers */
		set_state(f, SRC_CONNECTING, "");
	if (mgmt_client_send(f->client, "json help", on_help, f) == 0)
		sent_one(f);
	timer_set(&f->timer, loop_now(f->all->loop) + NS_PER_SEC);
}

static void on_timer(struct timer *t, int64_t now)
{
	struct feed *f = container_of(t, struct feed, timer);
	if (!f->client) {
		connect_again(f);
		return;
	}
	note_slowness(f);
	ask_due(f);
	if (!f->learned)
		timer_set(t, now + NS_PER_SEC);
}

/* ---- all of them ---- */

int feeds_open(struct feeds **out, struct loop *l, struct model *m, const struct feeds_config *c)
{
	struct feeds *all = calloc(1, sizeof *all);
	*out = all;
	if (!all)
		return -ENOMEM;
	all->loop = l;
	all->model = m;
	all->delay = c->delay_ns;
	all->changed = c->changed;
	all->ctx = c->ctx;
	keep_time(all);
	return 0;
}

void feeds_close(struct feeds *all)
{
	for (unsigned i = 0; all && i < all->count; i++) {
		mgmt_client_close(all->feed[i]->client);
		timer_fini(&all->feed[i]->timer);
		free(all->feed[i]);
	}
	free(all);
}

int feeds_add(struct feeds *all, const char *path, const char *lab, bool asked)
{
	char name[NAME_LEN];
	for (unsigned i = 0; i < all->count; i++)
		if (strcmp(all->feed[i]->source->path, path) == 0)
			return -EEXIST;
	if (all->count == SOURCES_MAX)
		return -ENOSPC;
	const char *base = strrchr(path, '/');
	base = base ? base + 1 : path;
	size_t n = strlen(base);
	n -= n > 5 && strcmp(base + n - 5, ".mgmt") == 0 ? 5 : 0;
	snprintf(name, sizeof name, "%.*s", (int)n, base);
	struct feed *f = calloc(1, sizeof *f);
	struct source *s = f ? model_add(all->model, name, lab, path) : NULL;
	if (!s) {
		free(f);
		return -ENOMEM;
	}
	s->asked = asked;
	f->all = all;
	f->source = s;
	f->retry_ns = RETRY_FIRST_NS;
	f->seen = true;
	timer_init(&f->timer, all->loop, on_timer);
	all->feed[all->count++] = f;
	connect_again(f);
	return 0;
}

void feeds_want(struct feeds *all, unsigned wants, const bool *seen)
{
	unsigned more = wants & ~all->wants;
	bool changed = wants != all->wants;
	all->wants = wants;
	for (unsigned i = 0; i < all->count; i++) {
		struct feed *f = all->feed[i];
		bool appeared = seen[i] && !f->seen;
		f->seen = seen[i];
		for (unsigned k = 0; k < POLLS; k++)
			if (polls[k].wants & more &&
			    !(polls[k].wants & WANT_ADDRESSES && f->source->addresses_at))
				f->poll[k].due = 0;
		if (changed || appeared)
			ask_due(f);
	}
}

bool feeds_settled(const struct feeds *all, unsigned answers)
{
	for (unsigned i = 0; i < all->count; i++) {
		const struct feed *f = all->feed[i];
		if (f->source->state == SRC_DEAD)
			continue;
		if (!f->learned)
			return false;
		for (unsigned k = 0; k < POLLS; k++) {
			unsigned need = polls[k].period_ns ? 1 : answers;
			if (poll_fits(&polls[k], f->source, all->wants) &&
			    f->poll[k].answers < need)
				return false;
		}
	}
	return true;
}

void feeds_ask_configs(struct feeds *all)
{
	for (unsigned i = 0; i < all->count; i++)
		if (all->feed[i]->client && all->feed[i]->learned)
			ask_config(all->feed[i]);
}

int feeds_command_fd(struct feeds *all, unsigned source, const char *line, int fd,
		     void (*done)(void *, const struct mgmt_reply *), void *ctx)
{
	struct feed *f = source < all->count ? all->feed[source] : NULL;
	if (!f || !f->client || !f->learned)
		return -ENOTCONN;
	if (deed_is_one(f->source, line)) {
		ask_config(f);
		f->source->touched = true;
	}
	int r = fd < 0 ? mgmt_client_send(f->client, line, done, ctx)
		       : mgmt_client_send_fd(f->client, line, fd, done, ctx);
	for (unsigned k = 0; !r && k < POLLS; k++)
		if (polls[k].period_ns)
			f->poll[k].due = 0;
	if (!r)
		ask_due(f); /* behind it in the queue: what it changed is seen at once */
	return r;
}

int feeds_command(struct feeds *all, unsigned source, const char *line,
		  void (*done)(void *, const struct mgmt_reply *), void *ctx)
{
	return feeds_command_fd(all, source, line, -1, done, ctx);
}
