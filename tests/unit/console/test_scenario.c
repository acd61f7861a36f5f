/* SPDX-License-Identifier: MIT */
/* test_scenario.c - what is kept of what was done by hand, and the Lua it becomes. */
#include "tests/unit/cmocka.h"

#include <stdlib.h>

#include "console/record.h"
#include "tests/unit/console/demo.h"

static void only_what_changes_the_network_is_kept(void **state)
{
	static const struct {
		const char *line;
		bool kept;
	} cases[] = {
		{ "port/down 3", true },
		{ "json port/down 3", true },
		{ "  port/up 3", true },
		{ "port/print", false },
		{ "config/save \"x\"", false },
		{ "capture/start 1 x", false },
		{ "event/watch", false },
		{ "nosuch 5", true },
		{ "shutdown", true },
		{ "port/printall", true }, /* not told to change nothing */
	};
	struct model m;
	struct record r = { .count = 0 };
	(void)state;
	demo_model(&m);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t before = r.count;
		record_add(&r, m.source[0], cases[i].line, 5);
		assert_int_equal(r.count, before + cases[i].kept);
	}
	assert_string_equal(r.v[1].line, "port/down 3");
	record_fini(&r);
	model_fini(&m);
}

static void too_many_are_counted(void **state)
{
	struct model m;
	struct record r = { .count = 0 };
	struct out o;
	(void)state;
	demo_model(&m);
	for (int i = 0; i < RECORD_MAX + 5; i++)
		record_add(&r, m.source[0], "port/down 3", i);
	assert_int_equal(r.count, RECORD_MAX);
	assert_int_equal(r.lost, 5);
	out_init(&o, false);
	record_lua(&r, &m, &o);
	assert_non_null(strstr(o.text, "-- The last 5 deeds are missing"));
	out_fini(&o);
	record_fini(&r);
	model_fini(&m);
}

static void deeds_become_a_scenario(void **state)
{
	static const char want[] = "-- SPDX-License-Identifier: MIT\n"
				   "-- by-hand.lua - what was done by hand in dw-console, and how "
				   "things stood after it.\n"
				   "local net = lab(\"by hand\", { limit = \"61s\" })\n"
				   "\n"
				   "local s1 = net.switch(\"s1\", { ports = 32, rstp = true })\n"
				   "s1:cmd(\"port/set 3 descr=\\\"a \\\\\\\"b\\\"\")\n"
				   "-- \"a comment\\013os.exit()\"\n"
				   "local s2 = net.switch(\"s2\", { ports = 32, rstp = true })\n"
				   "local s3 = net.switch(\"s3\", { ports = 32, rstp = true })\n"
				   "local s5 = net.switch(\"s4\", { ports = 32, rstp = true })\n"
				   "local c4 = net.cable(s1, s2, { name = \"s1--s2\" })\n"
				   "\n"
				   "net.test(\"what was done by hand\", function(t)\n"
				   "  c4:cmd(\"set delay=\\\"5ms\\\"\")\n"
				   "  s1:cmd(\"port/down 4\")\n"
				   "  t.sleep(\"1500ms\")\n"
				   "  c4:cmd(\"set ab.loss=1%\")\n"
				   "  s2:kill()\n"
				   "  -- \"old\" is not in this lab: \"port/x \\009\"\n"
				   "  do\n"
				   "    local p = s1:cmd(\"port/config 4\").ports[1]\n"
				   "    t.check(p.up, \"==\", false)\n"
				   "    t.check(p.mode, \"==\", \"access\")\n"
				   "    t.check(p.pvid, \"==\", 20)\n"
				   "  end\n"
				   "  do\n"
				   "    local w = c4:cmd(\"showinfo\")\n"
				   "    t.check(w.state, \"==\", \"up\")\n"
				   "    t.check(w.ab[\"loss\"], \"==\", \"10%\")\n"
				   "  end\n"
				   "end)\n";
	struct model m;
	struct record r = { .count = 0 };
	struct out o;
	(void)state;
	demo_model(&m);
	m.source[0]->config = strdup("port/set 3 descr=\"a \\\"b\"\n# a comment\ros.exit()\n\n");
	m.source[3]->config = strdup("set delay=\"5ms\"\n");
	record_add(&r, m.source[0], "port/down 4", 1 * NS_PER_SEC);
	record_add(&r, m.source[3], "set ab.loss=1%", 2 * NS_PER_SEC + 500 * NS_PER_MS);
	record_add(&r, m.source[1], "shutdown", 2 * NS_PER_SEC + 500 * NS_PER_MS);
	record_add(&r, m.source[5], "port/x \t", 2 * NS_PER_SEC + 500 * NS_PER_MS);
	out_init(&o, false);
	record_lua(&r, &m, &o);
	assert_string_equal(o.text, want);
	out_fini(&o);
	record_fini(&r);
	model_fini(&m);
}

/* Cables take ports in the order they are made: that of the ports' numbers, where names tell. */
static void cables_are_made_in_the_order_of_their_ports(void **state)
{
	struct model m;
	struct record r = { .count = 0 };
	struct out o;
	(void)state;
	demo_model(&m);
	struct source *w = model_add(&m, "s1--s3", "demo", "x");
	demo_wire(&m, w);
	snprintf(w->title, sizeof w->title, "s1--s3");
	demo_take(take_port_print, &m, m.source[0],
		  "{\"ports\":[{\"port\":1,\"name\":\"s3\"},{\"port\":2,\"name\":\"s2\"}]}",
		  DEMO_NOW);
	record_add(&r, m.source[0], "port/down 1", 1);
	out_init(&o, false);
	record_lua(&r, &m, &o);
	const char *first = strstr(o.text, "net.cable(s1, s3"),
		   *second = strstr(o.text, "net.cable(s1, s2");
	assert_non_null(first);
	assert_non_null(second);
	assert_true(first < second);
	out_fini(&o);
	record_fini(&r);
	model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_changes_the_network_is_kept),
		cmocka_unit_test(too_many_are_counted),
		cmocka_unit_test(deeds_become_a_scenario),
		cmocka_unit_test(cables_are_made_in_the_order_of_their_ports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
