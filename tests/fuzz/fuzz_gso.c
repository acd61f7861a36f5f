/* SPDX-License-Identifier: MIT */
/* fuzz_gso.c - any frame with any word on what is left to be finished: kind, payload of a frame,
 * where the checksum begins and stands (one and three times two bytes), and how many tags are put
 * on; then the frame. What passes the check is cut into as many frames, of as many bytes, as was
 * said. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/gso.h"
#include "lib/base/wire.h"
#include "tests/fuzz/fuzz.h"

static void cut(const struct frame *f, unsigned tags)
{
	struct txv v = txv_plain(f);
	for (unsigned i = 0; i < tags && v.hlen + 4u <= sizeof v.hdr; i++, v.hlen += 4)
		memcpy(v.hdr + v.hlen, "\x81\0\0\1", 4);
	uint32_t longest = gso_longest(f, txv_len(&v));
	if (longest > ETH_FRAME_MAX)
		return;
	uint8_t *out = malloc(longest); /* exactly: a byte too much is seen */
	uint64_t bytes = 0;
	unsigned frames = 0;
	struct gso g;
	assert(out);
	for (gso_begin(&g, &v); gso_more(&g); frames++) {
		uint32_t len = gso_next(&g, out);
		assert(len <= longest && len >= v.hlen);
		assert(memcmp(out, v.hdr, v.hlen) == 0);
		bytes += len;
	}
	free(out);
	assert(frames == f->segs);
	assert(bytes == gso_bytes(f, txv_len(&v)));
	gso_begin(&g, &v);
	gso_skip(&g, frames);
	assert(!gso_more(&g));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_over(data, size);
	struct frame f = { .gso_type = rd_u8(&r),
			   .gso_size = rd_be16(&r),
			   .csum_start = rd_be16(&r),
			   .csum_off = rd_be16(&r) };
	unsigned tags = rd_u8(&r) % 3;
	if (r.bad)
		return 0;
	size_t len = rd_left(&r);
	uint8_t *bytes = malloc(len + !len); /* of its own: reading past the end is seen */
	assert(bytes);
	rd_bytes(&r, bytes, len);
	f.data = bytes;
	f.len = (uint32_t)len;
	if (frame_parse(&f)) {
		if (gso_check(&f))
			cut(&f, tags);
		else
			assert(!gso_needs(&f) && f.segs == 1);
	}
	free(bytes);
	return 0;
}
