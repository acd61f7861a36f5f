/* SPDX-License-Identifier: MIT */
/* main.c - dw-switch, a virtual Ethernet switch that speaks the VDE protocol. */
#include <errno.h>
#include <sys/resource.h>

#include "lib/cli/opts.h"
#include "switch/options.h"
#include "switch/sw.h"

/* VDE's switch ends with 0 on SIGTERM, and says so. */
static int ended_by(const struct options *o, int signo)
{
	if (!o->compat)
		return die_by(signo);
	log_say("Caught signal %d, cleaning up and exiting", signo);
	return 0;
}

/* One descriptor a plug and two a session: as many as the system grants. Fewer is no error; then
 * a plug too many is refused. */
static void take_descriptors(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

static int run(const struct sw *sw)
{
	int r = loop_run(sw->loop);
	if (sw->stdin_ended)
		log_say("EOF on stdin, cleaning up and exiting");
	return r;
}

int main(int argc, char **argv)
{
	struct options o;
	struct err e = { "" };
	struct sw *sw = NULL;
	int code = options_parse(&o, argc, argv);
	if (code >= 0) {
		options_fini(&o);
		return code;
	}
	if (o.name)
		log_name(o.name);
	take_descriptors();
	int r = o.daemon ? daemon_start(o.pidfile, o.name) : 0;
	if (!r)
		r = sw_open(&sw, &o, &e);
	if (!r)
		r = daemon_ready(o.ready_fd, o.pidfile, &e);
	if (!r)
		r = run(sw);
	sw_free(sw);
	daemon_done();
	options_fini(&o);
	if (r > 0)
		return ended_by(&o, r);
	return r < 0 ? log_verdict(r, e.text) : 0;
}
