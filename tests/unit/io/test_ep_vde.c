/* SPDX-License-Identifier: MIT */
/* test_ep_vde.c - the VDE protocol, our client against our server and a hand-made client against
 * it. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/base/units.h"
#include "lib/io/vde_server.h"
#include "lib/proto/vde.h"
#include "tests/unit/io/listener.h"

enum { PORTS = 8 };

struct net { /* a server, and who is plugged in */
	struct loop *loop;
	struct folder folder;
	char dir[96];
	struct vde_server *server;
	struct listener port[PORTS];
	struct vde_plug last;
	unsigned admitted, said;
	int refuse; /* negative errno: everybody */
	char words[256];
};

static int admit(void *ctx, const struct vde_plug *plug)
{
	struct net *n = ctx;
	n->admitted++;
	n->last = *plug;
	if (n->refuse)
		return n->refuse;
	if (plug->request.port != VDE_PORT_ANY)
		return plug->request.port < PORTS ? plug->request.port : -ENXIO;
	for (int i = 1; i < PORTS; i++)
		if (!n->port[i].ep)
			return i;
	return -ENOSPC;
}

static void plugged(void *ctx, unsigned port, struct ep *e, const struct vde_plug *plug)
{
	struct net *n = ctx;
	(void)plug;
	assert_null(n->port[port].ep);
	assert_true(e->is_up);
	n->port[port].ep = e;
	e->host = &listener_host;
	e->ctx = &n->port[port];
}

static void say(void *ctx, const char *words)
{
	struct net *n = ctx;
	n->said++;
	snprintf(n->words, sizeof n->words, "%s", words);
}

static const struct vde_server_host server_host = { .admit = admit,
						    .plugged = plugged,
						    .say = say };
static const struct vde_server_config plain = {
	.mode = -1, .dirmode = -1, .gid = -1, .mgmt_mode = 0600, .mgmt_gid = -1
};

static struct net *net_new(void)
{
	struct net *n = calloc(1, sizeof *n);
	struct err err = { "" };
	struct vde_server_config c = plain;
	n->loop = loop_new();
	n->folder = folder_new();
	snprintf(n->dir, sizeof n->dir, "%s/sw", n->folder.path);
	c.dir = n->dir;
	if (vde_server_open(&n->server, n->loop, &c, &server_host, n, &err) < 0)
		fail_msg("%s", err.text);
	return n;
}

static void net_free(struct net *n)
{
	for (int i = 0; i < PORTS; i++)
		ep_close(n->port[i].ep);
	vde_server_close(n->server);
	assert_int_not_equal(access(n->dir, F_OK), 0); /* nothing is left behind */
	assert_int_equal(rmdir(n->folder.path), 0);
	loop_free(n->loop);
	free(n);
}

static void plug_in(struct net *n, const char *keys, struct listener *h)
{
	char locator[160];
	struct err err = { "" };
	snprintf(locator, sizeof locator, "%s%s", n->dir, keys);
	if (ep_open(&h->ep, n->loop, locator, &listener_host, h, NULL, &err) < 0)
		fail_msg("%s", err.text);
	UNTIL(n->loop, h->ups || h->closes);
}

/* ---- our client ---- */

static void frames_cross_both_ways_up_to_the_longest(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	static const uint32_t len[] = { 14, 60, 1514, 9000, ETH_FRAME_MAX };
	plug_in(n, "", &h);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(send_frame(h.ep, len[i], (uint8_t)i), 1);
		assert_int_equal(send_frame(n->port[1].ep, len[i], (uint8_t)i), 1);
	}
	UNTIL(n->loop, h.count == 5 && n->port[1].count == 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(h.len[i], len[i]);
		assert_int_equal(n->port[1].len[i], len[i]);
	}
	assert_false(h.wrong || n->port[1].wrong);
	ep_close(h.ep);
	net_free(n);
}

