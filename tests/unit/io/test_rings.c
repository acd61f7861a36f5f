/* SPDX-License-Identifier: MIT */
/* test_rings.c - rings in shared memory: frames of every length both ways, sleeping without losing
 * a wake-up (two threads; ThreadSanitizer watches in check-all), and peers that lie. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/io/rings.h"

struct pair {
	struct rings client, server;
	uint8_t join[BATCH_MAX][ETH_FRAME_MAX];
};

static struct memif_msg add(const struct rings *c, const struct ring *g, unsigned flags)
{
	return (struct memif_msg){ .type = MEMIF_ADD_RING,
				   .u.ring = { .flags = (uint16_t)flags,
					       .offset = rings_offset(c, g),
					       .log2 = RINGS_LOG2 } };
}

static struct pair *pair_new(void)
{
	static struct pair p;
	const char *why = "";
	int fd;
	rings_init(&p.client, true);
	rings_init(&p.server, false);
	assert_int_equal(rings_make(&p.client, RINGS_LOG2, &fd), 0);
	if (rings_map(&p.server, fd, p.client.region[0].size, &why) < 0)
		fail_msg("%s", why);
	close(fd);
	struct memif_msg in = add(&p.client, &p.client.out, MEMIF_RING_S2M),
			 out = add(&p.client, &p.client.in, 0);
	assert_int_equal(rings_attach(&p.server, &in, dup(p.client.out.bell), &why), 0);
	assert_int_equal(rings_attach(&p.server, &out, dup(p.client.in.bell), &why), 0);
	rings_start(&p.client);
	rings_start(&p.server);
	return &p;
}

static void pair_free(struct pair *p)
{
	rings_fini(&p->client);
	rings_fini(&p->server);
}

static unsigned take(struct pair *p, struct rings *r, struct frame *f, unsigned max)
{
	return rings_rx(r, f, max, p->join[0], sizeof p->join[0]);
}

/* A frame of `len` bytes whose bytes tell its number. */
static void fill(uint8_t *b, uint32_t len, uint32_t number)
{
	memset(b, 0, 14);
	for (uint32_t i = 14; i < len; i++)
		b[i] = (uint8_t)(number + i);
}

static unsigned send_one(struct rings *r, uint32_t len, uint32_t number)
{
	static _Thread_local uint8_t b[ETH_FRAME_MAX];
	fill(b, len, number);
	struct frame f = frame_over(b, len, NULL);
	struct txv v = txv_plain(&f);
	return rings_tx(r, &v, 1);
}

static bool is_frame(const struct frame *f, uint32_t len, uint32_t number)
{
	static _Thread_local uint8_t b[ETH_FRAME_MAX];
	fill(b, len, number);
	return f->len == len && memcmp(f->data, b, len) == 0;
}

static void one_way(struct pair *p, struct rings *from, struct rings *to)
{
	struct frame f[BATCH_MAX];
	for (uint32_t len = 14; len <= ETH_FRAME_MAX; len += len < 300 ? 1 : 487) {
		assert_int_equal(send_one(from, len, len), 1);
		assert_int_equal(take(p, to, f, BATCH_MAX), 1);
		assert_true(is_frame(&f[0], len, len));
		rings_rx_done(to);
		assert_true(rings_drained(from));
	}
	assert_int_equal(send_one(from, ETH_FRAME_MAX, 1), 1);
	assert_int_equal(take(p, to, f, BATCH_MAX), 1);
	assert_true(is_frame(&f[0], ETH_FRAME_MAX, 1));
	rings_rx_done(to);
}

static void frames_of_every_length_cross_both_ways(void **state)
{
	(void)state;
	struct pair *p = pair_new();
	one_way(p, &p->client, &p->server);
	one_way(p, &p->server, &p->client);
	pair_free(p);
}

static void a_rest_loses_nothing(void **state)
{
	(void)state;
	struct pair *p = pair_new();
	struct frame f[BATCH_MAX];
	assert_int_equal(send_one(&p->client, 100, 1), 1);
	assert_int_equal(send_one(&p->server, 100, 2), 1);
	rings_rest(&p->server);
	rings_rest(&p->client); /* whose memory it is: stays */
	assert_int_equal(take(p, &p->server, f, BATCH_MAX), 1);
	assert_true(is_frame(&f[0], 100, 1));
	rings_rx_done(&p->server);
	assert_int_equal(take(p, &p->client, f, BATCH_MAX), 1);
	assert_true(is_frame(&f[0], 100, 2));
	rings_rx_done(&p->client);
	rings_rest(&p->server);
	one_way(p, &p->client, &p->server);
	one_way(p, &p->server, &p->client);
	pair_free(p);
}

