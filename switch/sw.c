/* SPDX-License-Identifier: MIT */
/* sw.c - puts the switch together: core, endpoints, VDE socket, management; and takes it apart. */
#include "switch/sw.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/cli/log.h"
#include "lib/ext/filter.h"

enum { POOL_LIMIT = 256 << 20 }; /* bytes that may wait in egress queues, all ports together */

/* ---- what the core says ---- */

static unsigned on_tx(void *ctx, unsigned port, const struct txv *v, unsigned n)
{
	const struct sw *sw = ctx;
	return ports_tx(sw->ports, port, v, n);
}

static void on_carrier(void *ctx, unsigned port, bool on)
{
	const struct sw *sw = ctx;
	ports_carrier(sw->ports, port, on);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct sw *sw = ctx;
	if (!sw->mgmt)
		return;
	mgmt_event(sw->mgmt, ev);
	vde_debug_event(sw->mgmt, ev);
}

static const struct bridge_host bridge_host = { .tx = on_tx,
						.event = on_event,
						.carrier = on_carrier,
						.tap = sw_tap,
						.compile = filter_compile };

/* ---- what the ports say ---- */

static void on_plugged(void *ctx, const struct ports_member *m, bool first)
{
	const struct sw *sw = ctx;
	log_verbose("port %u: %s plugged in", m->port,
		    *m->ep->descr ? m->ep->descr : m->ep->locator);
	if (sw->mgmt)
		vde_debug_plugged(sw->mgmt, m, first);
}

static void on_unplugged(void *ctx, const struct ports_member *m, bool last)
{
	const struct sw *sw = ctx;
	log_verbose("port %u: %s", m->port, m->reason);
	if (sw->mgmt)
		vde_debug_unplugged(sw->mgmt, m, last);
}

static const struct ports_notice ports_notice = { .plugged = on_plugged,
						  .unplugged = on_unplugged };

/* ---- what the VDE socket asks ---- */

static int on_admit(void *ctx, const struct vde_plug *plug, struct err *why)
{
	const struct sw *sw = ctx;
	int port = ports_choose(sw->ports, plug->request.port, plug->uid, plug->gid, why);
	if (port < 0)
		log_say("plug of %s refused: %s", plug->user, why->text);
	return port;
}

static void on_vde_plugged(void *ctx, unsigned port, struct ep *ep, const struct vde_plug *plug)
{
	const struct sw *sw = ctx;
	if (ports_join(sw->ports, port, ep, "unix prog", plug->uid) < 0)
		log_say("port %u: out of memory", port);
}

static void on_say(void *ctx, const char *words)
{
	(void)ctx;
	log_say("%s", words);
}

static const struct vde_server_host server_host = {
	.admit = on_admit,
	.plugged = on_vde_plugged,
	.say = on_say,
};

/* ---- the turn of the loop ---- */

static void on_tick(struct timer *t, int64_t now)
{
	const struct sw *sw = container_of(t, struct sw, tick);
	bridge_tick(sw->bridge, now);
}

static bool on_poll(struct poller *p, int64_t now)
{
	struct sw *sw = container_of(p, struct sw, poller);
	bool busy = ports_poll(sw->ports, now);
	bridge_want_events(sw->bridge, mgmt_event_mask(sw->mgmt) | vde_debug_events(sw->mgmt));
	timer_set(&sw->tick, bridge_next(sw->bridge));
	return busy;
}

static void on_shutdown(void *ctx)
{
	struct sw *sw = ctx;
	sw->stdin_ended = mgmt_stdin_ended(sw->mgmt);
	loop_stop(sw->loop, 0);
}

/* ---- together ---- */

static int fill_random(void *bytes, size_t len)
{
	return getrandom(bytes, len, 0) == (ssize_t)len ? 0 : -EIO;
}

static int open_core(struct sw *sw, struct err *e)
{
	const struct options *o = sw->opt;
	struct bridge_config c;
	bridge_config_default(&c);
	c.numports = o->numports;
	c.hub = o->hub;
	c.tree.priority =
		(uint16_t)(o->priority / 4096 * 4096); /* VDE took any; the standard, steps */
	c.rstp = o->fstp && !o->hub;
	c.mac[0] = 0x00; /* as VDE: 00:ff and four random bytes */
	c.mac[1] = 0xff;
	if (fill_random(c.mac + 2, 4) < 0 || fill_random(&c.seed, sizeof c.seed) < 0)
		return err_set(e, -EIO, "no random numbers");
	if (o->has_mac)
		memcpy(c.mac, o->mac, sizeof c.mac);
	int r = bridge_config_check(&c, e);
	if (r < 0)
		return r;
	sw->bridge = bridge_new(&c, &bridge_host, sw, sw->pool, sw->born);
	if (!sw->bridge)
		return -ENOMEM;
	ports_set_bridge(sw->ports, sw->bridge);
	return 0;
}

static void set_commands(struct sw *sw)
{
	const struct cmd_table tables[SW_TABLES] = {
		{ vde_info_commands, sw },       { vde_debug_commands, sw },
		{ vde_hash_commands, sw },       { vde_fstp_commands, sw },
		{ vde_port_commands, sw },       { vde_vlan_commands, sw },
		{ switch_commands, sw },         { capture_commands, sw->captures },
		{ bridge_commands, sw->bridge },
	};
	memcpy(sw->tables, tables, sizeof tables);
	sw->commands = (struct cmd_set){ .tables = sw->tables, .count = SW_TABLES };
}

