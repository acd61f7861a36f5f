/* SPDX-License-Identifier: MIT */
/* rings.c - frames in shared memory. Each side moves one index of a ring: who writes frames into it
 * publishes, who reads them gives the slots back. In the rings of the client's frames (S2M) these
 * are head and tail; in those of the server's (M2S) the client posts empty buffers by the head and
 * the server fills them by the tail, so the client's index runs a whole ring ahead. */
#include "lib/io/rings.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

static uint16_t load(const uint16_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void store(uint16_t *p, uint16_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/* What one side wrote before is seen before what it reads after: the heart of sleeping safely. */
static void fence(void)
{
#ifdef __SANITIZE_THREAD__ /* knows no fences; a read-modify-write of one word orders just as well \
			    */
	static uint32_t word;
	__atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

struct slot { /* a descriptor as it was read, once */
	uint16_t flags, region;
	uint32_t length, offset;
};

static uint64_t *words_of(struct ring *g, uint16_t at)
{
	void *d = &g->mem->desc[at & (g->size - 1)];
	return d;
}

static struct slot read_slot(struct ring *g, uint16_t at)
{
	const uint64_t *d = words_of(g, at);
	uint64_t w[2] = { __atomic_load_n(&d[0], __ATOMIC_RELAXED),
			  __atomic_load_n(&d[1], __ATOMIC_RELAXED) };
	struct memif_desc desc;
	memcpy(&desc, w, sizeof desc);
	return (struct slot){ desc.flags, desc.region, desc.length, desc.offset };
}

/* Where and what belongs to the client's own buffers stays as it is. */
static void write_slot(struct ring *g, uint16_t at, uint16_t flags, uint16_t region,
		       uint32_t length)
{
	const struct memif_desc desc = { .flags = flags, .region = region, .length = length };
	uint64_t w;
	memcpy(&w, &desc, sizeof w);
	__atomic_store_n(words_of(g, at), w, __ATOMIC_RELAXED);
}

static void breaks(struct rings *r, const char *why)
{
	if (!r->broken)
		r->broken = why;
}

static uint8_t *own_buffer(const struct ring *g, uint16_t at)
{
	return g->slots + (size_t)(at & (g->size - 1)) * RINGS_BUFFER;
}

/* The bytes that a slot names, or NULL: the peer lied. */
static uint8_t *bytes_of(struct rings *r, struct ring *g, uint16_t at, const struct slot *s)
{
	if (r->client && s->length <= RINGS_BUFFER)
		return own_buffer(g, at);
	if (!r->client && s->region < r->regions &&
	    memif_bytes_fit(r->region[s->region].size, s->offset, s->length))
		return r->region[s->region].base + s->offset;
	breaks(r, "a descriptor points outside of its memory");
	return NULL;
}

static uint16_t ahead(const struct rings *r, const struct ring *g)
{
	return r->client ? g->size : 0;
}

/* ---- coming in ---- */

static uint16_t arrived(struct rings *r, struct ring *in)
{
	uint16_t n = (uint16_t)(load(in->theirs) - in->next);
	if (n > in->size - (uint16_t)(in->next - in->mine)) {
		breaks(r, "an index of a ring is out of bounds");
		return 0;
	}
	return n;
}

/* A frame in several buffers, the first of which is `s` at in->next. Gives how many slots it takes;
 * 0: broken. Its length may be more than fits: then it is cut, and lost by who called. */
static uint16_t join(struct rings *r, struct slot s, uint16_t ready, uint8_t *to, uint64_t *len)
{
	struct ring *in = &r->in;
	*len = 0;
	for (uint16_t k = 0; k < ready; k++) {
		if (k)
			s = read_slot(in, (uint16_t)(in->next + k));
		const uint8_t *p = bytes_of(r, in, (uint16_t)(in->next + k), &s);
		if (!p)
			return 0;
		if (*len + s.length <= ETH_FRAME_MAX)
			memcpy(to + *len, p, s.length);
		*len += s.length;
		if (!(s.flags & MEMIF_DESC_NEXT))
			return (uint16_t)(k + 1);
	}
	breaks(r, "a frame has no end");
	return 0;
}

unsigned rings_rx(struct rings *r, struct frame *f, unsigned max, uint8_t *room, size_t stride)
{
	struct ring *in = &r->in;
	unsigned n = 0;
	uint16_t ready = r->broken ? 0 : arrived(r, in), took;
	for (; ready && n < max; ready -= took, in->next += took) {
		struct slot s = read_slot(in, in->next);
		const uint8_t *p = bytes_of(r, in, in->next, &s);
		uint64_t len = s.length;
		took = 1;
		if (!p)
			break;
		if (s.flags & MEMIF_DESC_NEXT) {
			p = room + n * stride;
			took = join(r, s, ready, room + n * stride, &len);
			if (!took)
				break;
		}
		if (len > ETH_FRAME_MAX) {
			r->rx_oversize++;
			continue;
		}
		__builtin_prefetch(p);
		f[n++] = (struct frame){ .data = p, .len = (uint32_t)len };
	}
	if (!n)
		rings_rx_done(r); /* frames that were too long go back all the same */
	return n;
}

void rings_rx_done(struct rings *r)
{
	struct ring *in = &r->in;
	if (in->mine == in->next)
		return;
	if (r->client) /* empty buffers again */
		for (uint16_t at = in->mine; at != in->next; at++)
			write_slot(in, at, 0, 0, RINGS_BUFFER);
	in->mine = in->next;
	store(in->ours, (uint16_t)(in->mine + ahead(r, in)));
}

bool rings_waiting(const struct rings *r)
{
	return !r->broken && load(r->in.theirs) != r->in.next;
}

/* ---- going out ---- */

static uint16_t look_for_room(struct rings *r, struct ring *out)
{
	uint16_t theirs = load(out->theirs);
	uint16_t free = (uint16_t)(theirs + ahead(r, out) - out->mine);
	if (free > out->size) {
		breaks(r, "an index of a ring is out of bounds");
		return 0;
	}
	out->seen = theirs;
	return free;
}

static uint16_t known_room(const struct rings *r, const struct ring *out)
{
	return (uint16_t)(out->seen + ahead(r, out) - out->mine);
}

/* memcpy() as a short loop: most frames are short, and a call costs more than they do. */
static void copy(uint8_t *restrict to, const uint8_t *restrict from, uint32_t n)
{
	if (n > 256 || n < 16) {
		memcpy(to, from, n);
		return;
	}
	uint32_t i = 0;
	for (; i + 16 <= n; i += 16)
		memcpy(to + i, from + i, 16);
	memcpy(to + n - 16, from + n - 16, 16); /* the rest, over some of what is there already */
}

static void put(uint8_t *to, const struct txv *v)
{
	uint32_t len;
	const uint8_t *body = txv_body(v, &len);
	for (unsigned i = 0; i < v->hlen; i += 4) /* 12 bytes and whole tags */
		memcpy(to + i, v->hdr + i, 4);
	copy(to + v->hlen, body, len);
}

/* One that no single buffer holds. Slots it took; 0: not room enough now; -1: there never is. */
static int put_long(struct rings *r, const struct txv *v, uint16_t room)
{
	struct ring *out = &r->out;
	uint8_t bytes[ETH_FRAME_MAX];
	uint32_t len = txv_len(v), done = 0;
	if (len > sizeof bytes)
		return -1;
	txv_copy(v, bytes);
	struct slot s[64];
	uint8_t *p[64];
	uint16_t k = 0;
	for (; done < len && k < room && k < 64; k++) {
		uint16_t at = (uint16_t)(out->mine + k);
		s[k] = read_slot(out, at);
		s[k].length = r->client ? RINGS_BUFFER : s[k].length;
		p[k] = bytes_of(r, out, at, &s[k]);
		if (!p[k])
			return 0;
		uint32_t part = len - done < s[k].length ? len - done : s[k].length;
		memcpy(p[k], bytes + done, part);
		s[k].length = part;
		done += part;
	}
	if (done < len)
		return k == 64 || room == out->size ? -1 : 0;
	for (uint16_t i = 0; i < k; i++)
		write_slot(out, (uint16_t)(out->mine + i), i + 1 < k ? MEMIF_DESC_NEXT : 0,
			   s[i].region, s[i].length);
	return k;
}

/* Slots that the frame took; 0: no room; -1: lost. */
static int put_frame(struct rings *r, const struct txv *v, uint16_t room)
{
	struct ring *out = &r->out;
	struct slot s = { .length = RINGS_BUFFER };
	uint8_t *p;
	uint32_t len = txv_len(v);
	if (r->client) {
		p = own_buffer(out, out->mine);
	} else {
		s = read_slot(out, out->mine);
		p = bytes_of(r, out, out->mine, &s);
		if (!p)
			return 0;
	}
	if (len > s.length)
		return put_long(r, v, room);
	put(p, v);
	write_slot(out, out->mine, 0, s.region, len);
	return 1;
}

/* A doorbell could be stuffed by its peer until ringing it blocks: not before poll() says that it
 * does not. One that is full is readable, so nobody sleeps on it. */
static void ring_bell(const struct ring *out)
{
	struct pollfd p = { .fd = out->bell, .events = POLLOUT };
	static const uint64_t one = 1;
	if (poll(&p, 1, 0) == 1 && p.revents & POLLOUT && write(out->bell, &one, sizeof one) < 0)
		return;
}

static void publish(struct ring *out)
{
	store(out->ours, out->mine);
	fence();
	if (!(load(&out->mem->flags) & MEMIF_MASK_INT))
		ring_bell(out);
}

unsigned rings_tx(struct rings *r, const struct txv *v, unsigned n)
{
	struct ring *out = &r->out;
	uint16_t room = r->broken ? 0 : known_room(r, out), before = out->mine;
	bool fresh = false; /* `room` is what there is now */
	unsigned done = 0;
	while (done < n && !r->broken) {
		int took = room ? put_frame(r, &v[done], room) : 0;
		if (!took) {
			if (fresh)
				break;
			room = look_for_room(r, out);
			fresh = true;
			continue;
		}
		done++;
		if (took < 0) {
			r->tx_lost++;
			continue;
		}
		out->mine += (uint16_t)took;
		room -= (uint16_t)took;
	}
	if (out->mine != before)
		publish(out);
	return done;
}

bool rings_room(const struct rings *r)
{
	const struct ring *out = &r->out;
	return (uint16_t)(load(out->theirs) + ahead(r, out) - out->mine) != 0;
}

bool rings_drained(const struct rings *r)
{
	const struct ring *out = &r->out;
	return r->broken || (uint16_t)(load(out->theirs) + ahead(r, out) - out->mine) >= out->size;
}

/* ---- sleeping ---- */

bool rings_sleep(struct rings *r)
{
	store(&r->in.mem->flags, 0);
	fence();
	if (!rings_waiting(r))
		return true;
	rings_wake(r);
	return false;
}

void rings_wake(struct rings *r)
{
	store(&r->in.mem->flags, MEMIF_MASK_INT);
}
