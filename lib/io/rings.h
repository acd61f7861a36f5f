/* SPDX-License-Identifier: MIT */
/* rings.h - two memif rings in shared memory, one each way: frames out of it and into it, and the
 * doorbells of who sleeps. Nothing the peer wrote is believed: each index and descriptor is read
 * once and checked; a peer that breaks the rules is `broken`, and its rings are not used again.
 * One thread a side. */
#ifndef DW_IO_RINGS_H
#define DW_IO_RINGS_H

#include "lib/base/frame.h"
#include "lib/proto/memif.h"

enum {
	RINGS_REGIONS = 16,
	RINGS_LOG2 = 9, /* of ours: slots a ring; more falls out of the cache */
	RINGS_BUFFER =
		2112, /* bytes a slot: a multiple of the cache line, but of no power of two */
};

struct rings_region {
	uint8_t *base;
	uint64_t size;
};

struct ring {
	struct memif_ring *mem;  /* NULL: not there yet */
	uint16_t *theirs, *ours; /* the index that the peer moves, and the one that we do */
	uint16_t size;
	uint16_t mine;  /* the slot we are at */
	uint16_t next;  /* of the one we read: the first that is not handed out */
	uint16_t seen;  /* of the one we write: `theirs` when it was last read */
	int bell;       /* eventfd of the side that reads; -1: none */
	uint8_t *slots; /* the client's: its own buffers, one a slot */
};

struct rings {
	bool client; /* the memory is ours */
	struct rings_region region[RINGS_REGIONS];
	unsigned regions;
	struct ring in, out;
	const char *broken;   /* why the peer is not to be talked to any more; NULL: fine */
	uint64_t tx_lost;     /* frames that no ring of this peer can hold */
	uint64_t rx_oversize; /* longer than ETH_FRAME_MAX */
};

void rings_init(struct rings *r, bool client);
void rings_fini(struct rings *r); /* unmaps, closes the bells */

/* Client: makes the memory (its memfd in *fd, the caller's), both rings in it, and their bells. 0
 * or negative errno. */
int rings_make(struct rings *r, unsigned log2, int *fd);
uint32_t rings_offset(const struct rings *r, const struct ring *ring); /* in region 0 */

/* Server: takes what the client passed. `fd` stays the caller's; `bell` is the rings' on success.
 * -EINVAL with *why: not memory that can be trusted (shorter than said, or may shrink), or no ring
 * there. */
int rings_map(struct rings *r, int fd, uint64_t size, const char **why);
int rings_attach(struct rings *r, const struct memif_msg *add, int bell, const char **why);
void rings_start(struct rings *r); /* both sides have agreed: awake */

/* Frames that came, at most BATCH_MAX, borrowed until rings_rx_done(). One that lies in several
 * buffers is joined at `room` + its number * `stride` (ETH_FRAME_MAX bytes of room each). */
unsigned rings_rx(struct rings *r, struct frame *f, unsigned max, uint8_t *room, size_t stride);
void rings_rx_done(struct rings *r);
bool rings_waiting(const struct rings *r); /* frames do */

/* Copies and publishes as many as there is room for, in order, and rings if the peer sleeps. */
unsigned rings_tx(struct rings *r, const struct txv *v, unsigned n);
bool rings_room(const struct rings *r);    /* for a frame; true also when all that can be is free */
bool rings_drained(const struct rings *r); /* the peer has taken everything */

/* Before a sleep: announce it, and look again. false: something came meanwhile, stay awake. */
bool rings_sleep(struct rings *r);
void rings_wake(struct rings *r); /* no doorbells, please */
/* Server: lets go of the client's pages. They and all in them stay; what is touched comes back. */
void rings_rest(struct rings *r);

#endif
