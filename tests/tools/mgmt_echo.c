/* SPDX-License-Identifier: MIT */
/* mgmt_echo.c - serves a management socket with a handful of commands, for tests of sessions and of
 * clients: mgmt_echo SOCKET [--console]. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/cli/log.h"
#include "lib/io/mgmt.h"

struct server {
	struct loop *loop;
	struct mgmt *mgmt;
};

static int run_echo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)e;
	out_list(o, "words");
	for (unsigned i = 0; i < a->count; i++)
		out_str(o, NULL, "%s\n", a->word[i]);
	out_end_list(o);
	return 0;
}

static int number(const struct args *a, unsigned i, uint64_t max, uint64_t *n, struct err *e)
{
	if (i >= a->count)
		return err_set(e, -EINVAL, "a number is missing");
	return unit_u64(a->word[i], 0, max, n, e);
}

static int run_fail(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	uint64_t code = 0;
	(void)ctx;
	int r = number(a, 0, 133, &code, e);
	if (r < 0)
		return r;
	out_text(o, "output before the failure\n");
	return a->count > 1 ? err_set(e, -(int)code, "%s", a->word[1]) : -(int)code;
}

static int run_big(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	uint64_t lines = 0;
	(void)ctx;
	int r = number(a, 0, 1000000, &lines, e);
	out_list(o, "lines");
	for (uint64_t i = 0; !r && i < lines; i++)
		out_u64(o, NULL, "line %lu of a long reply\n", i);
	out_end_list(o);
	return r;
}

static int run_emit(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct server *s = ctx;
	uint64_t times = 1;
	(void)o;
	int kind = a->count ? event_kind_of(a->word[0]) : -EINVAL;
	if (kind < 0)
		return err_set(e, -EINVAL, "no such kind of event");
	int r = a->count > 1 ? number(a, 1, 1000000, &times, e) : 0;
	struct event ev = {
		.kind = (enum event_kind)kind, .at = a->now, .name = "a", .text = "said so"
	};
	for (uint64_t i = 0; !r && i < times; i++) {
		ev.port = (unsigned)i + 1;
		mgmt_event(s->mgmt, &ev);
	}
	return r;
}

static int run_twice(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)a;
	out_text(o, "NAME\n");
	return err_set(e, -ENOENT, "%s", strerror(ENOENT)); /* as VDE's plugin/list */
}

static const struct cmd_row rows[] = {
	{ "test", "============", "TEST MENU", 0, NULL },
	{ "test/echo", "WORD...", "say the words, one a line", CMD_DATA, run_echo },
	{ "test/fail", "N [WORDS]", "fail with errno N", 0, run_fail },
	{ "test/big", "LINES", "a reply of many lines", CMD_DATA, run_big },
	{ "test/emit", "KIND [TIMES]", "make an event", 0, run_emit },
	{ "test/both", "", "data and an error, as VDE's plugin/list", CMD_DATA | CMD_VDE,
	  run_twice },
	{ NULL, NULL, NULL, 0, NULL },
};

static void on_shutdown(void *ctx)
{
	loop_stop(((struct server *)ctx)->loop, 0);
}

int main(int argc, char **argv)
{
	struct server s = { .loop = loop_new() };
	const struct cmd_table table = { .rows = rows, .ctx = &s };
	const struct cmd_set set = { .tables = &table, .count = 1 };
	struct err e = { .text = "" };
	log_name("mgmt_echo");
	if (argc < 2 || !s.loop)
		return log_verdict(2, "mgmt_echo SOCKET [--console]");
	const struct mgmt_config c = {
		.path = argv[1],
		.mode = 0600,
		.gid = -1,
		.banner = "VDE switch V.0.0.0\n(C) nobody\n",
		.prompt = "vde$ ",
		.stdin_console = argc > 2 && strcmp(argv[2], "--console") == 0,
		.shutdown = on_shutdown,
		.ctx = &s,
	};
	int r = mgmt_open(&s.mgmt, s.loop, &c, &set, &e);
	if (r == 0)
		r = loop_run(s.loop);
	mgmt_close(s.mgmt);
	loop_free(s.loop);
	return r > 0 ? die_by(r) : r < 0 ? log_verdict(r, e.text) : 0;
}
