/* SPDX-License-Identifier: MIT */
/* locator.c - what the options say about a locator, added to it as keys. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plug/options.h"

struct text {
	char *out;
	size_t at, room;
};

static void put(struct text *t, char c)
{
	if (t->at + 1 < t->room)
		t->out[t->at] = c;
	t->at++;
}

static void put_quoted(struct text *t, const char *value)
{
	put(t, '"');
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			put(t, '\\');
		put(t, *value);
	}
	put(t, '"');
}

static void put_key(struct text *t, const char *key, const char *value)
{
	if (!value)
		return;
	put(t, ',');
	while (*key)
		put(t, *key++);
	put(t, '=');
	put_quoted(t, value);
}

/* libvdeplug 4 hands port, group and mode to every module; only a switch makes use of them. */
static bool is_switch(const char *locator)
{
	return strncmp(locator, "vde://", 6) == 0 || !strstr(locator, "://");
}

int options_locator(const struct options *o, unsigned i, char *out, size_t room)
{
	struct text t = { .out = out, .room = room };
	const char *locator = o->locator[i] && o->locator[i][0] ? o->locator[i] : "vde://";
	bool has_keys = !o->compat || is_switch(locator);
	if (o->compat) /* one text, commas and all */
		put_quoted(&t, locator);
	else
		for (const char *p = locator; *p; p++)
			put(&t, *p);
	if (o->compat || i == 0)
		put_key(&t, "descr", o->descr);
	if (has_keys) {
		put_key(&t, "group", o->group[i]);
		put_key(&t, "perm", o->mode[i]);
		put_key(&t, "port", o->port[i]);
	}
	out[t.at < room ? t.at : room - 1] = '\0';
	return t.at < room ? 0 : -EINVAL;
}
