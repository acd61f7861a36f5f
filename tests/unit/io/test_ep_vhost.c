/* SPDX-License-Identifier: MIT */
/* test_ep_vhost.c - a machine's network card in shared memory, the machine being this test: frames
 * both ways, one machine after the other, and guests that break the rules in every way we know. */
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "lib/io/usock.h"
#include "lib/proto/vhost_user.h"
#include "tests/unit/io/listener.h"

enum { MEM = 1 << 20, NUM = 8, RING_SIZE = 0x4000, BUF = 0x10000, BUF_SIZE = 1024, HEAD = 12 };
enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };
#define GUEST UINT64_C(0x100000000)
#define USER UINT64_C(0x7f0000000000)

struct machine {
	struct loop *l;
	struct listener h;
	struct folder d;
	char path[100];
	int sock, file, kick[2], call[2];
	uint8_t *mem;
	uint16_t put[2]; /* avail entries of each ring */
};

static void send_fds(struct machine *m, uint32_t request, const void *body, uint32_t len,
		     const int *fds, unsigned n)
{
	uint32_t head[3] = { request, 1, len };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(16 * sizeof(int))] = { 0 };
	union {
		const void *in;
		void *out;
	} u = { body };
	struct iovec iov[2] = { { head, sizeof head }, { u.out, len } };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = 2 };
	if (n) {
		h.msg_control = control;
		h.msg_controllen = CMSG_SPACE(n * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&h);
		*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n * sizeof(int)),
				       .cmsg_level = SOL_SOCKET,
				       .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	assert_int_equal(sendmsg(m->sock, &h, MSG_NOSIGNAL), sizeof head + len);
}

static void say2(struct machine *m, uint32_t request, uint32_t a, uint32_t b)
{
	send_fds(m, request, (uint32_t[]){ a, b }, 8, NULL, 0);
}

static void say64(struct machine *m, uint32_t request, uint64_t v, int fd)
{
	send_fds(m, request, &v, 8, &fd, fd >= 0);
}

static void say_memory(struct machine *m)
{
	struct {
		uint32_t n, pad;
		uint64_t guest, size, user, offset;
	} body = { 1, 0, GUEST, MEM, USER, 0 };
	send_fds(m, VHOST_USER_SET_MEM_TABLE, &body, sizeof body, &m->file, 1);
}

static void say_ring(struct machine *m, uint32_t ring)
{
	uint64_t at = USER + (uint64_t)ring * RING_SIZE;
	struct {
		uint32_t ring, flags;
		uint64_t desc, used, avail, log;
	} addr = { ring, 0, at, at + 0x2000, at + 0x1000, 0 };
	say2(m, VHOST_USER_SET_VRING_NUM, ring, NUM);
	send_fds(m, VHOST_USER_SET_VRING_ADDR, &addr, sizeof addr, NULL, 0);
	say2(m, VHOST_USER_SET_VRING_BASE, ring, 0);
	say64(m, VHOST_USER_SET_VRING_KICK, ring, m->kick[ring]);
	say64(m, VHOST_USER_SET_VRING_CALL, ring, m->call[ring]);
	say2(m, VHOST_USER_SET_VRING_ENABLE, ring, 1);
}

static void join(struct machine *m)
{
	memset(m->mem, 0, MEM);
	m->put[0] = m->put[1] = 0;
	m->sock = usock_connect(m->path, SOCK_STREAM);
	assert_true(m->sock >= 0);
	say64(m, VHOST_USER_SET_FEATURES,
	      UINT64_C(1) << 32 | UINT64_C(1) << 30 | UINT64_C(1) << 28 | UINT64_C(1) << 15, -1);
	say_memory(m);
	say_ring(m, 0);
	say_ring(m, 1);
}

