/* SPDX-License-Identifier: MIT */
/* options.c - one row an option. VDE's own rows stand first, so that its prefixes win ties; under
 * the name vde_switch they are the whole table. Facts: vde-2 switch.c, consmgmt.c, datasock.c,
 * tuntap.c. */
#include "switch/options.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/ether.h"
#include "lib/base/units.h"
#include "lib/cli/opts.h"
#include "lib/io/ep.h"
#include "switch/core/bridge.h"
#include "switch/vde.h"

static int take_number(unsigned *n, const char *arg, uint64_t min, uint64_t max, struct err *e)
{
	uint64_t v;
	int r = unit_u64(arg, min, max, &v, e);
	if (!r)
		*n = (unsigned)v;
	return r;
}

static int take_octal(int *mode, const char *arg, struct err *e)
{
	char *end;
	long v = strtol(arg, &end, 8);
	if (!*arg || *end || v < 0 || v > 07777)
		return err_set(e, -EINVAL, "%s is not an octal mode like 0660", arg);
	*mode = (int)v;
	return 0;
}

static int take_group(int *gid, const char *arg, struct err *e)
{
	const struct group *g = getgrnam(arg);
	if (!g)
		return err_set(e, -EINVAL, "no such group '%s'", arg);
	*gid = (int)g->gr_gid;
	return 0;
}

static int take_join(struct options *o, bool tap, const char *text)
{
	o->joins[o->joins_count++] = (struct join){ .tap = tap, .text = text };
	return 0;
}

static int take_numports(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	return take_number(&o->numports, arg, 1, BRIDGE_PORT_MAX, e);
}

static int take_hub(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	(void)arg, (void)e;
	o->hub = true;
	return 0;
}

static int take_fstp(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	(void)arg, (void)e;
	o->fstp = true;
	return 0;
}

static int take_macaddr(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	if (mac_parse(o->mac, arg) < 0 || mac_is_group(o->mac))
		return err_set(e, -EINVAL, "%s is not the address of one station", arg);
	o->has_mac = true;
	return 0;
}

static int take_priority(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	return take_number(&o->priority, arg, 0, 0xffff, e);
}

static int take_hashsize(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	return take_number(&o->hashsize, arg, 1, VDE_HASH_MAX, e);
}

static int take_sock(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	o->sock = arg;
	return *arg ? 0 : err_set(e, -EINVAL, "an empty name");
}

static int take_mode(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	return take_octal(&o->mode, arg, e);
}

static int take_dirmode(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	return take_octal(&o->dirmode, arg, e);
}

static int take_group_of_data(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	return take_group(&o->gid, arg, e);
}

static int take_daemon(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	(void)arg, (void)e;
	o->daemon = true;
	return 0;
}

static int take_pidfile(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	o->pidfile = arg;
	return *arg ? 0 : err_set(e, -EINVAL, "an empty name");
}

static int take_rcfile(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	(void)e;
	o->rcfile = arg;
	return 0;
}

static int take_mgmt(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	o->mgmt = arg;
	return *arg ? 0 : err_set(e, -EINVAL, "an empty name");
}

static int take_mgmtmode(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	return take_octal(&o->mgmtmode, arg, e);
}

static int take_mgmtgroup(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	return take_group(&o->mgmtgid, arg, e);
}

static int take_nostdin(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	(void)arg, (void)e;
	o->nostdin = true;
	return 0;
}

static int take_nothing(void *ctx, const char *arg, struct err *e)
{
	(void)ctx, (void)arg, (void)e;
	return 0; /* VDE declares -D and never reads it */
}

static int take_tap(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	return take_join(ctx, true, arg);
}

static int take_plug(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	return take_join(ctx, false, arg);
}

static int take_name(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	o->name = arg;
	return *arg ? 0 : err_set(e, -EINVAL, "an empty name");
}

static int take_ready_fd(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	unsigned fd;
	int r = take_number(&fd, arg, 0, 1u << 20, e);
	if (!r)
		o->ready_fd = (int)fd;
	return r;
}

static int take_help(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	(void)arg, (void)e;
	o->help = true;
	return 0;
}

static int take_version(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	(void)arg, (void)e;
	o->version = true;
	return 0;
}

