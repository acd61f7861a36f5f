/* SPDX-License-Identifier: MIT */
/* cmd_vlan.c - the vlan/ commands of the bridge: short forms of port keys, and what belongs to a
 * VLAN. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/core/commands.h"
#include "switch/core/pipeline.h"

static int set_key(void *ctx, const struct args *a, const char *key, const char *syntax,
		   struct err *e)
{
	if (a->count != 2)
		return cmd_usage(e, syntax);
	return cmd_port_set_key(ctx, a->word[0], key, a->word[1], a->now, e);
}

#define SHORT_FORM(key, value)                                                                     \
	int cmd_vlan_##key(void *ctx, const struct args *a, struct out *o, struct err *e)          \
	{                                                                                          \
		(void)o;                                                                           \
		return set_key(ctx, a, #key, "vlan/" #key " N " value, e);                         \
	}

SHORT_FORM(mode, "M")
SHORT_FORM(pvid, "V")
SHORT_FORM(allow, "LIST")
SHORT_FORM(untagged, "LIST")
SHORT_FORM(priotags, "P")
SHORT_FORM(cvlans, "LIST")
SHORT_FORM(tpid, "T")
SHORT_FORM(accept, "A")

static int read_vid(const char *text, unsigned *vid, const char *what, struct err *e)
{
	uint64_t n;
	int r = unit_u64(text, 0, VID_MAX, &n, e);
	if (r < 0)
		return err_prefix(e, -EINVAL, what);
	*vid = (unsigned)n;
	return 0;
}

int cmd_vlan_fid(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	struct bridge_config c = *bridge_config(ctx);
	unsigned vid = 0, fid = 0;
	if (a->count != 2)
		return cmd_usage(e, "vlan/fid V F");
	int r = read_vid(a->word[0], &vid, "vlan", e);
	if (!r)
		r = read_vid(a->word[1], &fid, "fid", e);
	if (r < 0)
		return r;
	c.vlan.fid[vid] = (uint16_t)(fid ^ vid);
	vidset_put(&c.vlan.created, vid, vid != 0);
	return bridge_apply(ctx, &c, a->now, e);
}

int cmd_vlan_flood(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	struct bridge_config c = *bridge_config(ctx);
	unsigned vid = 0;
	bool yes = true;
	if (a->count != 2)
		return cmd_usage(e, "vlan/flood V yes|no");
	int r = read_vid(a->word[0], &vid, "vlan", e);
	if (!r)
		r = unit_bool(a->word[1], &yes, e);
	if (r < 0)
		return r;
	vidset_put(&c.vlan.quiet, vid, !yes);
	vidset_put(&c.vlan.created, vid, vid != 0);
	return bridge_apply(ctx, &c, a->now, e);
}

struct named { /* ports that name VLANs: thousands that do not are looked at once, not once a VLAN
		*/
	const struct bridge *b;
	unsigned *port, count;
};

static int find_named(struct named *n, const struct bridge *b)
{
	*n = (struct named){ .b = b };
	n->port = calloc(bridge_config(b)->numports + 1, sizeof *n->port);
	if (!n->port)
		return -ENOMEM;
	for (unsigned p = bridge_port_after(b, -1); p != UINT_MAX; p = bridge_port_after(b, (int)p))
		if (bridge_port_config(b, p)->vlan.mode != VLAN_TRANSPARENT)
			n->port[n->count++] = p;
	return 0;
}

/* Those of them that send the VLAN's frames so. */
static void show_ports(const struct named *n, unsigned vid, enum vlan_form form, const char *key,
		       struct out *o)
{
	out_text(o, " %s:", key);
	out_list(o, key);
	bool some = false;
	for (unsigned i = 0; i < n->count; i++) {
		if (vlan_form(&bridge_port_config(n->b, n->port[i])->vlan, vid) != form)
			continue;
		out_u64(o, NULL, some ? ",%" PRIu64 : " %" PRIu64, (uint64_t)n->port[i]);
		some = true;
	}
	if (!some)
		out_text(o, " none");
	out_end_list(o);
}

static void show_vlan(const struct named *n, unsigned vid, struct out *o)
{
	const struct vlan_table *t = &bridge_config(n->b)->vlan;
	out_object(o, NULL);
	out_u64(o, "vlan", "vlan %" PRIu64, (uint64_t)vid);
	out_u64(o, "fid", " fid %" PRIu64, (uint64_t)vlan_fid(t, vid));
	out_bool(o, "flood", " flood %s", !vidset_has(&t->quiet, vid));
	show_ports(n, vid, FORM_TAGGED, "tagged", o);
	show_ports(n, vid, FORM_UNTAGGED, "untagged", o);
	out_end_object(o);
	out_text(o, "\n");
}

int cmd_vlan_table(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	if (a->count)
		return cmd_usage(e, "vlan/table");
	const struct vidset *s = &bridge_config(ctx)->vlan.created;
	struct named n;
	int r = find_named(&n, ctx);
	if (r < 0)
		return r;
	out_list(o, "vlans");
	for (unsigned v = vidset_next(s, 1); v < VID_COUNT; v = vidset_next(s, v + 1))
		show_vlan(&n, v, o);
	out_end_list(o);
	free(n.port);
	return 0;
}
