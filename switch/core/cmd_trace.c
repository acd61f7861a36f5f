/* SPDX-License-Identifier: MIT */
/* cmd_trace.c - trace PORT FRAME: what would happen to this frame, stage by stage. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/units.h"
#include "lib/base/wire.h"
#include "switch/core/commands.h"
#include "switch/core/pipeline.h"
#include "switch/core/portlist.h"

enum { TRACE_FRAME_MAX = 2048 }; /* as many bytes as a line has room for */

/* --- the frame --- */

struct wish { /* dst=,src=,vlan=,pcp=,type=,len= */
	uint8_t dst[ETH_ALEN], src[ETH_ALEN];
	bool has_dst, has_src, tagged;
	uint64_t vlan, pcp, type, len;
};

static int read_number(const char *value, uint64_t max, uint64_t *to, struct err *e)
{
	return unit_u64(value, 0, max, to, e);
}

static int read_wish(struct wish *w, const char *key, const char *value, struct err *e)
{
	if (!value)
		return err_set(e, -EINVAL, "needs a value");
	if (!strcmp(key, "dst") || !strcmp(key, "src")) {
		bool dst = *key == 'd';
		*(dst ? &w->has_dst : &w->has_src) = true;
		if (mac_parse(dst ? w->dst : w->src, value) < 0)
			return err_set(e, -EINVAL, "%s: not an address like 02:00:00:00:00:01",
				       value);
		return 0;
	}
	if (!strcmp(key, "vlan") || !strcmp(key, "pcp")) {
		w->tagged = true;
		return *key == 'v' ? read_number(value, 4095, &w->vlan, e)
				   : read_number(value, 7, &w->pcp, e);
	}
	if (!strcmp(key, "type"))
		return read_number(value, 0xffff, &w->type, e);
	if (!strcmp(key, "len"))
		return read_number(value, TRACE_FRAME_MAX, &w->len, e);
	return err_set(e, -EINVAL, "none of dst, src, vlan, pcp, type, len");
}

static int build(struct wr *out, const struct wish *w, struct err *e)
{
	if (!w->has_dst || !w->has_src)
		return err_set(e, -EINVAL, "a frame needs dst= and src=");
	wr_bytes(out, w->dst, sizeof w->dst);
	wr_bytes(out, w->src, sizeof w->src);
	if (w->tagged) {
		wr_be16(out, ETHERTYPE_CVLAN);
		wr_be16(out, (unsigned)(w->pcp << 13 | w->vlan));
	}
	wr_be16(out, (unsigned)w->type);
	if (wr_len(out) < w->len)
		wr_zero(out, w->len - wr_len(out));
	return out->bad ? -EMSGSIZE : 0;
}

/* Pieces of dst=..,src=.. in any order, commas or blanks between them. */
static int read_words(struct wr *out, const struct args *a, struct err *e)
{
	struct wish w = { .type = ETHERTYPE_IPV4, .len = 60 };
	for (unsigned i = 1; i < a->count; i++)
		for (char *piece = a->word[i], *next; piece; piece = next) {
			char *key, *value;
			next = strchr(piece, ',');
			if (next)
				*next++ = '\0';
			args_keyval(piece, &key, &value);
			int r = read_wish(&w, key, value, e);
			if (r < 0)
				return err_prefix(e, r, key);
		}
	return build(out, &w, e);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
	return c && p ? (int)(p - digits) : -1;
}

static int read_hex(struct wr *out, const char *text, struct err *e)
{
	for (; *text; text += 2) {
		int hi = hex_digit(text[0]), lo = hi < 0 ? -1 : hex_digit(text[1]);
		if (lo < 0)
			return err_set(e, -EINVAL,
				       "a frame is dst=,src=,vlan=,pcp=,type=,len= or hex digits "
				       "in pairs");
		wr_u8(out, (unsigned)(hi << 4 | lo));
	}
	return out->bad ? err_set(e, -EMSGSIZE, "over %d bytes", TRACE_FRAME_MAX) : 0;
}

/* --- the story --- */

static const char *const stage_names[] = { "ingress", "control", "vlan",   "learn",
					   "tree",    "vepa",    "forward" };

static const char *learn_words(const struct trace *t)
{
	if (!t->learned)
		return "not learned";
	switch (t->met.verdict) {
	case FDB_KNOWN:
		return "known here";
	case FDB_NEW:
		return "new here";
	case FDB_MOVED:
		return "moves here";
	case FDB_FIXED:
		return "stays elsewhere";
	case FDB_OVER_LIMIT:
		return "over the limit";
	case FDB_FULL:
		return "no room in the table";
	}
	return "?";
}

