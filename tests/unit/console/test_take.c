/* SPDX-License-Identifier: MIT */
/* test_take.c - replies into the model: rates, ports that come and go, addresses that move, events;
 * and replies that are damaged. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/event.h"
#include "tests/unit/console/demo.h"
#include "tests/unit/dice.h"

static int set_up(void **state)
{
	static struct model m;
	demo_model(&m);
	*state = &m;
	return 0;
}

static int tear_down(void **state)
{
	model_fini(*state);
	return 0;
}

static int take(take_fn *fn, struct model *m, struct source *s, const char *text, int64_t now)
{
	return fn(m, s, text, strlen(text), now);
}

static void help_tells_the_kind_and_what_writes(void **state)
{
	struct model *m = *state;
	assert_int_equal(m->source[0]->kind, KIND_SWITCH);
	assert_int_equal(m->source[3]->kind, KIND_WIRE);
	assert_int_equal(m->source[5]->kind, KIND_FOREIGN);
	assert_true(source_command(m->source[0], "port/down")->writes);
	assert_false(source_command(m->source[0], "port/print")->writes);
	assert_false(source_can(m->source[0], "port")); /* a menu */
	assert_false(source_can(m->source[0], "port/dow"));
	assert_true(source_command(m->source[5], "port/print")->writes); /* VDE does not tell */
}

static void sample(struct model *m, struct source *s, unsigned frames, int64_t now)
{
	char text[200];
	snprintf(text, sizeof text,
		 "{\"ports\":[{\"port\":1,\"rx_frames\":%u,\"rx_bytes\":%u,\"tx_frames\":0,\"tx_"
		 "bytes\":0}]}",
		 frames, frames * 100);
	assert_int_equal(take(take_port_stats, m, s, text, now), 0);
}

static void rates_are_frames_by_time(void **state)
{
	struct model *m = *state;
	struct source *s = m->source[2];
	sample(m, s, 100, NS_PER_SEC);
	assert_false(s->has_rates);
	sample(m, s, 350, NS_PER_SEC + 250 * NS_PER_MS);
	assert_true(s->has_rates);
	assert_int_equal(s->ports[0].rx.fps, 1000);
	assert_int_equal(s->ports[0].rx.bps, 800000);
	assert_int_equal(s->ports[0].history[HISTORY_LEN - 1], 1000);
	sample(m, s, 5, NS_PER_SEC + 500 * NS_PER_MS); /* counters were reset */
	assert_int_equal(s->ports[0].rx.fps, 0);
	assert_int_equal(s->ports[0].rx.frames, 5);
}

static void drops_are_kept_by_reason(void **state)
{
	struct model *m = *state;
	struct source *s = m->source[2];
	assert_int_equal(take(take_port_stats, m, s,
			      "{\"ports\":[{\"port\":1,\"drops\":{\"queue-full\":7,\"from-the-"
			      "future\":2,\"loss\":0}}]}",
			      5),
			 0);
	assert_int_equal(s->ports[0].drops.by[DROP_QUEUE_FULL], 7);
	assert_int_equal(s->ports[0].drops.other, 2);
	assert_int_equal(s->ports[0].drops.sum, 9);
}

static void ports_that_are_listed_no_more_are_gone(void **state)
{
	struct model *m = *state;
	struct source *s = m->source[0];
	assert_int_equal(s->port_count, 4);
	assert_int_equal(take(take_port_print, m, s,
			      "{\"ports\":[{\"port\":9,\"name\":\"z\"},{\"port\":2,\"name\":\"b\"},"
			      "{\"port\":4}]}",
			      DEMO_NOW),
			 0);
	assert_int_equal(s->port_count, 3);
	assert_int_equal(s->ports[0].number, 2);
	assert_int_equal(s->ports[1].number, 4);
	assert_int_equal(s->ports[2].number, 9);
	assert_null(source_port(s, 1));
	assert_int_equal(source_port(s, 9)->number, 9);
	assert_int_equal(source_port_named(s, "z")->number, 9);
}

