/* SPDX-License-Identifier: MIT */
/* test_compat.c - compat=netem reproduces netem's own arithmetic, also where it is wrong;
 * compat=wirefilter its order and its copies. The figures for correlation were measured with
 * get_crandom() of the kernel. */
#include "tests/unit/wire/rig.h"
#include "tests/unit/wire/stat.h"

enum { N = 1000000 };

static double netem_loss(const char *loss, const char *corr)
{
	struct rig g;
	rig_begin(&g);
	rig_keys(&g, "compat", "netem", "loss", loss, "loss-corr", corr, NULL);
	rig_pour(&g, WIRE_AB, N, 1);
	double p = (double)rig_drops(&g, WIRE_AB, DROP_LOSS) / N;
	rig_conserves(&g);
	rig_end(&g);
	return p;
}

static void netem_correlation_destroys_the_rate_as_it_does_in_linux(void **state)
{
	static const struct {
		const char *loss, *corr;
		double least, most;
	} rows[] = {
		{ "0.3%", "25%", 0, 0.000002 },   { "1%", "25%", 0, 0.00002 },
		{ "5%", "25%", 0.0017, 0.0021 },  { "10%", "25%", 0.0165, 0.0185 },
		{ "10%", "50%", 0.0008, 0.0014 }, { "30%", "50%", 0.125, 0.133 },
		{ "10%", "0%", 0.0992, 0.1008 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double p = netem_loss(rows[i].loss, rows[i].corr);
		if (p < rows[i].least || p > rows[i].most)
			fail_msg("loss %s corr %s: %f", rows[i].loss, rows[i].corr, p);
	}
}

/* The spread of a uniform jitter, 1 being that of the law. */
static double netem_spread(const char *delay, const char *jitter, const char *corr,
			   double jitter_ns)
{
	enum { FRAMES = 200000 };
	const int64_t gap = SEC(10);
	struct rig g;
	double sum = 0, squares = 0;
	rig_begin(&g);
	rig_keys(&g, "compat", "netem", "delay", delay, "jitter", jitter, "delay-corr", corr, NULL);
	rig_pour(&g, WIRE_AB, FRAMES, gap);
	int64_t *f = rig_fates(&g, WIRE_AB, FRAMES, gap);
	for (unsigned i = 0; i < FRAMES; i++) {
		double x = (double)f[i] / jitter_ns;
		sum += x / FRAMES;
		squares += x * x / FRAMES;
	}
	free(f);
	rig_end(&g);
	return sqrt((squares - sum * sum) * 3);
}

/* The weighted sum spreads less; but taken modulo twice the jitter it is spread out again, and
 * hardly correlated any more, unless that comes near 2^32. */
static void netem_correlation_of_jitter_is_as_odd_as_in_linux(void **state)
{
	static const struct {
		const char *corr;
		double spread;
	} rows[] = { { "0%", 1 }, { "25%", 0.775 }, { "50%", 0.577 }, { "75%", 0.378 } };
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		assert_true(fabs(netem_spread("3s", "2147483647ns", rows[k].corr, 2147483647) -
				 rows[k].spread) < 0.005);
		assert_true(fabs(netem_spread("1s", "100ms", rows[k].corr, 1e8) - 1) < 0.005);
	}
}

static void netem_spares_one_of_two_when_it_loses_a_doubled_frame(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "compat", "netem", "dup", "50%", "loss", "20%", NULL);
	rig_pour(&g, WIRE_AB, N, 1);
	/* Lost only if not doubled; a clone of one that was not lost meets the loss alone. */
	double mean = 0.5 * 0.8 + 0.5 * (0.2 + 0.8 * 1.8);
	assert_true(fabs((double)g.count[WIRE_AB] / N - mean) < 0.003);
	rig_conserves(&g);
	rig_end(&g);
}

static void netem_rate_absorbs_the_delay_of_what_queues(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "compat", "netem", "delay", "10ms", "rate", "1Mbit", NULL);
	rig_send(&g, WIRE_AB, 3, 1250); /* 10 ms each */
	rig_run(&g, SEC(1));
	for (unsigned i = 0; i < 3; i++) /* 10 + 10, then chained after the last one's time */
		assert_int_equal(g.out[WIRE_AB][i].stamp, MS(20 + 10 * i));
	rig_end(&g);
}

static void netem_limit_counts_all_that_is_queued(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "compat", "netem", "delay", "10ms", "limit", "5p", NULL);
	rig_send(&g, WIRE_AB, 8, 60);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_QUEUE_LIMIT), 3);
	rig_run(&g, SEC(1));
	assert_int_equal(g.count[WIRE_AB], 5);
	rig_conserves(&g);
	rig_end(&g);
}

