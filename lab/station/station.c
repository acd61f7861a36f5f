/* SPDX-License-Identifier: MIT */
/* station.c - a small end host: what comes in finds its protocol, what is due is run. */
#include "lab/station/station.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lab/station/inner.h"

int alarm_init(struct station *s, struct alarm *a,
	       void (*fire)(struct station *, struct alarm *, int64_t))
{
	int r = heap_reserve(&s->heap, s->alarms + 1);
	if (r < 0)
		return r;
	s->alarms++;
	*a = (struct alarm){ .d.id = ++s->alarm_id, .fire = fire };
	return 0;
}

void alarm_set(struct station *s, struct alarm *a, int64_t due)
{
	heap_set(&s->heap, &a->d, due);
}

void alarm_fini(struct station *s, struct alarm *a)
{
	if (!a->fire)
		return;
	heap_set(&s->heap, &a->d, TIME_NEVER);
	s->alarms--;
	a->fire = NULL;
}

static struct stream named_stream(const struct station_config *c, const char *what)
{
	char name[sizeof c->name + 16];
	snprintf(name, sizeof name, "%s/%s", c->name, what);
	return stream_of(c->seed, name);
}

struct station *station_new(const struct station_config *c, const struct station_host *host,
			    void *ctx, struct pool *pool, int64_t now)
{
	assert(c->prefix <= 32 && c->tag <= VID_MAX);
	struct station *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->config = *c;
	s->host = host;
	s->ctx = ctx;
	s->pool = pool;
	s->now = now;
	s->icmp_stream = named_stream(c, "icmp");
	s->udp_stream = named_stream(c, "udp");
	s->tcp_stream = named_stream(c, "tcp");
	return s;
}

void station_free(struct station *s)
{
	if (!s)
		return;
	s->up = false; /* nothing more is said: the link may be gone already */
	tcp_fini(s);
	flow_fini(s);
	ping_fini(s);
	arp_fini(s);
	egress_fini(s);
	heap_fini(&s->heap);
	free(s);
}

const struct station_config *station_config(const struct station *s)
{
	return &s->config;
}

static uint32_t net_mask(const struct station *s)
{
	return s->config.prefix ? UINT32_MAX << (32 - s->config.prefix) : 0;
}

int station_reaches(const struct station *s, uint32_t ip)
{
	uint32_t mask = net_mask(s);
	bool has_broadcast = s->config.prefix < 31; /* RFC 3021: a /31 has none */
	if (ip == s->config.ip || ip == 0 || ip >> 28 >= 14)
		return -EINVAL;
	if ((ip ^ s->config.ip) & mask)
		return -ENETUNREACH;
	if (has_broadcast && (ip & ~mask) == ~mask)
		return -EINVAL;
	return 0;
}

static void ipv4_rx(struct station *s, const uint8_t *p, size_t len, bool to_all, int64_t now)
{
	struct ipv4 ip;
	switch (ipv4_read(&ip, p, len)) {
	case IPV4_MALFORMED:
		count_drop(s, STATION_MALFORMED);
		return;
	case IPV4_CHECKSUM:
		count_drop(s, STATION_CHECKSUM);
		return;
	case IPV4_FRAGMENT:
		count_drop(s, STATION_FRAGMENT);
		return;
	case IPV4_GOOD:
		break;
	}
	/* Nothing here listens to a broadcast, and answering one makes storms (RFC 1122 3.2.2). */
	if (to_all || ip.dst != s->config.ip || station_reaches(s, ip.src) < 0) {
		count_drop(s, STATION_NOT_OURS);
		return;
	}
	if (ip.proto == IPPROTO_OF_ICMP)
		icmp_rx(s, &ip, now);
	else if (ip.proto == IPPROTO_OF_UDP)
		udp_rx(s, &ip, now);
	else if (ip.proto == IPPROTO_OF_TCP)
		tcp_rx(s, &ip, now);
	else
		count_drop(s, STATION_UNCLAIMED);
}

/* Is this the tag that the station speaks? A priority tag (VLAN 0) is as good as none. */
static bool tag_fits(const struct station *s, const struct frame *f)
{
	unsigned vid = f->ntags ? f->tag[0].tci & 0xfff : 0;
	bool customer = !f->ntags || f->tag[0].tpid == ETHERTYPE_CVLAN;
	return f->ntags <= 1 && customer && vid == s->config.tag;
}

static void frame_rx(struct station *s, struct frame *f, int64_t now)
{
	bool whole = frame_parse(f);
	s->stats.rx_frames++;
	s->stats.rx_bytes += f->len;
	if (whole && s->watch)
		s->host->frame(s->ctx, f);
	if (!whole) {
		count_drop(s, STATION_RUNT);
		return;
	}
	bool to_all = mac_is_group(f->mac);
	if (!to_all && !mac_eq(f->mac, s->config.mac)) {
		count_drop(s, STATION_NOT_OURS);
		return;
	}
	if (!tag_fits(s, f)) {
		count_drop(s, STATION_TAG);
		return;
	}
	struct rd r = rd_over(f->data, f->len);
	rd_take(&r, 12u + 4u * f->ntags);
	unsigned type = rd_be16(&r);
	if (type == ETHERTYPE_ARP)
		arp_rx(s, r.p, rd_left(&r), now);
	else if (type == ETHERTYPE_IPV4)
		ipv4_rx(s, r.p, rd_left(&r), to_all, now);
	else if (type == ETHERTYPE_IPV6)
		ipv6_rx(s, r.p, rd_left(&r), f->mac + ETH_ALEN);
	else
		count_drop(s, STATION_UNCLAIMED);
}

void station_rx(struct station *s, struct frame *f, unsigned n, int64_t now)
{
	s->now = now;
	for (unsigned i = 0; i < n; i++)
		frame_rx(s, &f[i], now);
}

void station_writable(struct station *s, int64_t now)
{
	s->now = now;
	egress_drain(s);
}

void station_link(struct station *s, bool up, int64_t now)
{
	s->now = now;
	if (up == s->up)
		return;
	s->up = up;
	s->generation++;
	if (up)
		arp_announce(s);
	else
		egress_flush(s);
}

int64_t station_next(const struct station *s)
{
	return heap_next(&s->heap);
}

void station_tick(struct station *s, int64_t now)
{
	struct deadline *d;
	s->now = now;
	while ((d = heap_pop_due(&s->heap, now))) {
		struct alarm *a = container_of(d, struct alarm, d);
		a->fire(s, a, now);
	}
}

uint64_t station_generation(const struct station *s)
{
	return s->generation;
}

int station_send(struct station *s, const void *frame, uint32_t len, int64_t now)
{
	s->now = now;
	bool whole;
	frame_over(frame, len, &whole);
	if (!whole)
		return -EINVAL;
	if (len > ETH_FRAME_MAX)
		return -EMSGSIZE;
	if (!s->up)
		return -ENETDOWN;
	struct buf *buf = s->out.count < EGRESS_MAX ? pool_get(s->pool, len) : NULL;
	if (!buf)
		return -ENOBUFS;
	memcpy(buf->bytes, frame, len);
	egress_put(s, buf, len);
	return 0;
}

void station_watch(struct station *s, bool on)
{
	s->watch = on;
}

const char *station_drop_name(enum station_drop d)
{
	static const char *const names[STATION_DROPS] = {
#define X(name, text) [name] = (text),
		STATION_DROP_LIST(X)
#undef X
	};
	return names[d];
}

void station_stats(const struct station *s, struct station_stats *st)
{
	*st = s->stats;
}
