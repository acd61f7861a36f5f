/* SPDX-License-Identifier: MIT */
/* test_out.c - the same calls give text or JSON, and the JSON is always JSON. */
#include "tests/unit/cmocka.h"

#include <inttypes.h>
#include <string.h>

#include "lib/proto/out.h"
#include "tests/unit/dice.h"
#include "tests/unit/json.h"

static void write_ports(struct out *o)
{
	static const char *volatile names[] = {
		"a", NULL
	}; /* volatile: gcc would refuse the NULL here */
	out_text(o, "PORTS\n");
	out_json_u64(o, "count", 2);
	out_list(o, "ports");
	for (uint64_t n = 1; n <= 2; n++) {
		out_object(o, NULL);
		out_u64(o, "port", "Port %04" PRIu64, n);
		out_str(o, "name", " %s", names[n - 1]);
		out_bool(o, "up", " up=%s\n", n == 1);
		out_bool(o, "hidden", NULL, true);
		out_end_object(o);
	}
	out_end_list(o);
	out_i64(o, "cost", "cost %" PRId64 "\n", INT64_C(-5));
}

static void text_mode_prints_formats_and_no_keys(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, false);
	write_ports(&o);
	out_done(&o);
	assert_string_equal(o.text, "PORTS\nPort 0001 a up=yes\nPort 0002 - up=no\ncost -5\n");
	assert_int_equal(o.len, strlen(o.text));
	out_fini(&o);
}

static void json_mode_prints_keys_and_no_formats(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, true);
	write_ports(&o);
	out_done(&o);
	assert_string_equal(
		o.text, "{\"count\":2,\"ports\":["
			"{\"port\":1,\"name\":\"a\",\"up\":true,\"hidden\":true},"
			"{\"port\":2,\"name\":null,\"up\":false,\"hidden\":true}],\"cost\":-5}");
	assert_true(json_is_valid(o.text));
	out_fini(&o);
}

static void the_outermost_object_may_be_said_or_left_out(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, true);
	out_object(&o, NULL);
	out_json_u64(&o, "a", 1);
	out_end_object(&o);
	out_done(&o);
	assert_string_equal(o.text, "{\"a\":1}");
	out_clear(&o);
	out_json_u64(&o, "a", 1);
	out_done(&o);
	assert_string_equal(o.text, "{\"a\":1}");
	out_fini(&o);
}

static void a_reply_without_facts_is_an_empty_object(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, true);
	out_text(&o, "only text");
	out_done(&o);
	assert_string_equal(o.text, "{}");
	out_fini(&o);
}

static void done_closes_what_was_left_open(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, true);
	out_list(&o, "a");
	out_object(&o, NULL);
	out_list(&o, "b");
	out_done(&o);
	assert_string_equal(o.text, "{\"a\":[{\"b\":[]}]}");
	out_fini(&o);
}

static void the_value_is_read_as_wide_as_the_format_says(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, true);
	out_list(&o, "n");
	out_u64(&o, NULL, "%u", UINT32_MAX);
	out_u64(&o, NULL, "100%% of %08x", 255u);
	out_u64(&o, NULL, "%" PRIu64, UINT64_MAX);
	out_u64(&o, NULL, "%5zu", (size_t)7);
	out_i64(&o, NULL, "%d", -1);
	out_i64(&o, NULL, "%-20lld", INT64_MIN < 0 ? -2ll : 0ll);
	out_i64(&o, NULL, "%" PRId64, INT64_MIN);
	out_done(&o);
	assert_string_equal(o.text, "{\"n\":[4294967295,255,18446744073709551615,7,-1,-2,"
				    "-9223372036854775808]}");
	out_fini(&o);
}

