/* SPDX-License-Identifier: MIT */
/* test_vepa.c - the edge relay and its neighbour, cell by cell: who hears what a station sends and
 * what the uplink brings, in each mode; and a bridge that reflects. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/bridge/rig.h"

/* Ports: 1 the uplink, 2 A and A2, 3 B, 4 promiscuous, owning C. */
#define A UINT64_C(0x0200000000aa)
#define A2 UINT64_C(0x0200000000a2)
#define B UINT64_C(0x0200000000bb)
#define C UINT64_C(0x0200000000cc)
#define E UINT64_C(0x0200000000ee) /* beyond the uplink */
#define X UINT64_C(0x020000000001) /* nobody knows it */
#define BROADCAST UINT64_C(0xffffffffffff)
#define MULTICAST UINT64_C(0x01005e000005)
#define LLDP UINT64_C(0x0180c200000e)
enum { PORTS = 4, UPLINK = 1 };

static int call(struct rig *r, const char *line, bool json, struct out *o, struct err *e)
{
	struct cmd_table t = { .rows = bridge_commands, .ctx = r->b };
	out_init(o, json);
	return cmd_call(&(struct cmd_set){ &t, 1 }, line, json, r->now, o, e);
}

static void command(struct rig *r, const char *line)
{
	struct out o;
	struct err e = { "" };
	if (call(r, line, false, &o, &e))
		fail_msg("%s: %s", line, e.text);
	out_fini(&o);
}

static void says(struct rig *r, const char *line, const char *want)
{
	struct out o;
	struct err e = { "" };
	if (call(r, line, false, &o, &e))
		fail_msg("%s: %s", line, e.text);
	assert_string_equal(o.text, want);
	out_fini(&o);
}

static void shows(struct rig *r, const char *line, const char *part)
{
	struct out o;
	struct err e = { "" };
	if (call(r, line, false, &o, &e))
		fail_msg("%s: %s", line, e.text);
	if (!strstr(o.text, part))
		fail_msg("%s: no \"%s\" in \"%s\"", line, part, o.text);
	out_fini(&o);
}

static struct rig *relay(const char *mode)
{
	struct rig *r = rig_new(PORTS);
	char line[32];
	snprintf(line, sizeof line, "vepa/mode %s", mode);
	command(r, line);
	command(r, "vepa/uplink 1");
	command(r, "port/set 4 promisc=yes");
	rig_send(r, 2, X, A);
	rig_send(r, 2, X, A2);
	rig_send(r, 3, X, B);
	command(r, "fdb/add 02:00:00:00:00:cc 0 4");
	rig_forget(r);
	return r;
}

struct cell {
	unsigned from;
	uint64_t dst, src;
	const char *to; /* ports, in order */
	int why;        /* of a frame that goes nowhere; -1: it went somewhere */
};

static void check_cell(struct rig *r, const struct cell *c, int tag)
{
	char got[16] = "";
	uint64_t before = c->why >= 0 ? rig_drops(r, c->from, (enum drop_reason)c->why) : 0;
	rig_forget(r);
	rig_send_tagged(r, c->from, c->dst, c->src, tag, -1);
	for (unsigned p = 0; p <= RIG_PORTS; p++)
		for (unsigned n = rig_sent_to(r, p); n; n--)
			got[strlen(got)] = (char)('0' + p);
	if (strcmp(got, c->to) != 0)
		fail_msg("from %u, %012llx to %012llx: ports \"%s\", not \"%s\"", c->from,
			 (unsigned long long)c->src, (unsigned long long)c->dst, got, c->to);
	if (c->why >= 0 && rig_drops(r, c->from, (enum drop_reason)c->why) != before + 1)
		fail_msg("from %u, %012llx to %012llx: not counted as %s", c->from,
			 (unsigned long long)c->src, (unsigned long long)c->dst,
			 drop_name((enum drop_reason)c->why));
}

