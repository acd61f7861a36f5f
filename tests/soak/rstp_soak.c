/* SPDX-License-Identifier: MIT */
/* rstp_soak.c - spanning trees through everything that can befall a network, in virtual time: each
 * single failure in rings, a grid, a mesh and random graphs; random plans of faults; a day of
 * flaps. Prints figures. Exit 0: every run ended as one tree, no loop outlived 2 x Max Age, and
 * rings heal in time; 1: not so; 2: misuse.
 *
 * What was known before. Pustylnik, Zafirovic-Vukotic and Moore (2007): about 100 ms for a ring of
 * 20, more when the root dies. Myers, Ng and Zhang (2004), Elmeleegy, Cox and Ng (2006): counting
 * to infinity takes tens of seconds even in a small network, with a forwarding loop meanwhile.
 * Deaths of bridges and splits below show how long it takes here; loops, that there are none
 * meanwhile. */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>

#include "tests/unit/bridge/rstp_plan.h"

enum { RANDOM_GRAPHS = 20, NETWORKS = 20, FAULTS = 40 };
#define LOOP_MAX SEC(40)  /* 2 x MaxAge */
#define CUT_MAX MS(50)    /* how long a ring may be split by a cut */
#define SILENT_MAX SEC(6) /* by a cable that dies silently: three hellos, */
#define WAY_MAX MS(50)    /* and what BPDUs need for their way */

static const char usage[] =
	"usage: rstp_soak single         each single failure in networks of many shapes\n"
	"       rstp_soak plans A..B     random plans of faults by seed, each on 20 networks\n"
	"       rstp_soak day            a day of flaps: nothing may be left of it\n";

struct sum {
	unsigned runs, bad;
	int64_t worst, *each;
};

static double s_of(int64_t ns)
{
	return (double)ns / 1e9;
}

static int by_size(const void *a, const void *b)
{
	int64_t x, y;
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x < y ? -1 : x > y;
}

static void add(struct sum *s, int64_t v)
{
	if (s->runs % 1024 == 0) {
		s->each = realloc(s->each, (s->runs + 1024) * sizeof *s->each);
		assert(s->each);
	}
	s->each[s->runs++] = v;
	if (v > s->worst)
		s->worst = v;
}

static void print(const char *what, struct sum *s)
{
	if (!s->runs)
		return;
	qsort(s->each, s->runs, sizeof *s->each, by_size);
	printf("%-36s %6u runs  median %9.6f  p95 %9.6f  worst %9.6f s%s\n", what, s->runs,
	       s_of(s->each[s->runs / 2]), s_of(s->each[s->runs - 1 - s->runs / 20]),
	       s_of(s->worst), s->bad ? "  NOT ALL CONVERGED" : "");
	free(s->each);
}

/* ---- single failures ---- */
static bool is_tree(const struct net *n, int expected)
{
	int parts, could;
	bool loops = net_loops(n, &parts) > 0;
	net_joined(n, &could, net_usable);
	return !loops && parts == could && parts == expected;
}

/* One network, settled; `fail` breaks something; back to what it was after. */
static void one_failure(struct plan_net *p, struct sum *s, int expected,
			void (*fail)(struct plan_net *, int, unsigned), int bridge, unsigned port)
{
	struct net *n = p->n;
	net_run(n, n->now + SEC(20) + (int64_t)plan_draw(p, SEC(2))); /* anywhere between hellos */
	bool good = is_tree(n, 1);
	n->split = (struct net_spell){ 0 };
	fail(p, bridge, port);
	net_run(n, n->now + SEC(60));
	good = good && is_tree(n, expected);
	add(s, n->split.longest);
	s->bad += !good;
	plan_heal(p);
}

static void cut(struct plan_net *p, int bridge, unsigned port)
{
	net_link_up(p->n, bridge, port, false);
}

static void deaden(struct plan_net *p, int bridge, unsigned port) /* silent, both ways */
{
	struct net_end *e = &p->n->peer[bridge][port];
	e->deaf = p->n->peer[e->bridge][e->port].deaf = true;
	p->n->moved = true;
}

static void death(struct plan_net *p, int bridge, unsigned port)
{
	(void)port;
	plan_kill(p, bridge);
}

static void all_failures(enum shape shape, int size, uint64_t seed, struct sum s[static 3],
			 int64_t *loops)
{
	struct plan_net p;
	plan_build(&p, shape, size, seed);
	for (int i = 0; i < p.n->bridges; i++) {
		for (unsigned q = 1; q <= p.used[i]; q++)
			if (p.n->peer[i][q].bridge > i) {
				one_failure(&p, &s[0], 1, cut, i, q);
				one_failure(&p, &s[1], 1, deaden, i, q);
			}
		one_failure(&p, &s[2], 2, death, i, 0);
	}
	if (net_total(&p.n->loops, p.n->now) > *loops)
		*loops = net_total(&p.n->loops, p.n->now);
	net_free(p.n);
}

static unsigned report(const char *name, struct sum s[static 3])
{
	static const char *const what[3] = { "cut", "silent failure", "death of a bridge" };
	char words[64];
	unsigned bad = 0;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(words, sizeof words, "%s: %s", name, what[i]);
		bad += s[i].bad;
		print(words, &s[i]);
	}
	return bad;
}

