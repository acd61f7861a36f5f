/* SPDX-License-Identifier: MIT */
/* net.h - a VDE server in a folder of its own, with a host that gives ports and keeps what is
 * plugged in; and our client to plug in with. */
#ifndef DW_TESTS_UNIT_IO_NET_H
#define DW_TESTS_UNIT_IO_NET_H

#include <errno.h>

#include "lib/base/units.h"
#include "lib/io/vde_server.h"
#include "lib/proto/vde.h"
#include "tests/unit/io/listener.h"

enum { PORTS = 8 };

struct net { /* a server, and who is plugged in */
	struct loop *loop;
	struct folder folder;
	char dir[96];
	struct vde_server *server;
	struct listener port[PORTS];
	struct vde_plug last;
	unsigned admitted, said;
	int refuse; /* negative errno: everybody */
	char words[256];
};

static inline int admit(void *ctx, const struct vde_plug *plug, struct err *why)
{
	struct net *n = ctx;
	n->admitted++;
	n->last = *plug;
	if (n->refuse)
		return err_set(why, n->refuse, "nobody gets in");
	if (plug->request.port != VDE_PORT_ANY)
		return plug->request.port < PORTS ? plug->request.port : -ENXIO;
	for (int i = 1; i < PORTS; i++)
		if (!n->port[i].ep)
			return i;
	return -ENOSPC;
}

static inline void plugged(void *ctx, unsigned port, struct ep *e, const struct vde_plug *plug)
{
	struct net *n = ctx;
	(void)plug;
	assert_null(n->port[port].ep);
	assert_true(e->is_up);
	n->port[port].ep = e;
	e->host = &listener_host;
	e->ctx = &n->port[port];
}

static inline void say(void *ctx, const char *words)
{
	struct net *n = ctx;
	n->said++;
	snprintf(n->words, sizeof n->words, "%s", words);
}

static const struct vde_server_host server_host = { .admit = admit,
						    .plugged = plugged,
						    .say = say };
static const struct vde_server_config plain = {
	.mode = -1, .dirmode = -1, .gid = -1, .mgmt_mode = 0600, .mgmt_gid = -1
};

/* Keys that every plug gets besides its own. */
static const char *net_keys = "";

static inline struct net *net_new(void)
{
	struct net *n = calloc(1, sizeof *n);
	struct err err = { "" };
	struct vde_server_config c = plain;
	n->loop = loop_new();
	n->folder = folder_new();
	snprintf(n->dir, sizeof n->dir, "%s/sw", n->folder.path);
	c.dir = n->dir;
	if (vde_server_open(&n->server, n->loop, &c, &server_host, n, &err) < 0)
		fail_msg("%s", err.text);
	return n;
}

static inline void net_free(struct net *n)
{
	for (int i = 0; i < PORTS; i++)
		ep_close(n->port[i].ep);
	vde_server_close(n->server);
	assert_int_not_equal(access(n->dir, F_OK), 0); /* nothing is left behind */
	assert_int_equal(rmdir(n->folder.path), 0);
	loop_free(n->loop);
	free(n);
}

static inline void plug_in(struct net *n, const char *keys, struct listener *h)
{
	char locator[160];
	struct err err = { "" };
	snprintf(locator, sizeof locator, "%s%s%s", n->dir, keys, net_keys);
	if (ep_open(&h->ep, n->loop, locator, &listener_host, h, NULL, &err) < 0)
		fail_msg("%s", err.text);
	UNTIL(n->loop, h->ups || h->closes);
}

#endif
