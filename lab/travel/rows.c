/* SPDX-License-Identifier: MIT */
/* rows.c - the commands of "@lab.mgmt": leading time, nodes that die and come back, what was done
 * by hand, what is run. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/travel/inner.h"
#include "lib/base/units.h"

const char *travel_state_name(const struct travel *t)
{
	switch (t->state) {
	case TRAVEL_STANDS:
		return "stands";
	case TRAVEL_RUNS:
		return "runs";
	case TRAVEL_RETURNS:
		return "returns";
	case TRAVEL_ENDED:
		return "ended";
	}
	return "";
}

static const char *verdict_name(const struct travel *t)
{
	static const char *const names[] = { "passed", "failed",  "skipped",
					     "broken", "trouble", "stopped" };
	return t->state == TRAVEL_ENDED ? names[t->verdict] : "open";
}

static void say_time(struct out *o, const char *key, const char *words, int64_t ns)
{
	char text[UNIT_TEXT_LEN];
	if (o->json)
		out_json_i64(o, key, ns);
	else
		out_text(o, "%-10s %s\n", words, unit_time_text(text, ns));
}

static int time_print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	if (a->count)
		return err_set(e, -EINVAL, "takes no words");
	if (!t->test)
		return err_set(e, -EAGAIN, "no test runs just now");
	out_str(o, "state", "state      %s\n", travel_state_name(t));
	say_time(o, "now_ns", "now", travel_now(t));
	int64_t next =
		t->inner && t->state != TRAVEL_ENDED ? t->inner->ops->next(t->inner) : TIME_NEVER;
	if (next != TIME_NEVER)
		say_time(o, "next_ns", "next", next);
	else if (o->json)
		out_json_null(o, "next_ns");
	out_str(o, "file", "file       %s\n", t->test->file);
	out_str(o, "test", "test       %s\n", t->test->name);
	out_u64(o, "number", "number     %" PRIu64, (uint64_t)t->test->number);
	out_u64(o, "tests", " of %" PRIu64 "\n", (uint64_t)t->test->count);
	out_u64(o, "seed", "seed       %" PRIu64 "\n", t->test->seed);
	out_str(o, "verdict", "verdict    %s\n", verdict_name(t));
	out_u64(o, "by_hand", "by hand    %" PRIu64 "\n", (uint64_t)t->nhands);
	out_str(o, "stopped_by", "stopped by %s\n", t->stopped_by);
	return 0;
}

/* ---- forward ---- */

static int alive(const struct travel *t, struct err *e)
{
	if (!t->inner)
		return err_set(e, -EAGAIN, "no test runs just now");
	if (t->state == TRAVEL_ENDED)
		return err_set(e, -EBUSY, "the test is over: time/back, time/to or test/next");
	return 0;
}

static void set_off(struct travel *t, int64_t goal)
{
	t->state = TRAVEL_RUNS;
	t->goal = goal;
	t->steps = 0;
	t->stop_kind = -1;
	t->stopped_by[0] = '\0';
	t->pace_lab = travel_now(t);
	t->pace_clock = loop_now(t->loop);
}

static int read_time(const char *text, int64_t *ns, struct err *e)
{
	int r = unit_time(text, ns, e);
	return !r && *ns < 0 ? err_set(e, -ERANGE, "%s: lab time begins at 0", text) : r;
}

struct run_words { /* what time/run was told */
	int64_t until;
	int kind;
	struct ref who;
	bool anyone;
};

static int read_event(const struct travel *t, const struct args *a, unsigned *i,
		      struct run_words *w, struct err *e)
{
	if (++*i == a->count)
		return err_set(e, -EINVAL, "event: which kind?");
	w->kind = event_kind_of(a->word[*i]);
	if (w->kind < 0)
		return err_set(e, -EINVAL,
			       "%s: no such kind of event; event/list of a switch shows them",
			       a->word[*i]);
	if (*i + 1 < a->count && travel_find(t, a->word[*i + 1], &w->who) == 0) {
		w->anyone = false;
		++*i;
	}
	return 0;
}

static int time_run(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	struct run_words w = { .until = TIME_NEVER, .kind = -1, .anyone = true };
	(void)o;
	int r = alive(t, e);
	for (unsigned i = 0; !r && i < a->count; i++) {
		if (strcmp(a->word[i], "event") == 0)
			r = read_event(t, a, &i, &w, e);
		else if (strcmp(a->word[i], "until") == 0 && i + 1 < a->count)
			r = read_time(a->word[++i], &w.until, e);
		else
			r = err_set(e, -EINVAL, "%s: until TIME, event KIND or event KIND NODE",
				    a->word[i]);
	}
	if (!r && w.until < travel_now(t))
		r = err_set(e, -ERANGE, "that is over; time/to goes back");
	if (r < 0)
		return r;
	set_off(t, w.until);
	t->stop_kind = w.kind;
	t->stop_anyone = w.anyone;
	t->stop_who = w.who;
	return 0;
}

