/* SPDX-License-Identifier: MIT */
/* test_ep_vde.c - our side as a client of our server: by the VDE protocol, and by rings. */
#include "tests/unit/cmocka.h"

#include <errno.h>

#include "tests/unit/io/net.h"

static void frames_cross_both_ways_up_to_the_longest(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	static const uint32_t len[] = { 14, 60, 1514, 9000, ETH_FRAME_MAX };
	plug_in(n, "", &h);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(send_frame(h.ep, len[i], (uint8_t)i), 1);
		assert_int_equal(send_frame(n->port[1].ep, len[i], (uint8_t)i), 1);
	}
	UNTIL(n->loop, h.count == 5 && n->port[1].count == 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(h.len[i], len[i]);
		assert_int_equal(n->port[1].len[i], len[i]);
	}
	assert_false(h.wrong || n->port[1].wrong);
	ep_close(h.ep);
	net_free(n);
}

static void a_plug_gets_the_port_it_asks_for(void **state)
{
	(void)state;
	static const struct {
		const char *keys;
		int port;
	} wish[] = {
		{ ",port=5", 5 }, { "[6]", 6 }, { "[port=7/mode=0700]", 7 }, { "[0]", 0 }, { "", 1 }
	};
	struct net *n = net_new();
	struct listener h[5] = { { 0 } };
	for (unsigned i = 0; i < 5; i++) {
		plug_in(n, wish[i].keys, &h[i]);
		assert_int_equal(h[i].ups, 1);
		assert_non_null(n->port[wish[i].port].ep);
	}
	for (unsigned i = 0; i < 5; i++)
		ep_close(h[i].ep);
	net_free(n);
}

static void the_server_knows_who_plugged_in(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, ",descr=\"the, third\"", &h);
	assert_int_equal(n->last.uid, geteuid());
	assert_int_equal(n->last.pid, getpid());
	assert_int_equal(n->last.request.version, 3);
	assert_ptr_equal(strstr(n->last.request.descr, "the, third user="), n->last.request.descr);
	assert_string_equal(n->port[1].ep->descr, n->last.request.descr);
	ep_close(h.ep);
	net_free(n);
}

static void a_refused_plug_is_told_at_once(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, ",port=99", &h);
	assert_int_equal(h.closes, 1);
	assert_int_equal(h.why, -EACCES);
	assert_ptr_equal(strstr(h.reason, "the switch refused the plug"), h.reason);
	net_free(n);
}

static void unplugging_is_seen_after_the_last_frames(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	ep_pause(n->port[1].ep, true);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(send_frame(h.ep, 60, (uint8_t)i), 1);
	ep_close(h.ep);
	quiet(n->loop);
	assert_int_equal(n->port[1].closes, 0);
	ep_pause(n->port[1].ep, false);
	UNTIL(n->loop, n->port[1].closes == 1);
	assert_int_equal(n->port[1].count, 100);
	assert_string_equal(n->port[1].reason, "peer unplugged");
	net_free(n);
}

static void a_held_port_learns_of_its_unplugging_in_time(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	ep_pause(n->port[1].ep, true);
	send_frame(h.ep, 60, 1);
	ep_close(h.ep);
	int64_t before = loop_clock(n->loop);
	unsigned turns = 0;
	for (bool ended; n->port[1].closes == 0; turns++)
		assert_int_equal(loop_turn(n->loop, TIME_NEVER, &ended), 0);
	assert_true(loop_clock(n->loop) - before < 5 * NS_PER_SEC);
	assert_true(turns < 20); /* it slept */
	net_free(n);
}

static void the_switch_going_away_is_seen_after_its_last_frames(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(send_frame(n->port[1].ep, 60, (uint8_t)i), 1);
	ep_close(n->port[1].ep);
	n->port[1].ep = NULL;
	UNTIL(n->loop, h.closes == 1);
	assert_int_equal(h.count, 100);
	assert_int_equal(h.why, 0);
	net_free(n);
}

