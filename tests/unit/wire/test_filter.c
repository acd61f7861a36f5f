/* SPDX-License-Identifier: MIT */
/* test_filter.c - only matching frames are impaired; the others keep to the rate and the order. */
#include <errno.h>

#include "tests/unit/wire/rig.h"

/* Stands for libpcap, which is above this layer: "long" matches frames of 100 bytes and more. */
static int compile(struct bpf **out, const char *text, struct err *e)
{
	static const struct bpf_op ops[] = {
		{ 0x80, 0, 0, 0 },     /* ld len */
		{ 0x35, 0, 1, 100 },   /* jge 100 */
		{ 0x06, 0, 0, 65535 }, /* ret all */
		{ 0x06, 0, 0, 0 },     /* ret none */
	};
	if (strcmp(text, "long") != 0)
		return err_set(e, -EINVAL, "syntax error");
	return bpf_new(out, ops, 4, e);
}

static struct wire_files *begin(struct rig *g)
{
	struct wire_files *files = wire_files_new(NULL, NULL);
	wire_files_filters(files, compile);
	rig_begin(g);
	g->c.files = files;
	return files;
}

static void only_matching_frames_are_impaired(void **state)
{
	struct rig g;
	(void)state;
	struct wire_files *files = begin(&g);
	rig_keys(&g, "filter", "long", "loss", "100%", "dup", "100%", "mtu", "50B", NULL);
	rig_send(&g, WIRE_AB, 10, 60);
	rig_send(&g, WIRE_AB, 10, 200);
	assert_int_equal(g.count[WIRE_AB], 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(g.out[WIRE_AB][i].id, i);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_MTU), 10);
	rig_conserves(&g);
	rig_end(&g);
	wire_files_free(files);
}

static void others_keep_to_rate_and_order(void **state)
{
	struct rig g;
	(void)state;
	struct wire_files *files = begin(&g);
	rig_keys(&g, "filter", "long", "delay", "10ms", "rate", "8Mbit",
		 NULL); /* a byte a microsecond */
	rig_send(&g, WIRE_AB, 1, 60);
	rig_send(&g, WIRE_AB, 1, 200);
	rig_send(&g, WIRE_AB, 1, 60);
	rig_run(&g, SEC(1));
	assert_int_equal(g.out[WIRE_AB][0].stamp, 60000);
	assert_int_equal(g.out[WIRE_AB][1].stamp, 260000 + MS(10));
	assert_int_equal(g.out[WIRE_AB][2].id, 2);
	assert_int_equal(g.out[WIRE_AB][2].stamp,
			 260000 + MS(10)); /* not delayed, but behind one that was */
	rig_end(&g);
	wire_files_free(files);
}

static void filter_shifts_no_draw(void **state)
{
	enum { N = 4000 };
	struct rig g, h;
	(void)state;
	struct wire_files *files = begin(&g);
	rig_begin(&h);
	rig_keys(&g, "filter", "long", "loss", "30%", NULL);
	rig_keys(&h, "loss", "30%", NULL);
	for (unsigned i = 0; i < N; i++) {
		rig_send(&g, WIRE_AB, 1, i % 2 ? 200 : 60);
		rig_send(&h, WIRE_AB, 1, 60);
	}
	int64_t *f = rig_fates(&g, WIRE_AB, N, 0), *k = rig_fates(&h, WIRE_AB, N, 0);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(f[i] < 0, i % 2 && k[i] < 0);
	free(f);
	free(k);
	rig_end(&g);
	rig_end(&h);
	wire_files_free(files);
}

static void bad_expressions_are_refused(void **state)
{
	struct rig g;
	struct err e = { "" };
	(void)state;
	struct wire_files *files = begin(&g);
	assert_true(wire_set_key(&g.c, "filter", "lang", &e) < 0);
	assert_non_null(strstr(e.text, "syntax error"));
	assert_true(wire_set_key(&g.c, "filter", "a \"b\"", &e) < 0);
	g.c.files = NULL;
	assert_true(wire_set_key(&g.c, "filter", "long", &e) < 0);
	rig_end(&g);
	wire_files_free(files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_matching_frames_are_impaired),
		cmocka_unit_test(others_keep_to_rate_and_order),
		cmocka_unit_test(filter_shifts_no_draw),
		cmocka_unit_test(bad_expressions_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