static void tags_of_the_port_are_put_on_in_the_copy(void **state)
{
	(void)state;
	struct pair *p = pair_new();
	struct frame f[BATCH_MAX];
	uint8_t b[64];
	fill(b, sizeof b, 5);
	struct frame plain = frame_over(b, sizeof b, NULL);
	struct txv v = txv_plain(&plain);
	memcpy(v.hdr + 12, (uint8_t[]){ 0x81, 0, 0, 7 }, 4);
	v.hlen = 16;
	assert_int_equal(rings_tx(&p->server, &v, 1), 1);
	assert_int_equal(take(p, &p->client, f, BATCH_MAX), 1);
	assert_int_equal(f[0].len, 68);
	assert_memory_equal(f[0].data + 12, ((uint8_t[]){ 0x81, 0, 0, 7 }), 4);
	assert_memory_equal(f[0].data + 16, b + 12, 52);
	pair_free(p);
}

static void a_full_ring_takes_no_more_until_it_is_read(void **state)
{
	(void)state;
	struct pair *p = pair_new();
	struct rings *ways[2][2] = { { &p->client, &p->server }, { &p->server, &p->client } };
	struct frame f[BATCH_MAX];
	for (int w = 0; w < 2; w++) {
		unsigned sent = 0;
		while (send_one(ways[w][0], 60, sent))
			sent++;
		assert_int_equal(sent, 1u << RINGS_LOG2);
		assert_false(rings_room(ways[w][0]));
		assert_int_equal(send_one(ways[w][0], 9000, 0), 0);
		for (unsigned got = 0; got < sent; got += BATCH_MAX) {
			assert_int_equal(take(p, ways[w][1], f, BATCH_MAX), BATCH_MAX);
			assert_true(is_frame(&f[1], 60, got + 1));
			rings_rx_done(ways[w][1]);
		}
		assert_true(rings_drained(ways[w][0]));
		for (unsigned i = 0; i < 300;
		     i++) { /* five slots each: they do not divide the ring */
			assert_int_equal(send_one(ways[w][0], 9000, i), 1);
			assert_int_equal(take(p, ways[w][1], f, BATCH_MAX), 1);
			assert_true(is_frame(&f[0], 9000, i));
			rings_rx_done(ways[w][1]);
		}
	}
	pair_free(p);
}

/* ---- two threads ---- */

enum { MANY = 20000 };

static bool bell_is_rung(int fd)
{
	uint64_t n;
	struct pollfd q = { .fd = fd, .events = POLLIN };
	return poll(&q, 1, 20000) == 1 && read(fd, &n, sizeof n) == sizeof n;
}

static void *sender(void *arg)
{
	struct rings *r = arg;
	for (uint32_t i = 0; i < MANY;) {
		if (send_one(r, 60 + i % 100, i))
			i++;
		else
			sched_yield();
		if (i % 97 == 0)
			sched_yield(); /* let the reader fall asleep now and then */
	}
	return NULL;
}

/* Sleeps whenever nothing is there: a wake-up that got lost would show as a bell that stays silent.
 */
static void read_all(struct pair *p, struct rings *to)
{
	struct frame f[BATCH_MAX];
	uint32_t got = 0;
	unsigned slept = 0;
	while (got < MANY) {
		unsigned n = take(p, to, f, BATCH_MAX);
		for (unsigned i = 0; i < n; i++, got++)
			assert_true(is_frame(&f[i], 60 + got % 100, got));
		if (n) {
			rings_rx_done(to);
			continue;
		}
		if (!rings_sleep(to))
			continue;
		assert_true(bell_is_rung(to->in.bell));
		rings_wake(to);
		slept++;
	}
	print_message("# slept %u times\n", slept);
}

static void no_wake_up_is_lost(void **state)
{
	(void)state;
	struct pair *p = pair_new();
	struct rings *ways[2][2] = { { &p->client, &p->server }, { &p->server, &p->client } };
	for (int w = 0; w < 2; w++) {
		pthread_t t;
		assert_int_equal(pthread_create(&t, NULL, sender, ways[w][0]), 0);
		read_all(p, ways[w][1]);
		pthread_join(t, NULL);
	}
	pair_free(p);
}

/* ---- peers that lie ---- */

static struct memif_desc *desc(struct ring *g, unsigned i)
{
	return &g->mem->desc[i];
}

static void wild_indices_end_it(void **state)
{
	(void)state;
	struct frame f[BATCH_MAX];
	struct pair *p = pair_new();
	*p->client.out.ours = 600; /* of 512 */
	assert_int_equal(take(p, &p->server, f, BATCH_MAX), 0);
	assert_non_null(p->server.broken);
	assert_false(rings_waiting(&p->server));
	pair_free(p);
	p = pair_new();
	*p->client.in.ours = 40000;
	assert_int_equal(send_one(&p->server, 60, 1), 0);
	assert_non_null(p->server.broken);
	pair_free(p);
	p = pair_new();
	*p->server.out.ours = 600;
	assert_int_equal(take(p, &p->client, f, BATCH_MAX), 0);
	assert_non_null(p->client.broken);
	pair_free(p);
}

