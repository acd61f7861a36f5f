/* SPDX-License-Identifier: MIT */
/* dw_cable.c - dw-cable: joins any two endpoints by a wire, in one process; several of them from a
 * file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"
#include "lib/cli/opts.h"
#include "lib/ext/filter.h"
#include "lib/io/ep.h"
#include "lib/io/loop.h"
#include "lib/io/readfile.h"
#include "wire/cable.h"
#include "wire/manage.h"
#include "wire/settings.h"

enum {
	POOL_BYTES = 1 << 30,
	CABLES_MAX = 1024,
};

struct line { /* one cable, from the command line or a line of a file */
	struct app *app;
	char *text; /* what the words point into; NULL: argv */
	struct settings s;
	const char *locator[2];
	unsigned locators;
	int64_t retry_ns;
	const char *file; /* -c */
	struct cable *cable;
	struct manage *manage;
	bool ended;
};

struct app {
	struct line *line;
	unsigned count, ready, ended;
	bool failed; /* an end was lost that did not end by itself */
	struct loop *loop;
	struct pool *pool;
	struct wire_files *files;
	const struct line *call; /* the command line */
};

/* ---- options ---- */

static int take_reconnect(void *ctx, const char *arg, struct err *e)
{
	struct line *n = ctx;
	int64_t ns = NS_PER_SEC;
	int r = arg ? unit_time(arg, &ns, e) : 0;
	if (!r && ns < NS_PER_MS)
		r = err_set(e, -ERANGE, "%s is shorter than 1ms", arg);
	if (!r)
		n->retry_ns = ns;
	return r;
}

static int take_file(void *ctx, const char *arg, struct err *e)
{
	struct line *n = ctx;
	(void)e;
	n->file = arg;
	return 0;
}

static const struct opt own[] = {
	{ 0, "reconnect", "[MAX]", "open an end again that was lost, after at most MAX (1s)",
	  take_reconnect },
	{ 0, "poll", "HOW",
	  "wait for rings: never spin, adaptive (a little, before sleeping), always",
	  ep_poll_take },
	{ 'c', "cables", "FILE",
	  "make the cables in FILE, one a line, each as on this command line", take_file },
	{ 0 },
};

static int take(void *ctx, const struct opt *o, const char *arg, struct err *e)
{
	struct line *n = ctx;
	return settings_take(&n->s, o, arg, e);
}

static int take_word(void *ctx, const char *word, struct err *e)
{
	struct line *n = ctx;
	if (n->locators == 2)
		return err_set(e, -EINVAL, "a third locator; a cable has two ends");
	n->locator[n->locators++] = word;
	return 0;
}

static void line_init(struct line *n, struct app *app)
{
	*n = (struct line){ .app = app, .retry_ns = CABLE_NO_RETRY };
	settings_init(&n->s, app->files);
}

static int parse(struct line *n, const char *program_name, int argc, char **argv)
{
	static struct opt table[SETTINGS_OPTS_MAX];
	const struct program program = {
		.name = program_name,
		.usage = "[OPTION...] LOCATOR LOCATOR | -c FILE",
		.about = "Plugs a cable into two endpoints (switches, taps, other hosts, ...) and "
			 "impairs what crosses.",
		.opts = table,
		.word = take_word,
		.take = take,
	};
	settings_table(table, own);
	return opts_parse(&program, n, argc, argv, NULL);
}

static int check_line(struct line *n, struct err *e)
{
	if (n->locators != 2)
		return err_set(e, -EINVAL,
			       n->locators ? "%s: where to? A cable has two ends"
					   : "two locators are missing",
			       n->locator[0]);
	return settings_finish(&n->s, n->locator[0], n->locator[1], e);
}

/* ---- a file of cables ---- */

/* 0, or an exit code after words. */
static int add_from_text(struct app *app, const char *file, unsigned at, char *text)
{
	const char *slash = strrchr(file, '/');
	char name[300];
	struct args a;
	struct err e = { "" };
	snprintf(name, sizeof name, "dw-cable: %.200s:%u", slash ? slash + 1 : file, at);
	log_name(name);
	int r = args_split(&a, text, &e);
	if (r < 0)
		return log_verdict(r, e.text);
	if (a.count == 0 || a.word[0][0] == '#')
		return 0;
	if (app->count == CABLES_MAX) {
		log_error("more than %d cables", CABLES_MAX);
		return 2;
	}
	char *argv[CMD_ARGS_MAX + 2] = { name };
	memcpy(argv + 1, a.word, a.count * sizeof *argv);
	struct line *n = &app->line[app->count++];
	line_init(n, app);
	int code = parse(n, name, (int)a.count + 1, argv);
	if (code >= 0)
		return code ? code : 2; /* --help has no place in a file */
	if (n->file || n->s.daemon || n->s.pidfile || n->s.ready_fd >= 0) {
		log_error("-c, -d, -p and --ready-fd belong to the command line");
		return 2;
	}
	if (n->s.capture && strcmp(n->s.capture, "-") == 0) {
		log_error("--capture: stdout is for one cable only; name a file");
		return 2;
	}
	r = check_line(n, &e);
	return r < 0 ? log_verdict(r, e.text) : 0;
}

