/* SPDX-License-Identifier: MIT */
/* test_rundir.c - folders of labs: made for us alone, swept when their lab is gone, kept while it
 * lives. */
#include "lab/real/rundir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/cmocka.h"

static char base[64];

static int setup(void **state)
{
	(void)state;
	snprintf(base, sizeof base, "/tmp/rundir-XXXXXX");
	assert_non_null(mkdtemp(base));
	setenv("XDG_RUNTIME_DIR", base, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rundir_remove(base);
	assert_int_not_equal(access(base, F_OK), 0);
	return 0;
}

static void touch(const char *folder, const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
}

static void folder_is_ours_alone(void **state)
{
	(void)state;
	char path[RUNDIR_MAX];
	struct stat st;
	int lock = rundir_make(path, NULL);
	assert_true(lock >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_memory_equal(path, base, strlen(base));
	close(lock);
}

static void folder_of_a_dead_lab_goes_with_all_in_it(void **state)
{
	(void)state;
	char dead[RUNDIR_MAX], living[RUNDIR_MAX], next[RUNDIR_MAX], sub[RUNDIR_MAX + 8];
	int a = rundir_make(dead, NULL), b = rundir_make(living, NULL);
	assert_true(a >= 0 && b >= 0);
	snprintf(sub, sizeof sub, "%s/s1", dead);
	assert_int_equal(mkdir(sub, 0700), 0);
	touch(sub, "ctl");
	touch(dead, "s1.mgmt");
	close(a); /* its lab is gone */
	int c = rundir_make(next, NULL);
	assert_true(c >= 0);
	assert_int_not_equal(access(dead, F_OK), 0);
	assert_int_equal(access(living, F_OK), 0);
	close(b);
	close(c);
}

static void removal_does_not_follow_links(void **state)
{
	(void)state;
	char path[RUNDIR_MAX], link[RUNDIR_MAX + 8], outside[80];
	int lock = rundir_make(path, NULL);
	snprintf(outside, sizeof outside, "%s/kept", base);
	assert_int_equal(mkdir(outside, 0700), 0);
	touch(outside, "file");
	snprintf(link, sizeof link, "%s/link", path);
	assert_int_equal(symlink(outside, link), 0);
	rundir_remove(path);
	close(lock);
	assert_int_not_equal(access(path, F_OK), 0);
	snprintf(outside, sizeof outside, "%s/kept/file", base);
	assert_int_equal(access(outside, F_OK), 0);
}

static void folder_that_others_can_enter_is_refused(void **state)
{
	(void)state;
	char path[RUNDIR_MAX], open_to_all[80];
	struct err e = { "" };
	snprintf(open_to_all, sizeof open_to_all, "%s/drahtwerk", base);
	assert_int_equal(mkdir(open_to_all, 0700), 0);
	assert_int_equal(chmod(open_to_all, 0755), 0);
	assert_int_equal(rundir_make(path, &e), -EPERM);
	assert_non_null(strstr(e.text, "drahtwerk"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(folder_is_ours_alone),
		TEST(folder_of_a_dead_lab_goes_with_all_in_it),
		TEST(removal_does_not_follow_links),
		TEST(folder_that_others_can_enter_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
