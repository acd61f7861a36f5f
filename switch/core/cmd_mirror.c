/* SPDX-License-Identifier: MIT */
/* cmd_mirror.c - the mirror/ commands. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/core/commands.h"
#include "switch/core/pipeline.h"
#include "switch/core/portlist.h"

static const char add_usage[] = "mirror/add FROM TO [in|out|both] [vlan V] [filter EXPR]";
static const char *const dir_words[] = { "none", "in", "out", "both" };

static int read_port(const struct bridge *b, const char *text, uint16_t *port, struct err *e)
{
	struct port_list l;
	int r = port_list_parse(&l, b, text, true, e);
	if (r < 0)
		return r;
	if (l.count != 1 || l.range[0].first != l.range[0].last)
		return err_set(e, -EINVAL, "%s: one port", text);
	*port = (uint16_t)l.range[0].first;
	return 0;
}

static int read_vlan(struct mirror *m, const char *text, struct err *e)
{
	uint64_t vid;
	if (unit_u64(text, 0, VID_MAX, &vid, e) < 0)
		return err_prefix(e, -EINVAL, "vlan");
	m->vid = (uint16_t)vid;
	return 0;
}

/* All words that are left, so that nobody needs quotes. */
static int read_filter(struct mirror *m, const struct args *a, unsigned i, struct err *e)
{
	for (size_t len = 0; i < a->count; i++) {
		int n = snprintf(m->filter + len, sizeof m->filter - len, "%s%s", len ? " " : "",
				 a->word[i]);
		if (n < 0 || (size_t)n >= sizeof m->filter - len)
			return err_set(e, -EINVAL, "filter: longer than %zu bytes",
				       sizeof m->filter - 1);
		len += (size_t)n;
	}
	return 0;
}

/* What follows the two ports. */
static int read_rest(struct mirror *m, const struct args *a, struct err *e)
{
	unsigned i = 2;
	for (unsigned d = MIRROR_IN; i == 2 && i < a->count && d <= MIRROR_BOTH; d++)
		if (!strcmp(a->word[i], dir_words[d])) {
			m->dir = (uint8_t)d;
			i++;
		}
	if (i + 1 < a->count && !strcmp(a->word[i], "vlan")) {
		int r = read_vlan(m, a->word[i + 1], e);
		if (r < 0)
			return r;
		i += 2;
	}
	if (i + 1 < a->count && !strcmp(a->word[i], "filter"))
		return read_filter(m, a, i + 1, e);
	return i == a->count ? 0 : cmd_usage(e, add_usage);
}

int cmd_mirror_add(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct bridge_config c = *bridge_config(ctx);
	struct mirror m = { .dir = MIRROR_BOTH, .vid = MIRROR_ANY_VLAN };
	unsigned i = 0;
	if (a->count < 2)
		return cmd_usage(e, add_usage);
	int r = read_port(ctx, a->word[0], &m.from, e);
	if (!r)
		r = read_port(ctx, a->word[1], &m.to, e);
	if (!r)
		r = read_rest(&m, a, e);
	if (r < 0)
		return r;
	if (m.from == m.to)
		return err_set(e, -EINVAL, "port %u: cannot watch itself", m.from);
	while (i < MIRRORS_MAX && c.mirror.at[i].dir)
		i++;
	if (i == MIRRORS_MAX)
		return err_set(e, -ENOSPC, "there are %d mirrors already", MIRRORS_MAX);
	c.mirror.at[i] = m;
	r = bridge_apply(ctx, &c, a->now, e);
	if (!r)
		out_json_u64(o, "mirror", i + 1);
	return r;
}

int cmd_mirror_del(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	struct bridge_config c = *bridge_config(ctx);
	uint64_t n;
	if (a->count != 1)
		return cmd_usage(e, "mirror/del N");
	int r = unit_u64(a->word[0], 1, MIRRORS_MAX, &n, e);
	if (r < 0)
		return r;
	if (!c.mirror.at[n - 1].dir)
		return err_set(e, -ENOENT, "mirror %" PRIu64 ": there is none", n);
	c.mirror.at[n - 1] = (struct mirror){ 0 };
	return bridge_apply(ctx, &c, a->now, e);
}

/* Both as mirror/add takes them back, and after a number. */
static void show(const struct mirror *m, unsigned number, bool as_command, struct out *o)
{
	out_object(o, NULL);
	if (as_command)
		out_text(o, "mirror/add");
	else
		out_text(o, "mirror %u:", number);
	out_json_u64(o, "mirror", number);
	out_u64(o, "from", " %" PRIu64, (uint64_t)m->from);
	out_u64(o, "to", " %" PRIu64, (uint64_t)m->to);
	out_str(o, "dir", " %s", dir_words[m->dir]);
	if (m->vid != MIRROR_ANY_VLAN)
		out_u64(o, "vlan", " vlan %" PRIu64, (uint64_t)m->vid);
	else
		out_json_null(o, "vlan");
	if (*m->filter) {
		out_text(o, " filter ");
		out_word(o, "filter", m->filter);
	} else {
		out_json_null(o, "filter");
	}
	out_text(o, "\n");
	out_end_object(o);
}

void mirror_config_show(const struct mirror_config *c, bool as_commands, struct out *o)
{
	out_list(o, "mirrors");
	for (unsigned i = 0; i < MIRRORS_MAX; i++)
		if (c->at[i].dir)
			show(&c->at[i], i + 1, as_commands, o);
	out_end_list(o);
}

int cmd_mirror_print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	if (a->count)
		return cmd_usage(e, "mirror/print");
	mirror_config_show(&bridge_config(ctx)->mirror, false, o);
	return 0;
}
