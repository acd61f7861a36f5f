/* SPDX-License-Identifier: MIT */
/* wirefilter.c - vde-2's wirefilter over the wire core: between two neighbours of a pipe chain, or
 * with -v between two switches. */
#include "wire/wirefilter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/cli/opts.h"

enum { POOL_BYTES = 1 << 30 };

#define BANNER                                                                                     \
	"\nVDE wirefilter V.2.3.2\n(C) R.Davoli 2005,2006 - GPLv2\n" /* as clients know it         \
								      */

struct options {
	struct wirefilter f;
	char *plugs;            /* -v, cut at its first ':' */
	const char *locator[2]; /* NULL: stdin and stdout, or both neighbours */
	unsigned locators;
	const char *rcfile, *mgmt, *pidfile, *blink_id;
	int mgmtmode;
	bool daemon;
};

/* ---- options ---- */

static int take_value(void *ctx, const struct opt *o, const char *arg, struct err *e)
{
	static const char letters[] = "lLdDbscnm";
	static const enum wf_tag tags[] = { WF_LOSS,  WF_LOSTBURST, WF_DELAY, WF_DUP, WF_BAND,
					    WF_SPEED, WF_CHANBUF,   WF_NOISE, WF_MTU };
	struct options *opts = ctx;
	const char *at = o->letter ? strchr(letters, o->letter) : NULL;
	(void)e;
	if (at)
		return wf_set(&opts->f.model, tags[at - letters], arg);
	switch (o->letter) {
	case 'f':
		opts->rcfile = arg;
		break;
	case 'M':
		opts->mgmt = arg;
		break;
	case 'N':
		opts->f.model.nofifo = true;
		break;
	}
	return 0;
}

static int take_plugs(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	free(o->plugs);
	o->plugs = strdup(arg);
	char *colon = o->plugs ? strchr(o->plugs, ':') : NULL;
	if (!o->plugs)
		return -ENOMEM;
	if (!colon)
		return err_set(e, -EINVAL, "%s: give two plugs, A:B", arg);
	*colon = '\0';
	o->locator[0] = *o->plugs ? o->plugs : "vde://"; /* the default switch */
	o->locator[1] = colon[1] ? colon + 1 : "vde://";
	o->locators = 2;
	return 0;
}

static int take_mode(void *ctx, const char *arg, struct err *e)
{
	struct options *o = ctx;
	char *end;
	o->mgmtmode = (int)strtoul(arg, &end, 8);
	return *arg && !*end ? 0 : err_set(e, -EINVAL, "%s is no octal mode", arg);
}

#define TEXT_OPTION(name, field)                                                                   \
	static int name(void *ctx, const char *arg, struct err *e)                                 \
	{                                                                                          \
		(void)e;                                                                           \
		((struct options *)ctx)->field = arg;                                              \
		return 0;                                                                          \
	}

TEXT_OPTION(take_pidfile, pidfile)
TEXT_OPTION(take_blink, f.blink_path)
TEXT_OPTION(take_blinkid, blink_id)

static int take_daemon(void *ctx, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	((struct options *)ctx)->daemon = true;
	return 0;
}

static int take_help(void *ctx, const char *arg, struct err *e);

static const struct opt table[] = {
	{ 'h', "help", NULL, "show this help", take_help },
	{ 'f', "rcfile", "FILE", "run these commands before the first packet", NULL },
	{ 'l', "loss", "PERCENT", "frames lost", NULL },
	{ 'L', "lostburst", "LENGTH", "mean length of a run of lost frames; 0: none", NULL },
	{ 'd', "delay", "MS", "how long frames travel", NULL },
	{ 'D', "dup", "PERCENT", "frames doubled, copies too", NULL },
	{ 'b', "band", "BYTES/S", "delivery is late by this bandwidth", NULL },
	{ 's', "speed", "BYTES/S", "the sender is held up by this speed", NULL },
	{ 'c', "chanbufsize", "BYTES", "what may be under way; more is dropped", NULL },
	{ 0, "capacity", NULL, NULL, NULL },
	{ 'n', "noise", "BITS", "flipped bits in a mebibyte", NULL },
	{ 'm', "mtu", "BYTES", "longer frames are dropped", NULL },
	{ 'N', "nofifo", NULL, "frames may overtake each other", NULL },
	{ 'M', "mgmt", "SOCKET", "serve the management commands there", NULL },
	{ 0, "mgmtmode", "MODE", "its mode, octal (0700)", take_mode },
	{ 'v', "vde-plug", "A:B",
	  "plug into two switches; empty: the default one, -: stdin and stdout", take_plugs },
	{ 0, "daemon", NULL, "go to the background", take_daemon },
	{ 0, "pidfile", "FILE", "write the process number there", take_pidfile },
	{ 0, "blink", "SOCKET", "send a datagram there for each frame that leaves", take_blink },
	{ 0, "blinkid", "ID", "how those begin (the process number)", take_blinkid },
	{ 0 },
};

