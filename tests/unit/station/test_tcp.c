/* SPDX-License-Identifier: MIT */
/* test_tcp.c - bulk transfers between two stations: complete, correct and in time over good lines
 * and bad ones; refused, reset and given up with the right word. */
#include "tests/unit/station/line.h"

#include <errno.h>

#include "lab/station/inet.h"
#include "lab/station/segment.h"

enum { PORT = 5001 };

struct transfer {
	int listener, sender;
	const struct tcp_result *in, *out;
};

static struct transfer start(struct line *l, struct tcp_args a)
{
	struct transfer t;
	a.ip = IP_B;
	a.port = PORT;
	t.listener = station_tcp_listen(l->end[1].station, PORT, l->now);
	assert_true(t.listener >= 0);
	t.sender = station_tcp(l->end[0].station, &a, l->now);
	assert_true(t.sender >= 0);
	t.in = station_tcp_result(l->end[1].station, t.listener);
	t.out = station_tcp_result(l->end[0].station, t.sender);
	return t;
}

static void assert_complete(const struct transfer *t, uint64_t bytes)
{
	assert_true(t->in->done);
	assert_true(t->out->done);
	assert_int_equal(t->in->error, 0);
	assert_int_equal(t->out->error, 0);
	assert_int_equal(t->in->bytes, bytes);
	assert_int_equal(t->out->bytes, bytes);
}

static void window_doubles_in_each_round_trip(void **state)
{
	struct line *l = *state;
	int64_t began = l->now;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 1 << 20 });
	line_run(l, SEC(10));
	assert_complete(&t, 1 << 20);
	assert_int_equal(t.out->retransmits, 0);
	assert_int_equal(t.out->started_ns, began);
	/* The handshake, then 10, 20, 40 ... segments: 719 of them take seven round trips. */
	assert_int_equal(t.out->ended_ns - began, MS(10) + MS(10) * 7);
}

static void a_window_asked_for_is_kept(void **state)
{
	struct line *l = *state;
	int64_t began = l->now;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 1 << 20, .window = 64240 });
	line_run(l, SEC(10));
	assert_complete(&t, 1 << 20);
	/* 10, 20 and 40 segments, then 44 in each: 649 of them take fifteen more */
	assert_int_equal(t.out->ended_ns - began, MS(10) + MS(10) * (3 + 15));
	assert_int_equal(t.out->stalled_ns, MS(10));
}

static void wide_window_fills_a_long_line(void **state)
{
	struct line *l = *state;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 4 << 20, .window = 2 << 20 });
	int64_t began = l->now;
	line_run(l, SEC(10));
	assert_complete(&t, 4 << 20);
	/* nine round trips; with 64 KiB, the most without scaling, it would be 65 */
	assert_int_equal(t.out->ended_ns - began, MS(10) + MS(10) * 9);
}

static void nothing_to_send_is_a_connection_all_the_same(void **state)
{
	struct line *l = *state;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 0 });
	line_run(l, SEC(10));
	assert_complete(&t, 0);
}

static void small_and_odd_segments_are_complete(void **state)
{
	struct line *l = *state;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 10007, .mss = 77, .window = 500 });
	line_run(l, SEC(10));
	assert_complete(&t, 10007);
}

static int64_t lossy(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)f;
	return draw_below(l->chance, n, from, 100) < 5 ? LOST : l->delay;
}

static void five_percent_loss_both_ways_costs_time_not_bytes(void **state)
{
	struct line *l = *state;
	for (unsigned run = 0; run < 20; run++) {
		char name[16];
		snprintf(name, sizeof name, "run %u", run);
		l->chance = stream_of(LINE_SEED, name);
		l->fate = lossy;
		struct transfer t = start(l, (struct tcp_args){ .bytes = 300000 });
		line_run(l, l->now + SEC(200));
		assert_complete(&t, 300000);
		assert_true(t.out->retransmits > 0);
		station_tcp_end(l->end[0].station, t.sender);
		station_tcp_end(l->end[1].station, t.listener);
	}
}

static int64_t shuffled(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)f;
	return l->delay + (int64_t)draw_below(l->chance, n, from, (uint64_t)MS(4));
}

static void reordering_costs_no_bytes(void **state)
{
	struct line *l = *state;
	l->fate = shuffled;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 1 << 20 });
	line_run(l, SEC(60));
	assert_complete(&t, 1 << 20);
}

static int64_t lose_one_data(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)f;
	return from == 0 && n == 10 ? LOST : l->delay;
}

static void single_loss_is_repaired_without_the_timer(void **state)
{
	struct line *l = *state;
	l->fate = lose_one_data;
	int64_t began = l->now;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 200000 });
	line_run(l, SEC(60));
	assert_complete(&t, 200000);
	assert_int_equal(t.out->retransmits, 1);
	assert_int_equal(t.out->timeouts, 0);
	assert_true(t.out->ended_ns - began < MS(200)); /* the timer needs at least that */
}

