/* SPDX-License-Identifier: MIT */
/* test_vde_server.c - our VDE server against clients made by hand, well-behaved or not, and its
 * folder. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/unit/io/net.h"

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
	memcpy(r.path, sun.sun_path, sizeof r.path);
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
