/* SPDX-License-Identifier: MIT */
/* vde_debug.c - VDE's debug/ and plugin/ menus, and the lines "3TTT path text" of those who asked.
 * Tags and formats: vde-2 port.c, hash.c, fstp.c as observed. There are no plug-ins to load:
 * plugin/ answers as a switch that has none. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/ether.h"
#include "switch/sw.h"

enum category { /* bits of a session's mask, in VDE's order */
		HASH_NEW,
		HASH_GONE,
		PORT_NEW,
		PORT_GONE,
		PORT_DESCR,
		EP_NEW,
		EP_GONE,
		CATEGORIES,
};

static const struct {
	const char *path;
	unsigned tag; /* printed in octal */
	const char *help;
} categories[CATEGORIES] = {
	[HASH_NEW] = { "hash/+", 011, "hash: new element" },
	[HASH_GONE] = { "hash/-", 012, "hash: discarded element" },
	[PORT_NEW] = { "port/+", 021, "new port" },
	[PORT_GONE] = { "port/-", 022, "closed port" },
	[PORT_DESCR] = { "port/descr", 023, "set port description" },
	[EP_NEW] = { "port/ep/+", 031, "new endpoint" },
	[EP_GONE] = { "port/ep/-", 032, "closed endpoint" },
};

static uint64_t bit(enum category c)
{
	return UINT64_C(1) << c;
}

__attribute__((format(printf, 3, 4))) static void say(struct mgmt *m, enum category c,
						      const char *fmt, ...)
{
	char text[320], line[400];
	va_list ap;
	if (!(mgmt_debug_mask(m) & bit(c)))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	snprintf(line, sizeof line, "3%03o %s %s", categories[c].tag, categories[c].path, text);
	mgmt_debug_line(m, bit(c), line);
}

void vde_debug_plugged(struct mgmt *m, const struct ports_member *p, bool first)
{
	if (first)
		say(m, PORT_NEW, "%02u", p->port);
	say(m, EP_NEW, "Port %02u FD %2u", p->port, p->id);
	if (*p->ep->descr)
		say(m, PORT_DESCR, "Port %02u FD %2u -> \"%s\"", p->port, p->id, p->ep->descr);
}

void vde_debug_unplugged(struct mgmt *m, const struct ports_member *p, bool last)
{
	say(m, EP_GONE, "Port %02u FD %2u", p->port, p->id);
	if (last)
		say(m, PORT_GONE, "%02u", p->port);
}

/* VDE prints the two bytes of the VLAN as they lie in memory: low one first. */
static void say_address(struct mgmt *m, enum category c, const struct event *ev, unsigned port)
{
	char mac[MAC_TEXT_LEN];
	say(m, c, "%s VLAN %02x:%02x Port %u", mac_format(mac, ev->mac), ev->vid & 0xffu,
	    ev->vid >> 8, port);
}

void vde_debug_event(struct mgmt *m, const struct event *ev)
{
	if (ev->kind == EVENT_FDB_MOVE)
		say_address(m, HASH_GONE, ev, ev->port2);
	if (ev->kind == EVENT_FDB_MOVE || ev->kind == EVENT_FDB_LEARN)
		say_address(m, HASH_NEW, ev, ev->port);
}

uint64_t vde_debug_events(const struct mgmt *m)
{
	if (mgmt_debug_mask(m) & (bit(HASH_NEW) | bit(HASH_GONE)))
		return event_bit(EVENT_FDB_LEARN) | event_bit(EVENT_FDB_MOVE);
	return 0;
}

/* ---- commands: the prefix is the whole tail, as VDE takes it ---- */

static uint64_t matching(const char *prefix) /* no word: all of them */
{
	uint64_t mask = 0;
	for (unsigned c = 0; c < CATEGORIES; c++) {
		if (strncmp(categories[c].path, prefix, strlen(prefix)) == 0)
			mask |= bit(c);
	}
	return mask;
}

static int debug_list(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const uint64_t *on = mgmt_debug(sw->mgmt);
	uint64_t mask = matching(a->tail);
	char tag[8];
	(void)e;
	out_text(o, "%-22s %-3s %-6s %s\n", "CATEGORY", "TAG", "STATUS", "HELP");
	out_text(o, "%-22s %-3s %-6s %s\n", "------------", "---", "------", "----");
	out_list(o, "categories");
	for (unsigned c = 0; c < CATEGORIES; c++) {
		if (!(mask & bit(c)))
			continue;
		bool is_on = on && *on & bit(c);
		snprintf(tag, sizeof tag, "%03o", categories[c].tag);
		out_object(o, NULL);
		out_str(o, "path", "%-22s ", categories[c].path);
		out_str(o, "tag", "%s ", tag);
		out_bool(o, "on", NULL, is_on);
		out_text(o, "%-6s ", is_on ? "ON" : "OFF");
		out_str(o, "help", "%s\n", categories[c].help);
		out_end_object(o);
	}
	out_end_list(o);
	return mask ? 0 : -ENOENT;
}

static int debug_add(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t *on = mgmt_debug(sw->mgmt);
	uint64_t mask = matching(a->tail);
	(void)o, (void)e;
	if (!mask)
		return -EINVAL;
	if (!on)
		return -EBADF; /* a script has nobody who would read them */
	if (!(mask & ~*on))
		return -EEXIST;
	*on |= mask;
	return 0;
}

static int debug_del(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t *on = mgmt_debug(sw->mgmt);
	uint64_t mask = matching(a->tail);
	(void)o, (void)e;
	if (!mask)
		return -EINVAL;
	if (!on || !(mask & *on))
		return -ENOENT;
	*on &= ~mask;
	return 0;
}

static int plugin_list(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)a, (void)e;
	out_text(o, "%-22s %s\n", "NAME", "HELP");
	out_text(o, "%-22s %s\n", "------------", "----");
	out_list(o, "plugins");
	out_end_list(o);
	return o->json ? 0 : -ENOENT; /* VDE: an empty list is no list */
}

static int plugin_add(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)o, (void)e;
	return a->count ? -ENOENT : -EINVAL;
}

static int plugin_del(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)a, (void)o, (void)e;
	return -ENOENT;
}

enum { DATA = CMD_VDE | CMD_DATA | CMD_RAW, RAW = CMD_VDE | CMD_RAW };

const struct cmd_row vde_debug_commands[] = {
	{ "debug", "============", "DEBUG MENU", 0, NULL },
	{ "debug/list", "", "list debug categories", DATA, debug_list },
	{ "debug/add", "dbgpath", "enable debug info for a given category", RAW, debug_add },
	{ "debug/del", "dbgpath", "disable debug info for a given category", RAW, debug_del },
	{ "plugin", "============", "PLUGINS MENU", 0, NULL },
	{ "plugin/list", "", "list plugins", DATA, plugin_list },
	{ "plugin/add", "library", "load a plugin", RAW, plugin_add },
	{ "plugin/del", "name", "unload a plugin", RAW, plugin_del },
	{ 0 },
};
