/* SPDX-License-Identifier: MIT */
/* mgmt_rows.c - the commands that every management socket has, whatever program is behind it. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>

#include "lib/io/mgmt_inner.h"

static int run_help(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct mgmt *m = ctx;
	(void)e;
	cmd_help(&m->set, a->word[0], o);
	return 0;
}

/* In a script there is nobody to log out. */
static int run_logout(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct mgmt *m = ctx;
	(void)a, (void)o, (void)e;
	if (m->current && !m->script_depth)
		m->current->logout_said = true;
	return 0;
}

static int run_shutdown(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct mgmt *m = ctx;
	(void)a, (void)o, (void)e;
	m->shutdown_said = true;
	return 0;
}

/* The answer is yes when the file was read, as with VDE: each line has its own answer in the echo.
 */
static int run_load(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	unsigned failed;
	struct err first = { .text = "" };
	if (a->count != 1)
		return err_set(e, -EINVAL, a->count ? "one file at a time" : "which file?");
	out_json_str(o, "file", a->word[0]);
	out_list(o, "results");
	int r = script_run(ctx, a->word[0], o, &failed, &first);
	out_end_list(o);
	out_json_u64(o, "failed", failed);
	return r ? err_set(e, r, "%s", first.text) : 0;
}

/* The kinds that the words name, all without words; 0 with words in `e`: one names nothing. */
static uint64_t kinds_of(const struct args *a, struct err *e)
{
	uint64_t all = 0;
	for (unsigned i = 0; i < a->count; i++) {
		uint64_t some = 0;
		for (int k = 0; k < EVENT_KINDS; k++)
			if (fnmatch(a->word[i], event_name((enum event_kind)k), 0) == 0)
				some |= event_bit((enum event_kind)k);
		if (!some) {
			err_set(e, -EINVAL, "%s: no such kind of event; event/list shows them",
				a->word[i]);
			return 0;
		}
		all |= some;
	}
	return a->count ? all : ~UINT64_C(0) >> (64 - EVENT_KINDS);
}

static int run_watch(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct mgmt *m = ctx;
	struct mgmt_session *s = m->current;
	uint64_t kinds = kinds_of(a, e);
	if (!kinds)
		return -EINVAL;
	if (!s)
		return err_set(e, -EBADF, "a start-up script has nobody to read events");
	s->kinds |= kinds;
	s->json_events = o->json;
	return 0;
}

static int run_unwatch(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct mgmt *m = ctx;
	uint64_t kinds = kinds_of(a, e);
	(void)o;
	if (!kinds)
		return -EINVAL;
	if (m->current)
		m->current->kinds &= ~kinds;
	return 0;
}

static int run_list(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct mgmt *m = ctx;
	char tag[12];
	(void)a, (void)e;
	out_text(o, "%-16s %-3s %s\n", "EVENT", "TAG", "STATUS");
	out_text(o, "%-16s %-3s %s\n", "------------", "---", "------");
	out_list(o, "events");
	for (int k = 0; k < EVENT_KINDS; k++) {
		enum event_kind kind = (enum event_kind)k;
		bool on = m->current && m->current->kinds & event_bit(kind);
		out_object(o, NULL);
		out_str(o, "event", "%-16s ", event_name(kind));
		snprintf(tag, sizeof tag, "%03o", event_tag(kind));
		out_str(o, "tag", "%s ", tag);
		out_bool(o, "watched", NULL, on);
		out_text(o, "%s\n", on ? "ON" : "OFF");
		out_end_object(o);
	}
	out_end_list(o);
	return 0;
}

const struct cmd_row mgmt_rows[] = {
	{ "help", "[arg]", "Help (limited to arg when specified)", CMD_VDE | CMD_RAW, run_help },
	{ "logout", "", "logout from this mgmt terminal", CMD_VDE, run_logout },
	{ "shutdown", "", "shutdown of this program", CMD_VDE | CMD_WRITES, run_shutdown },
	{ "load", "path", "load a configuration script", CMD_VDE | CMD_WRITES | CMD_BARE,
	  run_load },
	{ "event", "============", "EVENT MENU", 0, NULL },
	{ "event/watch", "[KIND...]", "show events as they happen (names or patterns)", 0,
	  run_watch },
	{ "event/unwatch", "[KIND...]", "show them no more", 0, run_unwatch },
	{ "event/list", "", "list kinds of events", CMD_DATA, run_list },
	{ NULL, NULL, NULL, 0, NULL },
};
