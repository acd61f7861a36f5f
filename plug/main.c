/* SPDX-License-Identifier: MIT */
/* main.c - dw-plug: joins one endpoint to stdin and stdout, to a second endpoint, or to a command.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cli/opts.h"
#include "lib/io/ep.h"
#include "plug/options.h"
#include "plug/pump.h"

struct plug {
	const struct options *o;
	struct loop *loop;
	struct err err;
	int why;
};

static void ready(void *ctx)
{
	struct plug *p = ctx;
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

static const struct pump_host host = { .ready = ready, .say = say, .over = over };

/* Adds ,key="value" to a locator. false: no room. */
static bool add_key(char *out, size_t room, const char *key, const char *value)
{
	size_t at = strlen(out);
	int n = snprintf(out + at, room - at, ",%s=\"", key);
	at += n > 0 ? (size_t)n : room;
	for (; *value && at + 4 < room; value++) {
		if (*value == '"' || *value == '\\')
			out[at++] = '\\';
		out[at++] = *value;
	}
	if (*value || at + 2 > room)
		return false;
	memcpy(out + at, "\"", 2);
	return true;
}

/* The first locator with what the options say about it. */
static int first_locator(const struct options *o, char *out, size_t room)
{
	int n = snprintf(out, room, "%s", o->locator[0] ? o->locator[0] : "vde://");
	bool fits = n >= 0 && (size_t)n < room;
	if (fits && o->descr)
		fits = add_key(out, room, "descr", o->descr);
	if (fits && o->group)
		fits = add_key(out, room, "group", o->group);
	if (fits && o->mode)
		fits = add_key(out, room, "perm", o->mode);
	return fits ? 0 : -EINVAL;
}

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
	char first[1024];
	if (first_locator(o, first, sizeof first) < 0)
		return err_set(&plug->err, -EINVAL, "the locator is too long");
	struct pump_end end[2] = { { .locator = first },
				   { .locator = o->locator[1] ? o->locator[1] : "-" } };
	if (o->command)
		end[1] = (struct pump_end){ .command = o->command };
	plug->loop = loop_new();
	if (!plug->loop)
		return -errno;
	int r;
	struct pump *pump =
		pump_open(plug->loop, end, o->reconnect_ns, &host, plug, &r, &plug->err);
	if (pump)
		r = loop_run(plug->loop);
	if (pump)
		report(pump);
	pump_close(pump);
	loop_free(plug->loop);
	return r;
}

int main(int argc, char **argv)
{
	struct options o;
	struct plug plug = { .o = &o };
	int code = options_parse(&o, argc, argv);
	if (code >= 0)
		return code;
	if (o.list) {
		ep_list(stdout, opt_json);
		return 0;
	}
	int r = o.daemon ? daemon_start(o.pidfile, NULL) : 0;
	if (!r)
		r = run(&plug, &o);
	daemon_done();
	if (r > 0)
		return die_by(r);
	if (r < 0)
		return log_verdict(r, plug.err.text);
	if (!plug.why &&
	    strncmp(plug.err.text, "-: ", 3) != 0) /* our own stdin and stdout: nothing to tell */
		log_say("%s", plug.err.text);
	return plug.why ? log_verdict(plug.why == -EACCES || plug.why == -ECHILD ? 1 : 3,
				      plug.err.text)
			: 0;
}
