/* SPDX-License-Identifier: MIT */
/* test_station.c - what all of a station shares: tags, link, waiting frames, raw frames, memory. */
#include "tests/unit/station/line.h"

#include <errno.h>
#include <malloc.h>

static unsigned ping_received(struct line *l, int64_t for_ns)
{
	struct ping_args a = { .ip = IP_B, .count = 1, .within_ns = SEC(1) };
	int h = station_ping(l->end[0].station, &a, l->now);
	line_run(l, l->now + for_ns);
	unsigned n = station_ping_result(l->end[0].station, h)->received;
	station_ping_end(l->end[0].station, h);
	return n;
}

static void equal_tags_talk(void **state)
{
	(void)state;
	struct line *l = line_new(10, 10);
	line_up(l);
	assert_int_equal(ping_received(l, SEC(2)), 1);
	static const uint8_t tag[] = { 0x81, 0x00, 0x00, 0x0a, 0x08, 0x00 };
	assert_memory_equal(l->seen + 12, tag, sizeof tag);
	line_free(l);
}

static void different_tags_do_not_talk(void **state)
{
	static const uint16_t pairs[][2] = { { 10, 11 }, { 10, 0 }, { 0, 10 } };
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct line *l = line_new(pairs[i][0], pairs[i][1]);
		line_up(l);
		assert_int_equal(ping_received(l, SEC(2)), 0);
		assert_true(line_drops(l, 1, STATION_TAG) > 0);
		line_free(l);
	}
}

static void priority_tag_is_as_good_as_none(void **state)
{
	struct line *l = *state;
	static const uint8_t ask[46] = { 2,    0, 0,    0, 0,    1,    2,  0, 0,    0, 0, 2,
					 0x81, 0, 0xe0, 0, 0x08, 0x06, 0,  1, 0x08, 0, 6, 4,
					 0,    1, 2,    0, 0,    0,    0,  2, 10,   0, 0, 2,
					 0,    0, 0,    0, 0,    0,    10, 0, 0,    1 };
	line_inject(l, 0, ask, sizeof ask);
	assert_int_equal(l->end[0].sent, 1);
	assert_int_equal(l->seen_len, 42);
}

static void frames_of_others_are_counted_not_used(void **state)
{
	struct line *l = *state;
	uint8_t other[42] = { 2,  0, 0,    0, 7, 7, 2, 0, 0, 0, 0,  2, 0x08, 0x06,
			      0,  1, 0x08, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0,    2,
			      10, 0, 0,    2, 0, 0, 0, 0, 0, 0, 10, 0, 0,    1 };
	line_inject(l, 0, other, sizeof other);
	assert_int_equal(line_drops(l, 0, STATION_NOT_OURS), 1);
	assert_int_equal(l->end[0].sent, 0);
}

static void without_a_link_all_is_lost_and_counted(void **state)
{
	struct line *l = *state;
	station_link(l->end[0].station, false, l->now);
	assert_int_equal(ping_received(l, SEC(1)), 0);
	assert_int_equal(l->end[0].sent, 0);
	assert_int_equal(line_drops(l, 0, STATION_LINK_DOWN), 1);
	static const uint8_t raw[14] = { 2 };
	assert_int_equal(station_send(l->end[0].station, raw, sizeof raw, l->now), -ENETDOWN);
	station_link(l->end[0].station, true, l->now);
	assert_int_equal(l->end[0].sent, 1); /* announces itself again */
	assert_int_equal(ping_received(l, SEC(1)), 1);
}

static void what_the_host_does_not_take_waits_in_order(void **state)
{
	struct line *l = *state;
	struct flow_args a = {
		.ip = IP_B, .port = 7, .interval_ns = MS(1), .size = 64, .count = 100
	};
	int h = station_flow_expect(l->end[1].station, 7, l->now);
	l->end[0].full = true;
	station_flow(l->end[0].station, &a, l->now);
	line_run(l, MS(300));
	assert_int_equal(l->end[0].sent, 0);
	l->end[0].full = false;
	station_writable(l->end[0].station, l->now);
	assert_int_equal(l->end[0].sent, 100);
	line_run(l, MS(400));
	struct flow_account acc;
	station_flow_account(l->end[1].station, h, &acc);
	assert_int_equal(acc.received, 100);
	assert_int_equal(acc.reordered, 0);
	assert_int_equal(acc.latency_p99_ns > MS(100), 1);
}

