/* SPDX-License-Identifier: MIT */
/* out.c - the two-faced reply writer: text by formats, JSON (RFC 8259) by keys. */
#include "lib/proto/out.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 256 };

void out_init(struct out *o, bool json)
{
	*o = (struct out){ .json = json };
}

void out_fini(struct out *o)
{
	free(o->text);
	out_init(o, o->json);
}

void out_clear(struct out *o)
{
	o->len = 0;
	o->oom = o->comma = false;
	o->depth = 0;
	o->lists = 0;
	if (o->text)
		o->text[0] = '\0';
}

/* Room for `more` bytes and the NUL after them. */
static bool reserve(struct out *o, size_t more)
{
	if (o->oom)
		return false;
	if (more < o->room - o->len) /* room is 0 or > len */
		return true;
	size_t room = o->room ? o->room : ROOM_FIRST;
	while (room - o->len <= more) {
		if (room > SIZE_MAX / 2)
			goto fail;
		room *= 2;
	}
	char *text = realloc(o->text, room);
	if (!text)
		goto fail;
	o->text = text;
	o->room = room;
	return true;
fail:
	o->oom = true;
	return false;
}

void out_raw(struct out *o, const char *bytes, size_t len)
{
	if (!reserve(o, len))
		return;
	if (len)
		memcpy(o->text + o->len, bytes, len);
	o->len += len;
	o->text[o->len] = '\0';
}

static void put(struct out *o, const char *text)
{
	out_raw(o, text, strlen(text));
}

__attribute__((format(printf, 2, 0))) static void vprint(struct out *o, const char *fmt, va_list ap)
{
	if (!reserve(o, 0))
		return;
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(o->text + o->len, o->room - o->len, fmt, ap);
	if (n >= 0 && (size_t)n >= o->room - o->len) { /* cut: once more, with room enough */
		o->text[o->len] = '\0';
		if (reserve(o, (size_t)n))
			vsnprintf(o->text + o->len, o->room - o->len, fmt, again);
		else
			n = 0;
	}
	va_end(again);
	if (n > 0)
		o->len += (size_t)n;
}

__attribute__((format(printf, 2, 3))) static void print(struct out *o, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vprint(o, fmt, ap);
	va_end(ap);
}

void out_text(struct out *o, const char *fmt, ...)
{
	if (o->json)
		return;
	va_list ap;
	va_start(ap, fmt);
	vprint(o, fmt, ap);
	va_end(ap);
}

/* ---- JSON ---- */

/* Length of the UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates, to U+10FFFF), or
 * 0. */
static size_t utf8_len(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	unsigned lo = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	unsigned hi = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
	if (s[1] < lo || s[1] > hi)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80) /* the NUL at the end stops this too */
			return 0;
	return n;
}

static void put_escaped(struct out *o, unsigned char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	const char *at = strchr(plain, c);
	if (at)
		print(o, "\\%c", letter[at - plain]);
	else
		print(o, "\\u%04x", c);
}

static void put_string(struct out *o, const char *v)
{
	if (!v) {
		put(o, "null");
		return;
	}
	put(o, "\"");
	const unsigned char *s = (const unsigned char *)v, *run = s;
	while (*s) {
		size_t n = utf8_len(s);
		if (n > 1 || (n == 1 && *s >= 0x20 && *s != '"' && *s != '\\' && *s != 0x7f)) {
			s += n;
			continue;
		}
		out_raw(o, (const char *)run, (size_t)(s - run));
		if (n)
			put_escaped(o, *s);
		else
			put(o, "\\ufffd");
		run = ++s;
	}
	out_raw(o, (const char *)run, (size_t)(s - run));
	put(o, "\"");
}

static bool in_list(const struct out *o)
{
	return o->depth && (o->lists >> o->depth & 1);
}

static void open_bracket(struct out *o, bool list)
{
	assert(o->depth < OUT_DEPTH_MAX);
	put(o, list ? "[" : "{");
	o->depth++;
	o->lists &= ~(UINT64_C(1) << o->depth);
	o->lists |= (uint64_t)list << o->depth;
	o->comma = false;
}

