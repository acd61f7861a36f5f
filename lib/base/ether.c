/* SPDX-License-Identifier: MIT */
/* ether.c - MAC addresses as text. */
#include "lib/base/ether.h"

#include <errno.h>

char *mac_format(char buf[static MAC_TEXT_LEN], const uint8_t mac[static 6])
{
	static const char hex[] = "0123456789abcdef";
	char *p = buf;
	for (int i = 0; i < ETH_ALEN; i++) {
		*p++ = hex[mac[i] >> 4];
		*p++ = hex[mac[i] & 15];
		*p++ = i == ETH_ALEN - 1 ? '\0' : ':';
	}
	return buf;
}

static int hex_digit(char c) /* -1: none; not isxdigit(), which asks the locale */
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(uint8_t mac[static 6], const char *text)
{
	uint8_t out[ETH_ALEN];
	char sep = '\0';
	for (int i = 0; i < ETH_ALEN; i++) {
		if (i == 1 && (*text == ':' || *text == '-' || *text == '.'))
			sep = *text;
		if (i > 0 && (*text != sep || !*text++))
			return -EINVAL;
		int v = hex_digit(*text);
		if (v < 0)
			return -EINVAL;
		text++;
		if (hex_digit(*text) >= 0) /* VDE writes 0:ff:1 too */
			v = v << 4 | hex_digit(*text++);
		out[i] = (uint8_t)v;
	}
	if (*text)
		return -EINVAL;
	memcpy(mac, out, sizeof out);
	return 0;
}
