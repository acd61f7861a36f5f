/* SPDX-License-Identifier: MIT */
/* reserved.h - what a port does with frames to reserved group addresses: 01-80-C2-00-00-00..0F
 * (IEEE 802.1Q-2018 table 8-1) and Cisco's 01-00-0C-CC-CC-CC and -CD. Pure. */
#ifndef DW_SWITCH_CORE_RESERVED_H
#define DW_SWITCH_CORE_RESERVED_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/ether.h"
#include "lib/proto/out.h"

enum reserved_policy {
	RESERVED_WIRE, /* to a machine of ours that runs, else forwarded: the default, as a wire */
	RESERVED_PEER, /* to a machine of ours that runs, else dropped */
	RESERVED_FORWARD, /* always forwarded, even past a machine of ours */
	RESERVED_DROP,    /* always dropped */
};

enum { RESERVED_CISCO = 16, RESERVED_ADDRESSES = 18 }; /* CC and CD come behind 00..0F */

int reserved_index(const uint8_t mac[static ETH_ALEN]); /* -1: not reserved */

/* "wire", "standard" (peer for 00..0F, Cisco's forwarded), or either followed by exceptions:
 * "wire,0E:peer,02:drop,CC:forward"; without a preset in front, "wire" is meant. 0 or -EINVAL. */
int reserved_parse(uint8_t policy[static RESERVED_ADDRESSES], const char *text, struct err *e);
void reserved_show(const uint8_t policy[static RESERVED_ADDRESSES], const char *json_key,
		   struct out *o);

#endif
