/* SPDX-License-Identifier: MIT */
/* test_bpf.c - the BPF machine: every instruction, every reason to refuse a program, frames in two
 * pieces. */
#include <errno.h>
#include <string.h>

#include "lib/base/bpf.h"
#include "tests/unit/cmocka.h"

/* Codes as in Linux's filter.txt and libpcap's bpf.h, worked out by hand: class | size | mode, ...
 */
enum {
	LD_W_ABS = 0x20,
	LD_H_ABS = 0x28,
	LD_B_ABS = 0x30,
	LD_W_IND = 0x40,
	LD_H_IND = 0x48,
	LD_B_IND = 0x50,
	LD_IMM = 0x00,
	LD_MEM = 0x60,
	LD_LEN = 0x80,
	LDX_IMM = 0x01,
	LDX_MEM = 0x61,
	LDX_LEN = 0x81,
	LDX_MSH = 0xb1,
	ST = 0x02,
	STX = 0x03,
	JA = 0x05,
	JEQ_K = 0x15,
	JEQ_X = 0x1d,
	JGT_K = 0x25,
	JGE_K = 0x35,
	JSET_K = 0x45,
	RET_K = 0x06,
	RET_X = 0x0e,
	RET_A = 0x16,
	TAX = 0x07,
	TXA = 0x87,
};

static const uint8_t frame[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x45, 0xff };

static uint32_t run_on(const struct bpf_op *op, size_t count, const struct pieces *p)
{
	struct bpf *b;
	struct err e = { "" };
	int r = bpf_new(&b, op, count, &e);
	if (r)
		fail_msg("%s", e.text);
	uint32_t v = bpf_run(b, p);
	bpf_free(b);
	return v;
}

#define RUN(...)                                                                                   \
	run_on((const struct bpf_op[]){ __VA_ARGS__ },                                             \
	       sizeof((const struct bpf_op[]){ __VA_ARGS__ }) / sizeof(struct bpf_op),             \
	       &(struct pieces){ .p = { frame }, .len = { sizeof frame } })

static void loads_read_bytes_high_byte_first(void **state)
{
	(void)state;
	assert_int_equal(RUN({ LD_W_ABS, 0, 0, 1 }, { RET_A, 0, 0, 0 }), 0x02030405);
	assert_int_equal(RUN({ LD_H_ABS, 0, 0, 6 }, { RET_A, 0, 0, 0 }), 0x45ff);
	assert_int_equal(RUN({ LD_B_ABS, 0, 0, 7 }, { RET_A, 0, 0, 0 }), 0xff);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 3 }, { LD_W_IND, 0, 0, 1 }, { RET_A, 0, 0, 0 }),
			 0x050645ff);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 3 }, { LD_H_IND, 0, 0, 0 }, { RET_A, 0, 0, 0 }),
			 0x0405);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 6 }, { LD_B_IND, 0, 0, 0 }, { RET_A, 0, 0, 0 }),
			 0x45);
	assert_int_equal(RUN({ LDX_MSH, 0, 0, 6 }, { RET_X, 0, 0, 0 }), 20);
	assert_int_equal(RUN({ LD_IMM, 0, 0, 77 }, { RET_A, 0, 0, 0 }), 77);
	assert_int_equal(RUN({ LD_LEN, 0, 0, 0 }, { RET_A, 0, 0, 0 }), 8);
	assert_int_equal(RUN({ LDX_LEN, 0, 0, 0 }, { TXA, 0, 0, 0 }, { RET_A, 0, 0, 0 }), 8);
}

static void a_load_beyond_the_end_is_no_match(void **state)
{
	(void)state;
	assert_int_equal(RUN({ LD_W_ABS, 0, 0, 5 }, { RET_K, 0, 0, 1 }), 0);
	assert_int_equal(RUN({ LD_H_ABS, 0, 0, 7 }, { RET_K, 0, 0, 1 }), 0);
	assert_int_equal(RUN({ LD_B_ABS, 0, 0, 8 }, { RET_K, 0, 0, 1 }), 0);
	assert_int_equal(RUN({ LD_B_ABS, 0, 0, UINT32_MAX }, { RET_K, 0, 0, 1 }), 0);
	assert_int_equal(
		RUN({ LDX_IMM, 0, 0, UINT32_MAX }, { LD_B_IND, 0, 0, 2 }, { RET_K, 0, 0, 1 }), 0);
	assert_int_equal(RUN({ LDX_MSH, 0, 0, 8 }, { RET_K, 0, 0, 1 }), 0);
	assert_int_equal(RUN({ LD_B_ABS, 0, 0, 7 }, { RET_K, 0, 0, 1 }), 1);
}