static int64_t lose_last_data(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)n;
	bool last = f->len == 14 + 40 + 100;
	if (from == 0 && last && !l->once) {
		l->once = true;
		return LOST;
	}
	return l->delay;
}

static void loss_at_the_end_is_repaired_by_the_timer(void **state)
{
	struct line *l = *state;
	l->fate = lose_last_data;
	int64_t began = l->now;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 1460 * 4 + 100 });
	line_run(l, SEC(60));
	assert_complete(&t, 1460 * 4 + 100);
	assert_int_equal(t.out->retransmits, 1);
	assert_int_equal(t.out->timeouts, 1);
	assert_int_equal(t.out->stalled_ns, MS(210));
	/* handshake 10 ms, data; the timer restarts with the last acknowledgement 10 ms later */
	assert_int_equal(t.out->ended_ns - began, MS(10) + MS(10) + MS(200) + MS(10));
}

static int64_t lose_syn(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)f;
	return from == 0 && n < 2 ? LOST : l->delay;
}

static void lost_syn_comes_again_with_back_off(void **state)
{
	struct line *l = *state;
	l->fate = lose_syn;
	int64_t began = l->now;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 100 });
	line_run(l, SEC(60));
	assert_complete(&t, 100);
	assert_int_equal(t.out->ended_ns - began, SEC(1) + SEC(2) + MS(20));
}

static int64_t lose_syn_ack(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)f;
	return from == 1 && n == 0 ? LOST : l->delay;
}

static void lost_syn_ack_comes_again(void **state)
{
	struct line *l = *state;
	l->fate = lose_syn_ack;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 100 });
	line_run(l, SEC(60));
	assert_complete(&t, 100);
}

static int64_t only_answers(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)n;
	(void)f;
	return from == 0 ? LOST : l->delay;
}

static void silence_after_the_start_ends_with_etimedout(void **state)
{
	struct line *l = *state;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 10 << 20 });
	line_run(l, MS(200));
	assert_false(t.out->done);
	l->fate = only_answers;
	line_run(l, SEC(1000));
	assert_true(t.out->done);
	assert_int_equal(t.out->error, ETIMEDOUT);
	assert_false(t.in->done); /* a receiver may wait */
}

static void silence_from_the_start_ends_with_etimedout(void **state)
{
	struct line *l = *state;
	l->fate = only_answers;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 1 });
	line_run(l, SEC(126)); /* 1 + 2 + 4 + 8 + 16 + 32 + 60 is 123 */
	assert_true(t.out->done);
	/* the neighbour is asked after a minute of silence, and its death is told first */
	assert_true(t.out->error == ETIMEDOUT || t.out->error == EHOSTUNREACH);
}

static void port_without_a_listener_refuses(void **state)
{
	struct line *l = *state;
	struct tcp_args a = { .ip = IP_B, .port = 81, .bytes = 1 };
	int64_t began = l->now;
	int h = station_tcp(l->end[0].station, &a, l->now);
	line_run(l, SEC(1));
	const struct tcp_result *r = station_tcp_result(l->end[0].station, h);
	assert_true(r->done);
	assert_int_equal(r->error, ECONNREFUSED);
	assert_int_equal(r->ended_ns - began, MS(10));
}

static void second_connection_to_a_listener_is_refused(void **state)
{
	struct line *l = *state;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 10000 });
	line_run(l, MS(106)); /* the first SYN has come */
	struct tcp_args a = { .ip = IP_B, .port = PORT, .bytes = 1 };
	int h = station_tcp(l->end[0].station, &a, l->now);
	line_run(l, SEC(1));
	assert_int_equal(station_tcp_result(l->end[0].station, h)->error, ECONNREFUSED);
	assert_complete(&t, 10000);
}

static void listening_twice_on_a_port_is_refused(void **state)
{
	struct line *l = *state;
	struct station *s = l->end[0].station;
	assert_int_equal(station_tcp_listen(s, 7, l->now), 0);
	assert_int_equal(station_tcp_listen(s, 7, l->now), -EADDRINUSE);
	station_tcp_end(s, 0);
	assert_int_equal(station_tcp_listen(s, 7, l->now), 0);
}

static void ending_a_sender_resets_the_listener(void **state)
{
	struct line *l = *state;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 10 << 20 });
	line_run(l, MS(200));
	station_tcp_end(l->end[0].station, t.sender);
	assert_null(station_tcp_result(l->end[0].station, t.sender));
	line_run(l, SEC(1));
	assert_true(t.in->done);
	assert_int_equal(t.in->error, ECONNRESET);
}

static int64_t lose_fin_of_listener(struct line *l, unsigned from, uint64_t n,
				    const struct frame *f)
{
	(void)n;
	bool fin = f->len == 54 && f->data[14 + 20 + 13] & TCP_FIN;
	if (from == 1 && fin && !l->once) {
		l->once = true;
		return LOST;
	}
	return l->delay;
}

