/* SPDX-License-Identifier: MIT */
/* test_vlan.c - 802.1Q: every cell of vlan_truth.h in both directions, and what the table cannot
 * hold. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/bridge/rig.h"
#include "tests/unit/bridge/vlan_truth.h"

#define A UINT64_C(0x0200000000aa)
#define B UINT64_C(0x0200000000bb)
#define BROADCAST UINT64_C(0xffffffffffff)

enum { TESTED = 1, OBSERVER = 2, PCP_DEI = 0xb000 }; /* priority 5 and drop eligible */

static int setup(void **state)
{
	*state = rig_new(2);
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static int try_command(struct rig *r, const char *line, struct err *e)
{
	struct out o;
	struct cmd_table t = { .rows = bridge_commands, .ctx = r->b };
	out_init(&o, false);
	int code = cmd_call(&(struct cmd_set){ &t, 1 }, line, false, r->now, &o, e);
	out_fini(&o);
	return code;
}

static void command(struct rig *r, const char *line)
{
	struct err e;
	if (try_command(r, line, &e))
		fail_msg("%s: %s", line, e.text);
}

/* A frame with these tags, TPID 8100, all with the same priority. */
static uint32_t build(uint8_t out[static 128], uint64_t dst, const char *tags)
{
	memset(out, 0, 128);
	mac_from_u64(out, dst);
	mac_from_u64(out + 6, A);
	uint8_t *p = out + 12;
	while (*tags) {
		char *end;
		unsigned tci = PCP_DEI | (unsigned)strtoul(tags, &end, 10);
		*p++ = 0x81;
		*p++ = 0;
		*p++ = (uint8_t)(tci >> 8);
		*p++ = (uint8_t)tci;
		tags = *end ? end + 1 : end;
	}
	*p++ = 0x08;
	*p++ = 0;
	return 64;
}

/* The tags of a frame that was sent, as the table writes them; every tag must still carry PCP and
 * DEI if `marked` tells that the frame came with a tag. */
static void read_tags(const struct sent *s, bool marked, char *text)
{
	const uint8_t *p = s->bytes + 12;
	*text = '\0';
	for (; (p[0] == 0x81 && !p[1]) || (p[0] == 0x88 && p[1] == 0xa8); p += 4) {
		unsigned tci = (unsigned)p[2] << 8 | p[3];
		if (marked)
			assert_int_equal(tci & 0xf000, PCP_DEI);
		sprintf(text + strlen(text), *text ? "/%u" : "%u", tci & 0xfff);
	}
	assert_int_equal(p[0] << 8 | p[1], 0x0800);
}

/* What leaves by `to` when the frame comes in by `from`: tags, or "-". */
static void pass(struct rig *r, unsigned from, unsigned to, uint64_t dst, const char *tags,
		 char *text)
{
	uint8_t bytes[128];
	struct frame f = { .data = bytes, .len = build(bytes, dst, tags) };
	rig_forget(r);
	bridge_rx(r->b, from, &f, 1, r->now);
	strcpy(text, "-");
	assert_in_range(r->count, 0, 1);
	if (r->count) {
		assert_int_equal(r->sent[0].port, to);
		read_tags(&r->sent[0], *tags, text);
	}
}

static void set_row(struct rig *r, const struct truth *row)
{
	char line[256];
	snprintf(line, sizeof line, "port/set %d mode=%s %s", TESTED, row->mode, row->settings);
	command(r, line);
}

static void every_cell_coming_in(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TRUTH_ROWS; i++) {
		struct rig *r = rig_new(2);
		set_row(r, &truth[i]);
		for (unsigned c = 0; c < TRUTH_COLUMNS; c++) {
			char got[64];
			uint64_t before = rig_drops(r, TESTED, DROP_VLAN_INGRESS);
			pass(r, TESTED, OBSERVER, BROADCAST, truth_tags[c], got);
			if (strcmp(got, truth[i].in[c]))
				fail_msg("%s %s: \"%s\" came in as \"%s\", not \"%s\"",
					 truth[i].mode, truth[i].settings, truth_tags[c], got,
					 truth[i].in[c]);
			bool dropped = !strcmp(truth[i].in[c], "-");
			assert_int_equal(rig_drops(r, TESTED, DROP_VLAN_INGRESS) - before, dropped);
		}
		rig_free(r);
	}
}

