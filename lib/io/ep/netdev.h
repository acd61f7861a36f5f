/* SPDX-License-Identifier: MIT */
/* netdev.h - the interface behind a packet socket: its carrier is the link of the endpoint, and
 * ethtool says its speed and duplex. What is not known to be full duplex counts as shared. */
#ifndef DW_IO_EP_NETDEV_H
#define DW_IO_EP_NETDEV_H

#include "lib/io/ep/device.h"

struct netdev {
	struct device *d;
	struct watch watch; /* rtnetlink: some interface has changed */
};

/* For netns_open(), before the packet socket is opened: a descriptor that tells of changes. */
int netdev_listen(void *unused, struct err *err);
/* Takes `fd` of netdev_listen(). */
void netdev_init(struct netdev *n, struct device *d, int fd);
/* After device_start(): sets is_up and caps, and tells up(), down() and changed(). 0 or -errno.
 */
int netdev_start(struct netdev *n);
void netdev_fini(struct netdev *n);

#endif
