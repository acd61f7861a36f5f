/* SPDX-License-Identifier: MIT */
/* capread.h - reads a capture as its bytes come in: pcapng (draft-ietf-opsawg-pcapng) and the
 * classic pcap format, either byte order, any resolution of time. Pure; survives any split of the
 * bytes and any bytes. Blocks of no interest are skipped whatever their length. */
#ifndef DW_PROTO_CAPREAD_H
#define DW_PROTO_CAPREAD_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum {
	CAPREAD_FRAME_MAX = 262144,     /* bytes of one frame; a longer one is beyond belief */
	CAPREAD_INTERFACES_MAX = 65536, /* of a section */
	CAPREAD_ETHERNET = 1,           /* a link type */
	CAPREAD_NAME_LEN = 24,          /* of a name of an interface, with its NUL */
};

struct capread_frame { /* texts and bytes are borrowed until capread_space() */
	const uint8_t *bytes;
	uint32_t len;           /* bytes that are there */
	uint32_t full_len;      /* bytes that were on the wire */
	int64_t ns;             /* since 1970; of a block without time: as the one before */
	uint32_t iface;         /* of this section, from 0 */
	const char *iface_name; /* cut to CAPREAD_NAME_LEN; "": not said */
	uint16_t linktype;
	uint32_t flags;      /* epb_flags; 0: not said */
	uint64_t lost;       /* epb_dropcount */
	const char *comment; /* not terminated; NULL: none */
	uint32_t comment_len;
};

struct capread;

struct capread *capread_new(void);    /* NULL: out of memory */
void capread_free(struct capread *c); /* NULL is fine */

uint8_t *capread_space(struct capread *c,
		       size_t *room); /* where to read to; never 0 bytes after a 0 below */
void capread_filled(struct capread *c, size_t n);
/* 1: a frame; 0: needs more bytes; -EBADMSG with words: no capture, or a broken one, from here on
 * always; -ENOMEM. */
int capread_next(struct capread *c, struct capread_frame *f, struct err *e);
/* The bytes end here: is what was read whole? 0, or -EBADMSG with words. */
int capread_end(const struct capread *c, struct err *e);

#endif
