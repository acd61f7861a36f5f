/* SPDX-License-Identifier: MIT */
/* test_plan.c - names, ports and cables of a plan: what is given out, what is refused, and that a
 * refusal changes nothing. */
#include <errno.h>

#include "tests/unit/lab/lab.h"

static int fresh(void **state)
{
	struct plan *p = malloc(sizeof *p);
	plan_init(p, "test");
	*state = p;
	return 0;
}

static int gone(void **state)
{
	plan_fini(*state);
	free(*state);
	return 0;
}

static void names_are_a_letter_and_more(void **state)
{
	static const char *const good[] = { "a", "Z9", "s1.2_x-y",
					    "abcdefghijklmnopqrstuvwxyz01234" };
	static const char *const bad[] = {
		"", "1a", ".a", "-a", "a b", "a/b", "\xc3\xa4", "abcdefghijklmnopqrstuvwxyz012345"
	};
	struct err e;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(plan_add_node(*state, NODE_SWITCH, good[i], &e) >= 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(plan_add_node(*state, NODE_SWITCH, bad[i], &e), -EINVAL);
	assert_int_equal(((struct plan *)*state)->nnodes, sizeof good / sizeof *good);
}

static void a_name_is_given_once_to_nodes_and_cables_alike(void **state)
{
	struct plan *p = *state;
	struct err e;
	unsigned a = add_node(p, NODE_SWITCH, "a"), b = add_node(p, NODE_SWITCH, "b");
	assert_int_equal(plan_add_node(p, NODE_STATION, "a", &e), -EEXIST);
	assert_int_equal(plan_add_cable(p, a, b, "b", NULL, NULL, &e), -EEXIST);
	assert_int_equal(plan_add_cable(p, a, b, "c", NULL, NULL, &e), 0);
	assert_int_equal(plan_add_node(p, NODE_STATION, "c", &e), -EEXIST);
	assert_int_equal(plan_find_node(p, "b"), b);
	assert_int_equal(plan_find_cable(p, "c"), 0);
	assert_int_equal(plan_find_node(p, "c"), -ENOENT);
	assert_int_equal(plan_find_cable(p, "a"), -ENOENT);
}

static void thousands_of_names_are_found_again(void **state)
{
	struct plan *p = *state;
	char name[NODE_NAME_MAX];
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "n%d", i);
		assert_int_equal(add_node(p, NODE_SWITCH, name), i);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "n%d", i);
		assert_int_equal(plan_find_node(p, name), i);
	}
	assert_int_equal(plan_find_node(p, "n5000"), -ENOENT);
}

static void ports_are_numbered_and_named_for_what_is_plugged_in(void **state)
{
	struct plan *p = *state;
	unsigned a = add_node(p, NODE_SWITCH, "a"), b = add_node(p, NODE_SWITCH, "b");
	add_cable(p, a, b, NULL);
	unsigned end = add_station(p, "end", a);
	add_cable(p, a, b, NULL);
	assert_string_equal(p->cables[0].name, "a--b");
	assert_string_equal(p->cables[1].name, "a--b.2");
	assert_int_equal(p->nodes[end].plug.port, 2);
	assert_int_equal(p->cables[1].end[0].port, 3);
	assert_int_equal(p->cables[1].end[1].port, 2);
	assert_string_equal(p->nodes[a].lines.v[0], "port/set 1 name=b");
	assert_string_equal(p->nodes[a].lines.v[1], "port/set 2 name=end");
	assert_string_equal(p->nodes[a].lines.v[2], "port/set 3 name=b.2");
	assert_int_equal(plan_port_named(&p->nodes[a], "b.2"), 3);
	assert_int_equal(plan_port_named(&p->nodes[a], "b.3"), 0);
}

static void port_keys_go_along_and_a_given_name_wins(void **state)
{
	struct plan *p = *state;
	struct words keys = { 0 };
	struct plug plug;
	struct err e;
	unsigned a = add_node(p, NODE_SWITCH, "a");
	words_add(&keys, "vlan=10");
	words_add(&keys, "name=mine");
	assert_int_equal(plan_take_port(p, a, "x", &keys, &plug, &e), 0);
	assert_string_equal(p->nodes[a].lines.v[0], "port/set 1 vlan=10 name=mine");
	words_fini(&keys);
}

static void a_cable_of_a_switch_to_itself_takes_two_ports_in_order(void **state)
{
	struct plan *p = *state;
	unsigned a = add_node(p, NODE_SWITCH, "a");
	add_cable(p, a, a, NULL);
	assert_int_equal(p->cables[0].end[0].port, 1);
	assert_int_equal(p->cables[0].end[1].port, 2);
	assert_string_equal(p->nodes[a].lines.v[1], "port/set 2 name=a.2");
}

