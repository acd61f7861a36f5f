/* SPDX-License-Identifier: MIT */
/* check.h - what became of numbered frames on their way to one receiver. A number that is further
 * behind the highest than CHECK_WINDOW counts as late without asking whether it was there before.
 */
#ifndef DW_PLUG_LOAD_CHECK_H
#define DW_PLUG_LOAD_CHECK_H

#include <stdint.h>

enum { CHECK_WINDOW = 4096 };

struct check {         /* zeroed is the beginning */
	uint64_t next; /* one more than the highest number so far */
	uint64_t received, duplicated, reordered;
	uint64_t seen[CHECK_WINDOW / 64]; /* a bit for each of the last numbers */
};

void check_number(struct check *c, uint64_t number);

#endif
