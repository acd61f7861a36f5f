/* SPDX-License-Identifier: MIT */
/* run.c - dw-lab run: every chosen test of every file, on every backend, with every seed. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "lab/keep.h"
#include "lab/lab.h"
#include "lab/lead.h"
#include "lab/results.h"
#include "lib/base/units.h"
#include "lib/cli/opts.h"

enum { SCRIPT_MEMORY = 256 << 20, SCRIPT_BUDGET = 400000000 };

volatile sig_atomic_t lab_stop;
static volatile sig_atomic_t stopped_by;

struct tally {
	unsigned passed, failed, skipped, broken, trouble;
	unsigned next; /* number of the next point */
	unsigned total;
	struct lead *lead; /* NULL: nobody leads */
	struct results results;
};

static void on_signal(int signo)
{
	if (signo == SIGALRM) {
		if (!lab_stop)
			lab_stop = SCRIPT_TIMEOUT;
		return;
	}
	stopped_by = signo;
	lab_stop = SCRIPT_STOP;
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal }; /* no SA_RESTART: waits are to end */
	sigemptyset(&sa.sa_mask);
	for (const int *s = (const int[]){ SIGINT, SIGTERM, SIGHUP, SIGALRM, 0 }; *s; s++)
		sigaction(*s, &sa, NULL);
}

/* The clock's limit; fires again and again, so that a signal that comes between two waits is not
 * lost. */
static void arm(int64_t ns)
{
	struct itimerval t = { { 0, ns ? 100000 : 0 },
			       { ns / NS_PER_SEC, ns % NS_PER_SEC / 1000 } };
	setitimer(ITIMER_REAL, &t, NULL);
	if (!ns && lab_stop == SCRIPT_TIMEOUT)
		lab_stop = 0;
}

static double wall(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

struct script_env run_env(const struct run_options *o, const char *file,
			  const struct world_kind *kind, uint64_t seed)
{
	return (struct script_env){
		.file = file,
		.seed_given = o->seed_given,
		.seed = seed,
		.backend = kind->name,
		.need = lab_need,
		.stop = &lab_stop,
		.memory = SCRIPT_MEMORY,
		.budget = SCRIPT_BUDGET,
		.files = o->tables,
	};
}

bool run_chosen(const struct run_options *o, const char *name)
{
	return !o->only || fnmatch(o->only, name, 0) == 0;
}

/* ---- one test, in a world of its own ---- */

static void could_not(struct outcome *out, int code, const struct err *e)
{
	*out = (struct outcome){ .why = strdup(e->text[0] ? e->text : strerror(-code)) };
	if (code == -ENOTSUP)
		out->verdict = VERDICT_SKIP;
	else if (code == -EINVAL)
		out->verdict = VERDICT_BROKEN;
	else
		out->verdict = code == -EINTR ? VERDICT_STOPPED : VERDICT_TROUBLE;
}

/* `to`: where it is recorded, or NULL. */
static void run_once(const struct run_options *o, const struct world_kind *kind,
		     const struct script_env *env, size_t test, struct outcome *out, FILE *to)
{
	struct record rec = { .to = to };
	struct err e = { "" };
	struct script *s = NULL;
	struct world *w = NULL;
	int r = script_open(&s, env, &e);
	if (r < 0) {
		could_not(out, r, &e);
		return;
	}
	struct world_setup setup = {
		.plan = script_plan(s),
		.seed = script_seed(s),
		.hooks = script_hooks(s),
		.stop = &lab_stop,
		.capture = o->capture,
		.append = append_file,
		.self = o->self,
		.files = env->files,
		.record = to ? &rec : NULL,
	};
	if (to)
		keep_head(&rec, env, s, test);
	r = kind->open(&w, &setup, &e);
	if (r < 0) {
		could_not(out, r, &e);
	} else {
		script_run(s, test, w, out);
		w->ops->free(w);
	}
	script_close(s);
	if (to)
		keep_end(&rec, out);
}

static void run_led(const struct script_env *env, const struct script *listed, size_t test,
		    const struct tally *t, struct outcome *out)
{
	struct travel_test led = { .file = env->file,
				   .name = script_test(listed, test),
				   .index = test,
				   .number = t->next + 1,
				   .count = t->total,
				   .seed = env->seed_given ? env->seed : script_seed(listed) };
	travel_run(lead_travel(t->lead), &led, env, out);
}

/* Twice with the same seed: the same verdict, the same events at the same instants. `first`: the
 * record of the first run; NULL: there is none, and only the fingerprints can be compared. */
static void run_twice(const struct run_options *o, const struct world_kind *kind,
		      const struct script_env *env, size_t test, struct outcome *out, FILE *first)
{
	struct outcome again;
	char text[2600];
	FILE *second = first ? tmpfile() : NULL;
	run_once(o, kind, env, test, &again, second);
	bool same = again.verdict == out->verdict && again.fingerprint == out->fingerprint &&
		    again.lab_ns == out->lab_ns;
	if (second)
		same &= keep_same(first, second, text, sizeof text);
	else
		snprintf(text, sizeof text, "the second run differs");
	if (!same) {
		note_add(&out->failure, &out->nfailures, NULL, text, out->lab_ns);
		out->verdict = VERDICT_FAIL;
	}
	if (second)
		fclose(second);
	outcome_fini(&again);
}

static void append(FILE *to, FILE *from)
{
	char bytes[65536];
	rewind(from);
	for (size_t n; (n = fread(bytes, 1, sizeof bytes, from));)
		fwrite(bytes, 1, n, to);
	fflush(to);
}

double run_test(const struct run_options *o, const struct world_kind *kind,
		const struct script_env *env, size_t test, struct outcome *out)
{
	double began = wall();
	bool twice = o->check_determinism && kind == &world_sim;
	FILE *first = twice ? tmpfile() : NULL;
	arm(o->timeout_ns);
	run_once(o, kind, env, test, out, first ? first : o->record);
	if (twice && out->printed)
		run_twice(o, kind, env, test, out, first);
	arm(0);
	if (first && o->record)
		append(o->record, first);
	if (first)
		fclose(first);
	return wall() - began;
}

int run_stopped(void)
{
	return stopped_by;
}

static void count(struct tally *t, enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		t->passed++;
		break;
	case VERDICT_FAIL:
		t->failed++;
		break;
	case VERDICT_SKIP:
		t->skipped++;
		break;
	case VERDICT_BROKEN:
		t->broken++;
		break;
	case VERDICT_TROUBLE:
		t->trouble++;
		break;
	case VERDICT_STOPPED:
		break;
	}
}

