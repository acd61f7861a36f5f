/* SPDX-License-Identifier: MIT */
/* test_icmp.c - echo between two stations: round trips, loss, late answers, malformed packets. */
#include "tests/unit/station/line.h"

#include <errno.h>

#include "lab/station/inet.h"

static int ping(struct line *l, unsigned count, int64_t within)
{
	struct ping_args a = {
		.ip = IP_B, .count = count, .interval_ns = MS(100), .within_ns = within, .size = 56
	};
	return station_ping(l->end[0].station, &a, l->now);
}

static void round_trip_is_twice_the_line(void **state)
{
	struct line *l = *state;
	int h = ping(l, 3, SEC(1));
	assert_int_equal(h, 0);
	line_run(l, SEC(2));
	const struct ping_result *r = station_ping_result(l->end[0].station, h);
	assert_true(r->done);
	assert_int_equal(r->sent, 3);
	assert_int_equal(r->received, 3);
	assert_int_equal(r->rtt_min_ns, MS(10));
	assert_int_equal(r->rtt_max_ns, MS(10));
	assert_int_equal(r->rtt_sum_ns, MS(30));
	station_ping_end(l->end[0].station, h);
	assert_null(station_ping_result(l->end[0].station, h));
}

static int64_t lose_second_request(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)f;
	return from == 0 && n == 1 ? LOST : l->delay;
}

static void lost_request_is_given_up_after_its_time(void **state)
{
	struct line *l = *state;
	l->fate = lose_second_request;
	int h = ping(l, 3, MS(500));
	line_run(l, MS(100) + MS(599)); /* the second left at 200 ms */
	const struct ping_result *r = station_ping_result(l->end[0].station, h);
	assert_false(r->done);
	line_run(l, MS(700));
	assert_true(r->done);
	assert_int_equal(r->sent, 3);
	assert_int_equal(r->received, 2);
}

static void answer_after_its_time_does_not_count(void **state)
{
	struct line *l = *state;
	int h = ping(l, 1, MS(9));
	line_run(l, SEC(1));
	const struct ping_result *r = station_ping_result(l->end[0].station, h);
	assert_true(r->done);
	assert_int_equal(r->received, 0);
	assert_int_equal(line_drops(l, 0, STATION_UNCLAIMED), 1);
}

static int64_t twice(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	if (from == 1 && n == 0)
		line_inject(l, 0, f->data, f->len);
	return l->delay;
}

static void second_answer_does_not_count(void **state)
{
	struct line *l = *state;
	l->fate = twice;
	int h = ping(l, 1, SEC(1));
	line_run(l, SEC(1));
	assert_int_equal(station_ping_result(l->end[0].station, h)->received, 1);
	assert_int_equal(line_drops(l, 0, STATION_UNCLAIMED), 1);
}

static void addresses_nobody_can_have_are_refused(void **state)
{
	struct line *l = *state;
	struct ping_args a = { .ip = IP_A, .count = 1, .within_ns = SEC(1) };
	struct station *s = l->end[0].station;
	assert_int_equal(station_ping(s, &a, l->now), -EINVAL); /* oneself */
	a.ip = 0x0a0000ff;
	assert_int_equal(station_ping(s, &a, l->now), -EINVAL); /* the broadcast address */
	a.ip = 0xe0000001;
	assert_int_equal(station_ping(s, &a, l->now), -EINVAL); /* a group */
	a.ip = 0x0a000102;
	assert_int_equal(station_ping(s, &a, l->now), -ENETUNREACH);
	a.ip = IP_B;
	a.size = ETH_FRAME_MAX;
	assert_int_equal(station_ping(s, &a, l->now), -EMSGSIZE);
	a.size = 0;
	a.count = 0;
	assert_int_equal(station_ping(s, &a, l->now), -EINVAL);
}

/* A whole echo request from a to b, as sent by a station, to be spoilt by tests. */
static size_t request(struct line *l, uint8_t out[static ETH_FRAME_MAX])
{
	l->delay = LOST; /* only its bytes are wanted */
	ping(l, 1, SEC(1));
	l->delay = MS(5);
	memcpy(out, l->seen, l->seen_len);
	return l->seen_len;
}

static void every_cut_of_a_request_is_dropped_and_counted(void **state)
{
	struct line *l = *state;
	uint8_t frame[ETH_FRAME_MAX];
	size_t len = request(l, frame);
	uint64_t answered = l->end[1].sent;
	assert_int_equal(len, 14 + 20 + 8 + 56);
	for (size_t cut = 0; cut < len; cut++)
		line_inject(l, 1, frame, cut);
	assert_int_equal(l->end[1].sent, answered);
	assert_int_equal(line_drops(l, 1, STATION_RUNT), 14);
	assert_int_equal(line_drops(l, 1, STATION_MALFORMED), len - 14);
	line_inject(l, 1, frame, len);
	assert_int_equal(l->end[1].sent, answered + 1);
}

static void every_flipped_bit_of_a_request_is_dropped(void **state)
{
	struct line *l = *state;
	uint8_t frame[ETH_FRAME_MAX];
	size_t len = request(l, frame);
	uint64_t answered = l->end[1].sent;
	for (size_t bit = 14 * 8; bit < len * 8; bit++) {
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		line_inject(l, 1, frame, len);
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(l->end[1].sent, answered);
	assert_true(line_drops(l, 1, STATION_CHECKSUM) > (len - 34) * 8 - 1);
}

static void short_icmp_is_malformed(void **state)
{
	struct line *l = *state;
	uint8_t frame[14 + 20 + 7];
	struct wr w = wr_over(frame, sizeof frame);
	wr_bytes(&w, "\2\0\0\0\0\2\2\0\0\0\0\1\x08\0", 14);
	ipv4_write(&w, IP_A, IP_B, IPPROTO_OF_ICMP, 7);
	wr_zero(&w, 7);
	line_inject(l, 1, frame, sizeof frame);
	assert_int_equal(line_drops(l, 1, STATION_MALFORMED), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, line_setup, line_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip_is_twice_the_line),
		TEST(lost_request_is_given_up_after_its_time),
		TEST(answer_after_its_time_does_not_count),
		TEST(second_answer_does_not_count),
		TEST(addresses_nobody_can_have_are_refused),
		TEST(every_cut_of_a_request_is_dropped_and_counted),
		TEST(every_flipped_bit_of_a_request_is_dropped),
		TEST(short_icmp_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