static void every_cell_going_out(void **state)
{
	(void)state;
	static const uint8_t b[6] = { 2, 0, 0, 0, 0, 0xbb };
	for (unsigned i = 0; i < TRUTH_ROWS; i++) {
		struct rig *r = rig_new(2);
		set_row(r, &truth[i]);
		for (unsigned c = 0; c < TRUTH_COLUMNS; c++) {
			char got[64];
			bool not_sent = !strcmp(truth[i].out[c], "-");
			pass(r, OBSERVER, TESTED, BROADCAST, truth_tags[c], got);
			if (strcmp(got, truth[i].out[c]))
				fail_msg("%s %s: \"%s\" went out as \"%s\", not \"%s\"",
					 truth[i].mode, truth[i].settings, truth_tags[c], got,
					 truth[i].out[c]);
			/* and so when the port owns the address: then a loss has a name */
			uint64_t before = rig_drops(r, TESTED, DROP_VLAN_EGRESS);
			unsigned vid = (unsigned)strtoul(truth_tags[c], NULL, 10);
			bridge_fdb_add(r->b, b, vid, TESTED, FDB_STATIC, 0, NULL);
			pass(r, OBSERVER, TESTED, B, truth_tags[c], got);
			assert_string_equal(got, truth[i].out[c]);
			assert_int_equal(rig_drops(r, TESTED, DROP_VLAN_EGRESS) - before, not_sent);
		}
		rig_free(r);
	}
}

static void acceptable_frame_types_are_kept_to(void **state)
{
	struct rig *r = *state;
	char got[64];
	command(r, "port/set 1 mode=hybrid pvid=10 untagged=10 allow=20 accept=tagged");
	static const char *const tagged[][2] = { { "", "-" }, { "0", "-" }, { "20", "20" } };
	for (unsigned i = 0; i < 3; i++) {
		pass(r, TESTED, OBSERVER, BROADCAST, tagged[i][0], got);
		assert_string_equal(got, tagged[i][1]);
	}
	command(r, "vlan/accept 1 untagged");
	static const char *const untagged[][2] = { { "", "10" }, { "0", "10" }, { "20", "-" } };
	for (unsigned i = 0; i < 3; i++) {
		pass(r, TESTED, OBSERVER, BROADCAST, untagged[i][0], got);
		assert_string_equal(got, untagged[i][1]);
	}
}

static void priority_tags_are_sent_when_asked_for(void **state)
{
	struct rig *r = *state;
	char got[64];
	command(r, "port/set 1 vlan=10 priotags=if-nonzero");
	pass(r, OBSERVER, TESTED, BROADCAST, "10", got);
	assert_string_equal(got, "0"); /* its priority is 5 */
	command(r, "port/set 2 vlan=10");
	pass(r, OBSERVER, TESTED, BROADCAST, "", got);
	assert_string_equal(got, "");
	command(r, "port/set 1 priotags=always");
	pass(r, OBSERVER, TESTED, BROADCAST, "", got);
	assert_string_equal(got, "0");
	command(r, "port/set 1 priotags=never");
	pass(r, OBSERVER, TESTED, BROADCAST, "0", got);
	assert_string_equal(got, "");
}

static unsigned tpid_at(const struct sent *s, unsigned tag)
{
	return (unsigned)s->bytes[12 + 4 * tag] << 8 | s->bytes[13 + 4 * tag];
}

static void a_tunnel_puts_on_its_own_tpid_and_others_keep_theirs(void **state)
{
	struct rig *r = *state;
	char got[64];
	command(r, "port/set 1 mode=dot1q-tunnel pvid=10");
	command(r, "port/set 2 trunk=all");
	pass(r, TESTED, OBSERVER, BROADCAST, "20", got);
	assert_string_equal(got, "10/20");
	assert_int_equal(tpid_at(&r->sent[0], 0), 0x88a8);
	assert_int_equal(tpid_at(&r->sent[0], 1), 0x8100);
	command(r, "vlan/tpid 1 8100");
	pass(r, TESTED, OBSERVER, BROADCAST, "20", got);
	assert_int_equal(tpid_at(&r->sent[0], 0), 0x8100);
}

