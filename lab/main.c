/* SPDX-License-Identifier: MIT */
/* main.c - dw-lab: words of the command line to what they ask for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/draw.h"
#include "lab/keep.h"
#include "lab/lab.h"
#include "lab/up.h"
#include "lib/base/units.h"
#include "lib/cli/opts.h"
#include "wire/core/wire.h"

enum picture { PICTURE_TXT, PICTURE_DOT, PICTURE_MERMAID, PICTURE_SVG };

struct ctx {
	const char *verb;
	struct run_options run;
	enum picture picture;
	bool best;
};

static const char *kind_at(const void *unused, size_t i)
{
	(void)unused;
	for (size_t n = 0; n <= i; n++)
		if (!world_kinds()[n])
			return NULL;
	return world_kinds()[i]->name;
}

/* ---- options of run ---- */

static int take_backend(void *ctx, const char *arg, struct err *e)
{
	struct run_options *o = &((struct ctx *)ctx)->run;
	char list[64];
	if ((size_t)snprintf(list, sizeof list, "%s", arg) >= sizeof list)
		return err_set(e, -EINVAL, "'%.20s…' is no list of backends", arg);
	o->nbackends = 0;
	for (char *save, *w = strtok_r(list, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		const struct world_kind *k = world_named(w);
		if (!k) {
			const char *near = nearest_word(w, kind_at, NULL);
			return err_set(e, -EINVAL,
				       near ? "no backend '%s'; did you mean %s?"
					    : "no backend '%s': sim, proc, ns",
				       w, near);
		}
		if (o->nbackends == BACKENDS_MAX)
			return err_set(e, -EINVAL, "at most %d backends", BACKENDS_MAX);
		o->backend[o->nbackends++] = k;
	}
	return o->nbackends ? 0 : err_set(e, -EINVAL, "names none of sim, proc, ns");
}

static int take_seed(void *ctx, const char *arg, struct err *e)
{
	struct run_options *o = &((struct ctx *)ctx)->run;
	int r = unit_u64(arg, 0, INT64_MAX, &o->seed_first, e);
	o->seed_last = o->seed_first;
	o->seed_given = true;
	return r;
}

static int take_seeds(void *ctx, const char *arg, struct err *e)
{
	struct run_options *o = &((struct ctx *)ctx)->run;
	char first[32];
	const char *dots = strstr(arg, "..");
	if (!dots || (size_t)(dots - arg) >= sizeof first)
		return err_set(e, -EINVAL, "'%s' is no range; write 1..100", arg);
	snprintf(first, sizeof first, "%.*s", (int)(dots - arg), arg);
	int r = unit_u64(first, 0, INT64_MAX, &o->seed_first, e);
	if (!r)
		r = unit_u64(dots + 2, 0, INT64_MAX, &o->seed_last, e);
	if (!r && (o->seed_last < o->seed_first || o->seed_last - o->seed_first >= UINT32_MAX))
		return err_set(e, -EINVAL, "'%s' is no range; write 1..100", arg);
	o->seed_given = true;
	return r;
}

static int take_junit(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->run.junit = arg;
	return 0;
}

static int take_markdown(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->run.markdown = arg;
	return 0;
}

static int take_report(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->run.html = arg;
	return 0;
}

static int take_csv(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->run.csv = arg;
	return 0;
}

static int take_jobs(void *ctx, const char *arg, struct err *e)
{
	uint64_t n;
	int r = unit_u64(arg, 1, 256, &n, e);
	((struct ctx *)ctx)->run.jobs = r < 0 ? 0 : (unsigned)n;
	return r;
}

static int take_shard(void *ctx, const char *arg, struct err *e)
{
	struct run_options *o = &((struct ctx *)ctx)->run;
	return shard_parse(arg, &o->shard, &o->shards, e);
}

static int take_shrink(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->run.shrink = arg;
	return 0;
}

static int take_record(void *ctx, const char *arg, struct err *e)
{
	struct run_options *o = &((struct ctx *)ctx)->run;
	if (o->record)
		fclose(o->record);
	o->record = fopen(arg, "we");
	return o->record ? 0 : err_set(e, -errno, "%s: %s", arg, strerror(errno));
}

static int take_replay(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->run.replay = arg;
	return 0;
}

static int take_only(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->run.only = arg;
	return 0;
}

static int take_capture(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->run.capture = arg;
	return 0;
}

static int take_timeout(void *ctx, const char *arg, struct err *e)
{
	return unit_time(arg, &((struct ctx *)ctx)->run.timeout_ns, e);
}

static int take_strict(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->run.strict = true;
	return 0;
}

static int take_determinism(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->run.check_determinism = true;
	return 0;
}

static int take_console(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->run.console = true;
	return 0;
}

static int take_lead(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->run.lead = true;
	return 0;
}

static int take_file(void *ctx, const char *word, struct err *e)
{
	return words_add(&((struct ctx *)ctx)->run.files, word) < 0
		       ? err_set(e, -ENOMEM, "out of memory")
		       : 0;
}

static const struct opt run_opts[] = {
	{ 'b', "backend", "NAME[,NAME]",
	  "sim (virtual time, default), proc (processes), ns (namespaces)", take_backend },
	{ 's', "seed", "N", "chance and order follow from it (default: the scenario's own, else 1)",
	  take_seed },
	{ 0, "seeds", "A..B",
	  "every test with each of these seeds; a line for each distinct failure", take_seeds },
	{ 0, "jobs", "N", "with --seeds: run so many at a time (default: as many as processors)",
	  take_jobs },
	{ 0, "shard", "I/N",
	  "only the I-th of N parts (default: what a job array's scheduler says)", take_shard },
	{ 0, "shrink", "PATH",
	  "each distinct failure as a small scenario: a file (.lua) or a folder", take_shrink },
	{ 0, "record", "FILE", "write every event down with its cause, for why, diff and --replay",
	  take_record },
	{ 0, "replay", "FILE", "what a record tells, once more, with its plan and seed",
	  take_replay },
	{ 'o', "only", "GLOB", "only tests whose names match", take_only },
	{ 0, "junit", "FILE", "also as JUnit XML, for CI systems", take_junit },
	{ 0, "md", "FILE", "also as a summary in Markdown", take_markdown },
	{ 0, "report", "DIR",
	  "also as a page, DIR/index.html: networks, results, sweeps, plots of what was sampled",
	  take_report },
	{ 0, "csv", "FILE", "also as CSV: a row a test, with the values of sweeps and all measures",
	  take_csv },
	{ 0, "capture", "FILE",
	  "what crosses all cables in one test, as pcapng; on processes a file for each cable",
	  take_capture },
	{ 't', "timeout", "TIME", "longest time on the clock for one test", take_timeout },
	{ 0, "strict", NULL, "what is skipped counts as failed, and so does a run of nothing",
	  take_strict },
	{ 0, "check-determinism", NULL, "run each test twice in sim and compare",
	  take_determinism },
	{ 0, "console", NULL, "lead the tests with dw-console: step, go back, break things by hand",
	  take_console },
	{ 0, "lead", NULL, "the same over management sockets, without a console", take_lead },
	{ 0 },
};

/* ---- draw ---- */

static int take_txt(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->picture = PICTURE_TXT;
	return 0;
}

static int take_dot(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->picture = PICTURE_DOT;
	return 0;
}

static int take_mermaid(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->picture = PICTURE_MERMAID;
	return 0;
}

static int take_svg(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->picture = PICTURE_SVG;
	return 0;
}

static const struct opt draw_opts[] = {
	{ 0, "txt", NULL, "as text (default)", take_txt },
	{ 0, "dot", NULL, "for Graphviz", take_dot },
	{ 0, "mermaid", NULL, "for Mermaid, in documents", take_mermaid },
	{ 0, "svg", NULL, "as SVG, made by Graphviz", take_svg },
	{ 0 },
};

/* A scheduler of job arrays that has started us says which part is ours, of many seeds. */
static int find_shard(struct run_options *o)
{
	struct err e = { "" };
	const char *which;
	if (o->shards || o->seed_first == o->seed_last)
		return 0;
	if (shard_default(&o->shard, &o->shards, &which, &e) < 0)
		return log_verdict(2, e.text);
	if (which)
		log_say("part %u of %u, as %s says", o->shard, o->shards, which);
	return 0;
}

static int do_why(struct ctx *c)
{
	return why(&c->run.files);
}

static int do_diff(struct ctx *c)
{
	return diff(&c->run.files);
}

static int do_merge(struct ctx *c)
{
	return merge(&c->run.files);
}

static int do_run(struct ctx *c)
{
	int misuse = find_shard(&c->run);
	if (misuse)
		return misuse;
	if (!c->run.nbackends)
		c->run.backend[c->run.nbackends++] = &world_sim;
	if ((c->run.console || c->run.lead) &&
	    (c->run.nbackends > 1 || c->run.backend[0] != &world_sim))
		return log_verdict(2, "--console, --lead: only virtual time can be led; "
				      "--backend sim");
	if ((c->run.console || c->run.lead) &&
	    (c->run.seed_first != c->run.seed_last || c->run.shrink))
		return log_verdict(2, "--console, --lead: one seed at a time can be led");
	if (c->run.record && (c->run.seed_first != c->run.seed_last || c->run.shrink))
		return log_verdict(2, "--record: one seed at a time can be recorded");
	if (c->run.replay && c->run.files.count)
		return log_verdict(2, "--replay: the record names the scenario");
	int code = run_all(&c->run);
	if (c->run.record && fclose(c->run.record) != 0)
		return log_verdict(3, "--record: it could not be written whole");
	return code > 128 ? die_by(code - 128) : code;
}

static int draw_one(const struct ctx *c, const struct script *s)
{
	const struct plan *p = script_plan(s);
	const struct world_setup setup = {
		.plan = p,
		.seed = script_seed(s),
		.stop = &lab_stop,
		.files = c->run.tables,
	};
	struct look k;
	struct err e = { "" };
	char *dot = NULL;
	size_t len;
	FILE *to = c->picture == PICTURE_SVG ? open_memstream(&dot, &len) : stdout;
	bool seen = look_at(&k, &setup, &e) == 0;
	if (!seen)
		log_say("drawn as built: %s", e.text);
	if (!to)
		return log_verdict(3, "out of memory");
	if (c->picture == PICTURE_TXT)
		draw_txt(p, seen ? &k : NULL, "", to);
	else if (c->picture == PICTURE_MERMAID)
		draw_mermaid(p, seen ? &k : NULL, to);
	else
		draw_dot(p, seen ? &k : NULL, to);
	int r = 0;
	if (to != stdout) {
		fclose(to);
		r = draw_svg(dot, stdout, &e);
		free(dot);
	}
	if (seen)
		look_fini(&k);
	return r < 0 ? log_verdict(3, e.text) : 0;
}

static int do_draw(struct ctx *c)
{
	int code = 0;
	for (size_t i = 0; i < c->run.files.count && !code; i++) {
		struct script *s = NULL;
		struct err e = { "" };
		struct script_env env = { .file = c->run.files.v[i],
					  .backend = "sim",
					  .stop = &lab_stop,
					  .memory = 256 << 20,
					  .budget = 400000000,
					  .files = c->run.tables,
					  .seed = c->run.seed_first,
					  .seed_given = c->run.seed_given };
		int r = script_open(&s, &env, &e);
		if (r < 0)
			return log_verdict(r == -ENOMEM ? 3 : 2, e.text);
		code = draw_one(c, s);
		script_close(s);
	}
	return code;
}

/* ---- doctor ---- */

static int take_best(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct ctx *)ctx)->best = true;
	return 0;
}

