/* SPDX-License-Identifier: MIT */
/* test_flow.c - UDP flows between two stations and the account their receiver keeps. */
#include "tests/unit/station/line.h"

#include <errno.h>

#include "lab/station/inet.h"

enum { PORT = 7000 };

struct run {
	int sender, receiver;
};

static struct run start(struct line *l, uint64_t count)
{
	struct flow_args a = {
		.ip = IP_B, .port = PORT, .interval_ns = MS(1), .size = 200, .count = count
	};
	struct run r;
	r.receiver = station_flow_expect(l->end[1].station, PORT, l->now);
	r.sender = station_flow(l->end[0].station, &a, l->now);
	assert_true(r.receiver >= 0 && r.sender >= 0);
	return r;
}

static struct flow_account account(const struct line *l, struct run r)
{
	struct flow_account a;
	station_flow_account(l->end[1].station, r.receiver, &a);
	return a;
}

static void good_line_delivers_all_in_order(void **state)
{
	struct line *l = *state;
	struct run r = start(l, 1000);
	line_run(l, SEC(5));
	struct flow_account a = account(l, r);
	const struct flow_sent *sent = station_flow_sent(l->end[0].station, r.sender);
	assert_int_equal(sent->sent, 1000);
	assert_true(sent->done);
	assert_int_equal(a.received, 1000);
	assert_int_equal(a.highest, 1000);
	assert_int_equal(a.duplicated, 0);
	assert_int_equal(a.reordered, 0);
	assert_int_equal(a.longest_gap_ns, MS(5)); /* from the start to the first */
	assert_int_equal(a.latency_p50_ns, MS(5)); /* all alike: exact */
	assert_int_equal(a.latency_p99_ns, MS(5));
	assert_int_equal(a.last_ns, MS(100) + MS(999) + MS(5));
}

static int64_t outage(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)f;
	return from == 0 && n >= 300 && n < 400 ? LOST : l->delay;
}

static void outage_is_the_longest_gap(void **state)
{
	struct line *l = *state;
	l->fate = outage;
	struct run r = start(l, 1000);
	line_run(l, SEC(5));
	struct flow_account a = account(l, r);
	assert_int_equal(a.received, 900);
	assert_int_equal(a.highest - a.received, 100);
	assert_int_equal(a.longest_gap_ns, MS(101));
}

static int64_t swap_and_double(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	if (from == 0 && n % 10 == 3)
		return l->delay + MS(1) + 1; /* the next one overtakes it */
	if (from == 0 && n % 10 == 7)
		line_inject(l, 1, f->data, f->len); /* at once, and again in its time */
	return l->delay;
}

static void swapped_and_doubled_are_told_apart(void **state)
{
	struct line *l = *state;
	l->fate = swap_and_double;
	struct run r = start(l, 1000);
	line_run(l, SEC(5));
	struct flow_account a = account(l, r);
	assert_int_equal(a.received, 1000);
	assert_int_equal(a.duplicated, 100);
	/* What came at once overtook the four still on the line; one of those is the swapped one.
	 */
	assert_int_equal(a.reordered, 100 * 4);
}

static void two_flows_are_two_accounts(void **state)
{
	struct line *l = *state;
	struct run one = start(l, 10), two;
	struct flow_args a = {
		.ip = IP_B, .port = PORT + 1, .interval_ns = MS(2), .size = 24, .count = 20
	};
	two.receiver = station_flow_expect(l->end[1].station, PORT + 1, l->now);
	two.sender = station_flow(l->end[0].station, &a, l->now);
	line_run(l, SEC(1));
	assert_int_equal(account(l, one).received, 10);
	assert_int_equal(account(l, two).received, 20);
}

static void endless_flow_ends_when_told(void **state)
{
	struct line *l = *state;
	struct run r = start(l, 0);
	line_run(l, SEC(1) + MS(100) - 1); /* began at 100 ms */
	assert_int_equal(station_flow_sent(l->end[0].station, r.sender)->sent, 1000);
	station_flow_end(l->end[0].station, r.sender);
	assert_null(station_flow_sent(l->end[0].station, r.sender));
	line_run(l, SEC(3));
	assert_int_equal(account(l, r).received, 1000);
	station_flow_forget(l->end[1].station, r.receiver);
	assert_int_equal(account(l, r).received, 0);
}