#define EACH_CELL(r, cells, tag)                                                                   \
	for (unsigned i = 0; i < sizeof(cells) / sizeof *(cells); i++)                             \
	check_cell(r, &(cells)[i], tag)

static const struct cell as_vepa[] = {
	/* a station sends: to the uplink, whatever it is */
	{ 2, B, A, "1", -1 },
	{ 2, A2, A, "1", -1 },
	{ 2, A, A, "1", -1 },
	{ 2, E, A, "1", -1 },
	{ 2, X, A2, "1", -1 },
	{ 2, BROADCAST, A, "1", -1 },
	{ 2, MULTICAST, A, "1", -1 },
	{ 4, B, C, "1", -1 },
	/* the uplink brings back what a station sent: to all but its own port */
	{ UPLINK, B, A, "3", -1 },
	{ UPLINK, BROADCAST, A, "34", -1 },
	{ UPLINK, BROADCAST, A2, "34", -1 },
	{ UPLINK, MULTICAST, B, "24", -1 },
	{ UPLINK, BROADCAST, C, "23", -1 },
	/* and what others sent */
	{ UPLINK, A, E, "2", -1 },
	{ UPLINK, A2, E, "2", -1 },
	{ UPLINK, C, E, "4", -1 },
	{ UPLINK, BROADCAST, E, "234", -1 },
	{ UPLINK, MULTICAST, E, "234", -1 },
	/* nobody owns it: the promiscuous port alone, unless it is the one that sent it */
	{ UPLINK, X, E, "4", -1 },
	{ UPLINK, X, A, "4", -1 },
	{ UPLINK, X, C, "", DROP_VEPA },
	{ UPLINK, E, E, "4", -1 },
};

static void as_a_vepa_nothing_is_switched_here(void **state)
{
	(void)state;
	struct rig *r = relay("vepa");
	EACH_CELL(r, as_vepa, -1);
	command(r, "port/set 4 promisc=no");
	check_cell(r, &(struct cell){ UPLINK, X, E, "", DROP_VEPA }, -1);
	rig_free(r);
}

static const struct cell as_veb[] = {
	/* a station sends: to its owner here, else to the uplink; groups to all */
	{ 2, B, A, "3", -1 },
	{ 2, A2, A, "", DROP_NO_DESTINATION },
	{ 2, E, A, "1", -1 },
	{ 2, X, A, "1", -1 },
	{ 2, BROADCAST, A, "134", -1 },
	{ 4, MULTICAST, C, "123", -1 },
	/* what comes back is known here already */
	{ UPLINK, BROADCAST, A, "", DROP_VEPA },
	{ UPLINK, BROADCAST, E, "234", -1 },
	{ UPLINK, B, E, "3", -1 },
	{ UPLINK, X, E, "4", -1 },
};

static void as_a_veb_stations_reach_each_other_here(void **state)
{
	(void)state;
	struct rig *r = relay("veb");
	EACH_CELL(r, as_veb, -1);
	rig_free(r);
}

static void nothing_is_learned_from_the_uplink(void **state)
{
	(void)state;
	struct rig *r = relay("vepa");
	rig_send(r, UPLINK, BROADCAST, A); /* reflected */
	rig_send(r, UPLINK, BROADCAST, E);
	uint8_t mac[6];
	mac_from_u64(mac, A);
	assert_int_equal(bridge_fdb_find(r->b, mac, 0, r->now), 2);
	mac_from_u64(mac, E);
	assert_int_equal(bridge_fdb_find(r->b, mac, 0, r->now), FDB_NONE);
	rig_free(r);
}

static void what_was_heard_at_a_new_uplink_is_forgotten(void **state)
{
	(void)state;
	struct rig *r = rig_new(PORTS);
	rig_send(r, 2, X, A);
	rig_send(r, UPLINK, X, A); /* an ordinary switch believes the reflected copy */
	command(r, "vepa/uplink 1");
	command(r, "vepa/mode vepa");
	rig_send(r, 2, X, A);
	check_cell(r, &(struct cell){ UPLINK, A, E, "2", -1 }, -1);
	rig_send(r, 3, X, B);
	command(r, "vepa/uplink 3"); /* B's port is no station's any more */
	check_cell(r, &(struct cell){ 3, B, E, "", DROP_VEPA }, -1);
	rig_free(r);
}