static void close_bracket(struct out *o, bool list)
{
	assert(o->depth && in_list(o) == list);
	put(o, list ? "]" : "}");
	o->depth--;
	o->comma = true;
}

/* What stands before a value: the comma, and the key in an object. */
static void lead_in(struct out *o, const char *key)
{
	if (!o->depth && key) {
		assert(!o->len); /* a second document would follow the first */
		open_bracket(o, false);
	}
	if (o->comma)
		put(o, ",");
	o->comma = true;
	if (!o->depth || in_list(o)) {
		assert(!key);
		return;
	}
	assert(key);
	put_string(o, key);
	put(o, ":");
}

void out_object(struct out *o, const char *key)
{
	if (!o->json)
		return;
	lead_in(o, key);
	open_bracket(o, false);
}

void out_end_object(struct out *o)
{
	if (o->json)
		close_bracket(o, false);
}

void out_list(struct out *o, const char *key)
{
	if (!o->json)
		return;
	lead_in(o, key);
	open_bracket(o, true);
}

void out_end_list(struct out *o)
{
	if (o->json)
		close_bracket(o, true);
}

void out_done(struct out *o)
{
	if (!o->json)
		return;
	if (!o->len)
		open_bracket(o, false);
	while (o->depth)
		close_bracket(o, in_list(o));
}

void out_json_u64(struct out *o, const char *key, uint64_t v)
{
	if (!o->json)
		return;
	lead_in(o, key);
	print(o, "%" PRIu64, v);
}

void out_json_i64(struct out *o, const char *key, int64_t v)
{
	if (!o->json)
		return;
	lead_in(o, key);
	print(o, "%" PRId64, v);
}

void out_json_str(struct out *o, const char *key, const char *v)
{
	if (!o->json)
		return;
	lead_in(o, key);
	put_string(o, v);
}

void out_json_null(struct out *o, const char *key)
{
	out_json_str(o, key, NULL);
}

void out_json_raw(struct out *o, const char *key, const char *json, size_t len)
{
	if (!o->json)
		return;
	lead_in(o, key);
	out_raw(o, json, len);
}

/* ---- facts with two faces ---- */

/* Whether the first conversion of `fmt` takes a 64-bit argument: l, ll, j, z and t are all 64 bits
 * wide where we run, no modifier (and h, hh) is an int. */
static bool takes_wide(const char *fmt)
{
	static_assert(sizeof(long) == 8 && sizeof(size_t) == 8, "LP64");
	const char *p = fmt;
	while ((p = strchr(p, '%')) && p[1] == '%')
		p += 2;
	assert(p);
	p += 1 + strspn(p + 1, "0123456789 +-#.");
	return strchr("ljzt", *p) != NULL;
}

void out_u64(struct out *o, const char *key, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (!o->json)
		vprint(o, fmt, ap);
	else if (takes_wide(fmt))
		out_json_u64(o, key, va_arg(ap, uint64_t));
	else
		out_json_u64(o, key, va_arg(ap, unsigned));
	va_end(ap);
}

void out_i64(struct out *o, const char *key, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (!o->json)
		vprint(o, fmt, ap);
	else if (takes_wide(fmt))
		out_json_i64(o, key, va_arg(ap, int64_t));
	else
		out_json_i64(o, key, va_arg(ap, int));
	va_end(ap);
}

/* The formats were checked against one string argument where the caller wrote them. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void print_one_string(struct out *o, const char *fmt, const char *v)
{
	print(o, fmt, v);
}
#pragma GCC diagnostic pop

void out_str(struct out *o, const char *key, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *v = va_arg(ap, const char *);
	va_end(ap);
	if (o->json)
		out_json_str(o, key, v);
	else
		print_one_string(o, fmt, v ? v : "-");
}

void out_bool(struct out *o, const char *key, const char *fmt, bool v)
{
	if (o->json) {
		lead_in(o, key);
		put(o, v ? "true" : "false");
	} else if (fmt) {
		print_one_string(o, fmt, v ? "yes" : "no");
	}
}
