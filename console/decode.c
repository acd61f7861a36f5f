/* SPDX-License-Identifier: MIT */
/* decode.c - frames in words: ARP, IPv4, IPv6, ICMP, UDP, TCP, spanning tree. Only numbers of ours
 * go into the text, never bytes of the frame. */
#include "console/decode.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/base/ether.h"
#include "lib/base/wire.h"

enum {
	ETHERTYPE_LLDP = 0x88cc,
	ETHERTYPE_SLOW = 0x8809,
	ETHERTYPE_PAUSE = 0x8808,
	ETHERTYPE_EAPOL = 0x888e,
	ETHERTYPE_EVB = 0x8940,
	ETHERTYPE_RARP = 0x8035
};
enum { IPPROTO_ICMP6_ = 58 };
enum { TAGS_MAX = 4 };

struct words {
	char *at;
	size_t room;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *w, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(w->at, w->room, fmt, ap);
	va_end(ap);
	size_t used = n < 0 ? 0 : (size_t)n < w->room ? (size_t)n : w->room - 1;
	w->at += used;
	w->room -= used;
}

static void add_ip(struct words *w, int family, const uint8_t *a)
{
	char text[INET6_ADDRSTRLEN] = "?";
	if (a)
		inet_ntop(family, a, text, sizeof text);
	add(w, "%s", text);
}

/* ---- above IP ---- */

/* The 20 bytes of RFC 9293 3.1; `len`: of the segment, header and all. */
static void tcp(struct words *w, struct rd *r, uint32_t len)
{
	static const char letters[] = "FSRPAUEC";
	unsigned from = rd_be16(r), to = rd_be16(r);
	uint32_t seq = rd_be32(r), ack = rd_be32(r);
	unsigned header = rd_u8(r) >> 4 << 2, bits = rd_u8(r), window = rd_be16(r);
	char flags[9];
	unsigned n = 0;
	for (unsigned i = 0; i < 8; i++)
		if (bits >> i & 1)
			flags[n++] = letters[i];
	flags[n] = '\0';
	add(w, " TCP %u>%u %s seq %" PRIu32, from, to, flags, seq);
	if (bits & 0x10)
		add(w, " ack %" PRIu32, ack);
	add(w, " win %u len %" PRIu32, window, len > header ? len - header : 0);
}

static void udp(struct words *w, struct rd *r)
{
	unsigned from = rd_be16(r), to = rd_be16(r), len = rd_be16(r);
	add(w, " UDP %u>%u len %u", from, to, len > 8 ? len - 8 : 0);
}

static void icmp(struct words *w, struct rd *r)
{
	unsigned type = rd_u8(r), code = rd_u8(r);
	rd_be16(r);
	if (type == 0 || type == 8) {
		unsigned id = rd_be16(r), seq = rd_be16(r);
		add(w, " ICMP echo %s id %u seq %u", type ? "request" : "reply", id, seq);
	} else {
		add(w, " ICMP type %u code %u", type, code);
	}
}

static void icmp6(struct words *w, struct rd *r)
{
	static const char *const neighbour[] = { "router solicitation", "router advertisement",
						 "neighbour solicitation",
						 "neighbour advertisement", "redirect" };
	unsigned type = rd_u8(r), code = rd_u8(r);
	rd_be16(r);
	if (type == 128 || type == 129) {
		unsigned id = rd_be16(r), seq = rd_be16(r);
		add(w, " ICMPv6 echo %s id %u seq %u", type == 128 ? "request" : "reply", id, seq);
	} else if (type >= 133 && type <= 137) {
		add(w, " ICMPv6 %s", neighbour[type - 133]);
		rd_be32(r);
		if (type == 135 || type == 136) {
			add(w, " ");
			add_ip(w, AF_INET6, rd_take(r, 16));
		}
	} else {
		add(w, " ICMPv6 type %u code %u", type, code);
	}
}

static void transport(struct words *w, struct rd *r, unsigned proto, uint32_t len)
{
	if (proto == 1)
		icmp(w, r);
	else if (proto == IPPROTO_ICMP6_)
		icmp6(w, r);
	else if (proto == 6)
		tcp(w, r, len);
	else if (proto == 17)
		udp(w, r);
	else
		add(w, " protocol %u len %" PRIu32, proto, len);
}

/* ---- network layer ---- */

static void ipv4(struct words *w, struct rd *r) /* RFC 791 3.1 */
{
	unsigned header = (rd_u8(r) & 15) * 4U;
	rd_u8(r);
	unsigned len = rd_be16(r), id = rd_be16(r), fragment = rd_be16(r);
	rd_u8(r);
	unsigned proto = rd_u8(r);
	rd_be16(r);
	add_ip(w, AF_INET, rd_take(r, 4));
	add(w, " > ");
	add_ip(w, AF_INET, rd_take(r, 4));
	if (header < 20 || len < header) {
		add(w, " bad header");
		return;
	}
	rd_take(r, header - 20);
	if (fragment & 0x1fff)
		add(w, " fragment id %u at %u len %u", id, (fragment & 0x1fff) * 8, len - header);
	else
		transport(w, r, proto, len - header);
}

