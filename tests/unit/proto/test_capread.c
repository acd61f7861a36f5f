/* SPDX-License-Identifier: MIT */
/* test_capread.c - captures read back: ours, of the other byte order, classic ones, every
 * resolution of time, any split of the bytes, and broken ones. */
#include <errno.h>
#include <string.h>

#include "lib/base/units.h"
#include "lib/proto/capread.h"
#include "lib/proto/pcapng.h"
#include "tests/unit/cmocka.h"
#include "tests/unit/dice.h"

enum { FILE_MAX = 1 << 20 };

/* ---- a file in memory, and reading it in pieces ---- */

struct file {
	struct wr w;
	bool little;
	uint8_t bytes[FILE_MAX];
};

static struct file *new_file(bool little)
{
	static struct file f;
	f.w = wr_over(f.bytes, sizeof f.bytes);
	f.little = little;
	return &f;
}

static void w16(struct file *f, unsigned v)
{
	wr_be16(&f->w, f->little ? (v >> 8 & 0xff) | (v << 8 & 0xff00) : v);
}

static void w32(struct file *f, uint32_t v)
{
	w16(f, f->little ? v & 0xffff : v >> 16);
	w16(f, f->little ? v >> 16 : v & 0xffff);
}

static void put_section(struct file *f)
{
	static const uint32_t words[] = { 0x0a0d0d0a, 28, 0x1a2b3c4d };
	for (unsigned i = 0; i < 3; i++)
		w32(f, words[i]);
	w16(f, 1);
	w16(f, 0);
	w32(f, UINT32_MAX);
	w32(f, UINT32_MAX);
	w32(f, 28);
}

/* An interface with one or two options of time; tsresol 6 is what holds without one. */
static void put_interface(struct file *f, unsigned linktype, uint8_t tsresol, int64_t offset_s)
{
	w32(f, 1);
	w32(f, 20 + 8 + 12 + 4);
	w16(f, linktype);
	w16(f, 0);
	w32(f, 96);
	w16(f, 9);
	w16(f, 1);
	wr_u8(&f->w, tsresol);
	wr_zero(&f->w, 3);
	w16(f, 14);
	w16(f, 8);
	w32(f, f->little ? (uint32_t)offset_s : (uint32_t)((uint64_t)offset_s >> 32));
	w32(f, f->little ? (uint32_t)((uint64_t)offset_s >> 32) : (uint32_t)offset_s);
	w32(f, 0);
	w32(f, 20 + 8 + 12 + 4);
}

static void put_frame(struct file *f, uint32_t iface, uint64_t stamp, const char *bytes,
		      uint32_t full)
{
	uint32_t len = (uint32_t)strlen(bytes), block = 32 + (len + 3) / 4 * 4;
	w32(f, 6);
	w32(f, block);
	w32(f, iface);
	w32(f, (uint32_t)(stamp >> 32));
	w32(f, (uint32_t)stamp);
	w32(f, len);
	w32(f, full);
	wr_bytes(&f->w, bytes, len);
	wr_zero(&f->w, -len & 3);
	w32(f, block);
}

static void feed(struct capread *c, const uint8_t *from, size_t len)
{
	while (len) {
		size_t room;
		uint8_t *to = capread_space(c, &room);
		size_t n = len < room ? len : room;
		assert_true(n > 0);
		memcpy(to, from, n);
		capread_filled(c, n);
		from += n;
		len -= n;
	}
}

static struct capread *reader_of(const struct file *f)
{
	struct capread *c = capread_new();
	assert_non_null(c);
	assert_false(f->w.bad);
	feed(c, f->bytes, wr_len(&f->w));
	return c;
}

static void expect_frame(struct capread *c, const char *bytes, int64_t ns)
{
	struct capread_frame f;
	struct err e = { "" };
	if (capread_next(c, &f, &e) != 1)
		fail_msg("no frame: %s", e.text);
	assert_int_equal(f.len, strlen(bytes));
	assert_memory_equal(f.bytes, bytes, f.len);
	assert_int_equal(f.ns, ns);
}

static void expect_end(struct capread *c)
{
	struct capread_frame f;
	struct err e = { "" };
	assert_int_equal(capread_next(c, &f, &e), 0);
	if (capread_end(c, &e) != 0)
		fail_msg("%s", e.text);
	capread_free(c);
}

static void expect_broken(struct capread *c, const char *why)
{
	struct capread_frame f;
	struct err e = { "" };
	int r;
	while ((r = capread_next(c, &f, &e)) == 1)
		;
	if (r == 0)
		r = capread_end(c, &e);
	assert_int_equal(r, -EBADMSG);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
	capread_free(c);
}

/* ---- pcapng ---- */

