/* SPDX-License-Identifier: MIT */
/* test_ep_gso.c - a bundle that is cut up is the same stream of bytes in right frames. The
 * checksums are verified the receiver's way: the sum over everything, checksum field included, is
 * all ones. */
#include "tests/unit/cmocka.h"

#include <string.h>

#include "lib/base/ether.h"
#include "lib/base/wire.h"
#include "lib/io/ep/gso.h"

#include <linux/virtio_net.h>

enum { ROOM = 70000, L4_V4 = 34, L4_V6 = 54 };

struct bundle {
	uint8_t bytes[ROOM];
	size_t len, l4;
	struct virtio_net_hdr h;
};

static uint8_t payload_at(size_t i)
{
	return (uint8_t)(i * 31 + i / 256);
}

/* Ethernet, IP, TCP (with 12 bytes of options) or UDP, `n` bytes of payload. */
static void make(struct bundle *b, bool v6, bool udp, size_t n, uint16_t mss)
{
	memset(b, 0, sizeof *b);
	struct wr w = wr_over(b->bytes, ROOM);
	wr_bytes(&w, "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	wr_be16(&w, v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
	b->l4 = v6 ? L4_V6 : L4_V4;
	size_t head = udp ? 8 : 32;
	if (v6) {
		wr_be32(&w, 0x60000000);
		wr_be16(&w, 0); /* as the kernel leaves it for what does not fit: wrong */
		wr_u8(&w, udp ? 17 : 6);
		wr_u8(&w, 64);
		for (unsigned i = 0; i < 32; i++)
			wr_u8(&w, 0xf0 + i);
	} else {
		wr_be32(&w, 0x45000000);
		wr_be32(&w, 0xfffe4000); /* identification: goes over its end within the bundle */
		wr_u8(&w, 64);
		wr_u8(&w, udp ? 17 : 6);
		wr_be16(&w, 0);
		wr_be32(&w, 0x0a000001);
		wr_be32(&w, 0x0a000002);
	}
	wr_be32(&w, 0x12345678); /* ports */
	if (udp) {
		wr_be32(&w, 0);
	} else {
		wr_be32(&w, 0xffffff00); /* sequence: goes over its end within the bundle */
		wr_be32(&w, 77);
		wr_be32(&w, 0x80990400); /* 32 bytes of header; CWR, ACK, PSH, FIN; window */
		wr_zero(&w, 4 + 12);
	}
	for (size_t i = 0; i < n; i++)
		wr_u8(&w, payload_at(i));
	assert_false(w.bad);
	b->len = wr_len(&w);
	assert_int_equal(b->len, b->l4 + head + n);
	b->h = (struct virtio_net_hdr){ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					.gso_type = udp  ? 5
						    : v6 ? VIRTIO_NET_HDR_GSO_TCPV6
							 : VIRTIO_NET_HDR_GSO_TCPV4,
					.gso_size = mss,
					.csum_start = (uint16_t)b->l4,
					.csum_offset = udp ? 6 : 16 };
}

static uint32_t word(const uint8_t *p, size_t n)
{
	uint32_t v = 0;
	while (n--)
		v = v << 8 | *p++;
	return v;
}

static void check_frame(const uint8_t *f, size_t len, bool v6, bool udp, size_t l4)
{
	if (v6)
		assert_int_equal(word(f + 18, 2), len - 54);
	else
		assert_int_equal(word(f + 16, 2), len - 14);
	if (!v6)
		assert_int_equal(checksum_fold(checksum_add(0, f + 14, 20)), 0);
	uint32_t sum = checksum_add(0, f + (v6 ? 22 : 26), v6 ? 32 : 8) + (udp ? 17 : 6) +
		       (uint32_t)(len - l4);
	assert_int_equal(checksum_fold(checksum_add(sum, f + l4, len - l4)), 0);
	if (udp)
		assert_int_equal(word(f + l4 + 4, 2), len - l4);
}

static void every_kind_of_bundle_is_cut_into_right_frames(void **state)
{
	(void)state;
	static struct bundle b;
	static const size_t payloads[] = { 1, 99, 100, 101, 200, 1000, 4321 };
	for (unsigned kind = 0; kind < 4; kind++) {
		for (size_t k = 0; k < sizeof payloads / sizeof *payloads; k++) {
			bool v6 = kind & 1, udp = kind & 2;
			make(&b, v6, udp, payloads[k], 100);
			struct gso g;
			assert_true(gso_begin(&g, b.bytes, b.len, &b.h));
			size_t got = 0, head = b.l4 + (udp ? 8 : 32);
			unsigned frames = 0;
			while (gso_more(&g)) {
				uint8_t f[2000];
				size_t len = gso_next(&g, f, sizeof f);
				assert_true(len > head && len <= head + 100);
				check_frame(f, len, v6, udp, b.l4);
				for (size_t i = head; i < len; i++)
					assert_int_equal(f[i], payload_at(got + i - head));
				if (!udp) {
					bool last = got + len - head == payloads[k];
					assert_int_equal(word(f + b.l4 + 4, 4),
							 (uint32_t)(0xffffff00u + got));
					assert_int_equal(f[b.l4 + 13], 0x10 | (last ? 0x09 : 0) |
									       (frames ? 0 : 0x80));
				}
				if (!v6)
					assert_int_equal(word(f + 18, 2),
							 (uint16_t)(0xfffe + frames));
				got += len - head;
				frames++;
			}
			assert_int_equal(got, payloads[k]);
			assert_int_equal(frames, (payloads[k] + 99) / 100);
		}
	}
}

static void what_is_no_bundle_is_refused(void **state)
{
	(void)state;
	static struct bundle b;
	struct gso g;
	make(&b, false, false, 500, 100);
	for (size_t len = 0; len <= L4_V4 + 32;
	     len++) /* cut off in its headers, or nothing behind them */
		assert_false(gso_begin(&g, b.bytes, len, &b.h));
	struct virtio_net_hdr h = b.h;
	h.gso_size = 0;
	assert_false(gso_begin(&g, b.bytes, b.len, &h));
	h = b.h;
	h.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	assert_false(gso_begin(&g, b.bytes, b.len, &h));
	h = b.h;
	h.gso_type = VIRTIO_NET_HDR_GSO_UDP; /* fragments: nobody sends them any more */
	assert_false(gso_begin(&g, b.bytes, b.len, &h));
	h = b.h;
	h.csum_start = 60000;
	assert_false(gso_begin(&g, b.bytes, b.len, &h));
	b.bytes[L4_V4 + 12] = 0x10; /* a TCP header of 4 bytes */
	assert_false(gso_begin(&g, b.bytes, b.len, &b.h));
	b.bytes[L4_V4 + 12] = 0xf0;
	assert_true(gso_begin(&g, b.bytes, b.len, &b.h));
	b.bytes[14] = 0x41; /* an IP header of 4 bytes */
	assert_false(gso_begin(&g, b.bytes, b.len, &b.h));
}

static void frames_that_do_not_fit_are_not_made(void **state)
{
	(void)state;
	static struct bundle b;
	struct gso g;
	uint8_t f[200];
	make(&b, false, false, 5000, 1000);
	assert_true(gso_begin(&g, b.bytes, b.len, &b.h));
	assert_int_equal(gso_next(&g, f, sizeof f), 0);
}

static void a_checksum_left_to_the_card_is_put_in(void **state)
{
	(void)state;
	static struct bundle b;
	make(&b, false, true, 33, 0);
	b.bytes[L4_V4 + 5] = 41;
	b.bytes[17] = 61;
	uint16_t partial = (uint16_t)~checksum_fold(checksum_add(0, b.bytes + 26, 8) + 17 + 41);
	b.bytes[L4_V4 + 6] = (uint8_t)(partial >> 8);
	b.bytes[L4_V4 + 7] = (uint8_t)partial;
	b.h.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	checksum_finish(&b.h, b.bytes, b.len);
	uint32_t sum = checksum_add(0, b.bytes + 26, 8) + 17 + 41;
	assert_int_equal(checksum_fold(checksum_add(sum, b.bytes + L4_V4, 41)), 0);
	b.h.csum_start = 65535; /* outside: nothing is written */
	checksum_finish(&b.h, b.bytes, b.len);
	b.h.csum_start = (uint16_t)(b.len - 1);
	b.h.csum_offset = 0;
	checksum_finish(&b.h, b.bytes, b.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_bundle_is_cut_into_right_frames),
		cmocka_unit_test(what_is_no_bundle_is_refused),
		cmocka_unit_test(frames_that_do_not_fit_are_not_made),
		cmocka_unit_test(a_checksum_left_to_the_card_is_put_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