static int take_word(void *ctx, const char *word, struct err *e)
{
	struct options *o = ctx;
	if (o->plugs || o->locators == 2)
		return err_set(e, -EINVAL, "one plug too many");
	o->locator[o->locators++] = word;
	return 0;
}

static const struct program program = {
	.name = "wirefilter",
	.usage = "[OPTION...] [PLUG [PLUG]]",
	.about = "Delays, loses, doubles, damages and holds up what crosses it. Values are "
		 "NUMBER[+VARIATION][K|M|G][U|N], "
		 "for one direction with LR or RL before them, for a node of a chain with [N] "
		 "behind.",
	.opts = table,
	.flags = OPTS_ONE_DASH | OPTS_NO_COMMON,
	.word = take_word,
	.take = take_value,
};

static int take_help(void *ctx, const char *arg, struct err *e)
{
	(void)ctx;
	(void)arg;
	(void)e;
	opts_help(&program);
	return OPTS_END(0);
}

/* ---- the wire ---- */

int wirefilter_apply(struct wirefilter *f, int64_t now, struct err *e)
{
	int r = wf_apply(&f->model, &f->config, e);
	if (!r && f->cable)
		r = wire_apply(cable_wire(f->cable), &f->config, now);
	for (unsigned d = 0; d < WF_DIRS && !r && f->cable; d++) {
		double speed = f->model.node[0].val[WF_SPEED][d].value;
		cable_pace(f->cable, d, speed >= 1 ? (uint64_t)speed : 0);
	}
	wirefilter_watch(f);
	return r;
}

static void watcher_fires(struct timer *t, int64_t now)
{
	struct wirefilter *f = container_of(t, struct wirefilter, watcher);
	wire_tick(cable_wire(f->cable), now);
	wirefilter_watch(f);
}

void wirefilter_watch(struct wirefilter *f)
{
	bool wanted = f->mgmt && mgmt_debug_mask(f->mgmt) && f->model.count > 1;
	int64_t period = (int64_t)(f->model.time_ms * 1e6);
	timer_set(&f->watcher, wanted ? loop_now(f->loop) + period : TIME_NEVER);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct wirefilter *f = ctx;
	char line[256];
	if (!ev->text || strncmp(ev->text, "markov ", 7) != 0 || !f->mgmt)
		return;
	snprintf(line, sizeof line, "%04u Node %u \"%s\" -> %u \"%s\"", 3800 + ev->port, ev->port2,
		 f->model.node[ev->port2].name, ev->port, f->model.node[ev->port].name);
	mgmt_debug_line(f->mgmt, 1, line);
}

/* One datagram for each frame that left: "ID LR|RL|-- LENGTH", the length with its two bytes on a
 * stream. */
static void on_sent(void *ctx, enum wire_dir dir, const struct txv *v, unsigned n)
{
	struct wirefilter *f = ctx;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	if (f->blink < 0)
		return;
	snprintf(to.sun_path, sizeof to.sun_path, "%s", f->blink_path);
	for (unsigned i = 0; i < n; i++) {
		char text[128];
		int len = snprintf(text, sizeof text, "%s %s %u\n", f->blink_id,
				   !f->two_way      ? "--"
				   : dir == WIRE_AB ? "LR"
						    : "RL",
				   (unsigned)txv_len(&v[i]) + 2);
		(void)!sendto(f->blink, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL,
			      (struct sockaddr *)&to, sizeof to);
	}
}

static void on_ended(void *ctx, struct cable *c, unsigned end, const char *reason)
{
	struct wirefilter *f = ctx;
	log_verbose("%s: %s", cable_end_name(c, end), reason);
	loop_stop(f->loop, 0);
}

static void on_shutdown(void *ctx)
{
	struct wirefilter *f = ctx;
	loop_stop(f->loop, 0);
}

/* ---- the two ends ---- */

static int number_in(const char *name)
{
	const char *text = getenv(name);
	uint64_t n;
	return text && unit_u64(text, 0, INT32_MAX, &n, NULL) == 0 ? (int)n : -1;
}

/* What was not there to begin with: a descriptor that never has anything to read, or takes all. */
static int nothing(bool to_read)
{
	int p[2];
	if (!to_read)
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	return pipe2(p, O_CLOEXEC) < 0 ? -1 : p[0]; /* the other end stays open for good */
}

struct fds {
	int in[2], out[2];
};

/* Before anything else is opened: are the neighbours' descriptors there? */
static void look_around(struct options *o, struct fds *fds)
{
	int in = number_in("ALTERNATE_STDIN"), out = number_in("ALTERNATE_STDOUT");
	bool both = in >= 0 && out >= 0 && fcntl(in, F_GETFD) >= 0 && fcntl(out, F_GETFD) >= 0;
	*fds = (struct fds){ { STDIN_FILENO, -1 }, { STDOUT_FILENO, -1 } };
	o->f.two_way = both || o->locators > 0;
	if (o->locators == 1)
		o->locator[1] = "-";
	if (o->locators == 0 && both)
		*fds = (struct fds){ { STDIN_FILENO, in }, { STDOUT_FILENO, out } };
	else if (o->locators == 0) /* stdin to stdout, one way */
		*fds = (struct fds){ { STDIN_FILENO, -1 }, { -1, STDOUT_FILENO } };
}

