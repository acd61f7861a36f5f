/* SPDX-License-Identifier: MIT */
/* units.h - quantities as people write them: read once, exactly, in integers. Pure.
 * Readers take the whole text; 0, -EINVAL (not such a quantity; a bare number where a unit belongs)
 * or -ERANGE; on error the result is untouched and `e` (may be NULL) says what and what would do.
 */
#ifndef DW_BASE_UNITS_H
#define DW_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SEC INT64_C(1000000000)

enum { UNIT_TEXT_LEN = 32 };

struct amount { /* "1000p" or "64kB" */
	uint64_t count;
	bool packets; /* else bytes */
};

int unit_time(const char *text, int64_t *ns,
	      struct err *e); /* 5ms 10us 1.5s 2m 1h 100ns; "0" too */
int unit_rate(const char *text, uint64_t *bps,
	      struct err *e); /* bits/s: 10Mbit 1.2Gbit 900kB/s 64bit */
int unit_prob(const char *text, uint64_t *p,
	      struct err *e); /* 0.64, nearest: 1% 1e-6 0.5; 1 = 100% = PROB_ONE */
int unit_bytes(const char *text, uint64_t *bytes, struct err *e);   /* 9000B 64kB 1MB 64KiB */
int unit_amount(const char *text, struct amount *a, struct err *e); /* 1000p or bytes */
int unit_pps(const char *text, uint64_t *mpps,
	     struct err *e); /* frames per 1000 s: 1000pps 0.5pps 10kpps */
int unit_bool(const char *text, bool *yes, struct err *e); /* yes/no on/off 1/0 true/false */
int unit_u64(const char *text, uint64_t min, uint64_t max, uint64_t *n,
	     struct err *e); /* decimal or 0x */

/* Writers: exact, in the largest unit that fits; the reader takes the very same value back. Into
 * `buf`; they return buf. */
char *unit_time_text(char buf[static UNIT_TEXT_LEN], int64_t ns); /* "1.5s"; below zero with '-' */
char *unit_rate_text(char buf[static UNIT_TEXT_LEN], uint64_t bps);
char *unit_prob_text(char buf[static UNIT_TEXT_LEN], uint64_t p); /* fewest digits: "1%", "1e-06" */
char *unit_bytes_text(char buf[static UNIT_TEXT_LEN], uint64_t bytes);
char *unit_amount_text(char buf[static UNIT_TEXT_LEN], struct amount a);
char *unit_pps_text(char buf[static UNIT_TEXT_LEN], uint64_t mpps);

#endif
