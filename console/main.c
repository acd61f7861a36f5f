/* SPDX-License-Identifier: MIT */
/* main.c - dw-console: the command line, and the loop that joins sources, screen and keys. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "console/dump.h"
#include "console/feed.h"
#include "console/polls.h"
#include "console/term.h"
#include "console/ui.h"
#include "console/watch.h"
#include "lib/base/units.h"
#include "lib/cli/opts.h"

#define EAGER_NS (500 * NS_PER_MS) /* after a key, what it brought is shown when it comes */
#define SOON_NS (5 * NS_PER_MS)    /* answers that come together make one frame */
#define ONCE_NS (3 * NS_PER_SEC)   /* as long as --once and --json wait for those that are slow */

enum { WORDS_MAX = SOURCES_MAX };

struct settings {
	bool once, read_only;
	int page;
	int64_t delay_ns;
	const char *words[WORDS_MAX];
	unsigned count;
};

struct app {
	struct settings set;
	struct loop *loop;
	struct model model;
	struct feeds *feeds;
	struct ui ui;
	struct ui_host host;
	struct grid grid[2]; /* what is shown, what is drawn */
	struct timer frame, look;
	struct watch keys;
	int64_t drawn_at, eager_until;
	bool shown, dirty;
	struct errand *errands;
	struct watcher *watcher;
};

/* ---- options ---- */

static int take_once(void *ctx, const char *arg, struct err *e)
{
	(void)arg, (void)e;
	((struct settings *)ctx)->once = true;
	return 0;
}

static int take_read_only(void *ctx, const char *arg, struct err *e)
{
	(void)arg, (void)e;
	((struct settings *)ctx)->read_only = true;
	return 0;
}

static int take_delay(void *ctx, const char *arg, struct err *e)
{
	struct settings *s = ctx;
	int r = unit_time(arg, &s->delay_ns, e);
	if (r == 0 && (s->delay_ns < 20 * NS_PER_MS || s->delay_ns > 3600 * NS_PER_SEC))
		return err_set(e, -EINVAL, "%s is not between 20ms and 1h", arg);
	return r;
}

static int take_page(void *ctx, const char *arg, struct err *e)
{
	int page = page_named(arg);
	if (page < 0)
		return err_set(e, -EINVAL,
			       "%s is no page; there are ports, addresses, tree, wires, events, "
			       "frames, lab",
			       arg);
	((struct settings *)ctx)->page = page;
	return 0;
}

static int take_word(void *ctx, const char *word, struct err *e)
{
	struct settings *s = ctx;
	if (s->count == WORDS_MAX)
		return err_set(e, -E2BIG, "more than %d sources", WORDS_MAX);
	s->words[s->count++] = word;
	return 0;
}

static const struct opt rows[] = {
	{ 0, "once", NULL, "print one frame as text and leave", take_once },
	{ 0, "page", "ports|addresses|tree|wires|events|frames|lab", "the page to begin with",
	  take_page },
	{ 'r', "read-only", NULL, "change nothing: keys and commands that write are off",
	  take_read_only },
	{ 0, "delay", "D", "time between frames (250ms)", take_delay },
	{ 0, NULL, NULL, NULL, NULL },
};

static const struct program program = {
	.name = "dw-console",
	.usage = "[OPTION...] [SOCKET|LAB...]",
	.about = "Watches and steers switches, wires and labs in a terminal: those named, or all "
		 "of the "
		 "user's that run.",
	.opts = rows,
	.word = take_word,
};

/* ---- sources ---- */

static bool is_socket_word(const char *word)
{
	struct stat st;
	size_t n = strlen(word);
	return strchr(word, '/') || (n > 5 && strcmp(word + n - 5, ".mgmt") == 0) ||
	       stat(word, &st) == 0;
}

/* Finds what is new; the first time every word has to name something. 0, or the exit code. */
static int look_for_sources(struct app *a, bool first)
{
	for (unsigned i = 0; i < a->set.count; i++) {
		const char *word = a->set.words[i];
		if (is_socket_word(word)) {
			if (first)
				feeds_add(a->feeds, word, "", true);
		} else if (feeds_discover(a->feeds, word) < 0 && first) {
			log_error("%s: no socket, and no lab of that name runs", word);
			return 1;
		}
	}
	if (!a->set.count)
		feeds_discover(a->feeds, NULL);
	return 0;
}

