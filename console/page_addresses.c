/* SPDX-License-Identifier: MIT */
/* page_addresses.c - the address tables of all switches; what moved or flaps stands out. */
#include <inttypes.h>
#include <stdio.h>

#include "console/text.h"
#include "console/ui.h"
#include "lib/base/ether.h"
#include "lib/base/units.h"

#define FRESH_NS (10 * NS_PER_SEC) /* a move is news for so long */

static const struct address *address_of(const struct model *m, const struct ref *r)
{
	return &m->source[r->source]->addresses[r->idx];
}

static unsigned vlan_of(const struct address *a)
{
	return (unsigned)(a->key >> 48);
}

static const char *mac_of(const struct address *a, char buf[static MAC_TEXT_LEN])
{
	uint8_t mac[ETH_ALEN];
	mac_from_u64(mac, a->key);
	return mac_format(buf, mac);
}

static void fill(const struct model *m, const struct list *l, struct refs *rows)
{
	(void)l;
	for (unsigned i = 0; i < m->source_count; i++) {
		const struct source *s = m->source[i];
		for (size_t k = 0; s->kind == KIND_SWITCH && k < s->address_count; k++)
			refs_add(rows, i, (uint32_t)k,
				 s->addresses[k].key ^ (uint64_t)(i + 1) << 60);
	}
}

/* Only what was learned anew makes new rows: ages are formatted when they are drawn. */
static uint64_t gen(const struct model *m)
{
	uint64_t sum = m->source_count;
	for (unsigned i = 0; i < m->source_count; i++)
		sum += (uint64_t)m->source[i]->address_gen << 16;
	return sum;
}

/* ---- columns ---- */

static void show_vlan(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, alive(m, r, ST_PLAIN), "%u", vlan_of(address_of(m, r)));
}

static void show_mac(const struct model *m, const struct ref *r, struct shown *s)
{
	char mac[MAC_TEXT_LEN];
	show(s, alive(m, r, ST_PLAIN), "%s", mac_of(address_of(m, r), mac));
}

static void show_port(const struct model *m, const struct ref *r, struct shown *s)
{
	show(s, alive(m, r, ST_PLAIN), "%" PRIu32, address_of(m, r)->port);
}

static void show_name(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct port *p = source_port(m->source[r->source], address_of(m, r)->port);
	show(s, alive(m, r, ST_NAME), "%s", p ? p->name : "");
}

static void show_age(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct address *a = address_of(m, r);
	char text[TEXT_NUMBER_LEN];
	bool ages = a->kind != 's' && a->heard_ns;
	show(s, alive(m, r, ST_DIM), "%s", ages ? text_span(text, m->now - a->heard_ns) : "-");
}

static void show_kind(const struct model *m, const struct ref *r, struct shown *s)
{
	uint8_t kind = address_of(m, r)->kind;
	show(s, alive(m, r, kind == 'l' ? ST_DIM : ST_PLAIN), "%s",
	     kind == 's'   ? "static"
	     : kind == 'k' ? "sticky"
			   : "learned");
}

static void show_moves(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct address *a = address_of(m, r);
	bool fresh = a->moved_ns && m->now - a->moved_ns < FRESH_NS;
	if (a->flaps)
		show(s, alive(m, r, ST_BAD), "flaps, %u moves", a->moves);
	else if (a->moves)
		show(s, alive(m, r, fresh ? ST_WARN : ST_PLAIN), "%u move%s", a->moves,
		     a->moves == 1 ? "" : "s");
}

static int by_mac(const struct model *m, const struct ref *a, const struct ref *b)
{
	uint64_t low = (UINT64_C(1) << 48) - 1;
	return compare_u64(address_of(m, a)->key & low, address_of(m, b)->key & low);
}

static int by_vlan(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(vlan_of(address_of(m, a)), vlan_of(address_of(m, b)));
}

static int by_port(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64(address_of(m, a)->port, address_of(m, b)->port);
}

