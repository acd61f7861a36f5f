/* SPDX-License-Identifier: MIT */
/* record.c - what was done by hand. */
#include "console/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void record_fini(struct record *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->v[i].line);
	free(r->v);
	*r = (struct record){ 0 };
}

bool deed_begins(const char *line, const char *word)
{
	size_t n = strlen(word);
	return strncmp(line, word, n) == 0 && (!line[n] || line[n] == ' ' || word[n - 1] == '/');
}

static const char *past_json(const char *line)
{
	line += strspn(line, " ");
	if (deed_begins(line, "json"))
		line += 4 + strspn(line + 4, " ");
	return line;
}

/* Files and captures are no part of what a network is. */
bool deed_is_one(const struct source *s, const char *line)
{
	static const char *const beside[] = { "config/save", "capture/", "event/", "load",
					      "config/load" };
	char word[64];
	line = past_json(line);
	for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
		if (deed_begins(line, beside[i]))
			return false;
	snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " "), line);
	const struct command *c = source_command(s, word);
	return !c || c->writes;
}

void record_add(struct record *r, const struct source *s, const char *line, int64_t now)
{
	line = past_json(line);
	if (!deed_is_one(s, line))
		return;
	if (r->count == r->room && r->count < RECORD_MAX) {
		size_t room = r->room ? 2 * r->room : 16;
		struct deed *v = realloc(r->v, room * sizeof *v);
		if (v) {
			r->v = v;
			r->room = room;
		}
	}
	char *copy = r->count < r->room && r->count < RECORD_MAX ? strdup(line) : NULL;
	if (!copy) {
		r->lost++;
		return;
	}
	r->v[r->count++] = (struct deed){ now, s->idx, copy };
}
