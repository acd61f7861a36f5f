/* SPDX-License-Identifier: MIT */
/* page_wires.c - wires, one row a direction: what they were told to do and what they really did. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/text.h"
#include "console/ui.h"

static const struct side *side_of(const struct model *m, const struct ref *r)
{
	return &m->source[r->source]->wire.side[r->idx];
}

static void fill(const struct model *m, const struct list *l, struct refs *rows)
{
	(void)l;
	for (unsigned i = 0; i < m->source_count; i++)
		for (uint32_t dir = 0; m->source[i]->kind == KIND_WIRE && dir < 2; dir++)
			refs_add(rows, i, dir, (uint64_t)(i + 1) << 32 | dir);
}

/* ---- columns ---- */

static void show_dir(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, alive(m, r, ST_PLAIN), "%s", r->idx ? "b→a" : "a→b");
}

static void show_state(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct wire_model *w = &m->source[r->source]->wire;
	bool up = !strcmp(w->state, "up");
	bool carrier = w->carrier_a && w->carrier_b;
	show(s,
	     alive(m, r,
		   !up       ? ST_BAD
		   : carrier ? ST_GOOD
			     : ST_WARN),
	     "%s",
	     up && !carrier ? "no end"
	     : w->state[0]  ? w->state
			    : "?");
}

/* Settings that do nothing are not worth the room. */
static bool is_idle(const struct setting *s)
{
	static const char *const nothing[] = { "",   "0",  "0s", "0ns", "0bit", "0B",
					       "0%", "0p", "no", "off", "none", "false" };
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
		if (!strcmp(s->value, nothing[i]))
			return true;
	return !strcmp(s->value, "uniform") ||
	       (!strcmp(s->key, "limit") && !strcmp(s->value, "1000p")) ||
	       (!strcmp(s->key, "queue") && !strcmp(s->value, "droptail")) ||
	       (!strcmp(s->key, "gap") && !strcmp(s->value, "1"));
}

static void settings_of(const struct side *side, char *buf, size_t size)
{
	size_t n = 0;
	buf[0] = '\0';
	for (unsigned i = 0; i < side->count && n < size; i++)
		if (!is_idle(&side->set[i]))
			n += (size_t)snprintf(buf + n, size - n, "%s%s %s", n ? ", " : "",
					      side->set[i].key, side->set[i].value);
}

static void show_settings(const struct model *m, const struct ref *r, struct shown *s)
{
	settings_of(side_of(m, r), s->text, sizeof s->text);
	s->style = alive(m, r, s->text[0] ? ST_PLAIN : ST_DIM);
	if (!s->text[0])
		snprintf(s->text, sizeof s->text, "perfect");
}

static void show_delay(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct side *side = side_of(m, r);
	char text[TEXT_NUMBER_LEN];
	bool known = side->tx.frames;
	show(s, alive(m, r, known ? ST_PLAIN : ST_DIM), "%s",
	     known ? text_delay(text, side->delay_avg_ns) : "-");
}

/* In hundredths of a percent of what came in; duplicates are no gain. */
static uint64_t loss_of(const struct side *side)
{
	return side->rx.frames ? side->drops.sum * 10000 / side->rx.frames : 0;
}

static void show_loss(const struct model *m, const struct ref *r, struct shown *s)
{
	uint64_t loss = loss_of(side_of(m, r));
	bool now = side_of(m, r)->drops.sum != side_of(m, r)->drops.before;
	show(s,
	     alive(m, r,
		   now    ? ST_BAD
		   : loss ? ST_PLAIN
			  : ST_DIM),
	     "%" PRIu64 ".%02" PRIu64 "%%", loss / 100, loss % 100);
}

static void show_rate(const struct model *m, const struct ref *r, struct shown *s)
{
	char text[TEXT_NUMBER_LEN];
	uint64_t bps = side_of(m, r)->tx.bps;
	if (!m->source[r->source]->has_rates)
		show(s, ST_DIM, "-");
	else
		show(s, alive(m, r, bps ? ST_PLAIN : ST_DIM), "%s", text_bits(text, bps));
}

static void show_held(const struct model *m, const struct ref *r, struct shown *s)
{
	char text[TEXT_NUMBER_LEN];
	uint64_t held = side_of(m, r)->held;
	show(s, alive(m, r, held ? ST_PLAIN : ST_DIM), "%s", text_count(text, held));
}

static void show_load(const struct model *m, const struct ref *r, struct shown *s)
{
	grid_spark(s->text, side_of(m, r)->history + HISTORY_LEN - 8, 8);
	s->style = alive(m, r, ST_BAR);
}

static int by_state(const struct model *m, const struct ref *a, const struct ref *b)
{
	return strcmp(m->source[a->source]->wire.state, m->source[b->source]->wire.state);
}

static int by_loss(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(loss_of(side_of(m, b)), loss_of(side_of(m, a)));
}

static int by_delay(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64((uint64_t)side_of(m, b)->delay_avg_ns,
			   (uint64_t)side_of(m, a)->delay_avg_ns);
}

static int by_rate(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(side_of(m, b)->tx.bps, side_of(m, a)->tx.bps);
}