static const struct opt doctor_opts[] = {
	{ 0, "best", NULL, "print only the name of the best backend here: ns, proc or sim",
	  take_best },
	{ 0 },
};

static int do_doctor(struct ctx *c)
{
	return c->best ? doctor_best(c->run.self) : doctor(c->run.self);
}

/* ---- import ---- */

static int do_import(struct ctx *c)
{
	const struct words *w = &c->run.files;
	if (w->count != 2)
		return log_verdict(2, "import: a format and a file belong here, as in "
				      "dw-lab import graphml Abilene.graphml");
	return import_file(w->v[0], w->v[1]);
}

static const struct opt no_opts[] = { { 0 } };

/* ---- the verbs ---- */

static const struct {
	const char *name, *usage, *about;
	const struct opt *opts;
	bool files;
	int (*run)(struct ctx *c);
} verbs[] = {
	{ "run", "run [OPTION...] FILE...", "Runs the tests of scenarios and reports them as TAP.",
	  run_opts, true, do_run },
	{ "merge", "merge FILE...", "Joins the reports (--json) of the parts of a run into one.",
	  no_opts, true, do_merge },
	{ "why", "why RECORD [EVENT]",
	  "Says why a test failed, or what led to an event and came of it.", no_opts, true,
	  do_why },
	{ "diff", "diff RECORD RECORD", "Shows where two records part.", no_opts, true, do_diff },
	{ "draw", "draw [OPTION...] FILE...", "Draws the network of a scenario.", draw_opts, true,
	  do_draw },
	{ "import", "import graphml|gml|kathara|containerlab|dot FILE",
	  "Prints a scenario with the network of another tool's file.", no_opts, true, do_import },
	{ "doctor", "doctor [OPTION...]",
	  "Says what this machine can do, and how to get what is missing.", doctor_opts, false,
	  do_doctor },
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static const char *verb_at(const void *unused, size_t i)
{
	(void)unused;
	return i < VERBS ? verbs[i].name : up_verbs[i - VERBS].name;
}

static int take_verb(void *ctx, const char *word, struct err *e)
{
	(void)e;
	((struct ctx *)ctx)->verb = word;
	return 1;
}

static int run_verb(struct ctx *c, size_t i, int argc, char **argv)
{
	struct program p = {
		.name = "dw-lab",
		.usage = verbs[i].usage,
		.about = verbs[i].about,
		.opts = verbs[i].opts,
		.word = verbs[i].files ? take_file : NULL,
	};
	int code = opts_parse(&p, c, argc, argv, NULL);
	if (code >= 0)
		return code;
	if (verbs[i].files && !c->run.files.count && !c->run.replay)
		return log_verdict(2, verbs[i].run == do_merge ? "which reports? give files"
							       : "which scenario? give a file");
	c->run.tables = lab_files_new();
	if (!c->run.tables)
		return log_verdict(-ENOMEM, "");
	code = verbs[i].run(c);
	wire_files_free(c->run.tables);
	return code;
}

int main(int argc, char **argv)
{
	struct ctx c = { .run.self = argv[0] };
	static const struct program top = {
		.name = "dw-lab",
		.usage = "run|merge|why|diff|draw|doctor|up|down|ps|ctl|path|exec|shell|capture|"
			 "attach|power|save "
			 "[OPTION...] [WORD...]",
		.about = "Network labs in Lua: run FILE tests a scenario, merge joins reports, why "
			 "and diff "
			 "look into records, draw FILE shows its network, doctor looks at this "
			 "machine; up FILE builds a lab that stays, for the others. Each has its "
			 "own --help.",
		.word = take_verb,
	};
	int rest = argc;
	int code = opts_parse(&top, &c, argc, argv, &rest);
	if (code >= 0)
		return code;
	if (!c.verb)
		return log_verdict(2, "what to do? run, merge, draw, up or doctor");
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, c.verb) == 0) {
			argv[rest - 1] = argv[0]; /* options of a verb come after it */
			code = run_verb(&c, i, argc - rest + 1, argv + rest - 1);
			words_fini(&c.run.files);
			return code;
		}
	for (const struct up_verb *v = up_verbs; v->name; v++)
		if (strcmp(v->name, c.verb) == 0) {
			argv[rest - 1] = argv[0];
			return up_main(v, argv[0], argc - rest + 1, argv + rest - 1);
		}
	const char *near = nearest_word(c.verb, verb_at, NULL);
	char text[200];
	snprintf(text, sizeof text, "%.60s: no such command; %s%s", c.verb,
		 near ? "did you mean " : "run, merge, draw, up or doctor", near ? near : "");
	return log_verdict(2, text);
}
