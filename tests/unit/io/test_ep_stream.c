/* SPDX-License-Identifier: MIT */
/* test_ep_stream.c - the stream framing holds whatever the two descriptors do. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "tests/unit/io/listener.h"

struct pair { /* two endpoints on one socketpair */
	struct loop *loop;
	struct listener a, b;
};

static struct ep *open_on(struct loop *l, int in, int out, unsigned framing, struct listener *h)
{
	assert_int_equal(ep_open_fds(&h->ep, l, in, out, framing, "test", &listener_host, h, NULL),
			 0);
	assert_true(h->ep->is_up);
	return h->ep;
}

static struct pair *pair_new(unsigned framing)
{
	struct pair *p = calloc(1, sizeof *p);
	int fd[2];
	p->loop = loop_new();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	open_on(p->loop, fd[0], fd[0], framing, &p->a);
	open_on(p->loop, fd[1], fd[1], framing, &p->b);
	return p;
}

static void pair_free(struct pair *p)
{
	ep_close(p->a.ep);
	ep_close(p->b.ep);
	loop_free(p->loop);
	free(p);
}

static void frames_of_every_kind_of_length_cross_in_order(void **state)
{
	(void)state;
	static const uint32_t len[] = { 14, 15, 60, 61, 1514, 1518, 9000, ETH_FRAME_MAX };
	for (unsigned framing = 2; framing <= 4; framing += 2) {
		struct pair *p = pair_new(framing);
		for (unsigned i = 0; i < 8; i++)
			assert_int_equal(send_frame(p->a.ep, len[i], (uint8_t)i), 1);
		UNTIL(p->loop, p->b.count == 8);
		for (unsigned i = 0; i < 8; i++)
			assert_int_equal(p->b.len[i], len[i]);
		assert_false(p->b.wrong);
		pair_free(p);
	}
}

static void a_full_stream_takes_less_and_loses_nothing(void **state)
{
	(void)state;
	struct pair *p = pair_new(2);
	unsigned sent = 0;
	while (send_frame(p->a.ep, 5001,
			  (uint8_t)sent)) /* an odd length: the socket fills in mid-frame */
		sent++;
	assert_true(sent > 10 && sent < HEARD_MAX);
	assert_int_equal(p->a.writable, 0);
	UNTIL(p->loop, p->a.writable > 0 && ep_flushed(p->a.ep));
	UNTIL(p->loop, p->b.count == sent);
	for (unsigned i = 0; i < sent; i++)
		assert_int_equal(p->b.first[i], (uint8_t)i);
	assert_false(p->b.wrong);
	assert_int_equal(p->a.ep->tx_dropped, 0);
	pair_free(p);
}

static void a_narrow_pipe_does_not_break_the_framing(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener w = { 0 }, r = { 0 };
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	assert_true(fcntl(fd[1], F_SETPIPE_SZ, 4096) >= 0);
	open_on(l, -1, fd[1], 2, &w);
	open_on(l, fd[0], -1, 2, &r);
	unsigned sent = 0;
	while (sent < 200) {
		unsigned told = w.writable;
		if (send_frame(w.ep, ETH_FRAME_MAX - sent, (uint8_t)sent))
			sent++;
		else
			UNTIL(l, w.writable > told);
	}
	UNTIL(l, r.count == 200);
	assert_false(r.wrong);
	assert_int_equal(r.len[199], ETH_FRAME_MAX - 199);
	ep_close(w.ep);
	UNTIL(l, r.closes == 1);
	assert_string_equal(r.reason, "end of file");
	assert_int_equal(r.why, 0);
	loop_free(l);
}

static void a_peer_cut_in_mid_frame_is_said_to_be(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
	} cut[] = { { "\0", 1 },
		    { "\0\x40", 2 },
		    { "\0\x40only this", 11 },
		    { "\xff\xfftoo long and cut", 18 } };
	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		struct loop *l = loop_new();
		struct listener h = { 0 };
		int fd[2];
		assert_int_equal(pipe(fd), 0);
		open_on(l, fd[0], -1, 2, &h);
		assert_int_equal(write(fd[1], cut[i].bytes, cut[i].len), cut[i].len);
		close(fd[1]);
		UNTIL(l, h.closes == 1);
		assert_string_equal(h.reason, "end of file in mid-frame");
		assert_int_equal(h.why, -EPROTO);
		loop_free(l);
	}
}

