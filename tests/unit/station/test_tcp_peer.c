/* SPDX-License-Identifier: MIT */
/* test_tcp_peer.c - one station against segments made by hand: shut windows, resets and segments
 * out of place, as RFC 9293 and RFC 5961 want them answered. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/station/inet.h"
#include "lab/station/pattern.h"
#include "lab/station/segment.h"
#include "lab/station/station.h"
#include "lib/base/heap.h"
#include "lib/base/units.h"
#include "tests/unit/cmocka.h"

#define IP_A UINT32_C(0x0a000001)
#define IP_B UINT32_C(0x0a000002)
#define MS(n) ((n)*NS_PER_MS)
enum { PORT = 80, OURS = 5000, SENT_MAX = 64 };

struct rig {
	struct pool *pool;
	struct station *station;
	int64_t now;
	struct segment sent[SENT_MAX]; /* what the station said since clear() */
	unsigned count;
	uint32_t seq, ack; /* ours, of the next segment */
	uint16_t port;     /* the station's */
};

static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 1 }, mac_b[6] = { 2, 0, 0, 0, 0, 2 };

static unsigned note(void *ctx, const struct txv *v, unsigned n)
{
	struct rig *r = ctx;
	for (unsigned i = 0; i < n; i++) {
		static uint8_t bytes[ETH_FRAME_MAX];
		struct ipv4 ip;
		txv_copy(&v[i], bytes);
		if (bytes[12] != 8 || bytes[13] != 0)
			continue; /* ARP */
		assert_int_equal(ipv4_read(&ip, bytes + 14, txv_len(&v[i]) - 14), IPV4_GOOD);
		assert_true(r->count < SENT_MAX);
		assert_int_equal(segment_read(&r->sent[r->count], &ip), SEGMENT_GOOD);
		r->sent[r->count++].data = NULL;
	}
	return n;
}

static void hear(void *ctx, const struct frame *f)
{
	(void)ctx;
	(void)f;
}

static const struct station_host host = { note, hear };

static void give(struct rig *r, const void *bytes, size_t len)
{
	struct frame f = { .data = bytes, .len = (uint32_t)len };
	station_rx(r->station, &f, 1, r->now);
	pool_grow(r->pool);
}

/* From us to the station; `data` may be NULL: `len` zeroes. */
static void say(struct rig *r, unsigned flags, uint32_t seq, uint16_t window, const uint8_t *data,
		size_t len)
{
	uint8_t bytes[2048];
	struct segment g = {
		.src = PORT, .dst = r->port, .seq = seq, .ack = r->ack, .flags = (uint8_t)flags
	};
	struct wr w = wr_over(bytes, sizeof bytes);
	size_t hlen = flags & TCP_SYN ? TCP_SYN_HLEN : TCP_HLEN;
	g.window = window;
	g.mss = 1000;
	r->count = 0;
	wr_bytes(&w, mac_a, 6);
	wr_bytes(&w, mac_b, 6);
	wr_be16(&w, ETHERTYPE_IPV4);
	ipv4_write(&w, IP_B, IP_A, IPPROTO_OF_TCP, (uint16_t)(hlen + len));
	uint8_t *tcp = w.p;
	segment_write(&w, &g);
	if (data)
		wr_bytes(&w, data, len);
	else
		wr_zero(&w, len);
	uint64_t sum = ipv4_pseudo_sum(IP_B, IP_A, IPPROTO_OF_TCP, hlen + len);
	uint16_t check = inet_checksum(inet_sum(sum, tcp, hlen + len));
	tcp[16] = (uint8_t)(check >> 8);
	tcp[17] = (uint8_t)check;
	give(r, bytes, wr_len(&w));
}

static void tick_to(struct rig *r, int64_t until)
{
	for (int64_t due; (due = station_next(r->station)) <= until;) {
		r->now = due > r->now ? due : r->now;
		station_tick(r->station, r->now);
		pool_grow(r->pool);
	}
	r->now = until;
}

/* We are known, for the next minute. */
static void greet(struct rig *r)
{
	static const uint8_t arp[42] = { 2,  0, 0, 0, 0, 1, 2, 0, 0, 0, 0,  2, 8, 6,
					 0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 2,
					 10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1 };
	give(r, arp, sizeof arp);
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	struct station_config c = { .name = "a", .ip = IP_A, .prefix = 24, .seed = 1 };
	assert_non_null(r);
	memcpy(c.mac, mac_a, 6);
	r->pool = pool_new(8 << 20);
	r->station = station_new(&c, &host, r, r->pool, 0);
	station_link(r->station, true, 0);
	greet(r);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	station_free(r->station);
	pool_free(r->pool);
	free(r);
	return 0;
}

