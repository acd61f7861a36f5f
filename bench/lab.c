/* SPDX-License-Identifier: MIT */
/* lab.c - the lab in virtual time: frame-hops a second through the full switch core, how fast an
 * idle network with a spanning tree goes by, how long a big lab takes to stand and how much memory
 * its parts take. Prints a table: figure, and what is to be reached. One thread. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "lab/world.h"
#include "lib/base/units.h"
#include "switch/core/bridge.h"

static volatile sig_atomic_t stop;

static double clock_s(void) /* of one processor: others may be at work beside us */
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(int r, const struct err *e)
{
	if (r >= 0)
		return;
	fprintf(stderr, "lab: %s\n", e->text);
	exit(3);
}

/* ---- labs ---- */

static unsigned add_switch(struct plan *p, unsigned n, bool rstp)
{
	struct err e = { "" };
	char name[32];
	snprintf(name, sizeof name, "s%u", n);
	int r = plan_add_node(p, NODE_SWITCH, name, &e);
	must(r, &e);
	if (rstp)
		must(words_add(&p->nodes[r].lines, "rstp/set enabled=yes"), &e);
	return (unsigned)r;
}

static unsigned add_station(struct plan *p, unsigned n, unsigned sw)
{
	struct err e = { "" };
	char name[32];
	snprintf(name, sizeof name, "h%u", n);
	int r = plan_add_node(p, NODE_STATION, name, &e);
	must(r, &e);
	must(plan_take_port(p, sw, name, NULL, &p->nodes[r].plug, &e), &e);
	return (unsigned)r;
}

static void add_cable(struct plan *p, unsigned a, unsigned b)
{
	struct err e = { "" };
	must(plan_add_cable(p, a, b, NULL, NULL, NULL, &e), &e);
}

static struct world *stand(struct plan *p, struct world_setup *setup)
{
	struct world *w;
	struct err e = { "" };
	p->frozen = true;
	*setup = (struct world_setup){ .plan = p, .seed = 1, .stop = &stop };
	must(world_sim.open(&w, setup, &e), &e);
	return w;
}

static void run_to(struct world *w, int64_t until)
{
	struct err e = { "" };
	int r;
	while ((r = w->ops->step(w, until, &e)) > 0)
		;
	must(r, &e);
}

/* ---- figures ---- */

static void row(const char *what, const char *figure, const char *wanted)
{
	printf("%-44s %16s   %s\n", what, figure, wanted);
}

/* A line of switches, a flow from end to end as fast as its cables carry; each switch is a hop. */
static void frame_hops(void)
{
	enum { SWITCHES = 5, FRAMES = 400000 };
	struct plan p;
	struct world_setup setup;
	struct err e = { "" };
	char text[40];
	plan_init(&p, "hops");
	unsigned s[SWITCHES];
	for (unsigned i = 0; i < SWITCHES; i++) {
		s[i] = add_switch(&p, i + 1, true);
		if (i)
			add_cable(&p, s[i - 1], s[i]);
	}
	unsigned a = add_station(&p, 1, s[0]), b = add_station(&p, 2, s[SWITCHES - 1]);
	struct world *w = stand(&p, &setup);
	run_to(w, 5 * NS_PER_SEC);
	struct request r = { .verb = VERB_FLOW,
			     .who.index = a,
			     .to = b,
			     .flow = {
				     .interval_ns = 10 * NS_PER_US, .size = 64, .count = FRAMES } };
	struct call *c = w->ops->start(w, &r);
	double began = clock_s();
	run_to(w, 5 * NS_PER_SEC + FRAMES * 10 * NS_PER_US + NS_PER_SEC);
	double took = clock_s() - began;
	struct request q = { .verb = VERB_ACCOUNT, .who.index = a, .of = c };
	struct call *account = w->ops->start(w, &q);
	if (account->flow.account.received != FRAMES)
		must(-1, (err_set(&e, -1, "%llu frames came",
				  (unsigned long long)account->flow.account.received),
			  &e));
	w->ops->call_end(w, account);
	w->ops->call_end(w, c);
	w->ops->free(w);
	plan_fini(&p);
	snprintf(text, sizeof text, "%.2f M/s", FRAMES * (double)SWITCHES / took * 1e-6);
	row("frame-hops through the switch core", text, ">= 1 M/s");
}