static void keep_time(struct app *a)
{
	struct timespec wall;
	struct tm local;
	clock_gettime(CLOCK_REALTIME, &wall);
	localtime_r(&wall.tv_sec, &local);
	a->model.now = loop_clock(a->loop);
	a->model.wall_ns = wall.tv_sec * NS_PER_SEC + wall.tv_nsec;
	a->model.zone_ns = local.tm_gmtoff * NS_PER_SEC;
}

/* ---- frames ---- */

static void draw(struct app *a)
{
	int w, h, x, y;
	term_size(&w, &h);
	struct grid *next = &a->grid[1];
	if (next->w != w || next->h != h) {
		grid_fini(next);
		if (grid_init(next, w, h, !term_is_utf8()) < 0) {
			loop_stop(a->loop, -ENOMEM);
			return;
		}
	}
	keep_time(a);
	ui_draw(&a->ui, &a->model, next, &x, &y);
	if (!a->shown || x >= 0 || !grid_same(next, &a->grid[0])) {
		term_draw(next, x, y);
		struct grid swap = a->grid[0];
		a->grid[0] = a->grid[1];
		a->grid[1] = swap;
	}
	a->shown = true;
	a->dirty = false;
	a->drawn_at = a->model.now;
	feeds_want(a->feeds, ui_wants(&a->ui), a->ui.seen);
	timer_set(&a->frame, a->model.now + NS_PER_SEC); /* ages go on by themselves */
}

static void on_frame(struct timer *t, int64_t now)
{
	(void)now;
	draw(container_of(t, struct app, frame));
}

static void on_change(void *ctx)
{
	struct app *a = ctx;
	int64_t soon = loop_now(a->loop) + SOON_NS, due = a->drawn_at + a->set.delay_ns;
	if (a->dirty || !a->frame.loop)
		return;
	a->dirty = true;
	timer_set(&a->frame, soon > a->eager_until && due > soon ? due : soon);
}

static void on_look(struct timer *t, int64_t now)
{
	struct app *a = container_of(t, struct app, look);
	look_for_sources(a, false);
	timer_set(t, now + NS_PER_SEC);
}

/* ---- keys and signals ---- */

static void on_keys(struct watch *w, uint32_t events)
{
	struct app *a = container_of(w, struct app, keys);
	int key;
	if (events & (EPOLLHUP | EPOLLERR)) {
		loop_stop(a->loop, SIGHUP);
		return;
	}
	keep_time(a);
	a->eager_until = a->model.now + EAGER_NS;
	while ((key = term_key()) >= 0 && !a->ui.quit) {
		if (key == UI_CTRL('l'))
			term_repaint(), a->shown = false;
		else if (key == UI_CTRL('z'))
			raise(SIGTSTP), a->shown = false;
		else
			ui_key(&a->ui, &a->model, key);
	}
	if (a->ui.quit || key == -2)
		loop_stop(a->loop, key == -2 ? SIGHUP : 0);
	else
		draw(a);
}

static void on_resize(void *ctx, int signo)
{
	struct app *a = ctx;
	(void)signo;
	term_resized();
	a->shown = false;
	draw(a);
}

static void on_signal(void *ctx, int signo)
{
	loop_stop(((struct app *)ctx)->loop, signo);
}

/* ---- what the user wants done ---- */

struct errand { /* a command under way */
	struct errand *next;
	struct app *app;
	unsigned source;
	char line[];
};

static void forget_errand(struct errand *w)
{
	struct errand **at = &w->app->errands;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	free(w);
}

static void on_reply(void *ctx, const struct mgmt_reply *r)
{
	struct errand *w = ctx;
	struct app *a = w->app;
	keep_time(a);
	ui_answer(&a->ui, &a->model, w->source, w->line, r->code, r->text, r->len);
	forget_errand(w);
	on_change(a);
}

