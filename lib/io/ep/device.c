/* SPDX-License-Identifier: MIT */
/* device.c - an endpoint on one descriptor that gives and takes a frame a call. */
#include "lib/io/ep/device.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void want(struct device *d)
{
	loop_want(&d->watch, (d->paused ? 0u : EPOLLIN) | (d->want_out ? EPOLLOUT : 0u));
}

void device_pause(struct ep *e, bool on)
{
	struct device *d = (struct device *)e;
	d->paused = on;
	want(d);
}

void device_full(struct device *d)
{
	d->want_out = true;
	want(d);
}

void device_lost(struct device *d, int code, const char *words)
{
	loop_del(&d->watch);
	ep_end_say(&d->end, -code, "%s", words);
}

bool device_interface(const struct device *d, struct ifreq *ifr)
{
	struct sockaddr_ll ll = { .sll_ifindex = 0 };
	getsockname(d->watch.fd, (struct sockaddr *)&ll, &(socklen_t){ sizeof ll });
	*ifr = (struct ifreq){ .ifr_ifindex = ll.sll_ifindex };
	return ioctl(d->watch.fd, SIOCGIFNAME, ifr) == 0;
}

/* ENETDOWN is said once when the interface goes down; frames flow again when it comes up. When it
 * has gone for good, its number has no name any more. */
void device_failed(struct device *d, int code)
{
	struct ifreq ifr;
	if (!code || (code == ENETDOWN && device_interface(d, &ifr)))
		return;
	device_lost(d, code,
		    code == ENETDOWN ? "the interface was removed" : strerrordesc_np(code));
}

static void ready(struct watch *w, uint32_t events)
{
	struct device *d = container_of(w, struct device, watch);
	if (events & EPOLLERR) {
		int code = 0; /* no socket: 0 */
		getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &code, &(socklen_t){ sizeof code });
		d->failed(d, code);
	}
	if (d->want_out && (events & (EPOLLOUT | EPOLLERR))) {
		d->want_out = false;
		want(d);
		if (!ep_say_writable(&d->ep))
			return;
	}
	if ((events & EPOLLIN) && !d->paused && w->loop)
		ep_say_readable(&d->ep);
}

int device_start(struct device *d, int fd, void (*failed)(struct device *d, int code))
{
	ep_end_init(&d->end, &d->ep);
	d->failed = failed;
	int r = loop_add(d->ep.loop, &d->watch, fd, EPOLLIN, ready);
	d->watch.fd = fd;
	d->ep.is_up = r == 0;
	if (r < 0)
		ep_close(&d->ep);
	return r;
}

void device_close(struct ep *e)
{
	struct device *d = (struct device *)e;
	int fd = d->watch.fd;
	loop_del(&d->watch);
	close(fd);
	timer_fini(&d->end.timer);
	ep_dead(e);
}