static void a_plug_gets_the_port_it_asks_for(void **state)
{
	(void)state;
	static const struct {
		const char *keys;
		int port;
	} wish[] = {
		{ ",port=5", 5 }, { "[6]", 6 }, { "[port=7/mode=0700]", 7 }, { "[0]", 0 }, { "", 1 }
	};
	struct net *n = net_new();
	struct listener h[5] = { { 0 } };
	for (unsigned i = 0; i < 5; i++) {
		plug_in(n, wish[i].keys, &h[i]);
		assert_int_equal(h[i].ups, 1);
		assert_non_null(n->port[wish[i].port].ep);
	}
	for (unsigned i = 0; i < 5; i++)
		ep_close(h[i].ep);
	net_free(n);
}

static void the_server_knows_who_plugged_in(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, ",descr=\"the, third\"", &h);
	assert_int_equal(n->last.uid, geteuid());
	assert_int_equal(n->last.pid, getpid());
	assert_int_equal(n->last.request.version, 3);
	assert_ptr_equal(strstr(n->last.request.descr, "the, third user="), n->last.request.descr);
	assert_string_equal(n->port[1].ep->descr, n->last.request.descr);
	ep_close(h.ep);
	net_free(n);
}

static void a_refused_plug_is_told_at_once(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, ",port=99", &h);
	assert_int_equal(h.closes, 1);
	assert_int_equal(h.why, -EACCES);
	assert_string_equal(h.reason, "the switch refused the plug");
	net_free(n);
}

static void unplugging_is_seen_after_the_last_frames(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	ep_pause(n->port[1].ep, true);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(send_frame(h.ep, 60, (uint8_t)i), 1);
	ep_close(h.ep);
	quiet(n->loop);
	assert_int_equal(n->port[1].closes, 0);
	ep_pause(n->port[1].ep, false);
	UNTIL(n->loop, n->port[1].closes == 1);
	assert_int_equal(n->port[1].count, 100);
	assert_string_equal(n->port[1].reason, "peer unplugged");
	net_free(n);
}

static void a_held_port_learns_of_its_unplugging_in_time(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	ep_pause(n->port[1].ep, true);
	send_frame(h.ep, 60, 1);
	ep_close(h.ep);
	int64_t before = loop_clock(n->loop);
	unsigned turns = 0;
	for (bool ended; n->port[1].closes == 0; turns++)
		assert_int_equal(loop_turn(n->loop, TIME_NEVER, &ended), 0);
	assert_true(loop_clock(n->loop) - before < 5 * NS_PER_SEC);
	assert_true(turns < 20); /* it slept */
	net_free(n);
}

static void the_switch_going_away_is_seen_after_its_last_frames(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(send_frame(n->port[1].ep, 60, (uint8_t)i), 1);
	ep_close(n->port[1].ep);
	n->port[1].ep = NULL;
	UNTIL(n->loop, h.closes == 1);
	assert_int_equal(h.count, 100);
	assert_int_equal(h.why, 0);
	net_free(n);
}

/* QEMU, say, in its monitor: it is plugged in and reads nothing. */
static void a_peer_that_never_reads_takes_what_fits_and_then_less(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	plug_in(n, "", &h);
	ep_pause(h.ep, true);
	unsigned sent = 0;
	while (sent < HEARD_MAX && send_frame(n->port[1].ep, 1514, (uint8_t)sent))
		sent++;
	assert_true(sent > 10 && sent < HEARD_MAX);
	quiet(n->loop);
	assert_int_equal(n->port[1].writable, 0); /* not asked again and again */
	assert_int_equal(n->port[1].ep->tx_dropped, 0);
	ep_pause(h.ep, false);
	UNTIL(n->loop, n->port[1].writable > 0);
	UNTIL(n->loop, h.count == sent);
	assert_int_equal(send_frame(n->port[1].ep, 1514, 1), 1);
	ep_close(h.ep);
	net_free(n);
}

static void closing_between_rx_and_rx_done_harms_nobody(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener a = { 0 }, b = { 0 };
	struct frame f[BATCH_MAX];
	plug_in(n, "", &a);
	plug_in(n, "", &b);
	n->port[1].deaf = true;
	send_frame(a.ep, 60, 1);
	UNTIL(n->loop, n->port[1].readable > 0);
	assert_int_equal(ep_rx(n->port[1].ep, f, BATCH_MAX), 1);
	ep_close(n->port[1].ep);
	n->port[1].ep = NULL;
	send_frame(b.ep, 60, 2);
	UNTIL(n->loop, n->port[2].count == 1); /* the receive memory is free again */
	UNTIL(n->loop, a.closes == 1);
	ep_close(b.ep);
	net_free(n);
}

