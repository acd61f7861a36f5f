/* SPDX-License-Identifier: MIT */
/* page_frames.c - frames of one port or wire, one line each, as they pass. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/text.h"
#include "console/ui.h"

static const struct frame_line *frame_of(const struct model *m, const struct ref *r)
{
	const struct frame_line *f = model_frame_at(m, r->id);
	return f ? f : model_frame_at(m, model_first_frame(m)); /* it just left the ring */
}

/* Frames of a source long gone are nobody's: rows need one to belong to, and take the first. */
static void fill(const struct model *m, const struct list *l, struct refs *rows)
{
	uint64_t last =
		l->paused && l->frozen_frame < m->frame_seq ? l->frozen_frame : m->frame_seq;
	for (uint64_t seq = model_first_frame(m); m->source_count && seq <= last; seq++)
		refs_add(rows, m->watched_source, 0, seq);
}

static uint64_t gen(const struct model *m)
{
	return m->frame_seq + 1;
}

static void show_time(const struct model *m, const struct ref *r, struct shown *s)
{
	char text[TEXT_NUMBER_LEN];
	show(s, ST_DIM, "%s", text_clock(text, frame_of(m, r)->wall_ns + m->zone_ns));
}

static void show_way(const struct model *m, const struct ref *r, struct shown *s)
{
	char way = frame_of(m, r)->way;
	show(s, ST_DIM, "%s", way == 'i' ? "→" : way == 'o' ? "←" : "");
}

static void show_where(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, ST_DIM, "%s", frame_of(m, r)->where);
}

static void show_from(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, ST_PLAIN, "%s", frame_of(m, r)->src);
}

static void show_to(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, ST_PLAIN, "%s", frame_of(m, r)->dst);
}

static void show_vlan(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct frame_line *f = frame_of(m, r);
	if (f->vlan)
		show(s, ST_PLAIN, "%u", f->vlan);
}

static void show_len(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, ST_PLAIN, "%" PRIu32, frame_of(m, r)->len);
}

static void show_text(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct frame_line *f = frame_of(m, r);
	if (f->drop[0])
		show(s, ST_BAD, "lost (%s): %s", f->drop, f->text);
	else
		show(s, ST_PLAIN, "%s", f->text);
}

static int by_len(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(frame_of(m, b)->len, frame_of(m, a)->len);
}

static const struct column columns[] = {
	{ "time", 12, 2, false, 0, show_time, NULL }, { "at", 6, 3, false, 1, show_where, NULL },
	{ "", 1, 3, false, 0, show_way, NULL },       { "from", 17, 5, false, 0, show_from, NULL },
	{ "to", 17, 4, false, 0, show_to, NULL },     { "vlan", 4, 1, true, 0, show_vlan, NULL },
	{ "bytes", 5, 0, true, 0, show_len, by_len }, { "what", 16, 0, false, 5, show_text, NULL },
};

static void words(const struct model *m, const struct ref *r, char *buf, size_t size)
{
	const struct frame_line *f = frame_of(m, r);
	snprintf(buf, size, "%s %s vlan %u %s %s", f->src, f->dst, f->vlan, f->drop, f->text);
}

static void detail(const struct model *m, const struct ref *r, struct grid *g, int y, int lines)
{
	(void)r, (void)lines;
	grid_print(g, 0, y, g->w, m->watch_why[0] ? ST_WARN : ST_DIM, "%s: %" PRIu64 " frames%s%s",
		   m->watched, m->frame_seq, m->watch_why[0] ? "; " : "", m->watch_why);
}

static const char *empty(const struct model *m)
{
	if (m->watch_why[0])
		return m->watch_why;
	if (m->watched[0])
		return "no frame has passed yet";
	for (unsigned i = 0; i < m->source_count; i++)
		if (source_can(m->source[i], "capture/start"))
			return "press Enter on a port (page 1) or a wire (page 4) to see its "
			       "frames";
	return m->source_count ? "none of the sources has capture/ commands" : no_switch(m);
}

static void key_stop(struct ui *u, const struct model *m, const struct ref *r)
{
	char text[128] = "";
	(void)m, (void)r;
	u->host->watch(u->host->ctx, 0, NULL, text, sizeof text);
	ui_say(u, ST_PLAIN, "%s", text);
}

static const struct key keys[] = {
	{ 'x', "x", "stop", "stop watching", false, true, key_stop },
	{ 0 },
};

const struct page page_frames = {
	.name = "frames",
	.wants = WANT_ALWAYS,
	.columns = columns,
	.column_count = sizeof columns / sizeof *columns,
	.keys = keys,
	.detail_lines = 1,
	.follow = true,
	.fill = fill,
	.words = words,
	.detail = detail,
	.empty = empty,
	.gen = gen,
};
