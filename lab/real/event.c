/* SPDX-License-Identifier: MIT */
/* event.c - an event as a management socket tells it, one flat JSON object, back to struct event.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/real/real.h"

/* What stands behind "key": in a flat object whose strings escape quotes; NULL: no such key. */
static const char *value_of(const char *line, const char *key)
{
	size_t n = strlen(key);
	bool string = false;
	for (const char *p = line; *p; p++) {
		if (*p == '\\' && p[1]) {
			p++;
		} else if (*p == '"') {
			bool begins = !string;
			string = !string;
			if (begins && strncmp(p + 1, key, n) == 0 &&
			    strncmp(p + 1 + n, "\":", 2) == 0)
				return p + n + 3;
		}
	}
	return NULL;
}

/* The string there, escapes of one character undone, others (\u00xx: control bytes) as '?'. NULL:
 * null. */
static const char *string_of(const char *line, const char *key, char *out, size_t room)
{
	const char *p = value_of(line, key);
	size_t n = 0;
	if (!p || *p++ != '"')
		return NULL;
	for (; *p && *p != '"'; p++) {
		char c = *p;
		if (c == '\\' && p[1]) {
			c = *++p == 'u' ? '?' : *p;
			for (unsigned i = 0; *p == 'u' && i < 4 && isxdigit((unsigned char)p[1]);
			     i++)
				p++;
		}
		if (n + 1 < room)
			out[n++] = c;
	}
	out[n] = '\0';
	return out;
}

static unsigned number_of(const char *line, const char *key)
{
	const char *p = value_of(line, key);
	return p ? (unsigned)strtoul(p, NULL, 10) : 0;
}

int real_event(struct real *r, struct ref who, const char *line)
{
	char kind[32], name[128], text[512], mac[MAC_TEXT_LEN];
	const struct world_hooks *h = &r->world.setup->hooks;
	int k = string_of(line, "event", kind, sizeof kind) ? event_kind_of(kind) : -EINVAL;
	if (k < 0 ||
	    !r->standing) /* "event.lost" is none; while all is being built no lab looks on */
		return k;
	struct event ev = {
		.kind = (enum event_kind)k,
		.at = real_now(r), /* the other side's clock counts from its own start */
		.port = number_of(line, "port"),
		.port2 = number_of(line, "from_port"),
		.vid = number_of(line, "vlan"),
		.name = string_of(line, "name", name, sizeof name),
		.text = string_of(line, "text", text, sizeof text),
	};
	if (string_of(line, "mac", mac, sizeof mac))
		mac_parse(ev.mac, mac);
	real_happened(r);
	if (h->event)
		h->event(h->ctx, who, &ev);
	return k;
}