static void host_send(void *ctx, unsigned source, const char *line)
{
	struct app *a = ctx;
	size_t n = strlen(line) + 1;
	struct errand *w = malloc(sizeof *w + n);
	if (!w) {
		ui_say(&a->ui, ST_BAD, "out of memory");
		return;
	}
	*w = (struct errand){ .next = a->errands, .app = a, .source = source };
	memcpy(w->line, line, n);
	a->errands = w;
	int r = feeds_command(a->feeds, source, line, on_reply, w);
	if (r < 0) {
		forget_errand(w);
		ui_say(&a->ui, ST_BAD, "%s: %s", a->model.source[source]->name,
		       r == -ENOTCONN ? "not connected" : strerror(-r));
	}
}

static void host_prepare(void *ctx)
{
	feeds_ask_configs(((struct app *)ctx)->feeds);
}

static void host_save(void *ctx, const char *path, const char *text, size_t len, char *words,
		      size_t size)
{
	(void)ctx;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	bool good = fd >= 0 && write(fd, text, len) == (ssize_t)len;
	int why = errno;
	if (fd >= 0 && close(fd) < 0)
		good = false;
	if (good)
		snprintf(words, size, "saved; dw-lab run %s does it again", path);
	else
		snprintf(words, size, "%s: %s", path, strerror(why));
}

static void host_watch(void *ctx, unsigned source, const char *what, char *words, size_t size)
{
	struct app *a = ctx;
	int r = 0;
	words[0] = '\0';
	if (what)
		r = watcher_start(a->watcher, source, what);
	else
		watcher_stop(a->watcher);
	if (r < 0)
		snprintf(words, size, "%s: %s", a->model.source[source]->name,
			 r == -ENOTCONN ? "not connected" : strerror(-r));
}

static void on_wireshark(void *ctx, const struct mgmt_reply *r)
{
	struct app *a = ctx;
	if (r->code)
		ui_say(&a->ui, ST_BAD, "Wireshark: %.*s", (int)(r->len < 160 ? r->len : 160),
		       r->text);
	on_change(a);
}

static void host_wireshark(void *ctx, unsigned source, const char *what, char *words, size_t size)
{
	struct app *a = ctx;
	int r = wireshark_start(a->feeds, source, what, on_wireshark, a);
	if (r == -ENOENT)
		snprintf(words, size, "there is no wireshark in PATH");
	else
		snprintf(words, size, r < 0 ? "Wireshark: %s" : "Wireshark is on its way%s",
			 r < 0 ? strerror(-r) : "");
}

/* ---- three ways to run ---- */

static int interactive(struct app *a)
{
	struct err e;
	bool all[SOURCES_MAX];
	int r = term_open(opt_color, &e);
	if (r < 0)
		return log_verdict(r == -ENOTTY || r == -ENODEV ? 2 : r, e.text);
	memset(all, true, sizeof all);
	timer_init(&a->frame, a->loop, on_frame);
	timer_init(&a->look, a->loop, on_look);
	feeds_want(a->feeds, ui_wants(&a->ui), all);
	loop_on_signal(a->loop, SIGWINCH, on_resize, a);
	loop_on_signal(a->loop, SIGHUP, on_signal, a);
	loop_on_signal(a->loop, SIGQUIT, on_signal, a);
	r = loop_add(a->loop, &a->keys, STDIN_FILENO, EPOLLIN, on_keys);
	if (!r) {
		a->eager_until = loop_now(a->loop) + EAGER_NS;
		timer_set(&a->look, loop_now(a->loop) + NS_PER_SEC);
		on_change(a);
		r = loop_run(a->loop);
	}
	loop_del(&a->keys);
	timer_fini(&a->frame);
	timer_fini(&a->look);
	term_close();
	return r > 0 ? die_by(r) : r ? log_verdict(r, "") : 0;
}

static int size_from(const char *name, int fallback)
{
	const char *text = getenv(name);
	uint64_t n;
	return text && unit_u64(text, 1, 1000, &n, NULL) == 0 ? (int)n : fallback;
}

