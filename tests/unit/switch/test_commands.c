/* SPDX-License-Identifier: MIT */
/* test_commands.c - every command of the switch under every kind of wrong argument: an error
 * changes nothing, and what config/show says makes the same switch again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "switch/sw.h"

struct rig {
	char dir[64], words[160], *argv[8];
	struct options opt;
	struct sw *sw;
};

static struct rig *rig_new(void)
{
	struct rig *r = calloc(1, sizeof *r);
	struct err e = { "" };
	assert_non_null(r);
	snprintf(r->dir, sizeof r->dir, "/tmp/test_commands.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->words, sizeof r->words,
		 "dw-switch -s %s/sw --nostdin --macaddr 00:ff:11:22:33:44", r->dir);
	int argc = 0;
	for (char *rest = r->words; rest; argc++)
		r->argv[argc] = strsep(&rest, " ");
	assert_int_equal(options_parse(&r->opt, argc, r->argv), -1);
	if (sw_open(&r->sw, &r->opt, &e) < 0)
		fail_msg("%s", e.text);
	return r;
}

static void rig_free(struct rig *r)
{
	sw_free(r->sw);
	options_fini(&r->opt);
	assert_int_equal(rmdir(r->dir), 0);
	free(r);
}

static int setup(void **state)
{
	*state = rig_new();
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static int run(struct rig *r, const char *line, struct out *o, struct err *e)
{
	return cmd_call(&r->sw->commands, line, false, loop_clock(r->sw->loop), o, e);
}

static void must(struct rig *r, const char *line)
{
	struct out o;
	struct err e = { "" };
	out_init(&o, false);
	if (run(r, line, &o, &e) < 0)
		fail_msg("%s: %s", line, e.text);
	out_fini(&o);
}

/* All that settings can be seen by; the caller frees. */
static char *settings(struct rig *r)
{
	static const char *const lines[] = { "config/show",   "port/allprint", "port/config",
					     "vlan/allprint", "vlan/table",    "port/showinfo",
					     "hash/showinfo", "fdb/print",     "fstp/showinfo" };
	struct out all, o;
	struct err e;
	out_init(&all, false);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		out_init(&o, false);
		assert_int_equal(run(r, lines[i], &o, &e), 0);
		out_raw(&all, o.text ? o.text : "", o.len);
		out_fini(&o);
	}
	assert_false(all.oom);
	return all.text;
}

static const char *const script[] = {
	"port/setnumports 40",
	"port/create 3",
	"port/setuser 3 12345",
	"port/setgroup 3 4242",
	"port/create 5",
	"vlan/create 10",
	"vlan/addport 10 3",
	"port/setvlan 5 10",
	"port/set 7 name=seven mode=trunk allow=20-30",
	"port/allocatable 7 1",
	"fdb/age 200s",
	"hash/setminper 3",
	"fdb/add 02:00:00:00:00:01 10 3",
	"port/down 5",
	"vepa/uplink 3",
	"vepa/mode veb vlan 10",
	"port/set 5 reflect=on",
	"mirror/add 5 9 in vlan 10 filter \"udp port 53\" or arp",
	"mirror/add 5 9 filter host 10.0.0.1",
};

static const char many_words[] = /* over CMD_ARGS_MAX */
	"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 "
	"34 35 "
	"36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65";

static const char *const wrong[] = {
	"",
	"x",
	"-1",
	"0",
	"3",
	"4096",
	"65536",
	"99999999999999999999",
	"3 x",
	"3 -1",
	"3 99999999999",
	"3 10 11",
	"x y z",
	"90 1",
	"9 0",
	"3 \"",
	"3 a=b",
	"3 =",
	"7 allow=5-2",
	"3 pvid=5000",
	"3 name=7",
	"seven",
	"seven x",
	"10 90",
	"10 9",
	"zz:zz 1 1",
	"ff:ff:ff:ff:ff:ff 10 3",
	"02:00:00:00:00:02 10 99",
	many_words,
};

/* 1 when the line was refused, and then everything is as it was. */
static unsigned try_wrong(struct rig *r, const char *path, const char *words)
{
	char line[512];
	struct out o;
	struct err e = { "" };
	char *before = settings(r);
	out_init(&o, false);
	snprintf(line, sizeof line, "%s %s", path, words);
	bool failed = run(r, line, &o, &e) < 0;
	char *after = settings(r);
	if (failed && strcmp(before, after) != 0)
		fail_msg("%s: said %s, but:\n%s\nbecame\n%s", line, e.text, before, after);
	free(before);
	free(after);
	out_fini(&o);
	return failed;
}