static void no_switch_is_said_at_once(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct folder d = folder_new();
	struct listener h = { 0 };
	struct err err;
	char locator[128];
	snprintf(locator, sizeof locator, "%s", d.path);
	assert_int_equal(ep_open(&h.ep, l, locator, &listener_host, &h, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no switch there"));
	snprintf(locator, sizeof locator, "vde://%s/none", d.path);
	assert_int_equal(ep_open(&h.ep, l, locator, &listener_host, &h, NULL, &err), -ENOENT);
	rmdir(d.path);
	loop_free(l);
}

static void a_file_may_name_the_switch(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct listener h = { 0 };
	struct err err = { "" };
	char path[128];
	snprintf(path, sizeof path, "%s/where", n->folder.path);
	FILE *f = fopen(path, "w");
	fprintf(f, "vde://%s[4]\nand a second line\n", n->dir);
	fclose(f);
	assert_int_equal(ep_open(&h.ep, n->loop, path, &listener_host, &h, NULL, &err), 0);
	UNTIL(n->loop, h.ups == 1);
	assert_non_null(n->port[4].ep);
	ep_close(h.ep);
	f = fopen(path, "w");
	fprintf(f, "%s\n", path); /* itself */
	fclose(f);
	assert_int_equal(ep_open(&h.ep, n->loop, path, &listener_host, &h, NULL, &err), -EINVAL);
	assert_null(h.ep);
	unlink(path);
	net_free(n);
}

/* ---- other clients ---- */

struct raw { /* speaks the protocol by hand */
	int ctl, data;
	char path[108];
};

static int raw_connect(const struct net *n)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	snprintf(sun.sun_path, sizeof sun.sun_path, "%.90s/ctl", n->dir);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	return fd;
}

static struct raw raw_new(const struct net *n)
{
	struct raw r = { .ctl = raw_connect(n) };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	snprintf(sun.sun_path, sizeof sun.sun_path, "%s/raw", n->folder.path);
	strcpy(r.path, sun.sun_path);
	r.data = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(r.data, (struct sockaddr *)&sun, sizeof sun), 0);
	return r;
}

static void raw_close(struct raw *r)
{
	close(r->ctl);
	close(r->data);
	unlink(r->path);
}

static size_t raw_request(const struct raw *r, uint8_t out[static VDE_REQUEST_MAX])
{
	struct vde_request q = { .version = 3, .port = VDE_PORT_ANY, .descr = "by hand" };
	memcpy(q.sun_path, r->path, sizeof q.sun_path);
	return vde_request_encode(&q, out);
}

static ssize_t raw_answer(const struct net *n, int ctl, uint8_t *answer) /* or 0 for end of file */
{
	ssize_t got = -1;
	UNTIL(n->loop, got >= 0 || (got = recv(ctl, answer, VDE_ANSWER_LEN, MSG_DONTWAIT)) >= 0);
	return got;
}

static void a_request_in_single_bytes_is_answered(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct raw r = raw_new(n);
	uint8_t q[VDE_REQUEST_MAX], answer[VDE_ANSWER_LEN];
	raw_request(&r, q);
	for (int i = 0; i < VDE_REQUEST_MIN; i++) {
		assert_int_equal(send(r.ctl, q + i, 1, 0), 1);
		quiet(n->loop);
		assert_int_equal(n->admitted, i == VDE_REQUEST_MIN - 1);
	}
	assert_int_equal(raw_answer(n, r.ctl, answer), VDE_ANSWER_LEN);
	char path[VDE_SUN_PATH + 1];
	assert_int_equal(vde_answer_decode(path, answer, sizeof answer), 0);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	raw_close(&r);
	UNTIL(n->loop, n->port[1].closes == 1);
	assert_int_not_equal(stat(path, &st), 0); /* its socket went with it */
	net_free(n);
}

