/* SPDX-License-Identifier: MIT */
/* test_adopt.c - config/show and taking over a configuration: what is shown makes the same bridge,
 * all or nothing, and ports that stay as they are notice nothing. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/bridge/rig.h"
#include "tests/unit/dice.h"

#define A UINT64_C(0x0200000000aa)
#define B UINT64_C(0x0200000000bb)
#define BROADCAST UINT64_C(0xffffffffffff)

static int call(struct rig *r, const char *line, struct out *o, struct err *e)
{
	struct cmd_table t = { .rows = bridge_commands, .ctx = r->b };
	return cmd_call(&(struct cmd_set){ &t, 1 }, line, false, r->now, o, e);
}

static void command(struct rig *r, const char *line)
{
	struct out o;
	struct err e = { "" };
	out_init(&o, false);
	if (call(r, line, &o, &e))
		fail_msg("%s: %s", line, e.text);
	out_fini(&o);
}

static char *shown(struct rig *r)
{
	struct out o;
	struct err e = { "" };
	out_init(&o, false);
	assert_int_equal(call(r, "config/show", &o, &e), 0);
	out_text(&o, "%s", ""); /* never NULL */
	return o.text;
}

/* A scratch bridge made by the script, as config/load does it. */
static struct rig *scratch(const char *script)
{
	struct rig *s = rig_new(0);
	char *copy = malloc(strlen(script) + 1);
	strcpy(copy, script);
	for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n"))
		command(s, line);
	free(copy);
	return s;
}

static int load(struct rig *r, const char *script, struct err *e)
{
	struct rig *s = scratch(script);
	int code = bridge_adopt(r->b, s->b, r->now, e);
	rig_free(s);
	return code;
}

static void random_lines(struct rig *r, struct dice *d)
{
	static const char *const lines[] = {
		"port/set %u vlan=10",
		"port/set %u trunk=10,20-22",
		"port/set %u trunk=all",
		"port/set %u mode=transparent",
		"port/set %u mode=hybrid pvid=5 untagged=0,5 allow=6",
		"port/set %u mode=dot1q-tunnel pvid=9 cvlans=1-3",
		"port/set %u up=no",
		"port/set %u up=yes",
		"port/set %u queue=7 limit=3 limit-action=shutdown",
		"port/set %u reserved=standard,02:drop",
		"port/set %u isolated=yes learn=no",
		"port/name %u x%u",
		"port/set %u descr=\"a \\\"b\\\" c\"",
		"fdb/add 02:00:00:00:00:%02x 10 1",
		"fdb/add 02:00:00:00:01:%02x 0 2",
		"vlan/flood %u no",
		"vlan/fid %u 9",
		"switch/set age=%us",
		"vepa/mode vepa",
		"vepa/mode veb vlan %u",
		"vepa/mode off vlan %u",
		"vepa/uplink %u",
		"mirror/add %u 3 in",
		"mirror/add %u 4 both vlan %u",
		"mirror/del %u",
		"port/set %u reflect=on promisc=yes",
		"switch/set persist=%us",
		"switch/set fdb-max=%u000",
		"vlan/flood %u yes",
		"port/set %u tpid=8100 priotags=always accept=untagged pvid=none",
	};
	for (unsigned n = (unsigned)dice_below(d, 25); n; n--) {
		char line[128];
		unsigned i = (unsigned)dice_below(d, sizeof lines / sizeof *lines),
			 p = 1 + (unsigned)dice_below(d, RIG_PORTS);
		struct out o;
		struct err e = { "" };
		char *at = line;
		for (const char *c = lines[i]; *c; c++) {
			if (*c != '%') {
				*at++ = *c;
				continue;
			}
			bool hex = c[1] == '0';
			at += hex ? sprintf(at, "%02x", p) : sprintf(at, "%u", p);
			c += hex ? 3 : 1;
		}
		*at = '\0';
		out_init(&o, false);
		call(r, line, &o, &e); /* some do not fit together: then nothing has changed */
		out_fini(&o);
	}
}

