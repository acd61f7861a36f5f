/* SPDX-License-Identifier: MIT */
/* fuzz_units.c - any text as any quantity: refused with words and without a trace, or written so
 * that it reads back as the same value. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/ether.h"
#include "lib/base/units.h"
#include "tests/fuzz/fuzz.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool refused(int r, const struct err *e)
{
	must(r <= 0);
	must((r < 0) == (e->text[0] != '\0'));
	return r < 0;
}

static void try_time(const char *text)
{
	struct err e = { "" };
	char buf[UNIT_TEXT_LEN];
	int64_t v = -7, back = -1;
	if (refused(unit_time(text, &v, &e), &e)) {
		must(v == -7);
		return;
	}
	must(v >= 0);
	must(unit_time(unit_time_text(buf, v), &back, NULL) == 0 && back == v);
}

static void try_number(const char *text, int (*read)(const char *, uint64_t *, struct err *),
		       char *(*write)(char *, uint64_t))
{
	struct err e = { "" };
	char buf[UNIT_TEXT_LEN];
	uint64_t v = 0x5555, back = 0;
	if (refused(read(text, &v, &e), &e)) {
		must(v == 0x5555);
		return;
	}
	must(read(write(buf, v), &back, NULL) == 0 && back == v);
}

static void try_amount(const char *text)
{
	struct err e = { "" };
	char buf[UNIT_TEXT_LEN];
	struct amount v = { 0x5555, true }, back;
	if (refused(unit_amount(text, &v, &e), &e)) {
		must(v.count == 0x5555 && v.packets);
		return;
	}
	must(unit_amount(unit_amount_text(buf, v), &back, NULL) == 0);
	must(back.count == v.count && back.packets == v.packets);
}

static void try_mac(const char *text)
{
	uint8_t mac[ETH_ALEN], back[ETH_ALEN];
	char buf[MAC_TEXT_LEN];
	if (mac_parse(mac, text) == 0)
		must(mac_parse(back, mac_format(buf, mac)) == 0 && mac_eq(mac, back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { "" };
	bool yes;
	uint64_t n;
	char *text = malloc(size + 1); /* of its very size: nothing may be read behind the NUL */
	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	try_time(text);
	try_number(text, unit_rate, unit_rate_text);
	try_number(text, unit_prob, unit_prob_text);
	try_number(text, unit_bytes, unit_bytes_text);
	try_number(text, unit_pps, unit_pps_text);
	try_amount(text);
	try_mac(text);
	refused(unit_bool(text, &yes, &e), &e);
	e.text[0] = '\0';
	if (!refused(unit_u64(text, 3, 70000, &n, &e), &e))
		must(n >= 3 && n <= 70000);
	free(text);
	return 0;
}
