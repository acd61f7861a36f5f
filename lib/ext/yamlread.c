/* SPDX-License-Identifier: MIT */
/* yamlread.c - YAML by libyaml: the only file that knows it. */
#include "lib/ext/yamlread.h"

#include <errno.h>
#include <yaml.h>

enum { DEPTH_MAX = 64, TOLD_MAX = 1000000 }; /* aliases of aliases grow without bound */

struct reader {
	yaml_document_t doc;
	const struct yaml_sink *sink;
	void *ctx;
	struct err *e;
	unsigned depth, told;
};

static int tell(struct reader *r, int id);

static const char *text_of(struct reader *r, int id)
{
	const yaml_node_t *n = yaml_document_get_node(&r->doc, id);
	return n && n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : "";
}

static int tell_list(struct reader *r, const yaml_node_t *n)
{
	int code = r->sink->open(r->ctx, true);
	const yaml_node_item_t *i = n->data.sequence.items.start;
	for (; i < n->data.sequence.items.top && code == 0; i++)
		code = tell(r, *i);
	return code < 0 ? code : r->sink->close(r->ctx, true);
}

static int tell_map(struct reader *r, const yaml_node_t *n)
{
	int code = r->sink->open(r->ctx, false);
	const yaml_node_pair_t *i = n->data.mapping.pairs.start;
	for (; i < n->data.mapping.pairs.top && code == 0; i++) {
		code = r->sink->key(r->ctx, text_of(r, i->key));
		if (code == 0)
			code = tell(r, i->value);
	}
	return code < 0 ? code : r->sink->close(r->ctx, false);
}

static int tell(struct reader *r, int id)
{
	const yaml_node_t *n = yaml_document_get_node(&r->doc, id);
	int code = 0;
	if (++r->told > TOLD_MAX || ++r->depth > DEPTH_MAX)
		return err_set(r->e, -EINVAL, "nested too deeply, or more than can be meant");
	if (!n || n->type == YAML_NO_NODE)
		code = r->sink->scalar(r->ctx, "");
	else if (n->type == YAML_SCALAR_NODE)
		code = r->sink->scalar(r->ctx, text_of(r, id));
	else
		code = n->type == YAML_SEQUENCE_NODE ? tell_list(r, n) : tell_map(r, n);
	r->depth--;
	return code;
}

static int failed(const yaml_parser_t *p, struct err *e)
{
	if (p->error == YAML_MEMORY_ERROR)
		return err_set(e, -ENOMEM, "out of memory");
	return err_set(e, -EINVAL, "line %zu: %s", p->problem_mark.line + 1,
		       p->problem ? p->problem : "no YAML");
}

int yaml_read(const char *text, size_t len, const struct yaml_sink *sink, void *ctx, struct err *e)
{
	struct reader r = { .sink = sink, .ctx = ctx, .e = e };
	yaml_parser_t p;
	if (!yaml_parser_initialize(&p))
		return err_set(e, -ENOMEM, "out of memory");
	yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
	int code = yaml_parser_load(&p, &r.doc) ? 0 : failed(&p, e);
	if (code == 0) {
		if (yaml_document_get_root_node(&r.doc))
			code = tell(&r, 1); /* nodes are numbered from 1, the root is the first */
		yaml_document_delete(&r.doc);
	}
	yaml_parser_delete(&p);
	return code;
}
