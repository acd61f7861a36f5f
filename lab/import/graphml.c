/* SPDX-License-Identifier: MIT */
/* graphml.c - GraphML: <key> elements name what <data> in nodes and edges says. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/import/import.h"
#include "lib/ext/xmlread.h"

enum { KEYS_MAX = 128, TEXT_MAX = 256 };

struct reader {
	struct topo *t;
	struct err *e;
	struct {
		char id[32], name[64];
	} key[KEYS_MAX];
	unsigned keys;
	int node, link;      /* being read; -1: none */
	const char *data;    /* name of the <data> being read; NULL: none */
	char text[TEXT_MAX]; /* its text so far */
	size_t len;
};

static const char *attr(const char **attrs, const char *name)
{
	for (; *attrs; attrs += 2)
		if (strcmp(attrs[0], name) == 0)
			return attrs[1];
	return NULL;
}

static void take_key(struct reader *r, const char **attrs)
{
	const char *id = attr(attrs, "id"), *name = attr(attrs, "attr.name");
	if (!id || !name || r->keys == KEYS_MAX)
		return;
	snprintf(r->key[r->keys].id, sizeof r->key->id, "%.31s", id);
	snprintf(r->key[r->keys++].name, sizeof r->key->name, "%.63s", name);
}

static const char *key_name(const struct reader *r, const char *id)
{
	for (unsigned i = 0; id && i < r->keys; i++)
		if (strcmp(r->key[i].id, id) == 0)
			return r->key[i].name;
	return NULL;
}

static int take_node(struct reader *r, const char **attrs)
{
	const char *id = attr(attrs, "id");
	if (!id)
		return err_set(r->e, -EINVAL, "a node without an id");
	r->node = topo_node(r->t, id, r->e);
	if (r->node >= 0)
		r->t->node[r->node].kind = TOPO_SWITCH;
	return r->node < 0 ? r->node : 0;
}

static int take_edge(struct reader *r, const char **attrs)
{
	const char *from = attr(attrs, "source"), *to = attr(attrs, "target");
	if (!from || !to)
		return err_set(r->e, -EINVAL, "an edge without source or target");
	int a = topo_node(r->t, from, r->e), b = a < 0 ? a : topo_node(r->t, to, r->e);
	if (b < 0)
		return b;
	r->t->node[a].kind = r->t->node[b].kind = TOPO_SWITCH;
	r->link = topo_link(r->t, (unsigned)a, (unsigned)b, r->e);
	return r->link < 0 ? r->link : 0;
}

static int opened(void *ctx, const char *name, const char **attrs)
{
	struct reader *r = ctx;
	if (strcmp(name, "key") == 0)
		take_key(r, attrs);
	else if (strcmp(name, "node") == 0)
		return take_node(r, attrs);
	else if (strcmp(name, "edge") == 0)
		return take_edge(r, attrs);
	else if (strcmp(name, "data") == 0)
		r->data = key_name(r, attr(attrs, "key"));
	r->len = 0;
	return 0;
}

static int text_came(void *ctx, const char *bytes, size_t len)
{
	struct reader *r = ctx;
	size_t room = TEXT_MAX - 1 - r->len;
	if (!r->data)
		return 0;
	len = len < room ? len : room; /* no value of ours is that long */
	memcpy(r->text + r->len, bytes, len);
	r->len += len;
	return 0;
}

static int closed(void *ctx, const char *name)
{
	struct reader *r = ctx;
	int code = 0;
	r->text[r->len] = '\0';
	if (strcmp(name, "node") == 0)
		r->node = -1;
	else if (strcmp(name, "edge") == 0)
		r->link = -1;
	if (strcmp(name, "data") != 0 || !r->data)
		return 0;
	if (r->link >= 0)
		code = topo_link_attr(r->t, (unsigned)r->link, r->data, r->text, r->e);
	else if (r->node >= 0)
		code = topo_node_attr(r->t, (unsigned)r->node, r->data, r->text, r->e);
	r->data = NULL;
	return code;
}

int graphml_read(const char *text, size_t len, struct topo *t, struct err *e)
{
	static const struct xml_sink sink = { opened, text_came, closed };
	struct reader r = { .t = t, .e = e, .node = -1, .link = -1 };
	return xml_read(text, len, &sink, &r, e);
}
