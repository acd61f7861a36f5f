/* SPDX-License-Identifier: MIT */
/* world.c - labs of real processes behind world.h: proc, and ns with namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lab/real/real.h"
#include "lib/base/units.h"

#define POOL_BYTES ((size_t)256 << 20)
#define TICK_NS (10 * NS_PER_MS)

enum { DESCRIPTORS = 65536 };
enum { TICKS_OF_STATE = 10 }; /* what no event tells is looked at that much less often */

struct at_timer {
	struct timer timer;
	struct real *real;
	void (*fn)(void *ctx);
	void *ctx;
	struct at_timer *next;
};

void real_trouble(struct real *r, int code, const char *fmt, ...)
{
	va_list ap;
	if (!r->trouble) {
		r->trouble = code;
		va_start(ap, fmt);
		vsnprintf(r->words.text, sizeof r->words.text, fmt, ap);
		va_end(ap);
	}
	r->something = true;
}

void real_happened(struct real *r)
{
	r->something = true;
}

/* ---- time ---- */

static int64_t world_now(struct world *w)
{
	struct real *r = real_of(w);
	return loop_clock(r->loop) - r->stood;
}

static int world_step(struct world *w, int64_t until, struct err *e)
{
	struct real *r = real_of(w);
	int64_t due = until == TIME_NEVER ? TIME_NEVER : until + r->stood;
	for (;;) {
		if (*w->setup->stop || r->interrupted)
			return -EINTR;
		if (r->trouble)
			return err_set(e, r->trouble, "%s", r->words.text);
		if (r->something) {
			r->something = false;
			return 1;
		}
		if (loop_clock(r->loop) >= due)
			return 0;
		bool ended;
		int code = loop_turn(r->loop, due, &ended);
		if (ended && code < 0)
			return err_set(e, code, "%s", strerror(-code));
		pool_grow(r->pool);
	}
}

static bool world_idle(struct world *w)
{
	(void)w;
	return false;
}

static void at_fires(struct timer *t, int64_t now)
{
	struct at_timer *a = container_of(t, struct at_timer, timer);
	struct real *r = a->real;
	(void)now;
	for (struct at_timer **at = &r->timers; *at; at = &(*at)->next)
		if (*at == a) {
			*at = a->next;
			break;
		}
	void (*fn)(void *) = a->fn;
	void *ctx = a->ctx;
	timer_fini(&a->timer);
	free(a);
	real_happened(r);
	fn(ctx);
}

static int world_at(struct world *w, int64_t when, void (*fn)(void *ctx), void *ctx)
{
	struct real *r = real_of(w);
	struct at_timer *a = calloc(1, sizeof *a);
	if (!a)
		return -ENOMEM;
	*a = (struct at_timer){ .real = r, .fn = fn, .ctx = ctx, .next = r->timers };
	r->timers = a;
	timer_init(&a->timer, r->loop, at_fires);
	timer_set(&a->timer, when + r->stood);
	return 0;
}

/* ---- generations ---- */

static void tick(struct timer *t, int64_t now)
{
	struct real *r = container_of(t, struct real, tick);
	r->ticks++;
	r->something = true;
	timer_set(t, now + TICK_NS);
}

static void world_watch(struct world *w, bool on)
{
	struct real *r = real_of(w);
	if (on == r->watched)
		return;
	r->watched = on;
	timer_set(&r->tick, on ? loop_clock(r->loop) + TICK_NS : TIME_NEVER);
}

static uint64_t world_generation(struct world *w, struct ref who, enum generation g)
{
	const struct real *r = real_of(w);
	uint64_t slow = r->ticks / TICKS_OF_STATE;
	if (g == GEN_TRAFFIC)
		return r->ticks;
	if (who.cable)
		return r->cable[who.index].touched + slow;
	const struct node *n = &r->node[who.index];
	if (n->st.core)
		return n->touched + station_generation(n->st.core);
	return n->touched + n->sw.touched + slow;
}

static bool world_fingerprint(struct world *w, uint64_t *fp)
{
	(void)w;
	(void)fp;
	return false;
}

/* ---- birth and death ---- */

static void world_free(struct world *w)
{
	struct real *r = w ? real_of(w) : NULL;
	if (!r)
		return;
	while (r->calls)
		calls_end(w, &r->calls->call);
	real_unbuild(r);
	while (r->timers) {
		struct at_timer *a = r->timers;
		r->timers = a->next;
		timer_fini(&a->timer);
		free(a);
	}
	spawner_fini(&r->spawner); /* the keeper sees it, kills all and removes the folder */
	keeper_wait(&r->keeper);
	if (r->lonely)
		rundir_sweep();
	timer_fini(&r->tick);
	loop_free(r->loop);
	pool_free(r->pool);
	free(r);
}

