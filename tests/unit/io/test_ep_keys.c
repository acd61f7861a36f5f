/* SPDX-License-Identifier: MIT */
/* test_ep_keys.c - a locator comes apart as it was meant, or not at all. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/io/ep/impl.h"
#include "tests/unit/io/listener.h"

static void a_comma_piece_without_equals_belongs_to_the_key_before(void **state)
{
	(void)state;
	struct ep_keys k;
	assert_int_equal(ep_keys_parse(&k, "/run/a,port=3,trunk=10,20-30,descr=x", NULL), 0);
	assert_string_equal(k.base, "/run/a");
	assert_string_equal(ep_key(&k, "port"), "3");
	assert_string_equal(ep_key(&k, "trunk"), "10,20-30");
	assert_string_equal(ep_key(&k, "descr"), "x");
	assert_null(ep_key(&k, "perm"));
}

static void dash_and_underscore_are_the_same_and_the_last_one_counts(void **state)
{
	(void)state;
	struct ep_keys k;
	assert_int_equal(ep_keys_parse(&k, "x,auto_edge=1,auto-edge=2", NULL), 0);
	assert_string_equal(ep_key(&k, "auto-edge"), "2");
	assert_null(ep_key(&k, "autoedge"));
}

static void a_comma_in_quotes_is_text(void **state)
{
	(void)state;
	struct ep_keys k;
	assert_int_equal(ep_keys_parse(&k, "cmd://\"a, b=c\" 'd,e=f',descr=\"one, two\"", NULL), 0);
	assert_string_equal(k.base, "cmd://\"a, b=c\" 'd,e=f'");
	assert_int_equal(k.count, 1);
	char value[32];
	snprintf(value, sizeof value, "%s", ep_key(&k, "descr"));
	ep_unquote(value);
	assert_string_equal(value, "one, two");
}

static void quotes_are_taken_off_only_when_they_stand_around_it_all(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "\"a b\"", "a b" }, { "'a b'", "a b" },     { "\"a\" \"b\"", "\"a\" \"b\"" },
		{ "\"a", "\"a" },     { "a\"b\"", "a\"b\"" }, { "\"a\\\"b\\\\\"", "a\"b\\" },
		{ "\"\"", "" },       { "'a\\'", "a\\" },     { "", "" },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char text[32];
		snprintf(text, sizeof text, "%s", pairs[i][0]);
		ep_unquote(text);
		assert_string_equal(text, pairs[i][1]);
	}
}

static void a_whole_locator_in_quotes_may_hold_commas(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct ep *e;
	struct err err = { "" };
	assert_int_equal(
		ep_open(&e, l, "\"/no/such,port=x\",port=3", &listener_host, NULL, NULL, &err),
		-ENOENT);
	assert_non_null(strstr(err.text, "/no/such,port=x: No such file"));
	loop_free(l);
}

static void what_is_no_locator_is_refused_with_words(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	static const char *const bad[][2] = {
		{ "/run/a,oops", "'oops' is not key=value" },
		{ "/run/a,prt=3", "no key 'prt' here (port?)" },
		{ "tap://x,port=3", "no key 'port' here" },
		{ "/tmp,port=70000", "port=70000" },
		{ "/tmp[x]", "port=x" },
		{ "/tmp[mode=9]", "perm=9" },
		{ "/tmp[speed=9]", "VDE knows port, group and mode" },
		{ "/tmp,perm=rw", "not an octal mode" },
		{ "/tmp,group=no-such-group-here", "no such group" },
		{ "tap://a/b", "not the name of an interface" },
		{ "tap://0123456789abcdef", "not the name of an interface" },
		{ "packet://", "not the name of an interface" },
		{ "cmd:// ", "no command" },
		{ "ssh:///run/a", "no host" },
		{ "ssh://-oProxyCommand=x/run/a", "no host" },
		{ "ssh://host:0/run/a", "port '0'" },
		{ "stream+tcp://host", "not HOST:PORT" },
		{ "stream+unix:///tmp/x,framing=3", "framing=3" },
		{ "stream+unix:///tmp/x,listen=perhaps", "listen" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct ep *e;
		struct err err = { "" };
		assert_int_equal(ep_open(&e, l, bad[i][0], &listener_host, NULL, NULL, &err),
				 -EINVAL);
		assert_null(e);
		if (!strstr(err.text, bad[i][1]))
			fail_msg("%s: '%s' does not say '%s'", bad[i][0], err.text, bad[i][1]);
	}
	loop_free(l);
}

static void a_locator_or_a_list_of_keys_that_is_too_long_is_refused(void **state)
{
	(void)state;
	struct ep_keys k;
	char text[EP_TEXT_MAX + 64];
	memset(text, 'a', sizeof text);
	text[EP_TEXT_MAX] = '\0';
	assert_int_equal(ep_keys_parse(&k, text, NULL), -EINVAL);
	memcpy(text, "x", 2);
	for (int i = 0; i < EP_KEYS_MAX; i++)
		memcpy(text + strlen(text), ",a=1", 5);
	assert_int_equal(ep_keys_parse(&k, text, NULL), 0);
	memcpy(text + strlen(text), ",a=1", 5);
	assert_int_equal(ep_keys_parse(&k, text, NULL), -EINVAL);
}

static void keys_of_others_are_handed_back_as_they_came(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct ep_rest rest;
	struct ep *e;
	struct listener h = { 0 };
	assert_int_equal(ep_open(&e, l, "cmd://true,vlan=10,descr=me,name=\"a, b\",trunk=1,2",
				 &listener_host, &h, &rest, NULL),
			 0);
	assert_string_equal(rest.text, "vlan=10,name=\"a, b\",trunk=1,2");
	assert_string_equal(e->locator, "cmd://true,descr=me");
	ep_close(e);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_comma_piece_without_equals_belongs_to_the_key_before),
		cmocka_unit_test(dash_and_underscore_are_the_same_and_the_last_one_counts),
		cmocka_unit_test(a_comma_in_quotes_is_text),
		cmocka_unit_test(quotes_are_taken_off_only_when_they_stand_around_it_all),
		cmocka_unit_test(a_whole_locator_in_quotes_may_hold_commas),
		cmocka_unit_test(what_is_no_locator_is_refused_with_words),
		cmocka_unit_test(a_locator_or_a_list_of_keys_that_is_too_long_is_refused),
		cmocka_unit_test(keys_of_others_are_handed_back_as_they_came),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
