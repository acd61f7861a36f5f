/* SPDX-License-Identifier: MIT */
/* pingtext.c - what the system's ping says at its end, read. */
#include "lab/real/pingtext.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/units.h"

enum { DAY_MS = 86400000 };

/* "12.345" milliseconds, whole or with a fraction, to ns, exactly; false: not a number. */
static bool ms_at(const char **p, int64_t *ns)
{
	const char *start = *p;
	int64_t whole = 0, part = 0, unit = NS_PER_MS;
	for (; **p >= '0' && **p <= '9' && whole < DAY_MS; ++*p)
		whole = whole * 10 + (**p - '0');
	if (*p > start && **p == '.')
		for (++*p; **p >= '0' && **p <= '9'; ++*p)
			part += (**p - '0') * (unit /= 10);
	*ns = whole * NS_PER_MS + part;
	return *p > start;
}

static bool slash_and_ms(const char **p, int64_t *ns)
{
	return *(*p)++ == '/' && ms_at(p, ns);
}

static bool read_times(struct ping_result *r, const char *text)
{
	int64_t avg;
	const char *at = strstr(text, "min/avg/max");
	at = at ? strstr(at, " = ") : NULL;
	if (!at)
		return r->received == 0;
	at += 3;
	if (!ms_at(&at, &r->rtt_min_ns) || !slash_and_ms(&at, &avg) ||
	    !slash_and_ms(&at, &r->rtt_max_ns))
		return false;
	r->rtt_sum_ns = avg * r->received;
	return true;
}

bool pingtext_read(struct ping_result *out, const char *text)
{
	struct ping_result r = { .done = true };
	const char *counts = strstr(text, " packets transmitted, "), *line = counts;
	while (line && line > text && line[-1] != '\n')
		line--;
	if (!counts || sscanf(line, "%u packets transmitted, %u", &r.sent, &r.received) != 2)
		return false;
	if (r.received > r.sent || !read_times(&r, counts))
		return false;
	*out = r;
	return true;
}