static void port_numbers_out_of_range_are_nobodys(void **state)
{
	struct model *m = *state;
	struct source *s = m->source[0];
	assert_int_equal(take(take_port_stats, m, s,
			      "{\"ports\":[{\"port\":65536},{\"port\":-1},{\"port\":\"1\"},{"
			      "\"name\":\"x\"},7,[1]]}",
			      1),
			 0);
	assert_int_equal(s->port_count, 4);
}

static void a_move_is_marked_and_survives_the_next_listing(void **state)
{
	struct model *m = *state;
	struct source *s = m->source[0];
	assert_int_equal(s->addresses[0].moves, 1);
	assert_int_equal(s->addresses[0].port, 2);
	assert_false(s->addresses[0].flaps);
	assert_true(s->addresses[2].flaps);
	assert_int_equal(
		take(take_fdb, m, s,
		     "{\"entries\":[{\"mac\":\"02:00:00:00:00:0a\",\"vlan\":10,\"port\":3},"
		     "{\"mac\":\"02:00:00:00:00:01\",\"vlan\":0,\"port\":4},"
		     "{\"mac\":\"nonsense\",\"vlan\":0,\"port\":4}]}",
		     DEMO_NOW),
		0);
	assert_int_equal(s->address_count, 2);
	assert_int_equal(s->addresses[0].moves, 2); /* it went on, unseen */
	assert_true(s->addresses[1].flaps);
}

static void settings_and_seeds_of_any_size_are_read(void **state)
{
	struct model *m = *state;
	const struct wire_model *w = &m->source[3]->wire;
	assert_string_equal(w->state, "up");
	assert_string_equal(side_setting(&w->side[0], "delay"), "5ms");
	assert_string_equal(side_setting(&w->side[1], "loss"), "0%");
	assert_string_equal(side_setting(&w->side[1], "nosuch"), "");
	assert_int_equal(w->side[0].rx.fps, 4000);
	assert_int_equal(w->side[0].delay_avg_ns, 5023000);
}

static void events_keep_their_order_and_the_ring_its_size(void **state)
{
	struct model *m = *state;
	struct source *s = m->source[1];
	uint64_t before = m->event_seq;
	for (int i = 0; i < EVENTS_MAX + 10; i++)
		assert_int_equal(
			take(take_event, m, s, "{\"event\":\"port.up\",\"port\":3}", m->now), 0);
	assert_int_equal(m->event_seq, before + EVENTS_MAX + 10);
	assert_null(model_event_at(m, before + 10));
	assert_non_null(model_event_at(m, before + 11));
	const struct event_line *e = model_event_at(m, m->event_seq);
	assert_int_equal(e->kind, EVENT_PORT_UP);
	assert_string_equal(e->text, "port.up port 3");
	assert_null(model_event_at(m, m->event_seq + 1));
	assert_null(model_event_at(m, 0));
}

static void lost_events_are_counted(void **state)
{
	struct model *m = *state;
	assert_int_equal(
		take(take_event, m, m->source[0], "{\"event\":\"event.lost\",\"lost\":12}", m->now),
		0);
	assert_int_equal(take(take_event, m, m->source[0], "3277 event.lost 30", m->now), 0);
	assert_int_equal(m->events_lost, 42);
}

static void a_time_that_cannot_be_is_ours(void **state)
{
	struct model *m = *state;
	static const char *const times[] = { "9223372036854775807", "-5", "0", "1",
					     "999000000000" };
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		char text[100];
		snprintf(text, sizeof text, "{\"event\":\"config\",\"at_ns\":%s}", times[i]);
		assert_int_equal(take(take_event, m, m->source[0], text, m->now), 0);
		int64_t at = model_event_at(m, m->event_seq)->at_ns;
		assert_int_equal(at, i == 4 ? INT64_C(999000000000) : m->now);
	}
}

