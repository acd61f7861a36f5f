/* SPDX-License-Identifier: MIT */
/* ports_assign.c - which port a plug gets (VDE's rules: the lowest that is free, a wish by number,
 * several endpoints of one user behind one port), who may have it, and the settings in a locator.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switch/access.h"
#include "switch/core/portkeys.h"
#include "switch/ports_inner.h"

static bool port_exists(const struct ports *p, unsigned port)
{
	return bridge_port_config(p->bridge, port) != NULL;
}

static int make_port(struct ports *p, unsigned port, struct err *e)
{
	struct port_config c;
	port_config_default(&c);
	return bridge_port_apply(p->bridge, port, &c, loop_now(p->loop), e);
}

static int may_use(const struct slot *s, int uid, int gid)
{
	return !s || access_allows(s->rule.uid, s->rule.gid, uid, gid) ? 0 : -EPERM;
}

static int choose_any(struct ports *p, int uid, int gid)
{
	unsigned ports = bridge_config(p->bridge)->numports;
	for (unsigned port = 1; port <= ports; port++) {
		const struct slot *s = slot_of(p, port);
		if (!port_exists(p, port))
			return (int)port;
		if (s && !s->members && s->rule.allocatable && may_use(s, uid, gid) == 0)
			return (int)port;
	}
	return -ENOSPC;
}

static int choose_this(struct ports *p, unsigned port, int uid, int gid)
{
	const struct slot *s = slot_of(p, port);
	if (port > bridge_config(p->bridge)->numports)
		return -EINVAL;
	unsigned members = 0;
	for (const struct ports_member *m = s ? s->members : NULL; m; m = m->next) {
		if (m->uid != uid)
			return -EADDRINUSE;
		members++;
	}
	return members < PORTS_MEMBERS_MAX ? may_use(s, uid, gid) : -ENOSPC;
}

int ports_choose(struct ports *p, int wanted, int uid, int gid, struct err *e)
{
	ports_settle(p); /* who has just left holds no port */
	int port = wanted;
	int r = wanted < 0 ? port = choose_any(p, uid, gid)
			   : choose_this(p, (unsigned)wanted, uid, gid);
	if (r == -ENOSPC)
		return err_set(e, r, "no port is free");
	if (r == -EINVAL)
		return err_set(e, r, "port %d: there are only %u", wanted,
			       bridge_config(p->bridge)->numports);
	if (r == -EPERM)
		return err_set(e, r, "port %d: not for user %d", wanted, uid);
	if (r == -EADDRINUSE)
		return err_set(e, r, "port %d: in use by another user", wanted);
	if (port_exists(p, (unsigned)port))
		return port;
	struct slot *s = slot_make(p, (unsigned)port);
	r = s ? make_port(p, (unsigned)port, e) : -ENOMEM;
	if (r < 0)
		return r;
	s->rule = (struct ports_rule){ .allocatable = true,
				       .uid = PORTS_NOBODY,
				       .gid = PORTS_NOBODY };
	s->fresh = true;
	return port;
}

/* VDE calls a tap "tuntap"; any other locator is named by its scheme. */
static void module_of(char *out, size_t room, const char *locator)
{
	const char *end = strstr(locator, "://");
	int len = end ? (int)(end - locator) : 0;
	if (len == 3 && strncmp(locator, "tap", 3) == 0)
		snprintf(out, room, "tuntap");
	else if (len > 0)
		snprintf(out, room, "%.*s", len, locator);
	else
		snprintf(out, room, "%s", strcmp(locator, "-") == 0 ? "stream" : "vde");
}

/* The end of the first "key=value" in `text`: a comma piece without '=' belongs to the key before
 * it. */
static char *keyval_end(char *text)
{
	char *end = text + strcspn(text, ",");
	while (*end) {
		const char *piece = end + 1;
		if (memchr(piece, '=', strcspn(piece, ",")))
			break;
		end += 1 + strcspn(piece, ",");
	}
	return end;
}

