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
	const struct key_unit *unit;
	const char *def;   /* its value on a perfect wire */
	uint64_t min, max; /* of numbers; max 0: the unit's own bounds */
	const char *stage; /* who works with it */
	const char *help;  /* one line */
	size_t at;         /* its field in struct wire_law */
};

enum { KEY_TEXT_LEN = 320 };

/* How a value is read into the field of a law and written from it. */
struct key_unit {
	int (*read)(const struct key *k, const char *text, struct wire_law *law,
		    struct wire_files *files, struct err *e);
	void (*write)(const struct key *k, const struct wire_law *law,
		      char text[static KEY_TEXT_LEN]);
};

/* keyunits.c: numbers and words */
extern const struct key_unit key_time, key_prob, key_size, key_signed_size, key_amount, key_bool,
	key_count, key_burst;
/* keyforms.c: values with a form of their own */
extern const struct key_unit key_dist, key_rate, key_ge, key_loss_state, key_pattern, key_queue,
	key_slot, key_compat, key_markov, key_filter;

extern const struct key wire_keys[]; /* a NULL name ends */

/* The value of `k` under `law` as text that wire_set_key() takes back. */
void key_text(const struct key *k, const struct wire_law *law, char text[static KEY_TEXT_LEN]);

static inline void *key_field(const struct key *k, struct wire_law *law)
{
	return (char *)law + k->at;
}

static inline const void *key_value(const struct key *k, const struct wire_law *law)
{
	return (const char *)law + k->at;
}

#endif
