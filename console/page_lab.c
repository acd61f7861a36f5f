/* SPDX-License-Identifier: MIT */
/* page_lab.c - every source in one line: what it is, whether it lives, how much passes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/text.h"
#include "console/ui.h"

static const struct source *source_of(const struct model *m, const struct ref *r)
{
	return m->source[r->source];
}

static void fill(const struct model *m, const struct list *l, struct refs *rows)
{
	(void)l;
	for (unsigned i = 0; i < m->source_count; i++)
		refs_add(rows, i, 0, i + 1);
}

static void show_lab(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, ST_DIM, "%s", source_of(m, r)->lab);
}

static void show_kind(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, alive(m, r, ST_PLAIN), "%s", source_kind_name(source_of(m, r)->kind));
}

static void show_state(const struct model *m, const struct ref *r, struct shown *s)
{
	static const enum style styles[] = { ST_DIM, ST_GOOD, ST_WARN, ST_BAD };
	show(s, styles[source_of(m, r)->state], "%s", source_state_name(source_of(m, r)->state));
}

static void show_since(const struct model *m, const struct ref *r, struct shown *s)
{
	char text[TEXT_NUMBER_LEN];
	show(s, ST_DIM, "%s", text_span(text, m->now - source_of(m, r)->since_ns));
}

static void show_uptime(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct source *src = source_of(m, r);
	char text[TEXT_NUMBER_LEN];
	if (src->uptime_at && src->state != SRC_DEAD)
		show(s, ST_DIM, "%s", text_span(text, src->uptime_ns + m->now - src->uptime_at));
}

static void show_ports(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct source *src = source_of(m, r);
	size_t up = 0;
	if (src->kind != KIND_SWITCH)
		return;
	for (size_t i = 0; i < src->port_count; i++)
		up += src->ports[i].up && src->ports[i].active;
	show(s, alive(m, r, up == src->port_count ? ST_PLAIN : ST_WARN), "%zu/%zu", up,
	     src->port_count);
}

static void traffic_of(const struct source *s, uint64_t *fps, uint64_t *drops)
{
	*fps = s->wire.side[0].rx.fps + s->wire.side[1].rx.fps;
	*drops = s->wire.side[0].drops.sum + s->wire.side[1].drops.sum;
	for (size_t i = 0; i < s->port_count; i++) {
		*fps += s->ports[i].rx.fps;
		*drops += s->ports[i].drops.sum;
	}
}

static void show_fps(const struct model *m, const struct ref *r, struct shown *s)
{
	uint64_t fps, drops;
	char text[TEXT_NUMBER_LEN];
	traffic_of(source_of(m, r), &fps, &drops);
	if (source_of(m, r)->has_rates)
		show(s, alive(m, r, fps ? ST_PLAIN : ST_DIM), "%s", text_count(text, fps));
	else
		show(s, ST_DIM, "-");
}

static void show_drops_of(const struct model *m, const struct ref *r, struct shown *s)
{
	uint64_t fps, drops;
	char text[TEXT_NUMBER_LEN];
	traffic_of(source_of(m, r), &fps, &drops);
	show(s, alive(m, r, drops ? ST_PLAIN : ST_DIM), "%s", text_count(text, drops));
}

static void show_path(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct source *src = source_of(m, r);
	show(s, ST_DIM, "%s%s%s", src->why, src->why[0] ? ": " : "", src->path);
}

static int by_state(const struct model *m, const struct ref *a, const struct ref *b)
{
	return (int)source_of(m, b)->state - (int)source_of(m, a)->state;
}

static int by_kind(const struct model *m, const struct ref *a, const struct ref *b)
{
	return (int)source_of(m, a)->kind - (int)source_of(m, b)->kind;
}

static int by_fps(const struct model *m, const struct ref *a, const struct ref *b)
{
	uint64_t x, y, drops;
	traffic_of(source_of(m, a), &x, &drops);
	traffic_of(source_of(m, b), &y, &drops);
	return compare_u64(y, x);
}

static const struct column columns[] = {
	{ "node", 9, 0, false, 1, show_source, compare_source },
	{ "lab", 6, 7, false, 1, show_lab, NULL },
	{ "kind", 6, 0, false, 0, show_kind, by_kind },
	{ "state", 6, 0, false, 0, show_state, by_state },
	{ "since", 5, 0, true, 0, show_since, NULL },
	{ "uptime", 6, 6, true, 0, show_uptime, NULL },
	{ "ports", 7, 4, true, 0, show_ports, NULL },
	{ "rx/s", 5, 3, true, 0, show_fps, by_fps },
	{ "drops", 5, 5, true, 0, show_drops_of, NULL },
	{ "socket", 8, 8, false, 4, show_path, NULL },
};

static void words(const struct model *m, const struct ref *r, char *buf, size_t size)
{
	const struct source *s = source_of(m, r);
	snprintf(buf, size, "%s %s %s %s %s %s", s->name, s->lab, source_kind_name(s->kind),
		 source_state_name(s->state), s->why, s->path);
}

static void time_detail(const struct lab_time *t, struct grid *g, int y, int lines)
{
	grid_print(g, 0, y++, g->w, ST_DIM,
		   "test %" PRIu64 " of %" PRIu64 ", %s, of %s; seed %" PRIu64
		   "; by hand: %" PRIu64,
		   t->number, t->tests, t->test, t->file, t->seed, t->by_hand);
	if (lines > 1)
		grid_print(g, 0, y, g->w, ST_DIM, "%s%s%s%s", t->verdict,
			   t->stopped_by[0] ? "; stopped by " : "", t->stopped_by,
			   "; Enter: the faults that are planned");
}

static void detail(const struct model *m, const struct ref *r, struct grid *g, int y, int lines)
{
	const struct source *s = source_of(m, r);
	if (s->kind == KIND_LAB && s->time.known) {
		time_detail(&s->time, g, y, lines);
		return;
	}
	if (lines > 1)
		grid_print(g, 0, y++, g->w, ST_DIM, "%s%s%s%s%s", s->path,
			   s->version[0] ? "; version " : "", s->version, s->mac[0] ? "; " : "",
			   s->mac);
	grid_print(g, 0, y, g->w, s->state == SRC_DEAD ? ST_BAD : ST_DIM, "%s%s%s",
		   source_state_name(s->state), s->why[0] ? ": " : "", s->why);
}

static void key_only(struct ui *u, const struct model *m, const struct ref *r)
{
	const struct source *s = source_of(m, r);
	int page = s->kind == KIND_WIRE ? PAGE_WIRES : PAGE_PORTS;
	if (s->kind == KIND_LAB) {
		ui_send(u, r->source, "plan/print");
		return;
	}
	list_filter(&u->list[page], s->name);
	ui_go(u, page);
}

/* Of a switch whose lab is led: by the lab, which can give it back. */
static void power(struct ui *u, const struct model *m, const struct ref *r, const char *what)
{
	const char *path = source_of(m, r)->path, *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	ui_ask(u, (unsigned)model_leader(m), "node/%s %.*s", what,
	       (int)(strlen(name) - strlen(".mgmt")), name);
}