static void arithmetic_is_modulo_two_to_the_32(void **state)
{
	static const struct {
		unsigned op;
		uint32_t a, v, want;
	} row[] = {
		{ 0x00, UINT32_MAX, 2, 1 },
		{ 0x10, 1, 2, UINT32_MAX },
		{ 0x20, 0x10000, 0x10001, 0x10000 },
		{ 0x30, 7, 2, 3 },
		{ 0x40, 5, 2, 7 },
		{ 0x50, 6, 3, 2 },
		{ 0x60, 1, 31, 0x80000000 },
		{ 0x70, 0x80000000, 31, 1 },
		{ 0x90, 7, 4, 3 },
		{ 0xa0, 6, 3, 5 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		uint16_t by_k = (uint16_t)(0x04 | row[i].op), by_x = by_k | 0x08;
		assert_int_equal(RUN({ LD_IMM, 0, 0, row[i].a }, { by_k, 0, 0, row[i].v },
				     { RET_A, 0, 0, 0 }),
				 row[i].want);
		assert_int_equal(RUN({ LD_IMM, 0, 0, row[i].a }, { LDX_IMM, 0, 0, row[i].v },
				     { by_x, 0, 0, 0 }, { RET_A, 0, 0, 0 }),
				 row[i].want);
	}
	assert_int_equal(RUN({ LD_IMM, 0, 0, 1 }, { 0x84, 0, 0, 0 }, { RET_A, 0, 0, 0 }),
			 UINT32_MAX);
}

static void what_has_no_result_is_no_match_or_zero(void **state)
{
	(void)state; /* X is 0, then 32 */
	assert_int_equal(RUN({ LD_IMM, 0, 0, 1 }, { 0x3c, 0, 0, 0 }, { RET_K, 0, 0, 1 }), 0);
	assert_int_equal(RUN({ LD_IMM, 0, 0, 1 }, { 0x9c, 0, 0, 0 }, { RET_K, 0, 0, 1 }), 0);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 32 }, { LD_IMM, 0, 0, 1 }, { 0x6c, 0, 0, 0 },
			     { RET_A, 0, 0, 0 }),
			 0);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 32 }, { LD_IMM, 0, 0, 1 }, { 0x7c, 0, 0, 0 },
			     { RET_A, 0, 0, 0 }),
			 0);
}

static uint32_t jumps(uint16_t code, uint32_t a, uint32_t k) /* 1: taken, 2: not */
{
	return RUN({ LDX_IMM, 0, 0, k }, { LD_IMM, 0, 0, a }, { code, 1, 0, k }, { RET_K, 0, 0, 2 },
		   { RET_K, 0, 0, 1 });
}

static void jumps_compare_without_sign(void **state)
{
	(void)state;
	for (uint16_t x = 0; x <= 8; x += 8) {
		assert_int_equal(jumps(JEQ_K | x, 5, 5), 1);
		assert_int_equal(jumps(JEQ_K | x, 5, 6), 2);
		assert_int_equal(jumps(JGT_K | x, UINT32_MAX, 1), 1);
		assert_int_equal(jumps(JGT_K | x, 1, 1), 2);
		assert_int_equal(jumps(JGE_K | x, 1, 1), 1);
		assert_int_equal(jumps(JGE_K | x, 0, 1), 2);
		assert_int_equal(jumps(JSET_K | x, 6, 2), 1);
		assert_int_equal(jumps(JSET_K | x, 6, 1), 2);
	}
	assert_int_equal(RUN({ JA, 0, 0, 1 }, { RET_K, 0, 0, 1 }, { RET_K, 0, 0, 2 }), 2);
}

static void memory_keeps_words_and_begins_with_zeroes(void **state)
{
	(void)state;
	assert_int_equal(RUN({ LD_IMM, 0, 0, 3 }, { ST, 0, 0, 15 }, { LDX_MEM, 0, 0, 15 },
			     { RET_X, 0, 0, 0 }),
			 3);
	assert_int_equal(RUN({ LDX_IMM, 0, 0, 4 }, { STX, 0, 0, 0 }, { LD_MEM, 0, 0, 0 },
			     { RET_A, 0, 0, 0 }),
			 4);
	assert_int_equal(RUN({ LD_IMM, 0, 0, 9 }, { TAX, 0, 0, 0 }, { RET_X, 0, 0, 0 }), 9);
	assert_int_equal(RUN({ LD_IMM, 0, 0, 9 }, { LD_MEM, 0, 0, 7 }, { RET_A, 0, 0, 0 }), 0);
}

