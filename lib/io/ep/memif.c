/* SPDX-License-Identifier: MIT */
/* memif.c - an endpoint on memif rings. Awake, it is a poller of the loop; when nothing has come
 * for a while it announces its sleep and leaves the rest to the doorbell, so that any number of
 * idle endpoints cost nothing. */
#include "lib/io/ep/memif.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/memif_sock.h"

/* Waking a sleeper takes about half of that: to spin so long is never twice as dear as the best. */
static const int64_t SPIN_NS = 50 * NS_PER_US;
/* A peer that does not fence can miss that we sleep; one that takes nothing rings no bell. */
static const int64_t NAP_NS = NS_PER_MS;
/* More than two hellos of RSTP apart, so that these do not fetch the pages anew each time. */
static const int64_t REST_NS = 4 * NS_PER_SEC;

static struct {
	enum ep_poll mode;
	bool chosen;
} poll_mode;

static _Thread_local struct {
	int64_t ns;       /* how long we spin now; grows and shrinks */
	int64_t switches; /* how often this thread lost its processor */
} spin = { .ns = 50000 };

/* ---- spinning ---- */

void ep_poll_mode(enum ep_poll mode)
{
	poll_mode.mode = mode;
	poll_mode.chosen = true;
}

int ep_poll_take(void *ctx, const char *word, struct err *err)
{
	static const char *const words[] = { "never", "adaptive", "always" };
	(void)ctx;
	for (unsigned i = 0; i < 3; i++)
		if (strcmp(word, words[i]) == 0) {
			ep_poll_mode((enum ep_poll)i);
			return 0;
		}
	return err_set(err, -EINVAL, "%s: never, adaptive or always", word);
}

static enum ep_poll mode_now(void)
{
	if (!poll_mode.chosen) {
		cpu_set_t cpus;
		bool one = sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) < 2;
		ep_poll_mode(one ? EP_POLL_NEVER : EP_POLL_ADAPTIVE);
	}
	return poll_mode.mode;
}

/* With more busy processes than processors a spin steals from those that it waits for. */
static void adapt(void)
{
	struct rusage u;
	if (getrusage(RUSAGE_THREAD, &u) < 0)
		return;
	spin.ns = u.ru_nivcsw != spin.switches ? spin.ns / 2 : spin.ns + SPIN_NS / 8;
	if (spin.ns > SPIN_NS)
		spin.ns = SPIN_NS;
	spin.switches = u.ru_nivcsw;
}

static bool reads(const struct memif *m)
{
	return !m->paused && m->ep.is_up;
}

static bool spins(const struct memif *m, int64_t now)
{
	if (!reads(m) && !m->full && !m->flushing)
		return false; /* there is nothing to wait for */
	switch (mode_now()) {
	case EP_POLL_NEVER:
		return false;
	case EP_POLL_ALWAYS:
		return true;
	case EP_POLL_ADAPTIVE:
		break;
	}
	return now - m->busy_ns < spin.ns;
}

/* Touching the rings maps the client's pages. Those of thousands that fell silent together are let
 * go one by one. */
static void uses(struct memif *m)
{
	m->used = !m->resting;
	if (m->used)
		return;
	m->resting = false;
	timer_set(&m->rest, loop_now(m->ep.loop) + REST_NS + m->bell.fd % 1024 * (NS_PER_MS / 2));
}

static void rest_due(struct timer *t, int64_t now)
{
	struct memif *m = container_of(t, struct memif, rest);
	if (m->awake || m->used) {
		m->used = false;
		timer_set(t, now + REST_NS);
		return;
	}
	m->resting = true;
	rings_rest(&m->rings);
}

static void wake(struct memif *m)
{
	if (m->awake || !m->rings.in.mem)
		return;
	uses(m);
	m->awake = true;
	m->busy_ns = loop_now(m->ep.loop);
	rings_wake(&m->rings);
	timer_set(&m->nap, TIME_NEVER);
	loop_add_poller(m->ep.loop, &m->poller);
}

