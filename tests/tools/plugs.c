/* SPDX-License-Identifier: MIT */
/* plugs - many plugs of one switch in one process.
 *
 *   plugs COUNT LOCATOR
 *
 * Says "ready" once all are up. For each byte on stdin the first one sends a frame to all, and
 * "heard N" is said once every other one has it. At the end of stdin it leaves. 0; 1: a plug was
 * refused or lost; 3: no such thing can be opened here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/io/ep.h"

enum { PLUGS_MAX = 65535 };

struct plugs {
	struct loop *loop;
	struct watch in;
	struct ep **v;
	unsigned count, up, heard;
	const char *locator;
};

static void tell(const char *words, unsigned n)
{
	printf(n ? "%s %u\n" : "%s\n", words, n);
	fflush(stdout);
}

static void readable(void *ctx, struct ep *e)
{
	struct plugs *p = ctx;
	struct frame f[BATCH_MAX];
	unsigned n = ep_rx(e, f, BATCH_MAX);
	if (n)
		ep_rx_done(e);
	p->heard += n;
	if (n && p->heard == p->count - 1)
		tell("heard", p->heard);
}

static void open_next(struct plugs *p);

static void up(void *ctx, struct ep *e)
{
	struct plugs *p = ctx;
	(void)e;
	if (++p->up == p->count)
		tell("ready", 0);
	else
		open_next(p);
}

static void closed(void *ctx, struct ep *e, const char *reason)
{
	struct plugs *p = ctx;
	(void)e;
	fprintf(stderr, "plug %u of %u: %s\n", p->up, p->count, reason);
	loop_stop(p->loop, -ECONNREFUSED);
}

/* One after the other: the switch hands out ports in this order. */
static void open_next(struct plugs *p)
{
	static const struct ep_host host = { .readable = readable, .up = up, .closed = closed };
	struct err err = { "" };
	while (p->up < p->count) {
		unsigned i = p->up;
		if (ep_open(&p->v[i], p->loop, p->locator, &host, p, NULL, &err) < 0) {
			fprintf(stderr, "plug %u: %s\n", i, err.text);
			loop_stop(p->loop, -EIO);
			return;
		}
		if (!p->v[i]->is_up)
			return;
		p->up++;
	}
	tell("ready", 0);
}

static void call_all(struct plugs *p)
{
	static const uint8_t bytes[60] = { 255, 255, 255, 255, 255, 255,  2,
					   0,   0,   0,   0,   1,   0x88, 0xb5 };
	struct frame f = frame_over(bytes, sizeof bytes, NULL);
	struct txv v = txv_plain(&f);
	p->heard = 0;
	ep_tx(p->v[0], &v, 1);
}

static void input(struct watch *w, uint32_t events)
{
	struct plugs *p = container_of(w, struct plugs, in);
	char byte;
	(void)events;
	if (read(w->fd, &byte, 1) == 1)
		call_all(p);
	else
		loop_stop(p->loop, 0);
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct plugs p = { .count = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0 };
	if (p.count < 2 || p.count > PLUGS_MAX)
		return 3;
	p.locator = argv[2];
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	p.loop = loop_new();
	p.v = calloc(p.count, sizeof(struct ep *));
	int r = -EIO;
	if (p.loop && p.v && loop_add(p.loop, &p.in, STDIN_FILENO, EPOLLIN, input) == 0) {
		open_next(&p);
		r = loop_run(p.loop);
	}
	for (unsigned i = 0; i < p.count && p.v; i++)
		ep_close(p.v[i]);
	loop_del(&p.in);
	loop_free(p.loop);
	free(p.v);
	return r == -EIO ? 3 : r != 0;
}
