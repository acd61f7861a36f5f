/* SPDX-License-Identifier: MIT */
/* netif.c - interfaces by ioctl (netdevice(7)) and, for the veth pair, by rtnetlink(7). */
#include "lab/real/netif.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- ioctls ---- */

static int ask(unsigned long what, void *arg)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int r = ioctl(fd, what, arg) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static struct ifreq request_for(const char *name)
{
	struct ifreq q = { .ifr_ifindex = 0 };
	snprintf(q.ifr_name, sizeof q.ifr_name, "%s", name);
	return q;
}

int netif_up(const char *name)
{
	struct ifreq q = request_for(name);
	int r = ask(SIOCGIFFLAGS, &q);
	if (r < 0)
		return r;
	q.ifr_flags |= IFF_UP;
	return ask(SIOCSIFFLAGS, &q);
}

int netif_mac(const char *name, const uint8_t mac[static 6])
{
	struct ifreq q = request_for(name);
	q.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(q.ifr_hwaddr.sa_data, mac, 6);
	return ask(SIOCSIFHWADDR, &q);
}

static void put_ipv4(struct ifreq *q, uint32_t ip)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(ip) };
	memcpy(&q->ifr_addr, &a, sizeof a);
}

int netif_address(const char *name, uint32_t ip, unsigned prefix)
{
	struct ifreq q = request_for(name);
	put_ipv4(&q, ip);
	int r = ask(SIOCSIFADDR, &q);
	if (r < 0)
		return r;
	put_ipv4(&q, prefix ? UINT32_MAX << (32 - prefix) : 0);
	return ask(SIOCSIFNETMASK, &q);
}

int netif_tap(const char *name)
{
	struct ifreq q = request_for(name);
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	q.ifr_flags = IFF_TAP | IFF_NO_PI;
	int r = ioctl(fd, TUNSETIFF, &q) < 0 || ioctl(fd, TUNSETPERSIST, 1) < 0 ? -errno : 0;
	close(fd);
	return r;
}

int netif_vlan(const char *name, uint16_t vid, char *made, unsigned room)
{
	struct vlan_ioctl_args a = { .cmd = ADD_VLAN_CMD, .u.VID = vid };
	snprintf(a.device1, sizeof a.device1, "%s", name);
	snprintf(made, room, "%s.%u", name, vid); /* VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD below */
	struct vlan_ioctl_args type = { .cmd = SET_VLAN_NAME_TYPE_CMD,
					.u.name_type = VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD };
	int r = ask(SIOCSIFVLAN, &type);
	return r < 0 ? r : ask(SIOCSIFVLAN, &a);
}

/* A peer that is read by packet socket must see frames as they are on a wire: no super frames, no
 * checksums left to hardware. What an interface cannot switch off it does not have. */
static void offloads_off(const char *name)
{
	static const uint32_t what[] = { ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO,
					 ETHTOOL_SGRO };
	for (unsigned i = 0; i < sizeof what / sizeof what[0]; i++) {
		struct ethtool_value v = { .cmd = what[i], .data = 0 };
		struct ifreq q = request_for(name);
		q.ifr_data = (void *)&v;
		ask(SIOCETHTOOL, &q);
	}
}

/* ---- rtnetlink ---- */

struct link_message {
	struct nlmsghdr head;
	struct ifinfomsg info;
	char attrs[256];
};

static struct rtattr *put(struct link_message *m, unsigned short type, const void *bytes,
			  size_t len)
{
	struct rtattr *a = (struct rtattr *)(void *)((char *)m + NLMSG_ALIGN(m->head.nlmsg_len));
	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), bytes, len);
	m->head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(m->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
	return a;
}

static void close_nest(struct link_message *m, struct rtattr *a)
{
	a->rta_len = (unsigned short)((char *)m + m->head.nlmsg_len - (char *)a);
}

/* Sends and waits for the kernel's word. */
static int talk(const struct link_message *m)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[512]; /* it quotes the request */
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	int r = 0;
	if (send(fd, m, m->head.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0)
		r = -errno;
	else if (answer.head.nlmsg_type == NLMSG_ERROR)
		r = answer.error.error;
	close(fd);
	return r;
}

static int make_pair(const char *name, const char *peer, int ns_fd)
{
	struct link_message m = { .head = { .nlmsg_len = NLMSG_LENGTH(sizeof m.info),
					    .nlmsg_type = RTM_NEWLINK,
					    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK |
							   NLM_F_CREATE | NLM_F_EXCL } };
	static const struct ifinfomsg none;
	put(&m, IFLA_IFNAME, name, strlen(name) + 1);
	struct rtattr *info = put(&m, IFLA_LINKINFO, NULL, 0);
	put(&m, IFLA_INFO_KIND, "veth", 4);
	struct rtattr *data = put(&m, IFLA_INFO_DATA, NULL, 0);
	struct rtattr *far = put(&m, VETH_INFO_PEER, &none, sizeof none);
	put(&m, IFLA_IFNAME, peer, strlen(peer) + 1);
	put(&m, IFLA_NET_NS_FD, &ns_fd, sizeof ns_fd);
	close_nest(&m, far);
	close_nest(&m, data);
	close_nest(&m, info);
	return talk(&m);
}

int netif_veth(const char *name, const char *peer, int ns_fd)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int r = here < 0 ? -errno : make_pair(name, peer, ns_fd);
	if (r == 0) {
		offloads_off(name);
		r = setns(ns_fd, CLONE_NEWNET) < 0 ? -errno : 0;
	}
	if (r == 0) {
		offloads_off(peer);
		r = netif_up(peer);
		if (setns(here, CLONE_NEWNET) < 0)
			r = -errno;
	}
	if (here >= 0)
		close(here);
	return r;
}

/* ---- counters ---- */

int netif_stats(const char *name, struct station_stats *st)
{
	struct ifaddrs *all;
	int r = -ENODEV;
	if (getifaddrs(&all) < 0)
		return -errno;
	*st = (struct station_stats){ 0 };
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		const struct rtnl_link_stats *k = a->ifa_data;
		if (!k || !a->ifa_addr || a->ifa_addr->sa_family != AF_PACKET ||
		    strcmp(a->ifa_name, name) != 0)
			continue;
		st->rx_frames = k->rx_packets;
		st->rx_bytes = k->rx_bytes;
		st->tx_frames = k->tx_packets;
		st->tx_bytes = k->tx_bytes;
		st->tx_dropped = k->tx_dropped + k->tx_errors;
		r = 0;
	}
	freeifaddrs(all);
	return r;
}
