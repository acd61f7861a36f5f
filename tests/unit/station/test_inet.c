/* SPDX-License-Identifier: MIT */
/* test_inet.c - the Internet checksum and the IPv4 header against vectors worked out by hand. */
#include "lab/station/inet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* RFC 1071 3: 0001 f203 f4f5 f6f7 add up to 2ddf0, folded ddf2. */
static const uint8_t rfc1071[8] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

static void sum_is_that_of_rfc_1071(void **state)
{
	(void)state;
	assert_int_equal(inet_checksum(inet_sum(0, rfc1071, sizeof rfc1071)), 0xffff - 0xddf2);
}

static void sum_may_be_taken_in_pieces(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= sizeof rfc1071; cut += 2) {
		uint64_t sum = inet_sum(0, rfc1071, cut);
		sum = inet_sum(sum, rfc1071 + cut, sizeof rfc1071 - cut);
		assert_int_equal(inet_checksum(sum), 0xffff - 0xddf2);
	}
}

static void odd_byte_counts_as_the_high_half(void **state)
{
	(void)state;
	static const uint8_t three[3] = { 0x12, 0x34, 0x56 }; /* 1234 + 5600 = 6834 */
	assert_int_equal(inet_checksum(inet_sum(0, three, 3)), 0xffff - 0x6834);
}

/* 4500 001c 0000 4000 4001 ____ 0a00 0001 0a00 0002: by hand:
 * 4500+001c=451c +0000=451c +4000=851c +4001=c51d +0a00=cf1d +0001=cf1e +0a00=d91e +0002=d920; ~ =
 * 26df. */
static const uint8_t head[20] = { 0x45, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x40, 0x00, 0x40, 0x01,
				  0x26, 0xdf, 0x0a, 0x00, 0x00, 0x01, 0x0a, 0x00, 0x00, 0x02 };

static void header_is_written_as_by_hand(void **state)
{
	(void)state;
	uint8_t out[20];
	struct wr w = wr_over(out, sizeof out);
	ipv4_write(&w, 0x0a000001, 0x0a000002, IPPROTO_OF_ICMP, 8);
	assert_false(w.bad);
	assert_memory_equal(out, head, sizeof head);
}

static void header_is_read_back_and_padding_left_out(void **state)
{
	(void)state;
	uint8_t packet[46] = { 0 }; /* a minimal frame's worth: 18 bytes of padding */
	struct ipv4 ip;
	memcpy(packet, head, sizeof head);
	assert_int_equal(ipv4_read(&ip, packet, sizeof packet), IPV4_GOOD);
	assert_int_equal(ip.src, 0x0a000001);
	assert_int_equal(ip.dst, 0x0a000002);
	assert_int_equal(ip.proto, IPPROTO_OF_ICMP);
	assert_int_equal(ip.len, 8);
	assert_ptr_equal(ip.payload, packet + 20);
}

static enum ipv4_verdict verdict_with(size_t at, uint8_t byte, size_t len)
{
	uint8_t packet[28] = { 0 };
	struct ipv4 ip;
	memcpy(packet, head, sizeof head);
	packet[at] = byte;
	packet[10] = packet[11] = 0;
	uint16_t sum = inet_checksum(inet_sum(0, packet, 20));
	packet[10] = (uint8_t)(sum >> 8);
	packet[11] = (uint8_t)sum;
	return ipv4_read(&ip, packet, len);
}

static void headers_that_cannot_be_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(verdict_with(0, 0x45, 28), IPV4_GOOD);
	assert_int_equal(verdict_with(0, 0x65, 28), IPV4_MALFORMED); /* version 6 */
	assert_int_equal(verdict_with(0, 0x44, 28), IPV4_MALFORMED); /* header under 20 bytes */
	assert_int_equal(verdict_with(0, 0x4f, 28), IPV4_MALFORMED); /* header of 60 in 28 bytes */
	assert_int_equal(verdict_with(3, 0x13, 28), IPV4_MALFORMED); /* total under the header */
	assert_int_equal(verdict_with(3, 0x1d, 28), IPV4_MALFORMED); /* total over what is there */
	assert_int_equal(verdict_with(0, 0x45, 27), IPV4_MALFORMED); /* cut */
	assert_int_equal(verdict_with(0, 0x45, 19), IPV4_MALFORMED);
	assert_int_equal(verdict_with(0, 0x45, 0), IPV4_MALFORMED);
	assert_int_equal(verdict_with(6, 0x20, 28), IPV4_FRAGMENT); /* more to come */
	assert_int_equal(verdict_with(7, 0x01, 28), IPV4_FRAGMENT); /* not the first */
}

static void wrong_checksum_is_seen(void **state)
{
	(void)state;
	uint8_t packet[28] = { 0 };
	struct ipv4 ip;
	memcpy(packet, head, sizeof head);
	packet[15] ^= 1;
	assert_int_equal(ipv4_read(&ip, packet, sizeof packet), IPV4_CHECKSUM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sum_is_that_of_rfc_1071),
		cmocka_unit_test(sum_may_be_taken_in_pieces),
		cmocka_unit_test(odd_byte_counts_as_the_high_half),
		cmocka_unit_test(header_is_written_as_by_hand),
		cmocka_unit_test(header_is_read_back_and_padding_left_out),
		cmocka_unit_test(headers_that_cannot_be_are_told_apart),
		cmocka_unit_test(wrong_checksum_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
