/* SPDX-License-Identifier: MIT */
/* test_vde.c - the VDE handshake, byte for byte as libvdeplug and old clients send it. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/proto/vde.h"

/* A request as a C client on this machine lays it out: the offsets are the protocol. */
struct bytes {
	uint8_t b[VDE_REQUEST_MAX];
	size_t len;
};

static void put32(uint8_t *at, uint32_t v)
{
	memcpy(at, &v, sizeof v);
}

static void put_address(uint8_t *at, const char *path)
{
	uint16_t family = 1; /* AF_UNIX */
	memcpy(at, &family, sizeof family);
	snprintf((char *)at + 2, VDE_SUN_PATH, "%s", path);
}

static struct bytes v3(uint32_t type, const char *path, const char *descr)
{
	struct bytes q = { .len = 122 + strlen(descr) };
	put32(q.b, 0xfeedface);
	put32(q.b + 4, 3);
	put32(q.b + 8, type);
	put_address(q.b + 12, path);
	memcpy(q.b + 122, descr, strlen(descr));
	return q;
}

static struct bytes v1(uint32_t type, const char *path, const char *descr)
{
	struct bytes q = { .len = 124 + strlen(descr) };
	put32(q.b, 0xfeedface);
	put32(q.b + 4, type);
	memset(q.b + 8, 0xee, 6); /* a MAC address that nobody reads */
	put_address(q.b + 14, path);
	memcpy(q.b + 124, descr, strlen(descr));
	return q;
}

static void version_three_is_read_with_and_without_a_description(void **state)
{
	(void)state;
	struct vde_request q;
	struct bytes b = v3(0, "/run/s/.00012-00000", "vdeplug: user=root pid=12");
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_int_equal(q.version, 3);
	assert_int_equal(q.port, VDE_PORT_ANY);
	assert_string_equal((char *)q.sun_path, "/run/s/.00012-00000");
	assert_string_equal(q.descr, "vdeplug: user=root pid=12");
	assert_int_equal(vde_request_decode(&q, b.b, 122), 0);
	assert_string_equal(q.descr, "");
}

static void the_wanted_port_stands_above_the_type(void **state)
{
	(void)state;
	struct vde_request q;
	struct bytes b = v3(7 << 8, "/s", "");
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_int_equal(q.port, 7);
	b = v3(1, "/s", ""); /* REQ_NEW_PORT0 */
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_int_equal(q.port, 0);
	b = v3(65535u << 8, "/s", "");
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_int_equal(q.port, 65535);
	b = v3(2, "/s", "");
	assert_int_equal(vde_request_decode(&q, b.b, b.len), -EPROTO);
}

static void version_one_is_told_by_its_small_second_word(void **state)
{
	(void)state;
	struct vde_request q;
	struct bytes b = v1(0, "/tmp/old", "an old friend");
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_int_equal(q.version, 1);
	assert_int_equal(q.port, VDE_PORT_ANY);
	assert_string_equal((char *)q.sun_path, "/tmp/old");
	assert_string_equal(q.descr, "an old friend");
	b = v1(1, "/tmp/old", "");
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_int_equal(q.port, 0);
}

static void a_short_request_is_waited_for_and_a_wrong_one_is_not(void **state)
{
	(void)state;
	struct vde_request q;
	struct bytes b3 = v3(0, "/s", ""), b1 = v1(0, "/s", "");
	for (size_t n = 0; n < 122; n++)
		assert_int_equal(vde_request_decode(&q, b3.b, n), -EAGAIN);
	for (size_t n = 0; n < 124; n++)
		assert_int_equal(vde_request_decode(&q, b1.b, n), -EAGAIN);
	put32(b3.b + 4, 2);
	assert_int_equal(vde_request_decode(&q, b3.b, b3.len), -EPROTO);
	put32(b3.b + 4, 4);
	assert_int_equal(vde_request_decode(&q, b3.b, b3.len), -EPROTO);
	assert_int_equal(vde_request_decode(&q, "GET / HTTP/1.0\r\n", 16), -EPROTO);
	assert_int_equal(vde_request_decode(&q, "GET ", 4), -EPROTO);
	b3 = v3(0, "/s", "");
	b3.b[12] = 2; /* AF_INET */
	assert_int_equal(vde_request_decode(&q, b3.b, b3.len), -EPROTO);
}

