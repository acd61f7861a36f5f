/* SPDX-License-Identifier: MIT */
/* mgmt_event.c - an event as a line: "3TTT path text" as VDE's debug lines are, or one JSON object.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/ether.h"
#include "lib/io/mgmt_inner.h"

/* Three octal digits a kind, stable for ever; VDE's own tags end at 0102. Clients tell events from
 * replies by the leading 3 only, so the tag is for those who want to sort without reading words. */
static const unsigned tags[] = {
	[EVENT_PORT_UP] = 0201,   [EVENT_PORT_DOWN] = 0202,   [EVENT_PLUG] = 0203,
	[EVENT_UNPLUG] = 0204,    [EVENT_FDB_LEARN] = 0211,   [EVENT_FDB_MOVE] = 0212,
	[EVENT_FDB_FLAP] = 0213,  [EVENT_FDB_AGE] = 0214,     [EVENT_FDB_FLUSH] = 0215,
	[EVENT_RSTP_ROLE] = 0221, [EVENT_RSTP_STATE] = 0222,  [EVENT_RSTP_CHANGE] = 0223,
	[EVENT_CONFIG] = 0231,    [EVENT_DROP] = 0241,        [EVENT_WIRE_CUT] = 0251,
	[EVENT_WIRE_MEND] = 0252, [EVENT_CAPTURE_END] = 0261,
};
static_assert(sizeof tags / sizeof tags[0] == EVENT_KINDS, "a new kind of event needs a tag");
enum { TAG_LOST = 0277 };

unsigned event_tag(enum event_kind kind)
{
	return tags[kind];
}

static bool has_mac(const struct event *ev)
{
	static const uint8_t none[ETH_ALEN];
	return memcmp(ev->mac, none, ETH_ALEN) != 0;
}

/* The line is one line, whatever a name holds. */
static void mask_controls(struct out *o, size_t from)
{
	for (size_t i = from; i < o->len; i++)
		if ((unsigned char)o->text[i] < 0x20 || o->text[i] == 0x7f)
			o->text[i] = '?';
}

void event_text(const struct event *ev, uint64_t seq, struct out *o)
{
	char mac[MAC_TEXT_LEN];
	size_t from = o->len;
	out_text(o, "3%03o %s", tags[ev->kind], event_name(ev->kind));
	if (has_mac(ev))
		out_text(o, " %s", mac_format(mac, ev->mac));
	if (ev->vid)
		out_text(o, " vlan %u", ev->vid);
	if (ev->port)
		out_text(o, " port %u", ev->port);
	if (ev->port2)
		out_text(o, " from %u", ev->port2);
	if (ev->name)
		out_text(o, " name %s", ev->name);
	if (ev->text)
		out_text(o, " %s", ev->text);
	mask_controls(o, from);
	out_text(o, " [%" PRIu64 " %" PRId64 ".%09" PRId64 "s]\n", seq, ev->at / NS_PER_SEC,
		 ev->at % NS_PER_SEC);
}

/* The same members for every kind, so that a reader needs no cases. */
void event_json(const struct event *ev, uint64_t seq, struct out *o)
{
	char mac[MAC_TEXT_LEN];
	out_json_str(o, "event", event_name(ev->kind));
	out_json_u64(o, "seq", seq);
	out_json_i64(o, "at_ns", ev->at);
	out_json_u64(o, "port", ev->port);
	out_json_u64(o, "from_port", ev->port2);
	out_json_u64(o, "vlan", ev->vid);
	out_json_str(o, "mac", has_mac(ev) ? mac_format(mac, ev->mac) : NULL);
	out_json_str(o, "name", ev->name);
	out_json_str(o, "text", ev->text);
	out_done(o);
	out_raw(o, "\n", 1);
}

void event_lost_line(const struct mgmt_session *s, struct out *o)
{
	out_json_str(o, "event", "event.lost");
	out_json_u64(o, "lost", s->lost);
	out_done(o);
	out_text(o, "3%03o event.lost %" PRIu64, TAG_LOST, s->lost);
	out_raw(o, "\n", 1);
}

void mgmt_event(struct mgmt *m, const struct event *ev)
{
	if (!m || !(m->kinds & event_bit(ev->kind)))
		return;
	struct out o;
	out_init(&o, false);
	for (struct mgmt_session *s = m->sessions; s; s = s->next) {
		if (!(s->kinds & event_bit(ev->kind)))
			continue;
		s->seq++;
		out_clear(&o);
		o.json = s->json_events;
		if (s->json_events)
			event_json(ev, s->seq, &o);
		else
			event_text(ev, s->seq, &o);
		if (o.oom)
			s->lost++;
		else
			session_event(s, o.text, o.len);
	}
	out_fini(&o);
}

uint64_t mgmt_event_mask(const struct mgmt *m)
{
	return m ? m->kinds : 0;
}

uint64_t *mgmt_debug(struct mgmt *m)
{
	return m->current ? &m->current->debug : NULL;
}

void mgmt_debug_line(struct mgmt *m, uint64_t bits, const char *line)
{
	struct out o;
	if (!m || !(m->debug & bits))
		return;
	out_init(&o, false);
	out_text(&o, "%s", line);
	mask_controls(&o, 0);
	out_raw(&o, "\n", 1);
	for (struct mgmt_session *s = m->sessions; s && !o.oom; s = s->next)
		if (s->debug & bits)
			session_event(s, o.text, o.len);
	out_fini(&o);
}

uint64_t mgmt_debug_mask(const struct mgmt *m)
{
	return m ? m->debug : 0;
}
