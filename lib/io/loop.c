/* SPDX-License-Identifier: MIT */
/* loop.c - one epoll set, one timerfd for the earliest deadline, one signalfd. */
#include "lib/io/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 64,       /* ready events taken at once */
	TIMERS_FIRST = 64 /* room in the heap at birth */
};

struct handler {
	void (*fn)(void *ctx, int signo);
	void *ctx;
};

struct job {
	void (*fn)(void *ctx);
	void *ctx;
};

/* Ready events being handled. Turns may nest (a callback that runs a turn), so these form a stack;
 * loop_del() strikes its watch out of all of them. */
struct batch {
	struct epoll_event v[BATCH];
	int count;
	struct batch *outer;
};

struct loop {
	int epoll_fd;
	int64_t now;
	struct watch timer_watch, signal_watch;
	struct heap timers;
	size_t timer_count;
	uint64_t timer_ids;
	int64_t armed; /* what the timerfd is set to */
	bool shown;    /* loop_fd() was asked for: the timerfd must always be right */
	struct batch *batch;
	struct watch **always; /* watches that epoll refused, ready in every turn; NULL: a hole */
	size_t always_count, always_room;
	struct poller *pollers, *next_poller;
	bool fresh_poller; /* one that was added and not yet asked */
	struct job *jobs;
	size_t job_count, job_room;
	sigset_t signals, mask_before;
	struct handler handlers[_NSIG];
	bool stop;
	int code;
};

/* ---- clock and timerfd ---- */

int64_t loop_clock(struct loop *l)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	l->now = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	return l->now;
}

int64_t loop_now(struct loop *l)
{
	return l->now;
}

static void arm(struct loop *l, int64_t due)
{
	if (due == l->armed)
		return;
	struct itimerspec it = { .it_value = { 0 } }; /* zero: disarmed */
	if (due != TIME_NEVER) {
		int64_t at = due > 0 ? due : 1;
		it.it_value =
			(struct timespec){ .tv_sec = at / 1000000000, .tv_nsec = at % 1000000000 };
	}
	int r = timerfd_settime(l->timer_watch.fd, TFD_TIMER_ABSTIME, &it, NULL);
	assert(!r);
	l->armed = due;
}

static void timer_woke(struct watch *w, uint32_t events)
{
	(void)events;
	uint64_t times;
	if (read(w->fd, &times, sizeof times) == sizeof times)
		w->loop->armed = TIME_NEVER; /* it has gone off; the heap says what is next */
}

void timer_init(struct timer *t, struct loop *l, void (*fire)(struct timer *, int64_t))
{
	*t = (struct timer){ .d = { .id = ++l->timer_ids }, .fire = fire, .loop = l };
	l->timer_count++;
	if (heap_reserve(&l->timers, l->timer_count) < 0)
		abort(); /* a system without room for a pointer: nobody could act on the error */
}

void timer_set(struct timer *t, int64_t due)
{
	struct loop *l = t->loop;
	assert(l);
	heap_set(&l->timers, &t->d, due);
	if (l->shown)
		arm(l, heap_next(&l->timers));
}

void timer_fini(struct timer *t)
{
	if (!t->loop)
		return;
	heap_set(&t->loop->timers, &t->d, TIME_NEVER);
	t->loop->timer_count--;
	t->loop = NULL;
}

/* At most as many as were queued before: a timer that sets itself to the past cannot hold up I/O.
 */
static void fire_timers(struct loop *l)
{
	int64_t now = l->now;
	for (size_t n = l->timers.count; n; n--) {
		struct deadline *d = heap_pop_due(&l->timers, now);
		if (!d)
			return;
		struct timer *t = container_of(d, struct timer, d);
		t->fire(t, now);
	}
}

/* ---- watches ---- */

static int always_add(struct loop *l, struct watch *w)
{
	size_t i = 0;
	while (i < l->always_count && l->always[i])
		i++;
	if (i == l->always_room) {
		size_t room = l->always_room ? l->always_room * 2 : 4;
		struct watch **v = realloc(l->always, room * sizeof(void *));
		if (!v)
			return -ENOMEM;
		l->always = v;
		l->always_room = room;
	}
	if (i == l->always_count)
		l->always_count++;
	l->always[i] = w;
	return 0;
}

