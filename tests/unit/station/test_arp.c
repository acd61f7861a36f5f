/* SPDX-License-Identifier: MIT */
/* test_arp.c - who has that address: asking, answering, waiting, giving up, ageing. */
#include "tests/unit/station/line.h"

#include <errno.h>

static int cold(void **state)
{
	struct line *l = line_new(0, 0);
	line_up(l);
	line_run(l, MS(100));
	l->end[0].sent = l->end[1].sent = 0;
	*state = l;
	return 0;
}

static int ping(struct line *l, uint32_t ip, unsigned count, int64_t interval, int64_t within)
{
	struct ping_args a = {
		.ip = ip, .count = count, .interval_ns = interval, .within_ns = within
	};
	return station_ping(l->end[0].station, &a, l->now);
}

static void announcement_is_as_in_rfc_5227(void **state)
{
	(void)state;
	static const uint8_t want[42] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,  0, 0, 0, 0, 1, 0x08, 0x06, /* to all, ARP */
		0,    1,    0x08, 0,    6,    4,    0,  1,                         /* request */
		2,    0,    0,    0,    0,    1,    10, 0, 0, 1, 0, 0, 0,    0,
		0,    0,    10,   0,    0,    1, /* of oneself */
	};
	struct line *l = line_new(0, 0);
	station_link(l->end[0].station, true, l->now);
	assert_int_equal(l->seen_len, sizeof want);
	assert_memory_equal(l->seen, want, sizeof want);
	line_free(l);
}

static void first_packet_waits_for_the_answer(void **state)
{
	struct line *l = *state;
	int h = ping(l, IP_B, 1, 0, SEC(1));
	line_run(l, SEC(1));
	const struct ping_result *r = station_ping_result(l->end[0].station, h);
	assert_int_equal(r->received, 1);
	assert_int_equal(r->rtt_min_ns, MS(20)); /* the line four times */
	assert_int_equal(l->end[0].sent, 2);     /* one question, one request */
	assert_int_equal(l->end[1].sent, 2);     /* who asks is known: no question back */
}

static void many_packets_wait_for_one_answer_in_order(void **state)
{
	struct line *l = *state;
	int h = ping(l, IP_B, 16, 0, SEC(1));
	line_run(l, SEC(1));
	assert_int_equal(station_ping_result(l->end[0].station, h)->received, 16);
	assert_int_equal(l->end[0].sent, 17);
}

static void the_latest_are_kept_when_too_many_wait(void **state)
{
	struct line *l = *state;
	int h = ping(l, IP_B, 20, 0, SEC(1));
	line_run(l, SEC(2));
	assert_int_equal(station_ping_result(l->end[0].station, h)->received, 16);
	assert_int_equal(line_drops(l, 0, STATION_UNRESOLVED), 4);
}

static void asks_three_times_a_second_apart_then_gives_up(void **state)
{
	struct line *l = *state;
	int64_t start = l->now;
	ping(l, 0x0a000063, 1, 0, SEC(10));
	assert_int_equal(l->end[0].sent, 1);
	line_run(l, start + SEC(1) - 1);
	assert_int_equal(l->end[0].sent, 1);
	line_run(l, start + SEC(1));
	assert_int_equal(l->end[0].sent, 2);
	line_run(l, start + SEC(2));
	assert_int_equal(l->end[0].sent, 3);
	assert_int_equal(line_drops(l, 0, STATION_UNRESOLVED), 0);
	line_run(l, start + SEC(3));
	assert_int_equal(l->end[0].sent, 3);
	assert_int_equal(line_drops(l, 0, STATION_UNRESOLVED), 1);
	assert_int_equal(pool_in_use(l->pool), 0);
}

static int64_t lose_first(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)f;
	return from == 0 && n == 0 ? LOST : l->delay;
}

static void lost_question_is_asked_again(void **state)
{
	struct line *l = *state;
	l->fate = lose_first;
	int h = ping(l, IP_B, 1, 0, SEC(5));
	line_run(l, SEC(5));
	assert_int_equal(station_ping_result(l->end[0].station, h)->rtt_min_ns, SEC(1) + MS(20));
}

static void connection_to_nobody_fails_with_the_questions(void **state)
{
	struct line *l = *state;
	struct tcp_args a = { .ip = 0x0a000063, .port = 9, .bytes = 1 };
	int64_t start = l->now;
	int h = station_tcp(l->end[0].station, &a, l->now);
	line_run(l, start + SEC(3));
	const struct tcp_result *r = station_tcp_result(l->end[0].station, h);
	assert_true(r->done);
	assert_int_equal(r->error, EHOSTUNREACH);
	assert_int_equal(r->ended_ns, start + SEC(3));
}