static void an_abstract_name_keeps_all_its_bytes(void **state)
{
	(void)state;
	struct vde_request q;
	struct bytes b = v3(0, "", "");
	for (int i = 1; i < VDE_SUN_PATH; i++)
		b.b[14 + i] = (uint8_t)i;
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_memory_equal(q.sun_path, b.b + 14, VDE_SUN_PATH);
}

static void a_description_is_cut_and_its_control_bytes_masked(void **state)
{
	(void)state;
	struct vde_request q;
	char longest[135];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	struct bytes b = v3(0, "/s", longest);
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_int_equal(strlen(q.descr), VDE_DESCR_MAX);
	b = v3(0, "/s", "a\nb\x1b[2J\x7f");
	assert_int_equal(vde_request_decode(&q, b.b, b.len), 0);
	assert_string_equal(q.descr, "a?b?[2J?");
}

static void what_is_encoded_is_what_libvdeplug_sends(void **state)
{
	(void)state;
	static const struct {
		int port;
		uint32_t type;
	} rows[] = { { VDE_PORT_ANY, 0 }, { 0, 1 }, { 1, 1 << 8 }, { 4095, 4095 << 8 } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct vde_request q = { .port = rows[i].port, .descr = "me" }, back;
		snprintf((char *)q.sun_path, sizeof q.sun_path, "/run/s/.1-0");
		uint8_t out[VDE_REQUEST_MAX];
		struct bytes b = v3(rows[i].type, "/run/s/.1-0", "me");
		assert_int_equal(vde_request_encode(&q, out), b.len);
		assert_memory_equal(out, b.b, b.len);
		assert_int_equal(vde_request_decode(&back, out, b.len), 0);
		assert_int_equal(back.port, q.port);
	}
}

static void a_long_description_still_fits_a_request(void **state)
{
	(void)state;
	struct vde_request q = { .port = VDE_PORT_ANY };
	uint8_t out[VDE_REQUEST_MAX];
	memset(q.descr, 'y', sizeof q.descr - 1);
	assert_int_equal(vde_request_encode(&q, out), VDE_REQUEST_MIN + VDE_DESCR_MAX);
}

static void the_answer_is_a_unix_address_of_110_bytes(void **state)
{
	(void)state;
	uint8_t out[VDE_ANSWER_LEN], expected[VDE_ANSWER_LEN] = { 0 };
	char path[VDE_SUN_PATH + 1], full[VDE_SUN_PATH + 1];
	put_address(expected, "/run/s/001.7");
	vde_answer_encode("/run/s/001.7", out);
	assert_memory_equal(out, expected, sizeof out);
	assert_int_equal(vde_answer_decode(path, out, sizeof out), 0);
	assert_string_equal(path, "/run/s/001.7");
	memset(full, 'p', VDE_SUN_PATH);
	full[VDE_SUN_PATH] = '\0';
	vde_answer_encode(full, out);
	assert_int_equal(vde_answer_decode(path, out, sizeof out), 0);
	assert_string_equal(path, full);
}

static void an_answer_without_a_path_is_refused(void **state)
{
	(void)state;
	uint8_t out[VDE_ANSWER_LEN];
	char path[VDE_SUN_PATH + 1];
	vde_answer_encode("", out);
	assert_int_equal(vde_answer_decode(path, out, sizeof out), -EPROTO);
	vde_answer_encode("/s", out);
	assert_int_equal(vde_answer_decode(path, out, sizeof out - 1), -EPROTO);
	assert_int_equal(vde_answer_decode(path, out, 0), -EPROTO);
	out[0] = 9;
	assert_int_equal(vde_answer_decode(path, out, sizeof out), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_three_is_read_with_and_without_a_description),
		cmocka_unit_test(the_wanted_port_stands_above_the_type),
		cmocka_unit_test(version_one_is_told_by_its_small_second_word),
		cmocka_unit_test(a_short_request_is_waited_for_and_a_wrong_one_is_not),
		cmocka_unit_test(an_abstract_name_keeps_all_its_bytes),
		cmocka_unit_test(a_description_is_cut_and_its_control_bytes_masked),
		cmocka_unit_test(what_is_encoded_is_what_libvdeplug_sends),
		cmocka_unit_test(a_long_description_still_fits_a_request),
		cmocka_unit_test(the_answer_is_a_unix_address_of_110_bytes),
		cmocka_unit_test(an_answer_without_a_path_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
