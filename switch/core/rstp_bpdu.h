/* SPDX-License-Identifier: MIT */
/* rstp_bpdu.h - BPDUs to bytes and back (802.1D-2004 clause 9, LLC as in 802.2). Pure. */
#ifndef DW_SWITCH_CORE_RSTP_BPDU_H
#define DW_SWITCH_CORE_RSTP_BPDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switch/core/rstp.h"

enum bpdu_type { BPDU_CONFIG = 0x00, BPDU_RST = 0x02, BPDU_TCN = 0x80 };
enum bpdu_role {
	BPDU_ROLE_UNKNOWN,
	BPDU_ROLE_ALTERNATE,
	BPDU_ROLE_ROOT,
	BPDU_ROLE_DESIGNATED
}; /* also Backup: 1 */

struct bpdu_times { /* 1/256 s */
	uint16_t message_age, max_age, hello, fwd_delay;
};

struct bpdu {
	enum bpdu_type type;
	bool tc, proposal, learning, forwarding, agreement, tc_ack;
	enum bpdu_role role; /* Config: Designated, as it says without a word (9.2.9) */
	struct rstp_vector v;
	struct bpdu_times times;
};

/* A frame with a BPDU in it. 0; -EPROTO: not one that 9.3.4 lets through. RST of a version over 2
 * are read as RST; an unknown role makes an RST a Config (9.2.9); trailing octets are ignored. */
int bpdu_decode(struct bpdu *b, const uint8_t *frame, size_t len);
/* The whole frame from `mac`, padded to 60. Returns its length. */
uint32_t bpdu_encode(const struct bpdu *b, const uint8_t mac[static 6],
		     uint8_t frame[static RSTP_FRAME_MAX]);

#endif
