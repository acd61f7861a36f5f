/* SPDX-License-Identifier: MIT */
/* shrink_plan.c - weaker faults: an entry of a plan as text, and what could stand in its place. A
 * later one is weaker still; those that cannot be are refused when they are tried. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/shrink.h"
#include "lib/base/units.h"

static const struct {
	const char *strong, *weak;
} weaker[] = {
	{ "loss = \"100%\"", "loss = \"50%\"" },
	{ "loss = \"50%\"", "loss = \"20%\"" },
	{ "loss = \"20%\"", "loss = \"5%\"" },
	{ "delay = \"500ms\"", "delay = \"50ms\"" },
	{ "delay = \"50ms\"", "delay = \"5ms\"" },
	{ "by = \"50%\"", "by = \"5%\"" },
	{ "by = \"-50%\"", "by = \"-5%\"" },
	{ "by = \"5%\"", "by = \"200ppm\"" },
	{ "by = \"-5%\"", "by = \"-200ppm\"" },
	{ "count = 1000", "count = 100" },
	{ "count = 100 ", "count = 10 " },
	{ "kill = ", "restart = " },
	{ "kill = ", "pause = " },
};
enum { WEAKER = sizeof weaker / sizeof *weaker };
static_assert(WEAKER + 9 == SHRINK_WAYS, "as many as shrink_weaker() knows");

static bool set(struct words *w, size_t at, char *line)
{
	if (!line)
		return false;
	free(w->v[at]);
	w->v[at] = line;
	return true;
}

/* `was` with `len` bytes at `at` replaced. */
static char *spliced(const char *was, const char *at, size_t len, const char *by)
{
	size_t room = strlen(was) + strlen(by) + 1;
	char *line = malloc(room);
	if (line)
		snprintf(line, room, "%.*s%s%s", (int)(at - was), was, by, at + len);
	return line;
}

/* The value of `key = "…"`, a time; 0 if there is none. */
static int64_t time_of(const char *line, const char *key, const char **at, size_t *len)
{
	char mark[32], text[64];
	int64_t ns;
	snprintf(mark, sizeof mark, "%s = \"", key);
	const char *found = strstr(line, mark);
	if (!found)
		return 0;
	*at = found + strlen(mark);
	*len = strcspn(*at, "\"");
	snprintf(text, sizeof text, "%.*s", (int)*len, *at);
	return unit_time(text, &ns, NULL) == 0 ? ns : 0;
}

static char *with_time(const char *was, const char *key, int64_t step, int64_t part)
{
	const char *at = NULL;
	size_t len = 0;
	char text[UNIT_TEXT_LEN];
	int64_t ns = time_of(was, key, &at, &len), less = ns / part / step * step;
	if (less <= 0 || less == ns)
		return NULL;
	return spliced(was, at, len, unit_time_text(text, less));
}

/* A cut cable loses half of its frames instead. */
static char *lossy(const char *was)
{
	char line[400];
	const char *cut = strstr(was, " cut = \"");
	if (!cut)
		return NULL;
	const char *name = cut + strlen(" cut = ");
	size_t len = strcspn(name + 1, "\"") + 2;
	snprintf(line, sizeof line, "%.*s set = %.*s, to = { loss = \"50%%\" } }", (int)(cut - was),
		 was, (int)len, name);
	return strdup(line);
}

static char *once(const char *was)
{
	const char *times = strstr(was, "times = ");
	if (!times || strncmp(times, "times = 1 ", 10) == 0)
		return NULL;
	times += strlen("times = ");
	return spliced(was, times, strspn(times, "0123456789"), "1");
}

/* The number behind a name that begins at `p`; 0: none. */
static unsigned numbered(const char *p, const char **digits)
{
	while (isalpha((unsigned char)*p) || *p == '_')
		p++;
	*digits = p;
	return isdigit((unsigned char)*p) && *p != '0' ? (unsigned)strtoul(p, NULL, 10) : 0;
}

/* Not weaker, but nearer to where numbers begin, so that shapes can be smaller: s5--s6 becomes
 * s1--s2. */
static char *lower(const char *was)
{
	const char *name = NULL, *d1, *d2 = NULL;
	for (const char *const *k =
		     (const char *const[]){ " cut = \"", " hold = \"", " set = \"", " flap = \"",
					    " kill = \"", " restart = \"", " pause = \"",
					    " skew = \"", NULL };
	     *k && !name; k++)
		if ((name = strstr(was, *k)))
			name += strlen(*k);
	unsigned one = name ? numbered(name, &d1) : 0, two = 0;
	if (!one)
		return NULL;
	const char *end = d1 + strspn(d1, "0123456789"), *second = end;
	if (strncmp(end, "--", 2) == 0) {
		two = numbered(end + 2, &d2);
		second = d2 + strspn(d2, "0123456789");
	}
	unsigned least = two && two < one ? two : one;
	if (least < 2 || *second != '"' || (d2 && !two))
		return NULL;
	char by[200];
	snprintf(by, sizeof by, "%u", one - least + 1);
	if (two)
		snprintf(by, sizeof by, "%u%.*s%u", one - least + 1, (int)(d2 - end), end,
			 two - least + 1);
	return spliced(was, d1, (size_t)(second - d1), by);
}

bool shrink_weaker(struct words *faults, size_t at, const char *was, unsigned nth)
{
	if (nth < WEAKER) {
		const char *strong = strstr(was, weaker[nth].strong);
		return strong &&
		       set(faults, at,
			   spliced(was, strong, strlen(weaker[nth].strong), weaker[nth].weak));
	}
	switch (nth - WEAKER) {
	case 0:
		return set(faults, at, lossy(was));
	case 1:
		return set(faults, at, once(was));
	case 2:
		return set(faults, at, with_time(was, "lasting", 1000000, 10));
	case 3:
		return set(faults, at, with_time(was, "lasting", 1000000, 2));
	case 4:
		return set(faults, at, with_time(was, "lasting", NS_PER_SEC, 1));
	case 5:
		return set(faults, at, with_time(was, "lasting", NS_PER_SEC / 10, 1));
	case 6:
		return set(faults, at, with_time(was, "at", NS_PER_SEC, 1));
	case 7:
		return set(faults, at, with_time(was, "at", NS_PER_SEC / 10, 1));
	case 8:
		return set(faults, at, lower(was));
	}
	return false;
}
