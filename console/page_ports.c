/* SPDX-License-Identifier: MIT */
/* page_ports.c - ports of all switches: state, VLANs, spanning tree, who is plugged in, traffic,
 * drops. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/text.h"
#include "console/ui.h"

static const struct port *port_of(const struct model *m, const struct ref *r)
{
	return &m->source[r->source]->ports[r->idx];
}

static void fill(const struct model *m, const struct list *l, struct refs *rows)
{
	(void)l;
	for (unsigned i = 0; i < m->source_count; i++) {
		const struct source *s = m->source[i];
		for (size_t k = 0; s->kind == KIND_SWITCH && k < s->port_count; k++)
			refs_add(rows, i, (uint32_t)k,
				 (uint64_t)(i + 1) << 32 | s->ports[k].number);
	}
}

/* ---- columns ---- */

static const char *state_of(const struct port *p, enum style *style)
{
	*style = p->up ? p->active ? ST_GOOD : ST_DIM : ST_BAD;
	return p->up ? p->active ? "up" : "idle" : "down";
}

static void show_port(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, alive(m, r, ST_PLAIN), "%" PRIu32, port_of(m, r)->number);
}

static void show_name(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, alive(m, r, ST_NAME), "%s", port_of(m, r)->name);
}

static void show_state(const struct model *m, const struct ref *r, struct shown *s)
{
	enum style style;
	const char *state = state_of(port_of(m, r), &style);
	show(s, alive(m, r, style), "%s", state);
}

/* "all", "10", "tunnel 10", "trunk 20-30 pvid 1" */
static void vlans_of(const struct port *p, char *buf, size_t size)
{
	char pvid[16] = "";
	if (p->pvid)
		snprintf(pvid, sizeof pvid, " pvid %u", p->pvid);
	if (!strcmp(p->mode, "transparent"))
		snprintf(buf, size, "all");
	else if (!strcmp(p->mode, "access"))
		snprintf(buf, size, "%u", p->pvid);
	else if (!strcmp(p->mode, "dot1q-tunnel"))
		snprintf(buf, size, "tunnel %u", p->pvid);
	else
		snprintf(buf, size, "%s%s%s%s", p->mode, p->allow[0] ? " " : "", p->allow, pvid);
}

static void show_vlan(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct port *p = port_of(m, r);
	char text[96];
	vlans_of(p, text, sizeof text);
	show(s, alive(m, r, strcmp(text, "all") ? ST_PLAIN : ST_DIM), "%s", text);
}

static void show_stp(const struct model *m, const struct ref *r, struct shown *s)
{
	static const enum style styles[STP_STATES] = { ST_DIM, ST_WARN, ST_WARN, ST_GOOD };
	static const char *const roles[STP_ROLES] = { "", "off", "root", "desg", "altn", "back" };
	static const char *const states[STP_STATES] = { "", "dsc", "lrn", "fwd" };
	const struct port *p = port_of(m, r);
	if (!m->source[r->source]->rstp_on || !p->role)
		show(s, ST_DIM, "-");
	else
		show(s, alive(m, r, p->role >= STP_ALTERNATE ? ST_BAD : styles[p->state]), "%s %s",
		     roles[p->role], states[p->state]);
}

static void show_peer(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct port *p = port_of(m, r);
	char more[16] = "";
	if (p->endpoints > 1)
		snprintf(more, sizeof more, "%u: ", p->endpoints);
	show(s, alive(m, r, ST_PLAIN), "%s%s", more, p->descr[0] ? p->descr : p->module);
}

static void show_fps(const struct model *m, const struct ref *r, struct shown *s, uint64_t fps)
{
	char text[TEXT_NUMBER_LEN];
	if (!m->source[r->source]->has_rates)
		show(s, ST_DIM, "-");
	else
		show(s, alive(m, r, fps ? ST_PLAIN : ST_DIM), "%s", text_count(text, fps));
}