/* Reports that are written when all is done. */
static bool keeps(const struct run_options *o)
{
	return o->junit || o->markdown || o->csv || o->html;
}

/* Reported together: also one seed, if what fails is to be shrunk. */
static bool several_seeds(const struct run_options *o)
{
	return o->seed_first != o->seed_last || o->shrink;
}

/* A shard of one seed is every so many-th test. */
static bool ours(const struct run_options *o, size_t test)
{
	return several_seeds(o) || !o->shards || test % o->shards == o->shard - 1;
}

static void run_point(const struct run_options *o, const struct world_kind *kind,
		      const struct script_env *env, const struct script *listed, size_t test,
		      const char *lab, struct tally *t)
{
	char name[600], backend[16] = "";
	struct outcome out = { .verdict = VERDICT_SKIP };
	if (o->nbackends > 1)
		snprintf(backend, sizeof backend, " on %s", kind->name);
	snprintf(name, sizeof name, "%s%s%s%s", lab, *lab ? ": " : "", script_test(listed, test),
		 backend);
	report_progress(t->next, t->total, name);
	double began = wall();
	const char *lacks = script_lacks(listed, test);
	if (lacks) {
		out.why = strdup(lacks);
	} else if (t->lead) {
		run_led(env, listed, test, t, &out);
	} else {
		run_test(o, kind, env, test, &out);
	}
	struct point p = {
		.number = ++t->next,
		.name = name,
		.test = script_test(listed, test),
		.base = script_test_base(listed, test),
		.params = script_test_params(listed, test),
		.file = env->file,
		.backend = kind->name,
		.seed = o->seed_given ? env->seed : script_seed(listed),
		.wall_s = wall() - began,
	};
	if (out.verdict != VERDICT_STOPPED)
		report_point(&p, &out);
	count(t, out.verdict);
	if (out.verdict == VERDICT_BROKEN || out.verdict == VERDICT_TROUBLE)
		log_error("%s", out.why ? out.why : "out of memory");
	if (out.verdict != VERDICT_STOPPED && (keeps(o) || p.params->count))
		results_add(&t->results, &p, &out);
	outcome_fini(&out);
}

/* ---- all of them ---- */

static int run_backend(const struct run_options *o, const struct world_kind *kind, const char *file,
		       const char *lab, struct tally *t)
{
	struct err e = { "" };
	struct script_env env = run_env(o, file, kind, o->seed_first);
	struct script *listed = NULL;
	env.again = true;
	int r = script_open(&listed, &env, &e);
	if (r < 0) {
		log_error("%s", e.text);
		return r;
	}
	for (size_t i = 0; i < script_tests(listed) && !stopped_by && !t->trouble; i++)
		if (run_chosen(o, script_test(listed, i)) && ours(o, i))
			run_point(o, kind, &env, listed, i, o->files.count > 1 ? lab : "", t);
	script_close(listed);
	return 0;
}