/* 10 by 10, RSTP on, an hour of nothing else. */
static void idle_grid(void)
{
	enum { SIDE = 10 };
	struct plan p;
	struct world_setup setup;
	char text[40];
	plan_init(&p, "grid");
	for (unsigned i = 0; i < SIDE * SIDE; i++) {
		add_switch(&p, i + 1, true);
		if (i % SIDE)
			add_cable(&p, i - 1, i);
		if (i >= SIDE)
			add_cable(&p, i - SIDE, i);
	}
	struct world *w = stand(&p, &setup);
	run_to(w, 60 * NS_PER_SEC);
	double began = clock_s();
	run_to(w, (60 + 3600) * NS_PER_SEC);
	double took = clock_s() - began;
	w->ops->free(w);
	plan_fini(&p);
	snprintf(text, sizeof text, "%.0f x", 3600 / took);
	row("idle RSTP grid of 100 switches, real time", text, ">= 3600 x");
}

/* A tree of switches with 8 ports, `each` stations at each. */
static struct world *forest(struct plan *p, struct world_setup *setup, unsigned switches,
			    unsigned each)
{
	plan_init(p, "forest");
	for (unsigned i = 0; i < switches; i++)
		add_switch(p, i + 1, false);
	for (unsigned i = 1; i < switches; i++)
		add_cable(p, (i - 1) / 4, i);
	for (unsigned i = 0; i < switches * each; i++)
		add_station(p, i + 1, i / each);
	return stand(p, setup);
}

static void big_lab(void)
{
	struct plan p;
	struct world_setup setup;
	struct rusage u;
	char text[40];
	double began = clock_s();
	struct world *w = forest(&p, &setup, 1000, 10);
	double took = clock_s() - began;
	getrusage(RUSAGE_SELF, &u);
	snprintf(text, sizeof text, "%.2f s", took);
	row("1,000 switches and 10,000 stations stand", text, "< 1 s");
	snprintf(text, sizeof text, "%.0f MB", (double)u.ru_maxrss / 1024);
	row("  memory of the process at most", text, "< 1 GB");
	w->ops->free(w);
	plan_fini(&p);
}

static size_t in_use(void)
{
	struct mallinfo2 m = mallinfo2();
	return m.uordblks + m.hblkhd;
}

static unsigned take(void *ctx, unsigned port, const struct txv *v, unsigned n)
{
	(void)ctx, (void)port, (void)v;
	return n;
}

static unsigned station_takes(void *ctx, const struct txv *v, unsigned n)
{
	return take(ctx, 0, v, n);
}

static void kib(const char *what, size_t bytes, const char *wanted)
{
	char text[40];
	snprintf(text, sizeof text, "%.1f KiB", (double)bytes / 1024);
	row(what, text, wanted);
}

/* The cores alone, the mean of many; all ports of a switch are up. */
static void memory(void)
{
	enum { N = 256, PORTS = 8 };
	static const struct bridge_host bridge_host = { .tx = take };
	static const struct station_host station_host = { .tx = station_takes };
	static struct station *stations[N];
	static struct bridge *bridges[N];
	struct pool *pool = pool_new(1 << 26);
	struct bridge_config c;
	struct port_config port;
	bridge_config_default(&c);
	port_config_default(&port);
	c.numports = PORTS;
	size_t before = in_use();
	for (unsigned i = 0; i < N; i++) {
		struct station_config h = { .mac = { 2 }, .ip = i + 1, .prefix = 8 };
		stations[i] = station_new(&h, &station_host, NULL, pool, 0);
		station_link(stations[i], true, 0);
	}
	kib("an idle station", (in_use() - before) / N, "<= 4 KiB");
	before = in_use();
	for (unsigned i = 0; i < N; i++) {
		bridges[i] = bridge_new(&c, &bridge_host, NULL, pool, 0);
		for (unsigned p = 1; p <= PORTS; p++) {
			struct err e = { "" };
			must(bridge_port_apply(bridges[i], p, &port, 0, &e), &e);
			bridge_link(bridges[i], p, true, NULL, 0);
		}
	}
	kib("an idle switch of 8 ports", (in_use() - before) / N, "<= 64 KiB");
	for (unsigned i = 0; i < N; i++) {
		station_free(stations[i]);
		bridge_free(bridges[i]);
	}
	pool_free(pool);
}

/* In a lab, with the wires between them: what one station more at each switch takes. */
static void memory_in_a_lab(void)
{
	enum { N = 200 };
	size_t used[2];
	for (unsigned i = 0; i < 2; i++) {
		struct plan p;
		struct world_setup setup;
		struct world *w = forest(&p, &setup, N, 1 + i);
		run_to(w, 10 * NS_PER_SEC);
		used[i] = in_use();
		w->ops->free(w);
		used[i] -= in_use();
		plan_fini(&p);
	}
	kib("  with its plug, its port and its addresses", (used[1] - used[0]) / N, "");
}

int main(void)
{
	memory();
	memory_in_a_lab();
	big_lab();
	idle_grid();
	frame_hops();
	return 0;
}