static void show_rx(const struct model *m, const struct ref *r, struct shown *s)
{
	show_fps(m, r, s, port_of(m, r)->rx.fps);
}

static void show_tx(const struct model *m, const struct ref *r, struct shown *s)
{
	show_fps(m, r, s, port_of(m, r)->tx.fps);
}

static void show_bits(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct port *p = port_of(m, r);
	char text[TEXT_NUMBER_LEN];
	show_fps(m, r, s, p->rx.bps + p->tx.bps);
	if (m->source[r->source]->has_rates)
		snprintf(s->text, sizeof s->text, "%s", text_bits(text, p->rx.bps + p->tx.bps));
}

static void show_drop_sum(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct drops *d = &port_of(m, r)->drops;
	char text[TEXT_NUMBER_LEN];
	show(s,
	     alive(m, r,
		   d->sum != d->before ? ST_BAD
		   : d->sum            ? ST_PLAIN
				       : ST_DIM),
	     "%s", text_count(text, d->sum));
}

static void show_load(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct port *p = port_of(m, r);
	grid_spark(s->text, p->history + HISTORY_LEN - 8, 8);
	s->style = alive(m, r, ST_BAR);
}

static int by_port(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(port_of(m, a)->number, port_of(m, b)->number);
}

static int by_name(const struct model *m, const struct ref *a, const struct ref *b)
{
	return strcmp(port_of(m, a)->name, port_of(m, b)->name);
}

static int by_peer(const struct model *m, const struct ref *a, const struct ref *b)
{
	return strcmp(port_of(m, a)->descr, port_of(m, b)->descr);
}

/* The busiest first: that is what one sorts by traffic for. */
static int by_rx(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(port_of(m, b)->rx.fps, port_of(m, a)->rx.fps);
}

static int by_tx(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(port_of(m, b)->tx.fps, port_of(m, a)->tx.fps);
}

static int by_drops(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(port_of(m, b)->drops.sum, port_of(m, a)->drops.sum);
}

static const struct column columns[] = {
	{ "switch", 7, 0, false, 1, show_source, compare_source },
	{ "port", 5, 0, true, 0, show_port, by_port },
	{ "name", 6, 5, false, 1, show_name, by_name },
	{ "state", 5, 0, false, 0, show_state, NULL },
	{ "vlan", 6, 4, false, 1, show_vlan, NULL },
	{ "tree", 8, 7, false, 0, show_stp, NULL },
	{ "peer", 8, 6, false, 4, show_peer, by_peer },
	{ "rx/s", 5, 0, true, 0, show_rx, by_rx },
	{ "tx/s", 5, 0, true, 0, show_tx, by_tx },
	{ "bit/s", 6, 9, true, 0, show_bits, NULL },
	{ "drops", 6, 3, true, 0, show_drop_sum, by_drops },
	{ "load", 8, 8, false, 0, show_load, NULL },
};

/* ---- the selected port ---- */

static void words(const struct model *m, const struct ref *r, char *buf, size_t size)
{
	const struct port *p = port_of(m, r);
	enum style style;
	snprintf(buf, size, "%s %" PRIu32 " %s %s %s %s %u %s", m->source[r->source]->name,
		 p->number, p->name, p->descr, p->module, state_of(p, &style), p->pvid,
		 stp_role_name(p->role));
}

