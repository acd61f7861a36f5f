/* SPDX-License-Identifier: MIT */
/* test_list.c - rows of a page: order, filter, search, and a selection that stays with its row. */
#include "tests/unit/cmocka.h"

#include <time.h>

#include "console/list.h"
#include "tests/unit/console/demo.h"

struct rig {
	struct model m;
	struct list l;
	const struct page *p;
};

static int set_up(void **state)
{
	static struct rig r;
	demo_model(&r.m);
	r.p = &page_ports;
	list_init(&r.l, r.p);
	list_settle(&r.l, r.p, &r.m);
	*state = &r;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *r = *state;
	list_fini(&r->l);
	model_fini(&r->m);
	return 0;
}

static const struct port *selected(struct rig *r)
{
	const struct ref *ref = list_selected(&r->l);
	return &r->m.source[ref->source]->ports[ref->idx];
}

static void sort_by(struct rig *r, const char *title)
{
	do
		list_sort_next(&r->l, r->p);
	while (!r->l.sort || strcmp(r->p->columns[r->l.sort - 1].title, title) != 0);
	list_settle(&r->l, r->p, &r->m);
}

static void moving_stops_at_the_ends(void **state)
{
	struct rig *r = *state;
	assert_int_equal(r->l.rows.count, 16);
	list_move(&r->l, -5);
	assert_int_equal(r->l.at, 0);
	list_move(&r->l, 3);
	assert_int_equal(r->l.at, 3);
	list_move(&r->l, 1000);
	assert_int_equal(r->l.at, 15);
	list_move(&r->l, -1000);
	assert_int_equal(r->l.at, 0);
}

static void the_selection_stays_with_its_row(void **state)
{
	struct rig *r = *state;
	list_move(&r->l, 4); /* s2 port 1 */
	assert_string_equal(selected(r)->name, "s1");
	sort_by(r, "rx/s"); /* s1 port 1 is busier */
	assert_int_equal(r->l.at, 1);
	assert_string_equal(selected(r)->name, "s1");
	demo_take(take_port_print, &r->m, r->m.source[0],
		  "{\"ports\":[{\"port\":1},{\"port\":2},{\"port\":3},{\"port\":4},{\"port\":5},{"
		  "\"port\":6}]}",
		  DEMO_NOW);
	list_settle(&r->l, r->p, &r->m);
	assert_int_equal(r->l.rows.count, 18);
	assert_string_equal(selected(r)->name, "s1");
}

static void a_row_that_goes_leaves_its_place(void **state)
{
	struct rig *r = *state;
	list_move(&r->l, 15);
	demo_take(take_port_print, &r->m, r->m.source[4], "{\"ports\":[{\"port\":1}]}", DEMO_NOW);
	list_settle(&r->l, r->p, &r->m);
	assert_int_equal(r->l.rows.count, 13);
	assert_int_equal(r->l.at, 12);
	demo_take(take_port_print, &r->m, r->m.source[4], "{\"ports\":[]}", DEMO_NOW);
	list_settle(&r->l, r->p, &r->m);
	assert_int_equal(r->l.at, 11);
}

static void a_filter_leaves_what_matches(void **state)
{
	struct rig *r = *state;
	list_filter(&r->l, "TAP0");
	list_settle(&r->l, r->p, &r->m);
	assert_int_equal(r->l.rows.count, 4);
	list_filter(&r->l, "nothing like it");
	list_settle(&r->l, r->p, &r->m);
	assert_int_equal(r->l.rows.count, 0);
	assert_null(list_selected(&r->l));
	list_move(&r->l, 1);
	list_filter(&r->l, "");
	list_settle(&r->l, r->p, &r->m);
	assert_int_equal(r->l.rows.count, 16);
	assert_non_null(list_selected(&r->l));
}

static void search_goes_on_and_around(void **state)
{
	struct rig *r = *state;
	assert_true(list_find(&r->l, r->p, &r->m, "tap0", false));
	assert_int_equal(r->l.at, 2);
	assert_true(list_find(&r->l, r->p, &r->m, "tap0", false)); /* this one still */
	assert_int_equal(r->l.at, 2);
	for (int i = 0; i < 4; i++)
		assert_true(list_find(&r->l, r->p, &r->m, "tap0", true));
	assert_int_equal(r->l.at, 2);
	assert_false(list_find(&r->l, r->p, &r->m, "nothing like it", true));
	assert_int_equal(r->l.at, 2);
}

static void reversed_is_the_mirror_image(void **state)
{
	struct rig *r = *state;
	uint64_t first = r->l.rows.v[0].id, last = r->l.rows.v[15].id;
	r->l.reverse = r->l.stale = true;
	list_settle(&r->l, r->p, &r->m);
	assert_int_equal(r->l.rows.v[0].id, last);
	assert_int_equal(r->l.rows.v[15].id, first);
	assert_int_equal(r->l.at, 15); /* the selection went along */
}

