/* SPDX-License-Identifier: MIT */
/* test_names.c - the closed lists of drop reasons and events. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/base/drop.h"
#include "lib/base/event.h"

static void every_drop_reason_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < DROP_REASONS; a++) {
		assert_non_null(drop_name((enum drop_reason)a));
		for (int b = 0; b < a; b++)
			assert_string_not_equal(drop_name((enum drop_reason)a),
						drop_name((enum drop_reason)b));
	}
	assert_string_equal(drop_name(DROP_QUEUE_FULL), "queue-full");
	assert_string_equal(drop_name(DROP_DOWN), "down");
}

static void an_event_is_found_by_its_name(void **state)
{
	(void)state;
	uint64_t all = 0;
	for (int k = 0; k < EVENT_KINDS; k++) {
		assert_int_equal(event_kind_of(event_name((enum event_kind)k)), k);
		all |= event_bit((enum event_kind)k);
	}
	assert_int_equal(__builtin_popcountll(all), EVENT_KINDS);
	assert_int_equal(event_kind_of("port.sideways"), -EINVAL);
	assert_int_equal(event_kind_of(""), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_drop_reason_has_a_name_of_its_own),
		cmocka_unit_test(an_event_is_found_by_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