static void what_the_writer_writes_is_read_back(void **state)
{
	(void)state;
	struct file *f = new_file(true);
	const struct pcapng_frame sent = {
		.iface = 1,
		.flags = PCAPNG_OUT,
		.ns = INT64_C(1763768029123456789),
		.lost = 3,
		.bytes = { .p = { (const uint8_t *)"abc", (const uint8_t *)"de" },
			   .len = { 3, 2 } },
		.comment = "dropped: queue-full",
	};
	pcapng_section(&f->w, "test", "a comment");
	pcapng_interface(&f->w, &(struct pcapng_interface){ .name = "ab" });
	pcapng_interface(&f->w, &(struct pcapng_interface){ .name = "ba", .filter = "arp" });
	pcapng_frame(&f->w, &sent);
	pcapng_stats(&f->w, &(struct pcapng_stats){ .iface = 1, .seen = 1 });
	struct capread *c = reader_of(f);
	struct capread_frame got;
	assert_int_equal(capread_next(c, &got, NULL), 1);
	assert_int_equal(got.len, 5);
	assert_int_equal(got.full_len, 5);
	assert_memory_equal(got.bytes, "abcde", 5);
	assert_int_equal(got.ns, sent.ns);
	assert_int_equal(got.iface, 1);
	assert_string_equal(got.iface_name, "ba");
	assert_int_equal(got.linktype, CAPREAD_ETHERNET);
	assert_int_equal(got.flags, PCAPNG_OUT);
	assert_int_equal(got.lost, 3);
	assert_int_equal(got.comment_len, strlen(sent.comment));
	assert_memory_equal(got.comment, sent.comment, got.comment_len);
	expect_end(c);
}

static void both_byte_orders_are_read_also_in_one_file(void **state)
{
	(void)state;
	struct file *f = new_file(false);
	for (unsigned i = 0; i < 4; i++, f->little = !f->little) {
		put_section(f);
		put_interface(f, 1, 6, 0);
		put_frame(f, 0, 1500000 + i, "frame", 5);
	}
	struct capread *c = reader_of(f);
	for (unsigned i = 0; i < 4; i++)
		expect_frame(c, "frame", 1500000000 + i * 1000);
	expect_end(c);
}

static void time_is_read_in_any_resolution(void **state)
{
	static const struct {
		uint8_t tsresol;
		int64_t offset_s;
		uint64_t stamp;
		int64_t ns;
	} row[] = {
		{ 6, 0, 1500000, 1500000000 },
		{ 9, 0, 1500000000, 1500000000 },
		{ 0, 0, 7, 7 * NS_PER_SEC },
		{ 3, 0, 1500, 1500000000 },
		{ 12, 0, UINT64_C(1500000000999), 1500000000 },
		{ 19, 0, UINT64_C(15000000000000000000), 1500000000 },
		{ 127, 0, UINT64_MAX, 0 },
		{ 9, 100, 5, 100 * NS_PER_SEC + 5 },
		{ 9, -100, 5, 0 },
		{ 9, INT64_MAX, 5, 5 },
		{ 9, INT64_MAX / NS_PER_SEC, INT64_MAX, INT64_MAX },
		{ 0, 0, UINT64_MAX, INT64_MAX },
		{ 0x80, 0, 7, 7 * NS_PER_SEC },
		{ 0x81, 0, 3, 1500000000 },
		{ 0x80 | 32, 0, UINT64_C(1) << 31, 500000000 },
		{ 0x80 | 40, 0, (UINT64_C(1) << 40) + (UINT64_C(1) << 39), 1500000000 },
		{ 0x80 | 63, 0, UINT64_MAX, 1999999999 },
		{ 0x80 | 64, 0, UINT64_MAX, 999999999 },
		{ 0xff, 0, UINT64_MAX, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct file *f = new_file(i % 2);
		put_section(f);
		put_interface(f, 1, row[i].tsresol, row[i].offset_s);
		put_frame(f, 0, row[i].stamp, "x", 1);
		struct capread *c = reader_of(f);
		expect_frame(c, "x", row[i].ns);
		expect_end(c);
	}
}

static void other_kinds_of_frames_and_blocks_are_known_or_skipped(void **state)
{
	(void)state;
	struct file *f = new_file(true);
	put_section(f);
	put_interface(f, 1, 9, 0);
	put_frame(f, 0, 5, "first", 5);
	w32(f, 0xbad); /* unknown, and longer than any that is looked into */
	w32(f, 600012);
	wr_zero(&f->w, 600000);
	w32(f, 600012);
	w32(f, 3); /* simple: cut at the interface's 96 bytes, time as of the one before */
	w32(f, 16 + 96);
	w32(f, 1000);
	wr_zero(&f->w, 96);
	w32(f, 16 + 96);
	w32(f, 2); /* packet block of old */
	w32(f, 36);
	w16(f, 0);
	w16(f, 7);
	w32(f, 0);
	w32(f, 9);
	w32(f, 3);
	w32(f, 3);
	wr_bytes(&f->w, "old\0", 4);
	w32(f, 36);
	struct capread *c = reader_of(f);
	struct capread_frame got;
	expect_frame(c, "first", 5);
	assert_int_equal(capread_next(c, &got, NULL), 1);
	assert_int_equal(got.len, 96);
	assert_int_equal(got.full_len, 1000);
	assert_int_equal(got.ns, 5);
	assert_int_equal(capread_next(c, &got, NULL), 1);
	assert_int_equal(got.lost, 7);
	assert_memory_equal(got.bytes, "old", 3);
	expect_end(c);
}

static void any_split_of_the_bytes_gives_the_same_frames(void **state)
{
	(void)state;
	struct dice d = dice_of("capread");
	struct file *f = new_file(true);
	put_section(f);
	put_interface(f, 1, 9, 0);
	for (unsigned i = 0; i < 2000; i++) {
		char text[400];
		memset(text, 'a' + (int)(i % 26), sizeof text);
		text[dice_below(&d, sizeof text)] = '\0';
		text[sizeof text - 1] = '\0';
		put_frame(f, 0, i, text, 400);
	}
	struct capread *c = capread_new();
	size_t at = 0;
	for (unsigned i = 0; i < 2000;) {
		struct capread_frame got;
		int r = capread_next(c, &got, NULL);
		if (r == 1)
			assert_int_equal(got.ns, i++);
		assert_true(r >= 0);
		size_t n = r == 1 ? 0 : 1 + dice_below(&d, 300), left = wr_len(&f->w) - at;
		feed(c, f->bytes + at, n < left ? n : left);
		at += n < left ? n : left;
	}
	expect_end(c);
}

/* ---- classic pcap ---- */

static void classic_captures_are_read_in_both_orders_and_units(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct file *f = new_file(i & 1);
		w32(f, i & 2 ? 0xa1b23c4d : 0xa1b2c3d4);
		w16(f, 2);
		w16(f, 4);
		w32(f, 0);
		w32(f, 0);
		w32(f, 65535);
		w32(f, 0x30000001); /* Ethernet with a check sequence of 4 */
		for (unsigned k = 0; k < 2; k++) {
			w32(f, 1);
			w32(f, 500);
			w32(f, 3);
			w32(f, 60);
			wr_bytes(&f->w, "abc", 3);
		}
		struct capread *c = reader_of(f);
		expect_frame(c, "abc", i & 2 ? 1000000500 : 1000500000);
		expect_frame(c, "abc", i & 2 ? 1000000500 : 1000500000);
		expect_end(c);
		f->w.p -= 2;
		expect_broken(reader_of(f), "in the middle of a frame");
	}
}

