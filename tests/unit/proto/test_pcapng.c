/* SPDX-License-Identifier: MIT */
/* test_pcapng.c - the blocks we write, byte by byte as the draft has them. */
#include <string.h>

#include "lib/proto/pcapng.h"
#include "tests/unit/cmocka.h"

static void expect(const struct wr *w, const uint8_t *want, size_t len)
{
	assert_false(w->bad);
	assert_int_equal(wr_len(w), len);
	assert_memory_equal(w->start, want, len);
}

static void a_section_names_the_order_and_the_program(void **state)
{
	static const uint8_t want[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 52,   0,    0,    0,    /* type, length */
		0x4d, 0x3c, 0x2b, 0x1a, 1,    0,    0,    0,    /* order, version 1.0 */
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* length of the section: unknown */
		1,    0,    2,    0,    'h',  'i',  0,    0,    /* comment */
		4,    0,    5,    0,    'd',  'w',  ' ',  '1',  /* application */
		'.',  0,    0,    0,                            /* and its padding */
		0,    0,    0,    0,    52,   0,    0,    0,    /* end of options, length */
	};
	(void)state;
	uint8_t room[PCAPNG_SECTION_MAX];
	struct wr w = wr_over(room, sizeof room);
	pcapng_section(&w, "dw 1.", "hi");
	expect(&w, want, sizeof want);
}

static void an_interface_counts_nanoseconds(void **state)
{
	static const uint8_t want[] = {
		1,  0, 0, 0, 68,  0,    0,    0,    /* type, length */
		1,  0, 0, 0, 0,   0,    0,    0,    /* Ethernet, reserved, no limit */
		2,  0, 2, 0, 'a', 'b',  0,    0,    /* name */
		3,  0, 4, 0, 'p', 'o',  'r',  't',  /* description */
		8,  0, 8, 0, 0,   0xca, 0x9a, 0x3b, /* speed: 10^9 */
		0,  0, 0, 0,                        /* */
		9,  0, 1, 0, 9,   0,    0,    0,    /* units of 10^-9 s */
		11, 0, 4, 0, 0,   'a',  'r',  'p',  /* filter: 0, text */
		0,  0, 0, 0, 68,  0,    0,    0,    /* end, length */
	};
	static const uint8_t least[] = {
		1, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0, 0,  0, 0, 0,
		9, 0, 1, 0, 9,  0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0,
	};
	(void)state;
	uint8_t room[PCAPNG_INTERFACE_MAX];
	struct wr w = wr_over(room, sizeof room);
	pcapng_interface(&w, &(struct pcapng_interface){ .name = "ab",
							 .descr = "port",
							 .filter = "arp",
							 .speed_bps = 1000000000 });
	expect(&w, want, sizeof want);
	w = wr_over(room, sizeof room);
	pcapng_interface(&w, &(struct pcapng_interface){ .name = "" });
	expect(&w, least, sizeof least);
}

static void a_frame_has_its_time_in_two_halves(void **state)
{
	static const uint8_t want[] = {
		6,    0,    0,    0,    36,   0,    0,    0,    /* type, length */
		2,    0,    0,    0,                            /* interface */
		0x67, 0x45, 0x23, 0x01, 0xef, 0xcd, 0xab, 0x89, /* 0x0123456789abcdef ns */
		4,    0,    0,    0,    4,    0,    0,    0,    /* captured, on the wire */
		1,    2,    3,    4,    36,   0,    0,    0,    /* bytes, length */
	};
	(void)state;
	uint8_t room[PCAPNG_FRAME_MORE];
	struct wr w = wr_over(room, sizeof room);
	static const uint8_t bytes[] = { 1, 2, 3, 4 };
	pcapng_frame(&w, &(struct pcapng_frame){ .iface = 2,
						 .ns = 0x0123456789abcdef,
						 .bytes = pieces_over(bytes, 4) });
	expect(&w, want, sizeof want);
}

static void a_dropped_frame_has_comment_flags_and_losses(void **state)
{
	static const uint8_t want[] = {
		6,   0,   0,   0,   80,  0,   0,   0,
		0,   0,   0,   0,                     /* type, length, interface */
		0,   0,   0,   0,   7,   0,   0,   0, /* 7 ns */
		5,   0,   0,   0,   5,   0,   0,   0, /* captured, on the wire */
		1,   2,   3,   4,   5,   0,   0,   0, /* two pieces, padded */
		1,   0,   12,  0,   'd', 'r', 'o', 'p',
		'p', 'e', 'd', ':',                   /* comment */
		' ', 'm', 't', 'u',                   /* */
		2,   0,   4,   0,   2,   0,   0,   2, /* outbound, too long */
		4,   0,   8,   0,   9,   0,   0,   0,
		0,   0,   0,   0,                     /* lost: 9 */
		0,   0,   0,   0,   80,  0,   0,   0, /* end, length */
	};
	(void)state;
	uint8_t room[PCAPNG_FRAME_MORE];
	struct wr w = wr_over(room, sizeof room);
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5 };
	pcapng_frame(&w, &(struct pcapng_frame){
				 .flags = PCAPNG_OUT | PCAPNG_TOO_LONG,
				 .ns = 7,
				 .lost = 9,
				 .bytes = { .p = { bytes, bytes + 2 }, .len = { 2, 3 } },
				 .comment = "dropped: mtu",
			 });
	expect(&w, want, sizeof want);
}

