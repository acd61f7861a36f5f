/* SPDX-License-Identifier: MIT */
/* recorded.c - reads records: other hands may have written them, so every line is checked. */
#include "lab/recorded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"

static char *word(char **at) /* cuts the next word off; "" at the end */
{
	char *w = *at;
	char *blank = strchr(w, ' ');
	if (blank)
		*blank = '\0';
	*at = blank ? blank + 1 : w + strlen(w);
	return w;
}

static bool number(const char *text, uint64_t *n)
{
	return unit_u64(text, 0, INT64_MAX, n, NULL) == 0;
}

static int bad(unsigned line, const char *what, struct err *e)
{
	return err_set(e, -EINVAL, "line %u: %s", line, what);
}

/* ---- events ---- */

static bool causes(char *text, struct happened *h)
{
	if (*text != '<')
		return false;
	char *comma = strchr(text, ',');
	if (comma)
		*comma = '\0';
	return number(text + 1, &h->cause) && (!comma || number(comma + 1, &h->because)) &&
	       h->cause < h->number && h->because < h->number;
}

static int take_event(struct recorded *r, char *line, unsigned no, struct err *e)
{
	struct happened h = { .line = no };
	uint64_t at;
	if (!number(word(&line), &h.number) || h.number != r->count + 1)
		return bad(no, "events are numbered 1, 2, 3, ...", e);
	if (!number(word(&line), &at))
		return bad(no, "no time", e);
	h.at = (int64_t)at;
	h.who = word(&line);
	h.what = word(&line);
	if (!*h.who || !*h.what || !causes(word(&line), &h))
		return bad(no, "an event is: number ns who what <cause words", e);
	h.words = line;
	if ((r->count & (r->count + 1)) == 0) { /* grows by doubling */
		struct happened *more = realloc(r->v, (2 * r->count + 2) * sizeof *more);
		if (!more)
			return err_set(e, -ENOMEM, "out of memory");
		r->v = more;
	}
	r->v[r->count++] = h;
	return 0;
}

/* ---- the head ---- */

static int take_end(struct recorded *r, char *line, unsigned no, struct err *e)
{
	uint64_t ns = 0;
	r->verdict = word(&line);
	char *print = word(&line);
	if (strncmp(print, "fp1:", 4) != 0 || !number(word(&line), &ns))
		return bad(no, "the end is: end verdict fp1:... ns", e);
	r->fingerprint = strtoull(print + 4, NULL, 16);
	r->lab_ns = (int64_t)ns;
	return 0;
}

static int take_head(struct recorded *r, const char *key, char *line, unsigned no, struct err *e)
{
	if (strcmp(key, "scenario") == 0) {
		char *blank = strrchr(line, ' '); /* the path may have some */
		if (!blank)
			return bad(no, "a scenario and its hash belong here", e);
		*blank = '\0';
		r->scenario = line;
		r->hash = blank + 1;
	} else if (strcmp(key, "test") == 0) {
		r->test = line;
	} else if (strcmp(key, "backend") == 0) {
		r->backend = line;
	} else if (strcmp(key, "seed") == 0) {
		if (!number(line, &r->seed))
			return bad(no, "no seed", e);
	} else if (strcmp(key, "fault") == 0) {
		if (words_add(&r->faults, line) < 0)
			return err_set(e, -ENOMEM, "out of memory");
	} else if (strcmp(key, "end") == 0) {
		return take_end(r, line, no, e);
	} else if (strcmp(key, "version") != 0) {
		return bad(no, "no such line in a record", e);
	}
	return 0;
}

static int take_run(struct recording *r, struct err *e)
{
	struct recorded *more = realloc(r->run, (r->count + 1) * sizeof *more);
	if (!more)
		return err_set(e, -ENOMEM, "out of memory");
	r->run = more;
	more[r->count++] = (struct recorded){ 0 };
	return 0;
}

static int take_line(struct recording *r, char *line, unsigned no, struct err *e)
{
	if (strcmp(line, "lab 1") == 0)
		return take_run(r, e);
	if (!r->count)
		return bad(no, "a record begins with 'lab 1'", e);
	struct recorded *run = &r->run[r->count - 1];
	if (*line >= '0' && *line <= '9')
		return take_event(run, line, no, e);
	const char *key = word(&line);
	return take_head(run, key, line, no, e);
}

static int whole(const struct recording *r, struct err *e)
{
	if (!r->count)
		return err_set(e, -EINVAL, "no record: it begins with 'lab 1'");
	for (size_t i = 0; i < r->count; i++)
		if (!r->run[i].scenario || !r->run[i].test || !r->run[i].backend)
			return err_set(e, -EINVAL, "run %zu has no scenario, test or backend",
				       i + 1);
	return 0;
}

int recorded_parse(struct recording *r, char *text, struct err *e)
{
	*r = (struct recording){ .text = text };
	unsigned no = 0;
	int code = 0;
	for (char *line = text, *next; line && *line && !code; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		code = take_line(r, line, ++no, e);
	}
	if (!code)
		code = whole(r, e);
	if (code < 0)
		recorded_fini(r);
	return code;
}

void recorded_fini(struct recording *r)
{
	for (size_t i = 0; i < r->count; i++) {
		words_fini(&r->run[i].faults);
		free(r->run[i].v);
	}
	free(r->run);
	free(r->text);
	*r = (struct recording){ 0 };
}
