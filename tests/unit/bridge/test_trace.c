/* SPDX-License-Identifier: MIT */
/* test_trace.c - trace tells what the live path does, for random frames, ports and settings, and
 * does nothing itself. */
#include <errno.h>
#include <stdio.h>

#include "switch/core/trace.h"
#include "tests/unit/bridge/rig.h"
#include "tests/unit/dice.h"

#define A UINT64_C(0x0200000000aa)
#define B UINT64_C(0x0200000000bb)
#define BROADCAST UINT64_C(0xffffffffffff)

enum { STATIONS = 10, ROUNDS = 6000 };

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

static void says(struct rig *r, const char *line, const char *want)
{
	struct out o;
	struct err e = { "" };
	out_init(&o, false);
	if (call(r, line, &o, &e))
		fail_msg("%s: %s", line, e.text);
	assert_string_equal(o.text, want);
	out_fini(&o);
}

static void it_tells_the_way_of_a_frame(void **state)
{
	(void)state;
	struct rig *r = rig_new(4);
	command(r, "port/set 1 name=a vlan=10");
	command(r, "port/set 2 trunk=10,20");
	command(r, "port/set 3 vlan=20");
	command(r, "port/down 4");
	says(r, "trace a dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:aa",
	     "ingress: pass\n"
	     "control: pass\n"
	     "vlan: pass, VLAN 10\n"
	     "learn: pass, new here\n"
	     "tree: pass\n"
	     "forward: pass, flooded\n"
	     "port 2: sent, 64 bytes, tags 8100:10.0\n"
	     "port 3: not there, vlan-egress\n"
	     "port 4: not there, down\n"
	     "sent to 1 ports\n");
	says(r, "trace 2 ffffffffffff0200000000bb8100601e0800",
	     "ingress: pass\n"
	     "control: pass\n"
	     "vlan: dropped, vlan-ingress\n"
	     "sent to 0 ports\n");
	rig_send(r, 1, BROADCAST, A);
	says(r, "json trace 2 dst=02:00:00:00:00:aa,src=02:00:00:00:00:bb,vlan=10,pcp=5",
	     "{\"stages\":[{\"stage\":\"ingress\",\"verdict\":\"pass\"},{\"stage\":\"control\","
	     "\"verdict\":\"pass\"},"
	     "{\"stage\":\"vlan\",\"verdict\":\"pass\",\"vlan\":10},"
	     "{\"stage\":\"learn\",\"verdict\":\"pass\",\"source\":\"new here\"},"
	     "{\"stage\":\"tree\",\"verdict\":\"pass\"},"
	     "{\"stage\":\"forward\",\"verdict\":\"pass\",\"owner\":1}],"
	     "\"ports\":[{\"port\":1,\"name\":\"a\",\"verdict\":\"sent\",\"bytes\":56,\"tags\":[]}]"
	     ","
	     "\"sent\":1,\"dropped\":null}");
	rig_free(r);
}

static void wrong_frames_are_refused(void **state)
{
	(void)state;
	struct rig *r = rig_new(2);
	static const char *const wrong[] = {
		"trace",
		"trace 1",
		"trace 9 ff",
		"trace 1 f",
		"trace 1 fg",
		"trace 1 ff ff",
		"trace 1 dst=ff:ff:ff:ff:ff:ff",
		"trace 1 dst=x,src=02:00:00:00:00:01",
		"trace 1 dst=,src=",
		"trace 1 colour=red",
		"trace 1 dst=1,,",
		"trace 1 dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:01,vlan=4096",
		"trace 1 dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:01,pcp=8",
		"trace 1 dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:01,len=99999",
	};
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct out o;
		struct err e = { "" };
		out_init(&o, false);
		if (!call(r, wrong[i], &o, &e) || !e.text[0])
			fail_msg("%s: taken", wrong[i]);
		out_fini(&o);
	}
	rig_free(r);
}

/* --- the property --- */

static const char *const relay_lines[] = {
	"vepa/mode vepa",         "vepa/mode veb",         "vepa/mode off",
	"vepa/mode vepa vlan 10", "vepa/mode veb vlan 10",
};

static void random_settings(struct rig *r, struct dice *d)
{
	static const char *const settings[] = {
		"mode=transparent",
		"vlan=10",
		"vlan=20",
		"trunk=10,20",
		"trunk=all",
		"mode=hybrid pvid=10 untagged=10,20",
		"mode=native-tagged pvid=20 allow=10",
		"mode=native-untagged pvid=10 allow=20-30",
		"mode=dot1q-tunnel pvid=10",
		"mode=dot1q-tunnel pvid=10 cvlans=20",
		"isolated=yes",
		"isolated=no",
		"limit=2",
		"limit=0",
		"learn=no",
		"learn=yes",
		"accept=tagged",
		"accept=all",
		"reserved=standard",
		"reserved=wire",
		"up=no",
		"up=yes",
		"up=yes",
		"priotags=always",
		"reflect=on",
		"reflect=off",
		"promisc=yes",
		"promisc=no",
	};
	char line[128];
	snprintf(line, sizeof line, "port/set %u %s", 1 + (unsigned)dice_below(d, RIG_PORTS),
		 settings[dice_below(d, sizeof settings / sizeof *settings)]);
	command(r, line);
	switch (dice_below(d, 64)) {
	case 0:
		command(r, dice_below(d, 2) ? "vlan/fid 20 10" : "vlan/fid 20 20");
		return;
	case 1:
		command(r, dice_below(d, 2) ? "vlan/flood 10 no" : "vlan/flood 10 yes");
		return;
	case 2:
		command(r, "vepa/mode off"); /* a hub cannot be an edge relay */
		command(r, dice_below(d, 3) ? "switch/set hub=no" : "switch/set hub=yes");
		return;
	case 3:
		command(r, dice_below(d, 2) ? "fdb/add 02:00:00:00:00:03 10 2" : "fdb/flush");
		return;
	case 4:
		command(r, dice_below(d, 2) ? "switch/set fdb-max=6" : "switch/set fdb-max=1000");
		return;
	case 5:
	case 6:
	case 7:
		command(r, "switch/set hub=no");
		command(r, relay_lines[dice_below(d, sizeof relay_lines / sizeof *relay_lines)]);
		return;
	case 8:
		command(r, dice_below(d, 3) ? "vepa/uplink 1" : "vepa/uplink none");
		return;
	default:
		return;
	}
}

