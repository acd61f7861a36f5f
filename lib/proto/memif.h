/* SPDX-License-Identifier: MIT */
/* memif.h - the memif 2.0 protocol: messages of 128 bytes on a SOCK_SEQPACKET socket, and the rings
 * in memory that they agree on. Pure. Layout as VPP, libmemif and DPDK speak it; host byte order,
 * packed.
 *
 * The server listens. The client owns the memory, passes it as memfds (ADD_REGION), and says where
 * the rings are (ADD_RING): S2M ones carry its frames, M2S ones the server's. HELLO comes from the
 * server at once; it answers INIT and each ADD_ with an ACK, and CONNECT with CONNECTED. */
#ifndef DW_PROTO_MEMIF_H
#define DW_PROTO_MEMIF_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MEMIF_MSG_LEN = 128,
	MEMIF_VERSION = 0x0200,
	MEMIF_NAME = 32, /* with its NUL */
	MEMIF_SECRET = 24,
	MEMIF_TEXT = 96,
	MEMIF_LOG2_MAX = 14, /* of the slots in a ring */
	MEMIF_MODE_ETHERNET = 0,
	MEMIF_RING_S2M = 1, /* flag of ADD_RING: client to server */
};

enum memif_type {
	MEMIF_ACK = 1,
	MEMIF_HELLO = 2,
	MEMIF_INIT = 3,
	MEMIF_ADD_REGION = 4,
	MEMIF_ADD_RING = 5,
	MEMIF_CONNECT = 6,
	MEMIF_CONNECTED = 7,
	MEMIF_DISCONNECT = 8,
	MEMIF_LINK = 0x4457, /* ours, said only to a peer that is ours: the link went or came */
};

struct memif_msg {
	enum memif_type type;
	union {
		struct {
			char name[MEMIF_NAME];
			uint16_t min_version, max_version;
			uint16_t max_region, max_m2s, max_s2m; /* indices: one less than how many */
			uint8_t max_log2;
		} hello;
		struct {
			uint16_t version;
			uint32_t id;
			uint8_t mode;
			char secret[MEMIF_SECRET + 1];
			char name[MEMIF_NAME];
		} init;
		struct {
			uint16_t index;
			uint64_t size;
		} region; /* with a memfd */
		struct {
			uint16_t flags, index, region;
			uint32_t offset;
			uint8_t log2;
			uint16_t private_hdr;
		} ring; /* with an eventfd, which wakes the side that reads the ring */
		struct {
			char name[MEMIF_NAME];
		} connect; /* and CONNECTED */
		struct {
			uint32_t code;
			char text[MEMIF_TEXT];
		} disconnect;
		struct {
			bool on;
		} link;
	} u;
};

void memif_encode(const struct memif_msg *m, uint8_t out[static MEMIF_MSG_LEN]);
/* 0 or -EPROTO: not 128 bytes, or no such type. Texts end in a NUL, their control bytes are '?'. */
int memif_decode(struct memif_msg *m, const void *bytes, size_t len);

/* ---- what both sides have in memory ---- */

#define MEMIF_COOKIE UINT32_C(0x3E31F20)

enum {
	MEMIF_DESC_NEXT = 1, /* the frame goes on in the next descriptor */
	MEMIF_MASK_INT = 1,  /* of a ring's flags: whoever reads it is awake, no doorbell */
};

struct memif_desc {
	uint16_t flags, region;
	uint32_t length, offset, metadata;
};
static_assert(sizeof(struct memif_desc) == 16, "two words, each read once");

struct memif_ring { /* head and tail run freely; a slot is their low bits */
	uint32_t cookie;
	uint16_t flags, head;
	uint8_t pad1[56];
	uint16_t tail;
	uint8_t pad2[62];
	struct memif_desc desc[];
};
static_assert(offsetof(struct memif_ring, tail) == 64, "its own cache line");
static_assert(sizeof(struct memif_ring) == 128, "as the protocol has it");

static inline uint64_t memif_ring_len(unsigned log2) /* bytes */
{
	return sizeof(struct memif_ring) + ((uint64_t)sizeof(struct memif_desc) << log2);
}

/* Whether a ring may lie there: inside its region, aligned for its descriptors, log2 in bounds. */
bool memif_ring_fits(uint64_t region_size, uint32_t offset, unsigned log2);

static inline bool memif_bytes_fit(uint64_t region_size, uint32_t offset, uint32_t length)
{
	return (uint64_t)offset + length <= region_size;
}

#endif
