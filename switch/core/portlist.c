/* SPDX-License-Identifier: MIT */
/* portlist.c - reading lists of ports. */
#include "switch/core/portlist.h"

#include <errno.h>
#include <string.h>

#include "lib/base/units.h"

int port_list_one(const struct bridge *b, const char *text, struct err *e)
{
	int p = bridge_port_find(b, text);
	return p < 0 ? err_set(e, p, "%s: no such port", text) : p;
}

static int number(const struct bridge *b, const char *text, unsigned *port, struct err *e)
{
	uint64_t n;
	int r = unit_u64(text, 0, bridge_config(b)->numports, &n, e);
	if (r < 0)
		return err_prefix(e, -EINVAL, "port");
	*port = (unsigned)n;
	return 0;
}

/* "a-b" or "n" with a digit in front, else a name; `piece` is cut up. */
static int read_piece(const struct bridge *b, char *piece, unsigned *first, unsigned *last,
		      struct err *e)
{
	if (*piece < '0' || *piece > '9') {
		int p = port_list_one(b, piece, e);
		*first = *last = (unsigned)p;
		return p < 0 ? p : 0;
	}
	char *dash = strchr(piece, '-');
	if (dash)
		*dash++ = '\0';
	int r = number(b, piece, first, e);
	if (!r)
		r = number(b, dash ? dash : piece, last, e);
	if (!r && *last < *first)
		return err_set(e, -EINVAL, "ports %u-%u: the last is before the first", *first,
			       *last);
	return r;
}

static int all_exist(const struct bridge *b, unsigned first, unsigned last, struct err *e)
{
	for (unsigned p = first; p <= last; p++)
		if (!bridge_port_config(b, p))
			return err_set(e, -ENOENT, "%u: no such port", p);
	return 0;
}

int port_list_parse(struct port_list *l, const struct bridge *b, const char *text, bool fresh,
		    struct err *e)
{
	l->count = 0;
	for (;;) {
		char piece[PORT_NAME_MAX + 1];
		size_t n = strcspn(text, ",");
		if (!n || n >= sizeof piece)
			return err_set(e, -EINVAL, "%s: not a list of ports", text);
		if (l->count == PORT_LIST_MAX)
			return err_set(e, -E2BIG, "more than %d pieces in a list of ports",
				       PORT_LIST_MAX);
		memcpy(piece, text, n);
		piece[n] = '\0';
		unsigned *first = &l->range[l->count].first, *last = &l->range[l->count].last;
		int r = read_piece(b, piece, first, last, e);
		if (!r && !fresh)
			r = all_exist(b, *first, *last, e);
		if (r < 0)
			return r;
		l->count++;
		if (!text[n])
			return 0;
		text += n + 1;
	}
}