static struct machine *machine_new(void)
{
	static const struct ep_host *host = &listener_host;
	struct machine *m = calloc(1, sizeof *m);
	char locator[200];
	struct err err = { "" };
	m->l = loop_new();
	m->d = folder_new();
	snprintf(m->path, sizeof m->path, "%s/v", m->d.path);
	snprintf(locator, sizeof locator, "vhost-user://%s", m->path);
	assert_int_equal(ep_open(&m->h.ep, m->l, locator, host, &m->h, NULL, &err), 0);
	m->file = memfd_create("guest", MFD_CLOEXEC);
	assert_int_equal(ftruncate(m->file, MEM), 0);
	m->mem = mmap(NULL, MEM, PROT_READ | PROT_WRITE, MAP_SHARED, m->file, 0);
	for (unsigned i = 0; i < 2; i++) {
		m->kick[i] = eventfd(0, EFD_NONBLOCK);
		m->call[i] = eventfd(0, EFD_NONBLOCK);
	}
	join(m);
	return m;
}

static void machine_free(struct machine *m)
{
	ep_close(m->h.ep);
	loop_free(m->l);
	munmap(m->mem, MEM);
	close(m->sock);
	close(m->file);
	for (unsigned i = 0; i < 2; i++) {
		close(m->kick[i]);
		close(m->call[i]);
	}
	rmdir(m->d.path);
	free(m);
}

static void desc(struct machine *m, unsigned ring, unsigned i, uint64_t addr, uint32_t len,
		 uint16_t flags, uint16_t next)
{
	struct {
		uint64_t addr;
		uint32_t len;
		uint16_t flags, next;
	} d = { addr, len, flags, next };
	memcpy(m->mem + ring * RING_SIZE + 16 * i, &d, sizeof d);
}

static void offer(struct machine *m, unsigned ring, uint16_t head)
{
	uint8_t *avail = m->mem + ring * RING_SIZE + 0x1000;
	memcpy(avail + 4 + 2 * (m->put[ring] % NUM), &head, 2);
	m->put[ring]++;
	memcpy(avail + 2, &m->put[ring], 2);
}

static void ring_bell(struct machine *m, unsigned ring)
{
	uint64_t one = 1;
	assert_int_equal(write(m->kick[ring], &one, sizeof one), sizeof one);
}

static uint16_t used(const struct machine *m, unsigned ring)
{
	uint16_t v;
	memcpy(&v, m->mem + ring * RING_SIZE + 0x2002, 2);
	return v;
}

/* A frame of 100 bytes that carries `number`, behind a header, in two pieces. */
static void guest_sends(struct machine *m, uint8_t number)
{
	static const uint8_t from[] = { 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };
	uint8_t *f = m->mem + BUF;
	memset(f, 0, HEAD);
	memset(f + HEAD, 0xff, 6);
	memcpy(f + HEAD + 6, from, sizeof from);
	f[HEAD + 14] = number;
	for (unsigned i = 15; i < 100; i++)
		f[HEAD + i] = (uint8_t)(number + i);
	desc(m, 1, 0, GUEST + BUF, 50, NEXT, 1);
	desc(m, 1, 1, GUEST + BUF + 50, HEAD + 100 - 50, 0, 0);
	offer(m, 1, 0);
	ring_bell(m, 1);
}

static void frames_go_both_ways(void **state)
{
	struct machine *m = machine_new();
	(void)state;
	uint64_t rung;
	UNTIL(m->l, m->h.ups == 1);
	assert_int_equal(read(m->call[1], &rung, sizeof rung), sizeof rung); /* by coming */
	guest_sends(m, 7);
	UNTIL(m->l, m->h.count == 1);
	assert_int_equal(m->h.len[0], 100);
	assert_int_equal(m->h.first[0], 7);
	assert_false(m->h.wrong);
	assert_int_equal(used(m, 1), 1);
	assert_int_equal(read(m->call[1], &rung, sizeof rung), sizeof rung);
	assert_int_equal(send_frame(m->h.ep, 200, 9), 0); /* the guest has no buffer there */
	desc(m, 0, 3, GUEST + BUF + 0x1000, BUF_SIZE, WRITE, 0);
	offer(m, 0, 3);
	ring_bell(m, 0);
	UNTIL(m->l, m->h.writable == 1);
	assert_int_equal(send_frame(m->h.ep, 200, 9), 1);
	assert_int_equal(used(m, 0), 1);
	const uint8_t *got = m->mem + BUF + 0x1000;
	assert_int_equal(got[10], 1); /* num_buffers */
	assert_int_equal(got[HEAD + 14], 9);
	assert_int_equal(got[HEAD + 199], (uint8_t)(9 + 199));
	machine_free(m);
}

