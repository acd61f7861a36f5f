/* SPDX-License-Identifier: MIT */
/* json.h - reads JSON in place, value by value, without memory of its own: four times a second the
 * console reads replies of up to 100 MB that it asked for, of which it keeps a little. Pure.
 *
 * A reader of the wrong kind skips the value and gives the default, so a server that says more or
 * something else than expected does no harm. What is not JSON sets `bad`, after which every call
 * returns at once; test it at the end. */
#ifndef DW_CONSOLE_JSON_H
#define DW_CONSOLE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	const char *at, *end;
	unsigned depth; /* open brackets */
	bool bad, first;
};

void json_init(struct json *j, const char *text, size_t len); /* borrowed */
/* Steps into an object or list; false: the value was something else and is skipped. After true call
 * json_member() or json_item() until it says false. */
bool json_object(struct json *j);
bool json_list(struct json *j);
/* The next member: its key is cut to fit (escapes of keys are not undone); its value must be read
 * or skipped. false: the object was left. */
bool json_member(struct json *j, char *key, size_t size);
bool json_item(struct json *j);

void json_skip(struct json *j); /* one value, whatever it is */
/* Unescaped and cut at a character to fit; null and other kinds give "". */
void json_str(struct json *j, char *buf, size_t size);
uint64_t json_u64(struct json *j); /* integers to 2^64-1; others: 0 */
int64_t json_i64(struct json *j);
bool json_bool(struct json *j);
/* A scalar as text, whatever it is: for settings that are shown as they came. */
void json_text(struct json *j, char *buf, size_t size);
char json_peek(struct json *j); /* first byte of the value to come; 0 at the end */
bool json_end(struct json *j);  /* nothing but blanks is left, and nothing was bad */

#endif
