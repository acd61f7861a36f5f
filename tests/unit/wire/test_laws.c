/* SPDX-License-Identifier: MIT */
/* test_laws.c - loss, jitter and rate do what they say, exactly, and none disturbs another. */
#include "tests/unit/wire/rig.h"
#include "tests/unit/wire/stat.h"
#include "wire/core/dist.h"

enum { DRAWS = 1000000 };

static void loss_is_within_the_binomial_interval(void **state)
{
	static const struct {
		const char *text;
		double p;
	} rows[] = {
		{ "0.1%", 0.001 }, { "1%", 0.01 }, { "20%", 0.2 }, { "50%", 0.5 }, { "99%", 0.99 }
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig g;
		rig_begin(&g);
		rig_keys(&g, "loss", rows[i].text, NULL);
		rig_pour(&g, WIRE_AB, DRAWS, 1);
		assert_true(in_binomial_99(rig_drops(&g, WIRE_AB, DROP_LOSS), DRAWS, rows[i].p));
		rig_conserves(&g);
		rig_end(&g);
	}
}

static void loss_has_no_memory(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "loss", "10%", NULL);
	rig_pour(&g, WIRE_AB, DRAWS, 1);
	int64_t *f = rig_fates(&g, WIRE_AB, DRAWS, 1);
	/* Lengths of runs of losses are geometric. */
	uint64_t runs[6] = { 0 }, all = 0;
	for (unsigned i = 0; i < DRAWS; i++) {
		unsigned len = 0;
		while (i < DRAWS && f[i] < 0)
			i++, len++;
		if (len)
			runs[len < 6 ? len - 1 : 5]++, all++;
	}
	double want[6];
	for (int k = 0; k < 6; k++)
		want[k] = (double)all * (k < 5 ? 0.9 * pow(0.1, k) : pow(0.1, 5));
	assert_true(chi_square_p(runs, want, 6, 0) > 0.001);
	free(f);
	rig_end(&g);
}

static void certain_loss_and_none_are_exact(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "ab.loss", "100%", "ba.loss", "0%", NULL);
	rig_pour(&g, WIRE_AB, 100000, 1);
	rig_pour(&g, WIRE_BA, 100000, 1);
	assert_int_equal(g.count[WIRE_AB], 0);
	assert_int_equal(g.count[WIRE_BA], 100000);
	rig_end(&g);
}

/* Delays of DRAWS frames under dist, 1 s +- 100 ms, as deviations in units of the jitter. */
static double *deviations(const char *dist)
{
	struct rig g;
	const int64_t gap = SEC(3);
	rig_begin(&g);
	rig_keys(&g, "delay", "1s", "jitter", "100ms", "dist", dist, NULL);
	rig_pour(&g, WIRE_AB, DRAWS, gap);
	assert_int_equal(g.count[WIRE_AB], DRAWS);
	int64_t *f = rig_fates(&g, WIRE_AB, DRAWS, gap);
	double *v = malloc(DRAWS * sizeof *v);
	assert_non_null(v);
	for (unsigned i = 0; i < DRAWS; i++)
		v[i] = (double)(f[i] - SEC(1)) / (double)MS(100);
	free(f);
	rig_end(&g);
	return v;
}

static double uniform_cdf(double x)
{
	return x < -1 ? 0 : x > 1 ? 1 : (x + 1) / 2;
}

static void uniform_jitter_is_uniform(void **state)
{
	(void)state;
	double *v = deviations("uniform");
	for (unsigned i = 0; i < DRAWS; i++)
		assert_true(v[i] >= -1 && v[i] <= 1);
	assert_true(ks_p(v, DRAWS, uniform_cdf) > 0.001);
	free(v);
}

static void normal_jitter_is_normal(void **state)
{
	(void)state;
	double *v = deviations("normal"), sum = 0, squares = 0;
	for (unsigned i = 0; i < DRAWS; i++) {
		sum += v[i];
		squares += v[i] * v[i];
	}
	assert_true(fabs(sum / DRAWS) < 0.003);
	assert_true(fabs(sqrt(squares / DRAWS) - 1) < 0.003);
	assert_true(ks_p(v, DRAWS, normal_cdf) > 0.001);
	free(v);
}

