/* SPDX-License-Identifier: MIT */
/* json.h - whether a text is one JSON value of RFC 8259 and nothing else: strict, small, and not
 * the code under test. UTF-8 is checked by the letter of RFC 3629. */
#ifndef DW_TESTS_UNIT_JSON_H
#define DW_TESTS_UNIT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline const char *json_value(const char *p, unsigned depth);

static inline const char *json_blanks(const char *p)
{
	return p ? p + strspn(p, " \t\n\r") : NULL;
}

static inline const char *json_utf8(const unsigned char *s)
{
	static const struct {
		unsigned char lo, hi, lo2, hi2, more;
	} rows[] = { /* RFC 3629 section 4, one row a line of its grammar */
		     { 0xc2, 0xdf, 0x80, 0xbf, 0 }, { 0xe0, 0xe0, 0xa0, 0xbf, 1 },
		     { 0xe1, 0xec, 0x80, 0xbf, 1 }, { 0xed, 0xed, 0x80, 0x9f, 1 },
		     { 0xee, 0xef, 0x80, 0xbf, 1 }, { 0xf0, 0xf0, 0x90, 0xbf, 2 },
		     { 0xf1, 0xf3, 0x80, 0xbf, 2 }, { 0xf4, 0xf4, 0x80, 0x8f, 2 }
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (s[0] < rows[i].lo || s[0] > rows[i].hi)
			continue;
		if (s[1] < rows[i].lo2 || s[1] > rows[i].hi2)
			return NULL;
		for (unsigned k = 0; k < rows[i].more; k++)
			if (s[2 + k] < 0x80 || s[2 + k] > 0xbf)
				return NULL;
		return (const char *)s + 2 + rows[i].more;
	}
	return NULL;
}

static inline const char *json_string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	while (p && *p != '"') {
		unsigned char c = (unsigned char)*p;
		if (c < 0x20)
			return NULL;
		if (c >= 0x80) {
			p = json_utf8((const unsigned char *)p);
		} else if (c != '\\') {
			p++;
		} else if (p[1] == 'u') {
			if (strspn(p + 2, "0123456789abcdefABCDEF") < 4)
				return NULL;
			p += 6;
		} else {
			if (!p[1] || !strchr("\"\\/bfnrt", p[1]))
				return NULL;
			p += 2;
		}
	}
	return p ? p + 1 : NULL;
}

static inline const char *json_number(const char *p)
{
	p += *p == '-';
	size_t n = strspn(p, "0123456789");
	return n && !(n > 1 && *p == '0') ? p + n : NULL;
}

static inline const char *json_members(const char *p, char end, unsigned depth)
{
	p = json_blanks(p + 1);
	if (*p == end)
		return p + 1;
	for (;;) {
		if (end == '}') {
			p = json_blanks(json_string(p));
			if (!p || *p++ != ':')
				return NULL;
		}
		p = json_blanks(json_value(p, depth + 1));
		if (!p || (*p != ',' && *p != end))
			return NULL;
		if (*p++ == end)
			return p;
		p = json_blanks(p);
	}
}

static inline const char *json_value(const char *p, unsigned depth)
{
	static const char *const words[] = { "true", "false", "null" };
	p = json_blanks(p);
	if (!p || depth > 100)
		return NULL;
	if (*p == '{' || *p == '[')
		return json_members(p, *p == '{' ? '}' : ']', depth);
	if (*p == '"')
		return json_string(p);
	for (size_t i = 0; i < 3; i++)
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	return json_number(p);
}

static inline bool json_is_valid(const char *text)
{
	const char *end = json_blanks(json_value(text, 0));
	return end && !*end;
}

#endif
