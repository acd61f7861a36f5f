/* SPDX-License-Identifier: MIT */
/* test_heap.c - the deadline heap against a plain list that is searched from end to end. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/base/heap.h"
#include "tests/unit/dice.h"

enum { MEMBERS = 200, OPS = 50000 };

struct model { /* what the heap should hold */
	bool queued[MEMBERS];
	int64_t due[MEMBERS];
};

static const struct deadline *model_first(const struct model *m, const struct deadline *d)
{
	const struct deadline *first = NULL;
	for (size_t i = 0; i < MEMBERS; i++) {
		if (!m->queued[i])
			continue;
		if (!first || m->due[i] < m->due[first - d] ||
		    (m->due[i] == m->due[first - d] && d[i].id < first->id))
			first = &d[i];
	}
	return first;
}

static size_t model_count(const struct model *m)
{
	size_t n = 0;
	for (size_t i = 0; i < MEMBERS; i++)
		n += m->queued[i];
	return n;
}

static void check_places(const struct heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		assert_int_equal(h->v[i]->pos, i + 1);
}

static void the_head_is_the_least_after_any_operations(void **state)
{
	(void)state;
	static struct deadline d[MEMBERS];
	static struct model m;
	struct dice dice = dice_of("heap");
	struct heap h = { 0 };
	for (size_t i = 0; i < MEMBERS; i++) /* ids in no order of place */
		d[i] = (struct deadline){ .id = i * 77 % MEMBERS };
	assert_int_equal(heap_reserve(&h, MEMBERS), 0);
	for (int op = 0; op < OPS; op++) {
		size_t i = dice_below(&dice, MEMBERS);
		int64_t t = (int64_t)dice_below(&dice, 100); /* few values: many ties */
		if (dice_below(&dice, 4) == 0) {
			const struct deadline *first = model_first(&m, d);
			bool due = first && m.due[first - d] <= t;
			assert_ptr_equal(heap_pop_due(&h, t), due ? first : NULL);
			if (due)
				m.queued[first - d] = false;
		} else {
			bool out = dice_below(&dice, 5) == 0;
			heap_set(&h, &d[i], out ? TIME_NEVER : t);
			m.queued[i] = !out;
			m.due[i] = t;
		}
		const struct deadline *first = model_first(&m, d);
		assert_ptr_equal(heap_head(&h), first);
		assert_int_equal(heap_next(&h), first ? m.due[first - d] : TIME_NEVER);
		assert_int_equal(h.count, model_count(&m));
		if (op % 100 == 0)
			check_places(&h);
	}
	for (size_t i = 0; i < MEMBERS; i++)
		assert_int_equal(heap_holds(&d[i]), m.queued[i]);
	heap_fini(&h);
}

static void equal_deadlines_come_out_by_id(void **state)
{
	(void)state;
	struct deadline d[50] = { 0 };
	struct heap h = { 0 };
	assert_int_equal(heap_reserve(&h, 50), 0);
	for (size_t i = 0; i < 50; i++) {
		d[i].id = 49 - i;
		heap_set(&h, &d[i], 1000);
	}
	assert_null(heap_pop_due(&h, 999));
	for (uint64_t id = 0; id < 50; id++)
		assert_int_equal(heap_pop_due(&h, 1000)->id, id);
	assert_null(heap_pop_due(&h, INT64_MAX));
	heap_fini(&h);
}

static void a_periodic_deadline_runs_once_for_each_period_missed(void **state)
{
	(void)state;
	struct deadline d = { .id = 1 };
	struct heap h = { 0 };
	assert_int_equal(heap_reserve(&h, 1), 0);
	heap_set(&h, &d, 10);
	int runs = 0;
	while (heap_pop_due(&h, 55)) {
		runs++;
		heap_set(&h, &d, d.due + 10); /* from its deadline, not from now */
	}
	assert_int_equal(runs, 5);
	assert_int_equal(heap_next(&h), 60);
	heap_fini(&h);
}

static void letting_go_forgets_the_members(void **state)
{
	(void)state;
	struct deadline d[3] = { { .id = 1 }, { .id = 2 }, { .id = 3 } };
	struct heap h = { 0 };
	assert_int_equal(heap_reserve(&h, 3), 0);
	for (size_t i = 0; i < 3; i++)
		heap_set(&h, &d[i], (int64_t)i);
	heap_fini(&h);
	for (size_t i = 0; i < 3; i++)
		assert_false(heap_holds(&d[i]));
	assert_int_equal(heap_next(&h), TIME_NEVER);
	heap_set(&h, &d[0], TIME_NEVER); /* taking out what is not in changes nothing */
	assert_null(heap_head(&h));
}

static void room_too_large_for_memory_is_refused(void **state)
{
	(void)state;
	struct heap h = { 0 };
	assert_int_equal(heap_reserve(&h, SIZE_MAX / 4), -ENOMEM);
	assert_int_equal(heap_reserve(&h, 4), 0);
	heap_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_is_the_least_after_any_operations),
		cmocka_unit_test(equal_deadlines_come_out_by_id),
		cmocka_unit_test(a_periodic_deadline_runs_once_for_each_period_missed),
		cmocka_unit_test(letting_go_forgets_the_members),
		cmocka_unit_test(room_too_large_for_memory_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
