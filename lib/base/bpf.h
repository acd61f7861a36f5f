/* SPDX-License-Identifier: MIT */
/* bpf.h - classic BPF (McCanne and Jacobson 1993, as libpcap compiles to): a filter over the bytes
 * of a frame. Pure. A program is checked once, then it ends after at most as many steps as it has
 * instructions, whatever the frame: jumps only go forward. */
#ifndef DW_BASE_BPF_H
#define DW_BASE_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/pieces.h"

enum {
	BPF_OPS_MAX = 4096, /* the limit of Linux too */
	BPF_WORDS = 16,     /* of scratch memory, zero at the start */
};

struct bpf_op { /* one instruction, laid out and encoded as everywhere */
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

struct bpf;

/* A checked copy of `ops` (borrowed). 0; -ENOMEM; -EINVAL with words: unknown instruction, jump out
 * of the program, no such word of memory, division by a constant 0, shift by 32 or more, no return
 * at the end, no instruction at all or too many. */
int bpf_new(struct bpf **out, const struct bpf_op *ops, size_t count, struct err *e);
void bpf_free(struct bpf *b); /* NULL is fine */

/* What the program returns: how many bytes of the frame it wants, 0 for none. A load beyond the end
 * and a division by an X of 0 return 0. */
uint32_t bpf_run(const struct bpf *b, const struct pieces *frame);

static inline bool bpf_match(const struct bpf *b, const struct pieces *frame) /* NULL matches all */
{
	return !b || bpf_run(b, frame) > 0;
}

#endif