static const struct world_ops real_ops = {
	.free = world_free,
	.now = world_now,
	.step = world_step,
	.idle = world_idle,
	.at = world_at,
	.start = calls_start,
	.call_end = calls_end,
	.generation = world_generation,
	.watch = world_watch,
	.fingerprint = world_fingerprint,
};

/* Ctrl-C goes to whoever handled it before the loop: it says when to stop. */
static void pass_on(void *ctx, int signo)
{
	struct real *r = ctx;
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, signo);
	r->interrupted = true;
	r->something = true;
	raise(signo);
	sigprocmask(SIG_UNBLOCK, &one,
		    NULL); /* now it is handled; with no handler it ends us, the keeper the rest */
	sigprocmask(SIG_BLOCK, &one, NULL);
}

static void keeper_lost(void *ctx)
{
	((struct real *)ctx)->lonely = true;
	real_trouble(ctx, -EPIPE, "the keeper of the lab's processes is gone, and they with it");
}

/* Taps where the device can be had; else veth pairs, which need none. DRAHTWERK_HOST_LINK=veth asks
 * for them. */
static bool needs_veth(void)
{
	const char *wish = getenv("DRAHTWERK_HOST_LINK");
	if (wish && strcmp(wish, "veth") == 0)
		return true;
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return true;
	close(fd);
	return false;
}

static void dir_of(const char *self, char dir[static SELF_DIR_MAX])
{
	const char *slash = self ? strrchr(self, '/') : NULL;
	dir[0] = '\0';
	if (slash && slash - self < SELF_DIR_MAX)
		snprintf(dir, SELF_DIR_MAX, "%.*s", (int)(slash - self), self);
}

/* Each process of a lab takes a few: a thousand of them need more than the usual thousand. */
static void want_descriptors(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= DESCRIPTORS)
		return;
	l.rlim_cur = l.rlim_max < DESCRIPTORS ? l.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &l);
}

static int open_system(struct real *r, struct err *e)
{
	dir_of(r->world.setup->self, r->self_dir);
	r->loop = loop_new();
	r->pool = pool_new(POOL_BYTES);
	if (!r->loop || !r->pool)
		return err_set(e, -ENOMEM, "event loop: %s", strerror(errno));
	timer_init(&r->tick, r->loop, tick);
	loop_on_signal(r->loop, SIGINT, pass_on, r);
	loop_on_signal(r->loop, SIGTERM, pass_on, r);
	const char *name = r->world.setup->name;
	int lock = name ? rundir_make_named(r->dir, name, e) : rundir_make(r->dir, e);
	if (lock < 0)
		return lock;
	int code = keeper_start(&r->keeper, r->dir, lock, r->namespaces, e);
	if (code < 0) {
		rundir_remove(r->dir);
		return r->namespaces && code != -EIO ? -ENOTSUP : code;
	}
	want_descriptors(); /* the keeper's programs keep what they would have had */
	code = spawner_init(&r->spawner, r->loop, r->keeper.sock, keeper_lost, r);
	r->epoch = r->stood = loop_clock(r->loop);
	return code < 0 ? err_set(e, code, "keeper: %s", strerror(-code)) : 0;
}

/* Lab time begins when all stands; the ends' own time, which never goes back, is a little older. */
static int open_real(struct world **out, const struct world_setup *s, bool namespaces,
		     struct err *e)
{
	struct real *r = calloc(1, sizeof *r);
	if (!r)
		return err_set(e, -ENOMEM, "out of memory");
	r->world = (struct world){ .ops = &real_ops,
				   .setup = s,
				   .can = WORLD_ATTACH | (namespaces ? WORLD_EXEC : 0u) };
	r->namespaces = namespaces;
	r->veth = namespaces && needs_veth();
	int code = open_system(r, e);
	if (code == 0)
		code = real_build(r, e);
	if (code < 0) {
		world_free(&r->world);
		return code;
	}
	r->stood = loop_clock(r->loop);
	r->something = false;
	r->standing = true;
	*out = &r->world;
	return 0;
}

static int open_proc(struct world **out, const struct world_setup *s, struct err *e)
{
	return open_real(out, s, false, e);
}

static int open_ns(struct world **out, const struct world_setup *s, struct err *e)
{
	return open_real(out, s, true, e);
}

static int probe_proc(const char *self, struct err *why)
{
	static const char *const needed[] = { "dw-switch", "dw-cable" };
	char dir[SELF_DIR_MAX], path[SELF_DIR_MAX + 32];
	dir_of(self, dir);
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (!build_program(dir, needed[i], path, sizeof path))
			return err_set(why, -ENOTSUP, "%s is neither beside dw-lab nor in PATH",
				       needed[i]);
	return 0;
}

static int probe_ns(const char *self, struct err *why)
{
	int r = probe_proc(self, why);
	return r < 0 ? r : keeper_probe_namespaces(why);
}

const struct world_kind world_proc = { "proc", probe_proc, open_proc };
const struct world_kind world_ns = { "ns", probe_ns, open_ns };