static bool always_del(struct loop *l, const struct watch *w)
{
	for (size_t i = 0; i < l->always_count; i++)
		if (l->always[i] == w) {
			l->always[i] = NULL;
			return true;
		}
	return false;
}

static bool always_wanted(const struct loop *l)
{
	for (size_t i = 0; i < l->always_count; i++)
		if (l->always[i] && l->always[i]->events)
			return true;
	return false;
}

static void serve_always(struct loop *l)
{
	for (size_t i = 0; i < l->always_count; i++) {
		struct watch *w = l->always[i];
		if (w && w->events)
			w->ready(w, w->events & (EPOLLIN | EPOLLOUT));
	}
}

int loop_add(struct loop *l, struct watch *w, int fd, uint32_t events,
	     void (*ready)(struct watch *, uint32_t))
{
	assert(!w->loop);
	struct epoll_event ev = { .events = events, .data = { .ptr = w } };
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0) {
		int r = errno == EPERM ? always_add(l, w) : -errno;
		if (r < 0)
			return r;
	}
	*w = (struct watch){ .fd = fd, .events = events, .ready = ready, .loop = l };
	return 0;
}

static bool is_always(const struct watch *w)
{
	for (size_t i = 0; i < w->loop->always_count; i++)
		if (w->loop->always[i] == w)
			return true;
	return false;
}

void loop_want(struct watch *w, uint32_t events)
{
	if (!w->loop || w->events == events)
		return;
	w->events = events;
	if (is_always(w))
		return;
	struct epoll_event ev = { .events = events, .data = { .ptr = w } };
	int r = epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_MOD, w->fd, &ev);
	assert(!r); /* fails only for a descriptor closed before loop_del(): a bug of the owner */
}

static void strike_out(struct batch *b, const struct watch *w)
{
	for (; b; b = b->outer)
		for (int i = 0; i < b->count; i++)
			if (b->v[i].data.ptr == w)
				b->v[i].data.ptr = NULL;
}

void loop_del(struct watch *w)
{
	struct loop *l = w->loop;
	if (!l)
		return;
	if (!always_del(l, w))
		epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	strike_out(l->batch, w);
	w->loop = NULL;
}

static void serve_batch(struct batch *b)
{
	for (int i = 0; i < b->count; i++) {
		struct watch *w = b->v[i].data.ptr;
		b->v[i].data.ptr = NULL;
		strike_out(b->outer,
			   w); /* an outer turn has seen the same readiness: once is enough */
		if (w)
			w->ready(w, b->v[i].events);
	}
}

/* ---- pollers and deferred calls ---- */

void loop_add_poller(struct loop *l, struct poller *p)
{
	p->next = l->pollers;
	l->pollers = p;
	l->fresh_poller = true;
}

void loop_del_poller(struct loop *l, struct poller *p)
{
	if (l->next_poller == p)
		l->next_poller = p->next;
	for (struct poller **at = &l->pollers; *at; at = &(*at)->next)
		if (*at == p) {
			*at = p->next;
			return;
		}
}

static bool ask_pollers(struct loop *l)
{
	bool busy = false;
	l->fresh_poller = false;
	for (struct poller *p = l->pollers; p; p = l->next_poller) {
		l->next_poller = p->next;
		if (p->poll(p, l->now))
			busy = true;
	}
	return busy || l->fresh_poller;
}

void loop_defer(struct loop *l, void (*fn)(void *), void *ctx)
{
	if (l->job_count == l->job_room) {
		size_t room = l->job_room ? l->job_room * 2 : 16;
		struct job *jobs = realloc(l->jobs, room * sizeof(*jobs));
		if (!jobs)
			abort(); /* as in timer_init() */
		l->jobs = jobs;
		l->job_room = room;
	}
	l->jobs[l->job_count++] = (struct job){ .fn = fn, .ctx = ctx };
}

static void run_jobs(struct loop *l)
{
	size_t count = l->job_count;
	if (!count)
		return;
	struct job *jobs = l->jobs;
	l->jobs = NULL; /* what they defer goes into a new list */
	l->job_count = l->job_room = 0;
	for (size_t i = 0; i < count; i++)
		jobs[i].fn(jobs[i].ctx);
	if (l->jobs) {
		free(jobs);
	} else {
		l->jobs = jobs; /* the room is used again */
		l->job_room = count;
	}
}

/* ---- signals ---- */

