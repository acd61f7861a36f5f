/* SPDX-License-Identifier: MIT */
/* test_memif.c - our memif server against clients made by hand, well-behaved or not: whatever they
 * do costs them their port and nobody else anything. And what our own ends tell each other. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "lib/io/memif_sock.h"
#include "lib/io/rings.h"
#include "lib/io/usock.h"
#include "tests/unit/io/net.h"

struct hand { /* a client made by hand */
	struct net *n;
	int sock, memory;
	struct rings rings;
};

static struct memif_msg heard(struct hand *h) /* the server's next message; type 0: it hung up */
{
	struct memif_msg m = { 0 };
	struct pollfd p = { .fd = h->sock, .events = POLLIN };
	int fd = -1, r = 0;
	UNTIL(h->n->loop, poll(&p, 1, 0) > 0);
	r = memif_recv(h->sock, &m, &fd);
	assert_int_equal(fd, -1);
	assert_true(r == 0 || r == -EPIPE);
	return m;
}

static void say_it(struct hand *h, const struct memif_msg *m, int fd)
{
	assert_int_equal(memif_send(h->sock, m, fd), 0);
}

static struct hand hand_new(struct net *n)
{
	struct hand h = { .n = n, .memory = -1 };
	char path[160];
	snprintf(path, sizeof path, "%s/memif", n->dir);
	h.sock = usock_connect(path, SOCK_SEQPACKET);
	assert_true(h.sock >= 0);
	rings_init(&h.rings, true);
	struct memif_msg m = heard(&h);
	assert_int_equal(m.type, MEMIF_HELLO);
	assert_int_equal(m.u.hello.max_version, MEMIF_VERSION);
	assert_int_equal(m.u.hello.max_m2s + m.u.hello.max_s2m, 0);
	return h;
}

static void hand_free(struct hand *h)
{
	if (h->sock >= 0)
		close(h->sock);
	if (h->memory >= 0)
		close(h->memory);
	rings_fini(&h->rings);
}

static struct memif_msg init(void)
{
	return (struct memif_msg){ .type = MEMIF_INIT,
				   .u.init = { .version = MEMIF_VERSION, .name = "by hand" } };
}

static struct memif_msg ring(const struct hand *h, const struct ring *g, unsigned flags)
{
	return (struct memif_msg){ .type = MEMIF_ADD_RING,
				   .u.ring = { .flags = (uint16_t)flags,
					       .offset = rings_offset(&h->rings, g),
					       .log2 = RINGS_LOG2 } };
}

static struct memif_msg region(const struct hand *h)
{
	return (struct memif_msg){ .type = MEMIF_ADD_REGION,
				   .u.region = { .size = h->rings.region[0].size } };
}

static void acked(struct hand *h, const struct memif_msg *m, int fd)
{
	say_it(h, m, fd);
	assert_int_equal(heard(h).type, MEMIF_ACK);
}

/* All of it but CONNECT. */
static void agree(struct hand *h)
{
	struct memif_msg m = init();
	acked(h, &m, -1);
	assert_int_equal(rings_make(&h->rings, RINGS_LOG2, &h->memory), 0);
	m = region(h);
	acked(h, &m, h->memory);
	m = ring(h, &h->rings.out, MEMIF_RING_S2M);
	acked(h, &m, h->rings.out.bell);
	m = ring(h, &h->rings.in, 0);
	acked(h, &m, h->rings.in.bell);
}

static void join_as(struct hand *h, const char *name)
{
	struct memif_msg m = { .type = MEMIF_CONNECT };
	snprintf(m.u.connect.name, sizeof m.u.connect.name, "%s", name);
	agree(h);
	say_it(h, &m, -1);
	m = heard(h);
	assert_int_equal(m.type, MEMIF_CONNECTED);
	assert_string_equal(m.u.connect.name, "port 1");
	assert_non_null(h->n->port[1].ep);
	rings_start(&h->rings);
}

static void is_thrown_out(struct hand *h, const char *words)
{
	struct memif_msg m = heard(h);
	assert_int_equal(m.type, MEMIF_DISCONNECT);
	assert_non_null(strstr(m.u.disconnect.text, words));
	assert_int_equal(heard(h).type, 0);
	assert_null(h->n->port[1].ep);
}

/* ---- those who behave ---- */

static void a_foreign_client_gets_a_port(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct hand h = hand_new(n);
	join_as(&h, "eth0");
	assert_int_equal(n->last.uid, geteuid());
	assert_non_null(strstr(n->port[1].ep->descr, "by hand user="));
	assert_false(n->port[1].ep->caps.carrier); /* it knows no LINK */
	ep_carrier(n->port[1].ep, false);
	send_frame(n->port[1].ep, 60, 7);
	struct frame f[BATCH_MAX];
	uint8_t join[ETH_FRAME_MAX];
	UNTIL(n->loop, rings_waiting(&h.rings));
	assert_int_equal(rings_rx(&h.rings, f, 1, join, sizeof join), 1);
	assert_int_equal(f[0].data[14], 7);
	struct pollfd p = { .fd = h.sock, .events = POLLIN };
	quiet(n->loop);
	assert_int_equal(poll(&p, 1, 0), 0); /* nothing was said to it */
	close(h.sock);
	h.sock = -1;
	UNTIL(n->loop, n->port[1].closes == 1);
	assert_string_equal(n->port[1].reason, "peer unplugged");
	hand_free(&h);
	net_free(n);
}

