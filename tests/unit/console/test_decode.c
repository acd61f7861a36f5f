/* SPDX-License-Identifier: MIT */
/* test_decode.c - frames in words. */
#include "tests/unit/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "console/decode.h"
#include "tests/unit/dice.h"

static void decode_hex(const char *hex, struct frame_line *f)
{
	uint8_t *bytes = malloc(strlen(hex) / 2 + 1); /* exact, so that a read behind it is seen */
	size_t n = 0;
	assert_non_null(bytes);
	for (; hex[0] && hex[1]; hex += 2)
		bytes[n++] = (uint8_t)strtoul((char[]){ hex[0], hex[1], '\0' }, NULL, 16);
	uint8_t *exact = realloc(bytes, n ? n : 1);
	*f = (struct frame_line){ .seq = 1 };
	decode_frame(exact, n, f);
	free(exact);
}

#define A "020000000001"
#define B "020000000002"

static const struct {
	const char *hex, *text;
	unsigned vlan;
} frames[] = {
	{ "ffffffffffff" A "0806"
	  "0001080006040001" A "0a000001"
	  "000000000000"
	  "0a000002",
	  "ARP who has 10.0.0.2 tell 10.0.0.1", 0 },
	{ A B "8100a00a"
	      "0806"
	      "0001080006040002" B "0a000002" A "0a000001",
	  "ARP 10.0.0.2 is at 02:00:00:00:00:02", 10 },
	{ A B "0800"
	      "4500001c00000000400100000a0000010a000002"
	      "0800000000070001",
	  "10.0.0.1 > 10.0.0.2 ICMP echo request id 7 seq 1", 0 },
	{ A B "88a80014"
	      "8100000a"
	      "0800"
	      "4500001c00000000401100000a0000010a000002"
	      "00350401000c0000",
	  "vlan 10 10.0.0.1 > 10.0.0.2 UDP 53>1025 len 4", 20 },
	{ A B "0800"
	      "4500002900000000400600000a0000010a000002"
	      "0050040100000001000000025018ffff0000000061",
	  "10.0.0.1 > 10.0.0.2 TCP 80>1025 PA seq 1 ack 2 win 65535 len 1", 0 },
	{ A B "0800"
	      "4500001c00050064400100000a0000010a000002"
	      "0800000000070001",
	  "10.0.0.1 > 10.0.0.2 fragment id 5 at 800 len 8", 0 },
	{ A B "86dd"
	      "6000000000083aff"
	      "fe800000000000000000000000000001"
	      "ff020000000000000000000000000001"
	      "8000000000070001",
	  "fe80::1 > ff02::1 ICMPv6 echo request id 7 seq 1", 0 },
	{ "0180c2000000" A "0027"
	  "424203"
	  "0000020e7e"
	  "8000020000000001"
	  "00004e20"
	  "8000020000000002"
	  "8001",
	  "RST designated proposal agreement root 32768.02:00:00:00:00:01 cost 20000 from "
	  "02:00:00:00:00:02 port 8001",
	  0 },
	{ "0180c2000000" A "0007"
	  "424203"
	  "00000080",
	  "STP topology change notification", 0 },
	{ "0180c200000e" A "88cc"
	  "0207",
	  "LLDP", 0 },
	{ A B "0800"
	      "45",
	  "? > ? bad header (cut short)", 0 },
	{ A B "1234", "type 0x1234", 0 },
	{ A, "LLC 00>00 len 0 (cut short)", 0 },
};

static void frames_are_put_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		struct frame_line f;
		decode_hex(frames[i].hex, &f);
		char want[sizeof f.text];
		snprintf(want, sizeof want, "%s", frames[i].text);
		assert_string_equal(f.text, want);
		assert_int_equal(f.vlan, frames[i].vlan);
	}
}

static void any_bytes_are_put_in_plain_words(void **state)
{
	struct dice d = dice_of("frames");
	(void)state;
	for (int i = 0; i < 50000; i++) {
		uint8_t bytes[80];
		struct frame_line f = { .seq = 1 };
		static const uint16_t types[] = { 0x0800, 0x86dd, 0x0806, 0x8100,
						  0x88a8, 0x0026, 0x8809 };
		size_t len = dice_below(&d, sizeof bytes);
		for (size_t k = 0; k < len; k++)
			bytes[k] = (uint8_t)dice_bits(&d);
		if (len > 14 && dice_below(&d, 8)) {
			uint16_t type = types[dice_below(&d, sizeof types / sizeof *types)];
			bytes[12] = (uint8_t)(type >> 8);
			bytes[13] = (uint8_t)type;
		}
		decode_frame(bytes, len, &f);
		for (const char *c = f.text; *c; c++)
			assert_in_range(*c, ' ', '~');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_put_in_words),
		cmocka_unit_test(any_bytes_are_put_in_plain_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
