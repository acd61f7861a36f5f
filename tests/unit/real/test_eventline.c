/* SPDX-License-Identifier: MIT */
/* test_eventline.c - event lines of a management socket: every fact, odd texts, what is no event.
 */
#include "lab/real/eventline.h"

#include <errno.h>

#include "lib/base/ether.h"
#include "tests/unit/cmocka.h"

static void every_fact_is_read(void **state)
{
	(void)state;
	struct eventline e;
	assert_int_equal(
		eventline_read(&e, "{\"event\":\"fdb.move\",\"at_ns\":5,\"port\":3,\"from_port\":1,"
				   "\"vlan\":10,\"mac\":\"02:00:00:00:00:07\",\"name\":\"a\","
				   "\"text\":\"from there\"}"),
		0);
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 7 };
	assert_int_equal(e.event.kind, EVENT_FDB_MOVE);
	assert_int_equal(e.event.port, 3);
	assert_int_equal(e.event.port2, 1);
	assert_int_equal(e.event.vid, 10);
	assert_memory_equal(e.event.mac, mac, 6);
	assert_string_equal(e.event.name, "a");
	assert_string_equal(e.event.text, "from there");
}

static void nulls_are_nothing(void **state)
{
	(void)state;
	struct eventline e;
	assert_int_equal(eventline_read(&e,
					"{\"event\":\"plug\",\"port\":1,\"mac\":null,\"name\":null,"
					"\"text\":null}"),
			 0);
	assert_null(e.event.name);
	assert_null(e.event.text);
	assert_int_equal(e.event.mac[0], 0);
}

static void keys_inside_texts_are_texts(void **state)
{
	(void)state;
	struct eventline e;
	assert_int_equal(eventline_read(&e,
					"{\"text\":\"say \\\"event\\\":\\\"drop\\\" \\u0007 \\\\\","
					"\"event\":\"config\",\"port\":9}"),
			 0);
	assert_int_equal(e.event.kind, EVENT_CONFIG);
	assert_int_equal(e.event.port, 9);
	assert_string_equal(e.event.text, "say \"event\":\"drop\" ? \\");
}

static void long_texts_are_cut(void **state)
{
	(void)state;
	char line[2048] = "{\"event\":\"config\",\"text\":\"";
	struct eventline e;
	size_t len = strlen(line);
	memset(line + len, 'x', 1500);
	memcpy(line + len + 1500, "\"}", 3);
	assert_int_equal(eventline_read(&e, line), 0);
	assert_int_equal(strlen(e.event.text), sizeof e.text - 1);
}

static void what_is_no_event_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "",
					     "{}",
					     "{\"event\":null}",
					     "{\"event\":\"event.lost\",\"lost\":3}",
					     "{\"event\":\"",
					     "\"event\":",
					     "\\",
					     "{\"x\":\"\\" };
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct eventline e;
		assert_int_equal(eventline_read(&e, wrong[i]), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_is_read),          cmocka_unit_test(nulls_are_nothing),
		cmocka_unit_test(keys_inside_texts_are_texts), cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(what_is_no_event_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
