/* SPDX-License-Identifier: MIT */
/* test_dist.c - the tables of delay laws are netem's, number by number. The formulas are those of
 * iproute2 netem/normal.c, pareto.c and paretonormal.c (NIST-PD); where tc is installed, its own
 * files are compared too. */
#include "tests/unit/wire/rig.h"

#include <math.h>

#include "wire/core/dist.h"

static void normal_table(int32_t out[static DIST_SIZE])
{
	static int32_t all[4 * DIST_SIZE + 1];
	for (double x = -10.0; x < 10.05; x += .00005) {
		int i = (int)rint(4 * DIST_SIZE * (.5 + .5 * erf(x / sqrt(2.0))));
		all[i] = (int32_t)rint(x * DIST_SCALE);
	}
	for (int i = 0; i < DIST_SIZE; i++)
		out[i] = all[4 * i];
}

static void normal_is_the_inverse_of_the_normal_integral(void **state)
{
	static int32_t want[DIST_SIZE];
	(void)state;
	normal_table(want);
	for (int i = 0; i < DIST_SIZE; i++)
		assert_int_equal(dist_normal[i], want[i]);
}

static void pareto_is_the_inverse_cube_root(void **state)
{
	(void)state;
	for (int i = 0; i < DIST_SIZE; i++) {
		double u = (65536 - 16 * i) / 65536.0;
		double x = rint((1 / pow(u, 1.0 / 3) - 1.5) * (4.0 / 3) * DIST_SCALE);
		assert_int_equal(dist_pareto[i], x > 32767 ? 32767 : (int)x);
	}
}

static int64_t deviation(enum wire_dist dist, int64_t jitter_ns, uint64_t bits)
{
	return dist_deviation(&(struct wire_law){ .dist = dist, .jitter_ns = jitter_ns }, bits);
}

/* Entry i as the core reads it: a jitter of DIST_SCALE ns gives the entry itself. */
static int64_t entry(enum wire_dist dist, unsigned i)
{
	return deviation(dist, DIST_SCALE, (uint64_t)i << 52);
}

static void tables_equal_the_files_that_tc_reads(void **state)
{
	static const struct {
		const char *name;
		enum wire_dist dist;
	} rows[] = { { "normal", WIRE_NORMAL },
		     { "pareto", WIRE_PARETO },
		     { "paretonormal", WIRE_PARETONORMAL } };
	(void)state;
	for (size_t k = 0; k < 3; k++) {
		char path[64], line[1024];
		snprintf(path, sizeof path, "/usr/lib/x86_64-linux-gnu/tc/%s.dist", rows[k].name);
		FILE *f = fopen(path, "r");
		if (!f)
			skip();
		unsigned i = 0;
		while (fgets(line, sizeof line, f)) {
			char *at = line, *end;
			for (long v; *line != '#' && (v = strtol(at, &end, 10), end != at);
			     at = end)
				assert_int_equal(entry(rows[k].dist, i++), v);
		}
		assert_int_equal(i, DIST_SIZE);
		fclose(f);
	}
}

/* tabledist() of sch_netem.c with the same entry, for a jitter that is no multiple of the scale. */
static void rounding_is_netems(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DIST_SIZE; i++) {
		int64_t t = i ? dist_normal[i] : -32768;
		double exact = 1234567.0 * (double)t / DIST_SCALE;
		int64_t got = deviation(WIRE_NORMAL, 1234567, (uint64_t)i << 52);
		assert_true(fabs((double)got - exact) <= 0.5);
	}
}

static void uniform_reaches_both_ends_and_no_further(void **state)
{
	(void)state;
	assert_int_equal(deviation(WIRE_UNIFORM, 1000, 0), -1000);
	assert_int_equal(deviation(WIRE_UNIFORM, 1000, UINT64_MAX), 1000);
	assert_int_equal(deviation(WIRE_UNIFORM, 1000, UINT64_MAX / 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_is_the_inverse_of_the_normal_integral),
		cmocka_unit_test(pareto_is_the_inverse_cube_root),
		cmocka_unit_test(tables_equal_the_files_that_tc_reads),
		cmocka_unit_test(rounding_is_netems),
		cmocka_unit_test(uniform_reaches_both_ends_and_no_further),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
