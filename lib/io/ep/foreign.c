/* SPDX-License-Identifier: MIT */
/* foreign.c - any other scheme: handed to libvdeplug with its modules. Its opening may block (the
 * module's doing), as may its sending; receiving is asked for only when something waits. */
#include <errno.h>
#include <libvdeplug.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/impl.h"

struct foreign {
	struct ep ep;
	VDECONN *conn;
	struct watch data, ctl;
	struct ep_end end;
	bool paused;
};

static bool waits(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, 0) > 0;
}

static void lost(struct foreign *x, int why, const char *words)
{
	loop_del(&x->data);
	loop_del(&x->ctl);
	ep_end_say(&x->end, why, "%s", words);
}

static unsigned foreign_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct foreign *x = (struct foreign *)e;
	struct rx_block *b = rx_block_take(e);
	unsigned n = 0;
	for (unsigned tries = 0; n < max && n < BATCH_MAX && tries < BATCH_MAX; tries++) {
		if (!x->data.loop || !waits(x->data.fd))
			break;
		uint8_t *to = b->slot[n] + RX_FRONT;
		ssize_t len = vde_recv(x->conn, to, RX_STRIDE - RX_FRONT, 0);
		if (len == 1 || (len < 0 && (errno == EAGAIN || errno == EINTR)))
			continue; /* 1: the module took it for itself */
		if (len <= 0) {
			lost(x, len ? -errno : 0, len ? strerrordesc_np(errno) : "end of file");
			break;
		}
		if (len > ETH_FRAME_MAX)
			e->rx_oversize++;
		else
			f[n++] = (struct frame){ .data = to,
						 .len = (uint32_t)len,
						 .rx_ns = loop_now(e->loop) };
	}
	if (!n)
		rx_block_give();
	return n;
}

static unsigned foreign_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct foreign *x = (struct foreign *)e;
	uint8_t frame[ETH_FRAME_MAX];
	for (unsigned i = 0; i < n; i++) {
		uint32_t len = txv_len(&v[i]);
		if (len <= sizeof frame)
			txv_copy(&v[i], frame);
		/* A full module cannot say when it has room again (its descriptor may be an epoll
		 * set). */
		if (len > sizeof frame || vde_send(x->conn, frame, len, 0) < 0)
			e->tx_dropped++;
	}
	return n;
}

static void foreign_pause(struct ep *e, bool on)
{
	struct foreign *x = (struct foreign *)e;
	x->paused = on;
	loop_want(&x->data, on ? 0 : EPOLLIN);
}

static void data_ready(struct watch *w, uint32_t events)
{
	struct foreign *x = container_of(w, struct foreign, data);
	if (!x->paused)
		ep_say_readable(&x->ep);
	else if (events & (EPOLLHUP | EPOLLERR))
		lost(x, 0, "the connection has ended");
}

static void ctl_ready(struct watch *w, uint32_t events)
{
	(void)events;
	lost(container_of(w, struct foreign, ctl), 0,
	     "the connection has ended"); /* as libvdeplug's users take it */
}

static void foreign_close(struct ep *e)
{
	struct foreign *x = (struct foreign *)e;
	loop_del(&x->data);
	loop_del(&x->ctl);
	timer_fini(&x->end.timer);
	if (x->conn)
		vde_close(x->conn);
	ep_dead(e);
}

static const struct ep_ops foreign_ops = {
	.rx = foreign_rx,
	.rx_done = rx_block_done,
	.tx = foreign_tx,
	.pause = foreign_pause,
	.close = foreign_close,
};

static int open_conn(struct foreign *x, const char *locator, const struct ep_keys *keys,
		     struct err *err)
{
	char url[EP_TEXT_MAX], descr[128], group[64];
	uint64_t port = 0;
	struct vde_open_args args = { .mode = 0700 }; /* 0 would lock the far switch out */
	const char *g = ep_key(keys, "group"), *perm = ep_key(keys, "perm"),
		   *d = ep_key(keys, "descr");
	int r = ep_key_number(keys, "port", 0, 65535, &port, err);
	if (r < 0)
		return r;
	args.port = (int)port;
	if (perm)
		args.mode = (mode_t)strtoul(perm, NULL, 8);
	snprintf(group, sizeof group, "%s", g ? g : "");
	args.group = g ? group : NULL;
	snprintf(url, sizeof url, "%s", locator);
	snprintf(descr, sizeof descr, "%s", d ? d : program_invocation_short_name);
	errno = 0;
	x->conn = vde_open(url, descr, &args);
	if (x->conn)
		return 0;
	r = errno ? -errno : -EPROTONOSUPPORT;
	int name = (int)(strstr(locator, "://") - locator);
	if (errno == ENOENT || errno == ENOSYS || errno == EPROTONOSUPPORT || !errno)
		return err_set(err, r,
			       "%.*s://: no such scheme here, and libvdeplug knows none (or cannot "
			       "open it: %s)",
			       name, locator, strerror(-r));
	return err_set(err, r, "%s: libvdeplug: %s", locator, strerror(-r));
}

EP_OPEN(ep_foreign_open)
{
	*e = NULL;
	struct foreign *x = (struct foreign *)ep_born(sizeof *x, &foreign_ops, l, host, ctx);
	if (!x)
		return err_set(err, -ENOMEM, "%s: out of memory", rest);
	ep_end_init(&x->end, &x->ep);
	int r = open_conn(x, rest, keys, err);
	if (r == 0) {
		int ctl = vde_ctlfd(x->conn), data = vde_datafd(x->conn);
		r = data < 0 ? -EBADF : loop_add(l, &x->data, data, EPOLLIN, data_ready);
		if (r == 0 && ctl >= 0)
			r = loop_add(l, &x->ctl, ctl, EPOLLIN, ctl_ready);
		if (r < 0)
			err_set(err, r, "%s: %s", rest, strerror(-r));
	}
	if (r < 0) {
		foreign_close(&x->ep);
		return r;
	}
	x->ep.is_up = true;
	x->ep.caps.shared = true; /* who knows how many are behind it */
	*e = &x->ep;
	return 0;
}
