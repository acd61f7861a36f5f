/* SPDX-License-Identifier: MIT */
/* differs.c - a planted bug: a draw depends on how many there were before, in this process. */
#include "lib/base/stream.h"

uint64_t __real_draw(struct stream s, uint64_t n, uint32_t k);
uint64_t __wrap_draw(struct stream s, uint64_t n, uint32_t k);

uint64_t __wrap_draw(struct stream s, uint64_t n, uint32_t k)
{
	static uint64_t before;
	return __real_draw(s, n + before++ / 300, k);
}
