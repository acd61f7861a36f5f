/* SPDX-License-Identifier: MIT */
/* page_events.c - what all sources report, as it happens. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/text.h"
#include "console/ui.h"
#include "lib/base/event.h"

static const struct event_line *event_of(const struct model *m, const struct ref *r)
{
	const struct event_line *e = model_event_at(m, r->id);
	return e ? e : model_event_at(m, model_first_event(m)); /* it just left the ring */
}

static void fill(const struct model *m, const struct list *l, struct refs *rows)
{
	uint64_t last = l->paused ? l->frozen : m->event_seq;
	for (uint64_t seq = model_first_event(m); seq <= last; seq++)
		refs_add(rows, model_event_at(m, seq)->source, 0, seq);
}

static uint64_t gen(const struct model *m)
{
	return m->event_seq + 1;
}

static void show_time(const struct model *m, const struct ref *r, struct shown *s)
{
	char text[TEXT_NUMBER_LEN];
	show(s, ST_DIM, "%s", text_clock(text, event_of(m, r)->wall_ns + m->zone_ns));
}

static enum style style_of(int kind)
{
	switch (kind) {
	case EVENT_PORT_UP:
	case EVENT_PLUG:
	case EVENT_WIRE_MEND:
		return ST_GOOD;
	case EVENT_PORT_DOWN:
	case EVENT_UNPLUG:
	case EVENT_WIRE_CUT:
	case EVENT_DROP:
	case EVENT_FDB_FLAP:
		return ST_BAD;
	case EVENT_FDB_MOVE:
	case EVENT_RSTP_CHANGE:
		return ST_WARN;
	default:
		return ST_PLAIN;
	}
}

static void show_kind(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct event_line *e = event_of(m, r);
	show(s, style_of(e->kind), "%.*s", (int)strcspn(e->text, " "), e->text);
}

static void show_text(const struct model *m, const struct ref *r, struct shown *s)
{
	const char *text = event_of(m, r)->text;
	text += strcspn(text, " ");
	show(s, ST_PLAIN, "%s", *text ? text + 1 : "");
}

static int by_kind(const struct model *m, const struct ref *a, const struct ref *b)
{
	return strcmp(event_of(m, a)->text, event_of(m, b)->text);
}

static const struct column columns[] = {
	{ "time", 12, 1, false, 0, show_time, NULL },
	{ "source", 7, 0, false, 1, show_source, compare_source },
	{ "event", 11, 0, false, 0, show_kind, by_kind },
	{ "what", 10, 0, false, 5, show_text, NULL },
};

static void words(const struct model *m, const struct ref *r, char *buf, size_t size)
{
	const struct event_line *e = event_of(m, r);
	snprintf(buf, size, "%s %s", m->source[e->source]->name, e->text);
}

static void detail(const struct model *m, const struct ref *r, struct grid *g, int y, int lines)
{
	uint64_t gone = model_first_event(m) - 1;
	(void)r, (void)lines;
	if (m->events_lost)
		grid_print(g, 0, y, g->w, ST_WARN,
			   "%" PRIu64 " events; servers lost %" PRIu64 " for us", m->event_seq,
			   m->events_lost);
	else if (gone)
		grid_print(g, 0, y, g->w, ST_DIM,
			   "%" PRIu64 " events; the first %" PRIu64 " are gone", m->event_seq,
			   gone);
	else
		grid_print(g, 0, y, g->w, ST_DIM, "%" PRIu64 " event%s", m->event_seq,
			   m->event_seq == 1 ? "" : "s");
}

static const char *empty(const struct model *m)
{
	return m->source_count ? "nothing has happened yet" : no_switch(m);
}

const struct page page_events = {
	.name = "events",
	.wants = WANT_LEARNING,
	.columns = columns,
	.column_count = sizeof columns / sizeof *columns,
	.detail_lines = 1,
	.follow = true,
	.fill = fill,
	.words = words,
	.detail = detail,
	.empty = empty,
	.gen = gen,
};
