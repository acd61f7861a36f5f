/* SPDX-License-Identifier: MIT */
/* vde_server.c - the listening side of the VDE switch protocol: accept, read the request, ask the
 * switch, bind the port's data socket, answer. */
#include "lib/io/vde_server.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/dgram.h"
#include "lib/io/memif_server.h"
#include "lib/io/usock.h"
#include "lib/io/vde_dir.h"

static const int64_t REQUEST_NS = 10 * NS_PER_SEC; /* for the request to come */
static const int64_t BREATH_NS =
	100 * NS_PER_MS; /* without descriptors: until accept() is tried again */
enum { HALF_MAX = 64 };

struct half { /* connected, request not yet read */
	struct watch watch;
	struct timer timer;
	struct vde_server *server;
	struct half *prev, *next; /* oldest first */
	uint8_t bytes[VDE_REQUEST_MAX];
	size_t len;
};

struct vde_server {
	struct loop *loop;
	const struct vde_server_host *host;
	void *ctx;
	struct vde_dir dir;
	struct memif_server *memif;
	struct watch listener;
	struct timer breath;
	struct half *oldest, *newest;
	unsigned halves;
	bool starved; /* said so already */
};

__attribute__((format(printf, 2, 3))) static void say(struct vde_server *s, const char *fmt, ...)
{
	char words[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	if (s->host->say)
		s->host->say(s->ctx, words);
}

/* ---- connections that have not asked yet ---- */

static void half_unlink(struct half *h)
{
	struct vde_server *s = h->server;
	*(h->prev ? &h->prev->next : &s->oldest) = h->next;
	*(h->next ? &h->next->prev : &s->newest) = h->prev;
	s->halves--;
}

/* Ends it; gives its descriptor if `keep`, else closes it. */
static int half_end(struct half *h, bool keep)
{
	int fd = h->watch.fd;
	loop_del(&h->watch);
	timer_fini(&h->timer);
	half_unlink(h);
	free(h);
	if (!keep) {
		close(fd);
		return -1;
	}
	return fd;
}

static void half_late(struct timer *t, int64_t now)
{
	struct half *h = container_of(t, struct half, timer);
	(void)now;
	say(h->server, "a plug connected and did not ask for %d s: closed",
	    (int)(REQUEST_NS / NS_PER_SEC));
	half_end(h, false);
}

/* ---- admission ---- */

void vde_plug_of(struct vde_plug *p, int fd)
{
	struct ucred c;
	socklen_t len = sizeof c;
	p->uid = p->gid = p->pid = -1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) == 0) {
		p->uid = (int)c.uid;
		p->gid = (int)c.gid;
		p->pid = (int)c.pid;
	}
	const struct passwd *pw = p->uid < 0 ? NULL : getpwuid((uid_t)p->uid);
	if (pw)
		snprintf(p->user, sizeof p->user, "%.31s", pw->pw_name);
	else if (p->uid >= 0)
		snprintf(p->user, sizeof p->user, "%d", p->uid);
	else
		snprintf(p->user, sizeof p->user, "NONE");
}

/* Connects to the socket the plug named. It must be the plug's own: a switch that runs as root
 * shall not be talked into sending frames to /dev/log. Looked at and connected through one
 * descriptor, so that it cannot be exchanged in between. */
static int connect_path(int fd, const char *path, int uid)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int held = open(path, O_PATH | O_CLOEXEC);
	if (held < 0)
		return -errno;
	struct stat st;
	int r = fstat(held, &st) < 0 ? -errno : 0;
	if (r == 0 && (!S_ISSOCK(st.st_mode) || (uid > 0 && st.st_uid != (uid_t)uid)))
		r = -EPERM;
	snprintf(sun.sun_path, sizeof sun.sun_path, "/proc/self/fd/%d", held);
	if (r == 0 &&
	    access("/proc/self/fd", X_OK) < 0) /* a root without /proc: by name, as VDE does */
		snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	if (r == 0 && connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0)
		r = -errno;
	close(held);
	return r;
}

static int connect_client(int fd, const struct vde_plug *p)
{
	const uint8_t *name = p->request.sun_path;
	if (name[0]) {
		char path[VDE_SUN_PATH + 1];
		memcpy(path, name, VDE_SUN_PATH);
		path[VDE_SUN_PATH] = '\0';
		return connect_path(fd, path, p->uid);
	}
	struct sockaddr_un sun = { .sun_family =
					   AF_UNIX }; /* abstract: all 108 bytes are the name */
	memcpy(sun.sun_path, name, VDE_SUN_PATH);
	return connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0 ? -errno : 0;
}