static void signal_came(struct watch *w, uint32_t events)
{
	(void)events;
	struct loop *l = w->loop;
	struct signalfd_siginfo si;
	while (read(w->fd, &si, sizeof si) == sizeof si) {
		int signo = (int)si.ssi_signo;
		struct handler h = l->handlers[signo];
		if (h.fn)
			h.fn(h.ctx, signo);
		else if (signo == SIGTERM || signo == SIGINT || signo == SIGHUP)
			loop_stop(l, signo);
	}
}

int loop_on_signal(struct loop *l, int signo, void (*fn)(void *, int), void *ctx)
{
	if (signo < 1 || signo >= _NSIG)
		return -EINVAL;
	l->handlers[signo] = (struct handler){ .fn = fn, .ctx = ctx };
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, signo);
	sigaddset(&l->signals, signo);
	if (sigprocmask(SIG_BLOCK, &one, NULL) < 0 ||
	    signalfd(l->signal_watch.fd, &l->signals, 0) < 0)
		return -errno;
	return 0;
}

void loop_child(void)
{
	sigset_t none;
	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- birth, turns, death ---- */

static int open_fds(struct loop *l)
{
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return -errno;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	l->timer_watch.fd = fd;
	int r = loop_add(l, &l->timer_watch, fd, EPOLLIN, timer_woke);
	if (r < 0)
		return r;
	fd = signalfd(-1, &l->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	l->signal_watch.fd = fd;
	return loop_add(l, &l->signal_watch, fd, EPOLLIN, signal_came);
}

static bool is_ignored(int signo)
{
	struct sigaction a;
	return sigaction(signo, NULL, &a) == 0 && a.sa_handler == SIG_IGN;
}

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->epoll_fd = l->timer_watch.fd = l->signal_watch.fd = -1;
	l->armed = TIME_NEVER;
	sigemptyset(&l->signals);
	sigaddset(&l->signals, SIGTERM);
	sigaddset(&l->signals, SIGINT);
	if (!is_ignored(SIGHUP)) /* nohup: a blocked one would come all the same */
		sigaddset(&l->signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &l->signals, &l->mask_before);
	signal(SIGPIPE, SIG_IGN);
	int r = open_fds(l);
	if (!r)
		r = heap_reserve(&l->timers, TIMERS_FIRST);
	if (r < 0) {
		loop_free(l);
		errno = -r;
		return NULL;
	}
	loop_clock(l);
	return l;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	while (l->job_count)
		run_jobs(l);
	close_fd(l->signal_watch.fd);
	close_fd(l->timer_watch.fd);
	close_fd(l->epoll_fd);
	sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
	heap_fini(&l->timers);
	free(l->always);
	free(l->jobs);
	free(l);
}

/* Waits for events at most until `until`; gives how many came, or negative errno. */
static int wait_events(struct loop *l, struct batch *b, int64_t until, bool busy)
{
	int64_t due = heap_next(&l->timers);
	if (until < due)
		due = until;
	bool sleeps = !busy && due > l->now && !l->stop && !l->job_count && !always_wanted(l);
	if (sleeps)
		arm(l, due);
	int n = epoll_wait(l->epoll_fd, b->v, BATCH, sleeps ? -1 : 0);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n;
}

static int take_stop(struct loop *l, bool *ended)
{
	if (!l->stop)
		return 0;
	l->stop = false;
	*ended = true;
	return l->code;
}

int loop_turn(struct loop *l, int64_t until, bool *ended)
{
	bool busy = ask_pollers(l);
	struct batch b = { .outer = l->batch };
	int n = wait_events(l, &b, until, busy);
	loop_clock(l);
	if (n < 0) {
		*ended = true;
		return n;
	}
	b.count = n;
	l->batch = &b;
	fire_timers(l);
	serve_batch(&b);
	serve_always(l);
	l->batch = b.outer;
	run_jobs(l);
	if (l->shown)
		arm(l, heap_next(&l->timers));
	*ended = false;
	return take_stop(l, ended);
}

int loop_run(struct loop *l)
{
	for (;;) {
		bool ended;
		int r = loop_turn(l, TIME_NEVER, &ended);
		if (ended)
			return r;
	}
}

void loop_stop(struct loop *l, int code)
{
	l->stop = true;
	l->code = code;
}

int loop_fd(struct loop *l)
{
	l->shown = true;
	arm(l, heap_next(&l->timers));
	return l->epoll_fd;
}