static void ended_listener_still_says_its_last_word(void **state)
{
	struct line *l = *state;
	l->fate = lose_fin_of_listener;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 100 });
	while (!t.in->done)
		line_run(l, l->now + MS(1));
	station_tcp_end(l->end[1].station,
			t.listener); /* its FIN is lost; nobody but it can repair that */
	assert_null(station_tcp_result(l->end[1].station, t.listener));
	int again = station_tcp_listen(l->end[1].station, PORT, l->now);
	assert_true(again >= 0); /* the port is free for the next */
	line_run(l, SEC(20));
	assert_true(t.out->done);
	assert_int_equal(t.out->error, 0);
}

static int64_t spoil(struct line *l, unsigned from, uint64_t n, const struct frame *f)
{
	(void)l;
	(void)n;
	if (from == 0 && f->len > 200) { /* one byte, and the checksum made right again */
		uint8_t bytes[ETH_FRAME_MAX];
		memcpy(bytes, f->data, f->len);
		bytes[100] ^= 0x40;
		bytes[50] = bytes[51] = 0;
		uint64_t sum = ipv4_pseudo_sum(IP_A, IP_B, IPPROTO_OF_TCP, f->len - 34);
		uint16_t check = inet_checksum(inet_sum(sum, bytes + 34, f->len - 34));
		bytes[50] = (uint8_t)(check >> 8);
		bytes[51] = (uint8_t)check;
		line_inject(l, 1, bytes, f->len);
		return LOST;
	}
	return l->delay;
}

static void wrong_bytes_under_a_right_checksum_are_ebadmsg(void **state)
{
	struct line *l = *state;
	l->fate = spoil;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 1000 });
	line_run(l, SEC(5));
	assert_true(t.in->done);
	assert_int_equal(t.in->error, EBADMSG);
	assert_true(t.out->done);
	assert_int_equal(t.out->error, ECONNRESET);
}

static uint64_t trace_of_run(int64_t (*fate)(struct line *, unsigned, uint64_t,
					     const struct frame *))
{
	void *state;
	line_setup(&state);
	struct line *l = state;
	l->fate = fate;
	struct transfer t = start(l, (struct tcp_args){ .bytes = 200000 });
	line_run(l, SEC(100));
	assert_complete(&t, 200000);
	uint64_t sum = (uint64_t)t.out->ended_ns ^ l->end[0].sent << 40 ^ l->end[1].sent << 20;
	line_free(l);
	return sum;
}

static void same_seed_same_run(void **state)
{
	(void)state;
	assert_int_equal(trace_of_run(lossy), trace_of_run(lossy));
	assert_int_not_equal(trace_of_run(lossy), trace_of_run(NULL));
}

static void every_flipped_bit_of_a_segment_is_dropped(void **state)
{
	struct line *l = *state;
	struct tcp_args a = { .ip = IP_B, .port = PORT, .bytes = 1 };
	station_tcp_listen(l->end[1].station, PORT, l->now);
	l->delay = LOST;
	station_tcp(l->end[0].station, &a, l->now);
	uint8_t syn[ETH_FRAME_MAX];
	size_t len = l->seen_len;
	memcpy(syn, l->seen, len);
	assert_int_equal(len, 14 + 20 + 28);
	for (size_t bit = 14 * 8; bit < len * 8; bit++) {
		syn[bit / 8] ^= (uint8_t)(1 << bit % 8);
		line_inject(l, 1, syn, len);
		syn[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t cut = 14; cut < len; cut++)
		line_inject(l, 1, syn, cut);
	assert_int_equal(l->end[1].sent, 0);
	line_inject(l, 1, syn, len);
	assert_int_equal(l->end[1].sent, 1);
	l->delay = MS(5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, line_setup, line_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(window_doubles_in_each_round_trip),
		TEST(a_window_asked_for_is_kept),
		TEST(wide_window_fills_a_long_line),
		TEST(nothing_to_send_is_a_connection_all_the_same),
		TEST(small_and_odd_segments_are_complete),
		TEST(five_percent_loss_both_ways_costs_time_not_bytes),
		TEST(reordering_costs_no_bytes),
		TEST(single_loss_is_repaired_without_the_timer),
		TEST(loss_at_the_end_is_repaired_by_the_timer),
		TEST(lost_syn_comes_again_with_back_off),
		TEST(lost_syn_ack_comes_again),
		TEST(silence_after_the_start_ends_with_etimedout),
		TEST(silence_from_the_start_ends_with_etimedout),
		TEST(port_without_a_listener_refuses),
		TEST(second_connection_to_a_listener_is_refused),
		TEST(listening_twice_on_a_port_is_refused),
		TEST(ending_a_sender_resets_the_listener),
		TEST(ended_listener_still_says_its_last_word),
		TEST(wrong_bytes_under_a_right_checksum_are_ebadmsg),
		cmocka_unit_test(same_seed_same_run),
		TEST(every_flipped_bit_of_a_segment_is_dropped),
	};
	printf("# seed %d\n", LINE_SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
