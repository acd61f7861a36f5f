/* SPDX-License-Identifier: MIT */
/* markov.c - chains of laws: reading them, and one step. */
#include "wire/core/markov.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/core/fixed.h"

#define PERIOD_NS (100 * NS_PER_MS) /* wirefilter's markov-time */

struct reader {
	struct wire_markov *m;
	struct wire_files *files;
	const char *where; /* the file, or NULL */
	unsigned line;
	struct err *e;
};

static int wrong(const struct reader *r, int code, const char *what, const char *why)
{
	if (r->where)
		return err_set(r->e, code, "%s:%u: %s: %s", r->where, r->line, what, why);
	return err_set(r->e, code, "%s: %s", what, why);
}

static char *next_word(char **at)
{
	char *p = *at + strspn(*at, " \t\r");
	size_t n = strcspn(p, " \t\r");
	*at = p + n;
	if (n && **at)
		*(*at)++ = '\0';
	return n ? p : NULL;
}

static const char *node_at(const void *list, size_t i)
{
	const struct wire_markov *m = list;
	return i < m->count ? m->node[i].name : NULL;
}

static int find_node(const struct reader *r, const char *name)
{
	for (unsigned i = 0; name && i < r->m->count; i++)
		if (strcmp(r->m->node[i].name, name) == 0)
			return (int)i;
	const char *near = name ? nearest_word(name, node_at, r->m) : NULL;
	char why[80];
	snprintf(why, sizeof why, near ? "no such node; did you mean %s?" : "no such node%s",
		 near ? near : "");
	return wrong(r, -EINVAL, name ? name : "edge", why);
}

static int take_key(const struct reader *r, struct markov_node *n, char *word)
{
	struct wire_config c;
	struct err words = { "" };
	char *value = strchr(word, '=');
	if (!value)
		return wrong(r, -EINVAL, word, "has no value");
	*value++ = '\0';
	if (strcmp(word, "markov") == 0)
		return wrong(r, -EINVAL, word, "a node is no chain itself");
	if (n->count == MARKOV_KEYS_MAX)
		return wrong(r, -E2BIG, n->name, "too many keys");
	wire_config_default(&c);
	c.files = r->files;
	int code = wire_set_key(&c, word, value, &words);
	if (code < 0)
		return wrong(r, code, word, words.text);
	n->keys[n->count++] = (struct markov_key){ word, value };
	return 0;
}

static int take_node(const struct reader *r, char *rest)
{
	struct wire_markov *m = r->m;
	const char *name = next_word(&rest);
	if (!name || strlen(name) >= MARKOV_NAME_LEN || strchr(name, '='))
		return wrong(r, -EINVAL, name ? name : "node",
			     "a node has a name of at most 31 letters");
	for (unsigned i = 0; i < m->count; i++)
		if (strcmp(m->node[i].name, name) == 0)
			return wrong(r, -EEXIST, name, "there is a node of that name already");
	if (m->count == MARKOV_NODES_MAX)
		return wrong(r, -E2BIG, name, "more than 64 nodes");
	struct markov_node *n = &m->node[m->count++];
	n->name = name;
	int code = 0;
	for (char *word; !code && (word = next_word(&rest)) != NULL;)
		code = take_key(r, n, word);
	return code;
}

static int take_edge(const struct reader *r, char *rest)
{
	struct err words = { "" };
	int from = find_node(r, next_word(&rest));
	int to = from < 0 ? from : find_node(r, next_word(&rest));
	const char *p = next_word(&rest);
	uint64_t prob;
	if (to < 0)
		return to;
	if (!p || unit_prob(p, &prob, &words) < 0)
		return wrong(r, -EINVAL, "edge", p ? words.text : "how often? edge FROM TO 10%");
	if (from == to)
		return wrong(r, -EINVAL, "edge", "to stay is what is left over by the others");
	r->m->edge[from][to] = prob;
	u128 sum = 0;
	for (unsigned i = 0; i < r->m->count; i++)
		sum += r->m->edge[from][i];
	if (sum > PROB_ONE)
		return wrong(r, -ERANGE, r->m->node[from].name,
			     "its edges are more than 100% together");
	return 0;
}