static void time_leaps_only_while_it_stands(void **state)
{
	struct model m;
	(void)state;
	assert_int_equal(model_init(&m), 0);
	demo_leader(&m);
	struct source *s = m.source[0];
	assert_int_equal(s->kind, KIND_LAB);
	assert_int_equal(model_leader(&m), 0);
	assert_int_equal(s->time.now_ns, 1500000000);
	assert_string_equal(s->time.verdict, "failed");
	uint64_t leaps = m.leaps;
	demo_take(take_time, &m, s, "{\"state\":\"runs\",\"now_ns\":1600000000,\"number\":1}\n", 0);
	assert_int_equal(m.leaps, leaps); /* all is asked often anyway */
	demo_take(take_time, &m, s, "{\"state\":\"stands\",\"now_ns\":1600000000,\"number\":1}\n",
		  0);
	assert_int_equal(m.leaps, leaps);
	demo_take(take_time, &m, s, "{\"state\":\"stands\",\"now_ns\":1,\"number\":1}\n", 0);
	assert_int_equal(m.leaps, leaps + 1); /* back */
	model_set_state(&m, s, SRC_DEAD, "gone", 0);
	assert_int_equal(model_leader(&m), -1);
	model_fini(&m);
}

static void names_stay_unique(void **state)
{
	struct model *m = *state;
	assert_string_equal(model_add(m, "s1", "other", "/x/s1.mgmt")->name, "other/s1");
	assert_string_equal(model_add(m, "s1", "", "/y/s1.mgmt")->name, "s1.2");
	assert_string_equal(model_add(m, "s1", "", "/z/s1.mgmt")->name, "s1.3");
}

/* Whatever a socket says, the model stays a model: bounded, and texts that end. */
static void damaged_replies_do_no_harm(void **state)
{
	static take_fn *const fns[] = { take_help,        take_showinfo,   take_port_print,
					take_port_config, take_port_stats, take_rstp,
					take_fdb,         take_fdb_stats,  take_wire_stats,
					take_event,       take_help_text,  take_time };
	static const char *const texts[] = {
		demo_help_switch,
		"{\"ports\":[{\"port\":1,\"name\":\"a\",\"rx_frames\":1,\"drops\":{\"loss\":1},"
		"\"endpoints\":[{\"id\":1}],"
		"\"allow\":[1,\"2-3\"],\"role\":\"root\",\"designated_bridge\":\"32768.00:ff:00:00:"
		"00:01\"}]}",
		"{\"entries\":[{\"mac\":\"02:00:00:00:00:01\",\"vlan\":1,\"port\":1,\"age_ns\":5,"
		"\"kind\":\"static\"}]}",
		"{\"ab\":{\"rx_frames\":3,\"delay_avg_ns\":5,\"drops\":{\"cut\":1},\"delay\":"
		"\"5ms\"},\"ba\":{}}",
		"{\"event\":\"fdb.move\",\"at_ns\":5,\"port\":1,\"vlan\":1,\"mac\":\"02:00:00:00:"
		"00:01\"}",
		"3201 port.up port 1",
	};
	struct model *m = *state;
	struct dice d = dice_of("damaged replies");
	for (int i = 0; i < 30000; i++) {
		char text[4096];
		const char *from = texts[dice_below(&d, sizeof texts / sizeof *texts)];
		size_t len = strlen(from);
		memcpy(text, from, len);
		for (uint64_t k = dice_below(&d, 4); k > 0; k--)
			text[dice_below(&d, len)] = (char)dice_bits(&d);
		len = dice_below(&d, 3) ? len : dice_below(&d, len + 1);
		text[len] = '\0';
		struct source *s = m->source[dice_below(&d, m->source_count)];
		fns[dice_below(&d, sizeof fns / sizeof *fns)](m, s, text, len, m->now);
		assert_in_range(s->port_count, 0, PORTS_MAX);
		for (size_t k = 0; k < s->port_count; k++)
			assert_true(!k || s->ports[k].number > s->ports[k - 1].number);
	}
}

#define demo(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		demo(help_tells_the_kind_and_what_writes),
		demo(rates_are_frames_by_time),
		demo(drops_are_kept_by_reason),
		demo(ports_that_are_listed_no_more_are_gone),
		demo(port_numbers_out_of_range_are_nobodys),
		demo(a_move_is_marked_and_survives_the_next_listing),
		demo(settings_and_seeds_of_any_size_are_read),
		demo(events_keep_their_order_and_the_ring_its_size),
		demo(lost_events_are_counted),
		demo(a_time_that_cannot_be_is_ours),
		cmocka_unit_test(time_leaps_only_while_it_stands),
		demo(names_stay_unique),
		demo(damaged_replies_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