static void an_abstract_client_is_answered_and_served(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	snprintf(sun.sun_path + 1, sizeof sun.sun_path - 1, "dw-test-%d", getpid());
	int data = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
	    ctl = raw_connect(n);
	assert_int_equal(bind(data, (struct sockaddr *)&sun, sizeof sun), 0);
	struct vde_request q = { .version = 3, .port = 3 };
	memcpy(q.sun_path, sun.sun_path, sizeof q.sun_path);
	uint8_t bytes[VDE_REQUEST_MAX], answer[VDE_ANSWER_LEN];
	size_t len = vde_request_encode(&q, bytes);
	assert_int_equal(send(ctl, bytes, len, 0), len);
	assert_int_equal(raw_answer(n, ctl, answer), VDE_ANSWER_LEN);
	assert_int_equal(send_frame(n->port[3].ep, 60, 9), 1);
	uint8_t frame[100];
	assert_int_equal(recv(data, frame, sizeof frame, 0), 60);
	close(data);
	close(ctl);
	UNTIL(n->loop, n->port[3].closes == 1);
	net_free(n);
}

static void garbage_is_said_once_and_closed(void **state)
{
	(void)state;
	struct net *n = net_new();
	static const char *const junk[] = { "GET / HTTP/1.0\r\n\r\n",
					    "\xce\xfa\xed\xfe\2\0\0\0 version two", "vde$ " };
	for (unsigned i = 0; i < 3; i++) {
		int fd = raw_connect(n);
		uint8_t answer[VDE_ANSWER_LEN];
		assert_true(send(fd, junk[i], i == 1 ? 20 : strlen(junk[i]), 0) > 0);
		assert_int_equal(raw_answer(n, fd, answer), 0);
		assert_int_equal(n->said, i + 1);
		close(fd);
	}
	assert_int_equal(n->admitted, 0);
	net_free(n);
}

static void who_says_nothing_holds_nobody_up_and_gives_way(void **state)
{
	(void)state;
	struct net *n = net_new();
	int silent[100];
	for (int i = 0; i < 100; i++) {
		silent[i] = raw_connect(n);
		quiet(n->loop);
	}
	struct listener h = { 0 };
	plug_in(n, "", &h);
	assert_int_equal(h.ups, 1);
	char byte;
	assert_int_equal(recv(silent[0], &byte, 1, MSG_DONTWAIT),
			 0); /* 64 may wait: the first has been closed */
	assert_int_equal(recv(silent[99], &byte, 1, MSG_DONTWAIT),
			 -1); /* and the last one still has its time */
	for (int i = 0; i < 100; i++)
		close(silent[i]);
	ep_close(h.ep);
	net_free(n);
}

static void half_a_request_and_gone_is_forgotten(void **state)
{
	(void)state;
	struct net *n = net_new();
	int fd = raw_connect(n);
	assert_int_equal(send(fd, "\xce\xfa\xed\xfe\3", 5, 0), 5);
	quiet(n->loop);
	close(fd);
	quiet(n->loop);
	assert_int_equal(n->admitted, 0);
	assert_string_equal(n->words, "a plug left in the middle of its request");
	net_free(n);
}

static void a_plug_without_a_data_socket_is_refused(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct raw r = raw_new(n);
	uint8_t q[VDE_REQUEST_MAX], answer[VDE_ANSWER_LEN];
	size_t len = raw_request(&r, q);
	unlink(r.path);
	int file = open(r.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600); /* a file is no socket */
	close(file);
	assert_int_equal(send(r.ctl, q, len, 0), len);
	assert_int_equal(raw_answer(n, r.ctl, answer), 0);
	assert_int_equal(n->admitted, 0);
	assert_int_equal(n->said, 1);
	raw_close(&r);
	net_free(n);
}

