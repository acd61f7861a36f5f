/* SPDX-License-Identifier: MIT */
/* fuzz_vxlan.c - any bytes as a datagram of RFC 7348: what is read is written again alike. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/proto/vxlan.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_over(data, size);
	uint32_t vni, again;
	if (!vxlan_read(&r, &vni))
		return 0;
	assert(size >= VXLAN_LEN && vni <= VXLAN_VNI_MAX && rd_left(&r) == size - VXLAN_LEN);
	uint8_t head[VXLAN_LEN];
	struct wr w = wr_over(head, sizeof head);
	vxlan_write(&w, vni);
	struct rd second = rd_over(head, sizeof head);
	assert(!w.bad && vxlan_read(&second, &again) && again == vni);
	return 0;
}