static int add_from_file(struct app *app, const char *file)
{
	FILE *f = fopen(file, "re");
	char text[CMD_LINE_MAX + 2];
	if (!f) {
		log_error("%s: %s", file, strerror(errno));
		return 2;
	}
	int code = 0;
	for (unsigned at = 1; !code && fgets(text, sizeof text, f); at++) {
		text[strcspn(text, "\r\n")] = '\0';
		char *kept = strdup(text);
		code = kept ? add_from_text(app, file, at, kept) : log_verdict(-ENOMEM, "");
		if (app->count && !app->line[app->count - 1].text)
			app->line[app->count - 1].text = kept;
		else
			free(kept);
	}
	log_name("dw-cable");
	fclose(f);
	if (!code && !app->count) {
		log_error("%s: no cable in it", file);
		code = 2;
	}
	return code;
}

/* ---- notices ---- */

static void tell_ready(void *ctx)
{
	struct app *app = ctx;
	struct err e = { "" };
	if (daemon_ready(app->call->s.ready_fd, app->call->s.pidfile, &e) < 0) {
		log_error("%s", e.text);
		app->failed = true;
		loop_stop(app->loop, 0);
	}
}

static void on_ready(void *ctx, struct cable *c)
{
	struct line *n = ctx;
	(void)c;
	if (++n->app->ready == n->app->count)
		tell_ready(n->app);
}

static void on_ended(void *ctx, struct cable *c, unsigned end, const char *reason)
{
	struct line *n = ctx;
	struct app *app = n->app;
	bool by_itself = strcmp(n->locator[end], "-") == 0; /* its input ended: nothing is wrong */
	if (by_itself)
		log_verbose("%s: %s", cable_end_name(c, end), reason);
	else
		log_error("%s: %s", cable_end_name(c, end), reason);
	app->failed |= !by_itself;
	if (++app->ended == app->count)
		loop_stop(app->loop, 0);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct line *n = ctx;
	manage_event(n->manage, ev);
}

static void on_shutdown(void *ctx)
{
	struct line *n = ctx;
	loop_stop(n->app->loop, 0);
}

/* ---- life ---- */

static int open_line(struct line *n, struct err *e)
{
	static const struct cable_host host = { on_ready, on_ended, on_event, NULL };
	struct app *app = n->app;
	settings_say_seed(&n->s, app->call->file ? n->s.config.name : NULL);
	int r = cable_new(&n->cable, app->loop, app->pool, &n->s.config, &host, n);
	if (!r)
		settings_timing(&n->s, n->cable);
	if (!r)
		r = settings_capture(&n->s, n->cable, e);
	if (!r && (n->s.mgmt || n->s.rcfile))
		r = manage_open(&n->manage, app->loop, n->cable, &n->s, on_shutdown, n, e);
	for (unsigned i = 0; i < 2 && !r; i++)
		r = cable_plug(n->cable, i, n->locator[i], n->retry_ns, e);
	return r;
}

static int open_all(struct app *app, struct err *e)
{
	app->loop = loop_new();
	app->pool = pool_new(POOL_BYTES);
	if (!app->loop || !app->pool)
		return -errno;
	int fd = app->call->s.ready_fd;
	if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_set(e, -EINVAL, "--ready-fd: %d is not open", fd);
	int r = 0;
	for (unsigned i = 0; i < app->count && !r; i++)
		r = open_line(&app->line[i], e);
	return r;
}

static void close_all(struct app *app)
{
	for (unsigned i = 0; i < app->count; i++) {
		manage_close(app->line[i].manage);
		cable_free(app->line[i].cable);
		free(app->line[i].text);
	}
	if (app->loop)
		loop_free(app->loop);
	pool_free(app->pool);
	wire_files_free(app->files);
	free(app->line);
	daemon_done();
}

static int plan(struct app *app, struct line *call)
{
	struct err e = { "" };
	app->call = call;
	app->line = calloc(call->file ? CABLES_MAX : 1, sizeof *app->line);
	if (!app->line)
		return log_verdict(-ENOMEM, "");
	if (call->file && call->locators) {
		log_error("-c takes no locators beside it: they stand in the file");
		return 2;
	}
	if (call->file)
		return add_from_file(app, call->file);
	int r = check_line(call, &e);
	app->line[app->count++] = *call;
	return r < 0 ? log_verdict(r, e.text) : 0;
}

int main(int argc, char **argv)
{
	struct app app = { .count = 0 };
	struct line call;
	struct err e = { "" };
	app.files = wire_files_new(readfile, NULL);
	if (!app.files)
		return log_verdict(-ENOMEM, "");
	wire_files_filters(app.files, filter_compile);
	line_init(&call, &app);
	int code = parse(&call, "dw-cable", argc, argv);
	if (code >= 0) {
		wire_files_free(app.files);
		return code;
	}
	code = plan(&app, &call);
	int r = 0, ended = 0;
	for (unsigned i = 0; i < app.count && !code && call.s.explain; i++)
		settings_explain(&app.line[i].s);
	bool runs = !code && !call.s.explain;
	if (runs && call.s.daemon)
		r = daemon_start(call.s.pidfile, NULL);
	if (runs && !r)
		r = open_all(&app, &e);
	if (runs && !r)
		ended = loop_run(app.loop);
	close_all(&app);
	if (code || r)
		return code ? code : log_verdict(r, e.text);
	return ended > 0 ? die_by(ended) : ended < 0 ? log_verdict(ended, "") : app.failed ? 3 : 0;
}
