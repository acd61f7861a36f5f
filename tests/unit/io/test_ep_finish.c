/* SPDX-License-Identifier: MIT */
/* test_ep_finish.c - an endpoint that takes only finished frames gets those, however few it takes
 * at a time: none is lost, doubled or out of order, and what was begun is the endpoint's. */
#include "lib/io/ep/impl.h"
#include "tests/unit/bundle.h"

enum { SEEN_MAX = 4096 };

struct picky {
	struct ep ep;
	unsigned takes; /* frames before it is full */
	unsigned seen;
	uint32_t len[SEEN_MAX];
	uint16_t mark[SEEN_MAX]; /* IPv4's identification: counts up in a bundle */
	unsigned writable;
};

static unsigned picky_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct picky *p = (struct picky *)e;
	unsigned i = 0;
	for (; i < n && p->takes; i++, p->takes--) {
		uint8_t bytes[ETH_FRAME_MAX];
		assert_int_equal(gso_needs(v[i].f) & ~e->caps.offloads, 0);
		if (gso_needs(v[i].f)) {
			p->len[p->seen++] = txv_len(&v[i]);
			continue;
		}
		txv_copy(&v[i], bytes);
		p->mark[p->seen] = (uint16_t)(bytes[18] << 8 | bytes[19]);
		p->len[p->seen++] = txv_len(&v[i]);
	}
	return i;
}

static void picky_close(struct ep *e)
{
	ep_dead(e);
}

static const struct ep_ops picky_ops = { .tx = picky_tx, .close = picky_close };

static void on_writable(void *ctx, struct ep *e)
{
	(void)ctx;
	((struct picky *)e)->writable++;
}

static const struct ep_host host = { .writable = on_writable };

static struct picky *picky_new(unsigned takes)
{
	struct picky *p = (struct picky *)ep_born(sizeof *p, &picky_ops, NULL, &host, NULL);
	assert_non_null(p);
	p->takes = takes;
	return p;
}

static struct bundle b;

static void bundle_of(unsigned frames)
{
	make(&b, false, false, 1000 * frames - 500, 1000);
	b.bytes[18] = b.bytes[19] = 0;
	assert_true(gso_check(&b.f));
	assert_int_equal(b.f.segs, frames);
}

static void expect_run(const struct picky *p, unsigned from, unsigned frames)
{
	for (unsigned i = 0; i < frames; i++) {
		assert_int_equal(p->mark[from + i], i);
		assert_int_equal(p->len[from + i], 66 + (i + 1 < frames ? 1000 : 500));
	}
}

static void a_bundle_arrives_whole_however_few_are_taken(void **state)
{
	(void)state;
	for (unsigned step = 1; step < 12; step++) {
		struct picky *p = picky_new(step);
		bundle_of(9);
		struct txv v = txv_plain(&b.f);
		assert_int_equal(ep_tx(&p->ep, &v, 1), 1);
		memset(b.bytes, 0xee, b.len); /* not needed any more */
		assert_int_equal(ep_flushed(&p->ep), step >= 9);
		while (!ep_flushed(&p->ep)) {
			unsigned told = p->writable;
			p->takes = step;
			assert_true(ep_say_writable(&p->ep));
			assert_int_equal(p->writable, told + ep_flushed(&p->ep));
		}
		assert_int_equal(p->seen, 9);
		expect_run(p, 0, 9);
		ep_close(&p->ep);
	}
}

static void one_that_is_full_at_once_takes_nothing(void **state)
{
	(void)state;
	struct picky *p = picky_new(0);
	bundle_of(3);
	struct txv v = txv_plain(&b.f);
	assert_int_equal(ep_tx(&p->ep, &v, 1), 0);
	assert_true(ep_flushed(&p->ep));
	ep_close(&p->ep);
}

static void what_waits_goes_before_what_comes(void **state)
{
	(void)state;
	struct picky *p = picky_new(2);
	static const uint8_t bytes[60] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };
	struct frame plain = frame_over(bytes, sizeof bytes, NULL);
	bundle_of(4);
	struct txv v[3] = { txv_plain(&plain), txv_plain(&b.f), txv_plain(&plain) };
	assert_int_equal(ep_tx(&p->ep, v, 3), 2); /* the plain one, the first of four */
	assert_int_equal(ep_tx(&p->ep, v + 2, 1), 0);
	p->takes = 100;
	assert_int_equal(ep_tx(&p->ep, v + 2, 1), 1);
	assert_int_equal(p->seen, 6);
	expect_run(p, 1, 4);
	assert_int_equal(p->len[5], 60);
	ep_close(&p->ep);
}

static void more_pieces_than_a_batch_has(void **state)
{
	(void)state;
	struct picky *p = picky_new(1000);
	make(&b, false, false, 60000, 100);
	b.bytes[18] = b.bytes[19] = 0;
	assert_true(gso_check(&b.f));
	struct txv v[2] = { txv_plain(&b.f), txv_plain(&b.f) };
	assert_int_equal(ep_tx(&p->ep, v, 2), 2);
	assert_int_equal(p->seen, 1000);
	assert_false(ep_flushed(&p->ep));
	p->takes = 1000;
	assert_true(ep_say_writable(&p->ep));
	assert_int_equal(p->seen, 1200);
	for (unsigned i = 0; i < 1200; i++)
		assert_int_equal(p->mark[i], i % 600);
	ep_close(&p->ep);
}

static void who_can_finish_it_gets_it_as_it_is(void **state)
{
	(void)state;
	struct picky *p = picky_new(1);
	bundle_of(40);
	struct txv v = txv_plain(&b.f);
	p->ep.caps.offloads = OFFLOAD_CSUM | OFFLOAD_TCP4;
	assert_int_equal(ep_tx(&p->ep, &v, 1), 1);
	assert_int_equal(p->seen, 1);
	assert_int_equal(p->len[0], b.len);
	ep_close(&p->ep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_arrives_whole_however_few_are_taken),
		cmocka_unit_test(one_that_is_full_at_once_takes_nothing),
		cmocka_unit_test(what_waits_goes_before_what_comes),
		cmocka_unit_test(more_pieces_than_a_batch_has),
		cmocka_unit_test(who_can_finish_it_gets_it_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
