/* SPDX-License-Identifier: MIT */
/* keys.h - the table of impairment keys: one row a key, read and written here and nowhere else. */
#ifndef DW_WIRE_CORE_KEYS_H
#define DW_WIRE_CORE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "wire/core/wire.h"

struct key {
	const char *name; /* as people write it */
	const char *arg;  /* what its value looks like, for --help */
	/* How a value is read into and written from the field; the text fits KEY_TEXT_LEN. */
	const struct key_unit *unit;
	const char *def;   /* its value on a perfect wire */
	uint64_t min, max; /* of numbers */
	const char *stage; /* who works with it */
	const char *help;  /* one line */
	size_t at;         /* its field in struct wire_law */
};

enum { KEY_TEXT_LEN = 128 };

struct key_unit {
	int (*read)(const struct key *k, const char *text, void *field, struct err *e);
	void (*write)(const struct key *k, const void *field, char text[static KEY_TEXT_LEN]);
};

extern const struct key_unit key_time, key_prob, key_rate, key_size, key_amount, key_bool, key_dist;
extern const struct key wire_keys[]; /* a NULL name ends */

/* The value of `k` under `law` as text that wire_set_key() takes back. */
void key_text(const struct key *k, const struct wire_law *law, char text[static KEY_TEXT_LEN]);

#endif