static void a_frame_that_a_tag_makes_too_long_is_a_counted_drop(void **state)
{
	struct rig *r = *state;
	static uint8_t bytes[ETH_FRAME_MAX];
	memset(bytes, 0xff, 12);
	bytes[6] = 2;
	command(r, "port/set 1 vlan=10");
	bridge_rx(r->b, TESTED, &(struct frame){ .data = bytes, .len = sizeof bytes }, 1, 0);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, OBSERVER, DROP_OVERSIZE), 1);
	bridge_rx(r->b, TESTED, &(struct frame){ .data = bytes, .len = sizeof bytes - 4 }, 1, 0);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].len, ETH_FRAME_MAX);
}

static void stations_are_known_by_vlan_or_by_the_fid_they_share(void **state)
{
	struct rig *r = *state;
	static const uint8_t b[6] = { 2, 0, 0, 0, 0, 0xbb };
	rig_send_tagged(r, 1, BROADCAST, B, 10, -1);
	assert_int_equal(bridge_fdb_find(r->b, b, 10, 0), 1);
	assert_int_equal(bridge_fdb_find(r->b, b, 20, 0), FDB_NONE);
	command(r, "vlan/fid 20 10");
	assert_int_equal(bridge_fdb_find(r->b, b, 20, 0), FDB_NONE); /* both begin anew */
	rig_send_tagged(r, 1, BROADCAST, B, 10, -1);
	assert_int_equal(bridge_fdb_find(r->b, b, 20, 0), 1);
	assert_int_equal(bridge_fdb_find(r->b, b, 30, 0), FDB_NONE);
	command(r, "vlan/fid 20 20");
	assert_int_equal(bridge_fdb_find(r->b, b, 20, 0), FDB_NONE);
}

static void a_quiet_vlan_floods_groups_but_not_strangers(void **state)
{
	struct rig *r = *state;
	command(r, "vlan/flood 10 no");
	rig_send_tagged(r, 1, B, A, 10, -1);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, 1, DROP_NO_DESTINATION), 1);
	rig_send_tagged(r, 1, BROADCAST, A, 10, -1);
	rig_send_tagged(r, 1, B, A, 20, -1);
	assert_int_equal(r->count, 2);
	command(r, "vlan/flood 10 yes");
	rig_send_tagged(r, 1, B, A, 10, -1);
	assert_int_equal(r->count, 3);
}

static void isolated_ports_do_not_hear_each_other(void **state)
{
	struct rig *r = *state;
	rig_plug(r, 3);
	command(r, "port/set 1-2 isolated=yes");
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].port, 3);
	rig_forget(r);
	rig_send(r, 2, A, B);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, 1, DROP_ISOLATED), 1);
	rig_send(r, 3, A, B + 1);
	assert_int_equal(r->count, 1);
}

static void a_port_that_does_not_learn_leaves_no_trace(void **state)
{
	struct rig *r = *state;
	command(r, "port/set 1 learn=no");
	rig_send(r, 1, BROADCAST, A);
	static const uint8_t a[6] = { 2, 0, 0, 0, 0, 0xaa };
	assert_int_equal(bridge_fdb_find(r->b, a, 0, 0), FDB_NONE);
}

static void a_vlan_that_is_named_is_created_and_stays_while_named(void **state)
{
	struct rig *r = *state;
	struct err e = { "" };
	command(r, "port/set 1 vlan=10");
	command(r, "port/set 2 mode=hybrid pvid=0 untagged=0,30 allow=20-21");
	struct bridge_config c = *bridge_config(r->b);
	static const unsigned want[] = { 10, 20, 21, 30 };
	unsigned i = 0;
	for (unsigned v = vidset_next(&c.vlan.created, 0); v < VID_COUNT;
	     v = vidset_next(&c.vlan.created, v + 1))
		assert_int_equal(v, want[i++]);
	assert_int_equal(i, 4);
	vidset_put(&c.vlan.created, 20, false);
	assert_int_equal(bridge_apply(r->b, &c, 0, &e), -EADDRINUSE);
	assert_string_equal(e.text, "vlan 20: port 2 is in it");
	command(r, "port/set 2 mode=transparent");
	assert_int_equal(bridge_apply(r->b, &c, 0, &e), 0);
	assert_false(vidset_has(&bridge_config(r->b)->vlan.created, 20));
}