static void an_over_long_frame_is_skipped_counted_and_followed_in_step(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener h = { 0 };
	int fd[2];
	static uint8_t bytes[2 + 20000];
	assert_int_equal(pipe(fd), 0);
	open_on(l, fd[0], -1, 2, &h);
	bytes[0] = 20000 >> 8;
	bytes[1] = 20000 & 0xff;
	assert_int_equal(write(fd[1], bytes, sizeof bytes), sizeof bytes);
	assert_int_equal(write(fd[1],
			       "\0\x10"
			       "0123456789abcdef",
			       18),
			 18);
	UNTIL(l, h.count == 1);
	assert_int_equal(h.len[0], 16);
	assert_int_equal(h.ep->rx_oversize, 1);
	close(fd[1]);
	ep_close(h.ep);
	loop_free(l);
}

static void a_length_of_four_bytes_beyond_belief_closes(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener h = { 0 };
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	open_on(l, fd[0], -1, 4, &h);
	assert_int_equal(write(fd[1], "GET / HTTP", 10), 10);
	UNTIL(l, h.closes == 1);
	assert_non_null(strstr(h.reason, "beyond any frame"));
	close(fd[1]);
	loop_free(l);
}

/* The buffer holds more whole frames than one batch; nothing more comes on the descriptor. */
static void frames_in_the_buffer_are_not_forgotten_by_a_pause(void **state)
{
	(void)state;
	struct pair *p = pair_new(2);
	p->b.deaf = true;
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(send_frame(p->a.ep, 60, (uint8_t)i), 1);
	UNTIL(p->loop, p->b.readable > 0);
	struct frame f[BATCH_MAX];
	assert_int_equal(ep_rx(p->b.ep, f, BATCH_MAX),
			 BATCH_MAX); /* one batch, then busy elsewhere */
	ep_rx_done(p->b.ep);
	ep_pause(p->b.ep, true);
	unsigned before = p->b.readable;
	quiet(p->loop);
	assert_int_equal(p->b.readable, before);
	p->b.deaf = false;
	ep_pause(p->b.ep, false);
	UNTIL(p->loop, p->b.count == 200 - BATCH_MAX);
	pair_free(p);
}

/* The owner takes one batch a notice: it must be told again. */
static void a_reader_of_single_batches_is_told_again(void **state)
{
	(void)state;
	struct pair *p = pair_new(2);
	p->b.deaf = true;
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(send_frame(p->a.ep, 60, (uint8_t)i), 1);
	unsigned got = 0, told = 0;
	while (got < 200) {
		UNTIL(p->loop, p->b.readable > told);
		told = p->b.readable;
		struct frame f[BATCH_MAX];
		got += ep_rx(p->b.ep, f, BATCH_MAX);
		ep_rx_done(p->b.ep);
	}
	assert_int_equal(got, 200);
	pair_free(p);
}

static void what_came_before_the_end_is_delivered_even_through_a_pause(void **state)
{
	(void)state;
	struct pair *p = pair_new(2);
	ep_pause(p->b.ep, true);
	for (unsigned i = 0; i < 50; i++)
		send_frame(p->a.ep, 100, (uint8_t)i);
	ep_close(p->a.ep);
	p->a.ep = NULL;
	quiet(p->loop);
	assert_int_equal(p->b.closes, 0);
	ep_pause(p->b.ep, false);
	UNTIL(p->loop, p->b.closes == 1);
	assert_int_equal(p->b.count, 50);
	pair_free(p);
}

static void a_paused_stream_whose_peer_left_does_not_spin(void **state)
{
	(void)state;
	struct pair *p = pair_new(2);
	ep_pause(p->b.ep, true);
	ep_close(p->a.ep);
	p->a.ep = NULL;
	quiet(p->loop);
	int64_t before = loop_clock(p->loop), wait = 50 * INT64_C(1000000);
	bool ended;
	unsigned turns = 0;
	for (; loop_clock(p->loop) < before + wait; turns++)
		loop_turn(p->loop, before + wait, &ended);
	assert_true(turns < 10); /* it slept */
	pair_free(p);
}

static void a_reader_that_leaves_is_the_end_after_its_last_words(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener h = { 0 };
	int in[2], out[2];
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	open_on(l, in[0], out[1], 2, &h);
	assert_int_equal(write(in[1],
			       "\0\x10"
			       "0123456789abcdef",
			       18),
			 18);
	close(out[0]); /* the input stays open: nothing there says "end" */
	UNTIL(l, h.closes == 1);
	assert_int_equal(h.count, 1);
	assert_string_equal(h.reason, "the reader has gone");
	assert_int_equal(h.why, 0);
	close(in[1]);
	loop_free(l);
}

