/* SPDX-License-Identifier: MIT */
/* frame.h - the frame of the load generator: addresses, an optional tag, the ethertype for local
 * experiments (IEEE 802 table 2: 88b5), which run it belongs to, its length, number and instant of
 * departure, and its number once more at its very end. */
#ifndef DW_PLUG_LOAD_FRAME_H
#define DW_PLUG_LOAD_FRAME_H

#include "lib/base/frame.h"

enum {
	LOAD_HEAD = 28,     /* behind the ethertype: what stands in front of the filling */
	LOAD_SIZE_MIN = 60, /* of a frame: Ethernet's least, without the check sequence */
	LOAD_NO_TAG = -1,
};

enum load_kind {
	LOAD_DATA = 1, /* counted, timed */
	LOAD_HELLO,    /* teaches a station's address on its way back */
};

struct load_frame { /* what stands in one */
	enum load_kind kind;
	uint32_t run, len;
	uint64_t number;
	int64_t sent_ns; /* CLOCK_MONOTONIC: of use on the same machine */
};

/* A whole frame of `len` bytes into out; the addresses are zero. `vlan`: LOAD_NO_TAG or a VID. */
void load_frame_make(uint8_t *out, uint32_t len, int vlan, const struct load_frame *f);
/* What differs from frame to frame: number and instant, into one that load_frame_make() made. */
void load_frame_stamp(uint8_t *frame, uint32_t len, int vlan, uint64_t number, int64_t sent_ns);
/* false: none of ours. *whole: its length and its number are right at both ends. */
bool load_frame_read(const uint8_t *bytes, uint32_t len, struct load_frame *f, bool *whole);

#endif