/* The station sends `bytes` to us; we shake hands and offer `window`. */
static int open_to_us(struct rig *r, uint64_t bytes, uint16_t window)
{
	struct tcp_args a = { .ip = IP_B, .port = PORT, .bytes = bytes };
	r->count = 0;
	int h = station_tcp(r->station, &a, r->now);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].flags, TCP_SYN);
	r->port = r->sent[0].src;
	r->ack = r->sent[0].seq + 1;
	r->seq = 9000;
	say(r, TCP_SYN | TCP_ACK, r->seq++, window, NULL, 0);
	return h;
}

/* We connect to its listener. */
static int open_from_us(struct rig *r)
{
	r->port = OURS;
	r->seq = UINT32_MAX - 5; /* the numbers wrap soon */
	int h = station_tcp_listen(r->station, OURS, r->now);
	say(r, TCP_SYN, r->seq++, 1000, NULL, 0);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].flags, TCP_SYN | TCP_ACK);
	assert_int_equal(r->sent[0].ack, r->seq);
	r->ack = r->sent[0].seq + 1;
	say(r, TCP_ACK, r->seq, 1000, NULL, 0);
	return h;
}

static void shut_window_is_probed_until_it_opens(void **state)
{
	struct rig *r = *state;
	int h = open_to_us(r, 3000, 0);
	assert_int_equal(r->count, 1); /* the ACK of our SYN, no data */
	assert_int_equal(r->sent[0].len, 0);
	/* for much longer than it would wait for silence */
	for (unsigned round = 0; round < 20; round++) {
		for (r->count = 0; !r->count;) { /* in between it asks for our address */
			greet(r);
			assert_true(station_next(r->station) != TIME_NEVER);
			tick_to(r, station_next(r->station));
		}
		assert_int_equal(r->sent[0].len, 1);
		assert_int_equal(r->sent[0].seq, r->ack);
		say(r, TCP_ACK, r->seq, 0, NULL, 0); /* still shut, the byte not taken */
		assert_int_equal(r->count, 0);
	}
	assert_false(station_tcp_result(r->station, h)->done);
	r->ack += 1;
	say(r, TCP_ACK, r->seq, 5000, NULL, 0);
	assert_int_equal(r->count, 3); /* 2999 bytes in segments of our 1000, the FIN in the last */
	assert_int_equal(r->sent[2].len, 999);
	assert_true(r->sent[2].flags & TCP_FIN);
	r->ack += 3000;
	say(r, TCP_ACK | TCP_FIN, r->seq++, 5000, NULL, 0);
	const struct tcp_result *t = station_tcp_result(r->station, h);
	assert_true(t->done);
	assert_int_equal(t->error, 0);
	assert_int_equal(t->bytes, 3000);
}

static void window_is_never_overrun(void **state)
{
	struct rig *r = *state;
	open_to_us(r, 10000, 2500);
	assert_int_equal(r->count, 2); /* no silly 500 */
	r->ack += 1000;
	say(r, TCP_ACK, r->seq, 2500, NULL, 0);
	assert_int_equal(r->count, 1);
	r->ack += 2000;
	say(r, TCP_ACK, r->seq, 700, NULL, 0); /* less than a segment, and nothing under way */
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].len, 700);
}

static void acknowledgement_of_the_future_is_refused(void **state)
{
	struct rig *r = *state;
	int h = open_to_us(r, 10000, 1000);
	r->ack += 1001;
	say(r, TCP_ACK, r->seq, 5000, NULL, 0);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].len, 0); /* just what it knows */
	assert_int_equal(station_tcp_result(r->station, h)->bytes, 0);
}

static void wrong_answer_to_a_syn_is_reset(void **state)
{
	struct rig *r = *state;
	struct tcp_args a = { .ip = IP_B, .port = PORT, .bytes = 1 };
	r->count = 0;
	int h = station_tcp(r->station, &a, r->now);
	r->port = r->sent[0].src;
	r->ack = r->sent[0].seq + 77;
	say(r, TCP_SYN | TCP_ACK, 1, 100, NULL, 0);
	assert_int_equal(r->count, 1);
	assert_true(r->sent[0].flags & TCP_RST);
	assert_int_equal(r->sent[0].seq, r->ack);
	say(r, TCP_RST | TCP_ACK, 0, 0, NULL, 0); /* nor does such a reset count */
	assert_false(station_tcp_result(r->station, h)->done);
}

static void reset_counts_only_at_the_exact_place(void **state)
{
	struct rig *r = *state;
	int h = open_to_us(r, 10000, 1000);
	say(r, TCP_RST, r->seq + 1, 0, NULL, 0); /* RFC 5961 3.2: a challenge */
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].ack, r->seq);
	say(r, TCP_RST, r->seq - 1, 0, NULL, 0); /* outside the window: nothing at all */
	assert_int_equal(r->count, 0);
	assert_false(station_tcp_result(r->station, h)->done);
	say(r, TCP_RST, r->seq, 0, NULL, 0);
	assert_int_equal(station_tcp_result(r->station, h)->error, ECONNRESET);
}

