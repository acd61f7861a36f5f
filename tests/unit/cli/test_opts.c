/* SPDX-License-Identifier: MIT */
/* test_opts.c - the command line: against getopt_long(3) as a model, then what is ours. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "lib/cli/opts.h"
#include "tests/unit/cli/capture.h"
#include "tests/unit/dice.h"

enum { ARGS_MAX = 12, SEEN_LEN = 1024 };

struct run { /* one call of opts_parse() */
	int code, rest;
	char seen[SEEN_LEN]; /* what the callbacks got: "sock=a daemon word:x " */
	struct capture c;
};

static int note(void *ctx, const char *name, const char *arg)
{
	struct run *run = ctx;
	size_t n = strlen(run->seen);
	snprintf(run->seen + n, sizeof run->seen - n, "%s%s%s ", name, arg ? "=" : "",
		 arg ? arg : "");
	return 0;
}

#define TAKE(name)                                                                                 \
	static int take_##name(void *ctx, const char *arg, struct err *e)                          \
	{                                                                                          \
		(void)e;                                                                           \
		return note(ctx, #name, arg);                                                      \
	}
TAKE(sock)
TAKE(daemon)
TAKE(pidfile)
TAKE(hub)
TAKE(mode)
TAKE(mgmt)
TAKE(mgmtmode)
TAKE(reconnect)
TAKE(rcfile)
TAKE(rstp)

static int take_loss(void *ctx, const char *arg, struct err *e)
{
	(void)ctx;
	if (strcmp(arg, "silent") == 0)
		return -EPERM;
	return err_set(e, -ERANGE, "%s is not between 0%% and 100%%", arg);
}

static int take_end(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	note(ctx, "end", arg);
	return OPTS_END(7);
}

static int take_word(void *ctx, const char *word, struct err *e)
{
	if (strcmp(word, "bad") == 0)
		return err_set(e, -EINVAL, "no such thing");
	if (strcmp(word, "worse") == 0)
		return err_set(e, -EINVAL, "worse: no such thing");
	note(ctx, "word", word);
	return strcmp(word, "=") == 0;
}

static int take_any(void *ctx, const struct opt *opt, const char *arg, struct err *e)
{
	(void)e;
	return note(ctx, opt->name, arg);
}

static const struct opt opts[] = {
	{ 's', "sock", "DIR", "where plugs find it", take_sock },
	{ 0, "vdesock", NULL, NULL, NULL },
	{ 'm', "mode", "OCTAL", "of the sockets", take_mode },
	{ 0, "mod", NULL, NULL, NULL },
	{ 'M', "mgmt", "SOCKET", "management", take_mgmt },
	{ 0, "mgmtmode", "OCTAL", "of the management socket", take_mgmtmode },
	{ 'x', "hub", NULL, "repeat every frame", take_hub },
	{ 'd', "daemon", NULL, "leave the terminal", take_daemon },
	{ 'p', "pidfile", "FILE", "for the process id", take_pidfile },
	{ 0, NULL, NULL, NULL, NULL },
};

static const struct opt more_opts[] = {
	{ 0, "rcfile", "FILE", "commands", take_rcfile },
	{ 0, "rstp", NULL,
	  "spanning tree, which has a help text so long that it must go on in a second line",
	  take_rstp },
	{ 0, "reconnect", "[MAX]", "plug in again", take_reconnect },
	{ 'l', "loss", "PROB", "frames lost", take_loss },
	{ 'v', "verbatim", NULL, "own letter", take_hub },
	{ 0, "poll", "never|adaptive|always", "how to wait", take_mode },
	{ 0, "hidden", NULL, "", take_hub },
	{ 0, "end", NULL, "an errand", take_end },
	{ 0, "from-table", "V", "has no function", NULL },
	{ 0, NULL, NULL, NULL, NULL },
};

static struct run run_words(const struct program *p, int argc, char **argv)
{
	struct run run = { .rest = -1 };
	opt_json = opt_verbose = opt_quiet = opt_color = false;
	capture_begin(&run.c);
	run.code = opts_parse(p, &run, argc, argv, &run.rest);
	capture_end(&run.c);
	return run;
}

/* The words of `line` are joined by one blank each. */
static struct run run_line(const struct program *p, const char *line)
{
	char copy[512], *argv[ARGS_MAX + 2] = { strdup("prog") };
	int argc = 1;
	snprintf(copy, sizeof copy, "%s", line);
	for (char *w = strtok(copy, " "); w && argc <= ARGS_MAX; w = strtok(NULL, " "))
		argv[argc++] = w;
	struct run run = run_words(p, argc, argv);
	free(argv[0]);
	return run;
}

static struct run more(unsigned flags, const char *line)
{
	const struct program p = {
		.name = "dw-test",
		.opts = more_opts,
		.flags = flags,
		.word = take_word,
		.take = take_any,
		.win_ties = 1,
	};
	return run_line(&p, line);
}

/* The same words through getopt_long() or getopt_long_only(): what it sees before the first error.
 */
static int model(char *seen, int argc, char **argv, bool one_dash)
{
	static const struct option longs[] = {
		{ "sock", 1, NULL, 's' }, { "vdesock", 1, NULL, 's' }, { "mode", 1, NULL, 'm' },
		{ "mod", 1, NULL, 'm' },  { "mgmt", 1, NULL, 'M' },    { "mgmtmode", 1, NULL, 'g' },
		{ "hub", 0, NULL, 'x' },  { "daemon", 0, NULL, 'd' },  { "pidfile", 1, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	static const char letters[] = "smMgxdp";
	static const char *const names[] = { "sock", "mode",   "mgmt",   "mgmtmode",
					     "hub",  "daemon", "pidfile" };
	struct run run = { .code = -1 };
	int c;
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	while ((c = (one_dash ? getopt_long_only : getopt_long)(argc, argv, "-s:m:M:xdp:", longs,
								NULL)) != -1) {
		if (c == '?')
			run.code = 2;
		if (run.code == 2)
			break;
		note(&run, c == 1 ? "word" : names[strchr(letters, c) - letters], optarg);
	}
	for (int i = optind; run.code == -1 && i < argc; i++) /* behind "--" */
		note(&run, "word", argv[i]);
	memcpy(seen, run.seen, sizeof run.seen);
	return run.code;
}

static void agree_with_getopt(bool one_dash)
{
	/* Not for getopt_long_only(): there "--mo" is ambiguous though mode and mod are the same.
	 */
	static const char *const tokens[] = {
		"--mo",    "-s",   "a",        "--sock",  "--sock=b", "-sock", "-dp",      "-pFILE",
		"-x",      "-d",   "-xd",      "--",      "-",        "--hub", "--hub=1",  "-mod",
		"--mod=7", "--mg", "--mgmt",   "-mgmt=s", "-m0700",   "--d",   "-da",      "-hu",
		"--vde",   "-vde", "--nosuch", "-nosuch", "-z",       "-xz",   "--pid=f",  "-pid",
		"--mgmtm", "-mgm", "-s=x",     "--=x",    "-sx",      "-M",    "--daemon", "-",
	};
	const struct program p = {
		.name = "dw-test",
		.opts = opts,
		.flags = OPTS_NO_COMMON | (one_dash ? OPTS_ONE_DASH : OPTS_PREFIX),
		.word = take_word,
	};
	struct dice d = dice_of(one_dash ? "getopt_long_only" : "getopt_long");
	const size_t count = sizeof tokens / sizeof *tokens;
	for (int i = 0; i < 20000; i++) {
		char *argv[ARGS_MAX + 2] = { strdup("prog") }, *copy[ARGS_MAX + 2], seen[SEEN_LEN];
		int argc = 1 + (int)dice_below(&d, 7);
		for (int k = 1; k < argc; k++)
			argv[k] = strdup(tokens[one_dash + dice_below(&d, count - one_dash)]);
		memcpy(copy, argv, sizeof copy);
		int code = model(seen, argc, copy, one_dash);
		struct run run = run_words(&p, argc, argv);
		if (run.code != code || strcmp(run.seen, seen) != 0) {
			for (int k = 1; k < argc; k++)
				print_message("%s ", argv[k]);
			fail_msg("\n  ours: %d %s\n  model: %d %s", run.code, run.seen, code, seen);
		}
		assert_true((code == 2) == (run.c.err[0] != '\0'));
		for (int k = 0; k < argc; k++)
			free(argv[k]);
	}
}

static void words_are_read_as_getopt_long_reads_them(void **state)
{
	(void)state;
	agree_with_getopt(false);
}

static void with_one_dash_they_are_read_as_getopt_long_only_reads_them(void **state)
{
	(void)state;
	agree_with_getopt(true);
}

static void misuse_is_one_line_and_two(void **state)
{
	(void)state;
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "--loss 130%", "dw-test: --loss: 130% is not between 0% and 100%\n" },
		{ "-l130%", "dw-test: --loss: 130% is not between 0% and 100%\n" },
		{ "--loss silent", "dw-test: --loss: Operation not permitted\n" },
		{ "--loss", "dw-test: --loss: PROB is missing\n" },
		{ "-l", "dw-test: --loss: PROB is missing\n" },
		{ "--rstp=1", "dw-test: --rstp: takes no value\n" },
		{ "--lsos 1", "dw-test: --lsos: no such option; did you mean --loss?\n" },
		{ "--los 1", "dw-test: --los: no such option; did you mean --loss?\n" },
		{ "--frobnicate=1", "dw-test: --frobnicate: no such option; --help lists them\n" },
		{ "-z", "dw-test: -z: no such option; --help lists them\n" },
		{ "-loss 1", "dw-test: --loss: oss is not between 0% and 100%\n" },
		{ "bad", "dw-test: bad: no such thing\n" },
		{ "worse", "dw-test: worse: no such thing\n" },
		{ "--color=mauve", "dw-test: --color: mauve: write auto, always or never\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct run run = more(0, cases[i].line);
		assert_string_equal(run.c.err, cases[i].words);
		assert_string_equal(run.c.out, "");
		assert_int_equal(run.code, 2);
	}
}

static void several_meanings_are_listed(void **state)
{
	(void)state;
	struct run run = more(OPTS_PREFIX, "--ve");
	assert_int_equal(run.code, -1); /* --verbatim is ours, --version and --verbose are common */
	assert_string_equal(run.seen, "hub ");
	run = more(OPTS_ONE_DASH, "-rs");
	assert_string_equal(run.seen, "rstp ");
	run = more(OPTS_ONE_DASH,
		   "-r x"); /* no letter: --rcfile, --rstp or --reconnect; the first wins ties */
	assert_int_equal(run.code, -1);
	assert_string_equal(run.seen, "rcfile=x ");
	run = more(OPTS_PREFIX, "--co never");
	assert_int_equal(run.code, 2);
	assert_string_equal(run.c.err, "dw-test: --co: could be --color, --complete\n");
}

static void a_program_without_words_says_so(void **state)
{
	(void)state;
	const struct program p = { .name = "dw-test", .opts = opts };
	struct run run = run_line(&p, "-x word");
	assert_int_equal(run.code, 2);
	assert_string_equal(run.c.err,
			    "dw-test: word: no words are taken here; --help shows what is\n");
}

static void values_come_in_all_spellings(void **state)
{
	(void)state;
	assert_string_equal(more(0, "--reconnect --reconnect=5s x").seen,
			    "reconnect reconnect=5s word=x ");
	assert_string_equal(more(0, "--rcfile= --rcfile=a=b").seen, "rcfile= rcfile=a=b ");
	assert_string_equal(more(0, "--from_table 1 --from-table=2").seen,
			    "from-table=1 from-table=2 ");
	assert_string_equal(more(0, "--rcfile --rstp -- --rstp -").seen,
			    "rcfile=--rstp word=--rstp word=- ");
}

static void parsing_stops_where_it_is_told(void **state)
{
	(void)state;
	struct run run = more(OPTS_STOP, "--rstp ls --rstp");
	assert_string_equal(run.seen, "rstp ");
	assert_int_equal(run.rest, 2);
	run = more(OPTS_STOP, "--rstp -- --rstp");
	assert_int_equal(run.rest, 3);
	run = more(0, "a --rstp = ls --rstp"); /* the word callback said stop behind "=" */
	assert_string_equal(run.seen, "word=a rstp word== ");
	assert_int_equal(run.rest, 4);
	run = more(0, "a b");
	assert_int_equal(run.rest, 3);
	run = more(0, "--end --rstp"); /* an errand with an exit code of its own */
	assert_int_equal(run.code, 7);
	assert_string_equal(run.seen, "end ");
	assert_int_equal(more(0, "").code, -1);
}

static void help_is_laid_out_as_promised(void **state)
{
	(void)state;
	static const char want[] =
		"Usage: dw-test [OPTION...] WORD\n"
		"Does nothing, but so that it takes more than one line to tell all of what it\n"
		"does not.\n"
		"\n"
		"Options:\n"
		"      --rcfile FILE             commands\n"
		"      --rstp                    spanning tree, which has a help text so long\n"
		"                                that it must go on in a second line\n"
		"      --reconnect[=MAX]         plug in again\n"
		"  -l, --loss PROB               frames lost\n"
		"  -v, --verbatim                own letter\n"
		"      --poll never|adaptive|always\n"
		"                                how to wait\n"
		"      --end                     an errand\n"
		"      --from-table V            has no function\n"
		"\n"
		"Common options:\n"
		"  -h, --help                    show this help\n"
		"  -V, --version                 show the version\n"
		"      --verbose                 say more\n"
		"  -q, --quiet                   say errors only\n"
		"  -j, --json                    print facts as JSON\n"
		"      --color auto|always|never\n"
		"                                colour on a terminal (auto)\n"
		"      --complete WORDS          print what the last of WORDS can become\n";
	const struct program p = {
		.name = "dw-test",
		.usage = "[OPTION...] WORD",
		.about = "Does nothing, but so that it takes more than one line to tell all of "
			 "what it does not.",
		.opts = more_opts,
	};
	struct run run = run_line(&p, "--help");
	assert_int_equal(run.code, 0);
	assert_string_equal(run.c.out, want);
	assert_string_equal(run.c.err, "");
	struct capture c;
	capture_begin(&c);
	opts_help(&p);
	capture_end(&c);
	assert_string_equal(c.out, want);
}

static void other_names_stand_beside_the_first(void **state)
{
	(void)state;
	const struct program p = { .name = "old", .opts = opts, .flags = OPTS_NO_COMMON };
	struct capture c;
	capture_begin(&c);
	opts_help(&p);
	capture_end(&c);
	assert_non_null(strstr(c.out, "\n  -s, --sock, --vdesock DIR     where plugs find it\n"));
	assert_non_null(strstr(c.out, "\n  -m, --mode, --mod OCTAL       of the sockets\n"));
	assert_null(strstr(c.out, "Common"));
	assert_int_equal(run_line(&p, "--help").code, 2); /* a table alone has what it has */
}

static void common_rows_work(void **state)
{
	(void)state;
	struct run run = more(0, "-V");
	assert_int_equal(run.code, 0);
	assert_string_equal(run.c.out, "dw-test " DW_VERSION "\n");
	assert_int_equal(more(0, "-qj --verbose --color=always").code, -1);
	assert_true(opt_quiet && opt_json && opt_verbose && opt_color);
	assert_string_equal(more(0, "-v").seen, "hub "); /* the own letter wins */
	assert_false(opt_verbose);
	more(0, "--color always --color never");
	assert_false(opt_color);
	more(0, ""); /* stdout is a file here */
	assert_false(opt_color);
	setenv("NO_COLOR", "1", 1);
	more(0, "--color always"); /* said here and now */
	assert_true(opt_color);
	unsetenv("NO_COLOR");
}

static void completion_prints_what_can_follow(void **state)
{
	(void)state;
	static const struct {
		const char *line, *out;
	} cases[] = {
		{ "--complete --re", "--reconnect\n" },
		{ "--complete dw-test x --r", "--rcfile\n--rstp\n--reconnect\n" },
		{ "--complete -l", "--loss\n" },
		{ "--complete --poll a", "adaptive\nalways\n" },
		{ "--complete --poll=", "--poll=never\n--poll=adaptive\n--poll=always\n" },
		{ "--complete --poll=n", "--poll=never\n" },
		{ "--complete --color x", "" },
		{ "--complete --rcfile --r", "" }, /* a file name */
		{ "--complete --rcfile=x", "" },
		{ "--complete file", "" },
		{ "--complete --hid", "--hidden\n" },
		{ "--complete --nosuch", "" },
		{ "--complete=--ver", "--verbatim\n--version\n--verbose\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct run run = more(0, cases[i].line);
		assert_string_equal(run.c.out, cases[i].out);
		assert_string_equal(run.seen, ""); /* nothing else was done */
		assert_int_equal(run.code, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read_as_getopt_long_reads_them),
		cmocka_unit_test(with_one_dash_they_are_read_as_getopt_long_only_reads_them),
		cmocka_unit_test(misuse_is_one_line_and_two),
		cmocka_unit_test(several_meanings_are_listed),
		cmocka_unit_test(a_program_without_words_says_so),
		cmocka_unit_test(values_come_in_all_spellings),
		cmocka_unit_test(parsing_stops_where_it_is_told),
		cmocka_unit_test(help_is_laid_out_as_promised),
		cmocka_unit_test(other_names_stand_beside_the_first),
		cmocka_unit_test(common_rows_work),
		cmocka_unit_test(completion_prints_what_can_follow),
	};
	unsetenv("NO_COLOR");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