static double pareto_cdf(double x) /* netem's: x = (1/cbrt(u) - 3/2) * 4/3, a = 3 */
{
	double base = x * 0.75 + 1.5;
	return base <= 1 ? 0 : 1 - pow(base, -3);
}

static void pareto_jitter_is_pareto(void **state)
{
	(void)state;
	double *v = deviations("pareto");
	/* The table ends at 32767/8192, where 1 - F is 0.0103: all above that is drawn onto the
	 * end. */
	unsigned low = 0;
	for (unsigned i = 0; i < DRAWS; i++)
		low += v[i] < 3.99;
	assert_true(in_binomial_99(low, DRAWS, pareto_cdf(3.99)));
	uint64_t seen[64] = { 0 };
	double want[64];
	for (unsigned i = 0; i < DRAWS; i++) {
		double entry = pareto_cdf(v[i]) * 4096 +
			       0.5; /* quantile i of the table stands at i / 4096 */
		seen[entry < 63 * 64 ? (unsigned)(entry / 64) : 63]++;
	}
	for (int i = 0; i < 64; i++)
		want[i] = DRAWS / 64.0;
	assert_true(chi_square_p(seen, want, 64, 0) > 0.001);
	free(v);
}

/* netem's third law has no formula but its table, which test_dist.c holds against tc's file: a draw
 * is as likely to hit one entry as another. */
static void paretonormal_jitter_is_as_its_table(void **state)
{
	enum { BINS = 64, SIZE = 4096 };
	static double table[SIZE];
	uint64_t seen[BINS] = { 0 };
	double want[BINS] = { 0 };
	(void)state;
	double *v = deviations("paretonormal");
	const struct wire_law law = { .dist = WIRE_PARETONORMAL, .jitter_ns = MS(100) };
	for (unsigned i = 0; i < SIZE; i++)
		table[i] = (double)dist_deviation(&law, (uint64_t)i << 52) / (double)MS(100);
	qsort(table, SIZE, sizeof *table, by_value);
	for (unsigned i = 0, bin = 0; i < SIZE; i++) { /* equal entries fall into one bin */
		while (bin + 1 < BINS && table[i] >= table[(bin + 1) * SIZE / BINS])
			bin++;
		want[bin] += (double)DRAWS / SIZE;
	}
	for (unsigned i = 0; i < DRAWS; i++) {
		unsigned bin = 0;
		while (bin + 1 < BINS && v[i] >= table[(bin + 1) * SIZE / BINS])
			bin++;
		seen[bin]++;
	}
	unsigned bins = 0; /* those that hold something */
	for (unsigned i = 0; i < BINS; i++)
		if (want[i] > 0) {
			seen[bins] = seen[i];
			want[bins++] = want[i];
		} else {
			assert_int_equal(seen[i], 0);
		}
	assert_true(bins > BINS / 2);
	assert_true(chi_square_p(seen, want, bins, 0) > 0.001);
	free(v);
}

static void what_jitter_takes_below_zero_leaves_at_once(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "1ms", "jitter", "3ms", NULL);
	rig_pour(&g, WIRE_AB, 100000, SEC(1));
	int64_t *f = rig_fates(&g, WIRE_AB, 100000, SEC(1));
	unsigned zero = 0;
	for (unsigned i = 0; i < 100000; i++) {
		assert_true(f[i] >= 0 && f[i] <= MS(4));
		zero += f[i] == 0;
	}
	assert_true(in_binomial_99(zero, 100000, 1.0 / 3)); /* -2 ms .. 0 of -2 .. 4 */
	free(f);
	rig_end(&g);
}

