/* SPDX-License-Identifier: MIT */
/* manage.c - a plug's commands over its socket. */
#include "plug/manage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/io/mgmt.h"

struct manage {
	struct mgmt *mgmt;
	const struct pump *pump;
	const struct options *o;
	struct loop *loop;
	struct captures *captures;
	struct cmd_table tables[2];
	struct cmd_set set;
};

static int no_words(const struct args *a, struct err *e)
{
	return a->count ? err_set(e, -EINVAL, "takes no words") : 0;
}

static int showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct manage *m = ctx;
	int r = no_words(a, e);
	if (r < 0)
		return r;
	out_str(o, "name", "plug %s\n", m->o->name);
	out_json_i64(o, "reconnect_ns", m->o->reconnect_ns);
	out_list(o, "sides");
	for (unsigned i = 0; i < 2; i++) {
		struct pump_state s;
		pump_look(m->pump, i, &s);
		out_object(o, NULL);
		out_str(o, "locator", "%s", pump_side(m->pump, i));
		out_bool(o, "up", NULL, s.up);
		out_text(o, s.up ? ": up" : ": away");
		out_str(o, "descr", s.descr ? " (%s)" : "%.0s", s.descr);
		if (s.port >= 0)
			out_i64(o, "port", ", port %" PRId64, (int64_t)s.port);
		else
			out_json_null(o, "port");
		out_u64(o, "returns", ", came back %" PRIu64 " times\n", s.returns);
		out_end_object(o);
	}
	out_end_list(o);
	return 0;
}

static int stats(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct manage *m = ctx;
	int r = no_words(a, e);
	if (r < 0)
		return r;
	out_list(o, "sides");
	for (unsigned i = 0; i < 2; i++) {
		struct pump_counts c;
		pump_count(m->pump, i, &c);
		out_object(o, NULL);
		out_str(o, "locator", "%s:", pump_side(m->pump, i));
		out_u64(o, "rx_frames", " in %" PRIu64, c.in);
		out_u64(o, "tx_frames", " out %" PRIu64, c.out);
		out_text(o, " dropped:");
		out_object(o, "drops");
		out_u64(o, "runt", " runt %" PRIu64, c.runts);
		out_u64(o, "oversize", " oversize %" PRIu64, c.oversize);
		out_u64(o, "policy", " policy %" PRIu64, c.stray);
		out_u64(o, "down", " down %" PRIu64, c.away);
		out_u64(o, "queue-full", " queue-full %" PRIu64 "\n", c.lost);
		out_end_object(o);
		out_end_object(o);
	}
	out_end_list(o);
	return 0;
}

static const struct cmd_row rows[] = {
	{ "showinfo", "", "name, and what is at each side", CMD_DATA, showinfo },
	{ "stats", "", "frames of each side, and those lost, by reason", CMD_DATA, stats },
	{ 0 },
};

int manage_open(struct manage **out, struct loop *l, const struct options *o,
		struct captures *captures, void (*shutdown)(void *ctx), void *ctx, struct err *e)
{
	const struct mgmt_config config = {
		.path = o->mgmt,
		.mode = 0600,
		.gid = -1,
		.prompt = "vde$ ",
		.shutdown = shutdown,
		.ctx = ctx,
	};
	struct manage *m = calloc(1, sizeof *m);
	*out = NULL;
	if (!m)
		return err_set(e, -ENOMEM, "out of memory");
	m->o = o;
	m->loop = l;
	m->captures = captures;
	m->tables[0] = (struct cmd_table){ rows, m };
	m->tables[1] = (struct cmd_table){ capture_commands, captures };
	m->set = (struct cmd_set){ m->tables, 2 };
	int r = mgmt_open(&m->mgmt, l, &config, &m->set, e);
	if (r < 0) {
		free(m);
		return r;
	}
	captures_serve(captures, m->mgmt);
	*out = m;
	return 0;
}

int manage_start(struct manage *m, const struct pump *p, struct err *e)
{
	m->pump = p;
	return m->o->rcfile ? mgmt_load(m->mgmt, m->o->rcfile, e) : 0;
}

void manage_close(struct manage *m)
{
	if (!m)
		return;
	captures_serve(m->captures, NULL);
	mgmt_close(m->mgmt);
	free(m);
}

void manage_event(struct manage *m, const struct event *ev)
{
	if (m && mgmt_event_mask(m->mgmt) & event_bit(ev->kind))
		mgmt_event(m->mgmt, ev);
}

void manage_moved(struct manage *m, const char *locator, bool there, const char *words)
{
	const struct event ev = { .kind = there ? EVENT_PLUG : EVENT_UNPLUG,
				  .at = m ? loop_now(m->loop) : 0,
				  .name = locator,
				  .text = words };
	manage_event(m, &ev);
}
