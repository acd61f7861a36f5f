/* SPDX-License-Identifier: MIT */
/* bundle.h - a bundle as a kernel leaves it to its network card, for tests. */
#ifndef DW_TESTS_UNIT_BUNDLE_H
#define DW_TESTS_UNIT_BUNDLE_H

#include <string.h>

#include "lib/base/gso.h"
#include "lib/base/wire.h"
#include "tests/unit/cmocka.h"

enum { ROOM = 70000, L4_V4 = 34, L4_V6 = 54 };

struct bundle {
	uint8_t bytes[ROOM];
	size_t len, l4;
	struct frame f;
};

static inline uint8_t payload_at(size_t i)
{
	return (uint8_t)(i * 31 + i / 256);
}

/* Ethernet, IP, TCP (with 12 bytes of options) or UDP, `n` bytes of payload. */
static inline void make(struct bundle *b, bool v6, bool udp, size_t n, uint16_t mss)
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
	b->f = (struct frame){ .data = b->bytes,
			       .len = (uint32_t)b->len,
			       .gso_type = mss ? udp    ? GSO_UDP
						   : v6 ? GSO_TCP6
							: GSO_TCP4
					       : GSO_NONE,
			       .gso_size = mss,
			       .csum_start = (uint16_t)b->l4,
			       .csum_off = udp ? 6 : 16 };
	assert_true(frame_parse(&b->f));
}

#endif
