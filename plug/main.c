/* SPDX-License-Identifier: MIT */
/* main.c - dw-plug: joins one endpoint to stdin and stdout, to a second endpoint, or to a command.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cli/opts.h"
#include "lib/io/ep.h"
#include "plug/capture.h"
#include "plug/iplog.h"
#include "plug/load/report.h"
#include "plug/manage.h"
#include "plug/options.h"
#include "plug/pump.h"

struct plug {
	const struct options *o;
	struct loop *loop;
	struct pump *pump;
	struct manage *manage; /* NULL: no socket */
	struct plug_capture capture;
	struct err err;
	int why;
	bool started; /* both sides were up */
};

static void ready(void *ctx)
{
	struct plug *p = ctx;
	if (p->o->log)
		iplog_say("START");
	p->started = true;
	p->why = daemon_ready(p->o->ready_fd, p->o->pidfile, &p->err);
	if (p->why < 0)
		loop_stop(p->loop, p->why);
}

static void say(void *ctx, const char *words)
{
	(void)ctx;
	log_say("%s", words);
}

static void over(void *ctx, int why, const char *words)
{
	struct plug *p = ctx;
	p->why = why;
	snprintf(p->err.text, sizeof p->err.text, "%s", words);
	loop_stop(p->loop, 0);
}

/* Who logs in at the login shell is on its stdin, the second side. */
static void seen(void *ctx, unsigned side, const struct frame *f)
{
	const struct plug *p = ctx;
	if (side == 1 && p->o->iplog)
		iplog_frame(f);
}

static void moved(void *ctx, unsigned side, bool there, const char *words)
{
	const struct plug *p = ctx;
	/* while pump_open() runs nobody can watch */
	if (p->pump)
		manage_moved(p->manage, pump_side(p->pump, side), there, words);
}

static void tap(void *ctx, unsigned side, const struct pieces *frame, enum drop_reason why,
		int64_t now)
{
	struct plug *p = ctx;
	plug_capture_tap(&p->capture, side, frame, why, now);
}

static void capture_event(void *ctx, const struct event *ev)
{
	const struct plug *p = ctx;
	manage_event(p->manage, ev);
}

static void shut_down(void *ctx) /* the command */
{
	struct plug *p = ctx;
	p->err.text[0] = '\0';
	loop_stop(p->loop, 0);
}

static const struct pump_host host = {
	.ready = ready, .say = say, .over = over, .seen = seen, .moved = moved, .tap = tap
};

static void report(const struct pump *p)
{
	for (unsigned i = 0; i < 2; i++) {
		struct pump_counts c;
		pump_count(p, i, &c);
		log_verbose("%s: %llu frames in, %llu out; dropped %llu runt, %llu oversize, %llu "
			    "not there, %llu lost",
			    pump_side(p, i), (unsigned long long)c.in, (unsigned long long)c.out,
			    (unsigned long long)c.runts, (unsigned long long)c.oversize,
			    (unsigned long long)c.away, (unsigned long long)c.lost);
	}
}

static int run(struct plug *plug, const struct options *o)
{
	char locator[2][1024];
	if (options_locator(o, 0, locator[0], sizeof locator[0]) < 0 ||
	    options_locator(o, 1, locator[1], sizeof locator[1]) < 0)
		return err_set(&plug->err, -EINVAL, "the locator is too long");
	struct pump_end end[2] = { { .locator = locator[0] },
				   { .locator = o->locator[1] ? locator[1] : "-" } };
	if (o->command)
		end[1] = (struct pump_end){ .command = o->command };
	plug->loop = loop_new();
	if (!plug->loop)
		return -errno;
	plug->capture = (struct plug_capture){ .o = o, .event = capture_event, .ctx = plug };
	int r = plug_capture_init(&plug->capture, plug->loop, &plug->err);
	if (!r && o->mgmt)
		r = manage_open(&plug->manage, plug->loop, o, plug->capture.captures, shut_down,
				plug, &plug->err);
	if (!r)
		plug->pump =
			pump_open(plug->loop, end, o->reconnect_ns, &host, plug, &r, &plug->err);
	plug->capture.pump = plug->pump;
	if (plug->pump)
		pump_want_tap(plug->pump, plug->capture.wanted);
	if (plug->manage && plug->pump)
		r = manage_start(plug->manage, plug->pump, &plug->err);
	if (plug->pump && !r)
		r = loop_run(plug->loop);
	if (plug->pump)
		report(plug->pump);
	manage_close(plug->manage);
	plug_capture_fini(&plug->capture);
	pump_close(plug->pump);
	loop_free(plug->loop);
	return r;
}

static void load_ready(void *ctx)
{
	struct plug *p = ctx;
	daemon_ready(p->o->ready_fd, p->o->pidfile, &p->err);
}

/* The exit code. */
static int run_load(struct plug *plug, const struct options *o)
{
	static const struct load_host load_host = { .ready = load_ready };
	static struct load_result result; /* large, and only here */
	char locator[2][1024];
	if (options_locator(o, 0, locator[0], sizeof locator[0]) < 0 ||
	    options_locator(o, 1, locator[1], sizeof locator[1]) < 0)
		return log_verdict(2, "the locator is too long");
	plug->loop = loop_new();
	if (!plug->loop)
		return log_verdict(-errno, NULL);
	int r = load_run(&o->load, plug->loop, locator[0], o->locator[1] ? locator[1] : NULL,
			 &load_host, plug, &result, &plug->err);
	loop_free(plug->loop);
	daemon_done();
	if (r < 0)
		return log_verdict(r == -EACCES ? 1 : r, plug->err.text);
	load_report(stdout, opt_json, &o->load, &result);
	if (r > 0)
		return die_by(r);
	return result.damaged || (result.expected && !result.received);
}

int main(int argc, char **argv)
{
	struct options o;
	struct plug plug = { .o = &o };
	bool compat = compat_is(argc > 0 ? argv[0] : NULL);
	int code = compat ? compat_parse(&o, argc, argv) : options_parse(&o, argc, argv);
	if (code >= 0)
		return code;
	if (o.list) {
		ep_list(stdout, opt_json);
		return 0;
	}
	if (o.is_load)
		return run_load(&plug, &o);
	int r = o.daemon ? daemon_start(o.pidfile, NULL) : 0;
	if (!r)
		r = run(&plug, &o);
	daemon_done();
	if (o.log && plug.started)
		iplog_say("STOP");
	if (r > 0)
		return die_by(r);
	if (r < 0)
		return log_verdict(compat ? 1 : r, plug.err.text);
	/* vde_plug: the end of a connection is no failure, nor is that of the command, however soon
	 */
	if (compat && (plug.started || plug.why == -ECHILD))
		plug.why = 0;
	if (!plug.why && plug.err.text[0] &&
	    strncmp(plug.err.text, "-: ", 3) != 0) /* our own stdin and stdout: nothing to tell */
		log_say("%s", plug.err.text);
	bool is_no = compat || plug.why == -EACCES || plug.why == -ECHILD;
	return plug.why ? log_verdict(is_no ? 1 : 3, plug.err.text) : 0;
}