static int print_frame(struct app *a)
{
	struct winsize ws = { .ws_row = 24, .ws_col = 80 };
	struct out o;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || !ws.ws_row || !ws.ws_col)
		ws = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	struct grid *g = &a->grid[0];
	if (grid_init(g, size_from("COLUMNS", ws.ws_col), size_from("LINES", ws.ws_row),
		      !term_is_utf8()) < 0)
		return log_verdict(-ENOMEM, "");
	ui_draw(&a->ui, &a->model, g, NULL, NULL);
	out_init(&o, false);
	grid_text(g, &o);
	bool good = !o.oom && fwrite(o.text, 1, o.len, stdout) == o.len && fflush(stdout) == 0;
	out_fini(&o);
	return good ? 0 : log_verdict(-errno, "stdout");
}

static int print_json(struct app *a)
{
	struct out o;
	out_init(&o, true);
	dump_model(&a->model, &o);
	bool good = !o.oom && fwrite(o.text, 1, o.len, stdout) == o.len && putchar('\n') == '\n' &&
		    fflush(stdout) == 0;
	out_fini(&o);
	return good ? 0 : log_verdict(-errno, "stdout");
}

/* Those that were named and do not answer are the answer "no". */
static int verdict(const struct app *a)
{
	for (unsigned i = 0; i < a->model.source_count; i++) {
		const struct source *s = a->model.source[i];
		if (s->asked && s->state == SRC_DEAD) {
			log_error("%s: %s", s->path, s->why);
			return 1;
		}
	}
	return 0;
}

/* Rates need two looks: then a frame, or the model. */
static int one_look(struct app *a)
{
	unsigned wants =
		opt_json ? WANT_PORTS | WANT_RATES | WANT_TREE | WANT_ADDRESSES : ui_wants(&a->ui);
	int64_t end = loop_clock(a->loop) + ONCE_NS;
	bool all[SOURCES_MAX], ended = false;
	memset(all, true, sizeof all);
	feeds_want(a->feeds, wants, all);
	int r = 0;
	while (!r && !ended && !feeds_settled(a->feeds, 2) && loop_clock(a->loop) < end)
		r = loop_turn(a->loop, end, &ended);
	if (ended && r > 0)
		return die_by(r);
	if (r < 0)
		return log_verdict(r, "");
	keep_time(a);
	r = opt_json ? print_json(a) : print_frame(a);
	return r ? r : verdict(a);
}

static void app_fini(struct app *a)
{
	watcher_close(a->watcher);
	feeds_close(a->feeds);
	while (a->errands)
		forget_errand(a->errands);
	ui_fini(&a->ui);
	model_fini(&a->model);
	grid_fini(&a->grid[0]);
	grid_fini(&a->grid[1]);
	loop_free(a->loop);
}

int main(int argc, char **argv)
{
	static struct app a = { .set = { .delay_ns = 250 * NS_PER_MS } };
	int code = opts_parse(&program, &a.set, argc, argv, NULL);
	if (code >= 0)
		return code;
	a.loop = loop_new();
	if (!a.loop)
		return log_verdict(-errno, "");
	a.host = (struct ui_host){ .ctx = &a,
				   .send = host_send,
				   .prepare = host_prepare,
				   .save = host_save,
				   .watch = host_watch,
				   .wireshark = host_wireshark };
	struct feeds_config c = { .delay_ns = a.set.delay_ns, .changed = on_change, .ctx = &a };
	int r = model_init(&a.model);
	ui_init(&a.ui, &a.host);
	a.ui.read_only = a.set.read_only;
	if (!getcwd(a.ui.folder, sizeof a.ui.folder))
		a.ui.folder[0] = '\0'; /* too long: files go where the source is */
	ui_go(&a.ui, a.set.page);
	if (!r)
		r = feeds_open(&a.feeds, a.loop, &a.model, &c);
	if (!r)
		r = watcher_open(&a.watcher, a.loop, a.feeds, &a.model, on_change, &a);
	if (r < 0)
		code = log_verdict(r, "");
	else
		code = look_for_sources(&a, true);
	if (!code)
		code = a.set.once || opt_json ? one_look(&a) : interactive(&a);
	app_fini(&a);
	return code;
}
