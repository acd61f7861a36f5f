/* SPDX-License-Identifier: MIT */
/* markov.h - a wire whose law moves between nodes of a chain, as wirefilter's does: every period
 * one step by chance. Each node is the wire's law with some keys changed. Pure. */
#ifndef DW_WIRE_CORE_MARKOV_H
#define DW_WIRE_CORE_MARKOV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/core/wire.h"

enum {
	MARKOV_NODES_MAX = 64,
	MARKOV_KEYS_MAX = 32, /* of one node */
	MARKOV_NAME_LEN = 32,
	MARKOV_CATCH_UP = 1 << 20, /* after a long silence only that many steps are walked */
};

struct markov_key { /* texts point into struct wire_markov.text */
	const char *key, *value;
};

struct markov_node {
	const char *name;
	unsigned count;
	struct markov_key keys[MARKOV_KEYS_MAX];
};

struct wire_markov {
	struct wire_use *use;
	char value[256]; /* as people wrote it */
	char *text;      /* owned, cut into words */
	int64_t period_ns;
	unsigned count;
	struct markov_node node[MARKOV_NODES_MAX];
	/* edge[a][b]: chance to go from a to b in one step; what is left over stays. */
	uint64_t edge[MARKOV_NODES_MAX][MARKOV_NODES_MAX];
};

/* Statements, one a line or separated by ';': "time 100ms" (at least 1ms), "node NAME
 * [key=value...]" (the first is where it starts), "edge FROM TO PROB". Errors name file and line.
 */
int markov_parse(struct wire_markov **m, struct wire_files *files, const char *value,
		 const char *text, size_t len, struct err *e);
void markov_free(struct wire_markov *m); /* NULL is fine */
bool markov_equal(const struct wire_markov *a, const struct wire_markov *b);

/* The laws of node `n` over the laws of `c`. The keys were checked when the chain was read. */
void markov_laws(const struct wire_markov *m, unsigned n, const struct wire_config *c,
		 struct wire_law out[WIRE_DIRS]);
/* Where a step from `n` leads. */
unsigned markov_step(const struct wire_markov *m, unsigned n, uint64_t bits);

#endif
