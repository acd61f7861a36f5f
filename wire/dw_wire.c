/* SPDX-License-Identifier: MIT */
/* dw_wire.c - dw-wire: joins commands both ways and impairs what crosses; or stands between two as
 * a filter. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cli/opts.h"
#include "lib/ext/filter.h"
#include "lib/io/loop.h"
#include "lib/io/readfile.h"
#include "wire/cable.h"
#include "wire/dpipe.h"
#include "wire/join.h"
#include "wire/manage.h"
#include "wire/settings.h"
#include "wire/wirefilter.h"

enum { POOL_BYTES = 1 << 30 };

struct app {
	struct settings s;
	struct wire_files *files;
	struct join join;
	int right[2]; /* filter: the descriptors of the right neighbour */
	bool joins;   /* commands were given */
	bool wired;   /* frames cross a wire of ours, not a bare pipe */
	bool closing;
	struct loop *loop;
	struct pool *pool;
	struct cable *cable;
	struct manage *manage;
};

static int take(void *ctx, const struct opt *o, const char *arg, struct err *e)
{
	struct app *app = ctx;
	return settings_take(&app->s, o, arg, e);
}

/* ---- what was asked for ---- */

static const char *last_part(const struct app *app)
{
	return app->joins ? app->join.part[app->join.count - 1].argv[0] : "right";
}

static int alternate(const char *name, int other)
{
	const char *text = getenv(name);
	uint64_t n;
	return text && unit_u64(text, 0, INT32_MAX, &n, NULL) == 0 ? (int)n : other;
}

/* As dpipe's middle command: the left neighbour on 0 and 1, the right one on two more. Looked at
 * before we open anything ourselves. */
static int find_neighbours(struct app *app, struct err *e)
{
	app->right[0] = alternate("ALTERNATE_STDIN", 3);
	app->right[1] = alternate("ALTERNATE_STDOUT", 4);
	if (isatty(STDIN_FILENO) || fcntl(app->right[0], F_GETFD) < 0 ||
	    fcntl(app->right[1], F_GETFD) < 0)
		return err_set(e, -EINVAL,
			       "no command: then it stands between two others (A = dw-wire = B), "
			       "and here are none");
	return 0;
}

static int plan(struct app *app, char **words, struct err *e)
{
	bool managed = app->s.mgmt || app->s.rcfile;
	app->joins = *words != NULL;
	if (app->s.explain && !app->joins)
		return settings_finish(&app->s, "left", "right", e);
	app->wired = !app->joins || app->s.impaired || managed || app->s.capture;
	if (!app->joins) {
		int r = find_neighbours(app, e);
		if (r < 0)
			return r;
	}
	if (app->joins) {
		int r = join_parse(&app->join, words, e);
		if (r < 0)
			return r;
		if (app->join.count < 2)
			return err_set(e, -EINVAL, "%s: joined to nothing; write dw-wire A = B",
				       words[0]);
		if (app->wired && app->join.count > 2)
			return err_set(e, -EINVAL,
				       "%s with more than one '=': which one is meant? Use dw-wire "
				       "as the command "
				       "in the middle",
				       app->s.impaired  ? "impairments"
				       : app->s.capture ? "--capture"
				       : app->s.mgmt    ? "--mgmt"
							: "--rcfile");
	}
	if (!app->joins && app->s.capture && strcmp(app->s.capture, "-") == 0)
		return err_set(e, -EINVAL, "--capture: stdout carries frames here; name a file");
	return settings_finish(&app->s, app->joins ? app->join.part[0].argv[0] : "left",
			       last_part(app), e);
}

/* ---- the two ends ---- */

static int plug_filter(struct app *app, struct err *e)
{
	int r = cable_plug_fds(app->cable, 0, STDIN_FILENO, STDOUT_FILENO, "left", e);
	return r ? r : cable_plug_fds(app->cable, 1, app->right[0], app->right[1], "right", e);
}

static int plug_commands(struct app *app, struct err *e)
{
	struct join_middle m;
	int r = join_run(&app->join, &m, e);
	for (unsigned i = 0; i < 2 && !r; i++)
		r = cable_plug_fds(app->cable, i, m.in[i], m.out[i], app->join.part[i].argv[0], e);
	return r;
}

/* ---- notices ---- */

static void close_cable(void *ctx)
{
	struct app *app = ctx;
	manage_close(app->manage);
	app->manage = NULL;
	cable_free(app->cable);
	app->cable = NULL;
}

