/* SPDX-License-Identifier: MIT */
/* import.c - the formats there are. */
#include "lab/import/import.h"

#include <errno.h>
#include <string.h>

const struct import_kind import_kinds[] = {
	{ "graphml", ".graphml .xml", "GraphML, as in the Topology Zoo: delays from distances",
	  graphml_read },
	{ "gml", ".gml", "GML, as in the Topology Zoo and in Shadow", gml_read },
	{ "kathara", ".conf", "Kathará's lab.conf: a collision domain is a cable or a switch",
	  kathara_read },
	{ "containerlab", ".yml .yaml", "the links of a containerlab topology", containerlab_read },
	{ "dot", ".dot .gv", "Graphviz, also what draw --dot has written", dot_read },
	{ 0 },
};

static const char *kind_at(const void *unused, size_t i)
{
	(void)unused;
	return import_kinds[i].name;
}

static bool ends_with(const char *file, const char *suffix, size_t n)
{
	size_t len = strlen(file);
	return len > n && strncmp(file + len - n, suffix, n) == 0;
}

static const struct import_kind *by_suffix(const char *file)
{
	for (const struct import_kind *k = import_kinds; k->name; k++)
		for (const char *s = k->suffixes; *s; s += strspn(s, " ")) {
			size_t n = strcspn(s, " ");
			if (ends_with(file, s, n))
				return k;
			s += n;
		}
	return NULL;
}

int import_kind_of(const char *kind, const char *file, const struct import_kind **out,
		   struct err *e)
{
	*out = kind ? NULL : by_suffix(file);
	if (!kind && !*out)
		return err_set(e, -EINVAL,
			       "%s: which format? graphml, gml, kathara, containerlab or dot",
			       file);
	for (const struct import_kind *k = import_kinds; !*out && k->name; k++)
		if (strcmp(k->name, kind) == 0)
			*out = k;
	if (*out)
		return 0;
	const char *near = nearest_word(kind, kind_at, NULL);
	return near ? err_set(e, -EINVAL, "no format '%s'; did you mean %s?", kind, near)
		    : err_set(e, -EINVAL,
			      "no format '%s'; there are graphml, gml, kathara, containerlab, dot",
			      kind);
}

int import_read(const struct import_kind *k, const char *text, size_t len, struct topo *t,
		struct err *e)
{
	*t = (struct topo){ 0 };
	int r = k->read(text, len, t, e);
	if (!r && !t->nnodes)
		r = err_set(e, -EINVAL, "there is no network in it");
	return r < 0 ? r : topo_finish(t, e);
}
