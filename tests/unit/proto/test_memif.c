/* SPDX-License-Identifier: MIT */
/* test_memif.c - memif 2.0 messages, byte for byte as VPP's memif.h lays them out (packed, host
 * order; written down here for little-endian machines), and where rings may lie. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/proto/memif.h"

struct row {
	struct memif_msg m;
	size_t len; /* of the part that is not zero */
	uint8_t bytes[MEMIF_MSG_LEN];
};

static const struct row rows[] = {
	{ { .type = MEMIF_ACK }, 2, { 1, 0 } },
	{ { .type = MEMIF_HELLO, .u.hello = { .name = "VPP", 0x0200, 0x0201, 15, 3, 4, 14 } },
	  45,
	  { 2, 0, 'V', 'P', 'P', [34] = 0, 2, 1, 2, 15, 0, 3, 0, 4, 0, 14 } },
	{ { .type = MEMIF_INIT, .u.init = { 0x0200, 0x01020304, 1, "psst", "plug" } },
	  37,
	  { 3, 0, 0, 2, 4, 3, 2, 1, 1, 'p', 's', 's', 't', [33] = 'p', 'l', 'u', 'g' } },
	{ { .type = MEMIF_ADD_REGION, .u.region = { 1, 0x1122334455667788 } },
	  12,
	  { 4, 0, 1, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11 } },
	{ { .type = MEMIF_ADD_RING, .u.ring = { 1, 2, 3, 0x8090a0b0, 10, 0x0102 } },
	  15,
	  { 5, 0, 1, 0, 2, 0, 3, 0, 0xb0, 0xa0, 0x90, 0x80, 10, 2, 1 } },
	{ { .type = MEMIF_CONNECT, .u.connect = { "eth0" } }, 6, { 6, 0, 'e', 't', 'h', '0' } },
	{ { .type = MEMIF_CONNECTED, .u.connect = { "port 3" } },
	  8,
	  { 7, 0, 'p', 'o', 'r', 't', ' ', '3' } },
	{ { .type = MEMIF_DISCONNECT, .u.disconnect = { 7, "no" } },
	  8,
	  { 8, 0, 7, 0, 0, 0, 'n', 'o' } },
	{ { .type = MEMIF_LINK, .u.link = { true } }, 3, { 0x57, 0x44, 1 } },
};

static void messages_have_their_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t out[MEMIF_MSG_LEN];
		struct memif_msg m;
		memif_encode(&rows[i].m, out);
		assert_memory_equal(out, rows[i].bytes, sizeof out);
		assert_int_equal(memif_decode(&m, rows[i].bytes, MEMIF_MSG_LEN), 0);
		assert_memory_equal(&m, &rows[i].m, sizeof m);
	}
}

static void what_is_no_message_is_refused(void **state)
{
	(void)state;
	struct memif_msg m;
	uint8_t b[MEMIF_MSG_LEN + 1] = { 1 };
	assert_int_equal(memif_decode(&m, b, 127), -EPROTO);
	assert_int_equal(memif_decode(&m, b, 129), -EPROTO);
	assert_int_equal(memif_decode(&m, b, 0), -EPROTO);
	for (unsigned type = 0; type < 256; type++) {
		b[0] = (uint8_t)type;
		assert_int_equal(memif_decode(&m, b, MEMIF_MSG_LEN),
				 type >= 1 && type <= 8 ? 0 : -EPROTO);
	}
}

static void texts_end_and_hide_what_terminals_obey(void **state)
{
	(void)state;
	struct memif_msg m;
	uint8_t b[MEMIF_MSG_LEN];
	memset(b, 'x', sizeof b);
	b[0] = MEMIF_INIT;
	b[1] = 0;
	b[33] = 0x1b;
	assert_int_equal(memif_decode(&m, b, sizeof b), 0);
	assert_int_equal(strlen(m.u.init.name), MEMIF_NAME - 1);
	assert_int_equal(m.u.init.name[0], '?');
	assert_int_equal(strlen(m.u.init.secret), MEMIF_SECRET); /* all of it: it needs no NUL */
}

static void rings_lie_inside_and_aligned(void **state)
{
	(void)state;
	assert_int_equal(memif_ring_len(9), 128 + 16 * 512);
	assert_true(memif_ring_fits(128 + 16, 0, 0));
	assert_false(memif_ring_fits(128 + 15, 0, 0));
	assert_true(memif_ring_fits(160, 16, 0));
	assert_false(memif_ring_fits(160, 32, 0));
	assert_false(memif_ring_fits(160, 8, 0));
	assert_false(memif_ring_fits(UINT64_MAX, 0, 15));
	assert_false(memif_ring_fits(1 << 20, UINT32_MAX & ~15u, 4)); /* no wrapping around */
	assert_true(memif_bytes_fit(100, 40, 60));
	assert_false(memif_bytes_fit(100, 41, 60));
	assert_false(memif_bytes_fit(100, UINT32_MAX, UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_have_their_places),
		cmocka_unit_test(what_is_no_message_is_refused),
		cmocka_unit_test(texts_end_and_hide_what_terminals_obey),
		cmocka_unit_test(rings_lie_inside_and_aligned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
