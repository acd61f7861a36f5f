/* SPDX-License-Identifier: MIT */
/* vidset.c - reading and writing sets of VLANs. */
#include "switch/core/vidset.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/units.h"

unsigned vidset_next(const struct vidset *s, unsigned from)
{
	for (unsigned i = from >> 6; i < VID_COUNT / 64; i++, from = i << 6) {
		uint64_t w = s->word[i] & ~UINT64_C(0) << (from & 63);
		if (w)
			return i << 6 | (unsigned)__builtin_ctzll(w);
	}
	return VID_COUNT;
}

bool vidset_empty(const struct vidset *s)
{
	return vidset_next(s, 0) == VID_COUNT;
}

static unsigned run_end(const struct vidset *s,
			unsigned first) /* the last of the run that begins there */
{
	while (first + 1 < VID_COUNT && vidset_has(s, first + 1))
		first++;
	return first;
}

bool vidset_is_all(const struct vidset *s)
{
	return vidset_next(s, 0) == 1 && run_end(s, 1) == VID_MAX;
}

static int read_vid(const char *text, unsigned min, unsigned *vid, struct err *e)
{
	uint64_t n;
	int r = unit_u64(text, min, VID_MAX, &n, e);
	if (r < 0)
		return err_prefix(e, -EINVAL, "vlan");
	*vid = (unsigned)n;
	return 0;
}

static int read_piece(struct vidset *s, char *piece, unsigned min, struct err *e)
{
	unsigned first = 0, last;
	char *dash = strchr(piece, '-');
	if (dash)
		*dash++ = '\0';
	int r = read_vid(piece, min, &first, e);
	last = first;
	if (!r && dash)
		r = read_vid(dash, min, &last, e);
	if (r < 0)
		return r;
	if (last < first)
		return err_set(e, -EINVAL, "vlans %u-%u: the last is before the first", first,
			       last);
	for (unsigned v = first; v <= last; v++)
		vidset_put(s, v, true);
	return 0;
}

int vidset_parse(struct vidset *s, const char *text, unsigned min, struct err *e)
{
	struct vidset got = { { 0 } };
	if (!strcmp(text, "none")) {
		*s = got;
		return 0;
	}
	if (!strcmp(text, "all"))
		text = "1-4094";
	for (;;) {
		char piece[16];
		size_t n = strcspn(text, ",");
		if (!n || n >= sizeof piece)
			return err_set(e, -EINVAL, "%s: not a list of VLANs like 10,20-30", text);
		memcpy(piece, text, n);
		piece[n] = '\0';
		int r = read_piece(&got, piece, min, e);
		if (r < 0)
			return r;
		if (!text[n])
			break;
		text += n + 1;
	}
	*s = got;
	return 0;
}

void vidset_show(const struct vidset *s, const char *json_key, struct out *o)
{
	out_list(o, json_key);
	if (vidset_is_all(s))
		out_str(o, NULL, "%s", "all");
	else if (vidset_empty(s))
		out_text(o, "none");
	else
		for (unsigned v = vidset_next(s, 0), last; v < VID_COUNT;
		     v = vidset_next(s, last + 1)) {
			char piece[16];
			last = run_end(s, v);
			snprintf(piece, sizeof piece, v == last ? "%u" : "%u-%u", v, last);
			out_str(o, NULL, "%s", piece);
			if (vidset_next(s, last + 1) < VID_COUNT)
				out_text(o, ",");
		}
	out_end_list(o);
}