static void rate_is_exact_over_a_second_and_does_not_drift(void **state)
{
	static const struct {
		const char *text;
		uint64_t bps;
		uint32_t len;
	} rows[] = {
		{ "1Mbit", 1000000, 1250 },   { "3Mbit", 3000000, 77 },
		{ "10Mbit", 10000000, 1514 }, { "99999999bit", 99999999, 1514 },
		{ "100Mbit", 100000000, 64 }, { "1Gbit", 1000000000, 1500 },
		{ "1Gbit", 1000000000, 64 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig g;
		rig_begin(&g);
		rig_keys(&g, "rate", rows[i].text, "limit", "128p", NULL);
		while (g.now < SEC(1)) { /* the queue never runs empty */
			struct wire_stats s;
			wire_stats(g.w, WIRE_AB, &s);
			if (s.held < 64)
				rig_send(&g, WIRE_AB, 64, rows[i].len);
			int64_t next = wire_next(g.w);
			rig_run(&g, next < SEC(1) ? next : SEC(1));
		}
		/* Every frame leaves at the ns in which its last bit is out. */
		uint64_t bits = 0;
		assert_true(g.count[WIRE_AB] > 0);
		for (size_t k = 0; k < g.count[WIRE_AB]; k++) {
			bits += rows[i].len * UINT64_C(8);
			uint64_t ns = bits * (uint64_t)NS_PER_SEC / rows[i].bps;
			ns += bits * (uint64_t)NS_PER_SEC % rows[i].bps > 0;
			assert_int_equal(g.out[WIRE_AB][k].stamp, ns);
		}
		uint64_t frames = rows[i].bps / (rows[i].len * UINT64_C(8));
		assert_int_equal(g.count[WIRE_AB], frames);
		rig_end(&g);
	}
}

static void rate_forgives_nothing_and_saves_nothing(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "rate", "1Mbit", NULL);
	rig_run(&g, SEC(10)); /* idle time is not saved up */
	rig_send(&g, WIRE_AB, 2, 1250);
	rig_run(&g, SEC(11));
	assert_int_equal(g.out[WIRE_AB][0].at, SEC(10) + MS(10));
	assert_int_equal(g.out[WIRE_AB][1].at, SEC(10) + MS(20));
	rig_end(&g);
}

static void directions_are_independent(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "loss", "30%", NULL);
	for (unsigned i = 0; i < DRAWS; i += 50) {
		rig_send(&g, WIRE_AB, 50, 60);
		rig_send(&g, WIRE_BA, 50, 60);
	}
	int64_t *ab = rig_fates(&g, WIRE_AB, DRAWS, 0), *ba = rig_fates(&g, WIRE_BA, DRAWS, 0);
	uint64_t seen[4] = { 0 };
	for (unsigned i = 0; i < DRAWS; i++)
		seen[(ab[i] < 0) * 2 + (ba[i] < 0)]++;
	double want[4] = { 0.49 * DRAWS, 0.21 * DRAWS, 0.21 * DRAWS, 0.09 * DRAWS };
	assert_true(chi_square_p(seen, want, 4, 0) > 0.001);
	free(ab);
	free(ba);
	rig_end(&g);
}

/* The fates of n frames under these keys. */
static int64_t *run_with(unsigned n, const char *loss, const char *jitter, const char *mtu)
{
	struct rig g;
	rig_begin(&g);
	rig_keys(&g, "loss", loss, "delay", "500ms", "jitter", jitter, "mtu", mtu, NULL);
	rig_pour(&g, WIRE_AB, n, SEC(1));
	int64_t *f = rig_fates(&g, WIRE_AB, n, SEC(1));
	rig_end(&g);
	return f;
}

static void no_stage_changes_the_draws_of_another(void **state)
{
	enum { N = 20000 };
	(void)state;
	int64_t *loss = run_with(N, "20%", "0s", "0B"),
		*both = run_with(N, "20%", "100ms", "9000B");
	int64_t *more = run_with(N, "60%", "100ms", "0B"),
		*jitter = run_with(N, "0%", "100ms", "0B");
	unsigned lost = 0;
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(loss[i] < 0, both[i] < 0); /* jitter and mtu change no loss */
		if (both[i] >= 0)
			assert_int_equal(both[i], jitter[i]); /* loss changes no jitter */
		if (more[i] >= 0) {
			assert_int_equal(more[i], jitter[i]);
			assert_true(loss[i] >= 0); /* what survives 60 % survives 20 % */
		}
		lost += loss[i] < 0;
	}
	assert_true(lost > 0);
	free(loss);
	free(both);
	free(more);
	free(jitter);
}

static void live_change_of_loss_does_not_shift_the_jitter(void **state)
{
	enum { N = 10000 };
	struct rig g;
	(void)state;
	int64_t *plain = run_with(N, "0%", "100ms", "0B");
	rig_begin(&g);
	rig_keys(&g, "delay", "500ms", "jitter", "100ms", NULL);
	rig_pour(&g, WIRE_AB, N / 2 / BATCH_MAX * BATCH_MAX, SEC(1));
	rig_keys(&g, "loss", "50%", NULL);
	rig_pour(&g, WIRE_AB, N - N / 2 / BATCH_MAX * BATCH_MAX, SEC(1));
	int64_t *f = rig_fates(&g, WIRE_AB, N, SEC(1));
	for (unsigned i = 0; i < N; i++)
		if (f[i] >= 0)
			assert_int_equal(f[i], plain[i]);
	free(f);
	free(plain);
	rig_end(&g);
}