static void a_long_frame_fills_several_buffers(void **state)
{
	struct machine *m = machine_new();
	(void)state;
	UNTIL(m->l, m->h.ups == 1);
	for (unsigned i = 0; i < 3; i++) {
		desc(m, 0, i, GUEST + BUF + i * 0x1000, BUF_SIZE, WRITE, 0);
		offer(m, 0, (uint16_t)i);
	}
	assert_int_equal(send_frame(m->h.ep, 3100, 5), 0); /* 3112 bytes do not fit */
	assert_int_equal(send_frame(m->h.ep, 3000, 5), 1);
	assert_int_equal(used(m, 0), 3);
	assert_int_equal(m->mem[BUF + 10], 3);
	assert_int_equal(m->mem[BUF + 0x1000], (uint8_t)(5 + BUF_SIZE - HEAD));
	assert_int_equal(m->mem[BUF + 0x2000 + 963], (uint8_t)(5 + 2999));
	machine_free(m);
}

static void one_machine_comes_after_the_other(void **state)
{
	struct machine *m = machine_new();
	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		UNTIL(m->l, m->h.ups == i);
		guest_sends(m, (uint8_t)i);
		UNTIL(m->l, m->h.count == i);
		close(m->sock);
		UNTIL(m->l, m->h.downs == i);
		join(m);
	}
	assert_int_equal(m->h.closes, 0);
	machine_free(m);
}

static void hear(struct machine *m, const uint32_t *want, size_t len)
{
	uint32_t got[8];
	assert_int_equal(recv(m->sock, got, len, MSG_WAITALL | MSG_DONTWAIT), len);
	assert_memory_equal(got, want, len);
}

/* The driver is unloaded and loaded again: QEMU asks where the queues were, and they go on there.
 */
static void a_driver_stops_and_starts(void **state)
{
	static const uint32_t acked[] = { VHOST_USER_SET_OWNER, 5, 8, 0, 0 };
	struct machine *m = machine_new();
	(void)state;
	UNTIL(m->l, m->h.ups == 1);
	guest_sends(m, 1);
	UNTIL(m->l, m->h.count == 1);
	say64(m, VHOST_USER_SET_PROTOCOL_FEATURES, 1 << 3, -1);
	for (uint32_t ring = 0; ring < 2; ring++)
		say2(m, VHOST_USER_GET_VRING_BASE, ring, 0);
	UNTIL(m->l, m->h.downs == 1);
	for (uint32_t ring = 0; ring < 2; ring++)
		hear(m, (uint32_t[]){ VHOST_USER_GET_VRING_BASE, 5, 8, ring, ring }, 20);
	say_ring(m, 0);
	say_ring(m, 1);
	say2(m, VHOST_USER_SET_VRING_BASE, 1, 1);
	uint32_t owner[3] = { VHOST_USER_SET_OWNER, 1 | 8, 0 };
	assert_int_equal(send(m->sock, owner, sizeof owner, MSG_NOSIGNAL), sizeof owner);
	UNTIL(m->l, m->h.ups == 2);
	hear(m, acked, sizeof acked);
	guest_sends(m, 2);
	UNTIL(m->l, m->h.count == 2);
	assert_int_equal(m->h.first[1], 2);
	assert_false(m->h.wrong);
	machine_free(m);
}

static void wild_entry(struct machine *m)
{
	offer(m, 1, 999);
}

static void wild_next(struct machine *m)
{
	desc(m, 1, 0, GUEST + BUF, 50, NEXT, 4000);
	offer(m, 1, 0);
}

static void outside(struct machine *m)
{
	desc(m, 1, 0, GUEST + MEM - 10, 50, 0, 0);
	offer(m, 1, 0);
}

