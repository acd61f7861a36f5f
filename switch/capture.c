/* SPDX-License-Identifier: MIT */
/* capture.c - what crosses the ports, captured: one interface a port, named as the port is. */
#include <errno.h>
#include <stdio.h>

#include "lib/cli/opts.h"
#include "lib/ext/filter.h"
#include "lib/io/captures.h"
#include "switch/sw.h"

static int find_port(void *ctx, const char *word, struct err *e)
{
	int port = sw_port_arg(ctx, word);
	return port < 0 ? err_set(e, -EINVAL, "%s: no such port", word) : port;
}

static void name_port(void *ctx, unsigned port, char out[static CAPTURES_NAME])
{
	(void)ctx;
	snprintf(out, CAPTURES_NAME, "%u", port);
}

static unsigned any_port(void *ctx)
{
	const struct sw *sw = ctx;
	unsigned port = bridge_port_after(sw->bridge, -1);
	return port == UINT_MAX ? 0 : port;
}

static void describe_port(void *ctx, unsigned port, struct pcapng_interface *i)
{
	static char name[PORT_NAME_MAX], descr[256];
	const struct sw *sw = ctx;
	const struct port_config *c = bridge_port_config(sw->bridge, port);
	const struct ports_member *m = ports_members(sw->ports, port);
	if (c && *c->name)
		snprintf(name, sizeof name, "%s", c->name);
	else
		snprintf(name, sizeof name, "port %u", port);
	const char *who = m ? *m->ep->descr ? m->ep->descr : m->ep->locator : "";
	snprintf(descr, sizeof descr, "port %u%s%.200s", port, *who ? ": " : "", who);
	i->name = name;
	i->descr = descr;
}

static void want_frames(void *ctx, bool on)
{
	const struct sw *sw = ctx;
	bridge_want_tap(sw->bridge, on);
}

static void on_event(void *ctx, const struct event *ev)
{
	const struct sw *sw = ctx;
	if (capture_went_wrong(ev->text))
		log_error("capture %s: %s", ev->name, ev->text);
	if (sw->mgmt)
		mgmt_event(sw->mgmt, ev);
}

int sw_captures_open(struct sw *sw)
{
	static const struct captures_host host = {
		.point = find_port,
		.name = name_port,
		.any = any_port,
		.describe = describe_port,
		.compile = filter_compile,
		.wanted = want_frames,
		.event = on_event,
	};
	sw->captures = captures_new(sw->loop, "dw-switch " DW_VERSION, &host, sw);
	return sw->captures ? 0 : -ENOMEM;
}

void sw_tap(void *ctx, unsigned port, enum bridge_dir dir, const struct pieces *frame,
	    enum drop_reason why, int64_t now)
{
	const struct sw *sw = ctx;
	const struct capture_note note = { .flags = dir == BRIDGE_IN ? PCAPNG_IN : PCAPNG_OUT,
					   .why = why };
	captures_frame(sw->captures, port, &note, frame, now);
}
