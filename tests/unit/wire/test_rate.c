/* SPDX-License-Identifier: MIT */
/* test_rate.c - what a line costs beyond its bits (overhead, cells), bursts, recorded lines, slots.
 */
#include <errno.h>

#include "tests/unit/wire/rig.h"
#include "tests/unit/wire/stat.h"

/* When the last of `n` frames of `len` bytes that come at once is through. */
static int64_t through(struct rig *g, unsigned n, uint32_t len)
{
	rig_send(g, WIRE_AB, n, len);
	rig_run(g, g->now + SEC(100));
	return g->out[WIRE_AB][g->count[WIRE_AB] - 1].stamp;
}

static void overhead_and_cells_are_netems(void **state)
{
	static const struct {
		const char *overhead, *cell, *cell_overhead;
		uint32_t len, billed;
	} rows[] = {
		{ "0B", "0B", "0B", 100, 100 },  { "24B", "0B", "0B", 60, 84 },
		{ "-14B", "0B", "0B", 60, 46 },  { "0B", "48B", "5B", 48, 53 },
		{ "0B", "48B", "5B", 49, 106 },  { "8B", "48B", "5B", 1500, 32 * 53 },
		{ "-100B", "0B", "0B", 60, 0 },  { "-1B", "48B", "5B", 49, 53 },
		{ "0B", "64B", "-4B", 65, 120 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig g;
		rig_begin(&g);
		rig_keys(&g, "rate", "8kbit", "overhead", rows[i].overhead, "cell", rows[i].cell,
			 "cell-overhead", rows[i].cell_overhead,
			 NULL); /* a byte is a millisecond */
		assert_int_equal(through(&g, 1, rows[i].len), MS(rows[i].billed));
		rig_end(&g);
	}
}

static void idle_line_saves_up_one_burst(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "rate", "8kbit", "rate-burst", "300B", NULL);
	rig_run(&g, SEC(1000));
	rig_send(&g, WIRE_AB, 5, 100); /* three at once, then one every 100 ms */
	rig_run(&g, SEC(2000));
	static const int64_t want[] = { 0, 0, 0, 100, 200 };
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(g.out[WIRE_AB][i].stamp, SEC(1000) + MS(want[i]));
	rig_end(&g);
}

static void new_line_has_saved_up_a_burst(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "rate", "8kbit", "rate-burst", "300B", NULL);
	rig_send(&g, WIRE_AB, 5, 100); /* at the first instant of all time */
	rig_run(&g, SEC(1));
	static const int64_t want[] = { 0, 0, 0, 100, 200 };
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(g.out[WIRE_AB][i].stamp, MS(want[i]));
	rig_end(&g);
}

static void burst_never_exceeds_rate_in_the_long_run(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "rate", "1Mbit", "rate-burst", "10kB", "limit", "1000p", NULL);
	struct stream s = stream_of(SEED, "arrivals");
	for (uint64_t i = 0; i < 20000; i++) {
		rig_send(&g, WIRE_AB, 1 + (unsigned)draw_below(s, i, 0, 3),
			 64 + (uint32_t)draw_below(s, i, 1, 1400));
		rig_run(&g, g.now + (int64_t)draw_below(s, i, 2, 40000000));
	}
	rig_run(&g, g.now + SEC(100));
	/* In no window more than burst + rate * time (+ a rounding of 1 ns). */
	const struct seen *v = g.out[WIRE_AB];
	for (size_t a = 0; a < g.count[WIRE_AB]; a += 37) {
		uint64_t bits = 0;
		for (size_t b = a; b < g.count[WIRE_AB] && b < a + 300; b++) {
			bits += v[b].len * UINT64_C(8);
			int64_t span = v[b].stamp - v[a].stamp;
			/* the first frame of the window itself counts against the burst */
			assert_true((double)bits <=
				    80000 + 1e6 * (double)(span + 2) / 1e9 + v[a].len * 8.0);
		}
	}
	rig_conserves(&g);
	rig_end(&g);
}

/* ---- recorded lines ---- */

static const char *file_text; /* what a file read by the wire holds */

static int read_text(void *ctx, const char *path, char **text, size_t *len, struct err *e)
{
	(void)ctx;
	if (strcmp(path, "missing") == 0)
		return err_set(e, -ENOENT, "missing: not there");
	*len = strlen(file_text);
	*text = malloc(*len + 1);
	assert_non_null(*text);
	memcpy(*text, file_text, *len + 1);
	return 0;
}