static void strings_are_escaped_and_bytes_that_are_not_utf8_replaced(void **state)
{
	static const struct {
		const char *in, *json;
	} rows[] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
		{ "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
		  "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"" },
		{ "\xff", "\"\\ufffd\"" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"" },                       /* overlong */
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },            /* a surrogate */
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" }, /* over U+10FFFF */
		{ "a\xe2\x82", "\"a\\ufffd\\ufffd\"" },                     /* cut off */
		{ "\xe2\x82z", "\"\\ufffd\\ufffdz\"" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char whole[128];
		struct out o;
		out_init(&o, true);
		out_json_str(&o, "s", rows[i].in);
		out_done(&o);
		snprintf(whole, sizeof whole, "{\"s\":%s}", rows[i].json);
		assert_string_equal(o.text, whole);
		assert_true(json_is_valid(o.text));
		out_fini(&o);
	}
}

static void random_string(struct dice *d, char *s, size_t max)
{
	size_t n = dice_below(d, max);
	for (size_t i = 0; i < n; i++)
		s[i] = (char)(1 + dice_below(d, 255));
	s[n] = '\0';
}

/* One random call that is allowed where we are. */
static void random_call(struct out *o, struct dice *d)
{
	char key[9], value[33];
	bool list = o->depth && o->lists >> o->depth & 1;
	random_string(d, key, sizeof key);
	random_string(d, value, sizeof value);
	switch (dice_below(d, 8)) {
	case 0:
		if (o->depth < 20)
			out_object(o, list ? NULL : key);
		break;
	case 1:
		if (o->depth < 20)
			out_list(o, list ? NULL : key);
		break;
	case 2:
		if (o->depth > 1 && list)
			out_end_list(o);
		break;
	case 3:
		if (o->depth > 1 && !list)
			out_end_object(o);
		break;
	case 4:
		out_u64(o, list ? NULL : key, "%" PRIu64, dice_any_size(d));
		break;
	case 5:
		out_bool(o, list ? NULL : key, "%s", dice_below(d, 2));
		break;
	default:
		out_str(o, list ? NULL : key, "%s", value);
	}
}

static void any_nesting_of_any_bytes_is_valid_json_on_one_line(void **state)
{
	(void)state;
	struct dice d = dice_of("out");
	for (int round = 0; round < 500; round++) {
		struct out o;
		out_init(&o, true);
		for (uint64_t calls = dice_below(&d, 100); calls; calls--)
			random_call(&o, &d);
		out_done(&o);
		assert_true(json_is_valid(o.text));
		assert_null(strchr(o.text, '\n'));
		assert_int_equal(strlen(o.text), o.len);
		out_fini(&o);
	}
}

static void a_long_text_grows_without_a_seam(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, false);
	for (unsigned i = 0; i < 100000; i++)
		out_text(&o, "%05u\n", i);
	assert_int_equal(o.len, 600000);
	for (unsigned i = 0; i < 100000; i += 777)
		assert_int_equal(strtoul(o.text + 6 * i, NULL, 10), i);
	out_fini(&o);
}

/* The checker has to be worth something. */
static void the_checker_of_these_tests_refuses_what_is_not_json(void **state)
{
	static const char *const bad[] = { "",      "{",        "{}{}",     "{\"a\"}", "{\"a\":1,}",
					   "[1 2]", "\"\x01\"", "\"\xff\"", "{a:1}",   "01",
					   "nul",   "\"\\x\"",  "[1,]" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(json_is_valid(bad[i]));
	assert_true(json_is_valid(" {\"a\" : [1, -2, \"\\u00e4\", null, true, {}]} "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_mode_prints_formats_and_no_keys),
		cmocka_unit_test(json_mode_prints_keys_and_no_formats),
		cmocka_unit_test(the_outermost_object_may_be_said_or_left_out),
		cmocka_unit_test(a_reply_without_facts_is_an_empty_object),
		cmocka_unit_test(done_closes_what_was_left_open),
		cmocka_unit_test(the_value_is_read_as_wide_as_the_format_says),
		cmocka_unit_test(strings_are_escaped_and_bytes_that_are_not_utf8_replaced),
		cmocka_unit_test(any_nesting_of_any_bytes_is_valid_json_on_one_line),
		cmocka_unit_test(a_long_text_grows_without_a_seam),
		cmocka_unit_test(the_checker_of_these_tests_refuses_what_is_not_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
