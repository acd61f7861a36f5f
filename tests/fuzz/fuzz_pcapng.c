/* SPDX-License-Identifier: MIT */
/* fuzz_pcapng.c - any bytes as a capture. The first byte says in which pieces they come; the frames
 * must be the same as when all come at once, and what is read is written again and read back the
 * same. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/proto/capread.h"
#include "lib/proto/pcapng.h"
#include "tests/fuzz/fuzz.h"

struct result {
	uint64_t frames, hash;
	int end;
};

static int take(struct capread *c, struct result *r)
{
	struct capread_frame f;
	int got;
	while ((got = capread_next(c, &f, NULL)) == 1) {
		assert(f.len <= CAPREAD_FRAME_MAX && f.iface < CAPREAD_INTERFACES_MAX && f.ns >= 0);
		r->frames++;
		r->hash = siphash24(r->hash, (uint64_t)f.ns, f.bytes, f.len);
		r->hash = siphash24(r->hash, f.flags ^ f.lost, f.comment, f.comment_len);
	}
	return got;
}

static struct result feed(const uint8_t *data, size_t size, size_t piece)
{
	struct result r = { 0 };
	struct capread *c = capread_new();
	if (!c)
		return r;
	while (size && r.end == 0) {
		size_t room;
		uint8_t *to = capread_space(c, &room);
		assert(room);
		size_t n = size < piece ? size : piece;
		n = n < room ? n : room;
		memcpy(to, data, n);
		capread_filled(c, n);
		data += n;
		size -= n;
		r.end = take(c, &r);
	}
	if (!r.end)
		r.end = capread_end(c, NULL);
	capread_free(c);
	return r;
}

/* As one file of ours with one interface; options that we write. */
static struct result again(const uint8_t *data, size_t size)
{
	static uint8_t room[1 << 20];
	struct wr w = wr_over(room, sizeof room);
	struct capread *c = capread_new();
	struct capread_frame f;
	struct result r = { 0 };
	size_t space;
	if (!c)
		return r;
	uint8_t *to = capread_space(c, &space);
	memcpy(to, data, size < space ? size : space);
	capread_filled(c, size < space ? size : space);
	pcapng_section(&w, "fuzz", NULL);
	pcapng_interface(&w, &(struct pcapng_interface){ .name = "x" });
	while (capread_next(c, &f, NULL) == 1) {
		struct pcapng_frame g = { .ns = f.ns,
					  .flags = f.flags,
					  .bytes = pieces_over(f.bytes, f.len) };
		struct wr try = w;
		pcapng_frame(&try, &g);
		if (try.bad)
			break;
		w = try;
		r.frames++;
	}
	capread_free(c);
	struct result back = feed(room, wr_len(&w), SIZE_MAX);
	assert(back.frames == r.frames && back.end == 0);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct result all = feed(data + 1, size - 1, SIZE_MAX);
	struct result cut = feed(data + 1, size - 1, 1 + data[0] % 61);
	assert(all.frames == cut.frames && all.hash == cut.hash && all.end == cut.end);
	again(data + 1, size - 1);
	return 0;
}
