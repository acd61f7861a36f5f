/* SPDX-License-Identifier: MIT */
/* json.c - RFC 8259, read in place. */
#include "console/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/text.h"

enum { DEPTH_MAX = 64 };

void json_init(struct json *j, const char *text, size_t len)
{
	*j = (struct json){ .at = text, .end = text + len };
}

static void fail(struct json *j)
{
	j->bad = true;
	j->at = j->end;
}

static void blanks(struct json *j)
{
	while (j->at < j->end &&
	       (*j->at == ' ' || *j->at == '\n' || *j->at == '\t' || *j->at == '\r'))
		j->at++;
}

char json_peek(struct json *j)
{
	blanks(j);
	return j->at < j->end ? *j->at : '\0';
}

bool json_end(struct json *j)
{
	return json_peek(j) == '\0' && j->at == j->end && !j->bad && !j->depth;
}

static bool take(struct json *j, char c)
{
	if (json_peek(j) != c || !c)
		return false;
	j->at++;
	return true;
}

/* ---- brackets ---- */

static bool enter(struct json *j, char bracket)
{
	if (json_peek(j) != bracket) {
		json_skip(j);
		return false;
	}
	if (j->depth == DEPTH_MAX) {
		fail(j);
		return false;
	}
	j->at++;
	j->depth++;
	j->first = true;
	return true;
}

bool json_object(struct json *j)
{
	return enter(j, '{');
}

bool json_list(struct json *j)
{
	return enter(j, '[');
}

/* Past the comma to the next one; false: the bracket closed, or it was bad. */
static bool next(struct json *j, char close)
{
	if (j->bad)
		return false;
	if (take(j, close)) {
		j->depth--;
		j->first = false;
		return false;
	}
	if (!j->first && !take(j, ',')) {
		fail(j);
		return false;
	}
	j->first = false;
	return true;
}

bool json_item(struct json *j)
{
	if (!next(j, ']'))
		return false;
	if (json_peek(j) == ']' || !json_peek(j))
		fail(j);
	return !j->bad;
}

/* Past the closing quote of a string whose opening one was taken; its length, or SIZE_MAX. */
static size_t string_end(struct json *j)
{
	const char *start = j->at;
	while (j->at < j->end && *j->at != '"') {
		if ((unsigned char)*j->at < 0x20)
			break;
		j->at += *j->at == '\\' && j->end - j->at > 1 ? 2 : 1;
	}
	if (j->at >= j->end || *j->at != '"') {
		fail(j);
		return SIZE_MAX;
	}
	return (size_t)(j->at++ - start);
}

bool json_member(struct json *j, char *key, size_t size)
{
	if (!next(j, '}'))
		return false;
	if (!take(j, '"')) {
		fail(j);
		return false;
	}
	const char *start = j->at;
	size_t n = string_end(j);
	if (n == SIZE_MAX || !take(j, ':')) {
		fail(j);
		return false;
	}
	n = n < size ? n : size - 1;
	memcpy(key, start, n);
	key[n] = '\0';
	return true;
}

/* ---- values ---- */

static void skip_word(struct json *j)
{
	const char *start = j->at;
	while (j->at < j->end && !strchr(",]} \t\r\n\"[{:", *j->at))
		j->at++;
	if (j->at == start)
		fail(j);
}

void json_skip(struct json *j)
{
	unsigned deep = 0;
	do {
		char c = json_peek(j);
		if (c == '{' || c == '[') {
			j->at++;
			if (++deep > DEPTH_MAX)
				fail(j);
		} else if (deep && (c == '}' || c == ']')) {
			j->at++;
			deep--;
		} else if (deep && (c == ',' || c == ':')) {
			j->at++;
		} else if (c == '"') {
			j->at++;
			string_end(j);
		} else {
			skip_word(j);
		}
	} while (deep && !j->bad);
}

static bool hex4(const char *at, const char *end, uint32_t *v)
{
	*v = 0;
	if (end - at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)at[i];
		unsigned char d = (unsigned char)(c | 0x20);
		if (c >= '0' && c <= '9')
			*v = *v << 4 | (uint32_t)(c - '0');
		else if (d >= 'a' && d <= 'f')
			*v = *v << 4 | (uint32_t)(d - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* One character of a string, unescaped; the bytes taken. */
static size_t unescape(const char *at, const char *end, uint32_t *ch)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	uint32_t low;
	if (*at != '\\' || end - at < 2)
		return text_next(at, end, ch);
	if (at[1] != 'u') {
		const char *f = strchr(from, at[1]);
		*ch = f && *f ? (unsigned char)to[f - from] : (unsigned char)at[1];
		return 2;
	}
	bool good = hex4(at + 2, end, ch);
	if (good && *ch >= 0xd800 && *ch < 0xdc00 && end - at >= 12 && at[6] == '\\' &&
	    at[7] == 'u' && hex4(at + 8, end, &low) && low >= 0xdc00 && low < 0xe000) {
		*ch = 0x10000 + ((*ch - 0xd800) << 10) + (low - 0xdc00);
		return 12;
	}
	if (!good || (*ch >= 0xd800 && *ch < 0xe000) || !*ch)
		*ch = 0xfffd;
	return end - at < 6 ? (size_t)(end - at) : 6;
}

void json_str(struct json *j, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!take(j, '"')) {
		json_skip(j);
		return;
	}
	const char *at = j->at;
	size_t n = string_end(j), used = 0;
	if (n == SIZE_MAX)
		return;
	for (const char *end = at + n; at < end;) {
		char one[5];
		uint32_t ch;
		at += unescape(at, end, &ch);
		size_t len = text_utf8(ch, one);
		if (used + len >= size)
			break;
		memcpy(buf + used, one, len);
		used += len;
	}
	buf[used] = '\0';
}

uint64_t json_u64(struct json *j)
{
	char c = json_peek(j);
	if (c < '0' || c > '9') {
		json_skip(j);
		return 0;
	}
	uint64_t v = 0;
	for (; j->at < j->end && *j->at >= '0' && *j->at <= '9'; j->at++)
		v = v * 10 + (uint64_t)(*j->at - '0');
	if (j->at < j->end && !strchr(",]} \t\r\n", *j->at)) {
		skip_word(j); /* a fraction or an exponent: no integer */
		return 0;
	}
	return v;
}

int64_t json_i64(struct json *j)
{
	bool minus = json_peek(j) == '-';
	if (minus)
		j->at++;
	uint64_t v = json_u64(j);
	v = v > INT64_MAX ? INT64_MAX : v;
	return minus ? -(int64_t)v : (int64_t)v;
}

bool json_bool(struct json *j)
{
	bool v = json_peek(j) == 't';
	json_skip(j);
	return v;
}

void json_text(struct json *j, char *buf, size_t size)
{
	if (json_peek(j) == '"') {
		json_str(j, buf, size);
		return;
	}
	const char *start = j->at;
	json_skip(j);
	snprintf(buf, size, "%.*s", (int)(j->bad ? 0 : j->at - start), start);
}
