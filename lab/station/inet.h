/* SPDX-License-Identifier: MIT */
/* inet.h - the Internet checksum (RFC 1071) and the IPv4 header (RFC 791). Pure. */
#ifndef DW_LAB_STATION_INET_H
#define DW_LAB_STATION_INET_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/wire.h"

enum { IPPROTO_OF_ICMP = 1, IPPROTO_OF_TCP = 6, IPPROTO_OF_UDP = 17 };
enum { IPV4_HLEN = 20, IPV4_TTL = 64 };

/* A sum of big-endian 16-bit words. Pieces are added in order; all but the last have even length.
 */
uint64_t inet_sum(uint64_t sum, const void *bytes, size_t len);
uint16_t inet_checksum(
	uint64_t sum); /* folded and complemented; over good bytes with theirs in: 0 */

struct ipv4 {
	uint32_t src, dst;
	uint8_t proto;
	const uint8_t *payload; /* borrowed */
	uint16_t len;           /* of the payload, by the header: link padding is not in it */
};

enum ipv4_verdict { IPV4_GOOD, IPV4_MALFORMED, IPV4_CHECKSUM, IPV4_FRAGMENT };

enum ipv4_verdict ipv4_read(struct ipv4 *h, const uint8_t *packet, size_t len);
void ipv4_write(struct wr *w, uint32_t src, uint32_t dst, uint8_t proto, uint16_t len);
/* The sum of the pseudo header of TCP and UDP (RFC 9293 3.1, RFC 768). */
uint64_t ipv4_pseudo_sum(uint32_t src, uint32_t dst, uint8_t proto, size_t len);

#endif