static void reserved_addresses_have_ordinals_of_their_own(void **state)
{
	enum { N = 5000 };
	struct rig g, quiet;
	(void)state;
	rig_begin(&g);
	rig_begin(&quiet);
	rig_keys(&g, "loss", "50%", NULL);
	rig_keys(&quiet, "loss", "50%", NULL);
	for (unsigned i = 0; i < N; i++) {
		g.next_id[WIRE_AB] = i;
		rig_send(&g, WIRE_AB, 1, 60);
		g.next_id[WIRE_AB] = N + i;
		rig_send_to(&g, WIRE_AB, 1, 60, 0x00); /* a BPDU between any two */
		rig_send(&quiet, WIRE_AB, 1, 60);
	}
	int64_t *f = rig_fates(&g, WIRE_AB, 2 * N, 0), *q = rig_fates(&quiet, WIRE_AB, N, 0);
	unsigned same = 0;
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(f[i] < 0, q[i] < 0);
		same += (f[i] < 0) == (f[N + i] < 0);
	}
	assert_true(in_binomial_99(same, N, 0.5)); /* and draws of their own */
	free(f);
	free(q);
	rig_end(&g);
	rig_end(&quiet);
}

static void name_and_seed_choose_the_fates(void **state)
{
	enum { N = 1000 };
	(void)state;
	int64_t *f[4];
	for (unsigned k = 0; k < 4; k++) {
		struct rig g;
		rig_begin(&g);
		if (k == 2)
			g.c.seed++;
		if (k == 3)
			snprintf(g.c.name, sizeof g.c.name, "other");
		rig_keys(&g, "loss", "50%", NULL);
		rig_pour(&g, WIRE_AB, N, 0);
		f[k] = rig_fates(&g, WIRE_AB, N, 0);
		rig_end(&g);
	}
	assert_memory_equal(f[0], f[1], N * sizeof *f[0]);
	assert_memory_not_equal(f[0], f[2], N * sizeof *f[0]);
	assert_memory_not_equal(f[0], f[3], N * sizeof *f[0]);
	for (unsigned k = 0; k < 4; k++)
		free(f[k]);
}

/* tests/interop/wire.sh expects the same number of a real dw-wire: both drop the same frames. */
static void fates_are_those_of_the_real_program(void **state)
{
	enum { N = 20000, RECEIVED = 18044 };
	struct rig g;
	(void)state;
	rig_begin(&g);
	g.c.seed = 7;
	snprintf(g.c.name, sizeof g.c.name, "lossy");
	rig_keys(&g, "loss", "10%", NULL);
	rig_pour(&g, WIRE_AB, N, 1);
	assert_int_equal(g.count[WIRE_AB], RECEIVED);
	rig_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loss_is_within_the_binomial_interval),
		cmocka_unit_test(loss_has_no_memory),
		cmocka_unit_test(certain_loss_and_none_are_exact),
		cmocka_unit_test(uniform_jitter_is_uniform),
		cmocka_unit_test(normal_jitter_is_normal),
		cmocka_unit_test(pareto_jitter_is_pareto),
		cmocka_unit_test(paretonormal_jitter_is_as_its_table),
		cmocka_unit_test(what_jitter_takes_below_zero_leaves_at_once),
		cmocka_unit_test(rate_is_exact_over_a_second_and_does_not_drift),
		cmocka_unit_test(rate_forgives_nothing_and_saves_nothing),
		cmocka_unit_test(directions_are_independent),
		cmocka_unit_test(no_stage_changes_the_draws_of_another),
		cmocka_unit_test(live_change_of_loss_does_not_shift_the_jitter),
		cmocka_unit_test(reserved_addresses_have_ordinals_of_their_own),
		cmocka_unit_test(name_and_seed_choose_the_fates),
		cmocka_unit_test(fates_are_those_of_the_real_program),
	};
	printf("seed %llu\n", (unsigned long long)SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
