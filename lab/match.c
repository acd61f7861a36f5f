/* SPDX-License-Identifier: MIT */
/* match.c - is this the frame a script waits for? */
#include <string.h>

#include "lab/world.h"
#include "lib/base/frame.h"

bool frame_matches(const struct frame_match *m, const void *bytes, uint32_t len)
{
	bool ok;
	struct frame f = frame_over(bytes, len, &ok);
	if (!ok)
		return false;
	const uint32_t head = 12u + 4u * f.ntags; /* where the type stands */
	if (len < head + 2)
		return false;
	uint16_t type = (uint16_t)(f.data[head] << 8 | f.data[head + 1]);
	uint16_t vid = f.ntags ? f.tag[0].tci & 0xfff : 0;
	if ((m->dst && !mac_eq(m->dst_mac, f.mac)) || (m->src && !mac_eq(m->src_mac, f.mac + 6)))
		return false;
	if ((m->type && m->ethertype != type) || (m->vlan && m->vid != vid))
		return false;
	return m->len <= len - head - 2 &&
	       (!m->len || memcmp(f.data + head + 2, m->data, m->len) == 0);
}
