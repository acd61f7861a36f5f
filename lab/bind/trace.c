/* SPDX-License-Identifier: MIT */
/* trace.c - what a script does, for the record: what it asks, what it breaks, what fails.
 * Predicates only look: they leave no trace. */
#include <stdio.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lab/record.h"

static struct record *record_of(const struct script *s)
{
	return s->world ? s->world->setup->record : NULL;
}

void trace_resume(struct task *t)
{
	struct record *r = record_of(t->s);
	if (r)
		r->cause = t->cause;
}

static const char *name_of(const struct plan *p, struct ref who)
{
	return who.cable ? p->cables[who.index].name : p->nodes[who.index].name;
}

static void words_of(const struct plan *p, const struct request *r, char *out, size_t room)
{
	static const char *const powers[] = { "kill", "restart", "pause", "resume" };
	switch (r->verb) {
	case VERB_CMD:
		snprintf(out, room, "%s", r->line);
		break;
	case VERB_PING:
		snprintf(out, room, "ping %s", p->nodes[r->to].name);
		break;
	case VERB_FLOW:
		snprintf(out, room, "flow to %s", p->nodes[r->to].name);
		break;
	case VERB_TCP:
		snprintf(out, room, "tcp to %s", p->nodes[r->to].name);
		break;
	case VERB_SEND:
		snprintf(out, room, "send %u bytes", r->len);
		break;
	case VERB_AWAIT:
		snprintf(out, room, "await a frame");
		break;
	case VERB_POWER:
		snprintf(out, room, "%s", powers[r->power]);
		break;
	case VERB_CLOCK:
		snprintf(out, room, "skew %d ppm", r->ppm);
		break;
	case VERB_EXEC:
	case VERB_SPAWN:
	case VERB_CONSOLE:
	case VERB_ACCOUNT:
	case VERB_STATS:
		snprintf(out, room, "look");
		break;
	}
}

void trace_asks(struct script *s, const struct request *r)
{
	struct record *rec = record_of(s);
	struct task *t = s->running;
	char words[300];
	if (rec)
		rec->asked = 0;
	if (!rec || !t || t->reading || r->verb == VERB_ACCOUNT || r->verb == VERB_STATS)
		return;
	words_of(&s->plan, r, words, sizeof words);
	t->asked = record_event(rec, lab_now(s), name_of(&s->plan, r->who), "asked", t->cause, 0,
				"%s", words);
	rec->cause = rec->asked = t->asked;
}

void trace_fails(struct script *s, const char *where, const char *text)
{
	struct record *r = record_of(s);
	const struct task *t = s->running ? s->running : s->fatal;
	if (!r)
		return;
	bool looked = !t || t->was == WAIT_CHANGE; /* at what cores told */
	record_event(r, lab_now(s), "test", "fails", looked ? r->noticed : t->asked, 0, "%s%s%s",
		     where ? where : "", where ? ": " : "", text);
}

void trace_begins(struct script *s, const char *test)
{
	struct record *r = record_of(s);
	if (r)
		record_event(r, lab_now(s), "test", "begins", 0, 0, "%s", test);
}

int trace_mark(lua_State *L)
{
	struct script *s = script_of(L);
	struct record *r = record_of(s);
	struct task *t = s->running;
	if (!r || !t)
		return 0;
	t->cause = record_event(r, lab_now(s), luaL_checkstring(L, 1), luaL_checkstring(L, 2),
				t->cause, 0, "%s", luaL_checkstring(L, 3));
	r->cause = t->cause;
	return 0;
}