static void what_is_shown_makes_the_same_bridge(void **state)
{
	(void)state;
	struct dice d = dice_of("show");
	for (unsigned round = 0; round < 300; round++) {
		struct rig *a = rig_new(2), *b = rig_new((unsigned)dice_below(&d, RIG_PORTS));
		struct err e = { "" };
		random_lines(a, &d);
		random_lines(b, &d);
		char *want = shown(a);
		if (load(b, want, &e))
			fail_msg("round %u: %s\n%s", round, e.text, want);
		char *got = shown(b);
		/* b's plugged ports that a has not named keep their names */
		struct rig *c = scratch(want);
		char *fresh = shown(c);
		assert_string_equal(want, fresh);
		for (char *line = strtok(want, "\n"); line; line = strtok(NULL, "\n"))
			assert_non_null(strstr(got, line));
		assert_int_equal(load(b, got, &e), 0);
		char *again = shown(b);
		assert_string_equal(got, again);
		free(want);
		free(got);
		free(fresh);
		free(again);
		rig_free(a);
		rig_free(b);
		rig_free(c);
	}
}

static void a_port_in_use_beyond_the_new_number_stops_it_all(void **state)
{
	(void)state;
	struct rig *r = rig_new(8);
	struct err e = { "" };
	command(r, "port/set 1 vlan=7");
	char *before = shown(r);
	assert_int_equal(
		load(r, "switch/set numports=4\nport/set 2 vlan=9\nfdb/add 02:00:00:00:00:01 9 2\n",
		     &e),
		-EBUSY);
	assert_string_equal(e.text, "numports: port 5 is in use");
	char *after = shown(r);
	assert_string_equal(before, after);
	free(before);
	free(after);
	for (unsigned p = 5; p <= 8; p++)
		bridge_link(r->b, p, false, NULL, 0);
	assert_int_equal(
		load(r, "switch/set numports=4\nport/set 2 vlan=9\nfdb/add 02:00:00:00:00:01 9 2\n",
		     &e),
		0);
	assert_null(bridge_port_config(r->b, 5));
	assert_int_equal(bridge_config(r->b)->numports, 4);
	rig_free(r);
}

static void names_may_be_swapped(void **state)
{
	(void)state;
	struct rig *r = rig_new(4);
	struct err e = { "" };
	command(r, "port/name 1 a");
	command(r, "port/name 2 b");
	command(r, "port/name 3 c"); /* named by what is plugged in */
	command(r, "port/name 4 d");
	assert_int_equal(load(r, "port/set 1 name=b\nport/set 2 name=a\nport/set 7 name=d\n", &e),
			 0);
	assert_int_equal(bridge_port_find(r->b, "b"), 1);
	assert_int_equal(bridge_port_find(r->b, "a"), 2);
	assert_int_equal(bridge_port_find(r->b, "c"), 3);
	assert_int_equal(bridge_port_find(r->b, "d"), 7);
	assert_string_equal(bridge_port_config(r->b, 4)->name, "");
	rig_free(r);
}

/* A stream between ports 1 and 2, one frame before and after each change of everything else. */
static void a_stream_through_untouched_ports_is_whole(void **state)
{
	(void)state;
	struct dice d = dice_of("stream");
	struct rig *r = rig_new(RIG_PORTS);
	rig_send(r, 2, BROADCAST, B);
	for (unsigned round = 0; round < 300; round++) {
		struct rig *s = rig_new(0);
		struct err e = { "" };
		random_lines(s, &d);
		struct port_config c;
		port_config_default(&c);
		struct bridge_config bc = *bridge_config(s->b);
		bc.age_ns = SEC(300);
		bc.vlan.fid[0] = 0;
		bc.vepa = (struct vepa_config){ 0 }; /* the stream's own ports are no edge ... */
		bc.mirror = (struct mirror_config){ 0 }; /* ... and nobody watches them */
		bridge_port_apply(s->b, 1, &c, 0, NULL);
		bridge_port_apply(s->b, 2, &c, 0, NULL);
		assert_int_equal(bridge_apply(s->b, &bc, 0, &e), 0);
		assert_int_equal(bridge_adopt(r->b, s->b, r->now, &e), 0);
		rig_forget(r);
		rig_send(r, 1, B, A);
		assert_int_equal(r->count, 1); /* not even flooded */
		assert_int_equal(r->sent[0].port, 2);
		rig_free(s);
	}
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shown_makes_the_same_bridge),
		cmocka_unit_test(a_port_in_use_beyond_the_new_number_stops_it_all),
		cmocka_unit_test(names_may_be_swapped),
		cmocka_unit_test(a_stream_through_untouched_ports_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
