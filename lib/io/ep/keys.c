/* SPDX-License-Identifier: MIT */
/* keys.c - the parts of a locator: "BASE[,key=value...]". A comma inside quotes is text; a piece
 * without
 * '=' belongs to the key before it ("trunk=10,20-30"). */
#include <errno.h>
#include <string.h>

#include "lib/base/units.h"
#include "lib/io/ep/impl.h"

/* Cuts at the first comma that stands in no quotes; returns what follows, NULL at the end. */
static char *cut_piece(char *text)
{
	char quote = '\0';
	for (char *p = text; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (quote)
			quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == ',') {
			*p = '\0';
			return p + 1;
		}
	}
	return NULL;
}

static bool is_key(const char *piece)
{
	size_t n =
		strspn(piece, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
	return n > 0 && piece[n] == '=';
}

int ep_keys_parse(struct ep_keys *k, const char *locator, struct err *err)
{
	k->count = 0;
	size_t len = strlen(locator);
	if (len >= sizeof k->text)
		return err_set(err, -EINVAL, "locator is longer than %zu bytes",
			       sizeof k->text - 1);
	memcpy(k->text, locator, len + 1);
	k->base = k->text;
	char *next = cut_piece(k->text);
	while (next) {
		char *piece = next;
		next = cut_piece(piece);
		if (!is_key(piece)) {
			if (!k->count)
				return err_set(err, -EINVAL, "%s: '%s' is not key=value", k->base,
					       piece);
			piece[-1] = ','; /* goes on with the value before it */
			continue;
		}
		if (k->count == EP_KEYS_MAX)
			return err_set(err, -EINVAL, "%s: more than %d keys", k->base, EP_KEYS_MAX);
		char *eq = strchr(piece, '=');
		*eq = '\0';
		k->key[k->count].name = piece;
		k->key[k->count++].value = eq + 1;
	}
	return 0;
}

bool ep_key_is(const char *name, const char *wanted)
{
	for (; *name && *wanted; name++, wanted++)
		if (*name != *wanted &&
		    !((*name == '-' || *name == '_') && (*wanted == '-' || *wanted == '_')))
			return false;
	return *name == *wanted;
}

const char *ep_key(const struct ep_keys *k, const char *name)
{
	for (unsigned i = k->count; i-- > 0;) /* the last one counts */
		if (ep_key_is(k->key[i].name, name))
			return k->key[i].value;
	return NULL;
}

int ep_key_bool(const struct ep_keys *k, const char *name, bool *yes, struct err *err)
{
	const char *v = ep_key(k, name);
	int r = v ? unit_bool(v, yes, err) : 0;
	return r < 0 ? err_prefix(err, r, name) : 0;
}

int ep_key_number(const struct ep_keys *k, const char *name, uint64_t min, uint64_t max,
		  uint64_t *n, struct err *err)
{
	const char *v = ep_key(k, name);
	int r = v ? unit_u64(v, min, max, n, err) : 0;
	return r < 0 ? err_prefix(err, -EINVAL, name) : 0;
}

/* The end of the quoted text that begins at `p`, or NULL. */
static const char *closing(const char *p)
{
	for (char quote = *p++; *p; p++) {
		if (*p == '\\' && quote == '"' && p[1])
			p++;
		else if (*p == quote)
			return p;
	}
	return NULL;
}

void ep_unquote(char *text)
{
	if (*text != '"' && *text != '\'')
		return;
	const char *end = closing(text);
	if (!end || end[1])
		return; /* the quotes do not stand around it all */
	char quote = *text, *out = text;
	for (const char *p = text + 1; p < end; p++) {
		if (*p == '\\' && quote == '"' && (p[1] == '"' || p[1] == '\\'))
			p++;
		*out++ = *p;
	}
	*out = '\0';
}
