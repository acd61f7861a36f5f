/* SPDX-License-Identifier: MIT */
/* test_fdb_model.c - the address table does what a plain model does: random operations, time, and
 * wraps. */
#include "tests/unit/bridge/fdb_rig.h"
#include "tests/unit/dice.h"

enum { MODEL_MACS = 2000, MODEL_FIDS = 3, MODEL_KEYS = MODEL_MACS * MODEL_FIDS };

struct model_entry {
	bool there;
	enum fdb_kind kind;
	unsigned port;
	int64_t seen_s;
};

struct model {
	struct model_entry e[MODEL_KEYS];
	int64_t age_s;
};

static uint64_t model_key(unsigned i)
{
	return fdb_key(mac(i / MODEL_FIDS * 257), i % MODEL_FIDS);
}

static struct model_entry *model_find(struct model *m, unsigned i, int64_t now)
{
	struct model_entry *e = &m->e[i];
	if (e->there && e->kind != FDB_STATIC && now / NS_PER_SEC - e->seen_s >= m->age_s)
		e->there = false;
	return e->there ? e : NULL;
}

static void model_learn(struct model *m, struct fdb *f, unsigned i, unsigned port, int64_t now)
{
	unsigned was;
	struct model_entry *e = model_find(m, i, now);
	int r = learn_was(f, model_key(i), port, now, &was);
	if (!e) {
		assert_int_equal(r, 1);
		assert_int_equal(was, FDB_NONE);
		m->e[i] = (struct model_entry){ true, FDB_LEARNED, port, now / NS_PER_SEC };
		return;
	}
	assert_int_equal(was, e->port);
	if (e->port != port && e->kind != FDB_LEARNED) {
		assert_int_equal(r, -EEXIST);
		return;
	}
	assert_int_equal(r, e->port != port);
	e->port = port;
	e->seen_s = now / NS_PER_SEC;
}

static void model_flush(struct model *m, int port, int fid)
{
	for (unsigned i = 0; i < MODEL_KEYS; i++) {
		struct model_entry *e = &m->e[i];
		if (e->kind != FDB_STATIC && (port < 0 || e->port == (unsigned)port) &&
		    (fid < 0 || i % MODEL_FIDS == (unsigned)fid))
			e->there = false;
	}
}

static void flush_somehow(struct model *m, struct fdb *f, struct dice *d)
{
	unsigned port = (unsigned)dice_below(d, PORTS), fid = (unsigned)dice_below(d, MODEL_FIDS);
	switch (dice_below(d, 4)) {
	case 0:
		fdb_flush_port(f, port);
		model_flush(m, (int)port, -1);
		break;
	case 1:
		fdb_flush_fid(f, fid);
		model_flush(m, -1, (int)fid);
		break;
	case 2:
		fdb_flush_port_fid(f, port, fid);
		model_flush(m, (int)port, (int)fid);
		break;
	default:
		if (dice_below(d, 8) == 0) {
			fdb_flush_all(f);
			model_flush(m, -1, -1);
		}
	}
}

/* What aged may still be counted until a sweep; nothing that lives is ever missing. */
static void compare_port_counts(struct model *m, struct fdb *f, int64_t now)
{
	uint32_t want[PORTS] = { 0 };
	for (unsigned i = 0; i < MODEL_KEYS; i++) {
		struct model_entry *e = model_find(m, i, now);
		if (e && e->kind != FDB_STATIC)
			want[e->port]++;
	}
	for (unsigned p = 0; p < PORTS; p++)
		assert_true(fdb_port_count(f, p) >= want[p]);
	fdb_set_age(f, SEC(m->age_s), now); /* looks at every entry */
	for (unsigned p = 0; p < PORTS; p++)
		assert_int_equal(fdb_port_count(f, p), want[p]);
}

static void compare_lists(struct model *m, struct fdb *f, bool port_counts, int64_t now)
{
	size_t n, want = 0;
	struct fdb_entry *l = fdb_list(f, now, &n);
	for (unsigned i = 0; i < MODEL_KEYS; i++)
		want += model_find(m, i, now) != NULL;
	assert_int_equal(n, want);
	if (port_counts)
		compare_port_counts(m, f, now);
	assert_int_equal(count_at(f, now), want);
	for (size_t i = 1; i < n; i++)
		assert_true(l[i - 1].fid < l[i].fid ||
			    (l[i - 1].fid == l[i].fid && memcmp(l[i - 1].mac, l[i].mac, 6) < 0));
	free(l);
}

static int64_t some_time(struct dice *d)
{
	uint64_t kind = dice_below(d, 400);
	if (kind == 0)
		return (int64_t)dice_below(d, 3 << 20) * NS_PER_SEC; /* over the stamps' wrap */
	if (kind < 8)
		return (int64_t)dice_below(d, 400) * NS_PER_SEC;
	return (int64_t)dice_below(d, 300) * NS_PER_MS;
}

static void step(struct model *m, struct fdb *f, struct dice *d, int64_t now)
{
	unsigned i = (unsigned)dice_below(d, MODEL_KEYS), port = (unsigned)dice_below(d, PORTS);
	uint64_t what = dice_below(d, 100);
	if (what < 60) {
		model_learn(m, f, i, port, now);
	} else if (what < 64) {
		enum fdb_kind kind = (enum fdb_kind)dice_below(d, 3);
		assert_int_equal(fdb_add(f, model_key(i), port, kind, now), 0);
		m->e[i] = (struct model_entry){ true, kind, port, now / NS_PER_SEC };
	} else if (what < 68) {
		assert_int_equal(fdb_del(f, model_key(i), now),
				 model_find(m, i, now) ? 0 : -ENOENT);
		m->e[i].there = false;
	} else if (what == 68) {
		flush_somehow(m, f, d);
	} else if (what == 69 && dice_below(d, 20) == 0) {
		for (unsigned k = 0; k < MODEL_KEYS; k++)
			model_find(m, k, now);
		m->age_s = 1 + (int64_t)dice_below(d, 1000);
		fdb_set_age(f, SEC(m->age_s), now);
	}
	struct model_entry *e = model_find(m, i = (unsigned)dice_below(d, MODEL_KEYS), now);
	assert_int_equal(fdb_lookup(f, model_key(i), now), e ? e->port : FDB_NONE);
}

static void it_does_what_a_plain_model_does(void **state)
{
	(void)state;
	struct dice d = dice_of("fdb-model");
	struct model *m = calloc(1, sizeof *m);
	for (unsigned round = 0; round < 8; round++) {
		memset(m, 0, sizeof *m);
		m->age_s = 300;
		int64_t now = (int64_t)round;
		struct fdb *f = fdb_new(1 << 16, PORTS, SEC(300), dice_bits(&d), 0);
		for (unsigned n = 0; n < 30000; n++) {
			now += some_time(&d);
			run_ticks(f, now);
			step(m, f, &d, now);
			if (n % 1000 == 0)
				compare_lists(m, f, n % 7000 == 0, now);
		}
		fdb_free(f);
	}
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_what_a_plain_model_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
