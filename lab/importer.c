/* SPDX-License-Identifier: MIT */
/* importer.c - dw-lab import: a network of another tool as a scenario, which builds what net.load()
 * would. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/import/import.h"
#include "lab/lab.h"
#include "lib/cli/opts.h"
#include "lib/io/readfile.h"

static void put_text(const char *text, FILE *to) /* as Lua writes it */
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', to);
		if ((unsigned char)*text >= ' ')
			fputc(*text, to);
	}
	fputc('"', to);
}

static void put_keys(const struct words *keys, FILE *to)
{
	for (size_t i = 0; i < keys->count; i++) {
		const char *eq = strchr(keys->v[i], '=');
		int len = (int)(eq - keys->v[i]);
		bool word = !memchr(keys->v[i], '.', (size_t)len);
		fprintf(to, word ? "%s%.*s = " : "%s[\"%.*s\"] = ", i ? ", " : ", { ", len,
			keys->v[i]);
		put_text(eq + 1, to);
	}
	if (keys->count)
		fputs(" }", to);
}

static void put_node(const char *name, FILE *to)
{
	fputs("n[", to);
	put_text(name, to);
	fputc(']', to);
}

static void put_nodes(const struct topo *t, FILE *to)
{
	for (size_t i = 0; i < t->nnodes; i++) {
		const struct topo_node *n = &t->node[i];
		put_node(n->name, to);
		fprintf(to, " = net.%s(", n->kind == TOPO_HOST ? "host" : "switch");
		put_text(n->name, to);
		fputs(n->kind == TOPO_HOST ? ")\n" : ", { rstp = true })\n", to);
	}
}

static void print(const struct topo *t, const char *name, const char *from, FILE *to)
{
	size_t hosts = 0;
	for (size_t i = 0; i < t->nnodes; i++)
		hosts += t->node[i].kind == TOPO_HOST;
	fputs("-- ", to);
	for (const char *c = from; *c; c++)
		fputc((unsigned char)*c < ' ' ? '?' : *c, to);
	fprintf(to, ": %zu switches, %zu hosts, %zu cables\nlocal net = lab(", t->nnodes - hosts,
		hosts, t->nlinks);
	put_text(name, to);
	fputs(")\nlocal n = {}\n\n", to);
	put_nodes(t, to);
	fputc('\n', to);
	for (size_t i = 0; i < t->nlinks; i++) {
		const struct topo_link *l = &t->link[i];
		fputs("net.cable(", to);
		put_node(t->node[l->a].name, to);
		fputs(", ", to);
		put_node(t->node[l->b].name, to);
		put_keys(&l->keys, to);
		fputs(")\n", to);
	}
	fputs("\nnet.test(\"the spanning tree settles\", function(t)\n"
	      "  t.eventually(\"60s\", net.converged, \"it settles\")\n"
	      "end)\n",
	      to);
}

/* The last part of a path, without what follows its first dot. */
static void base_name(const char *path, char *out, size_t room)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t n = strcspn(base, ".");
	snprintf(out, room, "%.*s", n ? (int)n : (int)strlen(base), base);
}

int import_file(const char *kind, const char *file)
{
	const struct import_kind *k;
	struct topo t = { 0 };
	struct err e = { "" };
	char *text = NULL, name[100];
	size_t len;
	if (import_kind_of(kind, file, &k, &e) < 0)
		return log_verdict(2, e.text);
	int r = readfile(NULL, file, &text, &len, &e);
	if (r == 0 && (r = import_read(k, text, len, &t, &e)) < 0)
		err_prefix(&e, r, file);
	base_name(file, name, sizeof name);
	if (r == 0)
		print(&t, name, file, stdout);
	topo_fini(&t);
	free(text);
	return r < 0 ? log_verdict(r == -ENOMEM ? 3 : 2, e.text) : 0;
}
