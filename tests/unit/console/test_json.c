/* SPDX-License-Identifier: MIT */
/* test_json.c - the reader in place: values, wrong kinds, and everything that is no JSON. */
#include "tests/unit/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "console/json.h"
#include "lib/proto/out.h"
#include "tests/unit/dice.h"

static struct json over(const char *text)
{
	struct json j;
	json_init(&j, text, strlen(text));
	return j;
}

static void values_are_read_by_kind(void **state)
{
	struct json j = over(
		" { \"a\" : 13794295743684707175, \"b\":-7 , \"c\":true,\"d\":\"x\\\"\\n\\u00e4\", "
		"\"e\":[1,2], \"f\":null } ");
	char key[8], text[32];
	(void)state;
	assert_true(json_object(&j));
	assert_true(json_member(&j, key, sizeof key));
	assert_string_equal(key, "a");
	assert_true(json_u64(&j) == UINT64_C(13794295743684707175));
	assert_true(json_member(&j, key, sizeof key));
	assert_int_equal(json_i64(&j), -7);
	assert_true(json_member(&j, key, sizeof key));
	assert_true(json_bool(&j));
	assert_true(json_member(&j, key, sizeof key));
	json_str(&j, text, sizeof text);
	assert_string_equal(text, "x\"\n\xc3\xa4");
	assert_true(json_member(&j, key, sizeof key));
	assert_true(json_list(&j));
	for (uint64_t i = 1; json_item(&j); i++)
		assert_int_equal(json_u64(&j), i);
	assert_true(json_member(&j, key, sizeof key));
	json_text(&j, text, sizeof text);
	assert_string_equal(text, "null");
	assert_false(json_member(&j, key, sizeof key));
	assert_true(json_end(&j));
}

static void what_is_of_another_kind_is_skipped(void **state)
{
	struct json j = over("[{\"x\":[1,{\"y\":2}]},\"s\",1.5,null,true,[],{},-3]");
	char text[8];
	(void)state;
	assert_true(json_list(&j));
	assert_true(json_item(&j));
	assert_int_equal(json_u64(&j), 0);
	assert_true(json_item(&j));
	assert_false(json_object(&j));
	assert_true(json_item(&j));
	assert_int_equal(json_u64(&j), 0);
	assert_true(json_item(&j));
	json_str(&j, text, sizeof text);
	assert_string_equal(text, "");
	assert_true(json_item(&j));
	assert_false(json_list(&j));
	assert_true(json_item(&j));
	assert_int_equal(json_i64(&j), 0);
	assert_true(json_item(&j));
	assert_false(json_bool(&j));
	assert_true(json_item(&j));
	assert_int_equal(json_i64(&j), -3);
	assert_false(json_item(&j));
	assert_true(json_end(&j));
}

static void strings_are_cut_at_a_character(void **state)
{
	struct json j = over("\"a\\u65e5b\\ud83d\\ude00\\ud83d!\"");
	char text[32], small[4];
	struct json k = j;
	(void)state;
	json_str(&j, text, sizeof text);
	assert_string_equal(text, "a\xe6\x97\xa5"
				  "b\xf0\x9f\x98\x80\xef\xbf\xbd!");
	json_str(&k, small, sizeof small);
	assert_string_equal(small, "a");
	assert_true(json_end(&k));
}

static void bad_texts_are_told(void **state)
{
	static const char *const bad[] = { "",           "{",     "{\"a\"}",  "{\"a\":}",
					   "{\"a\":1,}", "[1,]",  "[1 2]",    "[",
					   "\"abc",      "{a:1}", "[}",       "{]",
					   "1 2",        "]",     "{\"a\":1", "\"\n\"",
					   "{\"a\":1}}", "[1,,2]" };
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct json j = over(bad[i]);
		char key[8];
		if (json_peek(&j) == '{' && json_object(&j))
			while (json_member(&j, key, sizeof key))
				json_skip(&j);
		else if (json_peek(&j) == '[' && json_list(&j))
			while (json_item(&j))
				json_skip(&j);
		else
			json_skip(&j);
		if (json_end(&j))
			fail_msg("%s was taken", bad[i]);
	}
}

static void depth_has_an_end(void **state)
{
	char deep[3000];
	(void)state;
	memset(deep, '[', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	struct json j = over(deep);
	unsigned n = 0;
	while (json_list(&j) && json_item(&j))
		n++;
	assert_in_range(n, 1, 64);
	assert_true(j.bad);
	j = over(deep);
	json_skip(&j);
	assert_true(j.bad);
}

/* What lib/proto/out writes is what is read, whatever the bytes. */
static void what_our_servers_write_is_understood(void **state)
{
	struct dice d = dice_of("json round trip");
	(void)state;
	for (int i = 0; i < 2000; i++) {
		char bytes[20], back[80], key[8];
		size_t n = dice_below(&d, sizeof bytes - 1);
		for (size_t k = 0; k < n; k++)
			bytes[k] = (char)(1 + dice_below(&d, 126));
		bytes[n] = '\0';
		struct out o;
		struct json j;
		out_init(&o, true);
		out_json_str(&o, "s", bytes);
		out_done(&o);
		json_init(&j, o.text, o.len);
		assert_true(json_object(&j));
		assert_true(json_member(&j, key, sizeof key));
		json_str(&j, back, sizeof back);
		assert_string_equal(back, bytes);
		assert_false(json_member(&j, key, sizeof key));
		assert_true(json_end(&j));
		out_fini(&o);
	}
}

static void walk(struct json *j, unsigned depth)
{
	char key[8], text[8];
	char c = json_peek(j);
	if (c == '{' && depth < 3 && json_object(j))
		while (json_member(j, key, sizeof key))
			walk(j, depth + 1);
	else if (c == '[' && depth < 3 && json_list(j))
		while (json_item(j))
			walk(j, depth + 1);
	else if (c == '"')
		json_str(j, text, sizeof text);
	else if (c == '-')
		json_i64(j);
	else
		json_u64(j);
}

static void any_cut_or_damage_ends(void **state)
{
	static const char whole[] = "{\"ports\":[{\"port\":1,\"name\":\"a\\u0041\",\"x\":[true,"
				    "null,-1.5e3]},{}],\"y\":{\"z\":[[1]]}}";
	struct dice d = dice_of("json damage");
	(void)state;
	for (size_t cut = 0; cut < sizeof whole; cut++) {
		char *exact = malloc(cut + 1); /* so that a read behind it is seen */
		struct json j;
		assert_non_null(exact);
		memcpy(exact, whole, cut);
		json_init(&j, exact, cut);
		walk(&j, 0);
		assert_int_equal(json_end(&j), cut == sizeof whole - 1);
		for (int k = 0; k < 50 && cut; k++) {
			exact[dice_below(&d, cut)] = (char)dice_bits(&d);
			json_init(&j, exact, cut);
			walk(&j, 0);
			json_end(&j);
		}
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_by_kind),
		cmocka_unit_test(what_is_of_another_kind_is_skipped),
		cmocka_unit_test(strings_are_cut_at_a_character),
		cmocka_unit_test(bad_texts_are_told),
		cmocka_unit_test(depth_has_an_end),
		cmocka_unit_test(what_our_servers_write_is_understood),
		cmocka_unit_test(any_cut_or_damage_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
