/* SPDX-License-Identifier: MIT */
/* fuzz_framing.c - any bytes as a stream of frames. The first byte chooses the head (2 or 4) and
 * the pieces it is cut into; the frames must be the same as when it comes whole. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/proto/framing.h"
#include "tests/fuzz/fuzz.h"

enum { MAX = 1518 };

struct result {
	uint64_t frames, hash, oversize;
	size_t pending;
	int end;
};

static int take(struct deframe *d, struct result *r)
{
	const uint8_t *frame;
	uint32_t len;
	int got;
	while ((got = deframe_next(d, &frame, &len)) == 1) {
		assert(len > 0 && len <= MAX);
		r->frames++;
		r->hash = siphash24(r->hash, len, frame, len);
	}
	return got;
}

static struct result feed(const uint8_t *data, size_t size, unsigned head, size_t piece)
{
	struct result r = { 0 };
	struct deframe d;
	if (deframe_init(&d, head, MAX) < 0)
		return r;
	while (size && !r.end) {
		size_t room;
		uint8_t *to = deframe_space(&d, &room);
		assert(room >= head + MAX);
		size_t n = size < piece ? size : piece;
		n = n < room ? n : room;
		memcpy(to, data, n);
		deframe_filled(&d, n);
		data += n;
		size -= n;
		r.end = take(&d, &r);
		assert(deframe_pending(&d) < head + MAX || r.end);
	}
	r.oversize = d.oversize;
	r.pending = r.end ? 0 : deframe_pending(&d);
	deframe_fini(&d);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	unsigned head = data[0] & 1 ? 2 : 4;
	struct result all = feed(data + 1, size - 1, head, SIZE_MAX);
	struct result cut = feed(data + 1, size - 1, head, 1 + (data[0] >> 1) % 17);
	assert(all.frames == cut.frames && all.hash == cut.hash && all.oversize == cut.oversize);
	assert(all.pending == cut.pending && all.end == cut.end);
	return 0;
}