static void key_shutdown(struct ui *u, const struct model *m, const struct ref *r)
{
	if (u->leads)
		power(u, m, r, "kill");
	else
		ui_ask(u, r->source, "shutdown");
}

static void key_restart(struct ui *u, const struct model *m, const struct ref *r)
{
	if (u->leads)
		power(u, m, r, "restart");
	else
		ui_say(u, ST_WARN, "only the switches of a lab that is led can be restarted here");
}

static void key_by_hand(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)r;
	if (u->leads)
		ui_send(u, (unsigned)model_leader(m), "hand/list");
	else
		ui_say(u, ST_DIM, "S saves what was done by hand");
}

static const struct key keys[] = {
	{ UI_ENTER, "Enter", "open", "its ports, its wire, or the faults a lab plans", false, false,
	  key_only },
	{ 'w', "w", "write", "write the configuration to a file", true, false, hand_save_config },
	{ 'K', "K", "shut down", "shut it down; kill it, where a lab is led", true, false,
	  key_shutdown },
	{ 'R', "R", NULL, "restart it, where a lab is led", true, false, key_restart },
	{ 'H', "H", NULL, "what was done by hand, where a lab is led", false, true, key_by_hand },
	{ 0 },
};

const struct page page_lab = {
	.name = "lab",
	.wants = WANT_RATES | WANT_PORTS,
	.columns = columns,
	.column_count = sizeof columns / sizeof *columns,
	.keys = keys,
	.detail_lines = 2,
	.fill = fill,
	.words = words,
	.detail = detail,
	.empty = no_switch,
};
