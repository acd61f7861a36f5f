/* SPDX-License-Identifier: MIT */
/* portkeys.c - the table of port settings, and reading and showing them by it. */
#include "switch/core/portkeys.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/units.h"

enum key_kind {
	KEY_YES_NO, /* bool */
	KEY_COUNT,  /* uint32_t, min..max */
	KEY_WORDS,  /* char[max] */
};

struct port_key {
	const char *name;
	enum key_kind kind;
	size_t at; /* in struct port_config */
	uint32_t min, max;
};

#define AT(member) offsetof(struct port_config, member)
#define ROOM(member) sizeof(((struct port_config *)NULL)->member)

static const struct port_key keys[] = {
	{ "name", KEY_WORDS, AT(name), 0, ROOM(name) },
	{ "descr", KEY_WORDS, AT(descr), 0, ROOM(descr) },
	{ "up", KEY_YES_NO, AT(up), 0, 0 },
	{ "queue", KEY_COUNT, AT(queue), 0, PORT_QUEUE_MAX },
};
enum { KEYS = sizeof keys / sizeof *keys, KEY_NAME_MAX = 24 };

const char *port_key_at(const void *unused, size_t i)
{
	(void)unused;
	return i < KEYS ? keys[i].name : NULL;
}

static char as_written(char c)
{
	return c == '_' ? '-' : c;
}

static bool same_key(const char *a, const char *b)
{
	for (; *a && as_written(*a) == as_written(*b); a++)
		b++;
	return !*a && !*b;
}

static const struct port_key *find(const char *name)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (same_key(keys[i].name, name))
			return &keys[i];
	return NULL;
}

bool port_key_known(const char *key)
{
	return find(key);
}

/* --- reading
 * ---------------------------------------------------------------------------------------- */

static int set_words(const struct port_key *k, char *text, const char *value, struct err *e)
{
	size_t n = strlen(value);
	if (n >= k->max)
		return err_set(e, -EINVAL, "%s: longer than %u bytes", k->name, k->max - 1);
	memset(text, 0, k->max);
	memcpy(text, value, n);
	return 0;
}

static int set_count(const struct port_key *k, uint32_t *to, const char *value, struct err *e)
{
	uint64_t n;
	int r = unit_u64(value, k->min, k->max, &n, e);
	if (r < 0)
		return err_prefix(e, r, k->name);
	*to = (uint32_t)n;
	return 0;
}

static int set_yes_no(const struct port_key *k, bool *to, const char *value, struct err *e)
{
	int r = unit_bool(value, to, e);
	return r < 0 ? err_prefix(e, r, k->name) : 0;
}

int port_key_set(struct port_config *c, const char *key, const char *value, struct err *e)
{
	const struct port_key *k = find(key);
	if (!k) {
		const char *near = nearest_word(key, port_key_at, NULL);
		return err_set(e, -EINVAL,
			       near ? "%s: no such key; did you mean %s?" : "%s: no such key", key,
			       near);
	}
	if (!value)
		return err_set(e, -EINVAL, "%s: needs a value", k->name);
	void *at = (char *)c + k->at;
	switch (k->kind) {
	case KEY_YES_NO:
		return set_yes_no(k, at, value, e);
	case KEY_COUNT:
		return set_count(k, at, value, e);
	case KEY_WORDS:
		return set_words(k, at, value, e);
	}
	return -EINVAL;
}

/* --- showing
 * ---------------------------------------------------------------------------------------- */

static bool differs(const struct port_key *k, const struct port_config *a,
		    const struct port_config *b)
{
	const char *x = (const char *)a + k->at, *y = (const char *)b + k->at;
	switch (k->kind) {
	case KEY_YES_NO:
		return memcmp(x, y, sizeof(bool)) != 0;
	case KEY_COUNT:
		return memcmp(x, y, sizeof(uint32_t)) != 0;
	case KEY_WORDS:
		return strcmp(x, y) != 0;
	}
	return false;
}

/* As the command line takes it back: quoted where it must be, quotes and backslashes escaped. */
static void show_words(const char *key, const char *text, struct out *o)
{
	out_json_str(o, key, text);
	bool bare = *text && !strpbrk(text, " ,\"\\");
	if (bare) {
		out_text(o, " %s=%s", key, text);
		return;
	}
	out_text(o, " %s=\"", key);
	for (; *text; text++)
		out_text(o, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
	out_text(o, "\"");
}

static void show(const struct port_key *k, const struct port_config *c, struct out *o)
{
	const void *at = (const char *)c + k->at;
	char json[KEY_NAME_MAX]; /* lower_snake there */
	size_t n = 0;
	for (; k->name[n]; n++)
		json[n] = k->name[n] == '-' ? '_' : k->name[n];
	json[n] = '\0';
	if (k->kind == KEY_WORDS) {
		show_words(json, at, o);
		return;
	}
	out_text(o, " %s=", k->name);
	if (k->kind == KEY_YES_NO)
		out_bool(o, json, "%s", *(const bool *)at);
	else
		out_u64(o, json, "%" PRIu64, (uint64_t) * (const uint32_t *)at);
}

void port_keys_show(const struct port_config *c, bool all, struct out *o)
{
	struct port_config plain;
	port_config_default(&plain);
	for (unsigned i = 0; i < KEYS; i++)
		if (all || o->json || differs(&keys[i], c, &plain))
			show(&keys[i], c, o);
}