static void every_order_keeps_every_row(void **state)
{
	struct rig *r = *state;
	for (int p = 0; p < PAGES; p++) {
		struct list l;
		list_init(&l, pages[p]);
		list_settle(&l, pages[p], &r->m);
		size_t count = l.rows.count;
		assert_true(count > 0);
		for (unsigned i = 0; i < 2 * pages[p]->column_count + 2; i++) {
			list_sort_next(&l, pages[p]);
			l.reverse = i & 1;
			list_settle(&l, pages[p], &r->m);
			assert_int_equal(l.rows.count, count);
			if (!l.sort)
				continue;
			for (size_t k = 1; k < count; k++) {
				int c = pages[p]->columns[l.sort - 1].compare(
					&r->m, &l.rows.v[k - 1], &l.rows.v[k]);
				assert_true(l.reverse ? c >= 0 : c <= 0);
			}
		}
		list_fini(&l);
	}
}

static void a_log_follows_its_end_until_one_looks_back(void **state)
{
	struct rig *r = *state;
	struct list l;
	list_init(&l, &page_events);
	list_settle(&l, &page_events, &r->m);
	assert_int_equal(l.at, 3);
	demo_take(take_event, &r->m, r->m.source[0], "{\"event\":\"config\"}", DEMO_NOW);
	list_settle(&l, &page_events, &r->m);
	assert_int_equal(l.at, 4);
	list_move(&l, -2);
	demo_take(take_event, &r->m, r->m.source[0], "{\"event\":\"config\"}", DEMO_NOW);
	list_settle(&l, &page_events, &r->m);
	assert_int_equal(l.at, 2);
	list_move(&l, 100);
	demo_take(take_event, &r->m, r->m.source[0], "{\"event\":\"config\"}", DEMO_NOW);
	list_settle(&l, &page_events, &r->m);
	assert_int_equal(l.at, 6);
	list_fini(&l);
}

static void a_paused_log_stands_still(void **state)
{
	struct rig *r = *state;
	struct list l;
	list_init(&l, &page_events);
	list_settle(&l, &page_events, &r->m);
	list_pause(&l, &r->m, true);
	demo_take(take_event, &r->m, r->m.source[0], "{\"event\":\"config\"}", DEMO_NOW);
	list_settle(&l, &page_events, &r->m);
	assert_int_equal(l.rows.count, 4);
	list_pause(&l, &r->m, false);
	list_settle(&l, &page_events, &r->m);
	assert_int_equal(l.rows.count, 5);
	list_fini(&l);
}

/* 100,000 addresses: a frame formats what is on the screen. Ten times the figure of the issue (200
 * ms for the first frame of all) is what no machine may need for sorting and drawing them. */
static void many_rows_are_no_burden(void **state)
{
	struct rig *r = *state;
	struct out o;
	struct grid g;
	struct list l;
	bool seen[SOURCES_MAX] = { false };
	out_init(&o, true);
	out_list(&o, "entries");
	for (uint64_t i = 0; i < 100000; i++) {
		char mac[24];
		snprintf(mac, sizeof mac, "02:00:00:%02x:%02x:%02x", (unsigned)(i >> 16),
			 (unsigned)(i >> 8 & 255), (unsigned)(i & 255));
		out_object(&o, NULL);
		out_json_str(&o, "mac", mac);
		out_json_u64(&o, "vlan", 1 + i % 4094);
		out_json_u64(&o, "port", 1 + i % 1000);
		out_json_i64(&o, "age_ns", (int64_t)i);
		out_json_str(&o, "kind", "learned");
		out_end_object(&o);
	}
	out_end_list(&o);
	out_done(&o);
	clock_t start = clock();
	assert_int_equal(take_fdb(&r->m, r->m.source[0], o.text, o.len, DEMO_NOW), 0);
	clock_t taken = clock();
	assert_int_equal(grid_init(&g, 80, 24, false), 0);
	list_init(&l, &page_addresses);
	list_settle(&l, &page_addresses, &r->m);
	list_draw(&l, &page_addresses, &r->m, &g, 1, 20, seen);
	assert_int_equal(l.rows.count, 100000);
	list_sort_next(&l, &page_addresses);
	list_filter(&l, "02:00:00:01:8");
	list_settle(&l, &page_addresses, &r->m);
	assert_int_equal(l.rows.count, 100000 - 0x18000); /* those from 02:00:00:01:80:00 on */
	clock_t drawn = clock();
	print_message("# 100000 addresses: read in %ld us, drawn, sorted and filtered in %ld us\n",
		      (long)((taken - start) * 1000000 / CLOCKS_PER_SEC),
		      (long)((drawn - taken) * 1000000 / CLOCKS_PER_SEC));
	assert_true(drawn - start < 2 * CLOCKS_PER_SEC);
	list_fini(&l);
	grid_fini(&g);
	out_fini(&o);
}

#define rigged(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rigged(moving_stops_at_the_ends),
		rigged(the_selection_stays_with_its_row),
		rigged(a_row_that_goes_leaves_its_place),
		rigged(a_filter_leaves_what_matches),
		rigged(search_goes_on_and_around),
		rigged(reversed_is_the_mirror_image),
		rigged(every_order_keeps_every_row),
		rigged(a_log_follows_its_end_until_one_looks_back),
		rigged(a_paused_log_stands_still),
		rigged(many_rows_are_no_burden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