static void descriptors_outside_of_the_region_end_it(void **state)
{
	(void)state;
	static const struct memif_desc wild[] = {
		{ .region = 1, .length = 60 },
		{ .region = 65535, .length = 60 },
		{ .length = 60, .offset = UINT32_MAX },
		{ .length = UINT32_MAX, .offset = 64 },
		{ .length = 3 << 20 },
	};
	struct frame f[BATCH_MAX];
	for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
		struct pair *p = pair_new();
		*desc(&p->client.out, 0) = wild[i];
		*p->client.out.ours = 1;
		assert_int_equal(take(p, &p->server, f, BATCH_MAX), 0);
		assert_non_null(p->server.broken);
		pair_free(p);
		p = pair_new();
		*desc(&p->client.in, 0) = wild[i]; /* an empty buffer for the server, they say */
		assert_int_equal(send_one(&p->server, 60, 1), 0);
		assert_non_null(p->server.broken);
		pair_free(p);
	}
	struct pair *p = pair_new(); /* and a server that says it filled more than a buffer holds */
	desc(&p->client.in, 0)->length = RINGS_BUFFER + 1;
	*p->server.out.ours = 1;
	assert_int_equal(take(p, &p->client, f, BATCH_MAX), 0);
	assert_non_null(p->client.broken);
	pair_free(p);
}

static void a_frame_without_end_ends_it_and_one_too_long_is_dropped(void **state)
{
	(void)state;
	struct frame f[BATCH_MAX];
	struct pair *p = pair_new();
	for (unsigned i = 0; i < 6; i++) { /* 6 * 2000 bytes, then a good one */
		desc(&p->client.out, i)->length = 2000;
		desc(&p->client.out, i)->flags = i < 5 ? MEMIF_DESC_NEXT : 0;
	}
	desc(&p->client.out, 6)->length = 60;
	*p->client.out.ours = 7;
	assert_int_equal(take(p, &p->server, f, BATCH_MAX), 1);
	assert_int_equal(f[0].len, 60);
	assert_int_equal(p->server.rx_oversize, 1);
	rings_rx_done(&p->server);
	assert_int_equal(*p->server.in.ours, 7);
	desc(&p->client.out, 7)->flags = MEMIF_DESC_NEXT;
	*p->client.out.ours = 8;
	assert_int_equal(take(p, &p->server, f, BATCH_MAX), 0);
	assert_non_null(p->server.broken);
	pair_free(p);
}

static void memory_that_may_shrink_or_is_short_is_refused(void **state)
{
	(void)state;
	struct rings r;
	const char *why;
	rings_init(&r, false);
	int fd = memfd_create("test", MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_int_equal(rings_map(&r, fd, 8192, &why), -EINVAL); /* no seal */
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_int_equal(rings_map(&r, fd, 8193, &why), -EINVAL);
	assert_int_equal(rings_map(&r, fd, 0, &why), -EINVAL);
	assert_int_equal(rings_map(&r, fd, UINT64_MAX, &why), -EINVAL);
	assert_int_equal(rings_map(&r, STDERR_FILENO, 4096, &why), -EINVAL);
	assert_int_equal(rings_map(&r, fd, 8192, &why), 0);
	struct memif_msg m = { .type = MEMIF_ADD_RING, .u.ring = { .log2 = 4 } };
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(rings_attach(&r, &m, ends[1], &why), -EINVAL); /* a pipe could block us */
	assert_non_null(strstr(why, "doorbell"));
	struct pair *p = pair_new();
	assert_int_equal(rings_attach(&r, &m, p->client.in.bell, &why), -EINVAL);
	assert_non_null(strstr(why, "cookie"));
	m.u.ring.offset = 8192;
	assert_int_equal(rings_attach(&r, &m, p->client.in.bell, &why), -EINVAL);
	pair_free(p);
	close(ends[0]);
	close(ends[1]);
	close(fd);
	rings_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_every_length_cross_both_ways),
		cmocka_unit_test(a_rest_loses_nothing),
		cmocka_unit_test(tags_of_the_port_are_put_on_in_the_copy),
		cmocka_unit_test(a_full_ring_takes_no_more_until_it_is_read),
		cmocka_unit_test(no_wake_up_is_lost),
		cmocka_unit_test(wild_indices_end_it),
		cmocka_unit_test(descriptors_outside_of_the_region_end_it),
		cmocka_unit_test(a_frame_without_end_ends_it_and_one_too_long_is_dropped),
		cmocka_unit_test(memory_that_may_shrink_or_is_short_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
