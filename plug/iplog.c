/* SPDX-License-Identifier: MIT */
/* iplog.c - who came and went, and with which IP addresses, in vdeplug4's words. */
#include "plug/iplog.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/base/ether.h"

enum { SEEN_MAX = 1024, ADDRESS_MAX = 16 };

/* Addresses seen lately, one a slot: one that loses its slot to another is told again. */
struct seen {
	uint8_t address[ADDRESS_MAX];
	uint16_t vlan;
	uint8_t len; /* 4 or 16; 0: empty */
};
static struct seen seen[SEEN_MAX];

static const char *user(void)
{
	const struct passwd *p = getpwuid(getuid());
	return p ? p->pw_name : "?";
}

static const char *came_from(char *out, size_t room) /* SSH_CLIENT: "ADDRESS PORT PORT" */
{
	const char *client = getenv("SSH_CLIENT");
	if (!client)
		return "UNKNOWN_IP_ADDRESS";
	snprintf(out, room, "%.*s", (int)strcspn(client, " "), client);
	return out;
}

void iplog_say(const char *what)
{
	char from[64];
	openlog("vde_plug", 0, LOG_USER);
	syslog(LOG_INFO, "%s: user %s IP %s", what, user(), came_from(from, sizeof from));
}

static unsigned slot_of(const uint8_t *address, unsigned len, unsigned vlan)
{
	uint32_t h = 2166136261u ^ vlan; /* FNV-1a */
	for (unsigned i = 0; i < len; i++)
		h = (h ^ address[i]) * 16777619u;
	return (h ^ h >> 16) % SEEN_MAX;
}

static void note(const uint8_t *address, unsigned len, unsigned vlan)
{
	struct seen *s = &seen[slot_of(address, len, vlan)];
	if (s->len == len && s->vlan == vlan && memcmp(s->address, address, len) == 0)
		return;
	s->len = (uint8_t)len;
	s->vlan = (uint16_t)vlan;
	memcpy(s->address, address, len);
	char from[64], text[INET6_ADDRSTRLEN];
	inet_ntop(len == 4 ? AF_INET : AF_INET6, address, text, sizeof text);
	syslog(LOG_INFO, "user %s Real-IP %s has got VDE-IP%d %s on vlan %u", user(),
	       came_from(from, sizeof from), len == 4 ? 4 : 6, text, vlan);
}

void iplog_frame(const struct frame *f)
{
	uint32_t at = 2 * ETH_ALEN + f->ntags * 4u;
	unsigned vlan = f->ntags ? f->tag[0].tci & 0xfff : 0;
	if (f->len < at + 2 + 20 /* the type and the shortest header */)
		return;
	const uint8_t *type = f->data + at, *ip = type + 2;
	unsigned ethertype = (unsigned)type[0] << 8 | type[1];
	/* Sources 0.0.0.0 and :: are of those that have none yet. */
	static const uint8_t none[ADDRESS_MAX];
	if (ethertype == ETHERTYPE_IPV4 && ip[0] >> 4 == 4) {
		if (memcmp(ip + 12, none, 4) != 0)
			note(ip + 12, 4, vlan);
	} else if (ethertype == ETHERTYPE_IPV6 && ip[0] >> 4 == 6 && f->len >= at + 2 + 40) {
		if (memcmp(ip + 8, none, 16) != 0)
			note(ip + 8, 16, vlan);
	}
}