static void without_an_uplink_it_is_an_ordinary_switch(void **state)
{
	(void)state;
	struct rig *r = relay("vepa");
	command(r, "vepa/uplink none");
	check_cell(r, &(struct cell){ 2, B, A, "3", -1 }, -1);
	check_cell(r, &(struct cell){ 2, BROADCAST, A, "134", -1 }, -1);
	shows(r, "vepa/print", "mode vepa\nno uplink: an ordinary switch until there is one\n");
	rig_free(r);
}

static void a_mode_can_change_while_frames_flow(void **state)
{
	(void)state;
	struct rig *r = relay("off");
	for (unsigned round = 0; round < 3; round++) {
		check_cell(r, &(struct cell){ 2, B, A, "3", -1 }, -1);
		command(r, "vepa/mode vepa");
		check_cell(r, &(struct cell){ 2, B, A, "1", -1 }, -1);
		check_cell(r, &(struct cell){ UPLINK, B, A, "3", -1 }, -1);
		command(r, "vepa/mode veb");
		check_cell(r, &(struct cell){ 2, X, A, "1", -1 }, -1);
		command(r, "vepa/mode off");
	}
	rig_free(r);
}

static void each_vlan_may_have_its_own_mode(void **state)
{
	(void)state;
	struct rig *r = relay("veb");
	command(r, "vepa/mode vepa vlan 10");
	command(r, "vepa/mode off vlan 20");
	for (unsigned v = 10; v <= 20; v += 10) {
		rig_send_tagged(r, 2, X, A, (int)v, -1);
		rig_send_tagged(r, 3, X, B, (int)v, -1);
	}
	check_cell(r, &(struct cell){ 2, B, A, "1", -1 }, 10);
	check_cell(r, &(struct cell){ UPLINK, BROADCAST, A, "34", -1 }, 10);
	check_cell(r, &(struct cell){ 2, B, A, "3", -1 }, 20);
	check_cell(r, &(struct cell){ 2, X, A, "134", -1 }, 20); /* floods, as bridges do */
	check_cell(r, &(struct cell){ 2, B, A, "3", -1 }, -1);
	shows(r, "vepa/print", "mode veb\nmode vepa in VLAN 10\nmode off in VLAN 20\nuplink 1\n");
	shows(r, "config/show",
	      "vepa/mode veb\nvepa/mode vepa vlan 10\nvepa/mode off vlan 20\nvepa/uplink 1\n");
	command(r, "vepa/mode veb vlan 10"); /* as all others: no mode of its own any more */
	command(r, "vepa/mode vepa");
	shows(r, "vepa/print", "mode vepa\nuplink 1\n");
	rig_free(r);
}

/* An address is owned per VLAN: the same one elsewhere spares another port. */
static void owners_are_told_apart_by_vlan(void **state)
{
	(void)state;
	struct rig *r = relay("vepa");
	rig_send_tagged(r, 2, X, A, 10, -1);
	rig_send_tagged(r, 3, X, A, 20, -1);
	check_cell(r, &(struct cell){ UPLINK, BROADCAST, A, "34", -1 }, 10);
	check_cell(r, &(struct cell){ UPLINK, BROADCAST, A, "24", -1 }, 20);
	check_cell(r, &(struct cell){ UPLINK, A, E, "2", -1 }, 10);
	check_cell(r, &(struct cell){ UPLINK, A, E, "3", -1 }, 20);
	command(r, "port/set 3 vlan=30");
	check_cell(r, &(struct cell){ UPLINK, BROADCAST, E, "24", -1 }, 10); /* members only */
	rig_free(r);
}