static int take_statement(const struct reader *r, char *rest)
{
	struct err words = { "" };
	const char *word = next_word(&rest);
	if (!word || *word == '#')
		return 0;
	if (strcmp(word, "node") == 0)
		return take_node(r, rest);
	if (strcmp(word, "edge") == 0)
		return take_edge(r, rest);
	if (strcmp(word, "time") != 0)
		return wrong(r, -EINVAL, word, "no such statement: time, node, edge");
	const char *text = next_word(&rest);
	if (!text || unit_time(text, &r->m->period_ns, &words) < 0)
		return wrong(r, -EINVAL, "time", text ? words.text : "how long? time 100ms");
	return r->m->period_ns >= NS_PER_MS ? 0 : wrong(r, -ERANGE, "time", "shorter than 1ms");
}

static int read_all(struct reader *r)
{
	char *at = r->m->text;
	while (*at) {
		size_t n = strcspn(at, ";\n");
		char end = at[n];
		at[n] = '\0';
		int code = take_statement(r, at);
		if (code < 0)
			return code;
		r->line += end == '\n';
		at += n + (end != '\0');
	}
	return r->m->count ? 0 : wrong(r, -EINVAL, "chain", "has no node");
}

int markov_parse(struct wire_markov **out, struct wire_files *files, const char *value,
		 const char *text, size_t len, struct err *e)
{
	struct wire_markov *m = calloc(1, sizeof *m);
	*out = NULL;
	if (!m)
		return err_set(e, -ENOMEM, "out of memory");
	m->period_ns = PERIOD_NS;
	snprintf(m->value, sizeof m->value, "%s", value);
	m->text = malloc(len + 1);
	int r = -ENOMEM;
	if (m->text) {
		memcpy(m->text, text, len);
		m->text[len] = '\0';
		struct reader reader = { m, files,
					 strncmp(value, "file:", 5) == 0 ? value + 5 : NULL, 1, e };
		r = strchr(value, '"') ? wrong(&reader, -EINVAL, "chain", "no quotes in it")
				       : read_all(&reader);
	}
	if (r < 0) {
		markov_free(m);
		return r;
	}
	*out = m;
	return 0;
}

void markov_free(struct wire_markov *m)
{
	if (m)
		free(m->text);
	free(m);
}

static bool same_node(const struct markov_node *a, const struct markov_node *b)
{
	bool same = strcmp(a->name, b->name) == 0 && a->count == b->count;
	for (unsigned i = 0; same && i < a->count; i++)
		same = strcmp(a->keys[i].key, b->keys[i].key) == 0 &&
		       strcmp(a->keys[i].value, b->keys[i].value) == 0;
	return same;
}

bool markov_equal(const struct wire_markov *a, const struct wire_markov *b)
{
	bool same = strcmp(a->value, b->value) == 0 && a->period_ns == b->period_ns &&
		    a->count == b->count && memcmp(a->edge, b->edge, sizeof a->edge) == 0;
	for (unsigned i = 0; same && i < a->count; i++)
		same = same_node(&a->node[i], &b->node[i]);
	return same;
}

void markov_laws(const struct wire_markov *m, unsigned n, const struct wire_config *c,
		 struct wire_law out[WIRE_DIRS])
{
	struct wire_config own = *c;
	for (unsigned i = 0; i < m->node[n].count; i++)
		wire_set_key(&own, m->node[n].keys[i].key, m->node[n].keys[i].value, NULL);
	memcpy(out, own.law, sizeof own.law);
}

unsigned markov_step(const struct wire_markov *m, unsigned n, uint64_t bits)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < m->count; i++) {
		sum = prob_add(sum, m->edge[n][i]);
		if (chance(sum, bits))
			return i;
	}
	return n;
}
