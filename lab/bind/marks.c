/* SPDX-License-Identifier: MIT */
/* marks.c - what a test breaks and sets, for the time axis of reports: seen where every request
 * passes, so that scripts, faults and plans of them all count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"

static const struct {
	const char *word; /* a cable's command */
	int power;        /* a switch's, else -1 */
	bool begins, ends;
} breaks[] = {
	{ "cut", -1, true, false },
	{ "mend", -1, false, true },
	{ "hold", -1, true, false },
	{ "release", -1, false, true },
	{ "set", -1, false, false },
	{ "kill", POWER_KILL, true, false },
	{ "restart", POWER_RESTART, false, true },
	{ "pause", POWER_PAUSE, true, false },
	{ "resume", POWER_RESUME, false, true },
};

static bool is_break(const struct request *r, size_t i)
{
	size_t len = strlen(breaks[i].word);
	if (r->verb == VERB_POWER)
		return breaks[i].power == (int)r->power;
	return r->verb == VERB_CMD && r->who.cable && breaks[i].power < 0 &&
	       strncmp(r->line, breaks[i].word, len) == 0 && strchr(" ", r->line[len]);
}

static void end_mark(struct outcome *o, const char *name, int64_t now)
{
	size_t len = strlen(name);
	for (size_t i = o->nmarks; i > 0; i--) {
		struct mark *m = &o->mark[i - 1];
		if (m->until == INT64_MAX && strncmp(m->text, name, len) == 0 &&
		    m->text[len] == ':') {
			m->until = now;
			return;
		}
	}
}

void mark_note(struct script *s, const struct request *r)
{
	struct outcome *o = s->out;
	size_t i = 0;
	char text[160];
	while (i < sizeof breaks / sizeof *breaks && !is_break(r, i))
		i++;
	if (i == sizeof breaks / sizeof *breaks || !o)
		return;
	const char *name =
		r->who.cable ? s->plan.cables[r->who.index].name : s->plan.nodes[r->who.index].name;
	int64_t now = lab_now(s) - s->began;
	if (breaks[i].ends) {
		end_mark(o, name, now);
		return;
	}
	struct mark *more =
		o->nmarks < MARKS_MAX ? realloc(o->mark, (o->nmarks + 1) * sizeof *more) : NULL;
	if (!more)
		return; /* the report shows one less */
	o->mark = more;
	snprintf(text, sizeof text, "%s: %s", name,
		 r->verb == VERB_POWER ? breaks[i].word : r->line);
	char *copy = strdup(text);
	if (copy)
		more[o->nmarks++] = (struct mark){ copy, now, breaks[i].begins ? INT64_MAX : now };
}
