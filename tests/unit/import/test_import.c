/* SPDX-License-Identifier: MIT */
/* test_import.c - networks in the formats of others: what is read, what it is called, and what is
 * wrong with those that are not. */
#include <errno.h>
#include <string.h>

#include "lab/import/distance.h"
#include "lab/import/import.h"
#include "lib/base/units.h"
#include "tests/unit/cmocka.h"

static struct topo t;
static struct err e;

static int read_as(const char *kind, const char *text)
{
	const struct import_kind *k;
	topo_fini(&t);
	e.text[0] = '\0';
	assert_int_equal(import_kind_of(kind, "", &k, &e), 0);
	return import_read(k, text, strlen(text), &t, &e);
}

static int gone(void **state)
{
	(void)state;
	topo_fini(&t);
	return 0;
}

static void must(const char *kind, const char *text)
{
	if (read_as(kind, text) < 0)
		fail_msg("%s", e.text);
}

static void refused(const char *kind, const char *text, const char *words)
{
	assert_int_equal(read_as(kind, text), -EINVAL);
	assert_string_equal(e.text, words);
}

static bool linked(const char *a, const char *b, const char *key)
{
	for (size_t i = 0; i < t.nlinks; i++) {
		const struct topo_link *l = &t.link[i];
		if (strcmp(t.node[l->a].name, a) != 0 || strcmp(t.node[l->b].name, b) != 0)
			continue;
		bool has = !key;
		for (size_t k = 0; k < l->keys.count; k++)
			has |= key && strcmp(l->keys.v[k], key) == 0;
		return has;
	}
	return false;
}

static bool is_host(const char *name)
{
	for (size_t i = 0; i < t.nnodes; i++)
		if (strcmp(t.node[i].name, name) == 0)
			return t.node[i].kind == TOPO_HOST;
	fail_msg("no %s", name);
	return false;
}

/* ---- distances ---- */

static void light_takes_five_microseconds_a_kilometre(void **state)
{
	(void)state;
	assert_int_equal(distance_delay_ns(52, 13, 52, 13), 0);
	/* a degree of a great circle is 6371 km * pi / 180 = 111.195 km */
	assert_int_equal(distance_delay_ns(0, 0, 1, 0), 556 * NS_PER_US);
	assert_int_equal(distance_delay_ns(0, 0, 0, 90), 50038 * NS_PER_US);
	assert_int_equal(distance_delay_ns(0, 179, 0, -180), 556 * NS_PER_US);
	assert_int_equal(distance_delay_ns(90, 0, -90, 0), 100075 * NS_PER_US); /* pole to pole */
	assert_int_equal(distance_delay_ns(60, 0, 60, 180), 33358 * NS_PER_US);
}

/* ---- formats ---- */

static void graphml_of_the_zoo(void **state)
{
	(void)state;
	must("graphml",
	     "<graphml><key attr.name='label' id='l'/><key attr.name='Latitude' id='y'/>"
	     "<key attr.name='Longitude' id='x'/><key attr.name='LinkSpeedRaw' id='r'/><graph>"
	     "<node id='0'><data key='l'>A &amp; B</data><data key='y'>0</data><data "
	     "key='x'>0</data>"
	     "</node><node id='1'><data key='y'>1</data><data key='x'>0</data></node>"
	     "<node id='2'><data key='y'>1</data></node>"
	     "<edge source='0' target='1'><data key='r'>1000000000.0</data></edge>"
	     "<edge source='1' target='2'/></graph></graphml>");
	assert_int_equal(t.nnodes, 3);
	assert_true(linked("A-B", "n1", "delay=556us"));
	assert_true(linked("A-B", "n1", "rate=1Gbit"));
	assert_true(linked("n1", "n2", NULL)); /* a place that is half known has no distance */
	assert_int_equal(t.link[1].keys.count, 0);
	assert_false(is_host("n2"));
}

static void gml_of_shadow(void **state)
{
	(void)state;
	must("gml",
	     "graph [ edge [ source 7 target 3 latency \"10 ms\" ] node [ label \"x\" id 7 ]\n"
	     "# ] \n node [ id 3 graphics [ x 1 ] ] ]");
	assert_true(linked("x", "n3", "delay=10ms"));
}

static void kathara_domains_are_cables_or_switches(void **state)
{
	(void)state;
	must("kathara",
	     "LAB_NAME=\"x\"\n#r[9]=Z\nr[0]=A\n r[1]=\"B/02:00:00:00:00:01\"\npc[0]='A'\n"
	     "q[0]=B\nq[1]=C\nz[0]=B\nr[mem]=\"64m\"\n");
	assert_true(linked("r", "pc", NULL));
	assert_true(linked("q", "C", NULL)); /* one alone in its domain */
	assert_true(linked("r", "B", NULL) && linked("q", "B", NULL) && linked("z", "B", NULL));
	assert_int_equal(t.nlinks, 5);
	assert_true(is_host("pc") && is_host("z"));
	assert_false(is_host("r") || is_host("B") || is_host("C"));
}

