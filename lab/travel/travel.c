/* SPDX-License-Identifier: MIT */
/* travel.c - a world in virtual time whose time is led: it stands still between two instants until
 * it is told to go on. All that happens at one instant stays one. */
#include "lab/travel/travel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lab/real/rundir.h"
#include "lab/travel/inner.h"
#include "lib/base/units.h"

enum { LOOK_EVERY = 256 }; /* steps between two looks at the sockets, when as fast as it goes */

/* ---- standing still ---- */

static void note_instant(struct travel *t, int64_t now)
{
	if (!t->ninstants || t->instants[(t->ninstants - 1) % INSTANTS_MAX] != now)
		t->instants[t->ninstants++ % INSTANTS_MAX] = now;
}

/* One turn of the loop; `until` as loop_turn(). 0 or -EINTR: the test is to end. */
static int turn(struct travel *t, int64_t until)
{
	bool ended = false;
	if (t->frames_stale)
		frames_begin(t);
	t->frames_stale = false;
	if (t->inner)
		t->inner->ops->flush(t->inner);
	sockets_refresh(t);
	int r = loop_turn(t->loop, until, &ended);
	if (r < 0)
		return err_set(&t->words, r, "%s", strerror(-r));
	return ended || *t->stop || t->again ? -EINTR : t->result;
}

static void stand(struct travel *t)
{
	t->state = TRAVEL_STANDS;
	t->goal = travel_now(t);
	t->steps = 0;
	t->stop_kind = -1;
}

/* How far lab time may have come by now at the speed that was asked for. */
static int64_t horizon(const struct travel *t)
{
	if (t->speed <= 0)
		return TIME_NEVER;
	return t->pace_lab + (int64_t)((double)(loop_clock(t->loop) - t->pace_clock) * t->speed);
}

/* The sockets are served: for as long as time stands, and while it waits for the clock. Then, how
 * far it may go. 0, 1 (the script is to look), or negative errno. */
static int serve(struct travel *t, int64_t next, int64_t *to)
{
	int r = 0;
	for (;;) {
		int64_t now = travel_now(t);
		bool returns = t->state == TRAVEL_RETURNS && now < t->goal;
		if (returns || t->let_go) {
			*to = t->let_go ? TIME_NEVER : t->goal;
			return *t->stop ? -EINTR : 0;
		}
		if (now >= t->goal && !t->steps) {
			stand(t);
			r = turn(t, TIME_NEVER);
		} else if (next > horizon(t) && t->goal > horizon(t)) {
			int64_t lead = (next < t->goal ? next : t->goal) - t->pace_lab;
			r = turn(t, t->pace_clock + (int64_t)((double)lead / t->speed));
		} else {
			*to = t->steps ? next : t->goal;
			return ++t->turns % LOOK_EVERY == 0 ? turn(t, 0) : 0;
		}
		if (r < 0 || t->stirred)
			break;
	}
	t->stirred = false;
	return r < 0 ? r : 1;
}

static int led_step(struct world *w, int64_t until, struct err *e)
{
	struct travel *t = (struct travel *)w;
	const struct world_ops *ops = t->inner->ops;
	if (until <= ops->now(t->inner)) /* what is left of this instant */
		return ops->step(t->inner, until, e);
	for (;;) {
		int64_t to, next = ops->next(t->inner);
		if (next > until)
			next = until;
		note_instant(t, travel_now(t));
		int r = serve(t, next, &to);
		if (r < 0)
			err_set(e, r, "%s", t->words.text);
		if (r)
			return r;
		if (next == TIME_NEVER && to == TIME_NEVER)
			return ops->step(t->inner, until, e);
		int64_t before = travel_now(t);
		r = ops->step(t->inner, to < next ? to : next, e);
		if (t->steps && travel_now(t) > before)
			if (--t->steps == 0)
				t->goal = travel_now(t);
		if (r || travel_now(t) >= until)
			return r;
	}
}

/* ---- what is passed on ---- */

static void led_free(struct world *w)
{
	(void)w; /* travel_run() made the inner one and frees it */
}

static int64_t led_now(struct world *w)
{
	return travel_now((struct travel *)w);
}

static bool led_idle(struct world *w)
{
	struct travel *t = (struct travel *)w;
	return t->inner->ops->idle(t->inner);
}