static void trace_lets_frames_go_at_its_instants(void **state)
{
	struct rig g;
	struct wire_files *files = wire_files_new(read_text, NULL);
	(void)state;
	rig_begin(&g);
	g.c.files = files;
	file_text = "2\n5\n5\n10\n";
	rig_keys(&g, "rate", "file:x.trace", NULL);
	/* At 2, 4.5 (two in the millisecond that ends at 5), 5, 10, then 12, 14.5, 15, 20 ... ms.
	 */
	rig_send(&g, WIRE_AB, 6, 1504);
	rig_run(&g, MS(21));
	static const int64_t whole[] = { 2000, 4500, 5000, 10000, 12000, 14500 };
	assert_int_equal(g.count[WIRE_AB], 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(g.out[WIRE_AB][i].stamp, whole[i] * 1000);
	g.count[WIRE_AB] = 0;           /* 21 ms: the next instants are 22, 24.5, 25, 30 */
	rig_send(&g, WIRE_AB, 1, 2954); /* takes two */
	rig_send(&g, WIRE_AB, 3, 18);   /* and these what is left of the second */
	rig_send(&g, WIRE_AB, 1, 1504);
	rig_run(&g, MS(29));
	static const int64_t parts[] = { 24500, 24500, 24500, 24500, 25000 };
	assert_int_equal(g.count[WIRE_AB], 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(g.out[WIRE_AB][i].stamp, parts[i] * 1000);
	rig_run(&g, SEC(5)); /* rounds that nobody used are lost */
	g.count[WIRE_AB] = 0;
	rig_send(&g, WIRE_AB, 2, 100);
	rig_run(&g, SEC(6));
	assert_int_equal(g.out[WIRE_AB][0].stamp, SEC(5));
	assert_int_equal(g.out[WIRE_AB][1].stamp, SEC(5));
	rig_end(&g);
	wire_files_free(files);
}

/* Mahimahi's link queue, plainly: at each instant the bytes of one packet, to whom is waiting. */
static void trace_is_what_a_plain_simulation_gives(void **state)
{
	enum { FRAMES = 3000, STAMPS = 400 };
	struct rig g;
	struct wire_files *files = wire_files_new(read_text, NULL);
	struct stream s = stream_of(SEED, "trace");
	static char text[STAMPS * 8];
	static int64_t stamp[STAMPS], came[FRAMES], left[FRAMES];
	static uint32_t len[FRAMES];
	size_t at = 0;
	int64_t ms = 0;
	(void)state;
	for (unsigned i = 0; i < STAMPS; i++) {
		ms += 1 +
		      (int64_t)draw_below(s, i, 0, 6); /* one a millisecond at most: no spreading */
		stamp[i] = MS(ms);
		at += (size_t)snprintf(text + at, sizeof text - at, "%d\n", (int)ms);
	}
	file_text = text;
	rig_begin(&g);
	g.c.files = files;
	rig_keys(&g, "rate", "file:y", "limit", "100000p", NULL);
	for (unsigned i = 0; i < FRAMES; i++) {
		rig_run(&g, g.now + (int64_t)draw_below(s, i, 1, 4000000));
		came[i] = g.now;
		len[i] = 60 + (uint32_t)draw_below(s, i, 2, 3000);
		rig_send(&g, WIRE_AB, 1, len[i]);
	}
	rig_run(&g, g.now + SEC(60));
	unsigned head = 0;
	uint32_t sent = 0;
	for (unsigned k = 0; head < FRAMES; k++) {
		int64_t t = stamp[k % STAMPS] + k / STAMPS * MS(ms);
		for (uint32_t room = 1504; room && head < FRAMES && came[head] <= t;) {
			uint32_t n = len[head] - sent < room ? len[head] - sent : room;
			room -= n;
			sent += n;
			if (sent == len[head]) {
				left[head++] = t;
				sent = 0;
			}
		}
	}
	assert_int_equal(g.count[WIRE_AB], FRAMES);
	for (unsigned i = 0; i < FRAMES; i++)
		assert_int_equal(g.out[WIRE_AB][i].stamp, left[i]);
	rig_end(&g);
	wire_files_free(files);
}

static void bad_files_are_named_with_their_line(void **state)
{
	static const struct {
		const char *key, *value, *text, *words;
	} rows[] = {
		{ "rate", "file:t", "1\n2\nx\n", "t:3" },
		{ "rate", "file:t2", "5\n4\n", "t2:2" },
		{ "rate", "file:t3", "# only words\n", "t3" },
		{ "rate", "file:t4", "0\n0\n", "t4" },
		{ "rate", "file:missing", "", "missing" },
		{ "dist", "file:d", "1 2\n40000\n", "d:2" },
		{ "dist", "file:d2", "1.5\n", "d2:1" },
	};
	struct wire_files *files = wire_files_new(read_text, NULL);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_config c;
		struct err e = { "" };
		wire_config_default(&c);
		c.files = files;
		file_text = rows[i].text;
		assert_true(wire_set_key(&c, rows[i].key, rows[i].value, &e) < 0);
		if (!strstr(e.text, rows[i].words))
			fail_msg("\"%s\" does not say \"%s\"", e.text, rows[i].words);
	}
	struct wire_config c;
	struct err e = { "" };
	wire_config_default(&c);
	assert_true(wire_set_key(&c, "rate", "file:x", &e) < 0); /* no files here */
	wire_files_free(files);
}

static void delays_come_from_a_file(void **state)
{
	struct rig g;
	struct wire_files *files = wire_files_new(read_text, NULL);
	(void)state;
	file_text = "# four of them\n-8192 0 8192\n4096\n";
	rig_begin(&g);
	g.c.files = files;
	rig_keys(&g, "delay", "1s", "jitter", "100ms", "dist", "file:x.dist", NULL);
	rig_pour(&g, WIRE_AB, 100000, SEC(3));
	int64_t *f = rig_fates(&g, WIRE_AB, 100000, SEC(3));
	uint64_t seen[4] = { 0 };
	for (unsigned i = 0; i < 100000; i++) {
		int64_t x = f[i] - SEC(1);
		assert_true(x == -MS(100) || x == 0 || x == MS(50) || x == MS(100));
		seen[x < 0 ? 0 : x == 0 ? 1 : x == MS(50) ? 2 : 3]++;
	}
	double want[4] = { 25000, 25000, 25000, 25000 };
	assert_true(chi_square_p(seen, want, 4, 0) > 0.001);
	free(f);
	rig_end(&g);
	wire_files_free(files);
}

/* ---- slots ---- */

static void slots_gather_frames(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "slot", "10ms,packets=4", NULL);
	rig_send(&g, WIRE_AB, 10, 100);
	rig_run(&g, MS(15));
	rig_send(&g, WIRE_AB, 1, 100);
	rig_run(&g, MS(500));
	for (unsigned i = 0; i < 11; i++)
		assert_int_equal(g.out[WIRE_AB][i].stamp, MS(10 + i / 4 * 10));
	rig_send(&g, WIRE_AB, 1, 100); /* an idle line: the next slot is 10 ms off */
	rig_run(&g, MS(600));
	assert_int_equal(g.out[WIRE_AB][11].stamp, MS(510));
	rig_conserves(&g);
	rig_end(&g);
}

