/* SPDX-License-Identifier: MIT */
/* core.c - nanoseconds a frame in the switch core alone: no sockets, one thread, batches of 64,
 * with different numbers of stations, and flooding to different numbers of ports. Prints a table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/stream.h"
#include "switch/core/bridge.h"

enum { LEN = 60, ROUNDS = 5 };

static uint64_t taken;

static unsigned take(void *ctx, unsigned port, const struct txv *v, unsigned n)
{
	(void)ctx, (void)port, (void)v;
	taken += n;
	return n;
}

static const struct bridge_host host = { .tx = take };

static int64_t clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct bridge *make(struct pool *pool, unsigned ports, bool rstp)
{
	struct bridge_config c;
	struct port_config p;
	bridge_config_default(&c);
	c.numports = ports < 2 ? 2 : ports;
	c.rstp = rstp;
	struct bridge *b = bridge_new(&c, &host, NULL, pool, 0);
	port_config_default(&p);
	p.tree.edge = true;
	for (unsigned i = 1; i <= ports; i++) {
		if (bridge_port_apply(b, i, &p, 0, NULL) < 0)
			exit(3);
		bridge_link(b, i, true, NULL, 0);
	}
	return b;
}

static void write_frame(uint8_t *f, uint64_t dst, uint64_t src)
{
	memset(f, 0, LEN);
	mac_from_u64(f, dst);
	mac_from_u64(f + ETH_ALEN, src);
	f[12] = 0x08;
}

/* Frames from port 1 to stations behind port 2, each as likely; ns a frame, best of some rounds. */
static double unicast(uint64_t stations, bool rstp, uint64_t frames)
{
	struct pool *pool = pool_new(1u << 26);
	struct bridge *b = make(pool, 2, rstp);
	uint8_t bytes[BATCH_MAX][LEN];
	struct frame f[BATCH_MAX];
	int64_t now = 1;
	struct stream s = stream_of(1, "bench");
	for (uint64_t i = 0; i < stations; i++) { /* port 2's stations speak first */
		write_frame(bytes[0], UINT64_C(0xffffffffffff), UINT64_C(0x020000000000) + i);
		f[0] = (struct frame){ .data = bytes[0], .len = LEN };
		bridge_rx(b, 2, f, 1, now);
		if (bridge_next(b) <= now)
			bridge_tick(b, now);
	}
	double best = 1e9;
	for (unsigned r = 0; r < ROUNDS; r++) {
		int64_t spent = 0;
		for (uint64_t done = 0; done < frames; done += BATCH_MAX) {
			for (unsigned i = 0; i < BATCH_MAX; i++) {
				uint64_t to = draw_below(s, done + i, r, stations);
				write_frame(bytes[i], UINT64_C(0x020000000000) + to,
					    UINT64_C(0x02aa00000000));
				f[i] = (struct frame){ .data = bytes[i], .len = LEN };
			}
			int64_t t0 = clock_ns();
			bridge_rx(b, 1, f, BATCH_MAX, now);
			spent += clock_ns() - t0;
		}
		double ns = (double)spent / (double)frames;
		best = ns < best ? ns : best;
	}
	bridge_free(b);
	pool_free(pool);
	return best;
}

static double flood(unsigned ports, uint64_t frames)
{
	struct pool *pool = pool_new(1u << 26);
	struct bridge *b = make(pool, ports, false);
	uint8_t bytes[BATCH_MAX][LEN];
	struct frame f[BATCH_MAX];
	int64_t spent = 0;
	for (uint64_t done = 0; done < frames; done += BATCH_MAX) {
		for (unsigned i = 0; i < BATCH_MAX; i++) {
			write_frame(bytes[i], UINT64_C(0xffffffffffff), UINT64_C(0x02aa00000000));
			f[i] = (struct frame){ .data = bytes[i], .len = LEN };
		}
		int64_t t0 = clock_ns();
		bridge_rx(b, 1, f, BATCH_MAX, 1);
		spent += clock_ns() - t0;
	}
	bridge_free(b);
	pool_free(pool);
	return (double)spent / (double)frames / (ports - 1);
}

int main(void)
{
	static const uint64_t stations[] = { 1, 1000, 100000, 1000000 };
	printf("switch core alone, 60 B, batches of 64, one thread\n");
	for (unsigned i = 0; i < sizeof stations / sizeof *stations; i++)
		printf("  %8llu stations            %7.1f ns/frame\n",
		       (unsigned long long)stations[i], unicast(stations[i], false, 1 << 20));
	printf("  %8d stations, RSTP on   %7.1f ns/frame\n", 1000, unicast(1000, true, 1 << 20));
	printf("  flood to %4d ports           %7.1f ns/copy\n", 15, flood(16, 1 << 17));
	printf("  flood to %4d ports           %7.1f ns/copy\n", 255, flood(256, 1 << 13));
	printf("  flood to %4d ports           %7.1f ns/copy\n", 4094, flood(4095, 1 << 9));
	return taken ? 0 : 1;
}
