/* SPDX-License-Identifier: MIT */
/* why.c - dw-lab why and diff: what a record says of causes, and where two records part. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/keep.h"
#include "lib/base/units.h"
#include "lib/cli/opts.h"

enum { DEPTH_MAX = 40, LOSSES_SHOWN = 5, AROUND = 10 };

static const struct happened *event_of(const struct recorded *r, uint64_t number)
{
	return number && number <= r->count ? &r->v[number - 1] : NULL;
}

static unsigned plan_line(const struct recorded *r, const char *words)
{
	for (size_t i = 0; i < r->faults.count; i++)
		if (strcmp(r->faults.v[i], words) == 0)
			return (unsigned)i + 1;
	return 0;
}

/* One event in words that people say. */
static void tell(const struct recorded *r, const struct happened *h, unsigned depth)
{
	char at[UNIT_TEXT_LEN], line[32] = "";
	const char *what = h->what;
	if (strcmp(h->who, "plan") == 0)
		snprintf(line, sizeof line, " (line %u of the plan)", plan_line(r, h->words));
	if (strcmp(h->what, "in") == 0)
		what = "hears";
	else if (strcmp(h->what, "out") == 0)
		what = "sends";
	printf("%*s%s#%" PRIu64 " %s: %s %s%s%s%s\n", (int)(2 * depth), "", depth ? "<- " : "",
	       h->number, unit_time_text(at, h->at), h->who, what, *h->words ? " " : "", h->words,
	       line);
}

/* Backwards: what made it happen, to the first cause that is known. */
static void chain(const struct recorded *r, uint64_t number, unsigned depth)
{
	for (const struct happened *h; (h = event_of(r, number)); number = h->cause) {
		tell(r, h, depth);
		if (h->because && depth < DEPTH_MAX)
			chain(r, h->because, depth + 2);
		if (++depth == DEPTH_MAX) {
			printf("%*s...\n", (int)(2 * depth), "");
			return;
		}
	}
}

/* ---- forwards: what became of what was asked ---- */

static bool is_loss(const struct happened *h)
{
	return strcmp(h->what, "lost") == 0 || strcmp(h->what, "drops") == 0;
}

/* Marks all that `number` made happen; causes come before what they cause. */
static bool *outcome_of(const struct recorded *r, uint64_t number)
{
	bool *from = calloc(r->count + 1, sizeof *from);
	if (!from)
		return NULL;
	for (size_t i = number ? number - 1 : r->count; i < r->count; i++)
		from[r->v[i].number] = r->v[i].number == number || from[r->v[i].cause];
	return from;
}

/* The last frames that were lost before `until`, of those marked (NULL: of all); how many. */
static unsigned losses(const struct recorded *r, const bool *of, uint64_t until)
{
	unsigned shown = 0;
	for (uint64_t n = until; n && shown < LOSSES_SHOWN; n--) {
		const struct happened *h = event_of(r, n);
		if (!is_loss(h) || (of && !of[n]))
			continue;
		chain(r, n, 0);
		putchar('\n');
		shown++;
	}
	return shown;
}

/* Faults that were open then. */
static bool open_faults(const struct recorded *r, uint64_t until)
{
	bool any = false;
	for (uint64_t n = 1; n < until; n++) {
		const struct happened *h = event_of(r, n);
		bool open = strcmp(h->who, "plan") == 0 && strcmp(h->what, "begins") == 0;
		for (uint64_t k = n + 1; open && k < until; k++) {
			const struct happened *heal = event_of(r, k);
			open = strcmp(heal->who, "plan") != 0 || strcmp(heal->what, "heals") != 0 ||
			       strcmp(heal->words, h->words) != 0;
		}
		if (open)
			tell(r, h, 0);
		any |= open;
	}
	return any;
}

static const struct happened *failure_of(const struct recorded *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->v[i].what, "fails") == 0)
			return &r->v[i];
	return NULL;
}

static int why_failed(const struct recorded *r, const struct happened *f)
{
	printf("%s, seed %" PRIu64 ": %s\n\n", r->scenario, r->seed, r->test);
	chain(r, f->number, 0);
	putchar('\n');
	bool *of = outcome_of(r, f->cause);
	bool asked = f->cause && strcmp(event_of(r, f->cause)->what, "asked") == 0;
	if (asked && of)
		puts("What was lost of that, the last first:");
	if (!asked || !of || !losses(r, of, f->number)) {
		puts(asked ? "nothing\n\nFrames lost before, the last first:"
			   : "Frames lost before, the last first:");
		if (!losses(r, NULL, f->number))
			puts("none\n");
	}
	free(of);
	puts("Faults that were open:");
	if (!open_faults(r, f->number))
		puts("none");
	return 0;
}

