/* SPDX-License-Identifier: MIT */
/* text.h - text for a screen: UTF-8 read safely, what must not reach a terminal escaped, numbers
 * short enough for a column. Pure; knows nothing of the locale. */
#ifndef DW_CONSOLE_TEXT_H
#define DW_CONSOLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEXT_ESCAPE_MAX = 12, /* longest escape, "\U0010ffff", and its NUL */
	TEXT_NUMBER_LEN = 24,
};

/* Reads one character from [at, end), at < end; the bytes taken. What is not UTF-8 (RFC 3629: no
 * overlong forms, no surrogates) gives U+FFFD and takes one byte. */
size_t text_next(const char *at, const char *end, uint32_t *ch);
/* Writes `ch` as UTF-8 with its NUL; the bytes without it. */
size_t text_utf8(uint32_t ch, char buf[static 5]);
/* Columns it takes: 1 or 2; 0: it must not be shown as it is (controls, marks that join the
 * character before, marks that turn the direction of writing). */
int text_width(uint32_t ch);
/* What is shown instead where the width is 0: "\n", "\x1b", "\u202e". */
void text_escape(uint32_t ch, char buf[static TEXT_ESCAPE_MAX]);
/* One character for terminals that know ASCII only: bars and lines of ours have a likeness, all
 * else is '?'. */
char text_ascii(uint32_t ch);
/* Whether `part` is in `text`, in whatever case of ASCII letters; "" is in every text. */
bool text_has(const char *text, const char *part);

/* Into `buf`, which they return. */
char *text_count(char buf[static TEXT_NUMBER_LEN], uint64_t n);  /* 999 1.2k 45k 3.1M */
char *text_bits(char buf[static TEXT_NUMBER_LEN], uint64_t bps); /* 999b 1.2kb 3.1Mb */
char *text_span(char buf[static TEXT_NUMBER_LEN], int64_t ns);   /* 12s 3m 2h 5d: one unit, down */
char *text_delay(char buf[static TEXT_NUMBER_LEN],
		 int64_t ns); /* 999ns 5.02ms 1.5s: three digits */
char *text_clock(char buf[static TEXT_NUMBER_LEN], int64_t wall_ns); /* 23:59:59.123 */

#endif