static uint32_t random_frame(uint8_t bytes[static 128], struct dice *d)
{
	static const int tags[] = { -1, -1, 0, 10, 20, 25, 0xfff, 0xe00a };
	uint64_t dst = A + dice_below(d, STATIONS), src = A + dice_below(d, STATIONS);
	if (dice_below(d, 4) == 0)
		dst = BROADCAST;
	if (dice_below(d, 10) == 0)
		dst = UINT64_C(0x0180c2000000) + dice_below(d, 17);
	int outer = tags[dice_below(d, 8)], inner = outer < 0 ? -1 : tags[dice_below(d, 8)];
	uint32_t len = rig_build(bytes, dst, src, outer, inner, 0);
	return dice_below(d, 30) ? len : (uint32_t)dice_below(d, 20);
}

struct told {
	bool sent[RIG_PORTS + 1];
	uint32_t len[RIG_PORTS + 1];
	uint8_t hdr[RIG_PORTS + 1][24];
	unsigned lost_port;
	enum drop_reason lost;
};

static void note(void *ctx, const struct trace_copy *c)
{
	struct told *t = ctx;
	if (c->why == DROP_REASONS) {
		t->sent[c->port] = true;
		t->len[c->port] = txv_len(&c->v);
		memcpy(t->hdr[c->port], c->v.hdr, c->v.hlen);
	} else if (c->meant) {
		t->lost_port = c->port;
		t->lost = c->why;
	}
}

static char *snapshot(struct rig *r)
{
	struct out o;
	struct err e;
	out_init(&o, false);
	assert_int_equal(call(r, "json fdb/print", &o, &e), 0);
	return o.text;
}

/* Settings are compared with what happens next, frame by frame. */
static void its_verdict_is_the_live_paths(void **state)
{
	(void)state;
	struct dice d = dice_of("trace");
	struct rig *r = rig_new(RIG_PORTS);
	unsigned sent = 0, dropped = 0, lost = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint8_t bytes[128];
		if (dice_below(&d, 6) == 0)
			random_settings(r, &d);
		rig_run(r, r->now + (int64_t)dice_below(&d, SEC(3)));
		struct frame f = { .data = bytes, .len = random_frame(bytes, &d) }, g = f;
		unsigned in = 1 + (unsigned)dice_below(&d, RIG_PORTS);
		struct told told = { .lost = DROP_REASONS };
		struct trace t = { .copy = note, .ctx = &told };
		struct bridge_stats s0, s1;
		rig_forget(r);
		bridge_stats(r->b, &s0);
		char *before = snapshot(r);
		bridge_trace(r->b, in, &f, r->now, &t);
		char *after = snapshot(r);
		bridge_stats(r->b, &s1);
		assert_memory_equal(&s0, &s1, sizeof s0); /* nothing was done */
		assert_string_equal(before, after);
		assert_int_equal(r->count, 0);
		free(before);
		free(after);

		uint64_t in_drops = t.dropped == DROP_REASONS ? 0 : rig_drops(r, in, t.dropped);
		uint64_t out_drops =
			told.lost == DROP_REASONS ? 0 : rig_drops(r, told.lost_port, told.lost);
		bridge_rx(r->b, in, &g, 1, r->now);
		for (unsigned p = 1; p <= RIG_PORTS; p++)
			assert_int_equal(rig_sent_to(r, p), told.sent[p]);
		for (unsigned i = 0; i < r->count; i++) {
			unsigned p = r->sent[i].port;
			assert_int_equal(r->sent[i].len, told.len[p]);
			assert_memory_equal(r->sent[i].bytes, told.hdr[p], 12);
		}
		if (t.dropped != DROP_REASONS)
			assert_int_equal(rig_drops(r, in, t.dropped), in_drops + 1);
		if (told.lost != DROP_REASONS)
			assert_int_equal(rig_drops(r, told.lost_port, told.lost), out_drops + 1);
		sent += r->count;
		dropped += t.dropped != DROP_REASONS;
		lost += told.lost != DROP_REASONS;
	}
	printf("# %u sent, %u dropped, %u lost on the way out\n", sent, dropped, lost);
	assert_true(sent > ROUNDS / 4 && dropped > ROUNDS / 10 && lost > 20);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_tells_the_way_of_a_frame),
		cmocka_unit_test(wrong_frames_are_refused),
		cmocka_unit_test(its_verdict_is_the_live_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
