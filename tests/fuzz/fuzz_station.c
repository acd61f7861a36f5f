/* SPDX-License-Identifier: MIT */
/* fuzz_station.c - frames from nowhere into a station that pings, listens, sends and expects. The
 * input is a row of frames, each behind one length byte (times two); time moves a little between
 * them. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/station/inet.h"
#include "lab/station/station.h"
#include "lib/base/heap.h"
#include "lib/base/units.h"
#include "lib/base/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OWN_IP UINT32_C(0x0a000001)
#define PEER_IP UINT32_C(0x0a000002)

static unsigned take(void *ctx, const struct txv *v, unsigned n)
{
	unsigned *calls = ctx;
	uint8_t out[ETH_FRAME_MAX];
	for (unsigned i = 0; i < n; i++)
		txv_copy(&v[i], out);
	return ++*calls % 7 ? n : 0; /* now and then full */
}

static void see(void *ctx, const struct frame *f)
{
	(void)ctx;
	(void)f;
}

static const struct station_host host = { .tx = take, .frame = see };

/* Something of each kind is open, so that every parser has somebody to speak for. */
static void open_all(struct station *s, int64_t now)
{
	struct ping_args ping = { .ip = PEER_IP,
				  .count = 5,
				  .interval_ns = NS_PER_MS,
				  .within_ns = NS_PER_SEC,
				  .size = 8 };
	struct flow_args flow = {
		.ip = PEER_IP, .port = 9, .interval_ns = NS_PER_MS, .size = 24, .count = 9
	};
	struct tcp_args tcp = { .ip = PEER_IP, .port = 80, .bytes = 100000 };
	station_link(s, true, now);
	station_watch(s, true);
	station_ping(s, &ping, now);
	station_flow(s, &flow, now);
	station_flow_expect(s, 7000, now);
	station_tcp_listen(s, 5001, now);
	station_tcp(s, &tcp, now);
}

static void put_sum(uint8_t *at, uint64_t sum)
{
	struct wr w = wr_over(at, 2);
	wr_be16(&w, inet_checksum(sum));
}

static void right_checksums(uint8_t *frame, size_t len, size_t head)
{
	static const uint8_t none[2];
	if (len < head + IPV4_HLEN)
		return;
	uint8_t *ip = frame + head;
	size_t hlen = (ip[0] & 15u) * 4u;
	if (hlen < IPV4_HLEN || head + hlen > len)
		return;
	memcpy(ip + 10, none, sizeof none);
	put_sum(ip + 10, inet_sum(0, ip, hlen));
	struct ipv4 h;
	if (ipv4_read(&h, ip, len - head) != IPV4_GOOD)
		return;
	uint8_t *p = ip + hlen;
	size_t at = h.proto == IPPROTO_OF_TCP ? 16 : h.proto == IPPROTO_OF_UDP ? 6 : 2;
	if (h.len < at + 2)
		return;
	bool pseudo = h.proto != IPPROTO_OF_ICMP;
	memcpy(p + at, none, sizeof none);
	put_sum(p + at,
		inet_sum(pseudo ? ipv4_pseudo_sum(h.src, h.dst, h.proto, h.len) : 0, p, h.len));
}

static void feed(struct station *s, const uint8_t *bytes, size_t len, bool right, int64_t now)
{
	uint8_t *copy = malloc(len ? len : 1); /* exact, so that reading past it shows */
	if (!copy)
		return;
	memcpy(copy, bytes, len);
	if (right)
		right_checksums(copy, len, station_config(s)->tag ? 18 : 14);
	struct frame f = { .data = copy, .len = (uint32_t)len };
	station_rx(s, &f, 1, now);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct station_config c = {
		.name = "fuzz", .mac = { 2, 0, 0, 0, 0, 1 }, .ip = OWN_IP, .prefix = 24
	};
	struct pool *pool = pool_new(4 << 20);
	unsigned calls = 0;
	int64_t now = 0;
	if (!pool)
		return 0;
	c.tag = size && data[0] & 1 ? 10 : 0;
	struct station *s = station_new(&c, &host, &calls, pool, now);
	struct rd r = rd_over(data, size);
	rd_u8(&r);
	if (s)
		open_all(s, now);
	while (s && rd_left(&r)) {
		size_t len = rd_u8(&r) * 2u;
		if (len > rd_left(&r))
			len = rd_left(&r);
		feed(s, rd_take(&r, len), len, data[0] & 2, now);
		pool_grow(pool);
		now += NS_PER_MS * (int64_t)(1 + len);
		station_tick(s, now);
		station_writable(s, now);
	}
	if (s)
		station_tick(s, now + NS_PER_SEC);
	station_free(s);
	pool_free(pool);
	return 0;
}
