/* SPDX-License-Identifier: MIT */
/* record.c - the lines of a record. */
#include "lab/record.h"

#include <stdarg.h>

static void put_line(FILE *to, char *text)
{
	for (char *p = text; *p; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	fputs(text, to);
	putc('\n', to);
}

uint64_t record_event(struct record *r, int64_t at, const char *who, const char *what,
		      uint64_t cause, uint64_t because, const char *fmt, ...)
{
	char words[1000];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	fprintf(r->to, "%llu %lld %s %s <%llu", (unsigned long long)++r->count, (long long)at, who,
		what, (unsigned long long)cause);
	if (because)
		fprintf(r->to, ",%llu", (unsigned long long)because);
	if (words[0])
		putc(' ', r->to);
	put_line(r->to, words);
	return r->count;
}

void record_head(struct record *r, const char *key, const char *value)
{
	char words[1000];
	snprintf(words, sizeof words, "%s %s", key, value);
	put_line(r->to, words);
}
