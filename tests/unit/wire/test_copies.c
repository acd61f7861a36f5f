/* SPDX-License-Identifier: MIT */
/* test_copies.c - frames that come twice, frames with flipped bits, frames that overtake. */
#include "tests/unit/wire/rig.h"
#include "tests/unit/wire/stat.h"

enum { N = 1000000 };

static void duplicates_are_binomial_and_follow_their_frame(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "dup", "5%", NULL);
	rig_pour(&g, WIRE_AB, N, 1);
	uint64_t twice = g.count[WIRE_AB] - N;
	assert_true(in_binomial_99(twice, N, 0.05));
	for (size_t i = 1; i < g.count[WIRE_AB]; i++) {
		uint32_t a = g.out[WIRE_AB][i - 1].id, b = g.out[WIRE_AB][i].id;
		assert_true(b == a || b == a + 1);
	}
	struct wire_stats s;
	wire_stats(g.w, WIRE_AB, &s);
	assert_int_equal(s.duplicates, twice);
	rig_conserves(&g);
	rig_end(&g);
}

static void correlated_duplication_keeps_its_mean(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "dup", "10%", "dup-corr", "60%", NULL);
	rig_pour(&g, WIRE_AB, N, 1);
	assert_true(in_correlated_99(g.count[WIRE_AB] - N, N, 0.1, 0.6));
	rig_end(&g);
}

static void copies_are_not_lost_again(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "loss", "50%", "dup", "100%", NULL);
	rig_pour(&g, WIRE_AB, 10000, 1);
	assert_int_equal(g.count[WIRE_AB], 2 * (10000 - rig_drops(&g, WIRE_AB, DROP_LOSS)));
	for (size_t i = 0; i < g.count[WIRE_AB]; i += 2)
		assert_int_equal(g.out[WIRE_AB][i].id, g.out[WIRE_AB][i + 1].id);
	rig_conserves(&g);
	rig_end(&g);
}

static void copies_travel_and_queue_by_themselves(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "dup", "100%", "delay", "1s", "jitter", "900ms", NULL);
	rig_pour(&g, WIRE_AB, 640, SEC(3));
	static int64_t first[640];
	uint64_t same = 0;
	for (size_t i = 0; i < g.count[WIRE_AB]; i++) {
		const struct seen *s = &g.out[WIRE_AB][i];
		same += first[s->id] == s->stamp;
		first[s->id] = s->stamp;
	}
	assert_int_equal(g.count[WIRE_AB], 1280);
	assert_int_equal(same, 0);
	rig_conserves(&g);
	rig_end(&g);
	rig_begin(&g);
	rig_keys(&g, "dup", "100%", "rate", "8Mbit", NULL); /* 1 us a byte */
	rig_send(&g, WIRE_AB, 2, 100);
	rig_run(&g, SEC(1));
	assert_int_equal(g.count[WIRE_AB], 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(g.out[WIRE_AB][i].at, (i + 1) * 100000);
	rig_conserves(&g);
	rig_end(&g);
}

/* The bits in which what came out differs from what went in; *place: the last of them. */
static unsigned flipped(const struct rig *g, unsigned len, unsigned *place)
{
	unsigned n = 0;
	for (unsigned i = 0; i < len; i++)
		for (unsigned b = 0; b < 8; b++)
			if ((g->sent[i] ^ g->got[i]) >> b & 1) {
				*place = i * 8 + b;
				n++;
			}
	return n;
}

static void corruption_flips_one_bit_anywhere(void **state)
{
	enum { FRAMES = N, LEN = 64 };
	struct rig g;
	uint64_t struck = 0, seen[64] = { 0 };
	double want[64];
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "corrupt", "20%", NULL);
	for (unsigned i = 0; i < FRAMES; i++) {
		unsigned place = 0;
		rig_send(&g, WIRE_AB, 1, LEN);
		unsigned n = flipped(&g, LEN, &place);
		assert_true(n <= 1);
		struck += n;
		if (n)
			seen[place / 8]++;
	}
	assert_int_equal(g.count[WIRE_AB], FRAMES);
	assert_true(in_binomial_99(struck, FRAMES, 0.2));
	for (int i = 0; i < 64; i++)
		want[i] = (double)struck / 64;
	assert_true(chi_square_p(seen, want, 64, 0) > 0.001);
	struct wire_stats s;
	wire_stats(g.w, WIRE_AB, &s);
	assert_int_equal(s.corrupted, struck);
	rig_conserves(&g);
	rig_end(&g);
}

static void corruption_leaves_the_senders_bytes_alone(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "corrupt", "100%", "dup", "100%", NULL);
	uint8_t bytes[100] = { 2 }, before[100];
	memcpy(before, bytes, sizeof bytes);
	struct frame f = frame_over(bytes, sizeof bytes, NULL);
	wire_rx(g.w, WIRE_AB, &f, 1, 0);
	assert_memory_equal(bytes, before, sizeof bytes);
	assert_int_equal(g.count[WIRE_AB], 2);
	struct buf *b = pool_get(g.pool, 100); /* a pooled frame, ours and the wire's */
	memset(b->bytes, 0x55, 100);
	f = frame_over(b->bytes, 100, NULL);
	f.buf = b;
	wire_rx(g.w, WIRE_AB, &f, 1, 0);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(b->bytes[i], 0x55);
	buf_unref(b);
	rig_end(&g);
}

