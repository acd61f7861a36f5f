/* SPDX-License-Identifier: MIT */
/* test_tree.c - switches as a tree: by roles, by bridge addresses, by names, and when they
 * contradict. */
#include "tests/unit/cmocka.h"

#include "console/tree.h"
#include "tests/unit/console/demo.h"
#include "tests/unit/dice.h"

enum { ROWS = 4000 };

struct seen {
	const struct model *m;
	char text[ROWS];
	unsigned switches;
};

static void on_row(void *ctx, const struct tree_row *r)
{
	static const char kinds[] = { ' ', 'x', 'o' };
	struct seen *s = ctx;
	size_t n = strlen(s->text);
	s->switches += r->kind == TREE_SWITCH;
	snprintf(s->text + n, sizeof s->text - n, "%*s%c%s:%u\n", r->depth, "", kinds[r->kind],
		 s->m->source[r->source]->name, r->port);
}

static void assert_tree(const struct model *m, const char *want)
{
	struct seen s = { .m = m };
	assert_int_equal(tree_walk(m, on_row, &s), 0);
	assert_string_equal(s.text, want);
}

static void root_ports_show_the_way(void **state)
{
	struct model m;
	(void)state;
	demo_model(&m);
	assert_tree(&m, " s1:0\n  s2:1\n  s3:1\n  xs3:2\n s4:0\n");
	model_fini(&m);
}

/* Ports without names: the designated bridge tells who is above. */
static void bridge_addresses_tell_the_neighbour(void **state)
{
	struct model m;
	(void)state;
	demo_model(&m);
	for (int i = 0; i < 3; i++)
		demo_take(take_port_config, &m, m.source[i],
			  "{\"ports\":[{\"port\":1,\"name\":\"\"},{\"port\":2,\"name\":\"\"}]}",
			  DEMO_NOW);
	assert_int_equal(tree_neighbour(&m, m.source[1], &m.source[1]->ports[0]), 0);
	assert_tree(&m, " s1:0\n  s2:1\n  s3:1\n  xs3:2\n s4:0\n");
	model_fini(&m);
}

static struct source *plain(struct model *m, const char *name, const char *ports)
{
	char text[600] = "{\"ports\":[";
	size_t n = strlen(text);
	struct source *s = model_add(m, name, "", name);
	s->kind = KIND_SWITCH;
	for (unsigned i = 1; *ports; i++) {
		size_t len = strcspn(ports, " ");
		n += (size_t)snprintf(text + n, sizeof text - n,
				      "%s{\"port\":%u,\"name\":\"%.*s\"}", i > 1 ? "," : "", i,
				      (int)len, ports);
		ports += len + (ports[len] == ' ');
	}
	snprintf(text + n, sizeof text - n, "]}");
	demo_take(take_port_print, m, s, text, 1);
	return s;
}

static void without_spanning_tree_names_tell(void **state)
{
	struct model m;
	(void)state;
	assert_int_equal(model_init(&m), 0);
	plain(&m, "a", "b c d.x");
	plain(&m, "b", "a c");
	plain(&m, "c", "a b a.2");
	plain(&m, "d", "nobody");
	assert_tree(&m, " a:0\n  b:0\n  c:0\n  oc:2\n  oc:3\n d:0\n");
	model_fini(&m);
}

static void labs_do_not_mix(void **state)
{
	struct model m;
	(void)state;
	assert_int_equal(model_init(&m), 0);
	struct source *a = plain(&m, "a", "b");
	struct source *b = plain(&m, "b", "a");
	snprintf(a->lab, sizeof a->lab, "one");
	snprintf(b->lab, sizeof b->lab, "two");
	assert_tree(&m, " a:0\n b:0\n");
	model_fini(&m);
}

/* Half-way through a change everybody may call another the root: each switch is still told once. */
static void circles_end(void **state)
{
	struct model m;
	(void)state;
	assert_int_equal(model_init(&m), 0);
	static const char *const next[] = { "b", "c", "a" };
	for (int i = 0; i < 3; i++) {
		char name[2] = { (char)('a' + i), '\0' };
		struct source *s = plain(&m, name, next[i]);
		demo_take(take_rstp, &m, s,
			  "{\"ports\":[{\"port\":1,\"role\":\"root\",\"state\":\"forwarding\"}]}",
			  1);
	}
	assert_tree(&m, " a:1\n  c:1\n   b:1\n");
	model_fini(&m);
}

static void every_switch_is_told_once_whatever_they_say(void **state)
{
	static const char *const roles[] = { "root",   "designated", "alternate",
					     "backup", "disabled",   "" };
	struct dice d = dice_of("tree");
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct model m;
		unsigned n = 1 + (unsigned)dice_below(&d, 12);
		assert_int_equal(model_init(&m), 0);
		for (unsigned i = 0; i < n; i++) {
			char name[16], ports[64], text[300];
			snprintf(name, sizeof name, "n%u", i);
			snprintf(ports, sizeof ports, "n%u n%u n%u", (unsigned)dice_below(&d, n),
				 (unsigned)dice_below(&d, n), (unsigned)dice_below(&d, n));
			struct source *s = plain(&m, name, ports);
			snprintf(text, sizeof text,
				 "{\"enabled\":%s,\"ports\":[{\"port\":1,\"role\":\"%s\"},{"
				 "\"port\":2,\"role\":\"%s\"},"
				 "{\"port\":3,\"role\":\"%s\"}]}",
				 dice_below(&d, 3) ? "true" : "false", roles[dice_below(&d, 6)],
				 roles[dice_below(&d, 6)], roles[dice_below(&d, 6)]);
			demo_take(take_rstp, &m, s, text, 1);
		}
		struct seen s = { .m = &m };
		assert_int_equal(tree_walk(&m, on_row, &s), 0);
		assert_int_equal(s.switches, n);
		model_fini(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_ports_show_the_way),
		cmocka_unit_test(bridge_addresses_tell_the_neighbour),
		cmocka_unit_test(without_spanning_tree_names_tell),
		cmocka_unit_test(labs_do_not_mix),
		cmocka_unit_test(circles_end),
		cmocka_unit_test(every_switch_is_told_once_whatever_they_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