/* The port keys that a locator carried: "vlan=10,name=x". */
static int set_keys(struct ports *p, unsigned port, char *text, struct err *e)
{
	struct port_config c = *bridge_port_config(p->bridge, port);
	if (!*text)
		return 0;
	while (*text) {
		char *end = keyval_end(text), *key, *value;
		char *next = *end ? end + 1 : end;
		*end = '\0';
		args_keyval(text, &key, &value);
		int r = value ? port_key_set(&c, key, value, e)
			      : err_set(e, -EINVAL, "%s: no value", key);
		if (r < 0)
			return r;
		text = next;
	}
	return bridge_port_apply(p->bridge, port, &c, loop_now(p->loop), e);
}

int ports_open(struct ports *p, const char *locator, int wanted, struct err *e)
{
	char module[16];
	struct ep_rest rest = { "" };
	int uid = (int)getuid();
	int port = ports_choose(p, wanted, 0, 0, e); /* what the switch opens itself asks nobody */
	if (port < 0)
		return port;
	struct slot *s = slot_make(p, (unsigned)port); /* a port that port/set made has none yet */
	if (!s)
		return -ENOMEM;
	bool made = s->fresh;
	module_of(module, sizeof module, locator);
	struct ports_member *m = member_new(p, (unsigned)port, module, uid);
	int r = m ? ep_open(&m->ep, p->loop, locator, &member_host, m, &rest, e) : -ENOMEM;
	if (r == 0) {
		r = set_keys(p, (unsigned)port, rest.text, e);
		if (r < 0)
			ep_close(m->ep);
	}
	if (r < 0) {
		free(m);
		if (made)
			ports_remove(p, (unsigned)port);
		return r;
	}
	add_member(p, s, m);
	return port;
}

/* ---- what commands ask for ---- */

int ports_make(struct ports *p, unsigned port, struct err *e)
{
	if (port > bridge_config(p->bridge)->numports)
		return -EINVAL;
	if (port_exists(p, port))
		return -EEXIST;
	struct slot *s = slot_make(p, port);
	int r = s ? make_port(p, port, e) : -ENOMEM;
	if (r == 0)
		s->rule = (struct ports_rule){ .uid = PORTS_NOBODY, .gid = PORTS_NOBODY };
	return r;
}

int ports_lowest_unmade(const struct ports *p)
{
	unsigned ports = bridge_config(p->bridge)->numports;
	for (unsigned port = 1; port <= ports; port++) {
		if (!port_exists(p, port))
			return (int)port;
	}
	return -ENOSPC;
}

int ports_remove(struct ports *p, unsigned port)
{
	ports_settle(p);
	struct slot *s = slot_of(p, port);
	if (port > bridge_config(p->bridge)->numports)
		return -EINVAL;
	if (!port_exists(p, port))
		return -ENXIO;
	if (s && s->members)
		return -EADDRINUSE;
	int r = bridge_port_remove(p->bridge, port, loop_now(p->loop));
	if (r == 0 && s) {
		p->slots[port] = NULL;
		free(s);
	}
	return r;
}

void ports_forget(struct ports *p, unsigned port)
{
	struct slot *s = slot_of(p, port);
	if (!s || s->members)
		return;
	s->rule = (struct ports_rule){ .uid = PORTS_NOBODY, .gid = PORTS_NOBODY };
	s->base = (struct port_stats){ 0 };
}

struct ports_rule ports_rule(const struct ports *p, unsigned port)
{
	const struct slot *s = slot_of(p, port);
	return s ? s->rule : (struct ports_rule){ .uid = PORTS_NOBODY, .gid = PORTS_NOBODY };
}

int ports_set_rule(struct ports *p, unsigned port, struct ports_rule rule)
{
	struct slot *s = slot_make(p, port);
	if (!s)
		return -ENOMEM;
	s->rule = rule;
	return 0;
}

void ports_counters(const struct ports *p, unsigned port, struct port_stats *out)
{
	const struct slot *s = slot_of(p, port);
	bridge_port_stats(p->bridge, port, out);
	if (!s)
		return;
	out->rx_frames -= s->base.rx_frames;
	out->rx_bytes -= s->base.rx_bytes;
	out->tx_frames -= s->base.tx_frames;
	out->tx_bytes -= s->base.tx_bytes;
}

int ports_reset_counters(struct ports *p, unsigned port)
{
	struct slot *s = slot_make(p, port);
	if (!s)
		return -ENOMEM;
	bridge_port_stats(p->bridge, port, &s->base);
	return 0;
}