/* QEMU, say, in its monitor: it is plugged in and reads nothing. */
static void a_peer_that_never_reads_takes_what_fits_and_then_less(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	ep_pause(h.ep, true);
	unsigned sent = 0;
	while (sent < HEARD_MAX && send_frame(n->port[1].ep, 1514, (uint8_t)sent))
		sent++;
	assert_true(sent > 10 && sent < HEARD_MAX);
	quiet(n->loop);
	assert_int_equal(n->port[1].writable, 0); /* not asked again and again */
	assert_int_equal(n->port[1].ep->tx_dropped, 0);
	ep_pause(h.ep, false);
	UNTIL(n->loop, n->port[1].writable > 0);
	UNTIL(n->loop, h.count == sent);
	assert_int_equal(send_frame(n->port[1].ep, 1514, 1), 1);
	ep_close(h.ep);
	net_free(n);
}

static void closing_between_rx_and_rx_done_harms_nobody(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener a = { 0 }, b = { 0 };
	struct frame f[BATCH_MAX];
	plug_in(n, "", &a);
	plug_in(n, "", &b);
	n->port[1].deaf = true;
	send_frame(a.ep, 60, 1);
	UNTIL(n->loop, n->port[1].readable > 0);
	assert_int_equal(ep_rx(n->port[1].ep, f, BATCH_MAX), 1);
	ep_close(n->port[1].ep);
	n->port[1].ep = NULL;
	send_frame(b.ep, 60, 2);
	UNTIL(n->loop, n->port[2].count == 1); /* the receive memory is free again */
	UNTIL(n->loop, a.closes == 1);
	ep_close(b.ep);
	net_free(n);
}

static void no_switch_is_said_at_once(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct folder d = folder_new();
	struct listener h = { 0 };
	struct err err;
	char locator[128];
	snprintf(locator, sizeof locator, "%s", d.path);
	assert_int_equal(ep_open(&h.ep, l, locator, &listener_host, &h, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no switch there"));
	snprintf(locator, sizeof locator, "vde://%s/none", d.path);
	assert_int_equal(ep_open(&h.ep, l, locator, &listener_host, &h, NULL, &err), -ENOENT);
	rmdir(d.path);
	loop_free(l);
}

static void a_file_may_name_the_switch(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	struct err err = { "" };
	char path[128];
	snprintf(path, sizeof path, "%s/where", n->folder.path);
	FILE *f = fopen(path, "w");
	fprintf(f, "vde://%s[4]\nand a second line\n", n->dir);
	fclose(f);
	assert_int_equal(ep_open(&h.ep, n->loop, path, &listener_host, &h, NULL, &err), 0);
	UNTIL(n->loop, h.ups == 1);
	assert_non_null(n->port[4].ep);
	ep_close(h.ep);
	f = fopen(path, "w");
	fprintf(f, "%s\n", path); /* itself */
	fclose(f);
	assert_int_equal(ep_open(&h.ep, n->loop, path, &listener_host, &h, NULL, &err), -EINVAL);
	assert_null(h.ep);
	unlink(path);
	net_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_cross_both_ways_up_to_the_longest),
		cmocka_unit_test(a_plug_gets_the_port_it_asks_for),
		cmocka_unit_test(the_server_knows_who_plugged_in),
		cmocka_unit_test(a_refused_plug_is_told_at_once),
		cmocka_unit_test(unplugging_is_seen_after_the_last_frames),
		cmocka_unit_test(a_held_port_learns_of_its_unplugging_in_time),
		cmocka_unit_test(the_switch_going_away_is_seen_after_its_last_frames),
		cmocka_unit_test(a_peer_that_never_reads_takes_what_fits_and_then_less),
		cmocka_unit_test(closing_between_rx_and_rx_done_harms_nobody),
		cmocka_unit_test(no_switch_is_said_at_once),
		cmocka_unit_test(a_file_may_name_the_switch),
	};
	int failed = cmocka_run_group_tests_name("by rings", tests, NULL, NULL);
	net_keys = ",rings=no";
	return failed + cmocka_run_group_tests_name("by datagrams", tests, NULL, NULL);
}
