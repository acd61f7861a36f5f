/* SPDX-License-Identifier: MIT */
/* test_bundle.c - a bundle crosses the bridge as one, but counts, waits and is watched as the
 * frames it stands for; one that lies is dropped and counted. */
#include "switch/core/portkeys.h"
#include "tests/unit/bridge/rig.h"
#include "tests/unit/bundle.h"

#define MAC_A UINT64_C(0x02000000000a)
#define MAC_B UINT64_C(0x020000000001) /* the sender of bundle.h */
#define HEAD 66u                       /* Ethernet, IPv4, TCP with 12 bytes of options */

static struct bundle b;

static void send_bundle(struct rig *r, unsigned port)
{
	struct frame f = b.f;
	bridge_rx(r->b, port, &f, 1, r->now);
}

static struct port_stats stats(const struct rig *r, unsigned port)
{
	struct port_stats s;
	bridge_port_stats(r->b, port, &s);
	return s;
}

static void a_bundle_counts_as_its_frames(void **state)
{
	(void)state;
	struct rig *r = rig_new(3);
	make(&b, false, false, 4500, 1000); /* five frames */
	send_bundle(r, 1);
	assert_int_equal(r->count, 2); /* flooded, as one */
	assert_int_equal(r->sent[0].len, HEAD + 4500);
	assert_int_equal(stats(r, 1).rx_frames, 5);
	assert_int_equal(stats(r, 1).rx_bytes, 5 * HEAD + 4500);
	assert_int_equal(stats(r, 2).tx_frames, 5);
	assert_int_equal(stats(r, 3).tx_bytes, 5 * HEAD + 4500);
	rig_free(r);
}

static void it_waits_as_its_frames(void **state)
{
	(void)state;
	struct rig *r = rig_new(2);
	struct port_config c = *bridge_port_config(r->b, 2);
	struct err e = { "" };
	assert_int_equal(port_key_set(&c, "queue", "12", &e), 0);
	assert_int_equal(bridge_port_apply(r->b, 2, &c, r->now, NULL), 0);
	make(&b, false, false, 4500, 1000);
	r->takes[2] = 0;
	for (unsigned i = 0; i < 3; i++)
		send_bundle(r, 1);
	assert_int_equal(rig_drops(r, 2, DROP_QUEUE_FULL), 5); /* the third: 15 are over 12 */
	r->takes[2] = UINT_MAX;
	bridge_writable(r->b, 2, r->now);
	assert_int_equal(r->count, 2);
	assert_int_equal(stats(r, 2).tx_frames, 10);
	rig_free(r);
}

static void a_watcher_sees_its_frames(void **state)
{
	(void)state;
	struct rig *r = rig_new(2);
	bridge_want_tap(r->b, true);
	make(&b, true, false, 2500, 1000);
	send_bundle(r, 1);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->taps, 6);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(r->tap[i].dir, i < 3 ? BRIDGE_IN : BRIDGE_OUT);
		assert_int_equal(r->tap[i].len, HEAD + 20 + (i % 3 == 2 ? 500 : 1000));
	}
	rig_free(r);
}

static void one_that_lies_is_dropped(void **state)
{
	(void)state;
	struct rig *r = rig_new(2);
	bridge_want_tap(r->b, true);
	make(&b, false, false, 4500, 1000);
	b.f.csum_start = 60000;
	send_bundle(r, 1);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, 1, DROP_OFFLOAD), 1);
	assert_int_equal(stats(r, 1).rx_frames, 1);
	assert_int_equal(r->taps, 1);
	assert_int_equal(r->tap[0].why, DROP_OFFLOAD);
	rig_free(r);
}

static void its_frames_are_no_longer_than_frames_may_be(void **state)
{
	(void)state;
	struct rig *r = rig_new(2);
	make(&b, false, false, 30000, ETH_FRAME_MAX - HEAD + 1);
	send_bundle(r, 1);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, 1, DROP_OVERSIZE), 4);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_counts_as_its_frames),
		cmocka_unit_test(it_waits_as_its_frames),
		cmocka_unit_test(a_watcher_sees_its_frames),
		cmocka_unit_test(one_that_lies_is_dropped),
		cmocka_unit_test(its_frames_are_no_longer_than_frames_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