static void slots_end_when_their_bytes_are_spent(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "slot", "10ms,bytes=250B", NULL);
	rig_send(&g, WIRE_AB, 6,
		 100); /* as with netem the frame that crosses the bound still goes */
	rig_run(&g, SEC(1));
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(g.out[WIRE_AB][i].stamp, MS(10 + i / 3 * 10));
	rig_end(&g);
}

static double slot_cdf(double x) /* 5 .. 20 ms */
{
	return x < 5 ? 0 : x > 20 ? 1 : (x - 5) / 15;
}

static void slots_open_at_uniform_distances(void **state)
{
	enum { FRAMES = 1000000 };
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "slot", "5ms,20ms,packets=1", NULL);
	rig_send(&g, WIRE_AB, 64, 60);
	while (g.next_id[WIRE_AB] < FRAMES) {
		if (g.next_id[WIRE_AB] - g.count[WIRE_AB] < 64)
			rig_send(&g, WIRE_AB, 64, 60);
		rig_run(&g, wire_next(g.w));
	}
	size_t n = g.count[WIRE_AB] - 1;
	double *v = malloc(n * sizeof *v);
	assert_non_null(v);
	for (size_t i = 0; i < n; i++)
		v[i] = (double)(g.out[WIRE_AB][i + 1].stamp - g.out[WIRE_AB][i].stamp) /
		       (double)MS(1);
	assert_true(ks_p(v, n, slot_cdf) > 0.001);
	free(v);
	rig_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overhead_and_cells_are_netems),
		cmocka_unit_test(idle_line_saves_up_one_burst),
		cmocka_unit_test(new_line_has_saved_up_a_burst),
		cmocka_unit_test(burst_never_exceeds_rate_in_the_long_run),
		cmocka_unit_test(trace_lets_frames_go_at_its_instants),
		cmocka_unit_test(trace_is_what_a_plain_simulation_gives),
		cmocka_unit_test(bad_files_are_named_with_their_line),
		cmocka_unit_test(delays_come_from_a_file),
		cmocka_unit_test(slots_gather_frames),
		cmocka_unit_test(slots_end_when_their_bytes_are_spent),
		cmocka_unit_test(slots_open_at_uniform_distances),
	};
	printf("seed %llu\n", (unsigned long long)SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