static void the_link_is_told_both_ways(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	assert_true(h.ep->caps.carrier && n->port[1].ep->caps.carrier);
	assert_int_equal(h.ep->port, 1);
	ep_carrier(n->port[1].ep, false);
	UNTIL(n->loop, h.downs == 1);
	ep_carrier(n->port[1].ep, true);
	UNTIL(n->loop, h.ups == 2);
	ep_carrier(h.ep, false);
	UNTIL(n->loop, n->port[1].downs == 1);
	ep_close(h.ep);
	UNTIL(n->loop, n->port[1].closes == 1);
	net_free(n);
}

/* ---- those who do not ---- */

static void who_is_refused_is_told_why(void **state)
{
	(void)state;
	struct net *n = net_new();
	n->refuse = -EPERM;
	struct hand h = hand_new(n);
	struct memif_msg m = init();
	say_it(&h, &m, -1);
	is_thrown_out(&h, "nobody gets in");
	hand_free(&h);
	net_free(n);
}

static void wrong_words_end_the_handshake(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct memif_msg wrong[] = { init(),
				     init(),
				     init(),
				     { .type = MEMIF_ACK },
				     { .type = MEMIF_CONNECT },
				     { .type = MEMIF_ADD_REGION },
				     { .type = MEMIF_ADD_RING },
				     { .type = MEMIF_LINK } };
	wrong[0].u.init.version = 0x0300;
	wrong[1].u.init.mode = 1;
	wrong[2].u.init.id = 70000;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct hand h = hand_new(n);
		say_it(&h, &wrong[i], -1);
		is_thrown_out(&h, "");
		hand_free(&h);
	}
	struct hand h = hand_new(n);
	assert_int_equal(send(h.sock, "hello", 5, 0), 5);
	is_thrown_out(&h, "");
	hand_free(&h);
	net_free(n);
}

static void memory_that_cannot_be_trusted_is_refused(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct hand h = hand_new(n);
	struct memif_msg m = init();
	acked(&h, &m, -1);
	h.memory = memfd_create("test", MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(h.memory, 1 << 20), 0);
	m = (struct memif_msg){ .type = MEMIF_ADD_REGION, .u.region = { .size = 1 << 20 } };
	say_it(&h, &m, h.memory);
	is_thrown_out(&h, "sealed");
	hand_free(&h);
	h = hand_new(n);
	m = init();
	acked(&h, &m, -1);
	assert_int_equal(rings_make(&h.rings, RINGS_LOG2, &h.memory), 0);
	m = region(&h);
	m.u.region.size++; /* more than there is: reading it would kill */
	say_it(&h, &m, h.memory);
	is_thrown_out(&h, "not as large");
	hand_free(&h);
	net_free(n);
}

static void leaving_in_mid_handshake_leaves_nothing(void **state)
{
	(void)state;
	struct net *n = net_new();
	for (int step = 0; step < 3; step++) {
		struct hand h = hand_new(n);
		struct memif_msg m = init();
		if (step == 1)
			acked(&h, &m, -1);
		if (step == 2)
			agree(&h);
		close(h.sock);
		h.sock = -1;
		hand_free(&h);
		quiet(n->loop);
		assert_null(n->port[1].ep);
	}
	struct hand h = hand_new(n); /* and the next one gets in */
	join_as(&h, "eth0");
	hand_free(&h);
	UNTIL(n->loop, n->port[1].closes == 1);
	net_free(n);
}

static void who_breaks_the_rules_loses_its_port_alone(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct hand h = hand_new(n);
	struct listener good = { 0 };
	join_as(&h, "eth0");
	plug_in(n, "", &good);
	h.rings.out.mem->desc[0].offset = UINT32_MAX;
	h.rings.out.mem->desc[0].length = 60;
	*h.rings.out.ours = 1;
	assert_int_equal(write(h.rings.out.bell, &(uint64_t){ 1 }, 8), 8);
	UNTIL(n->loop, n->port[1].closes == 1);
	assert_int_equal(n->port[1].why, -EPROTO);
	assert_non_null(strstr(n->port[1].reason, "broke the rules: a descriptor"));
	send_frame(good.ep, 60, 9);
	UNTIL(n->loop, n->port[2].count == 1);
	ep_close(good.ep);
	hand_free(&h);
	net_free(n);
}

/* Its bell is as full as it goes: ringing it would wait for ever. */
static void a_stuffed_bell_does_not_stop_us(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct hand h = hand_new(n);
	join_as(&h, "eth0");
	int flags = fcntl(h.rings.in.bell, F_GETFL);
	assert_int_equal(fcntl(h.rings.in.bell, F_SETFL, flags & ~O_NONBLOCK), 0);
	assert_int_equal(write(h.rings.in.bell, &(uint64_t){ UINT64_MAX - 1 }, 8), 8);
	assert_true(rings_sleep(&h.rings)); /* please ring */
	assert_int_equal(send_frame(n->port[1].ep, 60, 1), 1);
	hand_free(&h);
	UNTIL(n->loop, n->port[1].closes == 1);
	net_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_foreign_client_gets_a_port),
		cmocka_unit_test(the_link_is_told_both_ways),
		cmocka_unit_test(who_is_refused_is_told_why),
		cmocka_unit_test(wrong_words_end_the_handshake),
		cmocka_unit_test(memory_that_cannot_be_trusted_is_refused),
		cmocka_unit_test(leaving_in_mid_handshake_leaves_nothing),
		cmocka_unit_test(who_breaks_the_rules_loses_its_port_alone),
		cmocka_unit_test(a_stuffed_bell_does_not_stop_us),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
