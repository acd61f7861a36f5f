/* SPDX-License-Identifier: MIT */
/* options.c - dw-plug's command line. */
#include "plug/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/units.h"
#include "lib/cli/opts.h"
#include "lib/io/ep.h"

static int take_descr(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct options *)ctx)->descr = arg;
	return 0;
}

static int take_group(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct options *)ctx)->group[0] = arg;
	return 0;
}

static int take_mode(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct options *)ctx)->mode[0] = arg;
	return 0;
}

static int take_daemon(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct options *)ctx)->daemon = true;
	return 0;
}

static int take_pidfile(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct options *)ctx)->pidfile = arg;
	return 0;
}

static int take_mgmt(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct options *)ctx)->mgmt = arg;
	return 0;
}

static int take_rcfile(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct options *)ctx)->rcfile = arg;
	return 0;
}

static int take_capture(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct options *)ctx)->capture = arg;
	return 0;
}

static int take_name(void *ctx, const char *arg, struct err *e)
{
	if (!*arg || arg[strcspn(arg, " \t\n")])
		return err_set(e, -EINVAL, "a name has no blanks");
	((struct options *)ctx)->name = arg;
	return 0;
}

static int take_ready_fd(void *ctx, const char *arg, struct err *e)
{
	uint64_t n;
	int r = unit_u64(arg, 0, 1 << 20, &n, e);
	if (r == 0)
		((struct options *)ctx)->ready_fd = (int)n;
	return r;
}

static int take_reconnect(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	o->reconnect_ns = NS_PER_SEC;
	int r = arg ? unit_time(arg, &o->reconnect_ns, e) : 0;
	if (r == 0 && o->reconnect_ns < NS_PER_MS)
		return err_set(e, -EINVAL, "%s is not a wait of 1ms or more", arg);
	return r;
}

static int take_list(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct options *)ctx)->list = true;
	return 0;
}

static int take_load(struct options *o, bool generate, const char *arg, struct err *e)
{
	if (o->is_load && o->load.generate != generate)
		return err_set(e, -EINVAL, "either --generate or --sink");
	if (!o->is_load)
		load_plan_default(&o->load, generate);
	o->is_load = true;
	return load_plan_parse(&o->load, arg, e);
}

static int take_generate(void *ctx, const char *arg, struct err *e)
{
	return take_load(ctx, true, arg, e);
}

static int take_sink(void *ctx, const char *arg, struct err *e)
{
	return take_load(ctx, false, arg, e);
}

static const struct opt rows[] = {
	{ 'D', "descr", "TEXT", "what the far switch shows for this port", take_descr },
	{ 'g', "group", "GROUP", "group of our data socket", take_group },
	{ 'm', "mode", "OCTAL", "mode of our data socket (VDE's: 0700)", take_mode },
	{ 'm', "mod", NULL, NULL, NULL },
	{ 0, "reconnect", "[MAX]", "a side that goes away is tried again, waiting MAX at most (1s)",
	  take_reconnect },
	{ 0, "poll", "HOW",
	  "wait for rings: never spin, adaptive (a little, before sleeping), always",
	  ep_poll_take },
	{ 0, "capture", "FILE",
	  "write all frames there as pcapng, lost ones with the reason; -: to stdout",
	  take_capture },
	{ 0, "generate", "[LOAD]",
	  "send numbered frames to the first locator, check them at the second: "
	  "size=64B,rate=1kpps,count=N,time=1s,addresses=N,window=N,vlan=N,to=MAC|all,sinks=N,pid="
	  "N",
	  take_generate },
	{ 0, "sink", "[LOAD]", "only receive and check them: count=N,time=1s,sinks=N,pid=N",
	  take_sink },
	{ 0, "list", NULL, "the locators there are, and leave", take_list },
	{ 'd', "daemon", NULL, "leave the terminal once both sides are up", take_daemon },
	{ 'p', "pidfile", "FILE", "write the process number there", take_pidfile },
	{ 'f', "rcfile", "FILE", "run these management commands first", take_rcfile },
	{ 'M', "mgmt", "SOCKET", "serve the management language there", take_mgmt },
	{ 0, "name", "NAME", "name of the plug in reports (its two ends)", take_name },
	{ 0, "ready-fd", "N", "write a newline to this descriptor once both sides are up",
	  take_ready_fd },
	{ 0, NULL, NULL, NULL, NULL },
};

static int word(void *ctx, const char *text, struct err *e)
{
	struct options *o = ctx;
	if (strcmp(text, "=") == 0)
		return 1; /* the command follows */
	if (o->words == 2)
		return err_set(e, -EINVAL, "%s: a third locator; a plug joins two", text);
	o->locator[o->words++] = text;
	return 0;
}

static const struct program program = {
	.name = "dw-plug",
	.usage = "[OPTION...] LOCATOR [LOCATOR | = COMMAND [ARG...]]",
	.about = "Joins an endpoint to stdin and stdout, to a second endpoint, or to a command "
		 "that speaks the "
		 "stream framing.",
	.opts = rows,
	.word = word,
};

/* Where our own stdin and stdout are a side, or nobody reads stdout. */
static bool stdout_is_taken(const struct options *o)
{
	bool first = o->locator[0] && strcmp(o->locator[0], "-") == 0;
	bool second = !o->command && (!o->locator[1] || strcmp(o->locator[1], "-") == 0);
	return first || second || o->daemon;
}

/* A load has one locator or two, and nothing in between to look at. -1: fine. */
static int parse_load(const struct options *o, bool equals)
{
	if (equals || (!o->load.generate && o->words == 2))
		return log_verdict(2, equals ? "=: a load has no command"
					     : "--sink: two locators; it listens at one");
	if (o->daemon || o->mgmt || o->capture || o->reconnect_ns)
		return log_verdict(2, "--generate, --sink: not with --daemon, --mgmt, --capture or "
				      "--reconnect");
	return -1;
}

int options_parse(struct options *o, int argc, char **argv)
{
	int rest;
	*o = (struct options){ .ready_fd = -1 };
	int code = opts_parse(&program, o, argc, argv, &rest);
	if (code >= 0 || o->list)
		return code;
	bool equals = rest > 0 && rest <= argc && strcmp(argv[rest - 1], "=") == 0;
	if (equals && rest == argc)
		return log_verdict(2, "=: no command follows");
	if (equals)
		o->command = argv + rest;
	if (!o->words && !equals)
		return log_verdict(2, "no locator (try dw-plug --list)");
	if (o->is_load)
		return parse_load(o, equals);
	if (o->words == 2 && equals)
		return log_verdict(2, "two locators and a command; a plug joins two");
	if (o->daemon && !equals && o->words < 2)
		return log_verdict(2, "--daemon: stdin and stdout stay behind; give two ends");
	if (o->capture && strcmp(o->capture, "-") == 0 && stdout_is_taken(o))
		return log_verdict(2, "--capture: stdout is not free for it; name a file");
	if (o->rcfile && !o->mgmt)
		return log_verdict(2, "--rcfile: its commands need --mgmt");
	if (!o->name) {
		snprintf(o->name_made, sizeof o->name_made, "%.90s--%.90s",
			 o->locator[0] ? o->locator[0] : "vde://",
			 o->command      ? o->command[0]
			 : o->locator[1] ? o->locator[1]
					 : "-");
		o->name = o->name_made;
	}
	return -1;
}
