/* SPDX-License-Identifier: MIT */
/* out.h - a reply being written: one call writes a fact as text or as JSON, whichever was asked.
 * Pure. In text mode keys and brackets vanish and each fact is printed by its format; in JSON mode
 * formats vanish and each fact becomes "key":value. Strings are escaped in JSON. Growing never fails
 * half-way: out of memory sets `oom`, and the dispatcher answers 1012. */
#ifndef DW_PROTO_OUT_H
#define DW_PROTO_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out {
	char *text; /* NUL-terminated once anything was written */
	size_t len, room;
	bool json, oom;
	bool comma; /* JSON: the next member needs one */
};

void out_init(struct out *o, bool json);
void out_fini(struct out *o);
void out_clear(struct out *o); /* keeps the room */

/* Structure, JSON only. `key` NULL: inside a list, or the outermost object. */
void out_object(struct out *o, const char *key);
void out_end_object(struct out *o);
void out_list(struct out *o, const char *key);
void out_end_list(struct out *o);

/* Facts. `fmt` NULL: not shown in text. The value is the one argument after fmt. */
__attribute__((format(printf, 3, 4))) void out_u64(struct out *o, const char *key, const char *fmt, .../* uint64_t */);
__attribute__((format(printf, 3, 4))) void out_i64(struct out *o, const char *key, const char *fmt, .../* int64_t */);
__attribute__((format(printf, 3, 4))) void out_str(struct out *o, const char *key, const char *fmt, .../* char*; NULL: JSON null, text "-" */);
void out_bool(struct out *o, const char *key, const char *fmt /* one %s: yes or no */, bool v);

/* Text only. */
__attribute__((format(printf, 2, 3))) void out_text(struct out *o, const char *fmt, ...);
/* Raw bytes, in both modes: for building whole replies. */
void out_raw(struct out *o, const char *bytes, size_t len);

#endif
