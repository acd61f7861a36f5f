/* SPDX-License-Identifier: MIT */
/* pcapng.h - writes captures as pcapng blocks (draft-ietf-opsawg-pcapng), Ethernet, nanoseconds,
 * little-endian on every machine. Pure. Each call writes one whole block; when it does not fit,
 * w->bad is set and the bytes behind w->p are rubbish: try on a copy of the cursor. */
#ifndef DW_PROTO_PCAPNG_H
#define DW_PROTO_PCAPNG_H

#include <stdint.h>

#include "lib/base/pieces.h"
#include "lib/base/wire.h"

enum {
	PCAPNG_TEXT_MAX = 1000,    /* bytes of one text; what is longer is cut */
	PCAPNG_SECTION_MAX = 2048, /* room that such a block never exceeds */
	PCAPNG_INTERFACE_MAX = 4096,
	PCAPNG_STATS_MAX = 1280,
	PCAPNG_FRAME_MORE = 1088, /* beyond the bytes of the frame */
};

enum { /* epb_flags: draft section 4.3.1 */
       PCAPNG_IN = 1,
       PCAPNG_OUT = 2,
       PCAPNG_TOO_LONG = 1 << 25,
       PCAPNG_TOO_SHORT = 1 << 26,
};

/* The first block of a file. Texts may be NULL or empty: left out. */
void pcapng_section(struct wr *w, const char *application, const char *comment);

struct pcapng_interface {
	const char *name, *descr, *filter; /* filter: a pcap expression */
	uint64_t speed_bps;                /* 0: not said */
};

/* The n-th such block since the section began is interface n - 1. */
void pcapng_interface(struct wr *w, const struct pcapng_interface *i);

struct pcapng_frame {
	uint32_t iface;
	uint32_t flags; /* PCAPNG_IN ...; 0: left out */
	int64_t ns;     /* since 1970 */
	uint64_t lost;  /* frames that were not captured since the one before; 0: left out */
	struct pieces bytes;
	const char *comment; /* "dropped: loss"; NULL: none */
};

void pcapng_frame(struct wr *w, const struct pcapng_frame *f);

struct pcapng_stats { /* since the capture began */
	uint32_t iface;
	int64_t start_ns, ns; /* since 1970: the begin of it, and now */
	uint64_t seen;        /* frames at the interface */
	uint64_t dropped;     /* of them by the device, whatever the reason */
	uint64_t accepted;    /* of those seen: by the filter */
	uint64_t lost;        /* of those accepted: not captured, the reader was slow */
	const char *comment;
};

void pcapng_stats(struct wr *w, const struct pcapng_stats *s);

#endif
