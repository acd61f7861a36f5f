/* SPDX-License-Identifier: MIT */
/* test_markov.c - a law that moves between the nodes of a chain, step by step in time. */
#include "tests/unit/wire/rig.h"
#include "tests/unit/wire/stat.h"

#include "wire/core/markov.h"

static const char chain[] =
	"time 10ms; node good; node bad loss=100%; edge good bad 10%; edge bad good 30%";

static void steps_follow_the_edges(void **state)
{
	enum { STEPS = 500000 };
	struct rig g;
	struct wire_files *files = wire_files_new(NULL, NULL);
	(void)state;
	rig_begin(&g);
	g.c.files = files;
	rig_keys(&g, "markov", chain, NULL);
	uint64_t move[2][2] = { { 0 } };
	bool bad = false;
	for (unsigned i = 1; i <= STEPS; i++) { /* one frame after each step tells where it is */
		g.now = MS(10 * (int64_t)i) + 1;
		uint64_t before = g.count[WIRE_AB];
		rig_send(&g, WIRE_AB, 1, 60);
		bool now_bad = g.count[WIRE_AB] == before;
		move[bad][now_bad]++;
		bad = now_bad;
	}
	assert_true(in_binomial_99(move[0][1], move[0][0] + move[0][1], 0.1));
	assert_true(in_binomial_99(move[1][0], move[1][0] + move[1][1], 0.3));
	rig_conserves(&g);
	rig_end(&g);
	wire_files_free(files);
}

static void nodes_are_the_law_with_some_keys_changed(void **state)
{
	struct rig g;
	struct wire_files *files = wire_files_new(NULL, NULL);
	unsigned node;
	(void)state;
	rig_begin(&g);
	g.c.files = files;
	rig_keys(&g, "delay", "5ms", "mtu", "1000B", "markov",
		 "time 1s; node a delay=10ms; node b ab.delay=20ms; node c; edge a b 100%; edge b "
		 "c 100%",
		 NULL);
	rig_send(&g, WIRE_AB, 1, 60);
	assert_string_equal(wire_node(g.w, &node), "a");
	rig_run(&g, SEC(1));
	rig_send(&g, WIRE_AB, 1, 60);
	rig_send(&g, WIRE_BA, 1, 60);
	rig_send(&g, WIRE_AB, 1, 1001);
	assert_string_equal(wire_node(g.w, &node), "b");
	rig_run(&g, SEC(2) + 1);
	rig_keys(&g, "delay", "7ms", NULL); /* the chain goes on */
	rig_send(&g, WIRE_AB, 1, 60);
	assert_string_equal(wire_node(g.w, &node), "c");
	assert_int_equal(node, 2);
	rig_run(&g, SEC(10));
	assert_int_equal(g.count[WIRE_AB], 3);
	assert_int_equal(g.out[WIRE_AB][0].stamp, MS(10));
	assert_int_equal(g.out[WIRE_AB][1].stamp, SEC(1) + MS(20));
	assert_int_equal(g.out[WIRE_BA][0].stamp, SEC(1) + MS(5));
	assert_int_equal(g.out[WIRE_AB][2].stamp, SEC(2) + 1 + MS(7));
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_MTU), 1);
	rig_keys(&g, "markov", "off", NULL);
	assert_null(wire_node(g.w, &node));
	rig_end(&g);
	wire_files_free(files);
}

static void moves_do_not_depend_on_when_the_tick_comes(void **state)
{
	struct rig a, b;
	struct wire_files *files = wire_files_new(NULL, NULL);
	(void)state;
	rig_begin(&a);
	rig_begin(&b);
	for (int i = 0; i < 2; i++) {
		struct rig *g = i ? &b : &a;
		g->c.files = files;
		rig_keys(g, "limit", "100000p", "markov",
			 "time 10ms; node slow rate=1Mbit; node fast rate=10Mbit; edge slow fast "
			 "20%; edge fast slow 20%",
			 NULL);
	}
	for (unsigned i = 0; i < 3000; i++) {
		rig_run(&a, MS(i));
		rig_send(&a, WIRE_AB, 1, 300);
		b.now = MS(i); /* nobody ticks b */
		rig_send(&b, WIRE_AB, 1, 300);
	}
	rig_run(&a, SEC(100));
	rig_run(&b, SEC(100));
	assert_int_equal(a.count[WIRE_AB], 3000);
	for (unsigned i = 0; i < 3000; i++)
		assert_int_equal(a.out[WIRE_AB][i].stamp, b.out[WIRE_AB][i].stamp);
	rig_end(&a);
	rig_end(&b);
	wire_files_free(files);
}

static int read_text(void *ctx, const char *path, char **text, size_t *len, struct err *e)
{
	(void)path;
	(void)e;
	*len = strlen(ctx);
	*text = malloc(*len + 1);
	assert_non_null(*text);
	memcpy(*text, ctx, *len + 1);
	return 0;
}

