/* SPDX-License-Identifier: MIT */
/* dist.h - how far a delay strays from its mean: the laws of jitter. Pure. */
#ifndef DW_WIRE_CORE_DIST_H
#define DW_WIRE_CORE_DIST_H

#include <stdint.h>

#include "wire/core/wire.h"

enum {
	DIST_SIZE = 4096,  /* entries of a table */
	DIST_SCALE = 8192, /* what stands for one `jitter` in a table (netem's NETEM_DIST_SCALE) */
};

extern const int32_t dist_normal[DIST_SIZE];
extern const int16_t dist_pareto[DIST_SIZE];

/* The deviation in ns that 64 uniform bits choose under law->dist with scale law->jitter_ns. Tables
 * are read with netem's rounding (half away from zero), so equal entries give equal delays. */
int64_t dist_deviation(const struct wire_law *law, uint64_t bits);

#endif