/* One side has ended: so does the other, when it sees the end of its input. */
static void on_ended(void *ctx, struct cable *c, unsigned end, const char *reason)
{
	struct app *app = ctx;
	log_verbose("%s: %s", cable_end_name(c, end), reason);
	if (!app->joins) {
		loop_stop(app->loop, 0);
		return;
	}
	loop_defer(app->loop, close_cable, app);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct app *app = ctx;
	manage_event(app->manage, ev);
}

static void on_child(void *ctx, int signo)
{
	struct app *app = ctx;
	(void)signo;
	if (join_reap(&app->join))
		loop_stop(app->loop, 0);
}

static void on_shutdown(void *ctx)
{
	struct app *app = ctx;
	join_kill(&app->join, SIGTERM);
	loop_stop(app->loop, 0);
}

/* ---- life ---- */

static int open_wire(struct app *app, struct err *e)
{
	static const struct cable_host host = { NULL, on_ended, on_event, NULL };
	app->pool = pool_new(POOL_BYTES);
	if (!app->pool)
		return -ENOMEM;
	int r = cable_new(&app->cable, app->loop, app->pool, &app->s.config, &host, app);
	if (!r)
		settings_timing(&app->s, app->cable);
	if (!r)
		r = settings_capture(&app->s, app->cable, e);
	if (!r && (app->s.mgmt || app->s.rcfile))
		r = manage_open(&app->manage, app->loop, app->cable, &app->s, on_shutdown, app, e);
	if (!r)
		r = app->joins ? plug_commands(app, e) : plug_filter(app, e);
	return r;
}

static int open_all(struct app *app, struct err *e)
{
	app->loop = loop_new();
	if (!app->loop)
		return -errno;
	if (app->s.ready_fd >= 0 && fcntl(app->s.ready_fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_set(e, -EINVAL, "--ready-fd: %d is not open", app->s.ready_fd);
	settings_say_seed(&app->s, NULL);
	int r = loop_on_signal(app->loop, SIGCHLD, on_child, app);
	if (!r)
		r = app->wired ? open_wire(app, e) : join_run(&app->join, NULL, e);
	return r ? r : daemon_ready(app->s.ready_fd, app->s.pidfile, e);
}

static void close_all(struct app *app)
{
	close_cable(app);
	if (app->loop)
		loop_free(app->loop);
	pool_free(app->pool);
	wire_files_free(app->files);
	daemon_done();
}

static int wire_main(int argc, char **argv)
{
	static struct opt table[SETTINGS_OPTS_MAX];
	static const struct opt none[] = { { 0 } };
	static const struct program program = {
		.name = "dw-wire",
		.usage = "[OPTION...] [COMMAND... = COMMAND... [= COMMAND...]]",
		.about = "Joins the standard input and output of commands crosswise and impairs "
			 "the frames between "
			 "them; without a command it does so between its two neighbours in such a "
			 "chain.",
		.opts = table,
		.flags = OPTS_STOP,
		.take = take,
	};
	struct app app = { .joins = false };
	struct err e = { "" };
	int rest;
	app.files = wire_files_new(readfile, NULL);
	if (!app.files)
		return log_verdict(-ENOMEM, "");
	wire_files_filters(app.files, filter_compile);
	settings_init(&app.s, app.files);
	settings_table(table, none);
	int code = opts_parse(&program, &app, argc, argv, &rest);
	if (code >= 0) {
		wire_files_free(app.files);
		return code;
	}
	int r = plan(&app, argv + rest, &e);
	if (!r && app.s.explain)
		settings_explain(&app.s);
	bool runs = !r && !app.s.explain;
	if (runs && app.s.daemon)
		r = daemon_start(app.s.pidfile, NULL);
	if (runs && !r)
		r = open_all(&app, &e);
	int ended = runs && !r ? loop_run(app.loop) : 0;
	if (r || ended)
		join_kill(&app.join, SIGTERM);
	close_all(&app);
	if (r)
		return log_verdict(r, e.text);
	return ended > 0 ? die_by(ended) : ended < 0 ? log_verdict(ended, "") : app.join.status;
}

/* The names of the tradition bring its option tables, alone. */
int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
	if (strcmp(name, "dpipe") == 0)
		return dpipe_main(argc, argv);
	if (strcmp(name, "wirefilter") == 0)
		return wirefilter_main(argc, argv);
	return wire_main(argc, argv);
}
