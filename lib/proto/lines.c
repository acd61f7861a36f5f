/* SPDX-License-Identifier: MIT */
/* lines.c - management bytes to commands, for clients that end lines and clients that do not. */
#include "lib/proto/lines.h"

#include <assert.h>
#include <string.h>

static void compact(struct lines *l)
{
	memmove(l->text, l->text + l->taken, l->len - l->taken);
	l->len -= l->taken;
	l->taken = 0;
}

char *lines_space(struct lines *l, size_t *room)
{
	compact(l);
	*room = sizeof l->text - l->len;
	return l->text + l->len;
}

void lines_filled(struct lines *l, size_t n)
{
	assert(n <= sizeof l->text - l->len);
	l->len += n;
}

static bool ends_line(char c)
{
	return c == '\n' ||
	       c == '\0'; /* a client that sends its string with the NUL means a line */
}

/* The end of the line that starts at `taken`, or NULL. */
static char *line_end(struct lines *l)
{
	for (size_t i = l->taken; i < l->len; i++)
		if (ends_line(l->text[i]))
			return l->text + i;
	return NULL;
}

static const char *cut_line(struct lines *l, char *end)
{
	char *line = l->text + l->taken;
	l->taken = (size_t)(end - l->text) + 1;
	*end = '\0';
	if (end > line && end[-1] == '\r')
		end[-1] = '\0';
	return line;
}

static const char *too_long(struct lines *l, bool *toolong)
{
	l->overlong = true;
	l->taken = l->len;
	*toolong = true;
	return "";
}

/* Drops the rest of an over-long line; false while its end has not come. */
static bool skip_rest(struct lines *l)
{
	char *end = line_end(l);
	l->taken = end ? (size_t)(end - l->text) + 1 : l->len;
	l->overlong = !end;
	return end != NULL;
}

const char *lines_next(struct lines *l, const struct cmd_set *set, bool flush, bool *toolong)
{
	*toolong = false;
	if (l->overlong && !skip_rest(l))
		return NULL;
	while (l->taken < l->len && l->text[l->taken] == '\0')
		l->taken++; /* the NUL after a newline is no line of its own */
	char *end = line_end(l);
	if (end)
		return cut_line(l, end);
	size_t left = l->len - l->taken;
	if (!left)
		return NULL;
	if (left > CMD_LINE_MAX)
		return too_long(l, toolong);
	if (l->len == sizeof l->text) /* no room for the NUL: move to the front */
		compact(l);
	l->text[l->len] = '\0';
	if (!flush && !cmd_is_command(set, l->text + l->taken))
		return NULL;
	const char *tail = l->text + l->taken;
	l->taken = l->len;
	return tail;
}
