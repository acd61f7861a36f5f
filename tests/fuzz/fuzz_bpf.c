/* SPDX-License-Identifier: MIT */
/* fuzz_bpf.c - any bytes as a filter program and a frame: what passes the check ends, reads nothing
 * outside, and says the same of a frame in one piece and in two. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/bpf.h"
#include "lib/base/wire.h"
#include "tests/fuzz/fuzz.h"

enum { OPS = 64 };

static uint32_t run(const struct bpf *b, const uint8_t *frame, uint32_t len, uint32_t cut)
{
	struct pieces p = { .p = { frame, frame + cut }, .len = { cut, len - cut } };
	return bpf_run(b, &p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_over(data, size);
	struct bpf_op op[OPS];
	size_t count = rd_u8(&r) % (OPS + 1);
	for (size_t i = 0; i < count; i++)
		op[i] = (struct bpf_op){ rd_be16(&r), rd_u8(&r), rd_u8(&r), rd_be32(&r) };
	struct bpf *b;
	if (r.bad || bpf_new(&b, op, count, NULL) < 0)
		return 0;
	uint32_t len = (uint32_t)rd_left(&r);
	const uint8_t *frame = rd_take(&r, len);
	if (frame)
		for (uint32_t cut = 0; cut <= len; cut++)
			assert(run(b, frame, len, cut) == run(b, frame, len, len));
	bpf_free(b);
	return 0;
}