static void used_neighbour_is_asked_again_without_a_gap(void **state)
{
	struct line *l = *state;
	int h = ping(l, IP_B, 200, SEC(1), SEC(1));
	line_run(l, SEC(202));
	const struct ping_result *r = station_ping_result(l->end[0].station, h);
	assert_int_equal(r->received, 200);
	assert_true(r->rtt_sum_ns <= 200 * MS(10) + MS(10)); /* only the first one waited */
	assert_int_equal(l->end[0].sent, 200 + 1 + 3);       /* asked at 60, 120 and 180 s */
}

static void silent_neighbour_is_forgotten(void **state)
{
	struct line *l = *state;
	ping(l, IP_B, 1, 0, SEC(1));
	line_run(
		l,
		SEC(125)); /* b answered the ping, so it asks once more at 60 s, and a hears of b */
	int64_t next = station_next(l->end[0].station);
	assert_int_equal(next, TIME_NEVER); /* nothing left to age */
	uint64_t before = l->end[0].sent;
	int h = ping(l, IP_B, 1, 0, SEC(1));
	line_run(l, l->now + SEC(1));
	assert_int_equal(l->end[0].sent, before + 2);
	assert_int_equal(station_ping_result(l->end[0].station, h)->rtt_min_ns, MS(20));
}

static void announcement_moves_a_known_neighbour(void **state)
{
	struct line *l = *state;
	ping(l, IP_B, 1, 0, MS(50));
	line_run(l, MS(200));
	uint8_t moved[42] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 9,  9, 0x08, 0x06,
			      0,    1,    0x08, 0,    6,    4,    0, 1, 2, 0, 0,  0, 9,    9,
			      10,   0,    0,    2,    0,    0,    0, 0, 0, 0, 10, 0, 0,    2 };
	line_inject(l, 0, moved, sizeof moved);
	ping(l, IP_B, 1, 0, MS(50));
	assert_memory_equal(l->seen, "\2\0\0\0\x09\x09", 6);
}

static void strangers_broadcasts_do_not_fill_the_table(void **state)
{
	struct line *l = *state;
	uint8_t other[42] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 9,  9, 0x08, 0x06,
			      0,    1,    0x08, 0,    6,    4,    0, 1, 2, 0, 0,  0, 9,    9,
			      10,   0,    0,    77,   0,    0,    0, 0, 0, 0, 10, 0, 0,    78 };
	line_inject(l, 0, other, sizeof other);
	assert_int_equal(station_next(l->end[0].station), TIME_NEVER);
	assert_int_equal(l->end[0].sent, 0);
}

static void probe_for_our_address_is_answered(void **state)
{
	struct line *l = *state;
	uint8_t probe[42] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 9,  9, 0x08, 0x06,
			      0,    1,    0x08, 0,    6,    4,    0, 1, 2, 0, 0,  0, 9,    9,
			      0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 10, 0, 0,    1 };
	line_inject(l, 0, probe, sizeof probe);
	assert_int_equal(l->end[0].sent, 1);
	assert_int_equal(l->seen[21], 2); /* a reply */
	assert_int_equal(station_next(l->end[0].station), TIME_NEVER);
}

static void malformed_questions_are_counted_not_answered(void **state)
{
	struct line *l = *state;
	uint8_t ask[42] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,  2, 0x08, 0x06,
			    0,    1,    0x08, 0,    6,    4,    0, 1, 2, 0, 0,  0, 0,    2,
			    10,   0,    0,    2,    0,    0,    0, 0, 0, 0, 10, 0, 0,    1 };
	for (size_t cut = 14; cut < sizeof ask; cut++)
		line_inject(l, 0, ask, cut);
	assert_int_equal(line_drops(l, 0, STATION_MALFORMED), 28);
	static const size_t fixed[] = {
		15, 16, 18, 19, 21, 22
	}; /* spoilt: type, protocol, lengths, op, group */
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
		ask[fixed[i]] ^= 0x11;
		line_inject(l, 0, ask, sizeof ask);
		ask[fixed[i]] ^= 0x11;
	}
	assert_int_equal(line_drops(l, 0, STATION_MALFORMED), 28 + 6);
	assert_int_equal(l->end[0].sent, 0);
	line_inject(l, 0, ask, sizeof ask);
	assert_int_equal(l->end[0].sent, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cold, line_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(announcement_is_as_in_rfc_5227),
		TEST(first_packet_waits_for_the_answer),
		TEST(many_packets_wait_for_one_answer_in_order),
		TEST(the_latest_are_kept_when_too_many_wait),
		TEST(asks_three_times_a_second_apart_then_gives_up),
		TEST(lost_question_is_asked_again),
		TEST(connection_to_nobody_fails_with_the_questions),
		TEST(used_neighbour_is_asked_again_without_a_gap),
		TEST(silent_neighbour_is_forgotten),
		TEST(announcement_moves_a_known_neighbour),
		TEST(strangers_broadcasts_do_not_fill_the_table),
		TEST(probe_for_our_address_is_answered),
		TEST(malformed_questions_are_counted_not_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