static bool can_write(const struct memif *m) /* what was waited for has come */
{
	return (m->full && rings_room(&m->rings)) || (m->flushing && rings_drained(&m->rings));
}

/* Leaves the loop's turns. Who does not read wants no bell. */
static bool sleeps(struct memif *m, int64_t now)
{
	adapt();
	if (reads(m) && !rings_sleep(&m->rings))
		return false;
	m->awake = false;
	loop_del_poller(m->ep.loop, &m->poller);
	if (m->full || m->flushing || (!m->fences && reads(m)))
		timer_set(&m->nap, now + NAP_NS);
	return true;
}

static void over_if_broken(struct memif *m)
{
	if (m->rings.broken)
		ep_end_say(&m->end, -EPROTO, "the peer broke the rules: %s", m->rings.broken);
}

static bool look(struct poller *p, int64_t now)
{
	struct memif *m = container_of(p, struct memif, poller);
	if (can_write(m)) {
		m->full = m->flushing = false;
		m->busy_ns = now;
		if (!ep_say_writable(&m->ep))
			return true;
	}
	if (reads(m) && rings_waiting(&m->rings)) {
		m->busy_ns = now;
		ep_say_readable(&m->ep);
		return true;
	}
	return spins(m, now) || !sleeps(m, now);
}

static void bell_rang(struct watch *w, uint32_t events)
{
	(void)events;
	wake(container_of(w, struct memif, bell));
}

static void nap_over(struct timer *t, int64_t now)
{
	struct memif *m = container_of(t, struct memif, nap);
	if (can_write(m) || (reads(m) && rings_waiting(&m->rings)))
		wake(m);
	else
		timer_set(t, now + NAP_NS);
}

/* ---- frames ---- */

unsigned memif_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct memif *m = (struct memif *)e;
	struct rx_block *b = rx_block_take(e);
	unsigned n = rings_rx(&m->rings, f, max < BATCH_MAX ? max : BATCH_MAX,
			      b->slot[0] + RX_FRONT, RX_STRIDE);
	for (unsigned i = 0; i < n; i++)
		f[i].rx_ns = loop_now(e->loop);
	e->rx_oversize = m->rings.rx_oversize;
	over_if_broken(m);
	if (!n)
		rx_block_give();
	return n;
}

void memif_rx_done(struct ep *e)
{
	struct memif *m = (struct memif *)e;
	rings_rx_done(&m->rings);
	rx_block_give();
}

unsigned memif_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct memif *m = (struct memif *)e;
	uses(m);
	unsigned done = rings_tx(&m->rings, v, n);
	e->tx_dropped = m->rings.tx_lost;
	over_if_broken(m);
	if (m->rings.broken) { /* on its way to be closed */
		e->tx_dropped = m->rings.tx_lost += n - done;
		return n;
	}
	if (done < n) {
		m->full = true;
		wake(m);
	}
	return done;
}

void memif_pause(struct ep *e, bool on)
{
	struct memif *m = (struct memif *)e;
	m->paused = on;
	if (!on) {
		wake(m);
		if (ep_over(&m->end))
			timer_set(&m->end.timer, loop_now(e->loop));
	}
}

bool memif_flushed(struct ep *e)
{
	struct memif *m = (struct memif *)e;
	if (!m->rings.out.mem || rings_drained(&m->rings))
		return true;
	m->flushing = true;
	wake(m);
	return false;
}

/* ---- link and end ---- */

void memif_carrier(struct ep *e, bool on)
{
	struct memif *m = (struct memif *)e;
	if (!m->links || m->on == on || m->sock.fd < 0)
		return;
	m->on = on;
	memif_send(m->sock.fd, &(struct memif_msg){ .type = MEMIF_LINK, .u.link.on = on }, -1);
}

