/* SPDX-License-Identifier: MIT */
/* copula.h - uniform numbers that follow each other: correlated, and each of them uniform all the
 * same. */
#ifndef DW_WIRE_CORE_COPULA_H
#define DW_WIRE_CORE_COPULA_H

#include <stdbool.h>
#include <stdint.h>

struct copula { /* zero at the start */
	bool begun;
	int64_t z; /* the normal number behind the last one, 32.32 */
};

/* The next one, from fresh uniform bits. `corr` (0.64) is the correlation of the normal numbers
 * behind neighbours; that of the uniform ones is 6/pi * asin(corr/2), at most 2 % less. */
uint64_t copula_step(struct copula *c, uint64_t corr, uint64_t bits);

uint64_t normal_cdf64(int64_t z);      /* z in 32.32, result 0.64 */
int64_t normal_quantile64(uint64_t u); /* its inverse */

#endif
