/* SPDX-License-Identifier: MIT */
/* vxlan_open.c - what a locator of vxlan:// says, and the sockets that it asks for. */
#include "lib/io/ep/vxlan.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/netns.h"
#include "lib/proto/vxlan.h"

struct setup { /* what a locator says */
	char host[INET_HOST_LEN], port[INET_PORT_LEN], own[INET_HOST_LEN], own_port[INET_PORT_LEN];
	char interface[IF_NAMESIZE];
	uint64_t vni, ttl;             /* ttl 0: the system's, for a group 1 */
	bool whole;                    /* df=yes: never in pieces */
	struct inet to;                /* where `host` and `port` lead */
	enum { IN, OUT, PROBE } which; /* the socket to open now */
};

/* ---- what a locator says ---- */

static int put(char *to, size_t room, const char *text, size_t len, struct err *err)
{
	if (len >= room)
		return err_set(err, -EINVAL, "%.40s...: too long", text);
	memcpy(to, text, len);
	to[len] = '\0';
	return 0;
}

/* "HOST", "HOST:PORT", "[HOST]", "[HOST]:PORT", an IPv6 address bare. */
static int read_host(struct setup *s, const char *text, size_t len, struct err *err)
{
	char whole[INET_HOST_LEN + INET_PORT_LEN] = "";
	int r = put(whole, sizeof whole, text, len, err);
	if (r < 0 || !len)
		return r;
	const char *first = strchr(whole, ':'), *last = strrchr(whole, ':');
	if (whole[0] != '[' && first == last && first)
		return inet_split(whole, s->host, s->port) < 0
			       ? err_set(err, -EINVAL, "%s: not HOST:PORT", whole)
			       : 0;
	if (whole[0] != '[')
		return put(s->host, sizeof s->host, whole, strlen(whole), err);
	const char *end = strchr(whole, ']');
	if (!end || (end[1] && inet_split(whole, s->host, s->port) < 0))
		return err_set(err, -EINVAL, "%s: not [HOST]:PORT", whole);
	return put(s->host, sizeof s->host, whole + 1, (size_t)(end - whole) - 1, err);
}

/* local=ADDR or local=ADDR:PORT or local=:PORT */
static int read_local(struct setup *s, const char *text, struct err *err)
{
	struct setup t = { .host = "" };
	if (!text)
		return 0;
	int r = text[0] == ':' ? put(t.port, sizeof t.port, text + 1, strlen(text + 1), err)
			       : read_host(&t, text, strlen(text), err);
	memcpy(s->own, t.host, sizeof s->own);
	if (*t.port)
		memcpy(s->own_port, t.port, sizeof s->own_port);
	return r;
}

static int read_number(const char *name, const char *text, uint64_t max, uint64_t *n,
		       struct err *err)
{
	int r = unit_u64(text, 0, max, n, err);
	return r < 0 ? err_prefix(err, -EINVAL, name) : 0;
}

static int read_key(struct setup *s, const char *name, const char *value, struct err *err)
{
	if (strcmp(name, "vni") == 0)
		return read_number(name, value, VXLAN_VNI_MAX, &s->vni, err);
	if (strcmp(name, "ttl") == 0)
		return read_number(name, value, 255, &s->ttl, err);
	if (strcmp(name, "port") == 0)
		return put(s->port, sizeof s->port, value, strlen(value), err);
	if (strcmp(name, "if") == 0 || strcmp(name, "interface") == 0)
		return put(s->interface, sizeof s->interface, value, strlen(value), err);
	return 0; /* libvdeplug's others do not matter here */
}

/* libvdeplug writes its keys behind slashes: "vxlan://239.0.0.1/vni=2/ttl=3". */
static int read_pieces(struct setup *s, char *text, struct err *err)
{
	int r = 0;
	for (char *next = text; !r && (text = next) != NULL;) {
		next = strchr(text, '/');
		if (next)
			*next++ = '\0';
		char *value = strchr(text, '=');
		if (value)
			*value++ = '\0';
		r = read_key(s, text, value ? value : "", err);
	}
	return r;
}

static int read_setup(struct setup *s, char *rest, const struct ep_keys *keys, struct err *err)
{
	size_t host = strcspn(rest, "/");
	int r = read_host(s, rest, host, err);
	if (!r && rest[host])
		r = read_pieces(s, rest + host + 1, err);
	for (const char *const *k = (const char *const[]){ "vni", "ttl", "interface", NULL };
	     !r && *k; k++)
		if (ep_key(keys, *k))
			r = read_key(s, *k, ep_key(keys, *k), err);
	if (!r)
		r = ep_key_bool(keys, "df", &s->whole, err);
	if (!*s->host)
		snprintf(s->host, sizeof s->host, "239.0.0.1"); /* libvdeplug's */
	if (!r)
		r = inet_find(&s->to, s->host, s->port, 0, err);
	snprintf(s->own_port, sizeof s->own_port, "%s", s->port);
	return r < 0 ? r : read_local(s, ep_key(keys, "local"), err);
}

/* ---- sockets ---- */

static int option(int fd, int family, int v4, int v6, int value)
{
	bool four = family == AF_INET;
	return setsockopt(fd, four ? IPPROTO_IP : IPPROTO_IPV6, four ? v4 : v6, &value,
			  sizeof value);
}

