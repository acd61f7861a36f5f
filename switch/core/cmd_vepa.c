/* SPDX-License-Identifier: MIT */
/* cmd_vepa.c - the vepa/ commands: modes, the uplink, reflective relay, and who owns what. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/core/commands.h"
#include "switch/core/pipeline.h"
#include "switch/core/portlist.h"

static int read_mode(const char *text, enum vepa_mode *m, struct err *e)
{
	for (unsigned i = 0; i < VEPA_MODES; i++)
		if (!strcmp(vepa_mode_words[i], text)) {
			*m = (enum vepa_mode)i;
			return 0;
		}
	return err_set(e, -EINVAL, "mode: \"%s\" is none of off, veb, vepa", text);
}

int cmd_vepa_mode(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	bool one = a->count == 3 && !strcmp(a->word[1], "vlan");
	if (a->count != 1 && !one)
		return cmd_usage(e, "vepa/mode off|veb|vepa [vlan V]");
	struct bridge_config c = *bridge_config(ctx);
	enum vepa_mode m = VEPA_OFF;
	uint64_t vid = 0;
	int r = read_mode(a->word[0], &m, e);
	if (!r && one) {
		r = unit_u64(a->word[2], 0, VID_MAX, &vid, e);
		if (r < 0)
			return err_prefix(e, -EINVAL, "vlan");
	}
	if (r < 0)
		return r;
	if (one)
		vepa_set_vlan(&c.vepa, m, (unsigned)vid);
	else
		vepa_set_mode(&c.vepa, m);
	return bridge_apply(ctx, &c, a->now, e);
}

/* Number or name; a number need not be a port yet. */
static int read_port(const struct bridge *b, const char *text, unsigned *port, struct err *e)
{
	struct port_list l;
	int r = port_list_parse(&l, b, text, true, e);
	if (r < 0)
		return r;
	if (l.count != 1 || l.range[0].first != l.range[0].last || !l.range[0].first)
		return err_set(e, -EINVAL, "uplink: one port, not port 0");
	*port = l.range[0].first;
	return 0;
}

int cmd_vepa_uplink(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	struct bridge *b = ctx;
	if (a->count != 1)
		return cmd_usage(e, "vepa/uplink N|none");
	struct bridge_config c = *bridge_config(b);
	c.vepa.uplink = 0;
	if (strcmp(a->word[0], "none") != 0) {
		int r = read_port(b, a->word[0], &c.vepa.uplink, e);
		if (r < 0)
			return r;
	}
	int r = bridge_config_check(&c, e);
	if (!r && c.vepa.uplink && !bridge_port_config(b, c.vepa.uplink)) {
		struct port_config p; /* a port that is set is made */
		port_config_default(&p);
		r = bridge_port_apply(b, c.vepa.uplink, &p, a->now, e);
	}
	return r < 0 ? r : bridge_apply(b, &c, a->now, e);
}

int cmd_vepa_reflect(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	if (a->count != 2)
		return cmd_usage(e, "vepa/reflect N off|on|auto");
	return cmd_port_set_key(ctx, a->word[0], "reflect", a->word[1], a->now, e);
}

/* --- showing --- */

static void show_vlans(const struct vepa_config *c, const char *before, const char *between,
		       struct out *o)
{
	out_list(o, "vlans");
	for (unsigned v = 0; v <= VID_MAX; v++) {
		enum vepa_mode m = vepa_mode_wanted(c, v);
		if (m == c->mode)
			continue;
		out_object(o, NULL);
		if (!o->json)
			out_text(o, "%s%s%s%u\n", before, vepa_mode_words[m], between, v);
		out_json_u64(o, "vlan", v);
		out_json_str(o, "mode", vepa_mode_words[m]);
		out_end_object(o);
	}
	out_end_list(o);
}

static void show_uplink(unsigned port, const char *before, struct out *o)
{
	if (!port) {
		out_json_null(o, "uplink");
		return;
	}
	out_text(o, "%s", before);
	out_u64(o, "uplink", "%" PRIu64 "\n", (uint64_t)port);
}

void vepa_config_show(const struct vepa_config *c, struct out *o)
{
	out_object(o, "vepa");
	if (c->mode != VEPA_OFF)
		out_text(o, "vepa/mode %s\n", vepa_mode_words[c->mode]);
	out_json_str(o, "mode", vepa_mode_words[c->mode]);
	show_vlans(c, "vepa/mode ", " vlan ", o);
	show_uplink(c->uplink, "vepa/uplink ", o);
	out_end_object(o);
}

static bool count_one(void *ctx, const struct fdb_entry *e)
{
	size_t *owned = ctx;
	owned[e->port]++;
	return false; /* nothing to list */
}

/* How many addresses each port owns; NULL: no memory. */
static size_t *count_owned(const struct bridge *b, int64_t now)
{
	size_t count, *owned = calloc(b->cfg.numports + 1, sizeof *owned);
	if (owned)
		free(bridge_fdb_list_some(b, now, count_one, owned, &count));
	if (owned && count == SIZE_MAX) {
		free(owned);
		return NULL;
	}
	return owned;
}

static void show_port(const struct bridge *b, unsigned port, size_t owned, struct out *o)
{
	static const char *const reflect[] = { "off", "on", "auto" };
	const struct port_config *c = bridge_port_config(b, port);
	out_object(o, NULL);
	out_u64(o, "port", "port %" PRIu64, (uint64_t)port);
	if (*c->name)
		out_text(o, " %s", c->name);
	out_json_str(o, "name", c->name);
	out_str(o, "role", ": %s", port == b->cfg.vepa.uplink ? "uplink" : "station");
	out_u64(o, "addresses", ", %" PRIu64 " addresses", (uint64_t)owned);
	out_str(o, "reflect", ", reflect %s", reflect[c->reflect]);
	if (c->reflect == REFLECT_AUTO)
		out_text(o, " (off: no neighbour asked)");
	out_bool(o, "reflects", NULL, c->reflect == REFLECT_ON);
	out_bool(o, "promisc", ", promisc %s", c->promisc);
	out_bool(o, "forwards", ", forwards %s\n", bridge_port_forwards(b, port));
	out_end_object(o);
}

int cmd_vepa_print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct bridge *b = ctx;
	const struct vepa_config *c = &bridge_config(b)->vepa;
	if (a->count)
		return cmd_usage(e, "vepa/print");
	size_t *owned = count_owned(b, a->now);
	if (!owned)
		return -ENOMEM;
	out_str(o, "mode", "mode %s\n", vepa_mode_words[c->mode]);
	show_vlans(c, "mode ", " in VLAN ", o);
	show_uplink(c->uplink, "uplink ", o);
	if (!c->uplink && !vepa_config_plain(c))
		out_text(o, "no uplink: an ordinary switch until there is one\n");
	out_list(o, "ports");
	for (unsigned p = bridge_port_after(b, -1); p != UINT_MAX; p = bridge_port_after(b, (int)p))
		show_port(b, p, owned[p], o);
	out_end_list(o);
	free(owned);
	return 0;
}