static void bit_errors_are_binomial_in_each_frame(void **state)
{
	enum { FRAMES = N, LEN = 100, K = 6 };
	const double ber = 2e-3;
	struct rig g;
	uint64_t errors = 0, per_frame[K] = { 0 };
	double want[K], p = pow(1 - ber, LEN * 8), rest = 1;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "ber", "2e-3", NULL);
	for (unsigned i = 0; i < FRAMES; i++) {
		unsigned place;
		rig_send(&g, WIRE_AB, 1, LEN);
		unsigned n = flipped(&g, LEN, &place);
		errors += n;
		per_frame[n < K ? n : K - 1]++;
	}
	assert_true(in_binomial_99(errors, (uint64_t)FRAMES * LEN * 8, ber));
	for (int k = 0; k < K - 1; k++) {
		want[k] = FRAMES * p;
		rest -= p;
		p *= (LEN * 8 - k) / (k + 1.0) * ber / (1 - ber);
	}
	want[K - 1] = FRAMES * rest;
	assert_true(chi_square_p(per_frame, want, K, 0) > 0.001);
	rig_end(&g);
}

static void rare_bit_errors_are_as_rare_as_asked(void **state)
{
	enum { FRAMES = 400000, LEN = 1500 };
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "ber", "1e-8", NULL);
	for (unsigned i = 0; i < FRAMES; i += 50)
		rig_send(&g, WIRE_AB, 50, LEN);
	struct wire_stats s;
	wire_stats(g.w, WIRE_AB, &s); /* 4.8e9 bits: 48 errors */
	assert_true(in_binomial_99(s.corrupted, (uint64_t)FRAMES * LEN * 8, 1e-8));
	rig_end(&g);
}

static void every_bit_can_be_in_error(void **state)
{
	struct rig g;
	unsigned place;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "ber", "100%", NULL);
	rig_send(&g, WIRE_AB, 1, 100);
	assert_int_equal(flipped(&g, 100, &place), 800);
	rig_end(&g);
}

static void overtakers_leave_at_once(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "10ms", "reorder", "25%", NULL);
	rig_pour(&g, WIRE_AB, N, MS(1));
	rig_run(&g, g.now + SEC(1));
	int64_t *f = rig_fates(&g, WIRE_AB, N, MS(1));
	uint64_t fast = 0;
	for (unsigned i = 0; i < N; i++) {
		assert_true(f[i] == 0 || f[i] == MS(10));
		fast += f[i] == 0;
	}
	assert_true(in_binomial_99(fast, N, 0.25));
	struct wire_stats s;
	wire_stats(g.w, WIRE_AB, &s);
	assert_true(s.overtaking > fast * 9 / 10 && s.overtaking <= fast);
	free(f);
	rig_end(&g);
}

static void gap_with_certainty_is_every_nth(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "10ms", "reorder", "100%", "gap", "5", NULL);
	rig_pour(&g, WIRE_AB, 1000, MS(1));
	rig_run(&g, SEC(1));
	int64_t *f = rig_fates(&g, WIRE_AB, 1000, MS(1));
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(f[i], i % 5 == 4 ? 0 : MS(10));
	free(f);
	rig_end(&g);
}

static void gap_keeps_overtakers_apart(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "10ms", "reorder", "50%", "gap", "3", NULL);
	rig_pour(&g, WIRE_AB, 300000, MS(1));
	rig_run(&g, g.now + SEC(1));
	int64_t *f = rig_fates(&g, WIRE_AB, 300000, MS(1));
	uint64_t fast = 0;
	unsigned since = 0;
	for (unsigned i = 0; i < 300000; i++, since++) {
		if (f[i] != 0)
			continue;
		assert_true(since >= 2);
		since = UINT32_MAX;
		fast++;
	}
	/* Two that may not, then on average two trials: one in four, and the distance between
	 * overtakers has variance 2. */
	assert_true(fabs((double)fast - 300000 / 4.0) < 2.5758 * sqrt(300000 * 2.0 / 64));
	free(f);
	rig_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duplicates_are_binomial_and_follow_their_frame),
		cmocka_unit_test(correlated_duplication_keeps_its_mean),
		cmocka_unit_test(copies_are_not_lost_again),
		cmocka_unit_test(copies_travel_and_queue_by_themselves),
		cmocka_unit_test(corruption_flips_one_bit_anywhere),
		cmocka_unit_test(corruption_leaves_the_senders_bytes_alone),
		cmocka_unit_test(bit_errors_are_binomial_in_each_frame),
		cmocka_unit_test(rare_bit_errors_are_as_rare_as_asked),
		cmocka_unit_test(every_bit_can_be_in_error),
		cmocka_unit_test(overtakers_leave_at_once),
		cmocka_unit_test(gap_with_certainty_is_every_nth),
		cmocka_unit_test(gap_keeps_overtakers_apart),
	};
	printf("seed %llu\n", (unsigned long long)SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
