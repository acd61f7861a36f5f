/* SPDX-License-Identifier: MIT */
/* dw.c - libvdeplug_dw.so: lets every program that opens its network through libvdeplug (QEMU,
 * vdens, vde_plug) reach the rings of dw-switch as dw:///path/dir[port]; where there are none it
 * speaks the VDE protocol. vde_open() may wait; what is received waits behind vde_datafd(). */
#include <errno.h>
#include <libvdeplug_mod.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/io/memif_sock.h"
#include "lib/io/memif_talk.h"

enum {
	ANSWER_MS = 5000, /* for each answer of the handshake */
	ROOM_MS = 100,    /* a sender waits for room, then the frame is lost */
};

struct dw { /* begins as every VDECONN does */
	void *handle;
	struct vdeplug_module *module;
	VDECONN *plain; /* no rings there: all goes through this one */
	int sock;
	bool awake; /* the bell is rung, and nobody else is to ring it */
	struct rings rings;
	uint8_t join[ETH_FRAME_MAX];
};

/* ---- joining ---- */

static int reach(const char *dir)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	if (snprintf(sun.sun_path, sizeof sun.sun_path, "%s/memif", dir) >=
	    (int)sizeof sun.sun_path)
		return -ENAMETOOLONG;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0)
		return fd;
	int r = -errno;
	close(fd);
	return r;
}

static int next_answer(int sock, struct memif_msg *q)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	int fd, r = poll(&p, 1, ANSWER_MS);
	if (r <= 0)
		return r ? -errno : -ETIMEDOUT;
	r = memif_recv(sock, q, &fd);
	if (fd >= 0)
		close(fd);
	return r;
}

static int talk(struct dw *d, unsigned port, const char *descr)
{
	struct memif_talk t;
	struct memif_msg q;
	int r;
	memif_talk_init(&t, &d->rings, MEMIF_OURS, port, descr, NULL);
	do {
		r = next_answer(d->sock, &q);
		if (r == 0)
			r = memif_talk_answer(&t, d->sock, &q, NULL);
	} while (r == 0 || r == -EAGAIN);
	memif_talk_fini(&t);
	return r < 0 ? r : 0;
}

static int join_rings(struct dw *d, const char *dir, unsigned port, const char *descr)
{
	d->sock = reach(dir);
	if (d->sock < 0)
		return d->sock;
	int r = talk(d, port, descr);
	if (r < 0)
		return r;
	rings_start(&d->rings);
	if (!rings_sleep(&d->rings)) /* something is there already */
		d->awake = eventfd_write(d->rings.in.bell, 1) == 0;
	return 0;
}

static void drop(struct dw *d)
{
	rings_fini(&d->rings);
	if (d->sock >= 0)
		close(d->sock);
	free(d);
}

static VDECONN *dw_open(char *url, char *descr, int version, struct vde_open_args *args)
{
	char plain[1024], none[] = "", any[] = "", named[] = "port"; /* libvdeplug wants no const */
	char *port = NULL, *wanted = none;
	struct vdeparms parms[] = { { any, &wanted }, { named, &port }, { NULL, NULL } };
	struct dw *d = calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->sock = -1;
	rings_init(&d->rings, true);
	snprintf(plain, sizeof plain, "vde://%s", url);
	if (vde_parsepathparms(url, parms) < 0) {
		free(d);
		errno = EINVAL;
		return NULL;
	}
	unsigned n = (unsigned)strtoul(port ? port : wanted, NULL, 10);
	if (!n && args)
		n = (unsigned)args->port;
	int r = join_rings(d, url, n, descr ? descr : "libvdeplug");
	if (r == 0)
		return (VDECONN *)d;
	if (r != -EACCES) /* no rings, or not for us: what VDE would have done */
		d->plain = vde_open_real(plain, descr, version, args);
	if (d->plain)
		return (VDECONN *)d;
	drop(d);
	errno = r == -EACCES ? EACCES : errno;
	return NULL;
}

/* ---- frames ---- */

/* The bell is readable as long as frames wait. After the last: silence it, then look again. */
static void settle(struct dw *d)
{
	eventfd_t n;
	if (rings_waiting(&d->rings)) {
		if (!d->awake)
			rings_wake(&d->rings);
		d->awake = true;
		return;
	}
	eventfd_read(d->rings.in.bell, &n);
	d->awake = !rings_sleep(&d->rings);
	if (d->awake)
		eventfd_write(d->rings.in.bell, 1);
}

static bool peer_has_gone(const struct dw *d)
{
	struct pollfd p = { .fd = d->sock, .events = POLLIN };
	return poll(&p, 1, 0) != 0; /* nothing is said to us but the end */
}

static ssize_t dw_recv(VDECONN *conn, void *buf, size_t len, int flags)
{
	struct dw *d = (struct dw *)conn;
	struct frame f;
	if (d->plain)
		return vde_recv(d->plain, buf, len, flags);
	while (!rings_rx(&d->rings, &f, 1, d->join, sizeof d->join)) {
		if (d->rings.broken || peer_has_gone(d))
			return 0;
		settle(d);
		if (flags & MSG_DONTWAIT) {
			errno = EAGAIN;
			return -1;
		}
		struct pollfd p[2] = { { .fd = d->rings.in.bell, .events = POLLIN },
				       { .fd = d->sock, .events = POLLIN } };
		if (poll(p, 2, -1) < 0)
			return -1;
	}
	size_t n = f.len < len ? f.len : len;
	memcpy(buf, f.data, n);
	rings_rx_done(&d->rings);
	settle(d);
	return (ssize_t)n;
}

static bool wait_for_room(struct dw *d)
{
	for (int i = 0; i < 1000; i++) {
		if (rings_room(&d->rings))
			return true;
		sched_yield();
	}
	for (int i = 0; i < ROOM_MS * 10 && !peer_has_gone(d); i++) {
		if (rings_room(&d->rings))
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
	return false;
}

static ssize_t dw_send(VDECONN *conn, const void *buf, size_t len, int flags)
{
	struct dw *d = (struct dw *)conn;
	if (d->plain)
		return vde_send(d->plain, buf, len, flags);
	bool whole;
	struct frame f = frame_over(buf, len, &whole);
	if (!whole)
		return (ssize_t)len; /* no frame: as lost as on any switch */
	struct txv v = txv_plain(&f);
	while (!rings_tx(&d->rings, &v, 1)) {
		if (d->rings.broken || flags & MSG_DONTWAIT || !wait_for_room(d)) {
			errno = d->rings.broken ? EPIPE : EAGAIN;
			return -1;
		}
	}
	return (ssize_t)len;
}

static int dw_datafd(VDECONN *conn)
{
	struct dw *d = (struct dw *)conn;
	return d->plain ? vde_datafd(d->plain) : d->rings.in.bell;
}

static int dw_ctlfd(VDECONN *conn)
{
	struct dw *d = (struct dw *)conn;
	return d->plain ? vde_ctlfd(d->plain) : d->sock;
}

static int dw_close(VDECONN *conn)
{
	struct dw *d = (struct dw *)conn;
	if (d->plain)
		vde_close(d->plain);
	drop(d);
	return 0;
}

__attribute__((visibility("default"))) struct vdeplug_module vdeplug_ops = {
	.vde_open_real = dw_open,
	.vde_recv = dw_recv,
	.vde_send = dw_send,
	.vde_datafd = dw_datafd,
	.vde_ctlfd = dw_ctlfd,
	.vde_close = dw_close,
};