/* The networks are joined by delays of 1 us, or up to 5 ms where they are random. */
static int single(void)
{
	struct sum ring[3] = { 0 }, grid[3] = { 0 }, mesh[3] = { 0 }, random[3] = { 0 };
	int64_t loops = 0;
	for (int size = 3; size <= 20; size++)
		all_failures(RING, size, 0, ring, &loops);
	all_failures(GRID, 6, 0, grid, &loops);
	all_failures(MESH, 8, 0, mesh, &loops);
	for (uint64_t g = 0; g < RANDOM_GRAPHS; g++)
		all_failures(RANDOM, 6 + (int)g, g, random, &loops);
	bool in_time = ring[0].worst <= CUT_MAX && ring[1].worst <= SILENT_MAX + WAY_MAX;
	unsigned bad = report("rings 3..20", ring) + report("grid 6x6", grid) +
		       report("mesh 8", mesh) + report("random graphs", random);
	printf("%-36s %.6f s\n", "most time with a loop, of a network", s_of(loops));
	return bad || !in_time || loops > LOOP_MAX ? 1 : 0;
}

/* ---- random plans ---- */
struct totals {
	struct sum loop, split, converged;
	uint64_t bpdus;
	int64_t longest;
	unsigned bad;
};

/* The i-th of the networks: each shape in five sizes. */
static void build(struct plan_net *p, uint64_t seed, int i)
{
	static const struct {
		int first, step;
	} sizes[SHAPES] = {
		[RING] = { 3, 4 }, [GRID] = { 2, 1 }, [MESH] = { 4, 1 }, [RANDOM] = { 3, 4 }
	};
	enum shape shape = (enum shape)(i % SHAPES);
	plan_build(p, shape, sizes[shape].first + sizes[shape].step * (i / SHAPES),
		   seed * NETWORKS + (uint64_t)i);
}

static void one_plan(struct totals *t, uint64_t seed, int i, enum plan_kind kind)
{
	struct plan_net p;
	build(&p, seed, i);
	struct plan_figures f = plan_run(&p, FAULTS, SEC(4), kind);
	add(&t->loop, f.loop);
	add(&t->split, f.split_longest);
	add(&t->converged, f.converged);
	t->bpdus += f.bpdus;
	t->longest = f.loop_longest > t->longest ? f.loop_longest : t->longest;
	if (!f.loops_at_end && f.parts == 1 && f.loop_longest <= LOOP_MAX)
		return;
	printf("seed %" PRIu64 " network %d (%s): %d loops, %d parts, a loop for %.3f s\n", seed, i,
	       shape_names[i % SHAPES], f.loops_at_end, f.parts, s_of(f.loop_longest));
	t->bad++;
}

static unsigned all_plans(const char *name, uint64_t from, uint64_t to, enum plan_kind kind)
{
	struct totals t = { 0 };
	unsigned looped = 0;
	for (uint64_t seed = from; seed <= to; seed++)
		for (int i = 0; i < NETWORKS; i++)
			one_plan(&t, seed, i, kind);
	unsigned runs = t.loop.runs;
	for (unsigned i = 0; i < runs; i++)
		looped += t.loop.each[i] > 0;
	printf("%s: %u runs of %d faults, %" PRIu64 " BPDUs each, %u did not end as one tree\n",
	       name, runs, FAULTS, t.bpdus / runs, t.bad);
	printf("  runs with a loop at any instant: %u; the longest loop %.6f s\n", looped,
	       s_of(t.longest));
	print("  time with a loop, of a run", &t.loop);
	if (kind != PLAN_ONE_WAY) /* no tree can heal a link that hears and is not heard */
		print("  longest split, of a run", &t.split);
	print("  from the last healing to rest", &t.converged);
	return t.bad;
}

static int plans(uint64_t from, uint64_t to)
{
	unsigned bad = all_plans("faults that the switches notice", from, to, PLAN_NOTICED) +
		       all_plans("and cables that die silently", from, to, PLAN_SILENT) +
		       all_plans("and ends that go deaf", from, to, PLAN_ONE_WAY);
	return bad ? 1 : 0;
}

/* ---- a day ---- */
static size_t in_use(void)
{
	return mallinfo2().uordblks;
}

static void flap_for(struct plan_net *p, int64_t until)
{
	while (p->n->now < until) {
		int bridge = (int)plan_draw(p, (uint64_t)p->n->bridges);
		unsigned port = 1 + (unsigned)plan_draw(p, p->used[bridge]);
		net_link_up(p->n, bridge, port, false);
		net_run(p->n, p->n->now + (int64_t)plan_draw(p, SEC(2)));
		net_link_up(p->n, bridge, port, true);
		net_run(p->n, p->n->now + (int64_t)plan_draw(p, SEC(20)));
	}
}

static int day(void)
{
	struct plan_net p;
	plan_build(&p, RANDOM, 20, 1);
	flap_for(&p, SEC(3600));
	size_t hour = in_use();
	flap_for(&p, SEC(86400));
	size_t evening = in_use();
	net_run(p.n, p.n->now + SEC(60));
	bool tree = is_tree(p.n, 1);
	unsigned timers = 0;
	for (int i = 0; i < p.n->bridges; i++) {
		for (unsigned q = 1; q <= p.used[i]; q++)
			rstp_port_remove(p.n->b[i].r, q, p.n->now);
		timers += rstp_next(p.n->b[i].r) != TIME_NEVER;
	}
	printf("a day of flaps on 20 bridges: %" PRIu64
	       " BPDUs, a loop for %.3f s; memory %zu bytes after an "
	       "hour, %zu after the day; timers left: %u\n",
	       p.n->sent, s_of(net_total(&p.n->loops, p.n->now)), hour, evening, timers);
	net_free(p.n);
	return tree && !timers && evening == hour ? 0 : 1;
}

int main(int argc, char **argv)
{
	uint64_t from, to;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "single"))
		return single();
	if (argc == 2 && !strcmp(argv[1], "day"))
		return day();
	if (argc == 3 && !strcmp(argv[1], "plans") &&
	    sscanf(argv[2], "%" SCNu64 "..%" SCNu64, &from, &to) == 2 && from <= to)
		return plans(from, to);
	fputs(usage, stderr);
	return 2;
}