static const struct column columns[] = {
	{ "wire", 9, 0, false, 2, show_source, compare_source },
	{ "way", 3, 0, false, 0, show_dir, NULL },
	{ "state", 6, 0, false, 0, show_state, by_state },
	{ "told to", 12, 3, false, 4, show_settings, NULL },
	{ "delay", 6, 0, true, 0, show_delay, by_delay },
	{ "lost", 7, 0, true, 0, show_loss, by_loss },
	{ "bit/s", 6, 2, true, 0, show_rate, by_rate },
	{ "held", 5, 6, true, 0, show_held, NULL },
	{ "load", 8, 5, false, 0, show_load, NULL },
};

/* ---- the selected direction ---- */

static void words(const struct model *m, const struct ref *r, char *buf, size_t size)
{
	char settings[200];
	settings_of(side_of(m, r), settings, sizeof settings);
	snprintf(buf, size, "%s %s %s %s", m->source[r->source]->name, r->idx ? "ba" : "ab",
		 m->source[r->source]->wire.state, settings);
}

static void detail(const struct model *m, const struct ref *r, struct grid *g, int y, int lines)
{
	const struct wire_model *w = &m->source[r->source]->wire;
	const struct side *s = side_of(m, r);
	char drops[300], t[4][TEXT_NUMBER_LEN], n[2][TEXT_NUMBER_LEN];
	show_drops(&s->drops, drops, sizeof drops);
	if (lines > 1) {
		grid_print(g, 0, y++, g->w, w->unfaithful ? ST_WARN : ST_DIM,
			   "delay %s to %s, mean %s; at most %s late%s",
			   text_delay(t[0], s->delay_min_ns), text_delay(t[1], s->delay_max_ns),
			   text_delay(t[2], s->delay_avg_ns), text_delay(t[3], s->late_max_ns),
			   w->unfaithful ? "; UNFAITHFUL" : "");
		grid_print(g, 0, y++, g->w, ST_DIM,
			   "in %s frames, out %s, duplicates %" PRIu64 "; ends: a %s, b %s",
			   text_count(n[0], s->rx.frames), text_count(n[1], s->tx.frames),
			   s->duplicates, w->carrier_a ? "plugged in" : "gone",
			   w->carrier_b ? "plugged in" : "gone");
	}
	grid_print(g, 0, y, g->w, s->drops.sum ? ST_WARN : ST_DIM, "drops: %s", drops);
}

/* ---- keys ---- */

static void key_cut(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m;
	ui_ask(u, r->source, "cut");
}

static void key_silent(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m;
	ui_ask(u, r->source, "cut silent");
}

static void key_mend(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m;
	ui_ask(u, r->source, "mend");
}

static void key_impair(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m;
	ui_ask_value(u, r->source, "impair", r->idx ? "ba." : "ab.", "set %s");
}

static void key_both(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m;
	ui_ask_value(u, r->source, "impair both ways", "", "set %s");
}

static void key_hold(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m;
	ui_ask(u, r->source, "hold");
}

static void key_release(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m;
	ui_ask(u, r->source, "release");
}

static void key_capture(struct ui *u, const struct model *m, const struct ref *r)
{
	hand_capture(u, m, r, "all");
}

static void key_watch(struct ui *u, const struct model *m, const struct ref *r)
{
	hand_watch(u, m, r, "all");
}

static void key_wireshark(struct ui *u, const struct model *m, const struct ref *r)
{
	hand_wireshark(u, m, r, "all");
}

static const struct key keys[] = {
	{ 'c', "c", "cut", "lose all frames; the ends lose their link", true, false, key_cut },
	{ 'm', "m", "mend", "undo cut", true, false, key_mend },
	{ 'i', "i", "impair", "impair both ways (delay=5ms loss=1%)", true, false, key_both },
	{ 'I', "I", NULL, "impair this way", true, false, key_impair },
	{ 'C', "C", NULL, "cut in silence: the ends keep their link", true, false, key_silent },
	{ 'o', "o", "hold", "let nothing leave", true, false, key_hold },
	{ 'O', "O", "release", "let all that is due leave", true, false, key_release },
	{ UI_ENTER, "Enter", "frames", "watch the frames that cross it, on page 6", false, false,
	  key_watch },
	{ 'p', "p", "pcap", "capture it to a file", true, false, key_capture },
	{ 'P', "P", NULL, "show its frames in Wireshark", true, false, key_wireshark },
	{ 'z', "z", NULL, "end a capture", true, false, hand_stop_capture },
	{ 'w', "w", "write", "write the configuration to a file", true, false, hand_save_config },
	{ 0 },
};

static const char *empty(const struct model *m)
{
	(void)m;
	return "no wire among the sources; dw-cable and dw-wire have sockets by -M";
}

const struct page page_wires = {
	.name = "wires",
	.wants = WANT_RATES,
	.columns = columns,
	.column_count = sizeof columns / sizeof *columns,
	.keys = keys,
	.detail_lines = 3,
	.fill = fill,
	.words = words,
	.detail = detail,
	.empty = empty,
};