static void statistics_count_what_was_seen_and_what_was_not(void **state)
{
	static const uint8_t want[] = {
		5, 0, 0, 0, 100, 0, 0, 0, 1, 0, 0, 0, /* type, length, interface */
		0, 0, 0, 0, 9,   0, 0, 0,             /* at 9 ns */
		2, 0, 8, 0, 1,   0, 0, 0, 2, 0, 0, 0, /* start: high half first */
		4, 0, 8, 0, 50,  0, 0, 0, 0, 0, 0, 0, /* seen */
		5, 0, 8, 0, 3,   0, 0, 0, 0, 0, 0, 0, /* dropped by the device */
		6, 0, 8, 0, 40,  0, 0, 0, 0, 0, 0, 0, /* passed the filter */
		7, 0, 8, 0, 4,   0, 0, 0, 0, 0, 0, 0, /* lost to the capture */
		8, 0, 8, 0, 36,  0, 0, 0, 0, 0, 0, 0, /* delivered */
		0, 0, 0, 0, 100, 0, 0, 0,             /* end, length */
	};
	(void)state;
	uint8_t room[PCAPNG_STATS_MAX];
	struct wr w = wr_over(room, sizeof room);
	pcapng_stats(&w, &(struct pcapng_stats){ .iface = 1,
						 .start_ns = INT64_C(0x100000002),
						 .ns = 9,
						 .seen = 50,
						 .dropped = 3,
						 .accepted = 40,
						 .lost = 4 });
	expect(&w, want, sizeof want);
}

static void what_does_not_fit_is_said(void **state)
{
	(void)state;
	uint8_t room[PCAPNG_FRAME_MORE], bytes[8] = { 0 };
	const struct pcapng_frame f = { .bytes = pieces_over(bytes, 8),
					.comment = "x",
					.flags = 1 };
	struct wr whole = wr_over(room, sizeof room);
	pcapng_frame(&whole, &f);
	for (size_t len = 0; len < wr_len(&whole); len++) {
		struct wr w = wr_over(room, len);
		pcapng_frame(&w, &f);
		assert_true(w.bad);
	}
}

static void texts_are_cut_before_a_character(void **state)
{
	(void)state;
	char text[PCAPNG_TEXT_MAX + 8];
	uint8_t room[PCAPNG_FRAME_MORE];
	memset(text, 'x', sizeof text);
	memcpy(text + PCAPNG_TEXT_MAX - 1, "\xe2\x82\xac", 4); /* a euro across the limit */
	struct wr w = wr_over(room, sizeof room);
	pcapng_frame(&w, &(struct pcapng_frame){ .comment = text });
	assert_false(w.bad);
	assert_int_equal(room[28 + 2] | room[28 + 3] << 8, PCAPNG_TEXT_MAX - 1);
}

static void the_rooms_promised_are_enough(void **state)
{
	(void)state;
	char text[2 * PCAPNG_TEXT_MAX];
	static uint8_t room[PCAPNG_INTERFACE_MAX];
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	struct wr w = wr_over(room, PCAPNG_SECTION_MAX);
	pcapng_section(&w, text, text);
	assert_false(w.bad);
	w = wr_over(room, PCAPNG_INTERFACE_MAX);
	pcapng_interface(&w, &(struct pcapng_interface){ text, text, text, 1 });
	assert_false(w.bad);
	w = wr_over(room, PCAPNG_STATS_MAX);
	pcapng_stats(&w, &(struct pcapng_stats){ .comment = text });
	assert_false(w.bad);
	w = wr_over(room, PCAPNG_FRAME_MORE + 1);
	pcapng_frame(
		&w, &(struct pcapng_frame){
			    .comment = text, .flags = 1, .lost = 1, .bytes = pieces_over("x", 1) });
	assert_false(w.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_names_the_order_and_the_program),
		cmocka_unit_test(an_interface_counts_nanoseconds),
		cmocka_unit_test(a_frame_has_its_time_in_two_halves),
		cmocka_unit_test(a_dropped_frame_has_comment_flags_and_losses),
		cmocka_unit_test(statistics_count_what_was_seen_and_what_was_not),
		cmocka_unit_test(what_does_not_fit_is_said),
		cmocka_unit_test(texts_are_cut_before_a_character),
		cmocka_unit_test(the_rooms_promised_are_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
