/* SPDX-License-Identifier: MIT */
/* pages.c - the table of pages, and what they share. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/page.h"

const struct page *const pages[PAGES] = {
	[PAGE_PORTS] = &page_ports,   [PAGE_ADDRESSES] = &page_addresses,
	[PAGE_TREE] = &page_tree,     [PAGE_WIRES] = &page_wires,
	[PAGE_EVENTS] = &page_events, [PAGE_FRAMES] = &page_frames,
	[PAGE_LAB] = &page_lab,
};

int page_named(const char *name)
{
	int found = -1;
	for (int i = 0; i < PAGES; i++) {
		if (strcmp(pages[i]->name, name) == 0)
			return i;
		if (*name && strncmp(pages[i]->name, name, strlen(name)) == 0)
			found = found == -1 ? i : -2;
	}
	return found < 0 ? -1 : found;
}

void refs_add(struct refs *r, uint32_t source, uint32_t idx, uint64_t id)
{
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 256;
		struct ref *v = realloc(r->v, room * sizeof *v);
		if (!v) {
			r->oom = true;
			return;
		}
		r->v = v;
		r->room = room;
	}
	r->v[r->count++] = (struct ref){ source, idx, id };
}

void refs_fini(struct refs *r)
{
	free(r->v);
	*r = (struct refs){ 0 };
}

void show(struct shown *s, enum style style, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(s->text, sizeof s->text, fmt, ap);
	va_end(ap);
	s->style = style;
}

const char *no_switch(const struct model *m)
{
	if (!m->source_count)
		return "no source: nothing runs that could be found; name a socket or a lab";
	for (unsigned i = 0; i < m->source_count; i++)
		if (m->source[i]->kind == KIND_SWITCH)
			return "no switch has any yet";
	return "none of the sources is a switch that answers; page lab (7) lists them";
}

void show_drops(const struct drops *d, char *buf, size_t size)
{
	size_t n = 0;
	buf[0] = '\0';
	for (int i = 0; i < DROP_REASONS && n < size; i++)
		if (d->by[i])
			n += (size_t)snprintf(buf + n, size - n, "%s%s %llu", n ? ", " : "",
					      drop_name((enum drop_reason)i),
					      (unsigned long long)d->by[i]);
	if (d->other && n < size)
		n += (size_t)snprintf(buf + n, size - n, "%sother %llu", n ? ", " : "",
				      (unsigned long long)d->other);
	if (!n)
		snprintf(buf, size, "none");
}

int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

enum style alive(const struct model *m, const struct ref *r, enum style style)
{
	return m->source[r->source]->state == SRC_DEAD ? ST_DIM : style;
}

void show_source(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct source *src = m->source[r->source];
	show(s,
	     src->state == SRC_DEAD   ? ST_BAD
	     : src->state == SRC_SLOW ? ST_WARN
				      : ST_NAME,
	     "%s", src->name);
}

int compare_source(const struct model *m, const struct ref *a, const struct ref *b)
{
	return strcmp(m->source[a->source]->name, m->source[b->source]->name);
}