static void an_error_changes_nothing(void **state)
{
	struct rig *r = *state;
	unsigned errors = 0;
	for (size_t i = 0; i < sizeof script / sizeof *script; i++)
		must(r, script[i]);
	for (size_t t = 0; t < r->sw->commands.count; t++)
		for (const struct cmd_row *row = r->sw->commands.tables[t].rows; row->path; row++) {
			if (!row->run || strcmp(row->path, "config/save") == 0 ||
			    strcmp(row->path, "capture/start") == 0) /* those write files */
				continue;
			for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
				errors += try_wrong(r, row->path, wrong[i]);
		}
	assert_true(errors > 400); /* most of it is wrong for most of them */
}

static void config_show_makes_the_same_switch_again(void **state)
{
	struct rig *r = *state, *again = rig_new();
	struct out a, b;
	struct err e = { "" };
	out_init(&a, false);
	out_init(&b, false);
	for (size_t i = 0; i < sizeof script / sizeof *script; i++)
		must(r, script[i]);
	assert_int_equal(run(r, "config/show", &a, &e), 0);
	char *lines = strdup(a.text), *rest = lines, *line;
	while ((line = strsep(&rest, "\n")) && *line)
		must(again, line);
	assert_int_equal(run(again, "config/show", &b, &e), 0);
	assert_string_equal(a.text, b.text);
	free(lines);
	out_fini(&a);
	out_fini(&b);
	rig_free(again);
}

/* ---- config/load ---- */

static void write_file(const struct rig *r, char path[96], const char *text)
{
	snprintf(path, 96, "%s/script", r->dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int load(struct rig *r, const char *command, const char *text, struct err *e)
{
	char path[96], line[128];
	struct out o;
	out_init(&o, false);
	write_file(r, path, text);
	snprintf(line, sizeof line, "%s %s", command, path);
	int code = run(r, line, &o, e);
	out_fini(&o);
	unlink(path);
	return code;
}

static char *shown(struct rig *r)
{
	struct out o;
	struct err e;
	out_init(&o, false);
	assert_int_equal(run(r, "config/show", &o, &e), 0);
	return o.text ? o.text : strdup("");
}

static void loading_what_was_shown_makes_it_again_over_anything(void **state)
{
	struct rig *r = *state, *other = rig_new();
	struct err e = { "" };
	for (size_t i = 0; i < sizeof script / sizeof *script; i++)
		must(r, script[i]);
	must(other, "port/set 3 name=seven mode=access pvid=77");
	must(other, "port/set 9 name=nine");
	must(other, "fdb/add 02:00:00:00:00:01 77 9");
	must(other, "fdb/add 02:00:00:00:00:09 0 9");
	must(other, "vlan/create 4000");
	must(other, "port/setnumports 60");
	must(other, "port/sethub 1");
	char *want = shown(r);
	if (load(other, "config/load", want, &e) < 0)
		fail_msg("%s", e.text);
	char *got = shown(other);
	assert_string_equal(want, got);
	free(want);
	free(got);
	rig_free(other);
}

static void a_script_with_an_error_is_loaded_not_at_all(void **state)
{
	struct rig *r = *state;
	static const char text[] =
		"# fine so far\nport/create 8\n\nport/setvlan 8 99\nport/create 9\n";
	for (size_t i = 0; i < sizeof script / sizeof *script; i++)
		must(r, script[i]);
	char *before = settings(r);
	struct err e = { "" };
	assert_int_equal(load(r, "config/load", text, &e), -ENXIO);
	assert_non_null(strstr(e.text, "/script:4: "));
	assert_int_equal(load(r, "config/load", "shutdown\n", &e), -ENOSYS);
	assert_int_equal(load(r, "config/load", "port/add tap://x\n", &e), -EINVAL);
	assert_non_null(strstr(e.text, "not a setting"));
	char *after = settings(r);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void checking_changes_nothing(void **state)
{
	struct rig *r = *state;
	struct err e = { "" };
	char *before = settings(r);
	assert_int_equal(load(r, "config/check", "port/create 8\nvlan/create 5\n", &e), 0);
	assert_int_equal(load(r, "config/check", "port/create 800\n", &e), -EINVAL);
	char *after = settings(r);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void a_fresh_switch_has_nothing_to_show(void **state)
{
	struct out o;
	struct err e;
	out_init(&o, false);
	assert_int_equal(run(*state, "config/show", &o, &e), 0);
	assert_int_equal(o.len, 0);
	out_fini(&o);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_error_changes_nothing),
		T(config_show_makes_the_same_switch_again),
		T(loading_what_was_shown_makes_it_again_over_anything),
		T(a_script_with_an_error_is_loaded_not_at_all),
		T(checking_changes_nothing),
		T(a_fresh_switch_has_nothing_to_show),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