/* VDE's own first: vde_rows() counts to the end of them. */
static const struct opt switch_opts[] = {
	{ 'n', "numports", "N", "ports 1..N, besides port 0 for management (default 32)",
	  take_numports },
	{ 'x', "hub", NULL, "repeat every frame on every port", take_hub },
	{ 'F', "fstp", NULL, "rapid spanning tree", take_fstp },
	{ 0, "macaddr", "MAC", "address of the switch (default 00:ff and four random bytes)",
	  take_macaddr },
	{ 0, "priority", "N", "bridge priority for spanning tree (default 0x8000)", take_priority },
	{ 0, "poll", "HOW",
	  "wait for rings: never spin, adaptive (a little, before sleeping), always",
	  ep_poll_take },
	{ 0, "hashsize", "N", "accepted for VDE's sake: the address table grows by itself",
	  take_hashsize },
	{ 's', "sock", "DIR",
	  "control directory (default /var/run/vde.ctl as root, else /tmp/vde.ctl)", take_sock },
	{ 0, "vdesock", "DIR", NULL, NULL },
	{ 0, "unix", "DIR", NULL, NULL },
	{ 'm', "mode", "MODE", "permissions of the data sockets (octal, default 0600)", take_mode },
	{ 0, "mod", "MODE", NULL, NULL },
	{ 0, "dirmode", "MODE", "permissions of the control directory (octal, default 02700)",
	  take_dirmode },
	{ 'g', "group", "GROUP", "group that owns directory and sockets", take_group_of_data },
	{ 'd', "daemon", NULL, "leave the terminal once all sockets accept", take_daemon },
	{ 'p', "pidfile", "FILE", "write the process id there", take_pidfile },
	{ 'f', "rcfile", "FILE", "run these commands before anything plugs in", take_rcfile },
	{ 'M', "mgmt", "SOCKET", "management socket", take_mgmt },
	{ 0, "mgmtmode", "MODE", "its permissions, and those of port 0 (octal, default 0600)",
	  take_mgmtmode },
	{ 0, "mgmtgroup", "GROUP", "its group, and that of port 0", take_mgmtgroup },
	{ 0, "nostdin", NULL, "no console on stdin", take_nostdin },
	{ 'D', "debugclients", "N", "", take_nothing },
	{ 't', "tap", "NAME", "plug in a tap interface (repeatable)", take_tap },
	/* ours */
	{ 'P', "plug", "LOCATOR", "plug in an endpoint, with port keys (repeatable)", take_plug },
	{ 0, "rstp", NULL, "the same as --fstp", take_fstp },
	{ 0, "name", "NAME", "of this switch, in the log", take_name },
	{ 0, "ready-fd", "N", "write a newline there when all sockets accept", take_ready_fd },
	{ 0 },
};

static size_t vde_rows(void)
{
	size_t n = 0;
	while (switch_opts[n].take != take_plug)
		n++;
	return n;
}

static const char *own_name(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	return slash ? slash + 1 : argv0;
}

/* vde_switch answers every misuse with its usage and 1, --version with 0. */
static int parse_compat(struct options *o, int argc, char **argv)
{
	struct opt rows[sizeof switch_opts / sizeof *switch_opts] = {
		{ 'h', "help", NULL, "display this help and exit", take_help },
		{ 'v', "version", NULL, "display information on the version and exit",
		  take_version },
	};
	const struct program compat = {
		.name = "vde_switch",
		.usage = "[OPTIONS]",
		.about = "Runs a VDE switch.",
		.opts = rows,
		.flags = OPTS_ONE_DASH | OPTS_NO_COMMON,
	};
	memcpy(rows + 2, switch_opts, vde_rows() * sizeof *rows);
	o->compat = true;
	int code = opts_parse(&compat, o, argc, argv, NULL);
	if (code >= 0)
		return code ? 1 : 0;
	if (o->help) {
		opts_help(&compat);
		return 1;
	}
	if (o->version) {
		printf("VDE %s\n%s\n", VDE_VERSION, VDE_RIGHTS);
		return 0;
	}
	return -1;
}

static int parse_own(struct options *o, int argc, char **argv)
{
	const struct program program = {
		.name = "dw-switch",
		.usage = "[OPTION...]",
		.about = "A virtual Ethernet switch. Serves the VDE protocol on its control "
			 "directory, so that QEMU, vdens, vde_plug and dw-plug plug in.",
		.opts = switch_opts,
		.flags = OPTS_ONE_DASH,
		.win_ties = vde_rows(),
	};
	return opts_parse(&program, o, argc, argv, NULL);
}

int options_parse(struct options *o, int argc, char **argv)
{
	*o = (struct options){
		.numports = BRIDGE_PORTS_DEFAULT,
		.priority = 0x8000,
		.hashsize = 128,
		.mode = -1,
		.dirmode = -1,
		.mgmtmode = -1,
		.gid = -1,
		.mgmtgid = -1,
		.ready_fd = -1,
		.joins = calloc((size_t)argc, sizeof *o->joins), /* each takes a word at least */
	};
	if (!o->joins)
		return log_verdict(-ENOMEM, NULL);
	bool compat = strcmp(own_name(argv[0]), "vde_switch") == 0;
	int code = compat ? parse_compat(o, argc, argv) : parse_own(o, argc, argv);
	if (!o->sock)
		o->sock = geteuid() == 0 ? "/var/run/vde.ctl" : "/tmp/vde.ctl";
	return code;
}

void options_fini(struct options *o)
{
	free(o->joins);
	o->joins = NULL;
}