static void containerlab_links_both_ways_of_writing(void **state)
{
	(void)state;
	must("containerlab", "topology:\n  nodes:\n    br: {kind: bridge}\n    a: {kind: linux}\n"
			     "    b:\n  links:\n  - endpoints: [\"a:eth1\", \"br:e1\"]\n"
			     "  - endpoints:\n    - {node: b, interface: eth1}\n"
			     "    - {node: a, interface: eth2}\n");
	assert_true(linked("a", "br", NULL) && linked("b", "a", NULL));
	assert_false(is_host("br"));
	assert_false(is_host("a")); /* two links */
	assert_true(is_host("b"));
}

static void dot_chains_and_subgraphs(void **state)
{
	(void)state;
	must("dot",
	     "strict Graph g { a -- b -- {c; d} [delay=\"1ms\"] x=y; edge [color=red]\n"
	     "# 1 \"file\"\n\"e f\":p:n -- a [label=\"2 ms, loss = 1%, fast\"]; h [shape=ellipse]\n"
	     "h -- a /* -- b */ }");
	assert_int_equal(t.nlinks, 5);
	assert_true(linked("a", "b", "delay=1ms"));
	assert_true(linked("b", "c", "delay=1ms") && linked("b", "d", "delay=1ms"));
	assert_true(linked("e-f", "a", "delay=2ms") && linked("e-f", "a", "loss=1%"));
	assert_true(is_host("h"));
	assert_false(is_host("c"));
}

/* ---- names ---- */

static void names_are_ones_that_a_lab_takes_and_differ(void **state)
{
	(void)state;
	must("dot",
	     "graph { \"a b\"; \"a  b\"; \"a-b\"; \"a-b.2\"; \"9\"; \"x--y\"; \"\xc3\xa4rger\";"
	     "\"a very long name that goes on and on and on\"; \"a very long name that goes "
	     "off\" }");
	static const char *const names[] = {
		"a-b",
		"a-b.2",
		"a-b.3",
		"a-b.2.2",
		"n9",
		"x-y",
		"n-rger",
		"a-very-long-name-that-g",
		"a-very-long-name-that-g.2",
		NULL,
	};
	for (size_t i = 0; names[i]; i++)
		assert_string_equal(t.node[i].name, names[i]);
	struct plan p;
	plan_init(&p, "");
	for (size_t i = 0; i < t.nnodes; i++)
		if (plan_add_node(&p, NODE_SWITCH, t.node[i].name, &e) < 0)
			fail_msg("%s", e.text);
	plan_fini(&p);
}

/* ---- what is wrong ---- */

static void wrong_files_are_refused_with_words(void **state)
{
	(void)state;
	refused("graphml", "<graphml><node id='1'></graphml>", "line 1: mismatched tag");
	refused("graphml", "<graphml><node/></graphml>", "a node without an id");
	refused("graphml", "<graphml/>", "there is no network in it");
	refused("gml", "graph [ node [ id 1 ]", "line 1: the file ends inside of [ ]");
	refused("gml", "graph [ ] ]", "line 1: a ] too many");
	refused("gml", "graph [\nnode [ label \"x\" ] ]", "line 2: a node without an id");
	refused("gml", "graph [ node [ id \"1 ] ]", "line 1: a text without its second quote");
	refused("kathara", "what[is]=this", "there is no network in it");
	refused("containerlab", "a: [", "line 2: did not find expected node content");
	refused("containerlab", "topology: {links: [{endpoints: [\":e\", b]}]}",
		"a link without a node: ':e'");
	refused("dot", "picture { }", "line 1: graph or digraph belongs here");
	refused("dot", "graph { a -- }", "line 1: a node belongs here");
	refused("dot", "graph {\n a [label=\"x }", "line 2: a text without its second quote");
	refused("dot", "graph { a ; { b", "line 1: the file ends inside of { }");
}

static void aliases_that_multiply_end(void **state)
{
	(void)state;
	assert_int_equal(read_as("containerlab", "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
						 "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
						 "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
						 "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
						 "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
						 "f: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"),
			 -EINVAL);
}

static void the_files_name_tells_the_format(void **state)
{
	const struct import_kind *k;
	(void)state;
	assert_int_equal(import_kind_of(NULL, "x/Abilene.graphml", &k, &e), 0);
	assert_string_equal(k->name, "graphml");
	assert_int_equal(import_kind_of(NULL, "lab.conf", &k, &e), 0);
	assert_string_equal(k->name, "kathara");
	assert_int_equal(import_kind_of(NULL, "a.clab.yml", &k, &e), 0);
	assert_string_equal(k->name, "containerlab");
	assert_int_equal(import_kind_of(NULL, "a.txt", &k, &e), -EINVAL);
	assert_int_equal(import_kind_of("katara", "a.txt", &k, &e), -EINVAL);
	assert_string_equal(e.text, "no format 'katara'; did you mean kathara?");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, gone)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(light_takes_five_microseconds_a_kilometre),
		TEST(graphml_of_the_zoo),
		TEST(gml_of_shadow),
		TEST(kathara_domains_are_cables_or_switches),
		TEST(containerlab_links_both_ways_of_writing),
		TEST(dot_chains_and_subgraphs),
		TEST(names_are_ones_that_a_lab_takes_and_differ),
		TEST(wrong_files_are_refused_with_words),
		TEST(aliases_that_multiply_end),
		cmocka_unit_test(the_files_name_tells_the_format),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
