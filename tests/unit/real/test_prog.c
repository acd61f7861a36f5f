/* SPDX-License-Identifier: MIT */
/* test_prog.c - programs below a real keeper: what they print, how they end, and that none outlives
 * it. */
#include "lab/real/prog.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/real/keeper.h"
#include "lab/real/rundir.h"
#include "lib/base/units.h"
#include "tests/unit/cmocka.h"

struct rig {
	char base[64], dir[RUNDIR_MAX];
	struct loop *loop;
	struct keeper keeper;
	struct spawner spawner;
	struct prog prog;
	bool ended, ready, lost;
};

static void lost(void *ctx)
{
	struct rig *r = ctx;
	r->lost = true;
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	struct err e = { "" };
	assert_non_null(r);
	snprintf(r->base, sizeof r->base, "/tmp/prog-XXXXXX");
	assert_non_null(mkdtemp(r->base));
	setenv("XDG_RUNTIME_DIR", r->base, 1);
	r->loop = loop_new();
	int lock = rundir_make(r->dir, &e);
	assert_true(lock >= 0);
	assert_int_equal(keeper_start(&r->keeper, r->dir, lock, false, &e), 0);
	assert_int_equal(spawner_init(&r->spawner, r->loop, r->keeper.sock, lost, r), 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	prog_fini(&r->prog);
	spawner_fini(&r->spawner);
	keeper_wait(&r->keeper);
	assert_int_not_equal(access(r->dir, F_OK), 0); /* the keeper took it away */
	loop_free(r->loop);
	rundir_remove(r->base);
	free(r);
	return 0;
}

static void on_exit_note(struct prog *p)
{
	container_of(p, struct rig, prog)->ended = true;
}

static void on_ready_note(struct prog *p)
{
	container_of(p, struct rig, prog)->ready = true;
}

static void turn_until(struct rig *r, const bool *what)
{
	int64_t limit = loop_clock(r->loop) + 30 * NS_PER_SEC;
	while (!*what && loop_clock(r->loop) < limit) {
		bool over;
		loop_turn(r->loop, limit, &over);
	}
	assert_true(*what);
}

static void start(struct rig *r, const char *script)
{
	char sh[] = "sh", c[] = "-c", *copy = strdup(script), *v[] = { sh, c, copy };
	const struct words argv = { v, 3 };
	r->prog.on_exit = on_exit_note;
	assert_int_equal(prog_start(&r->prog, &r->spawner, r->loop, &argv, NULL), 0);
	free(copy);
}

static void output_and_code_come_back(void **state)
{
	struct rig *r = *state;
	start(r, "echo out; echo first >&2; echo second >&2; exit 7");
	turn_until(r, &r->ended);
	char words[64];
	assert_string_equal(r->prog.out.text.v, "out\n");
	assert_string_equal(r->prog.err.text.v, "first\nsecond\n");
	assert_int_equal(prog_code(&r->prog), 7);
	prog_last_words(&r->prog, words, sizeof words);
	assert_string_equal(words, "second");
}

static void silence_is_an_empty_text(void **state)
{
	struct rig *r = *state;
	start(r, "exit 0");
	turn_until(r, &r->ended);
	assert_string_equal(r->prog.out.text.v, "");
	assert_int_equal(prog_code(&r->prog), 0);
}

static void a_megabyte_is_whole(void **state)
{
	struct rig *r = *state;
	start(r, "head -c 1000000 /dev/zero | tr '\\0' x; echo end");
	turn_until(r, &r->ended);
	assert_int_equal(r->prog.out.text.len, 1000004);
	assert_string_equal(r->prog.out.text.v + 1000000, "end\n");
}

static void output_without_end_is_bounded(void **state)
{
	struct rig *r = *state;
	start(r, "head -c 20000000 /dev/zero");
	turn_until(r, &r->ended);
	assert_int_equal(r->prog.out.text.len, PROG_TEXT_MAX);
	assert_true(r->prog.out.text.cut);
	assert_int_equal(prog_code(&r->prog), 0); /* it was read to its end all the same */
}

static void missing_program_is_127_with_its_name(void **state)
{
	struct rig *r = *state;
	char name[] = "no-such-program-anywhere", *v[] = { name };
	const struct words argv = { v, 1 };
	r->prog.on_exit = on_exit_note;
	assert_int_equal(prog_start(&r->prog, &r->spawner, r->loop, &argv, NULL), 0);
	turn_until(r, &r->ended);
	assert_int_equal(prog_code(&r->prog), 127);
	assert_non_null(strstr(r->prog.err.text.v, name));
}

static void newline_on_3_is_ready(void **state)
{
	struct rig *r = *state;
	r->prog.on_ready = on_ready_note;
	start(r, "echo >&3; exec sleep 1000");
	turn_until(r, &r->ready);
	assert_false(r->ended);
	prog_signal(&r->prog, SIGKILL);
	turn_until(r, &r->ended);
	assert_int_equal(prog_code(&r->prog), 128 + SIGKILL);
}

static void signal_reaches_the_whole_group(void **state)
{
	struct rig *r = *state;
	r->prog.on_ready = on_ready_note;
	start(r, "sleep 1000 & echo >&3; wait");
	turn_until(r, &r->ready);
	prog_signal(&r->prog, SIGTERM);
	turn_until(r, &r->ended);
	assert_int_equal(prog_code(&r->prog), 128 + SIGTERM);
}

/* teardown() waits for the keeper, which waits for all of its descendants: a missed one hangs here.
 */
static void what_hides_is_found(void **state)
{
	struct rig *r = *state;
	start(r, "(setsid sh -c 'setsid sleep 1000 & exec sleep 1000' &) >/dev/null 2>&1");
	turn_until(r, &r->ended);
	assert_int_equal(prog_code(&r->prog), 0);
}

static void too_many_words_are_refused(void **state)
{
	struct rig *r = *state;
	static char word[] = "x";
	char *v[5000];
	for (unsigned i = 0; i < 5000; i++)
		v[i] = word;
	const struct words argv = { v, 5000 };
	assert_int_equal(prog_start(&r->prog, &r->spawner, r->loop, &argv, NULL), -E2BIG);
	assert_false(r->prog.running);
}

static void death_of_the_keeper_is_told(void **state)
{
	struct rig *r = *state;
	r->prog.on_ready = on_ready_note;
	start(r, "echo >&3; exec sleep 1000");
	turn_until(r, &r->ready);
	kill(r->keeper.pid, SIGTERM);
	turn_until(r, &r->lost);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(output_and_code_come_back),
		TEST(silence_is_an_empty_text),
		TEST(a_megabyte_is_whole),
		TEST(output_without_end_is_bounded),
		TEST(missing_program_is_127_with_its_name),
		TEST(newline_on_3_is_ready),
		TEST(signal_reaches_the_whole_group),
		TEST(what_hides_is_found),
		TEST(too_many_words_are_refused),
		TEST(death_of_the_keeper_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