static int by_age(const struct model *m, const struct ref *a, const struct ref *b)
{
	return compare_u64((uint64_t)address_of(m, b)->heard_ns,
			   (uint64_t)address_of(m, a)->heard_ns);
}

static int by_moves(const struct model *m, const struct ref *a, const struct ref *b)
{
	const struct address *x = address_of(m, a), *y = address_of(m, b);
	return compare_u64(y->moves + 100000U * y->flaps, x->moves + 100000U * x->flaps);
}

static const struct column columns[] = {
	{ "switch", 7, 3, false, 1, show_source, compare_source },
	{ "vlan", 5, 0, true, 0, show_vlan, by_vlan },
	{ "address", 17, 0, false, 0, show_mac, by_mac },
	{ "port", 5, 0, true, 0, show_port, by_port },
	{ "name", 6, 4, false, 2, show_name, NULL },
	{ "age", 4, 0, true, 0, show_age, by_age },
	{ "kind", 7, 5, false, 0, show_kind, NULL },
	{ "moves", 8, 2, false, 1, show_moves, by_moves },
};

/* ---- the selected address ---- */

static void words(const struct model *m, const struct ref *r, char *buf, size_t size)
{
	const struct source *s = m->source[r->source];
	const struct address *a = address_of(m, r);
	const struct port *p = source_port(s, a->port);
	char mac[MAC_TEXT_LEN];
	snprintf(buf, size, "%s vlan %u %s port %" PRIu32 " %s%s%s", s->name, vlan_of(a),
		 mac_of(a, mac), a->port, p ? p->name : "", a->moves ? " moves" : "",
		 a->flaps ? " flaps" : "");
}

static void detail(const struct model *m, const struct ref *r, struct grid *g, int y, int lines)
{
	uint64_t known = 0, told = 0;
	(void)r, (void)lines;
	for (unsigned i = 0; i < m->source_count; i++) {
		known += m->source[i]->address_count;
		told += m->source[i]->addresses_told;
	}
	if (told > known)
		grid_print(g, 0, y, g->w, ST_DIM, "%" PRIu64 " addresses, of %" PRIu64 " there are",
			   known, told);
	else
		grid_print(g, 0, y, g->w, ST_DIM, "%" PRIu64 " addresses", known);
}

/* ---- keys ---- */

static void key_forget(struct ui *u, const struct model *m, const struct ref *r)
{
	char mac[MAC_TEXT_LEN];
	const struct address *a = address_of(m, r);
	ui_ask(u, r->source, "fdb/del %s %u", mac_of(a, mac), vlan_of(a));
}

static void key_static(struct ui *u, const struct model *m, const struct ref *r)
{
	char mac[MAC_TEXT_LEN];
	const struct address *a = address_of(m, r);
	ui_ask(u, r->source, "fdb/add %s %u %" PRIu32, mac_of(a, mac), vlan_of(a), a->port);
}

static void key_flush(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m;
	ui_ask(u, r->source, "fdb/flush");
}

static const struct key keys[] = {
	{ 'x', "x", "forget", "forget this address", true, false, key_forget },
	{ 't', "t", "static", "make it static where it is", true, false, key_static },
	{ 'X', "X", "flush", "forget all that this switch has learned", true, false, key_flush },
	{ 'w', "w", "write", "write the configuration to a file", true, false, hand_save_config },
	{ 0 },
};

static const char *empty(const struct model *m)
{
	for (unsigned i = 0; i < m->source_count; i++)
		if (m->source[i]->kind == KIND_SWITCH && m->source[i]->state == SRC_UP &&
		    !m->source[i]->addresses_at)
			return "asking ...";
	return no_switch(m);
}

const struct page page_addresses = {
	.name = "addresses",
	.wants = WANT_ADDRESSES | WANT_PORTS,
	.columns = columns,
	.column_count = sizeof columns / sizeof *columns,
	.keys = keys,
	.detail_lines = 1,
	.fill = fill,
	.words = words,
	.detail = detail,
	.empty = empty,
	.gen = gen,
};
