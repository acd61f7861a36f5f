/* SPDX-License-Identifier: MIT */
/* impl.h - what the schemes share: birth, notices that survive ep_close(), the end of an endpoint,
 * the receive block. Private to lib/io/ep and vde_server.c. */
#ifndef DW_IO_EP_IMPL_H
#define DW_IO_EP_IMPL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/io/ep.h"

/* Receive memory of one thread, shared by all its endpoints: rx to rx_done is synchronous, so 4095
 * idle ports cost no buffers. A slot holds the longest frame with room for a header in front of it.
 */
enum {
	RX_FRONT = 16,                      /* for a virtio header and a restored tag */
	RX_SLOT = RX_FRONT + ETH_FRAME_MAX, /* used part */
	RX_STRIDE = 9280,                   /* an odd number of cache lines */
	TX_ROOM = 262144,
};

struct rx_block {
	struct ep *lent_to; /* whose frames lie in it */
	unsigned users;
	struct mmsghdr msg[BATCH_MAX]; /* of datagram endpoints: one iovec each, prepared once */
	struct iovec iov[BATCH_MAX];
	_Alignas(64) uint8_t slot[BATCH_MAX][RX_STRIDE];
	uint8_t tx[TX_ROOM]; /* frames being finished, from ep_tx() to its return */
};

uint8_t *tx_room(void);

/* The same memory for frames of any length, bundles too: they lie one behind the other. */
struct rx_room {
	uint8_t *next, *end;
};

static inline struct rx_room rx_room_of(struct rx_block *b)
{
	uint8_t *begin = (uint8_t *)b->slot;
	return (struct rx_room){ begin, begin + sizeof b->slot };
}

/* Where the next frame may go, RX_FRONT bytes in front of it are free; NULL: `len` do not fit. */
static inline uint8_t *rx_room_next(const struct rx_room *r, size_t len)
{
	return (size_t)(r->end - r->next) >= RX_FRONT + len ? r->next + RX_FRONT : NULL;
}

static inline void rx_room_took(struct rx_room *r, size_t len)
{
	r->next += (RX_FRONT + len + 63) / 64 * 64;
}

struct rx_block *rx_block_take(
	struct ep *e);            /* until rx_block_give(); asserts that nobody else has it */
void rx_block_give(void);         /* fine when not lent */
void rx_block_done(struct ep *e); /* the rx_done() of who uses it */

/* An iovec is not const, writing only reads. */
static inline struct iovec iov_over(const void *p, size_t len)
{
	union {
		const void *in;
		void *out;
	} u = { p };
	return (struct iovec){ u.out, len };
}

static inline void iov_of_txv(struct iovec iov[static 2], const struct txv *v) /* header and body */
{
	uint32_t len;
	const uint8_t *body = txv_body(v, &len);
	iov[0] = iov_over(v->hdr, v->hlen);
	iov[1] = iov_over(body, len);
}

/* Memory for an endpoint of `size` bytes that begins with struct ep, zeroed and filled. NULL: none.
 */
struct ep *ep_born(size_t size, const struct ep_ops *ops, struct loop *l,
		   const struct ep_host *host, void *ctx);
void ep_dead(struct ep *e); /* the last act of every close() */

/* Notices. false: the host closed the endpoint meanwhile, touch nothing. */
bool ep_say_readable(struct ep *e);
bool ep_say_writable(struct ep *e);
bool ep_say_up(struct ep *e);   /* sets is_up */
bool ep_say_down(struct ep *e); /* clears it */
bool ep_say_changed(struct ep *e);

/* finish.c */
bool ep_tail_send(struct ep *e); /* false: some of it still waits */
void ep_tail_free(struct ep *e);

/* The end, found anywhere (also inside rx and tx) and told from the loop. */
struct ep_end {
	struct timer timer;
	struct ep *ep;
	/* There is something to deliver first: when to look again. 0: no. NULL: never is. */
	int64_t (*wait)(struct ep *e, int64_t now);
	char reason[200]; /* "" : not over */
};

void ep_end_init(struct ep_end *end, struct ep *e);
/* The first word counts. `why`: see struct ep. */
__attribute__((format(printf, 3, 4))) void ep_end_say(struct ep_end *end, int why, const char *fmt,
						      ...);
static inline bool ep_over(const struct ep_end *end)
{
	return end->reason[0] != '\0';
}

/* keys.c: the parts of a locator. */
enum { EP_KEYS_MAX = 32, EP_TEXT_MAX = 1024 };
struct ep_keys {
	char text[EP_TEXT_MAX]; /* cut into the parts below */
	char *base;             /* the locator without its keys, quotes kept */
	struct {
		char *name, *value;
	} key[EP_KEYS_MAX];
	unsigned count;
};

int ep_keys_parse(struct ep_keys *k, const char *locator, struct err *err);
bool ep_key_is(const char *name, const char *wanted); /* '-' and '_' are the same */
int ep_key_bool(const struct ep_keys *k, const char *name, bool *yes,
		struct err *err); /* absent: untouched */
int ep_key_number(const struct ep_keys *k, const char *name, uint64_t min, uint64_t max,
		  uint64_t *n, struct err *err);
/* One pair of quotes around it all is taken off: cmd://"a, b". */
void ep_unquote(char *text);

/* One function a scheme; schemes.c has the rows. */
#define EP_OPEN(name)                                                                              \
	int name(struct ep **e, struct loop *l, const char *rest, const struct ep_keys *keys,      \
		 const struct ep_host *host, void *ctx, struct err *err)
EP_OPEN(ep_vde_open);
EP_OPEN(ep_dw_open);
EP_OPEN(ep_memif_open);
EP_OPEN(ep_stdio_open);
EP_OPEN(ep_tap_open);
EP_OPEN(ep_packet_open);
EP_OPEN(ep_cmd_open);
EP_OPEN(ep_ssh_open);
EP_OPEN(ep_stream_unix_open);
EP_OPEN(ep_stream_tcp_open);
EP_OPEN(ep_dgram_unix_open);
EP_OPEN(ep_file_open);
EP_OPEN(ep_vhost_user_open);
EP_OPEN(ep_pcap_open);
EP_OPEN(ep_udp_open);
EP_OPEN(ep_vxlan_open);
/* Any other scheme; `rest` is the whole locator. */
EP_OPEN(ep_foreign_open);

#endif