static void ipv6(struct words *w,
		 struct rd *r) /* RFC 8200 3; hop-by-hop options are stepped over */
{
	rd_be32(r);
	uint32_t len = rd_be16(r);
	unsigned proto = rd_u8(r);
	rd_u8(r);
	add_ip(w, AF_INET6, rd_take(r, 16));
	add(w, " > ");
	add_ip(w, AF_INET6, rd_take(r, 16));
	if (proto == 0) {
		proto = rd_u8(r);
		unsigned more = rd_u8(r) * 8U + 8;
		rd_take(r, more - 2);
		len = len > more ? len - more : 0;
	}
	transport(w, r, proto, len);
}

static void arp(struct words *w, struct rd *r, const char *name) /* RFC 826 */
{
	char mac[MAC_TEXT_LEN];
	uint8_t sender[ETH_ALEN];
	rd_take(r, 6);
	unsigned op = rd_be16(r);
	rd_bytes(r, sender, sizeof sender);
	const uint8_t *from = rd_take(r, 4);
	rd_take(r, ETH_ALEN);
	const uint8_t *to = rd_take(r, 4);
	add(w, "%s ", name);
	if (op == 1) {
		add(w, "who has ");
		add_ip(w, AF_INET, to);
		add(w, " tell ");
		add_ip(w, AF_INET, from);
	} else if (op == 2) {
		add_ip(w, AF_INET, from);
		add(w, " is at %s", mac_format(mac, sender));
	} else {
		add(w, "operation %u of %s", op, mac_format(mac, sender));
	}
}

/* IEEE 802.1D-2004 9.3: what stands behind LLC 42-42-03. */
static void bpdu(struct words *w, struct rd *r)
{
	static const char *const roles[] = { "", " alternate", " root", " designated" };
	uint8_t root[8], bridge[8];
	char mac[MAC_TEXT_LEN];
	if (rd_be16(r) != 0) {
		add(w, "BPDU of another protocol");
		return;
	}
	unsigned version = rd_u8(r), type = rd_u8(r);
	if (type == 0x80) {
		add(w, "STP topology change notification");
		return;
	}
	unsigned flags = rd_u8(r);
	rd_bytes(r, root, sizeof root);
	uint32_t cost = rd_be32(r);
	rd_bytes(r, bridge, sizeof bridge);
	unsigned port = rd_be16(r);
	add(w, "%s%s%s%s%s", version >= 2 ? "RST" : "STP",
	    version >= 2 ? roles[flags >> 2 & 3] : "", flags & 2 ? " proposal" : "",
	    flags & 0x40 ? " agreement" : "", flags & 1 ? " change" : "");
	add(w, " root %u.%s cost %" PRIu32, root[0] << 8 | root[1], mac_format(mac, root + 2),
	    cost);
	add(w, " from %s port %04x", mac_format(mac, bridge + 2), port);
}

static void llc(struct words *w, struct rd *r, unsigned len)
{
	unsigned dsap = rd_u8(r), ssap = rd_u8(r), control = rd_u8(r);
	if (dsap == 0x42 && ssap == 0x42 && control == 3)
		bpdu(w, r);
	else
		add(w, "LLC %02x>%02x len %u", ssap, dsap, len);
}

static void payload(struct words *w, struct rd *r, unsigned type)
{
	switch (type) {
	case ETHERTYPE_IPV4:
		ipv4(w, r);
		break;
	case ETHERTYPE_IPV6:
		ipv6(w, r);
		break;
	case ETHERTYPE_ARP:
		arp(w, r, "ARP");
		break;
	case ETHERTYPE_RARP:
		arp(w, r, "RARP");
		break;
	case ETHERTYPE_LLDP:
		add(w, "LLDP");
		break;
	case ETHERTYPE_SLOW:
		add(w, "slow protocol %u", rd_u8(r)); /* 802.3 57A.4: 1 is LACP */
		break;
	case ETHERTYPE_PAUSE:
		add(w, "MAC control %u", rd_be16(r));
		break;
	case ETHERTYPE_EAPOL:
		add(w, "EAPOL");
		break;
	case ETHERTYPE_EVB:
		add(w, "ECP (edge control)");
		break;
	default:
		if (type < 1536)
			llc(w, r, type);
		else
			add(w, "type 0x%04x", type);
		break;
	}
}

void decode_frame(const uint8_t *bytes, size_t there, struct frame_line *f)
{
	struct rd r = rd_over(bytes, there);
	struct words w = { f->text, sizeof f->text };
	uint8_t dst[ETH_ALEN], src[ETH_ALEN];
	f->text[0] = '\0';
	rd_bytes(&r, dst, sizeof dst);
	rd_bytes(&r, src, sizeof src);
	mac_format(f->dst, dst);
	mac_format(f->src, src);
	unsigned type = rd_be16(&r);
	for (int i = 0; i < TAGS_MAX && (type == ETHERTYPE_CVLAN || type == ETHERTYPE_SVLAN); i++) {
		uint16_t vid = rd_be16(&r) & 0xfff;
		if (i == 0)
			f->vlan = vid;
		else
			add(&w, "vlan %u ", vid);
		type = rd_be16(&r);
	}
	payload(&w, &r, type);
	if (r.bad)
		add(&w, " (cut short)");
}
