/* SPDX-License-Identifier: MIT */
/* distance.h - how long light in glass takes between two places of the earth. Pure, and the same on
 * every machine: only additions, products and square roots, no library whose last digits differ. */
#ifndef DW_LAB_IMPORT_DISTANCE_H
#define DW_LAB_IMPORT_DISTANCE_H

#include <stdint.h>

/* Degrees; along the great circle at 200 km a millisecond, in whole microseconds. */
int64_t distance_delay_ns(double lat_a, double lon_a, double lat_b, double lon_b);

#endif