static void an_over_long_datagram_is_counted_not_cut(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct raw r = raw_new(n);
	uint8_t q[VDE_REQUEST_MAX], answer[VDE_ANSWER_LEN];
	size_t len = raw_request(&r, q);
	assert_int_equal(send(r.ctl, q, len, 0), len);
	assert_int_equal(raw_answer(n, r.ctl, answer), VDE_ANSWER_LEN);
	struct sockaddr_un sun;
	memcpy(&sun, answer, sizeof answer);
	assert_int_equal(connect(r.data, (struct sockaddr *)&sun, sizeof sun), 0);
	static uint8_t frame[ETH_FRAME_MAX + 1];
	assert_int_equal(send(r.data, frame, ETH_FRAME_MAX + 1, 0), ETH_FRAME_MAX + 1);
	assert_int_equal(send(r.data, frame, 0, 0), 0); /* vde2's library says goodbye so */
	assert_int_equal(send(r.data, frame, 64, 0), 64);
	UNTIL(n->loop, n->port[1].count == 1);
	assert_int_equal(n->port[1].len[0], 64);
	assert_int_equal(n->port[1].ep->rx_oversize, 1);
	raw_close(&r);
	net_free(n);
}

static void a_data_socket_that_vanishes_costs_frames_not_the_port(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct raw r = raw_new(n);
	uint8_t q[VDE_REQUEST_MAX], answer[VDE_ANSWER_LEN];
	size_t len = raw_request(&r, q);
	assert_int_equal(send(r.ctl, q, len, 0), len);
	assert_int_equal(raw_answer(n, r.ctl, answer), VDE_ANSWER_LEN);
	close(r.data);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(send_frame(n->port[1].ep, 60, 1), 1); /* taken: never retried */
	assert_int_equal(n->port[1].ep->tx_dropped, 3);
	quiet(n->loop);
	assert_int_equal(n->port[1].closes, 0);
	close(r.ctl);
	UNTIL(n->loop, n->port[1].closes == 1);
	unlink(r.path);
	net_free(n);
}

static void the_control_stream_may_carry_noise(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct raw r = raw_new(n);
	uint8_t q[VDE_REQUEST_MAX], answer[VDE_ANSWER_LEN];
	size_t len = raw_request(&r, q);
	assert_int_equal(send(r.ctl, q, len, 0), len);
	assert_int_equal(raw_answer(n, r.ctl, answer), VDE_ANSWER_LEN);
	assert_int_equal(send(r.ctl, q, len, 0), len);
	quiet(n->loop);
	assert_int_equal(n->port[1].closes, 0);
	assert_int_equal(n->admitted, 1);
	raw_close(&r);
	UNTIL(n->loop, n->port[1].closes == 1);
	net_free(n);
}

/* ---- the folder ---- */

static void modes_are_derived_as_vde_does(void **state)
{
	(void)state;
	static const struct {
		int mode, dirmode, ctl, dir;
	} row[] = {
		/* observed on vde_switch 2.3.2 */
		{ -1, -1, 0600, 02700 },    { 0660, -1, 0660, 02770 }, { -1, 0700, 0600, 0700 },
		{ 0606, 0755, 0606, 0755 }, { 0640, -1, 0640, 02750 },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct folder f = folder_new();
		struct loop *l = loop_new();
		struct vde_server_config c = plain;
		struct vde_server *s;
		char dir[96], ctl[128];
		struct stat st;
		snprintf(dir, sizeof dir, "%s/sw", f.path);
		snprintf(ctl, sizeof ctl, "%s/ctl", dir);
		c.dir = dir;
		c.mode = row[i].mode;
		c.dirmode = row[i].dirmode;
		assert_int_equal(vde_server_open(&s, l, &c, &server_host, NULL, NULL), 0);
		assert_string_equal(vde_server_dir(s), dir);
		assert_int_equal(vde_server_mode(s), row[i].ctl);
		assert_int_equal(stat(ctl, &st), 0);
		assert_int_equal(st.st_mode & 07777, row[i].ctl);
		assert_int_equal(stat(dir, &st), 0);
		assert_int_equal(st.st_mode & 07777, row[i].dir);
		vde_server_close(s);
		assert_int_equal(rmdir(f.path), 0);
		loop_free(l);
	}
}

