/* SPDX-License-Identifier: MIT */
/* fuzz.h - what a fuzz target offers: to libFuzzer, and to replay.c. A finding is an abort. */
#ifndef DW_TESTS_FUZZ_FUZZ_H
#define DW_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* 0 */

#endif