static void frames_to_a_peer_that_left_are_counted_lost(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener h = { 0 };
	int fd[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	open_on(l, fd[0], fd[0], 2, &h);
	close(fd[1]);
	assert_int_equal(send_frame(h.ep, 60, 1), 1);
	assert_int_equal(send_frame(h.ep, 60, 2), 1);
	assert_int_equal(h.ep->tx_dropped, 2);
	UNTIL(l, h.closes == 1);
	loop_free(l);
}

static void an_endpoint_may_be_closed_inside_its_own_notice(void **state)
{
	(void)state;
	struct pair *p = pair_new(2);
	p->b.close_when_read = true;
	send_frame(p->a.ep, 60, 1);
	UNTIL(p->loop, p->b.ep == NULL);
	UNTIL(p->loop, p->a.closes == 1);
	assert_int_equal(p->b.closes, 0); /* who closes is not told */
	pair_free(p);
}

static void a_regular_file_is_read_to_its_end(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener w = { 0 }, r = { 0 };
	char path[] = "/tmp/dw-test-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	open_on(l, -1, fd, 2, &w);
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(send_frame(w.ep, 700, (uint8_t)i), 1);
	ep_close(w.ep);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	open_on(l, fd, -1, 2, &r);
	UNTIL(l, r.closes == 1);
	assert_int_equal(r.count, 300);
	assert_false(r.wrong);
	unlink(path);
	loop_free(l);
}

static void descriptors_get_their_flags_back(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener h = { 0 };
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	int ours = dup(fd[1]);
	open_on(l, -1, ours, 2, &h);
	assert_true(fcntl(fd[1], F_GETFL) & O_NONBLOCK); /* shared with us */
	ep_close(h.ep);
	assert_false(fcntl(fd[1], F_GETFL) & O_NONBLOCK);
	close(fd[0]);
	close(fd[1]);
	loop_free(l);
}

static void a_listening_socket_serves_one_peer_after_the_other(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct folder d = folder_new();
	struct listener s = { 0 }, a = { 0 }, b = { 0 };
	struct err err;
	char server[128], client[128];
	snprintf(server, sizeof server, "stream+unix://%s/s,listen=yes,framing=4", d.path);
	snprintf(client, sizeof client, "stream+unix://%s/s,framing=4", d.path);
	assert_int_equal(ep_open(&s.ep, l, server, &listener_host, &s, NULL, &err), 0);
	assert_false(s.ep->is_up);
	assert_int_equal(send_frame(s.ep, 60, 1), 1); /* to nobody */
	assert_int_equal(s.ep->tx_dropped, 1);
	assert_int_equal(ep_open(&a.ep, l, client, &listener_host, &a, NULL, &err), 0);
	UNTIL(l, s.ups == 1);
	assert_int_equal(ep_open(&b.ep, l, client, &listener_host, &b, NULL, &err), 0);
	UNTIL(l, b.closes == 1); /* one at a time */
	send_frame(a.ep, 100, 7);
	UNTIL(l, s.count == 1);
	ep_close(a.ep);
	UNTIL(l, s.downs == 1);
	assert_int_equal(ep_open(&a.ep, l, client, &listener_host, &a, NULL, &err), 0);
	UNTIL(l, s.ups == 2);
	send_frame(s.ep, 100, 8);
	UNTIL(l, a.count == 1);
	ep_close(s.ep);
	UNTIL(l, a.closes == 1);
	assert_int_equal(ep_open(&a.ep, l, client, &listener_host, &a, NULL, &err), -ENOENT);
	assert_int_equal(rmdir(d.path), 0); /* nothing is left behind */
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_every_kind_of_length_cross_in_order),
		cmocka_unit_test(a_full_stream_takes_less_and_loses_nothing),
		cmocka_unit_test(a_narrow_pipe_does_not_break_the_framing),
		cmocka_unit_test(a_peer_cut_in_mid_frame_is_said_to_be),
		cmocka_unit_test(an_over_long_frame_is_skipped_counted_and_followed_in_step),
		cmocka_unit_test(a_length_of_four_bytes_beyond_belief_closes),
		cmocka_unit_test(frames_in_the_buffer_are_not_forgotten_by_a_pause),
		cmocka_unit_test(a_reader_of_single_batches_is_told_again),
		cmocka_unit_test(what_came_before_the_end_is_delivered_even_through_a_pause),
		cmocka_unit_test(a_paused_stream_whose_peer_left_does_not_spin),
		cmocka_unit_test(a_reader_that_leaves_is_the_end_after_its_last_words),
		cmocka_unit_test(frames_to_a_peer_that_left_are_counted_lost),
		cmocka_unit_test(an_endpoint_may_be_closed_inside_its_own_notice),
		cmocka_unit_test(a_regular_file_is_read_to_its_end),
		cmocka_unit_test(descriptors_get_their_flags_back),
		cmocka_unit_test(a_listening_socket_serves_one_peer_after_the_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