static int led_at(struct world *w, int64_t when, void (*fn)(void *ctx), void *ctx)
{
	struct travel *t = (struct travel *)w;
	return t->inner->ops->at(t->inner, when, fn, ctx);
}

static struct call *led_start(struct world *w, const struct request *r)
{
	struct travel *t = (struct travel *)w;
	return t->inner->ops->start(t->inner, r);
}

static void led_call_end(struct world *w, struct call *c)
{
	struct travel *t = (struct travel *)w;
	t->inner->ops->call_end(t->inner, c);
}

static uint64_t led_generation(struct world *w, struct ref who, enum generation g)
{
	struct travel *t = (struct travel *)w;
	return t->inner->ops->generation(t->inner, who, g);
}

static void led_watch(struct world *w, bool on)
{
	struct travel *t = (struct travel *)w;
	t->inner->ops->watch(t->inner, on);
}

static bool led_fingerprint(struct world *w, uint64_t *fp)
{
	struct travel *t = (struct travel *)w;
	return t->inner->ops->fingerprint(t->inner, fp);
}

static const struct world_ops led_ops = {
	.free = led_free,
	.now = led_now,
	.step = led_step,
	.idle = led_idle,
	.at = led_at,
	.start = led_start,
	.call_end = led_call_end,
	.generation = led_generation,
	.watch = led_watch,
	.fingerprint = led_fingerprint,
};

static void on_done(void *ctx, struct call *c)
{
	struct travel *t = ctx;
	if (t->script_hooks.done)
		t->script_hooks.done(t->script_hooks.ctx, c);
}

static void on_event(void *ctx, struct ref who, const struct event *ev)
{
	struct travel *t = ctx;
	if (t->script_hooks.event)
		t->script_hooks.event(t->script_hooks.ctx, who, ev);
	if (t->state == TRAVEL_RETURNS)
		return;
	sockets_event(t, who, ev);
	if (t->state == TRAVEL_RUNS && (int)ev->kind == t->stop_kind &&
	    (t->stop_anyone ||
	     (t->stop_who.cable == who.cable && t->stop_who.index == who.index))) {
		snprintf(t->stopped_by, sizeof t->stopped_by, "%s %s%s%s", travel_name_of(t, who),
			 event_name(ev->kind), ev->text ? " " : "", ev->text ? ev->text : "");
		stand(t);
	}
}

/* ---- one test ---- */

static void could_not(struct outcome *out, int code, const struct err *e)
{
	*out = (struct outcome){
		.verdict = code == -ENOTSUP  ? VERDICT_SKIP
			   : code == -EINVAL ? VERDICT_BROKEN
			   : code == -EINTR  ? VERDICT_STOPPED
					     : VERDICT_TROUBLE,
		.why = strdup(e->text[0] ? e->text : strerror(-code)),
	};
}

/* The test is over: its last instant can be looked at until whoever leads goes on or back. */
static void show_end(struct travel *t, const struct outcome *out)
{
	t->ended_at = travel_now(t);
	t->verdict = (int)out->verdict;
	t->state = TRAVEL_ENDED;
	t->go_on = false;
	while (!t->let_go && !t->go_on && !t->again && !*t->stop)
		if (turn(t, TIME_NEVER) < 0)
			break;
}

static int begin(struct travel *t, const struct script *s, struct err *e)
{
	t->ninstants = 0;
	t->stirred = false;
	t->frames_stale = true;
	t->result = 0;
	t->state = t->again ? TRAVEL_RETURNS : TRAVEL_STANDS;
	t->goal = t->again ? t->goal : 0;
	t->again = false;
	t->stopped_by[0] = '\0';
	t->plan = script_plan(s);
	t->faults = script_faults(s);
	int r = sockets_open(t, e);
	return r < 0 ? r : hand_begin(t);
}