static int time_pause(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	(void)o;
	if (a->count)
		return err_set(e, -EINVAL, "takes no words");
	int r = alive(t, e);
	if (!r)
		set_off(t, travel_now(t)); /* stands again when it looks at its goal */
	return r;
}

static int time_step(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	uint64_t n = 1;
	(void)o;
	int r = a->count > 1 ? err_set(e, -EINVAL, "how many instants? one word at most")
			     : alive(t, e);
	if (!r && a->count)
		r = unit_u64(a->word[0], 1, UINT32_MAX, &n, e);
	if (r < 0)
		return r;
	set_off(t, travel_now(t));
	t->steps = (unsigned)n;
	return 0;
}

static int time_speed(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	char *end = NULL;
	if (!a->count) {
		out_text(o, "%g\n", t->speed);
		if (o->json)
			out_json_u64(o, "speed_permille", (uint64_t)(t->speed * 1000));
		return 0;
	}
	double speed = strtod(a->word[0], &end);
	if (a->count > 1 || *end || !(speed >= 0 && speed <= 1e6))
		return err_set(e, -EINVAL,
			       "%s: 1 as the clock, 0.1 ten times slower, 0 as fast as it goes",
			       a->word[0]);
	t->speed = speed;
	t->pace_lab = travel_now(t);
	t->pace_clock = loop_now(t->loop);
	return 0;
}

/* ---- back ---- */

static int go_to(struct travel *t, int64_t when, struct err *e)
{
	if (!t->test)
		return err_set(e, -EAGAIN, "no test runs just now");
	if (t->state != TRAVEL_ENDED && when >= travel_now(t)) {
		set_off(t, when);
		return 0;
	}
	t->goal = when;
	t->again = true;
	return 0;
}

static int time_to(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	int64_t when;
	(void)o;
	if (a->count != 1)
		return err_set(e, -EINVAL, "which instant?");
	int r = read_time(a->word[0], &when, e);
	return r < 0 ? r : go_to(ctx, when, e);
}

static int time_back(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	uint64_t n = 1, known = t->ninstants < INSTANTS_MAX ? t->ninstants : INSTANTS_MAX;
	(void)o;
	int r = a->count > 1 ? err_set(e, -EINVAL, "how many instants? one word at most") : 0;
	if (!r && a->count)
		r = unit_u64(a->word[0], 1, UINT32_MAX, &n, e);
	if (r < 0)
		return r;
	bool at_last = known && t->instants[(t->ninstants - 1) % INSTANTS_MAX] == travel_now(t);
	n -= at_last ? 0 : 1; /* the last one noted is in the past already */
	if (n >= known)
		return t->ninstants > known
			       ? err_set(e, -ERANGE,
					 "only the last %d instants are known by number; time/to "
					 "TIME goes to any",
					 INSTANTS_MAX)
			       : go_to(t, 0, e);
	return go_to(t, t->instants[(t->ninstants - 1 - n) % INSTANTS_MAX], e);
}

static int test_next(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	(void)o;
	if (a->count)
		return err_set(e, -EINVAL, "takes no words");
	if (t->state != TRAVEL_ENDED)
		return err_set(e, -EBUSY, "this test is not over: time/run lets it go on");
	t->go_on = true;
	return 0;
}

/* ---- nodes ---- */

static int node_power(struct travel *t, const char *what, const struct args *a, struct err *e)
{
	struct ref who;
	if (a->count != 1)
		return err_set(e, -EINVAL, "which switch?");
	int r = alive(t, e);
	if (r < 0)
		return r;
	if (travel_find(t, a->word[0], &who) < 0 || who.cable ||
	    t->plan->nodes[who.index].kind != NODE_SWITCH)
		return err_set(e, -ENOENT, "%s: no switch of this lab", a->word[0]);
	return hand_do(t, who, true, what, NULL, e);
}

static int node_kill(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	return node_power(ctx, "kill", a, e);
}

static int node_restart(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	return node_power(ctx, "restart", a, e);
}

static int node_pause(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	return node_power(ctx, "pause", a, e);
}

static int node_resume(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	return node_power(ctx, "resume", a, e);
}

/* ---- what breaks by itself ---- */

