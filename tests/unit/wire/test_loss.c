/* SPDX-License-Identifier: MIT */
/* test_loss.c - laws of loss with memory: correlation and bursts that keep their mean,
 * Gilbert-Elliott, four states, patterns. */
#include <errno.h>

#include "tests/unit/wire/rig.h"
#include "tests/unit/wire/stat.h"

enum { N = 1000000 };

/* lost[i]: was frame i lost under these keys? */
static bool *losses(const char *key1, const char *value1, const char *key2, const char *value2)
{
	struct rig g;
	rig_begin(&g);
	if (key2)
		rig_keys(&g, key1, value1, key2, value2, NULL);
	else
		rig_keys(&g, key1, value1, NULL);
	rig_pour(&g, WIRE_AB, N, 1);
	bool *lost = malloc(N);
	assert_non_null(lost);
	memset(lost, 1, N);
	for (size_t i = 0; i < g.count[WIRE_AB]; i++)
		lost[g.out[WIRE_AB][i].id] = false;
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_LOSS), N - g.count[WIRE_AB]);
	rig_conserves(&g);
	rig_end(&g);
	return lost;
}

static uint64_t count(const bool *lost)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < N; i++)
		n += lost[i];
	return n;
}

/* Lengths of runs of losses are geometric: each goes on with probability `again`. */
static double runs_p(const bool *lost, double again)
{
	enum { K = 12 };
	uint64_t seen[K] = { 0 }, all = 0;
	double want[K];
	for (unsigned i = 0; i < N; i++) {
		unsigned len = 0;
		while (i < N && lost[i])
			i++, len++;
		if (len)
			seen[len < K ? len - 1 : K - 1]++, all++;
	}
	for (int k = 0; k < K; k++)
		want[k] =
			(double)all * (k < K - 1 ? (1 - again) * pow(again, k) : pow(again, K - 1));
	return chi_square_p(seen, want, K, 0);
}

static double neighbours(const bool *lost)
{
	double mean = (double)count(lost) / N, sum = 0;
	for (unsigned i = 1; i < N; i++)
		sum += (lost[i] - mean) * (lost[i - 1] - mean);
	return sum / (N - 1) / (mean * (1 - mean));
}

