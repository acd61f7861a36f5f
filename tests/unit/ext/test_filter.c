/* SPDX-License-Identifier: MIT */
/* test_filter.c - expressions compiled by libpcap and run by our machine say what libpcap's own
 * machine says, on frames made to match and on frames at random. */
#include <errno.h>
#include <pcap.h>
#include <string.h>

#include "lib/ext/filter.h"
#include "tests/unit/cmocka.h"
#include "tests/unit/dice.h"

static const char *const expressions[] = {
	"",
	"arp",
	"ip",
	"ip6",
	"tcp",
	"udp port 53",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
	"icmp or icmp6",
	"ether host 02:00:00:00:00:01",
	"ether multicast",
	"ether broadcast and not arp",
	"vlan",
	"vlan 10",
	"vlan 10 and ip",
	"vlan and vlan 20",
	"greater 100",
	"len <= 64",
	"host 10.0.0.1",
	"src net 10.0.0.0/8 and dst port 80",
	"portrange 1000-2000",
	"ether[12:2] = 0x88cc",
	"ether[0] & 1 = 0 and (ether[6] % 3 = 1 or ether[7] / 2 > 9)",
	"stp",
	"ip[8] * 2 - 1 > 100",
};
enum { EXPRESSIONS = sizeof expressions / sizeof *expressions, ROUNDS = 4000, LEN_MAX = 160 };

/* A frame that many of the expressions have an opinion on: types, protocols, ports and addresses of
 * theirs. */
static uint32_t some_frame(struct dice *d, uint8_t *f)
{
	static const uint16_t type[] = { 0x0800, 0x0806, 0x86dd, 0x88cc, 0x8100, 0x88a8, 0x0026 };
	static const uint8_t protocol[] = { 1, 6, 17, 58 };
	uint32_t at = 12, len = 14 + (uint32_t)dice_below(d, LEN_MAX - 14 + 1);
	for (uint32_t i = 0; i < LEN_MAX; i++)
		f[i] = (uint8_t)dice_bits(d);
	if (dice_below(d, 2))
		memset(f, dice_below(d, 2) ? 0xff : 0x01, 6);
	if (dice_below(d, 2))
		memcpy(f + 6, (const uint8_t[]){ 2, 0, 0, 0, 0, 1 }, 6);
	for (unsigned tags = (unsigned)dice_below(d, 3); tags; tags--, at += 4) {
		memcpy(f + at, (const uint8_t[]){ 0x81, 0, 0 }, 3);
		f[at + 3] = dice_below(d, 2) ? 10 : 20;
	}
	uint16_t t = type[dice_below(d, sizeof type / sizeof *type)];
	f[at] = (uint8_t)(t >> 8);
	f[at + 1] = (uint8_t)t;
	uint8_t *ip = f + at + 2;
	ip[0] = dice_below(d, 4) ? 0x45 : (uint8_t)(0x40 | dice_below(d, 16));
	memset(ip + 6, 0, dice_below(d, 4) ? 2 : 0);
	ip[9] = protocol[dice_below(d, sizeof protocol)];
	memcpy(ip + 12, "\x0a\0\0\x01", dice_below(d, 2) ? 4 : 1);
	ip[22] = 0;
	ip[23] = dice_below(d, 2) ? 53 : 80;
	return len;
}

static bool libpcap_says(const struct bpf_program *p, const uint8_t *f, uint32_t len)
{
	struct pcap_pkthdr h = { .caplen = len, .len = len };
	return pcap_offline_filter(p, &h, f) != 0;
}

static void compile_theirs(struct bpf_program *p, const char *expression)
{
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, 262144);
	assert_non_null(dead);
	assert_int_equal(pcap_compile(dead, p, expression, 1, PCAP_NETMASK_UNKNOWN), 0);
	pcap_close(dead);
}

static void our_machine_says_what_libpcaps_says(void **state)
{
	(void)state;
	struct dice d = dice_of("filter");
	for (unsigned i = 0; i < EXPRESSIONS; i++) {
		struct bpf *ours;
		struct bpf_program theirs;
		unsigned matches = 0;
		assert_int_equal(filter_compile(&ours, expressions[i], NULL), 0);
		compile_theirs(&theirs, expressions[i]);
		for (unsigned round = 0; round < ROUNDS; round++) {
			uint8_t f[LEN_MAX + 64];
			uint32_t len = some_frame(&d, f), cut = (uint32_t)dice_below(&d, len + 1);
			struct pieces p = { .p = { f, f + cut }, .len = { cut, len - cut } };
			bool want = libpcap_says(&theirs, f, len);
			matches += want;
			if (bpf_match(ours, &p) != want)
				fail_msg("'%s': libpcap says %d", expressions[i], want);
		}
		if (!matches)
			fail_msg("'%s' matched no frame: a test of nothing", expressions[i]);
		pcap_freecode(&theirs);
		bpf_free(ours);
	}
}

static void a_bad_expression_is_named_with_libpcaps_words(void **state)
{
	(void)state;
	struct bpf *b;
	struct err e = { "" };
	assert_int_equal(filter_compile(&b, "udp prot 53", &e), -EINVAL);
	assert_null(b);
	assert_non_null(strstr(e.text, "filter 'udp prot 53': "));
	assert_int_equal(filter_compile(&b, "host 999.1.1.1", &e), -EINVAL);
}

static void an_expression_that_can_match_nothing_is_refused(void **state)
{
	(void)state;
	struct bpf *b;
	struct err e = { "" };
	assert_int_equal(filter_compile(&b, "ip and arp", &e), -EINVAL);
	assert_non_null(strstr(e.text, "rejects all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_machine_says_what_libpcaps_says),
		cmocka_unit_test(a_bad_expression_is_named_with_libpcaps_words),
		cmocka_unit_test(an_expression_that_can_match_nothing_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
