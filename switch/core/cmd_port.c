/* SPDX-License-Identifier: MIT */
/* cmd_port.c - the port/ commands of the bridge. */
#include "switch/core/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/core/pipeline.h"
#include "switch/core/portkeys.h"
#include "switch/core/portlist.h"

/* --- changing --- */

struct edit { /* settings to make, in order */
	unsigned count;
	const char *key[CMD_ARGS_MAX], *value[CMD_ARGS_MAX];
};

static int edited(const struct bridge *b, unsigned port, const struct edit *ed,
		  struct port_config *c, struct err *e)
{
	const struct port_config *old = bridge_port_config(b, port);
	if (old)
		*c = *old;
	else
		port_config_default(c);
	for (unsigned i = 0; i < ed->count; i++) {
		int r = port_key_set(c, ed->key[i], ed->value[i], e);
		if (r < 0)
			return r;
	}
	return port_config_check(b, port, c, e);
}

static bool sets(const struct edit *ed, const char *key)
{
	for (unsigned i = 0; i < ed->count; i++)
		if (strcmp(ed->key[i], key) == 0)
			return true;
	return false;
}

/* All ports or none: everything that can fail comes first. */
static int edit_ports(struct bridge *b, const struct port_list *l, const struct edit *ed,
		      int64_t now, struct err *e)
{
	struct port_config c;
	bool several = l->count > 1 || l->range[0].first != l->range[0].last;
	PORT_LIST_EACH(l, i, p)
	{
		int r = edited(b, p, ed, &c, e);
		if (!r && several && *c.name && sets(ed, "name"))
			r = err_set(e, -EINVAL, "name: several ports cannot share one");
		if (r < 0)
			return r;
	}
	PORT_LIST_EACH(l, i, p)
	{
		edited(b, p, ed, &c, NULL);
		int r = bridge_port_reserve(b, p, &c, now, e);
		if (r < 0)
			return r;
	}
	PORT_LIST_EACH(l, i, p)
	{
		edited(b, p, ed, &c, NULL);
		bridge_port_set(b, p, &c, now);
	}
	return 0;
}

int cmd_port_set_key(struct bridge *b, const char *list, const char *key, const char *value,
		     int64_t now, struct err *e)
{
	struct port_list l;
	int r = port_list_parse(&l, b, list, false, e);
	if (r < 0)
		return r;
	struct edit ed = { .count = 1, .key = { key }, .value = { value } };
	return edit_ports(b, &l, &ed, now, e);
}

int cmd_port_up(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	if (a->count != 1)
		return cmd_usage(e, "port/up N");
	int r = cmd_port_set_key(ctx, a->word[0], "up", "yes", a->now, e);
	struct port_list l;
	if (r < 0 || port_list_parse(&l, ctx, a->word[0], false, NULL) < 0)
		return r;
	PORT_LIST_EACH(&l, i, p)
	bridge_port_revive(ctx, p, a->now);
	return 0;
}

int cmd_port_down(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	if (a->count != 1)
		return cmd_usage(e, "port/down N");
	return cmd_port_set_key(ctx, a->word[0], "up", "no", a->now, e);
}

int cmd_port_name(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	if (a->count < 1 || a->count > 2)
		return cmd_usage(e, "port/name N [NAME]");
	return cmd_port_set_key(ctx, a->word[0], "name", a->count == 2 ? a->word[1] : "", a->now,
				e);
}

int cmd_port_set(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	if (a->count < 2)
		return cmd_usage(e, "port/set N key=value...");
	struct port_list l;
	int r = port_list_parse(&l, ctx, a->word[0], true, e);
	if (r < 0)
		return r;
	struct edit ed = { 0 };
	for (; ed.count < a->count - 1; ed.count++) {
		char *key, *value;
		args_keyval(a->word[ed.count + 1], &key, &value);
		ed.key[ed.count] = key;
		ed.value[ed.count] = value;
	}
	return edit_ports(ctx, &l, &ed, a->now, e);
}

/* --- showing --- */