/* With a picture of it as it is when it has settled, where a report shows one. */
static void keep_lab(const struct run_options *o, struct results *r, const char *file,
		     const struct script *s)
{
	struct err e = { "" };
	struct look k;
	const struct world_setup setup = {
		.plan = script_plan(s),
		.seed = script_seed(s),
		.stop = &lab_stop,
		.files = o->tables,
	};
	bool seen = o->html && look_at(&k, &setup, &e) == 0;
	results_lab(r, file, script_plan(s), seen ? &k : NULL);
	if (seen)
		look_fini(&k);
}

/* First reading: how many tests there are, what the lab looks like; errors before anything runs. */
static int survey(const struct run_options *o, struct tally *t, char labs[][128])
{
	for (size_t i = 0; i < o->files.count; i++) {
		struct err e = { "" };
		struct script_env env = run_env(o, o->files.v[i], o->backend[0], o->seed_first);
		struct script *s = NULL;
		int r = script_open(&s, &env, &e);
		if (r < 0) {
			log_error("%s", e.text);
			return r == -ENOMEM ? 3 : 2;
		}
		report_lab(o->files.v[i], script_plan(s));
		if (keeps(o))
			keep_lab(o, &t->results, o->files.v[i], s);
		snprintf(labs[i], 128, "%s", script_plan(s)->name);
		for (size_t k = 0; k < script_tests(s); k++)
			if (run_chosen(o, script_test(s, k)) && ours(o, k))
				t->total += o->nbackends;
		script_close(s);
	}
	return 0;
}

static int nothing_chosen(const struct run_options *o)
{
	log_error("--only: no test is called '%s'", o->only);
	return 1;
}

static int verdict(const struct run_options *o, const struct tally *t)
{
	if (!opt_json)
		report_sweeps(&t->results);
	report_end(t->passed, t->failed + t->broken + t->trouble, t->skipped);
	if (stopped_by)
		return 128 + stopped_by;
	if (t->trouble)
		return 3;
	if (t->broken)
		return 2;
	if (t->failed)
		return 1;
	if (o->only && !t->total && !o->shards)
		return nothing_chosen(o);
	return o->strict && (t->skipped || !t->passed) ? 1 : 0;
}

/* 0, or an exit code after words. */
static int write_reports(const struct run_options *o, const struct results *r)
{
	const struct {
		const char *to;
		int (*write)(const struct results *r, const char *to);
	} all[] = {
		{ o->junit, junit_write },
		{ o->markdown, markdown_write },
		{ o->csv, csv_write },
		{ o->html, html_write },
	};
	int code = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int bad = all[i].to ? all[i].write(r, all[i].to) : 0;
		if (bad < 0)
			log_error("%s: %s", all[i].to, strerror(-bad));
		code = bad < 0 ? 3 : code;
	}
	return code;
}

static int run_each(const struct run_options *o, const char (*labs)[128], struct tally *t)
{
	int code = 0;
	report_plan(t->total);
	for (size_t i = 0; i < o->files.count && !stopped_by; i++)
		for (unsigned b = 0; b < o->nbackends && !stopped_by && !code; b++)
			if (run_backend(o, o->backend[b], o->files.v[i], labs[i], t) < 0)
				code = 2;
	lead_close(t->lead); /* the terminal is ours again */
	if (stopped_by)
		report_bail("stopped by a signal");
	else if (t->trouble)
		report_bail("trouble with the system");
	int v = verdict(o, t), w = write_reports(o, &t->results);
	return code ? code : w ? w : v;
}

static int run_seeds(const struct run_options *o, const char (*labs)[128], struct tally *t)
{
	if (o->only && !t->total)
		return nothing_chosen(o);
	int code = seeds_run(o, labs, keeps(o) ? &t->results : NULL);
	int w = write_reports(o, &t->results);
	return w ? w : code;
}

int run_all(const struct run_options *o)
{
	struct tally t = { 0 };
	char(*labs)[128] = calloc(o->files.count + 1, sizeof *labs);
	if (!labs)
		return log_verdict(3, "out of memory");
	catch_signals();
	if (o->replay) {
		free(labs);
		return replay(o, o->replay);
	}
	report_version();
	int code = survey(o, &t, labs);
	const char(*names)[128] = (const char(*)[128])labs;
	if (!code && o->capture && (t.total != 1 || several_seeds(o)))
		code = log_verdict(2, "--capture: of one test at a time; choose it with --only");
	struct err e = { "" };
	int lead = !code && (o->console || o->lead)
			   ? lead_open(&t.lead, o->console, o->self, &lab_stop, &e)
			   : 0;
	if (lead < 0)
		code = log_verdict(lead == -ENOTTY ? 2 : 3, e.text);
	if (!code && several_seeds(o))
		code = run_seeds(o, names, &t);
	else if (!code)
		code = run_each(o, names, &t);
	results_fini(&t.results);
	free(labs);
	return code;
}
