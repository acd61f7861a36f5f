/* SPDX-License-Identifier: MIT */
/* test_vhost_user.c - the messages of vhost-user, byte by byte (QEMU, docs/interop/vhost-user.rst).
 */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/proto/vhost_user.h"

static void a_ring_size_is_read(void **state)
{
	static const uint8_t bytes[] = { 8, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, /* 8, wants an ack */
					 1, 0, 0, 0, 0, 1, 0, 0 };           /* ring 1: 256 */
	struct vhost_user_msg m;
	(void)state;
	assert_int_equal(vhost_user_head(&m, bytes), 0);
	assert_int_equal(m.request, VHOST_USER_SET_VRING_NUM);
	assert_int_equal(m.body_len, 8);
	assert_true(m.wants_ack);
	assert_int_equal(vhost_user_body(&m, bytes + VHOST_USER_HEAD), 0);
	assert_int_equal(m.ring, 1);
	assert_int_equal(m.num, 256);
}

static void a_table_of_memory_is_read(void **state)
{
	static const uint8_t bytes[] = {
		5, 0, 0, 0, 1, 0,    0, 0, 40, 0,    0,    0, 1, 0, 0, 0, 0,
		0, 0, 0,                                                  /* one region */
		0, 0, 0, 0, 1, 0,    0, 0, 0,  0,    0x10, 0, 0, 0, 0, 0, /* at 4 GB, 1 MB */
		0, 0, 0, 0, 0, 0x7f, 0, 0, 0,  0x10, 0,    0, 0, 0, 0, 0, /* there; 4096 into the
									     file */
	};
	struct vhost_user_msg m;
	(void)state;
	assert_int_equal(vhost_user_head(&m, bytes), 0);
	assert_int_equal(vhost_user_body(&m, bytes + VHOST_USER_HEAD), 0);
	assert_int_equal(m.regions, 1);
	assert_int_equal(m.region[0].guest, UINT64_C(1) << 32);
	assert_int_equal(m.region[0].size, 0x100000);
	assert_int_equal(m.region[0].user, UINT64_C(0x7f0000000000));
	assert_int_equal(m.region[0].offset, 4096);
	m.body_len = 39;
	assert_int_equal(vhost_user_body(&m, bytes + VHOST_USER_HEAD), -EPROTO);
}

static void what_cannot_be_is_refused(void **state)
{
	static const uint8_t heads[][VHOST_USER_HEAD] = {
		{ 1, 0, 0, 0, 2 },                                  /* another version */
		{ 1, 0, 0, 0, 5 },                                  /* a reply */
		{ 5, 0, 0, 0, 1, 0, 0, 0, 9, 1 },                   /* 265 bytes */
		{ 5, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, /* 4 GB */
	};
	struct vhost_user_msg m;
	(void)state;
	for (unsigned i = 0; i < sizeof heads / sizeof *heads; i++)
		assert_int_equal(vhost_user_head(&m, heads[i]), -EPROTO);
}

static void replies_are_written(void **state)
{
	static const uint8_t features[] = { 1, 0, 0, 0, 5, 0,    0, 0, 8, 0,
					    0, 0, 0, 0, 0, 0x40, 1, 0, 0, 0 };
	static const uint8_t base[] = {
		11, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0
	};
	uint8_t out[VHOST_USER_HEAD + 8];
	(void)state;
	assert_int_equal(vhost_user_reply(out, 1, -1, UINT64_C(0x140000000)), sizeof features);
	assert_memory_equal(out, features, sizeof features);
	assert_int_equal(vhost_user_reply(out, 11, 1, 7), sizeof base);
	assert_memory_equal(out, base, sizeof base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ring_size_is_read),
		cmocka_unit_test(a_table_of_memory_is_read),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(replies_are_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