static void a_living_switch_is_not_taken_over_a_dead_one_is(void **state)
{
	(void)state;
	struct net *n = net_new();
	struct vde_server_config c = plain;
	struct vde_server *second;
	struct err err;
	c.dir = n->dir;
	assert_int_equal(vde_server_open(&second, n->loop, &c, &server_host, n, &err), -EADDRINUSE);
	assert_null(second);
	assert_non_null(strstr(err.text, "a switch runs there already"));
	net_free(n);

	/* what kill -9 leaves: sockets that nobody serves */
	struct folder f = folder_new();
	char dir[96], path[2][128];
	snprintf(dir, sizeof dir, "%s/sw", f.path);
	assert_int_equal(mkdir(dir, 0700), 0);
	snprintf(path[0], sizeof path[0], "%s/ctl", dir);
	snprintf(path[1], sizeof path[1], "%s/001.7", dir);
	for (int i = 0; i < 2; i++) {
		struct sockaddr_un sun = { .sun_family = AF_UNIX };
		snprintf(sun.sun_path, sizeof sun.sun_path, "%.107s", path[i]);
		int fd = socket(AF_UNIX, i ? SOCK_DGRAM : SOCK_STREAM, 0);
		assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
		close(fd);
	}
	struct loop *l = loop_new();
	c.dir = dir;
	assert_int_equal(vde_server_open(&second, l, &c, &server_host, NULL, &err), 0);
	assert_int_not_equal(access(path[1], F_OK), 0);
	vde_server_close(second);
	assert_int_equal(rmdir(f.path), 0);
	loop_free(l);
}

static void a_folder_of_somebody_else_stays_as_it_was(void **state)
{
	(void)state;
	struct folder f = folder_new();
	struct loop *l = loop_new();
	struct vde_server_config c = plain;
	struct vde_server *s;
	struct stat st;
	assert_int_equal(chmod(f.path, 0711), 0);
	c.dir = f.path;
	assert_int_equal(vde_server_open(&s, l, &c, &server_host, NULL, NULL), 0);
	assert_int_equal(stat(f.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	vde_server_close(s);
	assert_int_equal(rmdir(f.path), 0); /* it was there, and is empty */
	loop_free(l);
}

static void a_path_without_room_for_sockets_is_refused(void **state)
{
	(void)state;
	struct folder f = folder_new();
	struct loop *l = loop_new();
	struct vde_server_config c = plain;
	struct vde_server *s;
	struct err err;
	char dir[160];
	snprintf(dir, sizeof dir, "%s/%080d", f.path, 0);
	c.dir = dir;
	assert_int_equal(vde_server_open(&s, l, &c, &server_host, NULL, &err), -ENAMETOOLONG);
	assert_int_equal(rmdir(f.path), 0);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_cross_both_ways_up_to_the_longest),
		cmocka_unit_test(a_plug_gets_the_port_it_asks_for),
		cmocka_unit_test(the_server_knows_who_plugged_in),
		cmocka_unit_test(a_refused_plug_is_told_at_once),
		cmocka_unit_test(unplugging_is_seen_after_the_last_frames),
		cmocka_unit_test(a_held_port_learns_of_its_unplugging_in_time),
		cmocka_unit_test(the_switch_going_away_is_seen_after_its_last_frames),
		cmocka_unit_test(a_peer_that_never_reads_takes_what_fits_and_then_less),
		cmocka_unit_test(closing_between_rx_and_rx_done_harms_nobody),
		cmocka_unit_test(no_switch_is_said_at_once),
		cmocka_unit_test(a_file_may_name_the_switch),
		cmocka_unit_test(a_request_in_single_bytes_is_answered),
		cmocka_unit_test(an_abstract_client_is_answered_and_served),
		cmocka_unit_test(garbage_is_said_once_and_closed),
		cmocka_unit_test(who_says_nothing_holds_nobody_up_and_gives_way),
		cmocka_unit_test(half_a_request_and_gone_is_forgotten),
		cmocka_unit_test(a_plug_without_a_data_socket_is_refused),
		cmocka_unit_test(an_over_long_datagram_is_counted_not_cut),
		cmocka_unit_test(a_data_socket_that_vanishes_costs_frames_not_the_port),
		cmocka_unit_test(the_control_stream_may_carry_noise),
		cmocka_unit_test(modes_are_derived_as_vde_does),
		cmocka_unit_test(a_living_switch_is_not_taken_over_a_dead_one_is),
		cmocka_unit_test(a_folder_of_somebody_else_stays_as_it_was),
		cmocka_unit_test(a_path_without_room_for_sockets_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