/* The ports that "[N]" means: all, or those of the list. Calls `show` for each that exists. */
static int show_ports(struct bridge *b, const struct args *a, struct out *o, struct err *e,
		      const char *syntax,
		      void (*show)(const struct bridge *b, unsigned port, struct out *o))
{
	struct port_list l = { .count = 1, .range = { { 0, bridge_config(b)->numports } } };
	if (a->count > 1)
		return cmd_usage(e, syntax);
	int r = a->count ? port_list_parse(&l, b, a->word[0], false, e) : 0;
	if (r < 0)
		return r;
	out_list(o, "ports");
	for (unsigned i = 0; i < l.count; i++)
		for (unsigned p = bridge_port_after(b, (int)l.range[i].first - 1);
		     p <= l.range[i].last; p = bridge_port_after(b, (int)p))
			show(b, p, o);
	out_end_list(o);
	return 0;
}

static void show_config(const struct bridge *b, unsigned port, struct out *o)
{
	out_object(o, NULL);
	out_u64(o, "port", "port %" PRIu64 ":", (uint64_t)port);
	port_keys_show(bridge_port_config(b, port), true, o);
	out_end_object(o);
	out_text(o, "\n");
}

int cmd_port_config(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	return show_ports(ctx, a, o, e, "port/config [N]", show_config);
}

static const char *port_state(const struct bridge *b, unsigned port)
{
	if (!bridge_port_config(b, port)->up)
		return "down";
	if (bridge_port_shut(b, port))
		return "shut";
	return bridge_port_present(b, port) ? "up" : "unplugged";
}

/* Of the last second; text leaves out what is nothing. */
static void show_rate(const struct port_rate *r, struct out *o)
{
	char text[UNIT_TEXT_LEN];
	if (r->rx_frames)
		out_text(o, "; in %" PRIu64 "pps %s", r->rx_frames,
			 unit_rate_text(text, r->rx_bytes * 8));
	if (r->tx_frames)
		out_text(o, "; out %" PRIu64 "pps %s", r->tx_frames,
			 unit_rate_text(text, r->tx_bytes * 8));
	if (r->drops)
		out_text(o, "; lost %" PRIu64 "pps", r->drops);
	out_object(o, "rate");
	out_json_u64(o, "rx_pps", r->rx_frames);
	out_json_u64(o, "rx_bps", r->rx_bytes * 8);
	out_json_u64(o, "tx_pps", r->tx_frames);
	out_json_u64(o, "tx_bps", r->tx_bytes * 8);
	out_json_u64(o, "drops_pps", r->drops);
	out_end_object(o);
}

static void show_stats(const struct bridge *b, unsigned port, struct out *o)
{
	struct port_stats s;
	bridge_port_stats(b, port, &s);
	const char *name = bridge_port_config(b, port)->name;
	out_object(o, NULL);
	out_u64(o, "port", "port %" PRIu64, (uint64_t)port);
	out_text(o, *name ? " %s:" : ":", name);
	out_json_str(o, "name", name);
	out_str(o, "state", " %s,", port_state(b, port));
	out_u64(o, "rx_frames", " rx %" PRIu64 " frames", s.rx_frames);
	out_u64(o, "rx_bytes", " %" PRIu64 " bytes", s.rx_bytes);
	out_u64(o, "tx_frames", ", tx %" PRIu64 " frames", s.tx_frames);
	out_u64(o, "tx_bytes", " %" PRIu64 " bytes", s.tx_bytes);
	out_u64(o, "queued", ", queued %" PRIu64, s.queued);
	out_object(o, "drops");
	for (unsigned i = 0; i < DROP_REASONS; i++) {
		if (s.drops[i])
			out_text(o, ", %s %" PRIu64, drop_name(i), s.drops[i]);
		out_json_u64(o, drop_name(i), s.drops[i]);
	}
	out_end_object(o);
	show_rate(&s.rate, o);
	out_end_object(o);
	out_text(o, "\n");
}

int cmd_port_stats(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	return show_ports(ctx, a, o, e, "port/stats [N]", show_stats);
}