static void an_uplink_that_is_down_takes_nothing(void **state)
{
	(void)state;
	struct rig *r = relay("vepa");
	command(r, "port/down 1");
	uint64_t before = rig_drops(r, UPLINK, DROP_DOWN);
	check_cell(r, &(struct cell){ 2, B, A, "", -1 }, -1);
	assert_int_equal(rig_drops(r, UPLINK, DROP_DOWN), before + 1);
	bridge_link(r->b, UPLINK, false, NULL, r->now);
	assert_int_equal(bridge_port_remove(r->b, UPLINK, r->now), 0);
	check_cell(r, &(struct cell){ 2, B, A, "", DROP_VEPA }, -1);
	rig_free(r);
}

static void different_audiences_in_one_batch(void **state)
{
	(void)state;
	struct rig *r = relay("vepa");
	static const struct {
		uint64_t dst, src;
	} in[] = { { BROADCAST, A }, { BROADCAST, B }, { BROADCAST, E }, { X, E }, { B, A } };
	uint8_t bytes[5][128];
	struct frame f[5];
	for (unsigned i = 0; i < 5; i++)
		f[i] = (struct frame){ .data = bytes[i],
				       .len = rig_build(bytes[i], in[i].dst, in[i].src, -1, -1,
							0) };
	bridge_rx(r->b, UPLINK, f, 5, r->now);
	assert_int_equal(rig_sent_to(r, 2), 2); /* of B, of E */
	assert_int_equal(rig_sent_to(r, 3), 3); /* of A, of E, its own */
	assert_int_equal(rig_sent_to(r, 4), 4); /* three groups and the one nobody owns */
	rig_free(r);
}

static void trace_tells_what_the_relay_decides(void **state)
{
	(void)state;
	struct rig *r = relay("vepa");
	says(r, "trace 1 dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:aa",
	     "ingress: pass\ncontrol: pass\nvlan: pass, VLAN 0\nlearn: pass, not learned\n"
	     "tree: pass\nvepa: pass\nforward: pass, flooded\n"
	     "port 2: not there, vepa\nport 3: sent, 60 bytes, untagged\n"
	     "port 4: sent, 60 bytes, untagged\nsent to 2 ports\n");
	says(r, "trace 2 dst=02:00:00:00:00:bb,src=02:00:00:00:00:aa",
	     "ingress: pass\ncontrol: pass\nvlan: pass, VLAN 0\nlearn: pass, known here, was at "
	     "port 2\n"
	     "tree: pass\nvepa: pass\nforward: pass, to its owner, port 1\n"
	     "port 1: sent, 60 bytes, untagged\nsent to 1 ports\n");
	rig_free(r);
}

/* --- the adjacent bridge --- */

static void a_bridge_reflects_where_it_is_told_to(void **state)
{
	(void)state;
	static const struct cell off[] = {
		{ 1, B, A, "", DROP_NO_DESTINATION },
		{ 1, BROADCAST, A, "23", -1 },
		{ 1, X, A, "23", -1 },
	}, on[] = {
		{ 1, B, A, "1", -1 },
		{ 1, BROADCAST, A, "123", -1 },
		{ 1, MULTICAST, A, "123", -1 },
		{ 1, X, A, "123", -1 },
		{ 1, LLDP, A, "23", -1 }, /* for this link only: no relay hands it back */
		{ 2, B, E, "1", -1 },
		{ 2, E, E, "", DROP_NO_DESTINATION },
		{ 2, BROADCAST, E, "13", -1 },
	};
	struct rig *r = rig_new(3);
	rig_send(r, 1, X, A);
	rig_send(r, 1, X, B);
	EACH_CELL(r, off, -1);
	command(r, "vepa/reflect 1 auto"); /* nobody has asked for it */
	EACH_CELL(r, off, -1);
	command(r, "vepa/reflect 1 on");
	EACH_CELL(r, on, -1);
	command(r, "vepa/reflect 1 off");
	EACH_CELL(r, off, -1);
	rig_free(r);
}

