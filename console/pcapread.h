/* SPDX-License-Identifier: MIT */
/* pcapread.h - reads a capture that one of ours writes (lib/proto/pcapng.h), as it comes, in
 * whatever pieces. Pure. */
#ifndef DW_CONSOLE_PCAPREAD_H
#define DW_CONSOLE_PCAPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PCAPREAD_ROOM = 1 << 18, /* longest block, and more */
	PCAPREAD_IFACES = 256,   /* whose names are kept */
};

struct captured {
	const uint8_t *bytes; /* borrowed for the call */
	uint32_t len;         /* on the wire; no fewer than those there are */
	uint32_t there;
	uint32_t flags; /* PCAPNG_IN, PCAPNG_OUT; 0: not said */
	int64_t ns;     /* since 1970 */
	uint64_t lost;  /* before this one, not captured */
	const char *iface;
	char comment[64]; /* "dropped: loss" */
};

struct pcapread {
	uint8_t *buf;
	size_t len;
	bool bad; /* not such a capture; nothing more is read */
	uint32_t ifaces;
	char iface[PCAPREAD_IFACES][24];
};

int pcapread_init(struct pcapread *p); /* 0 or -ENOMEM */
void pcapread_fini(struct pcapread *p);
/* Where the next bytes go, and how many may. */
uint8_t *pcapread_space(struct pcapread *p, size_t *room);
/* So many came: calls `frame` for each frame that is whole now. */
void pcapread_filled(struct pcapread *p, size_t n,
		     void (*frame)(void *ctx, const struct captured *c), void *ctx);

#endif
