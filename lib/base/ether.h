/* SPDX-License-Identifier: MIT */
/* ether.h - Ethernet constants and MAC addresses (IEEE 802.3, 802.1Q-2018 9.4-9.6). Pure. */
#ifndef DW_BASE_ETHER_H
#define DW_BASE_ETHER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
	ETH_ALEN = 6,
	ETH_HLEN = 14, /* two addresses and a type: the shortest frame that has any meaning */
	ETH_FRAME_MAX =
		9234,   /* longest frame we pass: 9216 + header + one tag (vdeplug4's limit) */
	VID_MAX = 4094, /* 1..4094; 0 is "no VLAN" (priority tag), 4095 is reserved */
	VID_COUNT = 4096,
};

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_CVLAN = 0x8100, /* 802.1Q customer tag */
	ETHERTYPE_SVLAN = 0x88a8, /* 802.1ad service tag */
	ETHERTYPE_IPV6 = 0x86dd,
};

#define MAC_TEXT_LEN 18 /* "xx:xx:xx:xx:xx:xx" and its NUL */

static inline bool mac_is_group(const uint8_t mac[static 6])
{
	return mac[0] & 1;
}

static inline bool mac_eq(const uint8_t a[static 6], const uint8_t b[static 6])
{
	return memcmp(a, b, ETH_ALEN) == 0;
}

/* 01-80-C2-00-00-00..0F: never forwarded by a standard bridge (802.1Q-2018 table 8-1). */
static inline bool mac_is_reserved(const uint8_t mac[static 6])
{
	static const uint8_t prefix[5] = { 0x01, 0x80, 0xc2, 0x00, 0x00 };
	return memcmp(mac, prefix, sizeof prefix) == 0 && mac[5] < 0x10;
}

/* The address as a number, first byte highest: a table key and a sort order. */
static inline uint64_t mac_to_u64(const uint8_t mac[static 6])
{
	/* in two words: compilers know each as one load */
	uint32_t high =
		(uint32_t)mac[0] << 24 | (uint32_t)mac[1] << 16 | (uint32_t)mac[2] << 8 | mac[3];
	uint32_t low = (uint32_t)mac[4] << 8 | mac[5];
	return (uint64_t)high << 16 | low;
}

static inline void mac_from_u64(uint8_t mac[static 6], uint64_t v)
{
	for (int i = 5; i >= 0; i--, v >>= 8)
		mac[i] = (uint8_t)v;
}

/* Writes "02:00:00:00:00:01" into `buf` and returns it. */
char *mac_format(char buf[static MAC_TEXT_LEN], const uint8_t mac[static 6]);
/* Reads six hex bytes joined by ':', '-' or '.'; 0 or -EINVAL (mac untouched). The whole text. */
int mac_parse(uint8_t mac[static 6], const char *text);

#endif