/* The data socket of an admitted plug: bound to its name, then the answer. 0 or negative errno. */
static int open_port(struct vde_server *s, struct dgram *d, unsigned port, const struct vde_plug *p)
{
	int r = vde_dir_bind_port(&s->dir, d->data.fd, port, p->uid, d->own_path);
	if (r < 0)
		return r;
	uint8_t answer[VDE_ANSWER_LEN];
	vde_answer_encode(d->own_path, answer);
	if (send(d->ctl.fd, answer, sizeof answer, MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof answer)
		return -EPIPE;
	return 0;
}

/* Takes `ctl`. The endpoint of the plug, or NULL after words. */
static struct dgram *endpoint(struct vde_server *s, int ctl, const struct vde_plug *p)
{
	struct dgram *d = dgram_born(sizeof *d, &dgram_ops, s->loop, NULL, NULL);
	if (!d) {
		close(ctl);
		say(s, "plug of %s: out of memory", p->user);
		return NULL;
	}
	d->ctl.fd = ctl;
	d->ep.uid = p->uid;
	snprintf(d->ep.descr, sizeof d->ep.descr, "%.127s", p->request.descr);
	snprintf(d->ep.locator, sizeof d->ep.locator, "plug");
	d->data.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r = d->data.fd < 0 ? -errno : connect_client(d->data.fd, p);
	if (r == 0)
		return d;
	say(s, "plug of %s: its data socket: %s", p->user, strerror(-r));
	ep_close(&d->ep);
	return NULL;
}

static void admit(struct vde_server *s, int ctl, const struct vde_request *q)
{
	struct vde_plug p = { .request = *q };
	vde_plug_of(&p, ctl);
	struct dgram *d = endpoint(s, ctl, &p);
	if (!d)
		return;
	struct err why = { "" };
	int port = s->host->admit(s->ctx, &p, &why);
	int r = port < 0 ? 0 : open_port(s, d, (unsigned)port, &p);
	if (r < 0 && r != -EPIPE)
		say(s, "port %d: data socket in %s: %s", port, s->dir.path, strerror(-r));
	if (port < 0 || r < 0) {
		ep_close(&d->ep);
		return;
	}
	bool gone = false;
	d->ep.gone = &gone;
	d->ep.is_up = true;
	s->host->plugged(s->ctx, (unsigned)port, &d->ep, &p);
	if (gone)
		return;
	d->ep.gone = NULL;
	assert(d->ep.host);
	r = dgram_start(d);
	if (r < 0)
		ep_end_say(&d->end, r, "%s", strerror(-r));
}

/* ---- requests ---- */

static void half_ready(struct watch *w, uint32_t events)
{
	struct half *h = container_of(w, struct half, watch);
	struct vde_server *s = h->server;
	(void)events;
	ssize_t n = recv(w->fd, h->bytes + h->len, sizeof h->bytes - h->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		if (h->len)
			say(s, "a plug left in the middle of its request");
		half_end(h, false);
		return;
	}
	h->len += (size_t)n;
	struct vde_request q;
	int r = vde_request_decode(&q, h->bytes, h->len);
	if (r == -EAGAIN && h->len < sizeof h->bytes)
		return;
	if (r < 0) {
		say(s,
		    "%zu bytes came that are no VDE request (versions 1 and 3 are spoken): closed",
		    h->len);
		half_end(h, false);
		return;
	}
	admit(s, half_end(h, true), &q);
}

static void half_begin(struct vde_server *s, int fd)
{
	struct half *h = calloc(1, sizeof *h);
	if (!h) {
		close(fd);
		return;
	}
	if (s->halves ==
	    HALF_MAX) { /* who asks, asks at once: the one that has waited longest never will */
		say(s, "%d plugs connected and do not ask: the oldest is closed", HALF_MAX);
		half_end(s->oldest, false);
	}
	h->server = s;
	h->prev = s->newest;
	*(s->newest ? &s->newest->next : &s->oldest) = h;
	s->newest = h;
	s->halves++;
	timer_init(&h->timer, s->loop, half_late);
	timer_set(&h->timer, loop_now(s->loop) + REQUEST_NS);
	int r = loop_add(s->loop, &h->watch, fd, EPOLLIN, half_ready);
	h->watch.fd = fd;
	if (r < 0) {
		say(s, "a new plug: %s", strerror(-r));
		half_end(h, false);
		return;
	}
	half_ready(&h->watch, EPOLLIN); /* the request is mostly there already */
}

static void accept_ready(struct watch *w, uint32_t events)
{
	struct vde_server *s = container_of(w, struct vde_server, listener);
	(void)events;
	for (int i = 0; i < HALF_MAX; i++) { /* bounded: others have work, too */
		int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			s->starved = false;
			half_begin(s, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			if (!s->starved)
				say(s, "new plugs must wait: %s", strerror(errno));
			s->starved = true;
			loop_want(w, 0);
			timer_set(&s->breath, loop_now(s->loop) + BREATH_NS);
		}
		return;
	}
}

static void breath_over(struct timer *t, int64_t now)
{
	(void)now;
	loop_want(&container_of(t, struct vde_server, breath)->listener, EPOLLIN);
}

/* ---- birth and death ---- */

int vde_server_open(struct vde_server **server, struct loop *l, const struct vde_server_config *c,
		    const struct vde_server_host *host, void *ctx, struct err *err)
{
	struct vde_server *s = calloc(1, sizeof *s);
	*server = NULL;
	if (!s)
		return err_set(err, -ENOMEM, "out of memory");
	s->loop = l;
	s->host = host;
	s->ctx = ctx;
	timer_init(&s->breath, l, breath_over);
	int r = vde_dir_open(&s->dir, c, err);
	if (r == 0) {
		r = loop_add(l, &s->listener, s->dir.listen_fd, EPOLLIN, accept_ready);
		if (r < 0)
			err_set(err, r, "%s: %s", s->dir.path, strerror(-r));
	}
	if (r == 0) {
		char path[sizeof s->dir.path + sizeof "/memif"];
		snprintf(path, sizeof path, "%s/memif", s->dir.path);
		r = memif_server_open(&s->memif, l, path, s->dir.mode, s->dir.gid, host, ctx, err);
	}
	if (r < 0) {
		vde_server_close(s);
		return r;
	}
	*server = s;
	return 0;
}

void vde_server_close(struct vde_server *s)
{
	if (!s)
		return;
	for (struct half *h = s->oldest, *next; h; h = next) {
		next = h->next;
		half_end(h, false);
	}
	loop_del(&s->listener);
	timer_fini(&s->breath);
	memif_server_close(s->memif);
	vde_dir_close(&s->dir);
	free(s);
}

const char *vde_server_dir(const struct vde_server *s)
{
	return s->dir.path;
}

int vde_server_mode(const struct vde_server *s)
{
	return s->dir.mode;
}