static void peer_link(struct memif *m, bool on)
{
	if (!m->links || m->peer_on == on)
		return;
	m->peer_on = on;
	if (!on)
		ep_say_down(&m->ep);
	else if (ep_say_up(&m->ep))
		wake(m);
}

void memif_sock_ready(struct watch *w, uint32_t events)
{
	struct memif *m = container_of(w, struct memif, sock);
	struct memif_msg q;
	int fd;
	(void)events;
	int r = memif_recv(w->fd, &q, &fd);
	if (fd >= 0)
		close(fd);
	if (r == -EAGAIN)
		return;
	if (r == 0 && q.type == MEMIF_LINK) {
		peer_link(m, q.u.link.on);
		return;
	}
	loop_del(w);
	if (r == 0 && q.type == MEMIF_DISCONNECT)
		ep_end_say(&m->end, 0, "the peer disconnected%s%s",
			   q.u.disconnect.text[0] ? ": " : "", q.u.disconnect.text);
	else if (r == -EPIPE)
		ep_end_say(&m->end, 0, "%s", m->lost_words);
	else
		ep_end_say(&m->end, -EPROTO, "the peer says what makes no sense here");
}

/* The peer's last frames go before the news that it left. While they are not wanted, that waits. */
static int64_t frames_wait(struct ep *e, int64_t now)
{
	struct memif *m = (struct memif *)e;
	if (!m->rings.in.mem || !m->ep.is_up || !rings_waiting(&m->rings))
		return 0;
	if (now - m->busy_ns >= NS_PER_SEC)
		return 0; /* nobody has wanted them for so long */
	if (!m->paused)
		wake(m);
	return m->paused ? m->busy_ns + NS_PER_SEC : now + 1;
}

struct memif *memif_born(size_t size, bool client, const struct ep_ops *ops, struct loop *l,
			 const struct ep_host *host, void *ctx)
{
	struct memif *m = (struct memif *)ep_born(size, ops, l, host, ctx);
	if (!m)
		return NULL;
	rings_init(&m->rings, client);
	ep_end_init(&m->end, &m->ep);
	m->end.wait = frames_wait;
	timer_init(&m->nap, l, nap_over);
	timer_init(&m->rest, l, rest_due);
	m->poller.poll = look;
	m->sock.fd = -1;
	m->on = m->peer_on = true;
	m->lost_words = "peer unplugged";
	return m;
}

/* Edge-triggered: each ring of the bell is news, and nobody has to read it, which the peer could
 * make block. */
int memif_start(struct memif *m, const char *name)
{
	m->fences = strncmp(name, MEMIF_OURS, strlen(MEMIF_OURS)) == 0;
	m->links = strcmp(name, MEMIF_OURS_LINK) == 0;
	m->ep.caps.carrier = m->links;
	m->ep.caps.longest = ETH_FRAME_MAX;
	rings_start(&m->rings);
	m->resting = !m->rings.client; /* the first use sets the timer */
	int r = loop_add(m->ep.loop, &m->bell, m->rings.in.bell, EPOLLIN | EPOLLET, bell_rang);
	if (r == 0)
		wake(m);
	return r;
}

void memif_close(struct ep *e)
{
	struct memif *m = (struct memif *)e;
	int fd = m->sock.fd;
	if (m->awake)
		loop_del_poller(e->loop, &m->poller);
	loop_del(&m->sock);
	loop_del(&m->bell);
	if (fd >= 0)
		close(fd);
	rings_fini(&m->rings);
	timer_fini(&m->nap);
	timer_fini(&m->rest);
	timer_fini(&m->end.timer);
	ep_dead(e);
}

const struct ep_ops memif_ops = {
	.rx = memif_rx,
	.rx_done = memif_rx_done,
	.tx = memif_tx,
	.pause = memif_pause,
	.flushed = memif_flushed,
	.carrier = memif_carrier,
	.close = memif_close,
};