/* ---- broken ones ---- */

static void a_capture_cut_anywhere_ends_with_a_word(void **state)
{
	(void)state;
	struct file *f = new_file(true);
	put_section(f);
	size_t whole = wr_len(&f->w);
	put_interface(f, 1, 9, 0);
	size_t second = wr_len(&f->w);
	put_frame(f, 0, 5, "frame", 5);
	size_t len = wr_len(&f->w);
	for (size_t n = 1; n < len; n++) {
		if (n == whole || n == second)
			continue;
		f->w.p = f->w.start + n;
		expect_broken(reader_of(f), n < 4 ? "in the middle" : "middle of a block");
	}
	f->w.p = f->w.start;
	expect_broken(reader_of(f), "empty");
}

static void what_cannot_be_is_named(void **state)
{
	(void)state;
	struct file *f = new_file(true);
	wr_bytes(&f->w, "GIF89a..........", 16);
	expect_broken(reader_of(f), "neither pcapng nor pcap");
	f = new_file(true);
	put_section(f);
	f->bytes[8] = 0;
	expect_broken(reader_of(f), "without a byte order");
	f = new_file(true);
	put_section(f);
	f->bytes[12] = 2;
	expect_broken(reader_of(f), "version");
	f = new_file(true);
	put_section(f);
	f->bytes[24] = 32;
	expect_broken(reader_of(f), "two lengths differ");
	f = new_file(true);
	put_section(f);
	put_frame(f, 0, 5, "frame", 5);
	expect_broken(reader_of(f), "not described");
	f = new_file(true);
	put_section(f);
	put_interface(f, 1, 9, 0);
	size_t at = wr_len(&f->w);
	put_frame(f, 0, 5, "frame", 5);
	f->bytes[at + 20] = 200;
	expect_broken(reader_of(f), "longer than its block");
	static const uint32_t lengths[] = { 0, 8, 11, 13, 500000 };
	static const char *const words[] = { "cannot be", "cannot be", "cannot be", "cannot be",
					     "longer than any" };
	for (unsigned i = 0; i < 5; i++) {
		f = new_file(true);
		put_section(f);
		w32(f, 6);
		w32(f, lengths[i]);
		w32(f, 0);
		expect_broken(reader_of(f), words[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_writer_writes_is_read_back),
		cmocka_unit_test(both_byte_orders_are_read_also_in_one_file),
		cmocka_unit_test(time_is_read_in_any_resolution),
		cmocka_unit_test(other_kinds_of_frames_and_blocks_are_known_or_skipped),
		cmocka_unit_test(any_split_of_the_bytes_gives_the_same_frames),
		cmocka_unit_test(classic_captures_are_read_in_both_orders_and_units),
		cmocka_unit_test(a_capture_cut_anywhere_ends_with_a_word),
		cmocka_unit_test(what_cannot_be_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
