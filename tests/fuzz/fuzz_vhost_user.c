/* SPDX-License-Identifier: MIT */
/* fuzz_vhost_user.c - any bytes as messages of a virtual machine, one after the other: no body is
 * longer than what we have room for, no more regions than there may be, and what is too short is
 * refused. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/proto/vhost_user.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	while (size >= VHOST_USER_HEAD) {
		struct vhost_user_msg m;
		if (vhost_user_head(&m, data) < 0)
			return 0;
		assert(m.body_len <= VHOST_USER_BODY_MAX);
		data += VHOST_USER_HEAD;
		size -= VHOST_USER_HEAD;
		if (m.body_len > size)
			return 0;
		uint8_t *body = malloc(m.body_len + !m.body_len); /* reading past it is seen */
		assert(body);
		memcpy(body, data, m.body_len);
		int r = vhost_user_body(&m, body);
		assert(r == 0 || r == -EPROTO);
		assert(r < 0 || m.regions <= VHOST_USER_REGIONS_MAX);
		free(body);
		data += m.body_len;
		size -= m.body_len;
	}
	return 0;
}
