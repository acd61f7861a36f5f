/* SPDX-License-Identifier: MIT */
/* rstp_bpdu.c - BPDUs to bytes and back: 802.1D-2004 9.3, validation 9.3.4. */
#include "switch/core/rstp_bpdu.h"

#include <errno.h>

#include "lib/base/ether.h"
#include "lib/base/wire.h"

enum { LLC_LEN = 3, CONFIG_LEN = 35, TCN_LEN = 4, RST_LEN = 36, FRAME_MIN = 60, LENGTH_MAX = 1500 };
enum {
	F_TC = 0x01,
	F_PROPOSAL = 0x02,
	F_ROLE = 2,
	F_LEARNING = 0x10,
	F_FORWARDING = 0x20,
	F_AGREEMENT = 0x40,
	F_TC_ACK = 0x80
};

static const uint8_t group_address[ETH_ALEN] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x00 };

static void read_flags(struct bpdu *b, uint8_t flags)
{
	b->tc = flags & F_TC;
	if (b->type == BPDU_CONFIG) {
		b->tc_ack = flags & F_TC_ACK;
		b->role = BPDU_ROLE_DESIGNATED;
		return;
	}
	b->proposal = flags & F_PROPOSAL;
	b->role = (enum bpdu_role)(flags >> F_ROLE & 3);
	b->learning = flags & F_LEARNING;
	b->forwarding = flags & F_FORWARDING;
	b->agreement = flags & F_AGREEMENT;
	if (b->role == BPDU_ROLE_UNKNOWN) { /* 9.2.9: treated as a Config BPDU */
		b->type = BPDU_CONFIG;
		b->role = BPDU_ROLE_DESIGNATED;
		b->proposal = b->learning = b->forwarding = b->agreement = false;
	}
}

static void read_body(struct bpdu *b, struct rd *r)
{
	read_flags(b, rd_u8(r));
	b->v.root = rd_be64(r);
	b->v.cost = rd_be32(r);
	b->v.bridge = rd_be64(r);
	b->v.port = rd_be16(r);
	b->times.message_age = rd_be16(r);
	b->times.max_age = rd_be16(r);
	b->times.hello = rd_be16(r);
	b->times.fwd_delay = rd_be16(r);
}

static int read_bpdu(struct bpdu *b, struct rd *r)
{
	size_t len = rd_left(r);
	if (rd_be16(r) != 0)
		return -EPROTO;
	uint8_t version = rd_u8(r), type = rd_u8(r);
	*b = (struct bpdu){ 0 };
	if (type == BPDU_TCN && len >= TCN_LEN) {
		b->type = BPDU_TCN;
		return r->bad ? -EPROTO : 0;
	}
	if (type == BPDU_CONFIG && len >= CONFIG_LEN) {
		b->type = BPDU_CONFIG;
		read_body(b, r);
		return b->times.message_age < b->times.max_age ? 0 : -EPROTO;
	}
	if (type == BPDU_RST && version >= 2 && len >= RST_LEN) {
		b->type = BPDU_RST;
		read_body(b, r);
		return 0;
	}
	return -EPROTO;
}

int bpdu_decode(struct bpdu *b, const uint8_t *frame, size_t len)
{
	struct rd r = rd_over(frame, len);
	rd_take(&r, 2 * ETH_ALEN);
	unsigned length = rd_be16(&r);
	if (r.bad || length > LENGTH_MAX || length < LLC_LEN || length > rd_left(&r))
		return -EPROTO;
	r.end = r.p + length; /* what follows is padding */
	if (rd_u8(&r) != 0x42 || rd_u8(&r) != 0x42 || rd_u8(&r) != 0x03)
		return -EPROTO;
	return read_bpdu(b, &r);
}

static uint8_t flags_of(const struct bpdu *b)
{
	uint8_t f = b->tc ? F_TC : 0;
	if (b->type == BPDU_CONFIG)
		return f | (b->tc_ack ? F_TC_ACK : 0);
	f |= (uint8_t)(b->role << F_ROLE);
	return f | (b->proposal ? F_PROPOSAL : 0) | (b->learning ? F_LEARNING : 0) |
	       (b->forwarding ? F_FORWARDING : 0) | (b->agreement ? F_AGREEMENT : 0);
}

static void write_body(const struct bpdu *b, struct wr *w)
{
	wr_u8(w, flags_of(b));
	wr_be64(w, b->v.root);
	wr_be32(w, b->v.cost);
	wr_be64(w, b->v.bridge);
	wr_be16(w, b->v.port);
	wr_be16(w, b->times.message_age);
	wr_be16(w, b->times.max_age);
	wr_be16(w, b->times.hello);
	wr_be16(w, b->times.fwd_delay);
	if (b->type == BPDU_RST)
		wr_u8(w, 0); /* version 1 length */
}

uint32_t bpdu_encode(const struct bpdu *b, const uint8_t mac[static 6],
		     uint8_t frame[static RSTP_FRAME_MAX])
{
	unsigned len = b->type == BPDU_TCN      ? TCN_LEN
		       : b->type == BPDU_CONFIG ? CONFIG_LEN
						: RST_LEN;
	struct wr w = wr_over(frame, RSTP_FRAME_MAX);
	wr_bytes(&w, group_address, ETH_ALEN);
	wr_bytes(&w, mac, ETH_ALEN);
	wr_be16(&w, LLC_LEN + len);
	wr_be16(&w, 0x4242);
	wr_u8(&w, 0x03);
	wr_be16(&w, 0);
	wr_u8(&w, b->type == BPDU_RST ? 2 : 0);
	wr_u8(&w, b->type);
	if (b->type != BPDU_TCN)
		write_body(b, &w);
	wr_zero(&w, FRAME_MIN - wr_len(&w));
	return (uint32_t)wr_len(&w);
}
