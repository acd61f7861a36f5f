/* SPDX-License-Identifier: MIT */
/* vhost_ring.c - a split virtqueue (VIRTIO 1.2, 2.7) seen from the device. `desc` is a table of
 * {addr, len, flags, next}; `avail` {flags, idx, ring[num], used_event}; `used` {flags, idx,
 * ring[num] of {id, len}, avail_event}; all little-endian, as is every machine that this runs on.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/wire.h"
#include "lib/io/ep/vhost.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the queues are little-endian");

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4, NO_INTERRUPT = 1 };
enum {
	DESC_LEN = 16,
	AVAIL_RING = 4,
	USED_RING = 4,
	USED_ENTRY = 8,
	CHAIN_MAX = 1024,
	MERGE_MAX = 128
};

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};
static_assert(sizeof(struct desc) == DESC_LEN, "as it lies in the guest's memory");

/* Words that both sides touch. */
static uint16_t load(const uint8_t *p)
{
	return __atomic_load_n((const uint16_t *)(const void *)p, __ATOMIC_ACQUIRE);
}

static void store(uint8_t *p, uint16_t v)
{
	__atomic_store_n((uint16_t *)(void *)p, v, __ATOMIC_RELEASE);
}

static uint8_t *place(const struct vhost_mem *m, uint64_t addr, uint64_t len, unsigned align)
{
	uint8_t *p = addr % align ? NULL : vhost_mem_user(m, addr, len);
	return p && (uintptr_t)p % align == 0 ? p : NULL;
}

void vhost_ring_place(struct vhost_ring *r, const struct vhost_mem *m)
{
	r->desc = place(m, r->desc_addr, (uint64_t)r->num * DESC_LEN, 16);
	r->avail = place(m, r->avail_addr, AVAIL_RING + 2 * (uint64_t)r->num + 2, 2);
	r->used = place(m, r->used_addr, USED_RING + USED_ENTRY * (uint64_t)r->num + 2, 4);
}

bool vhost_ring_ready(const struct vhost_ring *r)
{
	return r->num && r->desc && r->avail && r->used && r->enabled && !r->broken;
}

static int broken(struct vhost_ring *r, const char *words)
{
	r->broken = words;
	return -EPROTO;
}

/* ---- chains ---- */

struct chain { /* the pieces of one entry, checked */
	uint16_t id;
	unsigned count;
	struct {
		uint8_t *p;
		uint32_t len;
	} piece[CHAIN_MAX];
};

/* How many entries the guest has put there that are not yet taken; negative: broken. */
static int waiting(struct vhost_ring *r)
{
	r->seen = load(r->avail + 2);
	uint16_t n = (uint16_t)(r->seen - r->next);
	return n <= r->num ? n : broken(r, "more entries are offered than the queue has");
}

static int add_piece(struct vhost_ring *r, const struct vhost_mem *m, const struct desc *d,
		     bool write, struct chain *c)
{
	if (!!(d->flags & DESC_WRITE) != write)
		return broken(r, "a buffer is for the other direction");
	if (c->count == CHAIN_MAX)
		return broken(r, "a chain of buffers is too long");
	uint8_t *p = vhost_mem_guest(m, d->addr, d->len);
	if (!p)
		return broken(r, "a buffer lies outside of the guest's memory");
	c->piece[c->count].p = p;
	c->piece[c->count++].len = d->len;
	return 0;
}

/* The chain that begins at `head` of a table; indirect ones lie in a table of their own. */
static int walk(struct vhost_ring *r, const struct vhost_mem *m, const uint8_t *table, uint32_t num,
		uint16_t head, bool write, bool inner, struct chain *c)
{
	for (uint32_t steps = 0, at = head;; steps++) {
		struct desc d;
		if (at >= num || steps >= num)
			return broken(r, "a chain of buffers leaves its table or has no end");
		memcpy(&d, table + (size_t)at * DESC_LEN, sizeof d); /* once: it may change */
		if (d.flags & DESC_INDIRECT) {
			const uint8_t *t = vhost_mem_guest(m, d.addr, d.len);
			if (inner || !t || d.len % DESC_LEN || d.flags & DESC_NEXT)
				return broken(r, "an indirect table is none");
			return walk(r, m, t, d.len / DESC_LEN, 0, write, true, c);
		}
		int code = add_piece(r, m, &d, write, c);
		if (code < 0 || !(d.flags & DESC_NEXT))
			return code;
		at = d.next;
	}
}

/* The entry `ahead` places from the next one. */
static int look(struct vhost_ring *r, const struct vhost_mem *m, unsigned ahead, bool write,
		struct chain *c)
{
	c->count = 0;
	c->id = load(r->avail + AVAIL_RING + 2 * ((size_t)(r->next + ahead) & (r->num - 1)));
	return walk(r, m, r->desc, r->num, c->id, write, false, c);
}

static void give_back(struct vhost_ring *r, uint16_t id, uint32_t len)
{
	uint32_t entry[2] = { id, len };
	memcpy(r->used + USED_RING + USED_ENTRY * (size_t)(r->done & (r->num - 1)), entry,
	       sizeof entry);
	r->done++;
	r->next++;
}

