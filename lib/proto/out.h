/* SPDX-License-Identifier: MIT */
/* out.h - a reply being written: one call writes a fact as text or as JSON, whichever was asked.
 * Pure. In text mode keys and brackets vanish and each fact is printed by its format; in JSON mode
 * formats vanish and each fact becomes "key":value. What comes out in JSON mode is always valid
 * JSON on one line: strings are escaped (bytes that are not UTF-8 become U+FFFD), brackets are
 * matched. Growing never fails half-way: out of memory sets `oom`, and the dispatcher answers 1012.
 */
#ifndef DW_PROTO_OUT_H
#define DW_PROTO_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUT_DEPTH_MAX = 63 }; /* nested brackets; deeper is a bug (asserted) */

struct out {
	char *text; /* NUL-terminated once anything was written; NULL before */
	size_t len, room;
	bool json, oom;
	bool comma;     /* JSON: the next member needs one */
	unsigned depth; /* JSON: open brackets */
	uint64_t lists; /* JSON: bit d set: the bracket at depth d is a list */
};

void out_init(struct out *o, bool json);
void out_fini(struct out *o);
void out_clear(struct out *o); /* keeps the room and the mode */

/* Structure, JSON only. `key` NULL: inside a list, or the outermost object. A fact with a key
 * outside of any bracket opens the outermost object by itself; out_done() closes what is open. */
void out_object(struct out *o, const char *key);
void out_end_object(struct out *o);
void out_list(struct out *o, const char *key);
void out_end_list(struct out *o);
void out_done(
	struct out *o); /* closes all brackets; JSON in which nothing was written becomes {} */

/* Facts, in both modes. The value is the one argument after fmt, of the type that fmt says. `key`
 * NULL: inside a list. A fact that text does not show goes through the out_json_ calls below (gcc
 * takes no NULL format with a value behind it). */
__attribute__((format(printf, 3, 4))) void out_u64(struct out *o, const char *key, const char *fmt,
						   ...);
__attribute__((format(printf, 3, 4))) void out_i64(struct out *o, const char *key, const char *fmt,
						   ...);
/* char *; NULL: JSON null, text "-" */
__attribute__((format(printf, 3, 4))) void out_str(struct out *o, const char *key, const char *fmt,
						   ...);
void out_bool(struct out *o, const char *key,
	      const char *fmt /* one %s: yes or no; NULL: JSON only */, bool v);

/* Facts that only JSON shows. */
void out_json_u64(struct out *o, const char *key, uint64_t v);
void out_json_i64(struct out *o, const char *key, int64_t v);
void out_json_str(struct out *o, const char *key, const char *v); /* NULL: null */
void out_json_null(struct out *o, const char *key);
void out_json_raw(struct out *o, const char *key, const char *json,
		  size_t len); /* a JSON value as it is */

/* Text only. */
__attribute__((format(printf, 2, 3))) void out_text(struct out *o, const char *fmt, ...);
/* Raw bytes, in both modes: for building whole replies. */
void out_raw(struct out *o, const char *bytes, size_t len);

#endif