static void around_the_end(struct machine *m)
{
	desc(m, 1, 0, UINT64_MAX - 5, 50, 0, 0);
	offer(m, 1, 0);
}

static void endless(struct machine *m)
{
	desc(m, 1, 0, GUEST + BUF, 1, NEXT, 1);
	desc(m, 1, 1, GUEST + BUF, 1, NEXT, 0);
	offer(m, 1, 0);
}

static void wrong_way(struct machine *m)
{
	desc(m, 1, 0, GUEST + BUF, 50, WRITE, 0);
	offer(m, 1, 0);
}

static void table_in_table(struct machine *m)
{
	desc(m, 1, 0, GUEST + 16, 16, INDIRECT, 0);
	desc(m, 1, 1, GUEST + RING_SIZE, 16, INDIRECT, 0);
	memcpy(m->mem + 16, m->mem + RING_SIZE + 16, 16);
	offer(m, 1, 0);
}

static void too_many(struct machine *m)
{
	m->put[1] = 5000;
	offer(m, 1, 0);
}

static void cut_short(struct machine *m)
{
	assert_int_equal(ftruncate(m->file, 0), 0);
	ring_bell(m, 0);
}

static void no_such_ring(struct machine *m)
{
	say2(m, VHOST_USER_SET_VRING_NUM, 77, 8);
}

static void odd_size(struct machine *m)
{
	say2(m, VHOST_USER_SET_VRING_NUM, 0, 7);
}

static void no_memory_with_it(struct machine *m)
{
	uint64_t body[5] = { 1, GUEST, MEM, USER, 0 };
	send_fds(m, VHOST_USER_SET_MEM_TABLE, body, sizeof body, NULL, 0);
}

static void longer_than_its_file(struct machine *m)
{
	uint64_t body[5] = { 1, GUEST, 2 * MEM, USER, 0 };
	send_fds(m, VHOST_USER_SET_MEM_TABLE, body, sizeof body, &m->file, 1);
}

static void noise(struct machine *m)
{
	send_fds(m, 0xffffffff, NULL, 0, NULL, 0);
	assert_int_equal(send(m->sock, "this is no message at all", 25, MSG_NOSIGNAL), 25);
}

static void who_breaks_the_rules_loses_the_port(void **state)
{
	static void (*const ways[])(struct machine *) = {
		wild_entry,           wild_next, outside,
		around_the_end,       endless,   wrong_way,
		table_in_table,       too_many,  cut_short,
		no_such_ring,         odd_size,  no_memory_with_it,
		longer_than_its_file, noise,
	};
	(void)state;
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct machine *m = machine_new();
		UNTIL(m->l, m->h.ups == 1);
		ways[i](m);
		ring_bell(m, 1);
		UNTIL(m->l, m->h.closes == 1);
		assert_int_equal(m->h.why, -EPROTO);
		if (strncmp(m->h.reason, "the guest broke the rules: ", 27) != 0)
			fail_msg("way %u: %s", i, m->h.reason);
		m->mem = mmap(m->mem, MEM, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			      0);
		machine_free(m);
	}
}

static void a_machine_that_stops_in_the_middle_harms_nobody(void **state)
{
	static const uint8_t part[] = { 5, 0, 0, 0, 1, 0, 0, 0, 40, 0 };
	struct machine *m = machine_new();
	(void)state;
	UNTIL(m->l, m->h.ups == 1);
	assert_int_equal(send(m->sock, part, sizeof part, MSG_NOSIGNAL), sizeof part);
	quiet(m->l);
	assert_int_equal(m->h.downs, 0);
	close(m->sock);
	UNTIL(m->l, m->h.downs == 1);
	join(m);
	UNTIL(m->l, m->h.ups == 2);
	machine_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_go_both_ways),
		cmocka_unit_test(a_long_frame_fills_several_buffers),
		cmocka_unit_test(one_machine_comes_after_the_other),
		cmocka_unit_test(a_driver_stops_and_starts),
		cmocka_unit_test(who_breaks_the_rules_loses_the_port),
		cmocka_unit_test(a_machine_that_stops_in_the_middle_harms_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