static void correlated_loss_keeps_its_mean(void **state)
{
	static const struct {
		const char *loss, *corr;
		double p, c;
	} rows[] = { { "1%", "25%", 0.01, 0.25 },
		     { "0.3%", "25%", 0.003, 0.25 },
		     { "30%", "50%", 0.3, 0.5 },
		     { "10%", "90%", 0.1, 0.9 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool *lost = losses("loss", rows[i].loss, "loss-corr", rows[i].corr);
		assert_true(in_correlated_99(count(lost), N, rows[i].p, rows[i].c));
		assert_true(fabs(neighbours(lost) - rows[i].c) < 0.02);
		if (rows[i].p > 0.02)
			assert_true(runs_p(lost, rows[i].p + rows[i].c * (1 - rows[i].p)) > 0.001);
		free(lost);
	}
}

static void bursts_have_their_mean_length_and_keep_the_mean(void **state)
{
	static const struct {
		const char *loss, *burst;
		double p, length;
	} rows[] = { { "1%", "3", 0.01, 3 }, { "10%", "2.5", 0.1, 2.5 }, { "40%", "8", 0.4, 8 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool *lost = losses("loss", rows[i].loss, "loss-burst", rows[i].burst);
		double leave = 1 / rows[i].length,
		       enter = rows[i].p / (rows[i].length * (1 - rows[i].p));
		assert_true(in_correlated_99(count(lost), N, rows[i].p, 1 - leave - enter));
		assert_true(runs_p(lost, 1 - leave) > 0.001);
		free(lost);
	}
}

static void gilbert_elliott_follows_its_four_numbers(void **state)
{
	(void)state;
	bool *lost = losses("ge", "2%,20%,70%,1%", NULL, NULL);
	double bad = 0.02 / 0.22, p = bad * 0.7 + (1 - bad) * 0.01;
	assert_true(in_correlated_99(count(lost), N, p, 1 - 0.22));
	/* The law of two neighbours, far from other pairs. */
	uint64_t seen[4] = { 0 };
	for (unsigned i = 0; i + 1 < N; i += 50)
		seen[lost[i] * 2 + lost[i + 1]]++;
	double hit[2] = { 0.01, 0.7 }, at[2] = { 1 - bad, bad }, move[2] = { 0.02, 0.2 },
	       want[4] = { 0 };
	for (int s = 0; s < 2; s++)
		for (int l = 0; l < 4; l++) {
			double first = l / 2 ? hit[s] : 1 - hit[s];
			double stay = l % 2 ? hit[s] : 1 - hit[s],
			       go = l % 2 ? hit[!s] : 1 - hit[!s];
			want[l] += at[s] * first * ((1 - move[s]) * stay + move[s] * go) * (N / 50);
		}
	assert_true(chi_square_p(seen, want, 4, 0) > 0.001);
	free(lost);
}

static void simple_gilbert_loses_all_in_the_bad_state(void **state)
{
	(void)state;
	bool *lost = losses("ge", "1%,25%", NULL, NULL);
	assert_true(in_correlated_99(count(lost), N, 0.01 / 0.26, 1 - 0.26));
	assert_true(runs_p(lost, 0.75) > 0.001);
	free(lost);
}

static void four_states_follow_their_matrix(void **state)
{
	/* netem's p13 p31 p32 p23 p14 over states 1..4 */
	const double p13 = 0.02, p31 = 0.3, p32 = 0.2, p23 = 0.4, p14 = 0.01;
	const double m[4][4] = { { 1 - p13 - p14, 0, p13, p14 },
				 { 0, 1 - p23, p23, 0 },
				 { p31, p32, 1 - p31 - p32, 0 },
				 { 1, 0, 0, 0 } };
	double at[4] = { 1, 0, 0, 0 };
	(void)state;
	for (int i = 0; i < 10000; i++) {
		double next[4] = { 0 };
		for (int a = 0; a < 4; a++)
			for (int b = 0; b < 4; b++)
				next[b] += at[a] * m[a][b];
		memcpy(at, next, sizeof at);
	}
	bool *lost = losses("loss-state", "2%,30%,20%,40%,1%", NULL, NULL);
	uint64_t seen[4] = { 0 };
	double want[4] = { 0 };
	for (unsigned i = 0; i + 1 < N; i += 100)
		seen[lost[i] * 2 + lost[i + 1]]++;
	for (int a = 0; a < 4; a++)
		for (int b = 0; b < 4; b++)
			want[(a >= 2) * 2 + (b >= 2)] += at[a] * m[a][b] * (N / 100);
	assert_true(chi_square_p(seen, want, 4, 0) > 0.001);
	free(lost);
}

static void pattern_is_repeated_to_the_letter(void **state)
{
	static const char pattern[] = "0010111";
	(void)state;
	bool *lost = losses("loss-pattern", pattern, NULL, NULL);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(lost[i], pattern[i % 7] == '1');
	free(lost);
}

static void chains_step_once_for_each_frame_also_when_it_is_cut(void **state)
{
	struct rig a, b;
	(void)state;
	rig_begin(&a);
	rig_begin(&b);
	rig_keys(&a, "ge", "10%,20%,100%,0%", "mtu", "100B", NULL);
	rig_keys(&b, "ge", "10%,20%,100%,0%", NULL);
	for (unsigned i = 0; i < 5000; i++) {
		bool cut = i % 100 < 10;
		if (i % 100 == 0)
			wire_cut(a.w, true, a.now);
		if (i % 100 == 10)
			wire_mend(a.w, a.now);
		rig_send(&a, WIRE_AB, 1, i % 3 ? 60 : 200); /* every third is too long here */
		rig_send(&b, WIRE_AB, 1, 60);
		bool here = a.count[WIRE_AB] && a.out[WIRE_AB][a.count[WIRE_AB] - 1].id == i;
		bool there = b.count[WIRE_AB] && b.out[WIRE_AB][b.count[WIRE_AB] - 1].id == i;
		assert_int_equal(here, there && !cut && i % 3);
	}
	rig_end(&a);
	rig_end(&b);
}

static void contradictions_are_refused(void **state)
{
	static const char *const rows[][4] = {
		{ "loss", "1%", "ge", "1%,2%" },
		{ "ge", "1%", "loss-pattern", "01" },
		{ "loss-corr", "50%", "gap", "1" },
		{ "loss-burst", "3", "gap", "1" },
		{ "loss", "90%", "loss-burst", "1" },
		{ "reorder", "10%", "gap", "2" },
		{ "gap", "5", "delay", "10ms" },
		{ "dup-corr", "10%", "delay", "1ms" },
		{ "delay-corr", "10%", "delay", "1ms" },
		{ "slot", "1ms", "rate", "1Mbit" },
		{ "cell", "48B", "cell-overhead", "-48B" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_config c;
		struct err e = { "" };
		wire_config_default(&c);
		assert_int_equal(wire_set_key(&c, rows[i][0], rows[i][1], &e), 0);
		assert_int_equal(wire_set_key(&c, rows[i][2], rows[i][3], &e), 0);
		assert_int_equal(wire_check(&c, &e), -EINVAL);
		assert_true(strlen(e.text) > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(correlated_loss_keeps_its_mean),
		cmocka_unit_test(bursts_have_their_mean_length_and_keep_the_mean),
		cmocka_unit_test(gilbert_elliott_follows_its_four_numbers),
		cmocka_unit_test(simple_gilbert_loses_all_in_the_bad_state),
		cmocka_unit_test(four_states_follow_their_matrix),
		cmocka_unit_test(pattern_is_repeated_to_the_letter),
		cmocka_unit_test(chains_step_once_for_each_frame_also_when_it_is_cut),
		cmocka_unit_test(contradictions_are_refused),
	};
	printf("seed %llu\n", (unsigned long long)SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