static void syn_in_the_middle_is_challenged(void **state)
{
	struct rig *r = *state;
	int h = open_to_us(r, 10000, 1000);
	say(r, TCP_SYN, r->seq + 5, 1000, NULL, 0);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].flags, TCP_ACK);
	assert_false(station_tcp_result(r->station, h)->done);
}

static void pieces_in_any_order_and_twice_are_taken_once(void **state)
{
	struct rig *r = *state;
	uint8_t data[100];
	int h = open_from_us(r);
	pattern_fill(0, data, sizeof data);
	uint32_t first = r->seq;
	say(r, TCP_ACK, first + 60, 1000, data + 60, 40);
	assert_int_equal(r->sent[0].ack, first);
	say(r, TCP_ACK, first + 20, 1000, data + 20, 30);
	assert_int_equal(r->sent[0].ack, first);
	say(r, TCP_ACK, first, 1000, data, 30); /* over the edge of the second */
	assert_int_equal(r->sent[0].ack, first + 50);
	say(r, TCP_ACK, first + 10, 1000, data + 10, 30); /* all of it old */
	assert_int_equal(r->sent[0].ack, first + 50);
	say(r, TCP_ACK | TCP_FIN, first + 40, 1000, data + 40,
	    60); /* all that misses, and the end */
	assert_int_equal(r->sent[0].ack, first + 101);
	const struct tcp_result *t = station_tcp_result(r->station, h);
	assert_true(t->done);
	assert_int_equal(t->bytes, 100);
	assert_int_equal(t->error, 0);
	assert_true(r->sent[0].flags & TCP_FIN); /* it has nothing to say: its own end at once */
}

static void end_before_its_bytes_waits_for_them(void **state)
{
	struct rig *r = *state;
	uint8_t data[10];
	int h = open_from_us(r);
	pattern_fill(0, data, sizeof data);
	say(r, TCP_ACK | TCP_FIN, r->seq + 10, 1000, NULL, 0);
	assert_int_equal(r->sent[0].ack, r->seq);
	assert_false(station_tcp_result(r->station, h)->done);
	say(r, TCP_ACK, r->seq, 1000, data, 10);
	assert_int_equal(r->sent[0].ack, r->seq + 11);
	assert_true(station_tcp_result(r->station, h)->done);
}

static void half_open_connection_that_is_reset_listens_again(void **state)
{
	struct rig *r = *state;
	r->port = OURS;
	int h = station_tcp_listen(r->station, OURS, r->now);
	say(r, TCP_SYN, 100, 1000, NULL, 0);
	say(r, TCP_RST, 101, 0, NULL, 0);
	assert_false(station_tcp_result(r->station, h)->done);
	say(r, TCP_SYN, 500, 1000, NULL, 0);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].flags, TCP_SYN | TCP_ACK);
	assert_int_equal(r->sent[0].ack, 501);
}

static void peer_without_options_gets_small_segments_and_no_scaling(void **state)
{
	struct rig *r = *state;
	struct tcp_args a = { .ip = IP_B, .port = PORT, .bytes = 5000 };
	r->count = 0;
	station_tcp(r->station, &a, r->now);
	r->port = r->sent[0].src;
	r->ack = r->sent[0].seq + 1;
	/* SYN and ACK with a bare header of 20 bytes */
	uint8_t bytes[54];
	struct segment g = {
		.src = PORT, .dst = r->port, .seq = 1, .ack = r->ack, .flags = TCP_ACK
	};
	struct wr w = wr_over(bytes, sizeof bytes);
	g.window = 65535;
	wr_bytes(&w, mac_a, 6);
	wr_bytes(&w, mac_b, 6);
	wr_be16(&w, ETHERTYPE_IPV4);
	ipv4_write(&w, IP_B, IP_A, IPPROTO_OF_TCP, TCP_HLEN);
	uint8_t *tcp = w.p;
	segment_write(&w, &g);
	tcp[13] |= TCP_SYN;
	uint16_t check = inet_checksum(
		inet_sum(ipv4_pseudo_sum(IP_B, IP_A, IPPROTO_OF_TCP, TCP_HLEN), tcp, TCP_HLEN));
	tcp[16] = (uint8_t)(check >> 8);
	tcp[17] = (uint8_t)check;
	r->count = 0;
	give(r, bytes, sizeof bytes);
	assert_int_equal(r->count, 10);
	assert_int_equal(r->sent[0].len, TCP_MSS_DEFAULT);
	assert_int_equal(r->sent[0].window, 65535);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shut_window_is_probed_until_it_opens),
		TEST(window_is_never_overrun),
		TEST(acknowledgement_of_the_future_is_refused),
		TEST(wrong_answer_to_a_syn_is_reset),
		TEST(reset_counts_only_at_the_exact_place),
		TEST(syn_in_the_middle_is_challenged),
		TEST(pieces_in_any_order_and_twice_are_taken_once),
		TEST(end_before_its_bytes_waits_for_them),
		TEST(half_open_connection_that_is_reset_listens_again),
		TEST(peer_without_options_gets_small_segments_and_no_scaling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