static int join_group(int fd, const struct inet *to, unsigned ifindex)
{
	struct group_req g = { .gr_interface = ifindex };
	memcpy(&g.gr_group, &to->room, to->len);
	return setsockopt(fd, to->any.sa_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
			  MCAST_JOIN_GROUP, &g, sizeof g);
}

static int send_by(int fd, int family, unsigned ifindex)
{
	struct ip_mreqn by = { .imr_ifindex = (int)ifindex };
	if (family != AF_INET)
		return setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof ifindex);
	return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by);
}

/* Of several in one group on one machine each gets what the group gets. */
static int open_in(int fd, const struct setup *s, struct inet *own, unsigned ifindex)
{
	bool group = inet_is_group(&s->to);
	int family = s->to.any.sa_family;
	if (group && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
		      option(fd, family, IP_MULTICAST_ALL, IPV6_MULTICAST_ALL, 0) < 0))
		return -errno;
	if (bind(fd, &own->any, own->len) < 0)
		return -errno;
	return group && join_group(fd, &s->to, ifindex) < 0 ? -errno : 0;
}

static int open_out(int fd, const struct setup *s, struct inet *own, unsigned ifindex)
{
	int family = s->to.any.sa_family, ttl = (int)s->ttl;
	inet_set_port(own, 0);
	if (bind(fd, &own->any, own->len) < 0 || (ifindex && send_by(fd, family, ifindex) < 0))
		return -errno;
	if (ttl && (option(fd, family, IP_TTL, IPV6_UNICAST_HOPS, ttl) < 0 ||
		    option(fd, family, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, ttl) < 0))
		return -errno;
	int pieces = s->whole ? IP_PMTUDISC_DO : IP_PMTUDISC_WANT; /* the same numbers for IPv6 */
	return option(fd, family, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, pieces) < 0 ? -errno : 0;
}

/* Connected, so that its own address is the one that the kernel sends from to there. */
static int open_probe(int fd, const struct setup *s, struct inet *own, unsigned ifindex)
{
	int r = open_out(fd, s, own, ifindex);
	return !r && connect(fd, &s->to.any, s->to.len) < 0 ? -errno : r;
}

static int open_socket(void *arg, struct err *err)
{
	static int (*const open_as[])(int fd, const struct setup *s, struct inet *own,
				      unsigned ifindex) = { open_in, open_out, open_probe };
	const struct setup *s = arg;
	struct inet own;
	int r = inet_find(&own, s->own, s->own_port, s->to.any.sa_family, err);
	if (r < 0)
		return r;
	unsigned ifindex = *s->interface ? if_nametoindex(s->interface) : 0;
	if (*s->interface && !ifindex)
		return err_set(err, -ENODEV, "interface %s: %s", s->interface, strerror(errno));
	int fd = socket(s->to.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, -errno, "%s", strerror(errno));
	r = open_as[s->which](fd, s, &own, ifindex);
	if (!r)
		return fd;
	close(fd);
	if (r == -ENODEV || r == -ENETUNREACH)
		return err_set(err, r,
			       "%s: no interface leads there; name one: interface=", s->host);
	return err_set(err, r, "%s:%s: %s", s->own, s->own_port, strerror(-r));
}

/* ---- both ---- */

static int open_as(struct setup *s, int which, const char *netns, struct err *err)
{
	s->which = which;
	return netns_open(netns, open_socket, s, err);
}

/* How the others of the group see us. */
static int see_self(struct vxlan_way *w, struct setup *s, const char *netns, struct err *err)
{
	struct inet sender = { .len = sizeof sender.room };
	if (getsockname(w->out, &sender.any, &sender.len) < 0)
		return err_set(err, -errno, "%s", strerror(errno));
	w->self_port = inet_port(&sender);
	w->self = sender;
	if (!w->group)
		return 0;
	int fd = open_as(s, PROBE, netns, err);
	w->self.len = sizeof w->self.room;
	int r = fd >= 0 && getsockname(fd, &w->self.any, &w->self.len) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : r < 0 ? err_set(err, r, "%s", strerror(-r)) : 0;
}

int vxlan_find_way(struct vxlan_way *w, const char *rest, const struct ep_keys *keys,
		   struct err *err)
{
	struct setup s = { .port = "4789", .vni = 1 };
	const char *netns = ep_key(keys, "netns");
	char text[EP_TEXT_MAX];
	snprintf(text, sizeof text, "%s", rest);
	ep_unquote(text);
	int r = read_setup(&s, text, keys, err);
	if (r < 0)
		return r;
	*w = (struct vxlan_way){ .in = -1,
				 .out = -1,
				 .vni = (uint32_t)s.vni,
				 .to = s.to,
				 .group = inet_is_group(&s.to) };
	r = w->in = open_as(&s, IN, netns, err);
	if (r >= 0)
		r = w->out = open_as(&s, OUT, netns, err);
	if (r >= 0)
		r = see_self(w, &s, netns, err);
	if (r >= 0)
		return 0;
	for (const int *fd = (const int[]){ w->in, w->out, -1 }; *fd >= 0; fd++)
		close(*fd);
	return r;
}