static void once(struct travel *t, const struct script_env *env, struct outcome *out)
{
	struct err e = { "" };
	struct script *s = NULL;
	int r = script_open(&s, env, &e);
	if (r < 0) {
		could_not(out, r, &e);
		return;
	}
	t->script_hooks = script_hooks(s);
	struct world_setup setup = { .plan = script_plan(s),
				     .seed = script_seed(s),
				     .hooks = { .ctx = t, .done = on_done, .event = on_event },
				     .stop = t->stop,
				     .append = frames_append,
				     .files = env->files };
	t->world = (struct world){ .ops = &led_ops, .setup = &setup, .can = WORLD_EXACT };
	r = world_sim.open(&t->inner, &setup, &e);
	if (!r)
		r = begin(t, s, &e);
	if (r < 0) {
		could_not(out, r, &e);
	} else {
		script_run(s, t->test->index, &t->world, out);
		if (!t->again && !*t->stop)
			show_end(t, out);
	}
	if (t->inner)
		t->inner->ops->free(t->inner);
	t->inner = NULL;
	t->plan = NULL;
	script_close(s);
}

void travel_run(struct travel *t, const struct travel_test *test, const struct script_env *env,
		struct outcome *out)
{
	t->test = test;
	hand_forget(t, -1);
	once(t, env, out);
	while (t->again && !*t->stop) {
		outcome_fini(out);
		once(t, env, out);
	}
	t->again = false;
	t->test = NULL;
}

/* ---- birth and death ---- */

int travel_open(struct travel **out, const volatile sig_atomic_t *stop, struct err *e)
{
	struct travel *t = calloc(1, sizeof *t);
	if (!t)
		return err_set(e, -ENOMEM, "out of memory");
	t->stop = stop;
	t->stop_kind = -1;
	t->watched.watch.fd = -1;
	t->lock = rundir_make(t->folder, e);
	int r = t->lock < 0 ? t->lock : 0;
	if (!r && !(t->loop = loop_new()))
		r = err_set(e, -errno, "%s", strerror(errno));
	if (!r) { /* the run has handlers of its own, that end a loop's sleep too */
		sigset_t own;
		sigemptyset(&own);
		sigaddset(&own, SIGINT);
		sigaddset(&own, SIGTERM);
		sigprocmask(SIG_UNBLOCK, &own, NULL);
		char path[TRAVEL_PATH + 16];
		snprintf(path, sizeof path, "%s/@lab.mgmt", t->folder);
		struct cmd_table table = { travel_rows, t };
		struct mgmt_config c = { .path = path, .mode = 0600, .gid = -1, .prompt = "vde$ " };
		r = mgmt_open(&t->mgmt, t->loop, &c, &(struct cmd_set){ &table, 1 }, e);
	}
	if (r < 0)
		travel_close(t);
	else
		*out = t;
	return r;
}

void travel_close(struct travel *t)
{
	if (!t)
		return;
	frames_close(t);
	sockets_close(t);
	hand_forget(t, -1);
	free(t->hand);
	mgmt_close(t->mgmt);
	if (t->watched.fn)
		loop_del(&t->watched.watch);
	if (t->loop)
		loop_free(t->loop);
	if (t->lock >= 0) {
		rundir_remove(t->folder);
		close(t->lock);
	}
	free(t);
}

const char *travel_lab(const struct travel *t)
{
	return strrchr(t->folder, '/') + 1;
}

const char *travel_folder(const struct travel *t)
{
	return t->folder;
}

void travel_let_go(struct travel *t)
{
	t->let_go = true;
	t->stirred = true;
}

static void on_readable(struct watch *w, uint32_t events)
{
	struct watched *x = container_of(w, struct watched, watch);
	(void)events;
	loop_del(w);
	x->fn(x->ctx);
}

int travel_watch(struct travel *t, int fd, void (*fn)(void *ctx), void *ctx)
{
	t->watched.fn = fn;
	t->watched.ctx = ctx;
	return loop_add(t->loop, &t->watched.watch, fd, EPOLLIN, on_readable);
}

const char *travel_name_of(const struct travel *t, struct ref who)
{
	return who.cable ? t->plan->cables[who.index].name : t->plan->nodes[who.index].name;
}

int travel_find(const struct travel *t, const char *name, struct ref *who)
{
	int i = plan_find_node(t->plan, name);
	*who = (struct ref){ .index = (unsigned)i };
	if (i < 0) {
		i = plan_find_cable(t->plan, name);
		*who = (struct ref){ .cable = true, .index = (unsigned)i };
	}
	return i < 0 ? -ENOENT : 0;
}