static int plug(struct options *o, struct fds *fds, struct err *e)
{
	static const char *const names[] = { "left", "right" };
	int r = 0;
	for (unsigned i = 0; i < 2 && !r; i++) {
		if (o->locators) {
			r = cable_plug(o->f.cable, i, o->locator[i], CABLE_NO_RETRY, e);
			continue;
		}
		int in = fds->in[i] < 0 ? nothing(true) : fds->in[i],
		    out = fds->out[i] < 0 ? nothing(false) : fds->out[i];
		r = cable_plug_fds(o->f.cable, i, in, out, names[i], e);
	}
	return r;
}

/* ---- life ---- */

static int open_mgmt(struct options *o, struct err *e)
{
	struct wirefilter *f = &o->f;
	bool console = o->locators == 2 && !o->daemon && strcmp(o->locator[0], "-") != 0 &&
		       strcmp(o->locator[1], "-") != 0;
	const struct mgmt_config config = {
		.path = o->mgmt,
		.mode = o->mgmtmode,
		.gid = -1,
		.banner = BANNER,
		.prompt = "VDEwf$ ",
		.stdin_console = console,
		.shutdown = on_shutdown,
		.ctx = f,
	};
	f->table = (struct cmd_table){ wirefilter_commands, f };
	f->set = (struct cmd_set){ &f->table, 1 };
	if (!o->mgmt && !console && !o->rcfile)
		return 0;
	int r = mgmt_open(&f->mgmt, f->loop, &config, &f->set, e);
	struct err words = { "" };
	if (!r && o->rcfile && mgmt_load(f->mgmt, o->rcfile, &words) < 0)
		log_error("%s", words.text); /* as with the original the rest has run */
	return r;
}

static int open_blink(struct options *o)
{
	struct wirefilter *f = &o->f;
	f->blink = f->blink_path ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (o->blink_id)
		snprintf(f->blink_id, sizeof f->blink_id, "%s", o->blink_id);
	else
		snprintf(f->blink_id, sizeof f->blink_id, "%06d", (int)getpid());
	return f->blink_path && f->blink < 0 ? -errno : 0;
}

static int open_all(struct options *o, struct err *e)
{
	static const struct cable_host host = { NULL, on_ended, on_event, on_sent };
	struct wirefilter *f = &o->f;
	struct fds fds;
	look_around(o, &fds);
	f->loop = loop_new();
	f->pool = pool_new(POOL_BYTES);
	if (!f->loop || !f->pool)
		return -errno;
	timer_init(&f->watcher, f->loop, watcher_fires);
	if (getrandom(&f->config.seed, sizeof f->config.seed, 0) != sizeof f->config.seed)
		return -errno;
	int r = wf_apply(&f->model, &f->config, e);
	if (!r)
		r = open_blink(o);
	if (!r)
		r = cable_new(&f->cable, f->loop, f->pool, &f->config, &host, f);
	if (!r)
		r = wirefilter_apply(f, loop_now(f->loop), e);
	if (!r)
		r = open_mgmt(o, e);
	if (!r)
		r = plug(o, &fds, e);
	return r ? r : daemon_ready(-1, o->pidfile, e);
}

static void close_all(struct options *o)
{
	struct wirefilter *f = &o->f;
	if (f->loop)
		timer_fini(&f->watcher);
	mgmt_close(f->mgmt);
	cable_free(f->cable);
	if (f->loop)
		loop_free(f->loop);
	pool_free(f->pool);
	wf_model_fini(&f->model);
	if (f->blink >= 0)
		close(f->blink);
	free(o->plugs);
	daemon_done();
}

int wirefilter_main(int argc, char **argv)
{
	static struct options o = { .mgmtmode = 0700 };
	struct err e = { "" };
	o.f.blink = -1;
	int r = wf_model_init(&o.f.model);
	wire_config_default(&o.f.config);
	int code = r ? log_verdict(r, "") : opts_parse(&program, &o, argc, argv, NULL);
	if (code >= 0) {
		wf_model_fini(&o.f.model);
		free(o.plugs);
		return code;
	}
	if (o.daemon)
		r = daemon_start(o.pidfile, NULL);
	if (!r)
		r = open_all(&o, &e);
	int ended = r ? 0 : loop_run(o.f.loop);
	close_all(&o);
	if (r)
		return log_verdict(r, e.text);
	return ended > 0 ? die_by(ended) : ended < 0 ? log_verdict(ended, "") : 0;
}
