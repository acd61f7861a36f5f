/* SPDX-License-Identifier: MIT */
/* compat.c - the command line of vdeplug4's vde_plug, for who calls us by that name, and the login
 * shell that it can be. From vde-2's own: -s DIR, and -p with a number as the port. */
#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/cli/opts.h"
#include "plug/iplog.h"
#include "plug/options.h"

enum { USAGE = 255 }; /* what vde_plug says to --help and to misuse alike */

static int set_daemon(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct options *)ctx)->daemon = true;
	return 0;
}

/* vde-2 means a port by -p, vdeplug4 a file. */
static int set_port_or_pidfile(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	uint64_t port;
	(void)e;
	if (unit_u64(arg, 0, 65535, &port, NULL) == 0)
		o->port[0] = arg;
	else
		o->pidfile = arg;
	return 0;
}

static int set_log(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct options *)ctx)->log = true;
	return 0;
}

static int set_iplog(void *ctx, const char *arg, struct err *e)
{
	((struct options *)ctx)->iplog = true;
	return set_log(ctx, arg, e);
}

#define SETTER(name, member)                                                                       \
	static int name(void *ctx, const char *arg, struct err *e)                                 \
	{                                                                                          \
		(void)e;                                                                           \
		((struct options *)ctx)->member = arg;                                             \
		return 0;                                                                          \
	}
SETTER(set_descr, descr)
SETTER(set_group, group[0])
SETTER(set_group2, group[1])
SETTER(set_mode, mode[0])
SETTER(set_mode2, mode[1])
SETTER(set_port, port[0])
SETTER(set_port2, port[1])

static int set_sock(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	if (o->words == 2)
		return err_set(e, -EINVAL, "%s: a third locator; a plug joins two", arg);
	o->locator[o->words++] = arg;
	return 0;
}

/* The group whose members' addresses are logged (vdeplug4's name for it). */
static bool in_group(const char *name)
{
	const struct group *g = getgrnam(name);
	gid_t list[256];
	int n = g ? getgroups(256, list) : 0;
	while (n-- > 0)
		if (list[n] == g->gr_gid)
			return true;
	return g && getegid() == g->gr_gid;
}

/* sshd runs a login shell as SHELL -c COMMAND. Only one command is for it to run. */
static int set_command(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	if (strcmp(arg, "vde_plug") == 0) {
		o->iplog |= in_group("vdeplug_iplog");
		return set_log(ctx, arg, e);
	}
	iplog_say("FAILED");
	fputs("This is a Virtual Distributed Ethernet (vde) tunnel broker. \n"
	      "This is not a login shell, only vde_plug can be executed\n",
	      stderr);
	return OPTS_END(USAGE);
}

static int show_help(void *ctx, const char *arg, struct err *e);

static const struct opt rows[] = {
	{ 'd', "daemon", NULL, "leave the terminal once both sides are up", set_daemon },
	{ 'p', "pidfile", "FILE", "write the process number there; a number: vde-2's port",
	  set_port_or_pidfile },
	{ 'l', "log", NULL, "say to syslog who comes and goes", set_log },
	{ 'L', "iplog", NULL, "and which addresses are used", set_iplog },
	{ 'D', "descr", "TEXT", "what the far switch shows for this port (vdeplug:)", set_descr },
	{ 'g', "group", "GROUP", "group of our data socket", set_group },
	{ 'G', "group2", "GROUP", "of the second plug", set_group2 },
	{ 'm', "mod", "OCTAL", "mode of our data socket", set_mode },
	{ 'm', "mode", NULL, NULL, NULL },
	{ 'M', "mod2", "OCTAL", "of the second plug", set_mode2 },
	{ 0, "port", "N", "port at the switch; better: DIR[N]", set_port },
	{ 0, "port2", "N", "of the second plug", set_port2 },
	{ 's', "sock", "DIR", "vde-2's way to name the switch", set_sock },
	{ 0, "vdesock", NULL, NULL, NULL },
	{ 0, "unix", NULL, NULL, NULL },
	{ 'c', "command", "vde_plug", "how sshd calls a login shell; other commands are refused",
	  set_command },
	{ 'h', "help", NULL, "show this help", show_help },
	{ 0, NULL, NULL, NULL, NULL },
};

static int word(void *ctx, const char *text, struct err *e)
{
	return strcmp(text, "=") == 0 ? 1 : set_sock(ctx, text, e); /* 1: the command follows */
}

static const struct program program = {
	.name = "vde_plug",
	.usage = "[OPTION...] [VNL] [VNL | = COMMAND [ARG...]]",
	.about = "Joins a VDE network to stdin and stdout, to a second one, or to a command. This "
		 "is Drahtwerk's, with the options of vdeplug4's.",
	.opts = rows,
	.flags = OPTS_NO_COMMON | OPTS_ONE_DASH,
	.word = word,
};

static int show_help(void *ctx, const char *arg, struct err *e)
{
	(void)ctx;
	(void)arg;
	(void)e;
	opts_help(&program);
	return OPTS_END(USAGE);
}

static const char *own_name(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	return slash ? slash + 1 : argv0 ? argv0 : "";
}

bool compat_is(const char *argv0)
{
	const char *name = own_name(argv0);
	return strcmp(name + (*name == '-'), "vde_plug") == 0;
}

int compat_parse(struct options *o, int argc, char **argv)
{
	int rest;
	struct err e;
	*o = (struct options){ .ready_fd = -1, .compat = true, .descr = "vdeplug:" };
	if (*own_name(argv[0]) == '-') /* a login without a command */
		return set_command(o, "", &e) - OPTS_END(0);
	int code = opts_parse(&program, o, argc, argv, &rest);
	if (code >= 0)
		return USAGE;
	bool equals = rest > 0 && rest <= argc && strcmp(argv[rest - 1], "=") == 0;
	if (equals && (rest == argc || o->words == 2)) {
		log_error(rest == argc ? "=: no command follows"
				       : "two networks and a command; a plug joins two");
		return USAGE;
	}
	if (equals)
		o->command = argv + rest;
	return -1;
}
