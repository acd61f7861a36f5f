/* SPDX-License-Identifier: MIT */
/* events.c - what nodes and cables told lately, and which of it a failure shows: what those told
 * that it asked, their cables, and what is at the other ends of these. */
#include <stdio.h>
#include <stdlib.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

enum { EVENTS_SHOWN = 10 };
enum { ASKED = 1, NEAR = 2 }; /* script.involved */

void event_keep(struct script *s, struct ref who, const struct event *ev)
{
	struct seen_event *e = &s->seen[s->nseen++ % SEEN_EVENTS];
	*e = (struct seen_event){ .who = who, .ev = *ev };
	snprintf(e->text, sizeof e->text, "%s", ev->text ? ev->text : "");
	snprintf(e->name, sizeof e->name, "%s", ev->name ? ev->name : "");
	e->ev.text = e->ev.name = NULL;
}

/* ---- whom a task asked ---- */

/* What follows an expectation that held is about something else, once something else is asked; not
 * inside a predicate, which is looked at again for all that it reads. */
void involve_anew(struct task *t)
{
	if (t && !t->reading)
		t->settled = true;
}

void involve(struct task *t, struct ref who)
{
	if (t->settled)
		t->nasked = t->nreads = 0;
	t->settled = false;
	size_t kept = t->nasked < ASKED_KEPT ? t->nasked : ASKED_KEPT;
	for (size_t i = 0; i < kept; i++)
		if (t->whom[i].cable == who.cable && t->whom[i].index == who.index)
			return;
	t->whom[t->nasked++ % ASKED_KEPT] = who;
}

/* ---- whom a failure is about ---- */

static uint8_t *mark_of(struct script *s, struct ref who)
{
	return &s->involved[who.cable ? s->plan.nnodes + who.index : who.index];
}

static bool mark_task(struct script *s, const struct task *t)
{
	size_t kept = t->nasked < ASKED_KEPT ? t->nasked : ASKED_KEPT;
	for (size_t i = 0; i < kept; i++)
		*mark_of(s, t->whom[i]) = ASKED;
	for (size_t i = 0; i < t->nreads; i++)
		*mark_of(s, t->reads[i].who) = ASKED;
	return kept || t->nreads;
}

void involve_failed(struct script *s)
{
	const struct task *failed = s->running ? s->running : s->fatal;
	bool any = false;
	if (!s->involved)
		s->involved = calloc(s->plan.nnodes + s->plan.ncables + 1, 1);
	if (!s->involved)
		return; /* then all are */
	if (failed)
		any = mark_task(s, failed);
	else /* time is over: all that still wait have failed */
		for (const struct task *t = s->tasks; t; t = t->next)
			if (t->state == TASK_WAITS && !t->watcher)
				any |= mark_task(s, t);
	s->all_involved |= !any;
}

static void mark_near(struct script *s)
{
	const struct plan *p = &s->plan;
	uint8_t *node = s->involved, *cable = node + p->nnodes;
	for (size_t i = 0; i < p->ncables; i++) {
		unsigned a = p->cables[i].end[0].node, b = p->cables[i].end[1].node;
		if ((cable[i] | node[a] | node[b]) & ASKED) {
			cable[i] |= NEAR;
			node[a] |= NEAR;
			node[b] |= NEAR;
		}
	}
	for (size_t i = 0; i < p->nnodes; i++) {
		const struct node_spec *n = &p->nodes[i];
		if (node[i] & ASKED && n->kind != NODE_SWITCH && n->plug.node < p->nnodes)
			node[n->plug.node] |= NEAR;
	}
}

/* ---- for the report ---- */

static void note_event(struct script *s, const struct seen_event *e)
{
	char line[400], at[UNIT_TEXT_LEN];
	const struct plan *p = &s->plan;
	const char *who = e->who.cable ? p->cables[e->who.index].name : p->nodes[e->who.index].name;
	int n = snprintf(line, sizeof line, "%s %s %s", unit_time_text(at, e->ev.at), who,
			 event_name(e->ev.kind));
	if (e->ev.port)
		n += snprintf(line + n, sizeof line - n, " port %u", e->ev.port);
	if (e->name[0] && !e->who.cable)
		n += snprintf(line + n, sizeof line - n, " (%s)", e->name);
	if (e->text[0])
		snprintf(line + n, sizeof line - n, " %s", e->text);
	words_add(&s->out->events, line); /* out of memory: a shorter report */
}

void events_note(struct script *s)
{
	size_t first = s->nseen > SEEN_EVENTS ? s->nseen - SEEN_EVENTS : 0, shown = 0;
	size_t at[EVENTS_SHOWN]; /* latest first */
	bool some = s->involved && !s->all_involved;
	if (s->out->events.count)
		return;
	if (some)
		mark_near(s);
	for (size_t i = s->nseen; i > first && shown < EVENTS_SHOWN; i--)
		if (!some || *mark_of(s, s->seen[(i - 1) % SEEN_EVENTS].who))
			at[shown++] = (i - 1) % SEEN_EVENTS;
	while (shown)
		note_event(s, &s->seen[at[--shown]]);
}

void events_forget(struct script *s)
{
	free(s->involved);
	s->involved = NULL;
	s->all_involved = false;
	s->nseen = 0;
}