static void waiting_is_bounded(void **state)
{
	struct line *l = *state;
	static const uint8_t raw[60] = { 2, 0, 0, 0, 0, 2 };
	l->end[0].full = true;
	unsigned taken = 0, refused = 0;
	for (unsigned i = 0; i < 2000; i++) {
		pool_grow(l->pool);
		int r = station_send(l->end[0].station, raw, sizeof raw, l->now);
		taken += r == 0;
		refused += r == -ENOBUFS;
	}
	assert_int_equal(taken, 512);
	assert_int_equal(refused, 2000 - 512);
	struct flow_args a = {
		.ip = IP_B, .port = 7, .interval_ns = MS(1), .size = 64, .count = 10
	};
	station_flow(l->end[0].station, &a, l->now);
	line_run(l, MS(200));
	assert_int_equal(line_drops(l, 0, STATION_QUEUE_FULL), 10);
	station_link(l->end[0].station, false, l->now);
	assert_int_equal(line_drops(l, 0, STATION_LINK_DOWN), 512);
	struct station_stats st;
	station_stats(l->end[0].station, &st);
	assert_int_equal(st.tx_dropped, 522);
}

static void raw_frames_pass_as_they_are(void **state)
{
	struct line *l = *state;
	uint8_t raw[ETH_FRAME_MAX + 1] = { 1, 2, 3, 4, 5, 6, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, 42 };
	struct station *s = l->end[0].station;
	assert_int_equal(station_send(s, raw, 13, l->now), -EINVAL);
	assert_int_equal(station_send(s, raw, sizeof raw, l->now), -EMSGSIZE);
	assert_int_equal(station_send(s, raw, 15, l->now), 0);
	assert_int_equal(l->seen_len, 15);
	assert_memory_equal(l->seen, raw, 15);
}

struct watcher {
	struct station *s;
	unsigned seen;
	uint32_t len;
};

static unsigned no_tx(void *ctx, const struct txv *v, unsigned n)
{
	(void)ctx;
	(void)v;
	return n;
}

static void note_frame(void *ctx, const struct frame *f)
{
	struct watcher *w = ctx;
	w->seen++;
	w->len = f->len;
}

static void watched_station_shows_every_whole_frame(void **state)
{
	(void)state;
	static const struct station_host host = { .tx = no_tx, .frame = note_frame };
	struct station_config c = { .name = "w", .mac = { 2 }, .ip = IP_A, .prefix = 24 };
	struct pool *pool = pool_new(1 << 20);
	struct watcher w = { 0 };
	struct station *s = station_new(&c, &host, &w, pool, 0);
	uint8_t foreign[60] = { 9, 9, 9, 9, 9, 9 };
	struct frame f = { .data = foreign, .len = sizeof foreign };
	station_rx(s, &f, 1, 0);
	assert_int_equal(w.seen, 0);
	station_watch(s, true);
	f = (struct frame){ .data = foreign, .len = sizeof foreign };
	station_rx(s, &f, 1, 0);
	f = (struct frame){ .data = foreign, .len = 13 };
	station_rx(s, &f, 1, 0);
	assert_int_equal(w.seen, 1);
	assert_int_equal(w.len, 60);
	station_free(s);
	pool_free(pool);
}

static void handles_are_bounded_and_given_again(void **state)
{
	struct line *l = *state;
	struct station *s = l->end[0].station;
	for (int i = 0; i < STATION_HANDLES; i++)
		assert_int_equal(station_tcp_listen(s, (uint16_t)(i + 1), l->now), i);
	assert_int_equal(station_tcp_listen(s, 60000, l->now), -ENOSPC);
	station_tcp_end(s, 17);
	assert_int_equal(station_tcp_listen(s, 60000, l->now), 17);
	assert_null(station_tcp_result(s, -1));
	assert_null(station_tcp_result(s, STATION_HANDLES));
	station_ping_end(s, 99); /* nobody's: nothing happens */
}

static void idle_station_takes_under_4_kib(void **state)
{
	(void)state;
	static const struct station_host host = { .tx = no_tx, .frame = note_frame };
	struct station_config c = { .name = "m", .mac = { 2 }, .ip = IP_A, .prefix = 16 };
	enum { MANY = 64 };
	struct station *s[MANY];
	struct pool *pool = pool_new(1 << 20);
	pool_grow(pool);
	station_free(station_new(&c, &host, NULL, pool, 0));
	size_t before = mallinfo2().uordblks;
	for (unsigned i = 0; i < MANY; i++) {
		s[i] = station_new(&c, &host, NULL, pool, 0);
		station_link(s[i], true, 0);
	}
	assert_true(mallinfo2().uordblks - before <= 4096 * MANY);
	for (unsigned i = 0; i < MANY; i++)
		station_free(s[i]);
	pool_free(pool);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, line_setup, line_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_tags_talk),
		cmocka_unit_test(different_tags_do_not_talk),
		TEST(priority_tag_is_as_good_as_none),
		TEST(frames_of_others_are_counted_not_used),
		TEST(without_a_link_all_is_lost_and_counted),
		TEST(what_the_host_does_not_take_waits_in_order),
		TEST(waiting_is_bounded),
		TEST(raw_frames_pass_as_they_are),
		cmocka_unit_test(watched_station_shows_every_whole_frame),
		TEST(handles_are_bounded_and_given_again),
		cmocka_unit_test(idle_station_takes_under_4_kib),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
