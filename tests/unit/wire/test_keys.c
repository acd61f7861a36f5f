/* SPDX-License-Identifier: MIT */
/* test_keys.c - impairment keys: what is taken, what is refused and in which words; and the
 * commands. */
#include "tests/unit/wire/rig.h"

#include <errno.h>

#include "wire/core/keys.h"

static void expect_refusal(const char *key, const char *value, const char *words)
{
	struct wire_config c, before;
	struct err e = { "" };
	wire_config_default(&c);
	before = c;
	int r = wire_set_key(&c, key, value, &e);
	assert_true(r < 0);
	if (!strstr(e.text, words))
		fail_msg("%s=%s: \"%s\" does not say \"%s\"", key, value, e.text, words);
	assert_memory_equal(&c, &before, sizeof c);
}

static void bad_values_are_named_and_change_nothing(void **state)
{
	(void)state;
	expect_refusal("loss", "130%", "130%");
	expect_refusal("los", "1%", "loss");
	expect_refusal("ab.delayy", "1ms", "delay");
	expect_refusal("xyzzy", "1", "no such key");
	expect_refusal("delay", "20", "20");
	expect_refusal("delay", "-1ms", "-1ms");
	expect_refusal("delay", "2h", "1h");
	expect_refusal("rate", "10", "10");
	expect_refusal("rate", "2Tbit", "1Tbit");
	expect_refusal("dist", "normel", "normal");
	expect_refusal("limit", "1000x", "1000x");
	expect_refusal("fifo", "maybe", "maybe");
	expect_refusal("mtu", "1MB", "1MB");
	expect_refusal("", "1", "no such key");
}

static void prefixes_choose_the_direction(void **state)
{
	struct wire_config c;
	(void)state;
	wire_config_default(&c);
	assert_int_equal(wire_set_key(&c, "delay", "2ms", NULL), 0);
	assert_int_equal(wire_set_key(&c, "ba.delay", "3ms", NULL), 0);
	assert_int_equal(wire_set_key(&c, "ab.loss", "1%", NULL), 0);
	assert_int_equal(c.law[WIRE_AB].delay_ns, MS(2));
	assert_int_equal(c.law[WIRE_BA].delay_ns, MS(3));
	assert_true(c.law[WIRE_AB].loss > 0);
	assert_int_equal(c.law[WIRE_BA].loss, 0);
}

static void default_is_a_perfect_wire_with_a_limit(void **state)
{
	struct wire_config c;
	(void)state;
	wire_config_default(&c);
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		assert_int_equal(c.law[d].delay_ns, 0);
		assert_int_equal(c.law[d].rate_bps, 0);
		assert_true(c.law[d].limit.packets);
		assert_int_equal(c.law[d].limit.count, 1000);
	}
}

static void every_key_has_its_words_and_reads_its_own_text(void **state)
{
	struct wire_config c;
	(void)state;
	wire_config_default(&c);
	for (size_t i = 0; wire_key_at(NULL, i); i++) {
		char text[KEY_TEXT_LEN];
		assert_true(strlen(wire_key_help(i)) > 5);
		assert_true(strlen(wire_key_arg(i)) > 0);
		key_text(&wire_keys[i], &c.law[0], text);
		assert_string_equal(text, wire_keys[i].def);
		struct err e = { "" };
		if (wire_set_key(&c, wire_key_at(NULL, i), text, &e) < 0)
			fail_msg("%s=%s: %s", wire_key_at(NULL, i), text, e.text);
	}
}

/* ---- commands ---- */

static const char *say(struct rig *g, const char *line, bool json, int want)
{
	static struct out o;
	const struct cmd_table table = { wire_commands, g->w };
	const struct cmd_set set = { &table, 1 };
	static struct err e;
	out_fini(&o);
	out_init(&o, json);
	int r = cmd_call(&set, line, json, g->now, &o, &e);
	if (r != want)
		fail_msg("%s: %d %s", line, r, e.text);
	return r ? e.text : o.text ? o.text : "";
}

static void set_takes_all_or_nothing(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	say(&g, "set delay=5ms ab.loss=1% rate=10Mbit", false, 0);
	assert_int_equal(wire_config(g.w)->law[WIRE_BA].delay_ns, MS(5));
	const char *words = say(&g, "set delay=7ms los=1%", false, -EINVAL);
	assert_non_null(strstr(words, "loss"));
	assert_int_equal(wire_config(g.w)->law[WIRE_BA].delay_ns, MS(5));
	assert_non_null(strstr(say(&g, "set delay", false, -EINVAL), "delay"));
	say(&g, "set", false, -EINVAL);
	assert_non_null(strstr(say(&g, "set mtu=9B", false, -EINVAL), "mtu"));
	rig_end(&g);
}

