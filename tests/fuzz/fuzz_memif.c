/* SPDX-License-Identifier: MIT */
/* fuzz_memif.c - any bytes as a memif message: what is understood must survive being encoded and
 * understood again, and a ring that fits must lie inside its region. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/proto/memif.h"
#include "tests/fuzz/fuzz.h"

static void check_ring(const struct memif_msg *m, uint64_t size)
{
	uint32_t at = m->u.ring.offset;
	if (memif_ring_fits(size, at, m->u.ring.log2))
		assert(at + memif_ring_len(m->u.ring.log2) <= size && at % 16 == 0);
	if (memif_bytes_fit(size, at, m->u.ring.private_hdr))
		assert(at <= size && m->u.ring.private_hdr <= size - at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memif_msg m, again;
	uint8_t out[MEMIF_MSG_LEN], twice[MEMIF_MSG_LEN];
	uint8_t *copy = malloc(size ? size : 1); /* exact, so that reading past it shows */
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	if (memif_decode(&m, copy, size) == 0) {
		memif_encode(&m, out);
		int r = memif_decode(&again, out, sizeof out);
		assert(r == 0 && again.type == m.type);
		memif_encode(&again, twice);
		assert(memcmp(out, twice, sizeof out) == 0);
		if (m.type == MEMIF_ADD_RING)
			for (unsigned bits = 0; bits < 40; bits++)
				check_ring(&m, UINT64_C(1) << bits);
	}
	free(copy);
	return 0;
}