static int plan_print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	if (a->count)
		return err_set(e, -EINVAL, "takes no words");
	if (!t->plan)
		return err_set(e, -EAGAIN, "no test runs just now");
	out_list(o, "faults");
	for (size_t i = 0; i < t->faults->count; i++)
		out_str(o, NULL, "%s\n", t->faults->v[i]);
	out_end_list(o);
	return 0;
}

/* ---- by hand ---- */

static int hand_list(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	char at[UNIT_TEXT_LEN];
	if (a->count)
		return err_set(e, -EINVAL, "takes no words");
	if (!t->plan)
		return err_set(e, -EAGAIN, "no test runs just now");
	out_list(o, "by_hand");
	for (size_t i = 0; i < t->nhands; i++) {
		const struct hand *h = t->hand[i];
		out_text(o, "%s ", unit_time_text(at, h->at));
		out_object(o, NULL);
		out_json_i64(o, "at_ns", h->at);
		out_str(o, "node", "%s ", travel_name_of(t, h->who));
		out_str(o, "line", "%s\n", travel_bare(h->line));
		out_json_str(o, "kind", h->power ? "power" : "command");
		out_end_object(o);
	}
	out_end_list(o);
	return 0;
}

/* The scenario as it is, and what was done by hand after it. */
static int scenario(const struct travel *t, struct out *o, struct err *e)
{
	FILE *f = fopen(t->test->file, "r");
	char piece[4096];
	if (!f)
		return err_set(e, -errno, "%s: %s", t->test->file, strerror(errno));
	for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
		out_raw(o, piece, n);
	int r = ferror(f) ? -EIO : 0;
	fclose(f);
	if (r < 0)
		return err_set(e, r, "%s: %s", t->test->file, strerror(-r));
	hand_lua(t, o);
	return o->oom ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int hand_save(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct travel *t = ctx;
	struct out text;
	if (a->count != 1)
		return err_set(e, -EINVAL, "which file?");
	if (!t->plan)
		return err_set(e, -EAGAIN, "no test runs just now");
	if (!t->nhands)
		return err_set(e, -ENODATA, "nothing was done by hand yet");
	out_init(&text, false);
	int r = scenario(t, &text, e);
	int fd = r < 0 ? -1 : open(a->word[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (!r && (fd < 0 || write(fd, text.text, text.len) != (ssize_t)text.len))
		r = err_set(e, errno ? -errno : -EIO, "%s: %s", a->word[0], strerror(errno));
	if (fd >= 0)
		close(fd);
	out_fini(&text);
	if (!r)
		out_json_str(o, "file", a->word[0]);
	return r;
}

const struct cmd_row travel_rows[] = {
	{ "time", "============", "TIME OF THE LAB", 0, NULL },
	{ "showinfo", "", "what runs, and where it stands", CMD_DATA, time_print },
	{ "time/print", "", "the same", CMD_DATA, time_print },
	{ "time/run", "[until TIME] [event KIND [NODE]]", "let time pass", CMD_WRITES, time_run },
	{ "time/pause", "", "stand still", CMD_WRITES, time_pause },
	{ "time/step", "[N]", "to the next instant at which something happens", CMD_WRITES,
	  time_step },
	{ "time/back", "[N]", "to the instant before: the test is run again up to it", CMD_WRITES,
	  time_back },
	{ "time/to", "TIME", "to that instant, forward or back", CMD_WRITES, time_to },
	{ "time/speed", "[X]", "lab time per time; 0: as fast as it goes", CMD_WRITES, time_speed },
	{ "test", "============", "TESTS", 0, NULL },
	{ "test/next", "", "this one is over: go on", CMD_WRITES, test_next },
	{ "plan", "============", "FAULTS THAT THE SCENARIO PLANS", 0, NULL },
	{ "plan/print", "", "what breaks when", CMD_DATA, plan_print },
	{ "node", "============", "SWITCHES", 0, NULL },
	{ "node/kill", "SWITCH", "it dies", CMD_WRITES, node_kill },
	{ "node/restart", "SWITCH", "it begins anew", CMD_WRITES, node_restart },
	{ "node/pause", "SWITCH", "it stands still", CMD_WRITES, node_pause },
	{ "node/resume", "SWITCH", "it goes on", CMD_WRITES, node_resume },
	{ "hand", "============", "WHAT WAS DONE BY HAND", 0, NULL },
	{ "hand/list", "", "with its lab time", CMD_DATA, hand_list },
	{ "hand/save", "FILE", "as a scenario that does it again", 0, hand_save },
	{ 0 },
};
