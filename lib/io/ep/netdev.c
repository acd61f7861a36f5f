/* SPDX-License-Identifier: MIT */
/* netdev.c - the interface behind a packet socket: rtnetlink(7) says that something has changed,
 * netdevice(7) and ethtool what it is now, so a message that was lost (ENOBUFS) is no harm. */
#include "lib/io/ep/netdev.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGES = 64 }; /* taken in one turn; what is left is told again */

int netdev_listen(void *unused, struct err *err)
{
	(void)unused;
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&nl, sizeof nl) == 0)
		return fd;
	int r = err_set(err, -errno, "rtnetlink: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

/* Speed and duplex. Asked without room for the masks of modes, the kernel first says (as a negative
 * number) how many words each of the three has. */
static void read_settings(struct netdev *n, struct ifreq *ifr)
{
	union {
		struct ethtool_link_settings s;
		uint32_t room[sizeof(struct ethtool_link_settings) / 4 + 3 * 128];
	} q = { .s = { .cmd = ETHTOOL_GLINKSETTINGS } };
	struct ep_caps *caps = &n->d->ep.caps;
	int fd = n->d->watch.fd;
	caps->shared = true;
	caps->speed_bps = 0;
	ifr->ifr_data = (void *)&q;
	if (ioctl(fd, SIOCETHTOOL, ifr) < 0 || q.s.link_mode_masks_nwords >= 0)
		return;
	q.s.cmd = ETHTOOL_GLINKSETTINGS;
	q.s.link_mode_masks_nwords = (int8_t)-q.s.link_mode_masks_nwords;
	if (ioctl(fd, SIOCETHTOOL, ifr) < 0)
		return;
	caps->shared = q.s.duplex != DUPLEX_FULL;
	if (q.s.speed != (uint32_t)SPEED_UNKNOWN)
		caps->speed_bps = UINT64_C(1000000) * q.s.speed;
}

/* Whether frames pass now; when they do, also reads how fast. One that has been removed is told by
 * the packet socket: as it was. */
static bool look(struct netdev *n)
{
	struct ifreq ifr;
	if (!device_interface(n->d, &ifr) || ioctl(n->d->watch.fd, SIOCGIFFLAGS, &ifr) < 0)
		return n->d->ep.is_up;
	bool up = (ifr.ifr_flags & IFF_UP) && (ifr.ifr_flags & IFF_RUNNING);
	if (up)
		read_settings(n, &ifr);
	return up;
}

static void changed(struct watch *w, uint32_t events)
{
	struct netdev *n = container_of(w, struct netdev, watch);
	struct ep *e = &n->d->ep;
	(void)events;
	for (unsigned i = 0; i < MESSAGES; i++)
		if (recv(w->fd, &(char){ 0 }, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN)
			break;
	if (ep_over(&n->d->end))
		return;
	struct ifreq ifr;
	if (!device_interface(n->d, &ifr)) { /* the socket may have told only that it went down */
		device_failed(n->d, ENETDOWN);
		return;
	}
	struct ep_caps was = e->caps;
	bool up = look(n);
	if (!up && e->is_up)
		ep_say_down(e);
	else if (up && !e->is_up)
		ep_say_up(e);
	else if (was.shared != e->caps.shared || was.speed_bps != e->caps.speed_bps)
		ep_say_changed(e);
}

void netdev_init(struct netdev *n, struct device *d, int fd)
{
	*n = (struct netdev){ .d = d, .watch = { .fd = fd } };
}

int netdev_start(struct netdev *n)
{
	n->d->ep.is_up = look(n);
	return loop_add(n->d->ep.loop, &n->watch, n->watch.fd, EPOLLIN, changed);
}

void netdev_fini(struct netdev *n)
{
	int fd = n->watch.fd;
	loop_del(&n->watch);
	close(fd);
}
