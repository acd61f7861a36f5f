/* SPDX-License-Identifier: MIT */
/* test_log.c - one line of words, the exit code that goes with them, and dying by a signal. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/cli/opts.h"
#include "tests/unit/cli/capture.h"

static void a_line_has_the_name_and_the_words(void **state)
{
	(void)state;
	struct capture c;
	log_name("/usr/bin/dw-test");
	opt_quiet = opt_verbose = false;
	capture_begin(&c);
	log_say("port %d: peer closed", 3);
	log_verbose("not said without -v");
	capture_end(&c);
	assert_string_equal(c.err, "dw-test: port 3: peer closed\n");
	assert_string_equal(c.out, "");
}

static void quiet_leaves_errors_and_verbose_says_more(void **state)
{
	(void)state;
	struct capture c;
	log_name("dw-test");
	opt_quiet = opt_verbose = true;
	capture_begin(&c);
	log_say("not said");
	log_error("said");
	log_verbose("asked for");
	capture_end(&c);
	assert_string_equal(c.err, "dw-test: said\ndw-test: asked for\n");
	opt_quiet = opt_verbose = false;
}

static void a_peer_cannot_forge_lines_or_colours(void **state)
{
	(void)state;
	struct capture c;
	capture_begin(&c);
	log_say("from %s\n\n", "a\x1b[31mb\nc\td\x7f\xc3\xa4");
	capture_end(&c);
	assert_string_equal(c.err, "dw-test: from a?[31mb?c?d?\xc3\xa4\n");
}

static void endless_words_are_cut_to_one_line(void **state)
{
	(void)state;
	struct capture c;
	char words[4000];
	memset(words, 'w', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	capture_begin(&c);
	log_say("%s", words);
	capture_end(&c);
	size_t len = strlen(c.err);
	assert_in_range(len, 500, 1024);
	assert_int_equal(c.err[len - 1], '\n');
	assert_int_equal(strcspn(c.err, "\n"), len - 1);
}

static void a_verdict_is_words_and_a_code(void **state)
{
	(void)state;
	static const struct {
		int code, exit;
		const char *words, *said;
	} cases[] = {
		{ 2, 2, "file: line 3", "dw-test: file: line 3\n" },
		{ 3, 3, "no socket", "dw-test: no socket\n" },
		{ -EINVAL, 2, "x: no number", "dw-test: x: no number\n" },
		{ -ERANGE, 2, "x: too large", "dw-test: x: too large\n" },
		{ -EACCES, 3, "", "dw-test: Permission denied\n" },
		{ -ENOENT, 3, NULL, "dw-test: No such file or directory\n" },
		{ 1, 1, NULL, "" },
	};
	opt_quiet = true; /* a verdict is an error: -q does not hide it */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct capture c;
		capture_begin(&c);
		int code = log_verdict(cases[i].code, cases[i].words);
		capture_end(&c);
		assert_int_equal(code, cases[i].exit);
		assert_string_equal(c.err, cases[i].said);
	}
	opt_quiet = false;
}

static void who_dies_by_a_signal_is_seen_to(void **state)
{
	(void)state;
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		fflush(NULL);
		pid_t child = fork();
		if (child == 0) { /* blocked as for a signalfd, ignored besides */
			sigset_t set;
			sigfillset(&set);
			sigprocmask(SIG_BLOCK, &set, NULL);
			signal(signals[i], SIG_IGN);
			_exit(die_by(signals[i]));
		}
		int status = 0;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
	}
	assert_int_equal(die_by(SIGCHLD), 128 + SIGCHLD); /* its default is to go on */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_the_name_and_the_words),
		cmocka_unit_test(quiet_leaves_errors_and_verbose_says_more),
		cmocka_unit_test(a_peer_cannot_forge_lines_or_colours),
		cmocka_unit_test(endless_words_are_cut_to_one_line),
		cmocka_unit_test(a_verdict_is_words_and_a_code),
		cmocka_unit_test(who_dies_by_a_signal_is_seen_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
