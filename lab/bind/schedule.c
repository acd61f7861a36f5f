/* SPDX-License-Identifier: MIT */
/* schedule.c - who goes on when. At one instant: planned faults, frames, timers of the cores (all
 * the world's), then tasks in the order they were made, then, once nothing of that instant is left,
 * predicates whose reads have moved. Only then does time pass. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

enum { RESUMES_MAX = 1000000 };

static const int64_t LOOK_NS =
	30 * NS_PER_SEC; /* how often it is asked whether anything can come */

int64_t lab_now(struct script *s)
{
	return s->world ? s->world->ops->now(s->world) : 0;
}

/* ---- what the world tells ---- */

void lab_done(void *script, struct call *c)
{
	(void)script;
	if (c->ctx)
		task_wake(c->ctx);
	c->ctx = NULL;
}

void lab_event(void *script, struct ref who, const struct event *ev)
{
	struct script *s = script;
	event_keep(s, who, ev);
	for (struct task *t = s->tasks; t; t = t->next)
		if (t->wait.kind == WAIT_EVENT && t->wait.event == (int)ev->kind &&
		    t->wait.who.cable == who.cable && t->wait.who.index == who.index) {
			t->event = s->seen[(s->nseen - 1) % SEEN_EVENTS];
			task_wake(t);
		}
}

/* ---- planned faults ---- */

struct planned {
	struct script *s;
	int fn;
	struct planned *next;
};

static void planned_fires(void *ctx)
{
	struct planned *p = ctx;
	struct script *s = p->s;
	lua_rawgeti(s->L, LUA_REGISTRYINDEX, p->fn);
	struct task *t = task_new(s->L, 0, s->tasks); /* ends with the test */
	t->system = true;
	task_resume(t);
	s->stirred = true;
}

int plan_call(lua_State *L, int64_t when)
{
	struct script *s = script_of(L);
	struct planned *p = calloc(1, sizeof *p);
	if (!p)
		return -ENOMEM;
	*p = (struct planned){ .s = s, .fn = luaL_ref(L, LUA_REGISTRYINDEX), .next = s->planned };
	s->planned = p;
	return s->world->ops->at(s->world, when, planned_fires, p);
}

/* ---- reports ---- */

static void note_waits(struct script *s)
{
	for (struct task *t = s->tasks; t; t = t->next) {
		char where[160], text[200];
		if (t->state != TASK_WAITS || t->watcher)
			continue;
		task_where(t, where, sizeof where);
		snprintf(text, sizeof text, "waits for %s", t->wait.what);
		note_add(&s->out->failure, &s->out->nfailures, where, text, lab_now(s));
	}
}

static void stuck(struct script *s, const char *why)
{
	note_failure(s, NULL, why);
	note_waits(s);
}

/* ---- predicates ---- */

static bool moved(struct script *s, const struct task *t)
{
	for (size_t i = 0; i < t->nreads; i++)
		if (s->world->ops->generation(s->world, t->reads[i].who, t->reads[i].g) !=
		    t->reads[i].seen)
			return true;
	return false;
}

/* Those that read something that has moved may look again, at most once per instant. */
static bool wake_predicates(struct script *s)
{
	bool any = false;
	int64_t now = lab_now(s);
	for (struct task *t = s->watching ? s->tasks : NULL; t; t = t->next)
		if (t->wait.kind == WAIT_CHANGE && t->ran_at != now &&
		    (s->stirred || moved(s, t))) {
			task_wake(t);
			t->ran_at = now; /* its first look, in its own turn, does not count */
			any = true;
		}
	s->stirred = false;
	return any;
}

/* ---- the loop ---- */

/* Tasks that wake each other for ever in one instant. */
static bool time_stands(struct script *s)
{
	if (lab_now(s) != s->resumed_at)
		s->resumes = 0;
	s->resumed_at = lab_now(s);
	if (++s->resumes <= RESUMES_MAX)
		return false;
	char text[160];
	snprintf(text, sizeof text,
		 "time does not advance at %lld ns: tasks go on a million times in one instant",
		 (long long)s->resumed_at);
	stuck(s, text);
	return true;
}

static void run_ready(struct script *s)
{
	struct deadline *d;
	while (!s->fatal && !s->still && (d = heap_head(&s->ready))) {
		struct task *t = container_of(d, struct task, ready);
		s->still = time_stands(s);
		s->stirred |= t->was != WAIT_CHANGE && !t->reading;
		task_resume(t);
	}
}

static void wake_late(struct script *s)
{
	struct deadline *d;
	while ((d = heap_pop_due(&s->deadlines, lab_now(s)))) {
		struct task *t = container_of(d, struct task, due);
		task_wake(t);
		t->wait.late = true;
	}
}