static void modes_that_need_a_vlan_say_so(void **state)
{
	struct rig *r = *state;
	static const char *const wrong[] = {
		"port/set 1 mode=dot1q-tunnel",
		"port/set 1 mode=native-tagged",
		"port/set 1 mode=access pvid=none",
		"port/set 1 mode=native-untagged pvid=none",
		"port/set 1 pvid=4095",
		"port/set 1 pvid=-1",
		"port/set 1 allow=0",
		"port/set 1 allow=10-5",
		"port/set 1 allow=10,,11",
		"port/set 1 allow=4095",
		"port/set 1 allow=",
		"port/set 1 untagged=1-",
		"port/set 1 trunk=x",
		"port/set 1 vlan=x",
		"port/set 1 mode=routed",
		"port/set 1 tpid=9100",
		"port/set 1 accept=some",
		"vlan/fid 1",
		"vlan/fid 1 4095",
		"vlan/fid 4095 1",
		"vlan/flood 1",
		"vlan/flood 1 perhaps",
		"vlan/pvid 9 1",
		"vlan/mode 1",
		"vlan/table 1",
		"vlan/flood 4095 no",
	};
	struct port_config before = *bridge_port_config(r->b, 1);
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct err e;
		if (!try_command(r, wrong[i], &e))
			fail_msg("%s: taken", wrong[i]);
		assert_true(e.text[0]);
		assert_memory_equal(&before, bridge_port_config(r->b, 1), sizeof before);
	}
	assert_true(vidset_empty(&bridge_config(r->b)->vlan.created));
}

static void a_port_that_changes_its_vlans_forgets_its_stations(void **state)
{
	struct rig *r = *state;
	static const uint8_t a[6] = { 2, 0, 0, 0, 0, 0xaa };
	command(r, "port/set 1 trunk=10,20");
	rig_send_tagged(r, 1, BROADCAST, A, 20, -1);
	assert_int_equal(bridge_fdb_find(r->b, a, 20, 0), 1);
	command(r, "vlan/allow 1 10");
	assert_int_equal(bridge_fdb_find(r->b, a, 20, 0), FDB_NONE);
}

static void vlans_can_be_shown(void **state)
{
	struct rig *r = *state;
	struct cmd_table t = { .rows = bridge_commands, .ctx = r->b };
	struct out o;
	struct err e;
	command(r, "port/set 1 vlan=10");
	command(r, "port/set 2 trunk=10-11");
	command(r, "vlan/fid 11 10");
	out_init(&o, false);
	assert_int_equal(cmd_call(&(struct cmd_set){ &t, 1 }, "vlan/table", false, 0, &o, &e), 0);
	assert_string_equal(o.text, "vlan 10 fid 10 flood yes tagged: 2 untagged: 1\n"
				    "vlan 11 fid 10 flood yes tagged: 2 untagged: none\n");
	assert_int_equal(cmd_call(&(struct cmd_set){ &t, 1 }, "json vlan/table", false, 0, &o, &e),
			 0);
	assert_string_equal(
		o.text, "{\"vlans\":[{\"vlan\":10,\"fid\":10,\"flood\":true,\"tagged\":[2],"
			"\"untagged\":[1]},{\"vlan\":11,\"fid\":10,\"flood\":true,\"tagged\":[2],"
			"\"untagged\":[]}]}");
	assert_int_equal(cmd_call(&(struct cmd_set){ &t, 1 }, "config/show", false, 0, &o, &e), 0);
	assert_string_equal(o.text, "switch/set numports=8\n"
				    "vlan/fid 11 10\n"
				    "port/set 1 mode=access pvid=10\n"
				    "port/set 2 mode=trunk allow=10-11\n");
	out_fini(&o);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(every_cell_coming_in),
		T(every_cell_going_out),
		T(acceptable_frame_types_are_kept_to),
		T(priority_tags_are_sent_when_asked_for),
		T(a_tunnel_puts_on_its_own_tpid_and_others_keep_theirs),
		T(a_frame_that_a_tag_makes_too_long_is_a_counted_drop),
		T(stations_are_known_by_vlan_or_by_the_fid_they_share),
		T(a_quiet_vlan_floods_groups_but_not_strangers),
		T(isolated_ports_do_not_hear_each_other),
		T(a_port_that_does_not_learn_leaves_no_trace),
		T(a_vlan_that_is_named_is_created_and_stays_while_named),
		T(modes_that_need_a_vlan_say_so),
		T(a_port_that_changes_its_vlans_forgets_its_stations),
		T(vlans_can_be_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
