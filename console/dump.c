/* SPDX-License-Identifier: MIT */
/* dump.c - the model as JSON: always the same members, lists always lists. */
#include "console/dump.h"

#include "lib/base/ether.h"
#include "lib/base/event.h"

static void dump_flow(const char *key, const struct flow *f, struct out *o)
{
	out_object(o, key);
	out_json_u64(o, "frames", f->frames);
	out_json_u64(o, "bytes", f->bytes);
	out_json_u64(o, "frames_per_s", f->fps);
	out_json_u64(o, "bps", f->bps);
	out_end_object(o);
}

static void dump_drops(const struct drops *d, struct out *o)
{
	out_object(o, "drops");
	for (int i = 0; i < DROP_REASONS; i++)
		out_json_u64(o, drop_name((enum drop_reason)i), d->by[i]);
	out_json_u64(o, "other", d->other);
	out_end_object(o);
}

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static void dump_port(const struct port *p, struct out *o)
{
	out_object(o, NULL);
	out_json_u64(o, "port", p->number);
	out_json_str(o, "name", p->name);
	out_bool(o, "up", NULL, p->up);
	out_bool(o, "active", NULL, p->active);
	out_json_str(o, "mode", or_null(p->mode));
	out_json_u64(o, "pvid", p->pvid);
	out_json_str(o, "allow", p->allow);
	out_json_str(o, "role", or_null(stp_role_name(p->role)));
	out_json_str(o, "state", or_null(stp_state_name(p->state)));
	out_json_u64(o, "endpoints", p->endpoints);
	out_json_str(o, "module", p->module);
	out_json_str(o, "descr", p->descr);
	dump_flow("rx", &p->rx, o);
	dump_flow("tx", &p->tx, o);
	dump_drops(&p->drops, o);
	out_end_object(o);
}

static void dump_address(const struct model *m, const struct address *a, struct out *o)
{
	char text[MAC_TEXT_LEN];
	uint8_t mac[ETH_ALEN];
	mac_from_u64(mac, a->key);
	out_object(o, NULL);
	out_json_str(o, "mac", mac_format(text, mac));
	out_json_u64(o, "vlan", a->key >> 48);
	out_json_u64(o, "port", a->port);
	out_json_str(o, "kind", a->kind == 's' ? "static" : a->kind == 'k' ? "sticky" : "learned");
	out_json_i64(o, "age_ns", a->heard_ns ? m->now - a->heard_ns : 0);
	out_json_u64(o, "moves", a->moves);
	out_bool(o, "flaps", NULL, a->flaps);
	out_end_object(o);
}

static void dump_side(const char *key, const struct side *s, struct out *o)
{
	out_object(o, key);
	out_object(o, "settings");
	for (unsigned i = 0; i < s->count; i++)
		out_json_str(o, s->set[i].key, s->set[i].value);
	out_end_object(o);
	dump_flow("rx", &s->rx, o);
	dump_flow("tx", &s->tx, o);
	out_json_i64(o, "delay_min_ns", s->delay_min_ns);
	out_json_i64(o, "delay_avg_ns", s->delay_avg_ns);
	out_json_i64(o, "delay_max_ns", s->delay_max_ns);
	out_json_i64(o, "late_max_ns", s->late_max_ns);
	dump_drops(&s->drops, o);
	out_end_object(o);
}

static void dump_switch(const struct model *m, const struct source *s, struct out *o)
{
	out_bool(o, "rstp", NULL, s->rstp_on);
	out_json_str(o, "bridge", or_null(s->bridge));
	out_json_str(o, "root", or_null(s->root));
	out_list(o, "ports");
	for (size_t i = 0; i < s->port_count; i++)
		dump_port(&s->ports[i], o);
	out_end_list(o);
	out_list(o, "addresses");
	for (size_t i = 0; i < s->address_count; i++)
		dump_address(m, &s->addresses[i], o);
	out_end_list(o);
}

static void dump_wire(const struct wire_model *w, struct out *o)
{
	out_json_str(o, "wire_state", or_null(w->state));
	out_bool(o, "carrier_a", NULL, w->carrier_a);
	out_bool(o, "carrier_b", NULL, w->carrier_b);
	dump_side("ab", &w->side[0], o);
	dump_side("ba", &w->side[1], o);
}

static void dump_time(const struct lab_time *t, struct out *o)
{
	out_object(o, "time");
	out_json_str(o, "state", t->state);
	out_json_i64(o, "now_ns", t->now_ns);
	out_json_str(o, "file", t->file);
	out_json_str(o, "test", t->test);
	out_json_u64(o, "number", t->number);
	out_json_u64(o, "tests", t->tests);
	out_json_u64(o, "seed", t->seed);
	out_json_str(o, "verdict", t->verdict);
	out_json_u64(o, "by_hand", t->by_hand);
	out_end_object(o);
}

static void dump_source(const struct model *m, const struct source *s, struct out *o)
{
	out_object(o, NULL);
	out_json_str(o, "source", s->name);
	out_json_str(o, "lab", or_null(s->lab));
	out_json_str(o, "socket", s->path);
	out_json_str(o, "kind", source_kind_name(s->kind));
	out_json_str(o, "state", source_state_name(s->state));
	out_json_str(o, "why", or_null(s->why));
	out_json_i64(o, "since_ns", m->now - s->since_ns);
	out_json_str(o, "version", or_null(s->version));
	if (s->kind == KIND_SWITCH)
		dump_switch(m, s, o);
	if (s->kind == KIND_WIRE)
		dump_wire(&s->wire, o);
	if (s->time.known)
		dump_time(&s->time, o);
	out_end_object(o);
}

void dump_model(const struct model *m, struct out *o)
{
	out_list(o, "sources");
	for (unsigned i = 0; i < m->source_count; i++)
		dump_source(m, m->source[i], o);
	out_end_list(o);
	out_list(o, "events");
	for (uint64_t seq = model_first_event(m); seq <= m->event_seq; seq++) {
		const struct event_line *e = model_event_at(m, seq);
		out_object(o, NULL);
		out_json_str(o, "source", m->source[e->source]->name);
		out_json_i64(o, "at_ns", e->at_ns);
		out_json_str(o, "event", e->kind < 0 ? NULL : event_name((enum event_kind)e->kind));
		out_json_str(o, "text", e->text);
		out_end_object(o);
	}
	out_end_list(o);
	out_done(o);
}