static void counted_ports_run_out_others_grow(void **state)
{
	struct plan *p = *state;
	struct plug plug;
	struct err e;
	unsigned a = add_node(p, NODE_SWITCH, "a"), b = add_node(p, NODE_SWITCH, "b");
	p->nodes[a].numports = 1;
	p->nodes[a].ports_given = true;
	assert_int_equal(plan_add_cable(p, a, a, NULL, NULL, NULL, &e), -ENOSPC);
	assert_int_equal(plan_take_port(p, a, "x", NULL, &plug, &e), 0);
	assert_int_equal(plan_take_port(p, a, "y", NULL, &plug, &e), -ENOSPC);
	assert_int_equal(plan_add_cable(p, b, a, NULL, NULL, NULL, &e), -ENOSPC);
	assert_int_equal(p->nodes[b].used, 0); /* the end that had room gave nothing away */
	assert_int_equal(p->nodes[b].lines.count, 0);
	for (unsigned i = 1; i <= 100; i++) {
		assert_int_equal(plan_take_port(p, b, "z", NULL, &plug, &e), 0);
		assert_int_equal(plug.port, i);
	}
	assert_int_equal(p->nodes[b].numports, 100);
}

static void a_long_name_still_makes_port_names_that_differ(void **state)
{
	struct plan *p = *state;
	const char *longest = "abcdefghijklmnopqrstuvwxyz01234";
	unsigned a = add_node(p, NODE_SWITCH, "a"), b = add_node(p, NODE_SWITCH, longest);
	for (int i = 0; i < 12; i++)
		add_cable(p, a, b, NULL);
	for (unsigned i = 0; i < 12; i++)
		for (unsigned k = i + 1; k < 12; k++)
			assert_string_not_equal(strstr(p->nodes[a].lines.v[i], "name="),
						strstr(p->nodes[a].lines.v[k], "name="));
}

static void nothing_is_added_to_a_frozen_plan(void **state)
{
	struct plan *p = *state;
	struct err e;
	unsigned a = add_node(p, NODE_SWITCH, "a"), b = add_node(p, NODE_SWITCH, "b");
	p->frozen = true;
	assert_int_equal(plan_add_node(p, NODE_SWITCH, "c", &e), -EBUSY);
	assert_int_equal(plan_add_cable(p, a, b, NULL, NULL, NULL, &e), -EBUSY);
}

static void a_cable_joins_ends_that_are_in_no_switch(void **state)
{
	struct plan *p = *state;
	struct words keys = { 0 };
	struct err e = { "" };
	unsigned s = add_node(p, NODE_SWITCH, "s"), x = add_node(p, NODE_STATION, "x");
	unsigned y = add_node(p, NODE_HOST, "y"), z = add_station(p, "z", s);
	assert_int_equal(plan_complete(p, &e), -EINVAL);
	assert_string_equal(e.text,
			    "x: plugged in nowhere: name its switch or join it with net.cable");
	words_add(&keys, "vlan=10");
	assert_int_equal(plan_add_cable(p, x, s, NULL, &keys, NULL, &e), -EINVAL);
	assert_int_equal(plan_add_cable(p, x, s, NULL, NULL, &keys, &e), 0);
	assert_string_equal(p->cables[0].name, "x--s");
	assert_int_equal(p->cables[0].end[0].port, 0);
	assert_int_equal(p->cables[0].end[1].port, 2);
	assert_string_equal(p->nodes[s].lines.v[1], "port/set 2 name=x vlan=10");
	assert_int_equal(plan_add_cable(p, x, y, NULL, NULL, NULL, &e), -EBUSY);
	assert_int_equal(plan_add_cable(p, y, z, NULL, NULL, NULL, &e), -EBUSY);
	assert_int_equal(plan_add_cable(p, y, y, NULL, NULL, NULL, &e), -EINVAL);
	assert_int_equal(plan_add_cable(p, s, y, NULL, NULL, NULL, &e), 1);
	assert_int_equal(plan_complete(p, &e), 0);
	words_fini(&keys);
}

static void addresses_are_readable_and_all_different(void **state)
{
	struct plan *p = *state;
	unsigned s = add_node(p, NODE_SWITCH, "s");
	unsigned x = add_station(p, "x", s), y = add_station(p, "y", s);
	assert_memory_equal(p->nodes[s].mac, "\x06\0\0\0\0\x01", 6);
	assert_memory_equal(p->nodes[x].mac, "\x02\0\0\0\0\x01", 6);
	assert_memory_equal(p->nodes[y].mac, "\x02\0\0\0\0\x02", 6);
	assert_int_equal(p->nodes[x].ip, 0x0a000001);
	assert_int_equal(p->nodes[y].ip, 0x0a000002);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)
	const struct CMUnitTest tests[] = {
		TEST(names_are_a_letter_and_more),
		TEST(a_name_is_given_once_to_nodes_and_cables_alike),
		TEST(thousands_of_names_are_found_again),
		TEST(ports_are_numbered_and_named_for_what_is_plugged_in),
		TEST(port_keys_go_along_and_a_given_name_wins),
		TEST(a_cable_of_a_switch_to_itself_takes_two_ports_in_order),
		TEST(counted_ports_run_out_others_grow),
		TEST(a_long_name_still_makes_port_names_that_differ),
		TEST(nothing_is_added_to_a_frozen_plan),
		TEST(a_cable_joins_ends_that_are_in_no_switch),
		TEST(addresses_are_readable_and_all_different),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