/* ---- frames ---- */

int vhost_ring_take(struct vhost_ring *r, const struct vhost_mem *m, uint8_t *to, size_t room)
{
	struct chain c;
	int n = waiting(r);
	if (n > 0)
		n = look(r, m, 0, false, &c) < 0 ? -EPROTO : n;
	if (n <= 0)
		return n;
	size_t len = 0;
	for (unsigned i = 0; i < c.count; i++) {
		if (c.piece[i].len > room - len) {
			give_back(r, c.id, 0);
			return -EMSGSIZE;
		}
		memcpy(to + len, c.piece[i].p, c.piece[i].len);
		len += c.piece[i].len;
	}
	give_back(r, c.id, 0);
	return len ? (int)len : -EMSGSIZE;
}

struct source { /* header, txv header and body, one after the other */
	const uint8_t *p[3];
	size_t len[3];
	unsigned at;
};

static void fill(struct source *s, uint8_t *to, size_t len)
{
	while (len) {
		size_t n = s->len[s->at] < len ? s->len[s->at] : len;
		if (n)
			memcpy(to, s->p[s->at], n);
		s->p[s->at] += n;
		s->len[s->at] -= n;
		to += n;
		len -= n;
		s->at += !s->len[s->at] && s->at < 2;
	}
}

/* Entries that hold `total` bytes: how many, 0: not that many there yet; negative as give(). */
static int count_room(struct vhost_ring *r, const struct vhost_mem *m, size_t total)
{
	struct chain c;
	size_t room = 0, pieces = 0;
	int n = waiting(r);
	for (int i = 0; i < n; i++) {
		if (look(r, m, (unsigned)i, true, &c) < 0)
			return -EPROTO;
		pieces += c.count;
		if (i == MERGE_MAX || pieces > CHAIN_MAX) /* shreds that only make work */
			return broken(r, "its buffers are too small");
		for (unsigned k = 0; k < c.count; k++)
			room += c.piece[k].len;
		if (room >= total)
			return i + 1;
		if (!r->merges)
			return -EMSGSIZE;
	}
	return n < 0 ? n : (uint32_t)n == r->num ? -EMSGSIZE : 0;
}

int vhost_ring_give(struct vhost_ring *r, const struct vhost_mem *m,
		    uint8_t head[static VHOST_NET_HEAD], const struct txv *v)
{
	uint32_t body_len;
	const uint8_t *body = txv_body(v, &body_len);
	size_t left = VHOST_NET_HEAD + v->hlen + (size_t)body_len;
	int n = count_room(r, m, left);
	if (n == -EMSGSIZE && waiting(r) > 0 &&
	    !r->merges) { /* it is of no use: the guest has it back */
		struct chain c;
		if (look(r, m, 0, true, &c) < 0)
			return -EPROTO;
		give_back(r, c.id, 0);
	}
	if (n <= 0)
		return n;
	head[10] = (uint8_t)n; /* num_buffers */
	head[11] = (uint8_t)(n >> 8);
	struct source s = { { head, v->hdr, body }, { VHOST_NET_HEAD, v->hlen, body_len }, 0 };
	for (int i = 0; i < n; i++) {
		struct chain c;
		uint32_t wrote = 0;
		if (look(r, m, 0, true, &c) < 0)
			return -EPROTO;
		for (unsigned k = 0; k < c.count && left; k++) {
			uint32_t part = c.piece[k].len < left ? c.piece[k].len : (uint32_t)left;
			fill(&s, c.piece[k].p, part);
			wrote += part;
			left -= part;
		}
		give_back(r, c.id, wrote);
	}
	return 1;
}

/* ---- telling each other ---- */

void vhost_ring_wake(const struct vhost_ring *r)
{
	uint64_t one = 1;
	if (r->call >= 0 && write(r->call, &one, sizeof one) < 0)
		return; /* its counter is full: it is awake */
}

void vhost_ring_publish(struct vhost_ring *r)
{
	if (r->done == r->told)
		return;
	store(r->used + 2, r->done);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* published before we ask whether it sleeps */
	uint16_t fresh = (uint16_t)(r->done - r->told), wants;
	bool wake;
	if (r->event_idx) { /* 2.7.10: has the index it waits for been passed? */
		wants = load(r->avail + AVAIL_RING + 2 * (size_t)r->num);
		wake = (uint16_t)(r->done - wants - 1) < fresh;
	} else {
		wake = !(load(r->avail) & NO_INTERRUPT);
	}
	r->told = r->done;
	if (wake)
		vhost_ring_wake(r);
}

bool vhost_ring_arm(struct vhost_ring *r, uint16_t known)
{
	if (load(r->avail + 2) != known)
		return true;
	if (r->event_idx)
		store(r->used + USED_RING + USED_ENTRY * (size_t)r->num, known);
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* said before we look once more */
	return load(r->avail + 2) != known;
}