static void port_of_nobody_is_answered_by_icmp_now_and_then(void **state)
{
	struct line *l = *state;
	struct flow_args a = {
		.ip = IP_B, .port = 9, .interval_ns = MS(2), .size = 24, .count = 500
	};
	station_flow(l->end[0].station, &a, l->now);
	line_run(l, l->now + MS(5));
	static const uint8_t type[] = { 3, 3 }; /* destination unreachable, port */
	assert_memory_equal(l->seen + 34, type, sizeof type);
	line_run(l, SEC(5));
	assert_int_equal(line_drops(l, 1, STATION_UNCLAIMED), 500);
	assert_int_equal(l->end[1].sent, 10); /* ten a second */
	assert_int_equal(line_drops(l, 0, STATION_UNCLAIMED), 10);
}

static void nonsense_is_refused(void **state)
{
	struct line *l = *state;
	struct station *s = l->end[0].station;
	struct flow_args a = { .ip = IP_B, .port = 9, .interval_ns = MS(1), .size = 24 };
	a.size = FLOW_PAYLOAD_MIN - 1;
	assert_int_equal(station_flow(s, &a, l->now), -EINVAL);
	a.size = ETH_FRAME_MAX;
	assert_int_equal(station_flow(s, &a, l->now), -EMSGSIZE);
	a.size = 24;
	a.interval_ns = 0;
	assert_int_equal(station_flow(s, &a, l->now), -EINVAL);
	a.interval_ns = 1;
	a.port = 0;
	assert_int_equal(station_flow(s, &a, l->now), -EINVAL);
	assert_int_equal(station_flow_expect(s, 0, l->now), -EINVAL);
	assert_int_equal(station_flow_expect(s, 5, l->now), 0);
	assert_int_equal(station_flow_expect(s, 5, l->now), -EADDRINUSE);
}

static void longest_payload_fits_and_crosses(void **state)
{
	struct line *l = *state;
	struct flow_args a = { .ip = IP_B,
			       .port = PORT,
			       .interval_ns = MS(1),
			       .size = ETH_FRAME_MAX - 42,
			       .count = 3 };
	struct run r = { .receiver = station_flow_expect(l->end[1].station, PORT, l->now) };
	r.sender = station_flow(l->end[0].station, &a, l->now);
	line_run(l, SEC(1));
	assert_int_equal(account(l, r).received, 3);
	assert_int_equal(l->seen_len, ETH_FRAME_MAX);
}

/* Payload "DW" from port 1 to 2, 10.0.0.1 to 10.0.0.2. By hand: pseudo
 * 0a00+0001+0a00+0002+0011+000a = 141e; header 0001+0002+000a = 000d; data 4457; sum 5882,
 * complement a77d. */
static const uint8_t by_hand[44] = {
	2,    0, 0, 0,  0,  2, 2,    0, 0,    0,    0,    1,    0x08, 0x00, /* Ethernet */
	0x45, 0, 0, 30, 0,  0, 0x40, 0, 0x40, 0x11, 0x26, 0xcd, /* IPv4, 30 bytes, UDP */
	10,   0, 0, 1,  10, 0, 0,    2, 0,    1,    0,    2,    0,    10,   0xa7, 0x7d, 'D', 'W',
};

static void datagrams_are_checked(void **state)
{
	struct line *l = *state;
	uint8_t f[44];
	memcpy(f, by_hand, sizeof f);
	line_inject(l, 1, f, sizeof f);
	assert_int_equal(line_drops(l, 1, STATION_UNCLAIMED), 1); /* good, but nobody's */
	f[40] = f[41] = 0;                                        /* no checksum: good as well */
	line_inject(l, 1, f, sizeof f);
	assert_int_equal(line_drops(l, 1, STATION_UNCLAIMED), 2);
	memcpy(f, by_hand, sizeof f);
	for (size_t bit = 34 * 8; bit < sizeof f * 8; bit++) {
		f[bit / 8] ^= (uint8_t)(1 << bit % 8);
		line_inject(l, 1, f, sizeof f);
		f[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(line_drops(l, 1, STATION_UNCLAIMED), 2);
	uint64_t malformed = line_drops(l, 1, STATION_MALFORMED);
	assert_int_equal(malformed + line_drops(l, 1, STATION_CHECKSUM), 80);
	f[39] = 7; /* shorter than its own header */
	line_inject(l, 1, f, sizeof f);
	f[39] = 11; /* longer than the packet */
	line_inject(l, 1, f, sizeof f);
	assert_int_equal(line_drops(l, 1, STATION_MALFORMED), malformed + 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, line_setup, line_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_line_delivers_all_in_order),
		TEST(outage_is_the_longest_gap),
		TEST(swapped_and_doubled_are_told_apart),
		TEST(two_flows_are_two_accounts),
		TEST(endless_flow_ends_when_told),
		TEST(port_of_nobody_is_answered_by_icmp_now_and_then),
		TEST(nonsense_is_refused),
		TEST(longest_payload_fits_and_crosses),
		TEST(datagrams_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