static void a_frame_in_two_pieces_reads_as_one(void **state)
{
	(void)state;
	for (uint32_t cut = 0; cut <= sizeof frame; cut++)
		for (uint32_t at = 0; at <= sizeof frame; at++) {
			struct pieces whole = pieces_over(frame, sizeof frame);
			struct pieces two = { .p = { frame, frame + cut },
					      .len = { cut, (uint32_t)sizeof frame - cut } };
			const struct bpf_op op[] = { { LD_W_ABS, 0, 0, at }, { RET_A, 0, 0, 0 } };
			assert_int_equal(run_on(op, 2, &two), run_on(op, 2, &whole));
		}
}

static void refused(const struct bpf_op *op, size_t count, const char *why)
{
	struct bpf *b;
	struct err e = { "" };
	assert_int_equal(bpf_new(&b, op, count, &e), -EINVAL);
	assert_null(b);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
}

#define REFUSED(why, ...)                                                                          \
	refused((const struct bpf_op[]){ __VA_ARGS__ },                                            \
		sizeof((const struct bpf_op[]){ __VA_ARGS__ }) / sizeof(struct bpf_op), why)

static void programs_that_could_go_astray_are_refused(void **state)
{
	static const struct bpf_op many[BPF_OPS_MAX + 1];
	(void)state;
	refused(many, 0, "not 0");
	refused(many, BPF_OPS_MAX + 1, "not 4097");
	REFUSED("does not return", { LD_IMM, 0, 0, 1 });
	REFUSED("instruction 0 of the filter jumps out", { JA, 0, 0, 1 }, { RET_K, 0, 0, 0 });
	REFUSED("jumps out", { JA, 0, 0, UINT32_MAX }, { RET_K, 0, 0, 0 });
	REFUSED("jumps out", { JEQ_K, 1, 0, 0 }, { RET_K, 0, 0, 0 });
	REFUSED("jumps out", { JEQ_X, 0, 1, 0 }, { RET_K, 0, 0, 0 });
	REFUSED("memory", { ST, 0, 0, 16 }, { RET_K, 0, 0, 0 });
	REFUSED("memory", { STX, 0, 0, 16 }, { RET_K, 0, 0, 0 });
	REFUSED("memory", { LD_MEM, 0, 0, 16 }, { RET_K, 0, 0, 0 });
	REFUSED("memory", { LDX_MEM, 0, 0, 16 }, { RET_K, 0, 0, 0 });
	REFUSED("divides", { 0x34, 0, 0, 0 }, { RET_K, 0, 0, 0 });
	REFUSED("divides", { 0x94, 0, 0, 0 }, { RET_K, 0, 0, 0 });
	REFUSED("shifts", { 0x64, 0, 0, 32 }, { RET_K, 0, 0, 0 });
	REFUSED("shifts", { 0x74, 0, 0, 32 }, { RET_K, 0, 0, 0 });
}

/* Exactly these of all 65536 codes are instructions. */
static void only_known_instructions_are_taken(void **state)
{
	static const uint8_t known[] = {
		0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80, /* ld */
		0x01, 0x61, 0x81, 0xb1,                               /* ldx */
		0x02, 0x03,                                           /* st, stx */
		0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54, 0x5c, /* alu */
		0x64, 0x6c, 0x74, 0x7c, 0x84, 0x94, 0x9c, 0xa4, 0xac,                   /* alu */
		0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d,                   /* jmp */
		0x06, 0x0e, 0x16,                                                       /* ret */
		0x07, 0x87,                                                             /* misc */
	};
	(void)state;
	for (unsigned code = 0; code <= UINT16_MAX; code++) {
		struct bpf *b;
		const struct bpf_op op[] = { { (uint16_t)code, 0, 0, 1 },
					     { RET_K, 0, 0, 0 },
					     { RET_K, 0, 0, 0 } };
		bool listed = code < 256 && memchr(known, (int)code, sizeof known);
		int r = bpf_new(&b, op, 3, NULL);
		bpf_free(b);
		if ((r == 0) != listed)
			fail_msg("code 0x%x is %s", code, listed ? "refused" : "taken");
	}
}

static void no_filter_matches_everything(void **state)
{
	struct pieces none = pieces_over(NULL, 0);
	(void)state;
	assert_true(bpf_match(NULL, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_read_bytes_high_byte_first),
		cmocka_unit_test(a_load_beyond_the_end_is_no_match),
		cmocka_unit_test(arithmetic_is_modulo_two_to_the_32),
		cmocka_unit_test(what_has_no_result_is_no_match_or_zero),
		cmocka_unit_test(jumps_compare_without_sign),
		cmocka_unit_test(memory_keeps_words_and_begins_with_zeroes),
		cmocka_unit_test(a_frame_in_two_pieces_reads_as_one),
		cmocka_unit_test(programs_that_could_go_astray_are_refused),
		cmocka_unit_test(only_known_instructions_are_taken),
		cmocka_unit_test(no_filter_matches_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