static void shown_configuration_makes_the_same_wire(void **state)
{
	struct rig g, h;
	(void)state;
	rig_begin(&g);
	rig_begin(&h);
	assert_string_equal(say(&g, "config/show", false, 0), "");
	say(&g,
	    "set delay=1.5ms jitter=3us ba.dist=normal ab.loss=0.25% rate=3Mbit ba.limit=64kB "
	    "fifo=yes mtu=1500B",
	    false, 0);
	char script[1024];
	snprintf(script, sizeof script, "%s", say(&g, "config/show", false, 0));
	for (char *save, *line = strtok_r(script, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		say(&h, line, false, 0);
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		for (const struct key *k = wire_keys; k->name; k++) {
			char a[KEY_TEXT_LEN], b[KEY_TEXT_LEN];
			key_text(k, &wire_config(g.w)->law[d], a);
			key_text(k, &wire_config(h.w)->law[d], b);
			assert_string_equal(a, b);
		}
	assert_true(wire_config(g.w)->law[WIRE_AB].loss == wire_config(h.w)->law[WIRE_AB].loss);
	rig_end(&g);
	rig_end(&h);
}

static void stats_and_showinfo_tell_the_facts(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	say(&g, "set ab.delay=5ms", false, 0);
	rig_send(&g, WIRE_AB, 10, 100);
	rig_run(&g, MS(5));
	const char *json = say(&g, "stats", true, 0);
	assert_non_null(strstr(json, "\"rx_frames\":10,\"rx_bytes\":1000,\"tx_frames\":10"));
	assert_non_null(strstr(json, "\"delay_avg_ns\":5000000"));
	assert_non_null(strstr(json, "\"queue-limit\":0"));
	assert_non_null(strstr(say(&g, "showinfo", false, 0), "ab: delay=5ms\nba: perfect\n"));
	say(&g, "cut", false, 0);
	assert_non_null(strstr(say(&g, "showinfo", true, 0), "\"state\":\"cut\""));
	say(&g, "mend", false, 0);
	say(&g, "hold", false, 0);
	assert_non_null(strstr(say(&g, "showinfo", false, 0), "state held"));
	say(&g, "release", false, 0);
	say(&g, "cut loudly", false, -EINVAL);
	rig_end(&g);
}

/* ---- explain ---- */

static void expectations_are_those_of_the_laws(void **state)
{
	static const struct {
		const char *key, *value, *words;
	} rows[] = {
		{ "loss", "1%", "loss 1%," },
		{ "loss-pattern", "0001", "loss 25%," },
		{ "ge", "2%,20%,70%,1%", "loss 7.2727%," }, /* 1/11 * 0.7 + 10/11 * 0.01 */
		{ "ge", "100%,0%", "loss 100%," },
		{ "loss-state", "2%,30%,20%,40%,1%",
		  "loss 6.9069%," }, /* pi3 + pi4 of the matrix */
		{ "loss-state", "0%,30%,20%,40%,10%", "loss 9.0909%," },
		{ "loss-state", "1%,0%,0%", "loss 100%," },
		{ "delay", "20ms", "mean delay 20ms," },
		{ "rate", "10Mbit",
		  "1.2112ms on the line for 1514 bytes, loss 0%, throughput 10Mbit" },
		{ "slot", "5ms,15ms,packets=10", "throughput 12.112Mbit" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_config c;
		struct out o;
		struct err e = { "" };
		wire_config_default(&c);
		if (wire_set_key(&c, rows[i].key, rows[i].value, &e) < 0)
			fail_msg("%s", e.text);
		out_init(&o, false);
		wire_explain(&c, WIRE_AB, &o);
		if (!strstr(o.text, rows[i].words))
			fail_msg("%s=%s: \"%s\" does not say \"%s\"", rows[i].key, rows[i].value,
				 o.text, rows[i].words);
		out_fini(&o);
	}
}

static void expected_delay_counts_what_is_cut_at_zero(void **state)
{
	struct wire_config c;
	struct out o;
	(void)state;
	wire_config_default(&c);
	assert_int_equal(wire_set_key(&c, "jitter", "4ms", NULL),
			 0); /* half of it is below zero: a mean of 1 ms */
	out_init(&o, false);
	wire_explain(&c, WIRE_AB, &o);
	assert_non_null(strstr(o.text, "mean delay 1ms,"));
	out_fini(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_values_are_named_and_change_nothing),
		cmocka_unit_test(prefixes_choose_the_direction),
		cmocka_unit_test(default_is_a_perfect_wire_with_a_limit),
		cmocka_unit_test(every_key_has_its_words_and_reads_its_own_text),
		cmocka_unit_test(set_takes_all_or_nothing),
		cmocka_unit_test(shown_configuration_makes_the_same_wire),
		cmocka_unit_test(stats_and_showinfo_tell_the_facts),
		cmocka_unit_test(expectations_are_those_of_the_laws),
		cmocka_unit_test(expected_delay_counts_what_is_cut_at_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