static int why_event(const struct recorded *r, const char *text)
{
	uint64_t n;
	if (unit_u64(text[0] == '#' ? text + 1 : text, 1, INT64_MAX, &n, NULL) < 0 ||
	    n > r->count) {
		log_error("%s: the record has events 1 to %zu", text, r->count);
		return 2;
	}
	chain(r, n, 0);
	bool *of = outcome_of(r, n);
	unsigned shown = 0;
	for (uint64_t k = n + 1; of && k <= r->count; k++)
		if (of[k]) {
			if (!shown++)
				puts("\nWhat came of it:");
			if (shown <= AROUND)
				tell(r, event_of(r, k), 0);
		}
	if (shown > AROUND)
		printf("... and %u more\n", shown - AROUND);
	free(of);
	return 0;
}

int why(const struct words *w)
{
	struct recording rec;
	struct err e = { "" };
	if (!w->count || w->count > 2)
		return log_verdict(
			2, "why: a record, and perhaps the number of an event, belong here");
	if (recorded_read(&rec, w->v[0], &e) < 0)
		return log_verdict(2, e.text);
	int code = -1;
	for (size_t i = 0; i < rec.count && code < 0; i++) {
		const struct happened *f = failure_of(&rec.run[i]);
		if (f && w->count == 1)
			code = why_failed(&rec.run[i], f);
	}
	if (code < 0 && w->count == 2)
		code = why_event(&rec.run[0], w->v[1]);
	if (code < 0) {
		puts("nothing failed in this record");
		code = 1;
	}
	recorded_fini(&rec);
	return code;
}

/* ---- two records ---- */

static bool same_event(const struct happened *a, const struct happened *b)
{
	return a->at == b->at && a->cause == b->cause && a->because == b->because &&
	       strcmp(a->who, b->who) == 0 && strcmp(a->what, b->what) == 0 &&
	       strcmp(a->words, b->words) == 0;
}

size_t first_difference(const struct recorded *a, const struct recorded *b)
{
	size_t i = 0;
	while (i < a->count && i < b->count && same_event(&a->v[i], &b->v[i]))
		i++;
	return i;
}

void event_line(const struct recorded *r, size_t i, char *out, size_t room)
{
	char at[UNIT_TEXT_LEN];
	if (i >= r->count)
		snprintf(out, room, "(nothing more)");
	else
		snprintf(out, room, "#%" PRIu64 " %s: %s %s %s <#%" PRIu64, r->v[i].number,
			 unit_time_text(at, r->v[i].at), r->v[i].who, r->v[i].what, r->v[i].words,
			 r->v[i].cause);
}

static void side(const struct recorded *r, size_t at, char mark)
{
	char line[1200];
	for (size_t i = at; i < at + AROUND && (i < r->count || i == at); i++) {
		event_line(r, i, line, sizeof line);
		printf("%c %s\n", mark, line);
	}
}

static int diff_runs(const struct recorded *a, const struct recorded *b)
{
	size_t at = first_difference(a, b);
	char line[1200];
	if (at == a->count && at == b->count)
		return 0;
	printf("%s, %s: the same up to event %zu\n", a->scenario, a->test, at);
	for (size_t i = at > AROUND ? at - AROUND : 0; i < at; i++) {
		event_line(a, i, line, sizeof line);
		printf("  %s\n", line);
	}
	side(a, at, '-');
	side(b, at, '+');
	return 1;
}

int diff(const struct words *w)
{
	struct recording a, b;
	struct err e = { "" };
	if (w->count != 2)
		return log_verdict(2, "diff: two records belong here");
	if (recorded_read(&a, w->v[0], &e) < 0)
		return log_verdict(2, e.text);
	if (recorded_read(&b, w->v[1], &e) < 0) {
		recorded_fini(&a);
		return log_verdict(2, e.text);
	}
	int code = 0;
	for (size_t i = 0; i < a.count && i < b.count && !code; i++)
		code = diff_runs(&a.run[i], &b.run[i]);
	if (!code && a.count != b.count) {
		printf("%zu runs and %zu\n", a.count, b.count);
		code = 1;
	}
	recorded_fini(&a);
	recorded_fini(&b);
	return code;
}
