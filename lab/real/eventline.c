/* SPDX-License-Identifier: MIT */
/* eventline.c - an event as a management socket tells it, one flat JSON object, back to struct
 * event.
 */
#include "lab/real/eventline.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ether.h"

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

/* The string there, quotes and backslashes as they were, control bytes as '?'. NULL: null. */
static const char *string_of(const char *line, const char *key, char *out, size_t room)
{
	const char *p = value_of(line, key);
	size_t n = 0;
	if (!p || *p++ != '"')
		return NULL;
	for (; *p && *p != '"'; p++) {
		char c = *p;
		if (c == '\\' && p[1]) {
			c = *++p;
			for (unsigned i = 0; c == 'u' && i < 4 && isxdigit((unsigned char)p[1]);
			     i++)
				p++;
			c = strchr("ubfnrt", c) ? '?' : c; /* control bytes */
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

int eventline_read(struct eventline *e, const char *line)
{
	char kind[32], mac[MAC_TEXT_LEN];
	int k = string_of(line, "event", kind, sizeof kind) ? event_kind_of(kind) : -EINVAL;
	if (k < 0)
		return k;
	e->event = (struct event){
		.kind = (enum event_kind)k,
		.port = number_of(line, "port"),
		.port2 = number_of(line, "from_port"),
		.vid = number_of(line, "vlan"),
		.name = string_of(line, "name", e->name, sizeof e->name),
		.text = string_of(line, "text", e->text, sizeof e->text),
	};
	if (string_of(line, "mac", mac, sizeof mac))
		mac_parse(e->event.mac, mac);
	return 0;
}
