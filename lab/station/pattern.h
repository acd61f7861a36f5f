/* SPDX-License-Identifier: MIT */
/* pattern.h - the bytes of a bulk transfer: a function of their place in the stream, so a receiver
 * can check any piece in any order, and a byte in the wrong place shows. Pure. */
#ifndef DW_LAB_STATION_PATTERN_H
#define DW_LAB_STATION_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void pattern_fill(uint64_t offset, uint8_t *out, size_t len);
bool pattern_holds(uint64_t offset, const uint8_t *bytes, size_t len);

#endif