static void tell_stage(const struct trace *t, const struct frame *f, enum stage s, struct out *o)
{
	bool lost = t->dropped != PASS && t->stage == s;
	out_object(o, NULL);
	out_str(o, "stage", "%s:", stage_names[s]);
	const char *passed = t->taken && s == t->stage ? "taken" : "pass"; /* by a machine here */
	out_str(o, "verdict", lost ? " dropped, %s" : " %s", lost ? drop_name(t->dropped) : passed);
	if (s == STAGE_VLAN && !lost)
		out_u64(o, "vlan", ", VLAN %" PRIu64, (uint64_t)f->vid);
	if (s == STAGE_LEARN) {
		out_str(o, "source", ", %s", learn_words(t));
		if (t->learned && t->met.was != FDB_NONE)
			out_u64(o, "was", ", was at port %" PRIu64, (uint64_t)t->met.was);
	}
	if (s == STAGE_FORWARD && !lost && t->to != TO_FLOOD)
		out_u64(o, "owner", ", to its owner, port %" PRIu64, (uint64_t)t->to);
	else if (s == STAGE_FORWARD && !lost)
		out_text(o, ", flooded");
	out_end_object(o);
	out_text(o, "\n");
}

struct copies { /* gathered while the bridge is asked, told after the stages */
	const struct bridge *b;
	struct out *o;
	unsigned sent;
};

static void tell_tags(const struct txv *v, struct out *o)
{
	struct rd r = rd_over(v->hdr + 12, v->hlen - 12u);
	out_text(o, rd_left(&r) ? " tags" : " untagged");
	out_list(o, "tags");
	while (rd_left(&r)) {
		char text[16];
		unsigned tpid = rd_be16(&r), tci = rd_be16(&r);
		snprintf(text, sizeof text, "%04x:%u.%u", tpid, tci & 0xfff, tci >> 13);
		out_text(o, " ");
		out_str(o, NULL, "%s", text);
	}
	out_end_list(o);
}

static void tell_copy(void *ctx, const struct trace_copy *c)
{
	struct copies *cs = ctx;
	struct out *o = cs->o;
	const char *name = bridge_port_config(cs->b, c->port)->name;
	out_object(o, NULL);
	out_u64(o, "port", "port %" PRIu64, (uint64_t)c->port);
	if (*name)
		out_text(o, " %s", name);
	out_json_str(o, "name", name);
	if (c->why == PASS) {
		out_str(o, "verdict", ": %s", "sent");
		out_u64(o, "bytes", ", %" PRIu64 " bytes,", (uint64_t)txv_len(&c->v));
		tell_tags(&c->v, o);
		cs->sent++;
	} else {
		out_str(o, "verdict", c->meant ? ": dropped, %s" : ": not there, %s",
			drop_name(c->why));
		out_bool(o, "counted", NULL, c->meant);
	}
	out_end_object(o);
	out_text(o, "\n");
}

static int tell(struct bridge *b, unsigned port, struct frame *f, int64_t now, struct out *o)
{
	struct out ports;
	out_init(&ports, o->json);
	struct copies cs = { .b = b, .o = &ports };
	struct trace t = { .copy = tell_copy, .ctx = &cs };
	out_list(&ports, NULL);
	bridge_trace(b, port, f, now, &t);
	out_end_list(&ports);
	out_list(o, "stages");
	for (enum stage s = STAGE_INGRESS; s <= t.stage; s++)
		if (s != STAGE_VEPA || t.vepa)
			tell_stage(&t, f, s, o);
	out_end_list(o);
	if (o->json)
		out_json_raw(o, "ports", ports.text, ports.len);
	else
		out_raw(o, ports.text ? ports.text : "", ports.len);
	out_u64(o, "sent", "sent to %" PRIu64 " ports\n", (uint64_t)cs.sent);
	if (t.dropped == PASS)
		out_json_null(o, "dropped");
	else
		out_json_str(o, "dropped", drop_name(t.dropped));
	o->oom |= ports.oom;
	out_fini(&ports);
	return 0;
}

int cmd_trace(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	uint8_t bytes[TRACE_FRAME_MAX];
	struct wr w = wr_over(bytes, sizeof bytes);
	if (a->count < 2)
		return cmd_usage(e, "trace PORT FRAME");
	int port = port_list_one(ctx, a->word[0], e);
	if (port < 0)
		return port;
	bool words = strchr(a->word[1], '=') != NULL;
	if (!words && a->count > 2)
		return cmd_usage(e, "trace PORT FRAME");
	int r = words ? read_words(&w, a, e) : read_hex(&w, a->word[1], e);
	if (r < 0)
		return r;
	struct frame f = { .data = bytes, .len = (uint32_t)wr_len(&w) };
	return tell(ctx, (unsigned)port, &f, a->now, o);
}