/* What step() said, when that ends the test. */
static bool ended(struct script *s, int r, const struct err *e)
{
	struct outcome *o = s->out;
	if (r >= 0)
		return false;
	if (r == -ELOOP) {
		stuck(s, e->text);
	} else if (r == -EINTR && *s->env->stop == SCRIPT_TIMEOUT) {
		stuck(s, "took longer than --timeout allows");
	} else if (r == -EINTR) {
		o->verdict = VERDICT_STOPPED;
	} else {
		o->verdict = VERDICT_TROUBLE;
		free(o->why);
		o->why = strdup(e->text[0] ? e->text : strerror(-r));
	}
	return true;
}

/* When the next task goes on by the clock, and whether any but samplers will. */
static int64_t next_deadline(struct script *s, bool *somebody)
{
	int64_t next = heap_next(&s->deadlines);
	*somebody = next != TIME_NEVER;
	if (!*somebody || !s->samplers)
		return next;
	*somebody = false;
	for (const struct task *t = s->tasks; t && !*somebody; t = t->next)
		*somebody = !t->sampler && heap_holds(&t->due);
	return next;
}

/* Lets time pass; false: the test is over. */
static bool pass_time(struct script *s, int64_t limit)
{
	struct world *w = s->world;
	struct err e = { "" };
	bool somebody;
	int64_t until = next_deadline(s, &somebody);
	if (!somebody && w->ops->idle(w)) {
		stuck(s, "nothing will ever happen again, and the test still waits");
		return false;
	}
	if (until == TIME_NEVER) /* not past what idle() can tell */
		until = lab_now(s) + LOOK_NS;
	int r = w->ops->step(w, until < limit ? until : limit, &e);
	if (ended(s, r, &e))
		return false;
	wake_late(s);
	if (r == 0 && lab_now(s) >= limit && !heap_head(&s->ready)) {
		char text[80], at[UNIT_TEXT_LEN];
		snprintf(text, sizeof text, "the limit of %s lab time is over",
			 unit_time_text(at, limit - s->began));
		stuck(s, text);
		return false;
	}
	return true;
}

static void loop(struct script *s, struct task *main_task, int64_t limit)
{
	struct world *w = s->world;
	for (;;) {
		struct err e = { "" };
		run_ready(s);
		if (s->fatal || s->still || main_task->state == TASK_DONE)
			return;
		int r = w->ops->step(w, lab_now(s), &e); /* the rest of this instant */
		if (ended(s, r, &e))
			return;
		if (r > 0 || heap_head(&s->ready) || wake_predicates(s))
			continue;
		w->ops->watch(w, s->watching > 0);
		if (!pass_time(s, limit))
			return;
	}
}

/* Watchers look once more at the end of the test; one that was never given time to watch is a
 * mistake. */
static void last_look(struct script *s)
{
	for (struct task *t = s->tasks; t && !s->fatal; t = t->next) {
		if (!t->watcher || t->sampler || t->state == TASK_DONE)
			continue;
		if (t->since == lab_now(s)) {
			char text[300];
			snprintf(text, sizeof text,
				 "%s: the test ends at once, so this watches nothing; give it a "
				 "duration or put it before what it is to watch",
				 t->defined);
			s->out->verdict = VERDICT_BROKEN;
			free(s->out->why);
			s->out->why = strdup(text);
		} else if (t->wait.kind == WAIT_CHANGE) {
			task_wake(t);
			t->wait.late = true;
			task_resume(t);
		}
	}
}

void schedule_run(struct script *s, const struct test *test)
{
	lua_State *L = s->L;
	s->began = lab_now(s);
	trace_begins(s, test->name);
	int64_t limit = test->limit_ns ? test->limit_ns : s->plan.limit_ns;
	lua_rawgeti(L, LUA_REGISTRYINDEX, test->fn);
	handle_push(L, H_T, 0);
	lua_rawgeti(L, LUA_REGISTRYINDEX, test->point);
	struct task *t = task_new(L, 2, NULL);
	loop(s, t, s->began + limit);
	if (t->state == TASK_DONE && !s->fatal)
		last_look(s);
	if (s->fatal)
		take_error(s, s->fatal);
	if (s->out->verdict == VERDICT_FAIL || s->out->verdict == VERDICT_BROKEN)
		events_note(s);
	s->out->lab_ns = lab_now(s) - s->began;
}

void schedule_end(struct script *s)
{
	if (s->tasks && s->tasks->state != TASK_DONE)
		task_cancel(s->tasks);
	for (struct task *t = s->tasks; t; t = t->next)
		if (t->state != TASK_DONE)
			task_cancel(t);
	while (s->tasks)
		task_free(s->tasks);
	for (struct planned *p = s->planned, *next; p; p = next) {
		next = p->next;
		free(p);
	}
	s->planned = NULL;
	while (s->nlive)
		call_drop(s, s->live[s->nlive - 1]);
	free(s->live);
	s->live = NULL;
	s->live_room = 0;
	events_forget(s);
	heap_fini(&s->ready);
	heap_fini(&s->deadlines);
}
