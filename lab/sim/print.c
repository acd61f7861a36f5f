/* SPDX-License-Identifier: MIT */
/* print.c - the fingerprint of a run: a chain for each receiving port, then all of them by name.
 * What is in it: when each frame came, how long it was, its bytes. What is not: numbers of nodes,
 * the order of events at different nodes in one instant, logs, captures. */
#include <stdlib.h>
#include <string.h>

#include "lab/sim/sim.h"
#include "lib/base/hash.h"

static void put_le64(uint8_t *out, uint64_t v) /* the print is the same on every machine */
{
	for (int i = 0; i < 8; i++, v >>= 8)
		out[i] = (uint8_t)v;
}

void sim_print_frame(struct sim_port *p, const struct frame *f, int64_t now)
{
	uint8_t word[24];
	put_le64(word, (uint64_t)now);
	put_le64(word + 8, f->len);
	put_le64(word + 16, siphash24(0, 0, f->data, f->len));
	p->chain = siphash24(p->chain, 0, word, sizeof word);
	p->heard = true;
}

static int by_name(const void *a, const void *b)
{
	const struct sim_node *const *x = a, *const *y = b;
	return strcmp((*x)->spec->name, (*y)->spec->name);
}

static uint64_t print_node(uint64_t h, const struct sim_node *n)
{
	uint8_t word[NODE_NAME_MAX + 16];
	for (unsigned i = 0; i < n->nports; i++) {
		if (!n->port[i].heard)
			continue;
		memset(word, 0, NODE_NAME_MAX);
		memcpy(word, n->spec->name, strlen(n->spec->name));
		put_le64(word + NODE_NAME_MAX, i);
		put_le64(word + NODE_NAME_MAX + 8, n->port[i].chain);
		h = siphash24(h, 0, word, sizeof word);
	}
	return h;
}

bool sim_fingerprint(struct world *w, uint64_t *fp)
{
	struct sim *s = sim_of(w);
	struct sim_node **sorted = calloc(s->nnodes + 1, sizeof *sorted);
	if (!sorted)
		return false;
	for (size_t i = 0; i < s->nnodes; i++)
		sorted[i] = &s->node[i];
	qsort(sorted, s->nnodes, sizeof *sorted, by_name);
	uint64_t h = 0;
	for (size_t i = 0; i < s->nnodes; i++)
		h = print_node(h, sorted[i]);
	free(sorted);
	*fp = h;
	return true;
}