static void netem_gap_counts_as_in_linux(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "compat", "netem", "delay", "10ms", "reorder", "100%", "gap", "5", NULL);
	rig_pour(&g, WIRE_AB, 1000, MS(1));
	rig_run(&g, SEC(1));
	int64_t *f = rig_fates(&g, WIRE_AB, 1000, MS(1));
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(f[i], i % 5 == 4 ? 0 : MS(10));
	free(f);
	rig_end(&g);
}

static void netem_tables_are_read_entry_by_entry(void **state)
{
	enum { FRAMES = N, BINS = 16 };
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "compat", "netem", "delay", "1s", "jitter", "100ms", "dist", "normal", NULL);
	rig_pour(&g, WIRE_AB, FRAMES, SEC(3));
	int64_t *f = rig_fates(&g, WIRE_AB, FRAMES, SEC(3));
	uint64_t seen[BINS] = { 0 };
	double want[BINS];
	for (unsigned i = 0; i < FRAMES; i++) {
		double u = normal_cdf((double)(f[i] - SEC(1)) / (double)MS(100)) * BINS;
		seen[u < BINS ? (unsigned)u : BINS - 1]++;
	}
	for (int i = 0; i < BINS; i++)
		want[i] = FRAMES / (double)BINS;
	assert_true(chi_square_p(seen, want, BINS, 0) > 0.001);
	free(f);
	rig_end(&g);
}

static void netem_refuses_what_it_has_not(void **state)
{
	struct wire_config c;
	struct err e = { "" };
	(void)state;
	wire_config_default(&c);
	assert_int_equal(wire_set_key(&c, "compat", "netem", &e), 0);
	assert_int_equal(wire_set_key(&c, "ber", "1e-6", &e), 0);
	assert_true(wire_check(&c, &e) < 0);
	assert_non_null(strstr(e.text, "netem has no ber"));
	assert_true(wire_set_key(&c, "compat", "neteem", &e) < 0);
	assert_non_null(strstr(e.text, "netem?"));
}

static void wirefilter_copies_are_geometric(void **state)
{
	struct rig g;
	uint64_t seen[6] = { 0 };
	double want[6];
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "compat", "wirefilter", "dup", "30%", NULL);
	rig_pour(&g, WIRE_AB, N, 1);
	static uint8_t times[N];
	memset(times, 0, sizeof times);
	for (size_t i = 0; i < g.count[WIRE_AB]; i++)
		times[g.out[WIRE_AB][i].id]++;
	for (unsigned i = 0; i < N; i++) {
		assert_true(times[i] > 0);
		seen[times[i] < 6 ? times[i] - 1 : 5]++;
	}
	for (int k = 0; k < 6; k++)
		want[k] = N * (k < 5 ? 0.7 * pow(0.3, k) : pow(0.3, 5));
	assert_true(chi_square_p(seen, want, 6, 0) > 0.001);
	rig_conserves(&g);
	rig_end(&g);
	rig_begin(&g); /* which it does for ever */
	rig_keys(&g, "compat", "wirefilter", "dup", "100%", NULL);
	rig_send(&g, WIRE_AB, 1, 60);
	assert_int_equal(g.count[WIRE_AB], 256);
	rig_end(&g);
}

static void wirefilter_capacity_bounds_the_whole_channel(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "compat", "wirefilter", "delay", "10ms", "limit", "1000B", "fifo", "yes",
		 NULL);
	rig_send(&g, WIRE_AB, 12, 100);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_QUEUE_LIMIT), 2);
	rig_run(&g, MS(10));
	assert_int_equal(g.count[WIRE_AB], 10);
	rig_send(&g, WIRE_AB, 10, 100);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_QUEUE_LIMIT), 2);
	rig_conserves(&g);
	rig_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(netem_correlation_destroys_the_rate_as_it_does_in_linux),
		cmocka_unit_test(netem_correlation_of_jitter_is_as_odd_as_in_linux),
		cmocka_unit_test(netem_spares_one_of_two_when_it_loses_a_doubled_frame),
		cmocka_unit_test(netem_rate_absorbs_the_delay_of_what_queues),
		cmocka_unit_test(netem_limit_counts_all_that_is_queued),
		cmocka_unit_test(netem_gap_counts_as_in_linux),
		cmocka_unit_test(netem_tables_are_read_entry_by_entry),
		cmocka_unit_test(netem_refuses_what_it_has_not),
		cmocka_unit_test(wirefilter_copies_are_geometric),
		cmocka_unit_test(wirefilter_capacity_bounds_the_whole_channel),
	};
	printf("seed %llu\n", (unsigned long long)SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