static void bad_chains_are_named(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "node", "node" },
		{ "node a; node a", "a: there is a node of that name" },
		{ "edge a b 10%", "a: no such node" },
		{ "node good; node bad; edge good baad 10%", "did you mean bad?" },
		{ "node a; node b; edge a b", "how often" },
		{ "node a; node b; edge a b 130%", "130%" },
		{ "node a; node b; node c; edge a b 60%; edge a c 50%", "more than 100%" },
		{ "node a; edge a a 10%", "to stay" },
		{ "node a loss=2%; node b loss", "loss: has no value" },
		{ "node a los=2%", "did you mean loss" },
		{ "node a markov=off", "no chain itself" },
		{ "time 0s; node a", "shorter than 1ms" },
		{ "tme 1s; node a", "tme" },
		{ "", "has no node" },
	};
	struct wire_files *files = wire_files_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_config c;
		struct err e = { "" };
		wire_config_default(&c);
		c.files = files;
		assert_true(wire_set_key(&c, "markov", rows[i].text, &e) < 0);
		if (!strstr(e.text, rows[i].words))
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].text, e.text,
				 rows[i].words);
	}
	wire_files_free(files);
}

static void contradictions_in_a_node_are_found(void **state)
{
	struct wire_files *files = wire_files_new(NULL, NULL);
	struct wire_config c;
	struct err e = { "" };
	(void)state;
	wire_config_default(&c);
	c.files = files;
	assert_int_equal(wire_set_key(&c, "markov", "node a; node b reorder=10%", &e), 0);
	assert_true(wire_check(&c, &e) < 0);
	assert_non_null(strstr(e.text, "markov: b: reorder"));
	assert_int_equal(wire_set_key(&c, "delay", "1ms", &e), 0);
	assert_int_equal(wire_check(&c, &e), 0);
	assert_int_equal(wire_set_key(&c, "ab.markov", "off", &e), 0);
	assert_true(wire_check(&c, &e) < 0);
	wire_files_free(files);
}

static void files_are_read_again_and_name_their_lines(void **state)
{
	static char text[256] = "# two\ntime 5ms\nnode a\nnode b loss=x%\n";
	struct wire_files *files = wire_files_new(read_text, text);
	struct wire_config c;
	struct err e = { "" };
	(void)state;
	wire_config_default(&c);
	c.files = files;
	assert_true(wire_set_key(&c, "markov", "file:x.chain", &e) < 0);
	assert_non_null(strstr(e.text, "x.chain:4: loss"));
	strcpy(text, "node a\nnode b loss=5%\nedge a b 1%\n");
	assert_int_equal(wire_set_key(&c, "markov", "file:x.chain", &e), 0);
	const struct wire_markov *first = c.law[0].markov;
	assert_ptr_equal(c.law[1].markov, first); /* read twice, kept once */
	strcpy(text, "node a\nnode b loss=6%\nedge a b 1%\n");
	assert_int_equal(wire_set_key(&c, "markov", "file:x.chain", &e), 0);
	assert_ptr_not_equal(c.law[0].markov, first);
	wire_files_free(files);
}

static void changes_without_end_do_not_pile_up(void **state)
{
	struct rig g;
	struct wire_files *files = wire_files_new(NULL, NULL);
	(void)state;
	rig_begin(&g);
	g.c.files = files;
	for (unsigned i = 0; i < 3000; i++) { /* a bound on what is kept would refuse one */
		char text[100];
		snprintf(text, sizeof text, "node a; node b delay=%uus; edge a b 10%%", i);
		rig_keys(&g, "markov", text, NULL);
		rig_send(&g, WIRE_AB, 1, 60);
	}
	rig_end(&g);
	wire_files_free(files);
}

static void a_long_silence_does_not_stop_the_world(void **state)
{
	struct rig g;
	struct wire_files *files = wire_files_new(NULL, NULL);
	(void)state;
	rig_begin(&g);
	g.c.files = files;
	rig_keys(&g, "markov", "time 1ms; node a; node b; edge a b 10%; edge b a 10%", NULL);
	g.now = INT64_C(31536000) * NS_PER_SEC; /* a year */
	rig_send(&g, WIRE_AB, 1, 60);
	assert_int_equal(g.count[WIRE_AB], 1);
	rig_end(&g);
	wire_files_free(files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_follow_the_edges),
		cmocka_unit_test(nodes_are_the_law_with_some_keys_changed),
		cmocka_unit_test(moves_do_not_depend_on_when_the_tick_comes),
		cmocka_unit_test(bad_chains_are_named),
		cmocka_unit_test(contradictions_in_a_node_are_found),
		cmocka_unit_test(changes_without_end_do_not_pile_up),
		cmocka_unit_test(a_long_silence_does_not_stop_the_world),
		cmocka_unit_test(files_are_read_again_and_name_their_lines),
	};
	printf("seed %llu\n", (unsigned long long)SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