static int open_server(struct sw *sw, struct err *e)
{
	const struct options *o = sw->opt;
	const struct vde_server_config c = {
		.dir = o->sock,
		.mode = o->mode,
		.dirmode = o->dirmode,
		.gid = o->gid,
		.mgmt_mode = o->mgmtmode < 0 ? 0600 : o->mgmtmode,
		.mgmt_gid = o->mgmtgid,
	};
	return vde_server_open(&sw->server, sw->loop, &c, &server_host, sw, e);
}

/* A console makes sense when somebody may type: not behind -d, and not on /dev/null, whose end of
 * file would stop the switch at once. */
static bool wants_console(const struct options *o)
{
	struct stat st;
	if (o->nostdin || o->daemon || fstat(STDIN_FILENO, &st) < 0)
		return false;
	return !(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

static int open_mgmt(struct sw *sw, struct err *e)
{
	const struct options *o = sw->opt;
	const struct mgmt_config c = {
		.path = o->mgmt,
		.mode = o->mgmtmode < 0 ? 0600 : o->mgmtmode,
		.gid = o->mgmtgid,
		.banner = VDE_BANNER,
		.prompt = VDE_PROMPT,
		.stdin_console = wants_console(o),
		.shutdown = on_shutdown,
		.ctx = sw,
	};
	int r = mgmt_open(&sw->mgmt, sw->loop, &c, &sw->commands, e);
	captures_serve(sw->captures, sw->mgmt);
	if (r < 0 || !o->mgmt)
		return r;
	sw->mgmt_mode = c.mode;
	sw->mgmt_path = realpath(o->mgmt, NULL);
	return sw->mgmt_path ? 0 : -errno;
}

static int open_joins(struct sw *sw, struct err *e)
{
	for (size_t i = 0; i < sw->opt->joins_count; i++) {
		const struct join *j = &sw->opt->joins[i];
		char tap[256];
		const char *locator = j->text;
		if (j->tap) {
			snprintf(tap, sizeof tap, "tap://%s", j->text);
			locator = tap;
		}
		int port = ports_open(sw->ports, locator, PORTS_ANY, e);
		if (port < 0)
			return err_prefix(e, port, j->tap ? "--tap" : "--plug");
	}
	return 0;
}

/* vde_switch looks for a script in two places when none is named; a missing one is no error there.
 */
static int run_rcfile(struct sw *sw, struct err *e)
{
	char path[4096];
	const char *home = getenv("HOME");
	int r;
	if (sw->opt->rcfile) {
		r = mgmt_load(sw->mgmt, sw->opt->rcfile, e);
		return r < 0 ? -EINVAL
			     : 0; /* whatever was wrong with it, the file is what to mend */
	}
	if (!sw->opt->compat)
		return 0;
	snprintf(path, sizeof path, "%s/.vde2/vde_switch.rc", home ? home : "");
	if (access(path, R_OK) < 0)
		snprintf(path, sizeof path, "/etc/vde2/vde_switch.rc");
	if (access(path, R_OK) < 0)
		return 0;
	r = mgmt_load(sw->mgmt, path, e);
	return r < 0 ? -EINVAL : 0;
}

static int open_all(struct sw *sw, struct err *e)
{
	int r = open_core(sw, e);
	if (!r)
		r = sw_captures_open(sw);
	if (r < 0)
		return r;
	set_commands(sw);
	r = open_server(sw, e);
	if (!r)
		r = open_mgmt(sw, e);
	if (!r)
		r = open_joins(sw, e);
	if (!r)
		r = run_rcfile(sw, e);
	if (r < 0)
		return r;
	loop_add_poller(sw->loop, &sw->poller);
	return 0;
}

int sw_open(struct sw **out, const struct options *opt, struct err *e)
{
	struct sw *sw = malloc(sizeof *sw);
	*out = sw;
	if (!sw)
		return -ENOMEM;
	*sw = (struct sw){
		.opt = opt, .hash = { .size = vde_hash_size(opt->hashsize), .gc_secs = VDE_GC_SECS }
	};
	sw->poller.poll = on_poll;
	signal(SIGPIPE, SIG_IGN); /* a peer that goes while we write is an EPIPE */
	sw->loop = loop_new();
	if (!sw->loop)
		return -errno;
	sw->born = loop_now(sw->loop);
	timer_init(&sw->tick, sw->loop, on_tick);
	sw->pool = pool_new(POOL_LIMIT);
	sw->ports = sw->pool ? ports_new(sw->loop, sw->pool, &ports_notice, sw) : NULL;
	if (!sw->ports)
		return -ENOMEM;
	return open_all(sw, e);
}

void sw_free(struct sw *sw)
{
	if (!sw)
		return;
	mgmt_close(sw->mgmt);
	captures_free(sw->captures);
	ports_free(sw->ports); /* their sockets first: the directory must be empty to go */
	vde_server_close(sw->server);
	bridge_free(sw->bridge);
	pool_free(sw->pool);
	if (sw->loop) {
		timer_fini(&sw->tick);
		loop_free(sw->loop);
	}
	free(sw->mgmt_path);
	free(sw);
}