static void a_reflected_frame_obeys_the_port_it_leaves_by(void **state)
{
	(void)state;
	struct rig *r = rig_new(3);
	command(r, "port/set 1 vlan=10 reflect=on isolated=yes");
	check_cell(r, &(struct cell){ 1, BROADCAST, A, "23", -1 }, -1);
	command(r, "port/set 1 isolated=no");
	check_cell(r, &(struct cell){ 1, BROADCAST, A, "123", -1 }, -1);
	says(r, "trace 1 dst=02:00:00:00:00:aa,src=02:00:00:00:00:bb",
	     "ingress: pass\ncontrol: pass\nvlan: pass, VLAN 10\nlearn: pass, new here\n"
	     "tree: pass\nforward: pass, to its owner, port 1\n"
	     "port 1: sent, 60 bytes, untagged\nsent to 1 ports\n");
	rig_free(r);
}

static void wrong_settings_change_nothing(void **state)
{
	(void)state;
	struct rig *r = relay("vepa");
	static const char *const wrong[] = {
		"vepa/mode",
		"vepa/mode on",
		"vepa/mode vepa 10",
		"vepa/mode vepa vlan",
		"vepa/mode vepa vlan 4095",
		"vepa/mode vepa vlan x",
		"vepa/mode vepa vlan 1 2",
		"vepa/uplink",
		"vepa/uplink 0",
		"vepa/uplink 99",
		"vepa/uplink 1-2",
		"vepa/uplink x",
		"vepa/uplink -1",
		"vepa/reflect 1",
		"vepa/reflect 1 maybe",
		"vepa/reflect 99 on",
		"vepa/print 1",
		"switch/set hub=yes",
		"port/set 1 promisc=x",
	};
	struct out before, after, o;
	struct err e = { "" };
	assert_int_equal(call(r, "config/show", false, &before, &e), 0);
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		e.text[0] = '\0';
		if (!call(r, wrong[i], false, &o, &e) || !e.text[0])
			fail_msg("%s: taken", wrong[i]);
		out_fini(&o);
	}
	assert_int_equal(call(r, "config/show", false, &after, &e), 0);
	assert_string_equal(before.text, after.text);
	out_fini(&before);
	out_fini(&after);
	rig_free(r);
}

static void changes_are_told(void **state)
{
	(void)state;
	struct rig *r = relay("off");
	bridge_want_events(r->b, event_bit(EVENT_CONFIG));
	uint64_t gen = bridge_generation(r->b, BRIDGE_GEN_STATE);
	command(r, "vepa/mode vepa");
	assert_int_equal(r->events, 1);
	assert_int_not_equal(bridge_generation(r->b, BRIDGE_GEN_STATE), gen);
	command(r, "vepa/reflect 2 on");
	assert_int_equal(r->events, 2);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_a_vepa_nothing_is_switched_here),
		cmocka_unit_test(as_a_veb_stations_reach_each_other_here),
		cmocka_unit_test(nothing_is_learned_from_the_uplink),
		cmocka_unit_test(what_was_heard_at_a_new_uplink_is_forgotten),
		cmocka_unit_test(without_an_uplink_it_is_an_ordinary_switch),
		cmocka_unit_test(a_mode_can_change_while_frames_flow),
		cmocka_unit_test(each_vlan_may_have_its_own_mode),
		cmocka_unit_test(owners_are_told_apart_by_vlan),
		cmocka_unit_test(an_uplink_that_is_down_takes_nothing),
		cmocka_unit_test(different_audiences_in_one_batch),
		cmocka_unit_test(trace_tells_what_the_relay_decides),
		cmocka_unit_test(a_bridge_reflects_where_it_is_told_to),
		cmocka_unit_test(a_reflected_frame_obeys_the_port_it_leaves_by),
		cmocka_unit_test(wrong_settings_change_nothing),
		cmocka_unit_test(changes_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
