/* SPDX-License-Identifier: MIT */
/* reserved.c - reserved group addresses: telling them, reading and showing policies. */
#include "switch/core/reserved.h"

#include <errno.h>
#include <stdio.h>

static const char *const words[] = { "wire", "peer", "forward", "drop" };

int reserved_index(const uint8_t mac[static ETH_ALEN])
{
	static const uint8_t cisco[5] = { 0x01, 0x00, 0x0c, 0xcc, 0xcc };
	if (mac[0] != 0x01)
		return -1;
	if (mac_is_reserved(mac))
		return mac[5];
	if (!memcmp(mac, cisco, sizeof cisco) && (mac[5] == 0xcc || mac[5] == 0xcd))
		return RESERVED_CISCO + mac[5] - 0xcc;
	return -1;
}

static unsigned last_byte(unsigned i)
{
	return i < RESERVED_CISCO ? i : 0xcc + i - RESERVED_CISCO;
}

/* --- reading --- */

static bool preset(uint8_t policy[static RESERVED_ADDRESSES], const char *text)
{
	bool standard = strcmp(text, "standard") == 0;
	if (!standard && strcmp(text, "wire") != 0)
		return false;
	for (unsigned i = 0; i < RESERVED_ADDRESSES; i++)
		policy[i] = standard && i < RESERVED_CISCO ? RESERVED_PEER : RESERVED_WIRE;
	return true;
}

static bool same_address(const char *text, unsigned i) /* two hex digits and a colon */
{
	char want[8];
	snprintf(want, sizeof want, "%02X:", last_byte(i));
	for (unsigned k = 0; k < 3; k++) {
		char c = text[k] >= 'a' && text[k] <= 'f' ? (char)(text[k] - 'a' + 'A') : text[k];
		if (c != want[k])
			return false;
	}
	return true;
}

static int exception(uint8_t policy[static RESERVED_ADDRESSES], const char *text, struct err *e)
{
	for (unsigned i = 0; i < RESERVED_ADDRESSES; i++) {
		if (!same_address(text, i))
			continue;
		for (unsigned p = RESERVED_WIRE; p <= RESERVED_DROP; p++)
			if (!strcmp(text + 3, words[p])) {
				policy[i] = (uint8_t)p;
				return 0;
			}
	}
	return err_set(e, -EINVAL,
		       "\"%s\" is neither wire nor standard nor like 0E:peer (00..0F, CC, CD; "
		       "peer, forward, drop, wire)",
		       text);
}

int reserved_parse(uint8_t policy[static RESERVED_ADDRESSES], const char *text, struct err *e)
{
	uint8_t got[RESERVED_ADDRESSES] = { 0 };
	for (bool first = true;; first = false) {
		char piece[16];
		size_t n = strcspn(text, ",");
		if (n >= sizeof piece)
			return err_set(e, -EINVAL, "\"%s\" is too long", text);
		memcpy(piece, text, n);
		piece[n] = '\0';
		if (!first || !preset(got, piece)) {
			int r = exception(got, piece, e);
			if (r < 0)
				return r;
		}
		if (!text[n])
			break;
		text += n + 1;
	}
	memcpy(policy, got, sizeof got);
	return 0;
}

/* --- showing --- */

void reserved_show(const uint8_t policy[static RESERVED_ADDRESSES], const char *json_key,
		   struct out *o)
{
	uint8_t base[RESERVED_ADDRESSES];
	preset(base, "standard");
	bool standard = !memcmp(base, policy, sizeof base);
	if (!standard)
		preset(base, "wire");
	out_list(o, json_key);
	out_str(o, NULL, "%s", standard ? "standard" : "wire");
	for (unsigned i = 0; i < RESERVED_ADDRESSES; i++) {
		char text[16];
		if (policy[i] == base[i])
			continue;
		snprintf(text, sizeof text, "%02X:%s", last_byte(i), words[policy[i]]);
		out_text(o, ",");
		out_str(o, NULL, "%s", text);
	}
	out_end_list(o);
}