static void detail(const struct model *m, const struct ref *r, struct grid *g, int y, int lines)
{
	const struct source *s = m->source[r->source];
	const struct port *p = port_of(m, r);
	char drops[300], n[4][TEXT_NUMBER_LEN], vlans[96];
	show_drops(&p->drops, drops, sizeof drops);
	if (lines > 1) {
		vlans_of(p, vlans, sizeof vlans);
		grid_print(g, 0, y++, g->w, ST_DIM, "%s port %" PRIu32 "%s%s: vlan %s; %s%s%s",
			   s->name, p->number, p->name[0] ? " " : "", p->name, vlans,
			   p->endpoints ? p->module : "nobody is plugged in",
			   p->descr[0] ? ", " : "", p->descr);
		grid_print(g, 0, y++, g->w, ST_DIM,
			   "rx %s frames %s bytes; tx %s frames %s bytes; peers lost %" PRIu64,
			   text_count(n[0], p->rx.frames), text_count(n[1], p->rx.bytes),
			   text_count(n[2], p->tx.frames), text_count(n[3], p->tx.bytes), p->lost);
	}
	grid_print(g, 0, y, g->w, p->drops.sum ? ST_WARN : ST_DIM, "drops: %s", drops);
}

/* ---- keys ---- */

static void key_up(struct ui *u, const struct model *m, const struct ref *r)
{
	ui_ask(u, r->source, "port/up %" PRIu32, port_of(m, r)->number);
}

static void key_down(struct ui *u, const struct model *m, const struct ref *r)
{
	ui_ask(u, r->source, "port/down %" PRIu32, port_of(m, r)->number);
}

static void key_vlan(struct ui *u, const struct model *m, const struct ref *r)
{
	char template[64];
	snprintf(template, sizeof template, "port/set %" PRIu32 " vlan=%%s", port_of(m, r)->number);
	ui_ask_value(u, r->source, "access VLAN", "", template);
}

static void key_set(struct ui *u, const struct model *m, const struct ref *r)
{
	char template[64];
	snprintf(template, sizeof template, "port/set %" PRIu32 " %%s", port_of(m, r)->number);
	ui_ask_value(u, r->source, "port keys (trunk=10,20-30)", "", template);
}

static void key_flush(struct ui *u, const struct model *m, const struct ref *r)
{
	ui_ask(u, r->source, "fdb/flush port %" PRIu32, port_of(m, r)->number);
}

static void key_capture(struct ui *u, const struct model *m, const struct ref *r)
{
	char what[16];
	snprintf(what, sizeof what, "%" PRIu32, port_of(m, r)->number);
	hand_capture(u, m, r, what);
}

static void key_watch(struct ui *u, const struct model *m, const struct ref *r)
{
	char what[16];
	snprintf(what, sizeof what, "%" PRIu32, port_of(m, r)->number);
	hand_watch(u, m, r, what);
}

static void key_wireshark(struct ui *u, const struct model *m, const struct ref *r)
{
	char what[16];
	snprintf(what, sizeof what, "%" PRIu32, port_of(m, r)->number);
	hand_wireshark(u, m, r, what);
}

static const struct key keys[] = {
	{ 'u', "u", "up", "let frames cross again", true, false, key_up },
	{ 'd', "d", "down", "let nothing cross", true, false, key_down },
	{ 'v', "v", "vlan", "make it an access port of a VLAN", true, false, key_vlan },
	{ 'e', "e", "edit", "set any port keys (trunk=10,20-30)", true, false, key_set },
	{ 'x', "x", "flush", "forget the addresses learned there", true, false, key_flush },
	{ UI_ENTER, "Enter", "frames", "watch the frames that cross it, on page 6", false, false,
	  key_watch },
	{ 'p', "p", "pcap", "capture it to a file", true, false, key_capture },
	{ 'P', "P", NULL, "show its frames in Wireshark", true, false, key_wireshark },
	{ 'z', "z", NULL, "end a capture", true, false, hand_stop_capture },
	{ 'w', "w", "write", "write the configuration to a file", true, false, hand_save_config },
	{ 0 },
};

const struct page page_ports = {
	.name = "ports",
	.wants = WANT_PORTS | WANT_RATES | WANT_TREE,
	.columns = columns,
	.column_count = sizeof columns / sizeof *columns,
	.keys = keys,
	.detail_lines = 3,
	.fill = fill,
	.words = words,
	.detail = detail,
	.empty = no_switch,
};
