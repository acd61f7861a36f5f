/* SPDX-License-Identifier: MIT */
/* frame.c - the frame of the load generator. */
#include "plug/load/frame.h"

#include "lib/base/wire.h"

enum { ETHERTYPE_LOAD = 0x88b5, MAGIC = 0xd7a8, AT_NUMBER = 12, NUMBER_LEN = 8 };

static uint32_t head_at(int vlan) /* behind the ethertype */
{
	return ETH_HLEN + (vlan == LOAD_NO_TAG ? 0 : 4);
}

void load_frame_make(uint8_t *out, uint32_t len, int vlan, const struct load_frame *f)
{
	struct wr w = wr_over(out, len);
	wr_zero(&w, 2 * ETH_ALEN);
	if (vlan != LOAD_NO_TAG) {
		wr_be16(&w, ETHERTYPE_CVLAN);
		wr_be16(&w, (uint16_t)vlan);
	}
	wr_be16(&w, ETHERTYPE_LOAD);
	wr_be16(&w, MAGIC);
	wr_be16(&w, (uint16_t)f->kind);
	wr_be32(&w, f->run);
	wr_be32(&w, len - head_at(vlan));
	wr_be64(&w, 0);
	wr_be64(&w, 0);
	for (uint8_t fill = 0; wr_len(&w) < len; fill++)
		wr_u8(&w, fill);
	load_frame_stamp(out, len, vlan, f->number, f->sent_ns);
}

void load_frame_stamp(uint8_t *frame, uint32_t len, int vlan, uint64_t number, int64_t sent_ns)
{
	struct wr w = wr_over(frame + head_at(vlan) + AT_NUMBER, 2 * NUMBER_LEN);
	wr_be64(&w, number);
	wr_be64(&w, (uint64_t)sent_ns);
	w = wr_over(frame + len - NUMBER_LEN, NUMBER_LEN);
	wr_be64(&w, number);
}

bool load_frame_read(const uint8_t *bytes, uint32_t len, struct load_frame *f, bool *whole)
{
	struct rd r = rd_over(bytes, len);
	rd_take(&r, 2 * ETH_ALEN);
	uint16_t type = rd_be16(&r);
	if (type == ETHERTYPE_CVLAN) {
		rd_be16(&r);
		type = rd_be16(&r);
	}
	const uint8_t *head = r.p;
	if (type != ETHERTYPE_LOAD || rd_be16(&r) != MAGIC)
		return false;
	f->kind = rd_be16(&r); /* whatever it is: the reader asks */
	f->run = rd_be32(&r);
	uint32_t said = rd_be32(&r);
	f->number = rd_be64(&r);
	f->sent_ns = (int64_t)rd_be64(&r);
	f->len = len;
	if (r.bad)
		return false;
	*whole = said >= LOAD_HEAD + NUMBER_LEN && said == (size_t)(bytes + len - head);
	if (*whole) {
		struct rd tail = rd_over(bytes + len - NUMBER_LEN, NUMBER_LEN);
		*whole = rd_be64(&tail) == f->number;
	}
	return true;
}
