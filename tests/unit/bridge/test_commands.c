/* SPDX-License-Identifier: MIT */
/* test_commands.c - the bridge's own commands: what they print, what they refuse, what they change.
 */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/bridge/rig.h"

static int setup(void **state)
{
	*state = rig_new(3);
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

struct reply {
	struct out o;
	struct err e;
	int code;
};

static struct reply run(struct rig *r, const char *line)
{
	struct reply re = { .code = 0 };
	struct cmd_table t = { .rows = bridge_commands, .ctx = r->b };
	out_init(&re.o, false);
	re.code = cmd_call(&(struct cmd_set){ &t, 1 }, line, false, r->now, &re.o, &re.e);
	return re;
}

static void says(struct rig *r, const char *line, const char *want)
{
	struct reply re = run(r, line);
	if (re.code)
		fail_msg("%s: %s", line, re.e.text);
	assert_string_equal(re.o.text ? re.o.text : "", want);
	out_fini(&re.o);
}

static void does(struct rig *r, const char *line)
{
	says(r, line, "");
}

/* All that settings and tables hold, as text. */
static char *everything(struct rig *r)
{
	struct reply a = run(r, "config/show"), b = run(r, "json fdb/print"),
		     c = run(r, "json port/config");
	size_t len = a.o.len + b.o.len + c.o.len + 1;
	char *all = malloc(len);
	snprintf(all, len, "%s%s%s", a.o.text ? a.o.text : "", b.o.text, c.o.text);
	out_fini(&a.o);
	out_fini(&b.o);
	out_fini(&c.o);
	return all;
}

static void a_port_is_set_shown_and_found_by_name(void **state)
{
	struct rig *r = *state;
	does(r, "port/set 1 name=a descr=\"to the \\\"lab\\\"\" queue=16");
	does(r, "port/name 2 b");
	says(r, "port/config a",
	     "port 1: name=a mode=transparent pvid=0 allow=none untagged=none priotags=never "
	     "cvlans=none "
	     "tpid=88a8 accept=all learn=yes limit=0 limit-action=drop reserved=wire isolated=no "
	     "reflect=off promisc=no edge=no auto-edge=yes p2p=auto cost=0 priority=128 "
	     "bpdu-guard=no bpdu-filter=no "
	     "root-guard=no loop-guard=no restricted-role=no restricted-tcn=no "
	     "queue=16 up=yes descr=\"to the "
	     "\\\"lab\\\"\"\n");
	says(r, "json port/config b",
	     "{\"ports\":[{\"port\":2,\"name\":\"b\",\"mode\":\"transparent\",\"pvid\":0,\"allow\":"
	     "[],"
	     "\"untagged\":[],\"priotags\":\"never\",\"cvlans\":[],\"tpid\":\"88a8\",\"accept\":"
	     "\"all\","
	     "\"learn\":true,\"limit\":0,\"limit_action\":\"drop\",\"reserved\":[\"wire\"],"
	     "\"isolated\":false,\"reflect\":\"off\",\"promisc\":false,\"edge\":false,\"auto_"
	     "edge\":true,\"p2p\":\"auto\",\"cost\":0,"
	     "\"priority\":128,\"bpdu_guard\":false,\"bpdu_filter\":false,\"root_guard\":false,"
	     "\"loop_guard\":false,\"restricted_role\":false,\"restricted_tcn\":false,\"queue\":"
	     "256,\"up\":true,\"descr\":\"\"}]}");
	does(r, "port/down a");
	assert_false(bridge_port_forwards(r->b, 1));
	assert_int_equal(r->carrier[1], -1);
	does(r, "port/up 1");
	assert_true(bridge_port_forwards(r->b, 1));
	does(r, "port/name 2");
	assert_int_equal(bridge_port_find(r->b, "b"), -ENOENT);
}

static void lists_of_ports_are_set_at_once_and_made(void **state)
{
	struct rig *r = *state;
	does(r, "port/set 2-4,7 queue=5");
	for (unsigned p = 1; p <= 8; p++) {
		const struct port_config *c = bridge_port_config(r->b, p);
		if (p == 1 || (p >= 2 && p <= 4) || p == 7)
			assert_int_equal(c->queue, p == 1 ? 256 : 5);
		else
			assert_null(c);
	}
}

static void counters_are_told_with_every_reason(void **state)
{
	struct rig *r = *state;
	does(r, "port/name 1 a");
	rig_send(r, 1, 0xffffffffffff, 0x0200000000aa);
	rig_send(r, 1, 0x0200000000aa, 0x0200000000aa);
	says(r, "port/stats a",
	     "port 1 a: up, rx 2 frames 120 bytes, tx 0 frames 0 bytes, queued 0, no-destination "
	     "1\n");
	struct reply re = run(r, "json port/stats 1");
	assert_non_null(strstr(
		re.o.text, "{\"ports\":[{\"port\":1,\"name\":\"a\",\"state\":\"up\",\"rx_frames\":"
			   "2,\"rx_bytes\":120,"
			   "\"tx_frames\":0,\"tx_bytes\":0,\"queued\":0,\"drops\":{\"down\":0,"));
	for (unsigned i = 0; i < DROP_REASONS; i++)
		assert_non_null(strstr(re.o.text, drop_name(i)));
	assert_non_null(strstr(re.o.text, "\"no-destination\":1"));
	out_fini(&re.o);
}

static void the_address_table_is_told_sorted_and_filtered(void **state)
{
	struct rig *r = *state;
	does(r, "port/name 2 b");
	rig_send(r, 2, 0xffffffffffff, 0x0200000000bb);
	rig_send_tagged(r, 1, 0xffffffffffff, 0x0200000000aa, 10, -1);
	does(r, "fdb/add 02:00:00:00:00:0c 0 1");
	does(r, "fdb/add 02:00:00:00:00:0d 10 b sticky");
	r->now = SEC(2);
	says(r, "fdb/print",
	     "02:00:00:00:00:0c vlan 0    port 1 static\n"
	     "02:00:00:00:00:bb vlan 0    port 2 b age 2s learned\n"
	     "02:00:00:00:00:0d vlan 10   port 2 b age 2s sticky\n"
	     "02:00:00:00:00:aa vlan 10   port 1 age 2s learned\n");
	says(r, "json fdb/print port b vlan 0",
	     "{\"entries\":[{\"mac\":\"02:00:00:00:00:bb\",\"vlan\":0,\"port\":2,\"name\":\"b\","
	     "\"age_ns\":2000000000,\"kind\":\"learned\"}]}");
	says(r, "fdb/find 02:00:00:00:00:aa 10", "02:00:00:00:00:aa vlan 10 port 1\n");
	does(r, "fdb/flush vlan 10 port 2");
	does(r, "fdb/flush port 1");
	does(r, "fdb/del 02:00:00:00:00:bb");
	says(r, "fdb/print", "02:00:00:00:00:0c vlan 0    port 1 static\n");
}

static void what_is_shown_makes_the_same_bridge_again(void **state)
{
	struct rig *r = *state;
	does(r, "fdb/age 20m");
	does(r, "port/set 1 name=a up=no");
	does(r, "port/set 3 queue=9 descr=x,y");
	does(r, "fdb/add 02:00:00:00:00:0c 7 3");
	struct reply re = run(r, "config/show");
	assert_string_equal(re.o.text, "switch/set numports=8 age=20m\n"
				       "port/set 1 name=a up=no\n"
				       "port/set 3 queue=9 descr=\"x,y\"\n"
				       "fdb/add 02:00:00:00:00:0c 7 3\n");
	struct rig *again = rig_new(3);
	for (char *line = strtok(re.o.text, "\n"); line; line = strtok(NULL, "\n"))
		does(again, line);
	char *a = everything(r), *b = everything(again);
	assert_string_equal(a, b);
	free(a);
	free(b);
	out_fini(&re.o);
	rig_free(again);
}

static void wrong_words_change_nothing(void **state)
{
	static const char *const wrong[] = {
		"port/up",
		"port/up 9",
		"port/up 5",
		"port/up -1",
		"port/up nobody",
		"port/up 1 2",
		"port/up 1,,2",
		"port/up 99999999999999999999",
		"port/down",
		"port/down 1-9",
		"port/down 3-1",
		"port/down 1-",
		"port/set",
		"port/set 1",
		"port/set 1 colour=red",
		"port/set 1 queue",
		"port/set 1 queue=",
		"port/set 1 queue=-1",
		"port/set 1 queue=99999999999",
		"port/set 1 queue=many",
		"port/set 1 up=maybe",
		"port/set 1 up=no queue=x",
		"port/set 1-2 name=twice",
		"port/set 9 up=no",
		"port/set 1,9 up=no",
		"port/set 1 name=1st",
		"port/set 1 name=\"a b\"",
		"port/set 1 name=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
		"port/set 1 descr=\"open",
		"port/set 5 queue=x",
		"port/config 5",
		"port/config 1 2",
		"port/stats x",
		"port/name",
		"port/name 1 a b",
		"port/name 1-2 a",
		"port/name 1 #",
		"fdb/add",
		"fdb/add 02:00:00:00:00:01",
		"fdb/add 02:00:00:00:00:01 0",
		"fdb/add 02:00:00:00:00 0 1",
		"fdb/add 02:00:00:00:00:01 4095 1",
		"fdb/add 02:00:00:00:00:01 -1 1",
		"fdb/add 02:00:00:00:00:01 0 7",
		"fdb/add 01:00:00:00:00:01 0 1",
		"fdb/add 02:00:00:00:00:01 0 1 glued",
		"fdb/add 02:00:00:00:00:01 x 1",
		"fdb/del",
		"fdb/del 02:00:00:00:00:01",
		"fdb/del 02:00:00:00:00:01 4095",
		"fdb/del zz",
		"fdb/find 02:00:00:00:00:01",
		"fdb/find 01:00:00:00:00:01",
		"fdb/flush port",
		"fdb/flush 1",
		"fdb/flush port 9",
		"fdb/flush vlan 4095",
		"fdb/flush vlan x",
		"fdb/print here",
		"fdb/age 0s",
		"fdb/age 300",
		"fdb/age -5s",
		"fdb/age 13d",
		"fdb/age 1ms",
		"fdb/age 5s 5s",
		"fdb/stats now",
		"config/show me",
	};
	struct rig *r = *state;
	char *before = everything(r);
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct reply re = run(r, wrong[i]);
		if (!re.code)
			fail_msg("%s: taken", wrong[i]);
		if (!re.e.text[0] || strchr(re.e.text, '\n'))
			fail_msg("%s: no one line of words", wrong[i]);
		assert_int_equal(re.o.len, 0);
		out_fini(&re.o);
		char *after = everything(r);
		if (strcmp(before, after))
			fail_msg("%s: changed something", wrong[i]);
		free(after);
	}
	free(before);
}

static void an_unknown_key_gets_the_nearest_right_one(void **state)
{
	struct rig *r = *state;
	struct reply re = run(r, "port/set 1 queu=3");
	assert_string_equal(re.e.text, "queu: no such key; did you mean queue?");
	out_fini(&re.o);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_port_is_set_shown_and_found_by_name),
		T(lists_of_ports_are_set_at_once_and_made),
		T(counters_are_told_with_every_reason),
		T(the_address_table_is_told_sorted_and_filtered),
		T(what_is_shown_makes_the_same_bridge_again),
		T(wrong_words_change_nothing),
		T(an_unknown_key_gets_the_nearest_right_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
