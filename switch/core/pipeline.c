/* SPDX-License-Identifier: MIT */
/* pipeline.c - a batch on its way through the bridge: the order of the stages, and what is done
 * with what they decide. A batch is one instant: learning for all, then forwarding. A traced
 * batch takes the same way, but what was decided is written down instead of done. */
#include "switch/core/pipeline.h"

#include "switch/core/rates.h"

#include <assert.h>

static uint64_t bit(unsigned i)
{
	return UINT64_C(1) << i;
}

static void drop_in(struct batch *t, unsigned i, enum drop_reason why)
{
	t->live &= ~bit(i);
	t->why[i] = (uint8_t)why;
	if (t->trace) {
		t->trace->dropped = why;
		return;
	}
	t->in->count.in_drops += t->f[i].segs;
	t->in->count.drops[why] += t->f[i].segs;
}

/* The frame is in stage `s` now. */
static void enter(struct batch *t, enum stage s)
{
	if (t->trace && t->live)
		t->trace->stage = s;
}

static void ingress(struct batch *t)
{
	enter(t, STAGE_INGRESS);
	for (unsigned i = 0; i < t->n; i++) {
		enum drop_reason r = ingress_decide(t->in, &t->f[i]);
		if (!t->trace) {
			t->in->count.rx_frames += t->f[i].segs;
			t->in->count.rx_bytes += gso_bytes(&t->f[i], t->f[i].len);
		}
		if (r != PASS)
			drop_in(t, i, r);
	}
}

static void control(struct batch *t)
{
	enter(t, STAGE_CONTROL);
	for (uint64_t m = t->live; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctzll(m);
		unsigned r = control_decide(t->b, t->in, &t->f[i]);
		if (r == TAKEN)
			control_act(t, i);
		else if (r != PASS)
			drop_in(t, i, r);
	}
}

static void classify(struct batch *t)
{
	enter(t, STAGE_VLAN);
	for (uint64_t m = t->live; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctzll(m);
		struct frame *f = &t->f[i];
		enum drop_reason r = t->b->cfg.hub ? PASS : vlan_classify(&t->in->cfg.vlan, f);
		if (r != PASS) {
			drop_in(t, i, r);
			continue;
		}
		unsigned fid = vlan_fid(&t->b->cfg.vlan, f->vid);
		t->dst[i] = fdb_key(mac_to_u64(f->mac), fid);
		t->src[i] = fdb_key(mac_to_u64(f->mac + ETH_ALEN), fid);
		fdb_prefetch(t->b->fdb, t->src[i]);
		fdb_prefetch(t->b->fdb, t->dst[i]);
	}
}

static void learn(struct batch *t)
{
	enter(t, STAGE_LEARN);
	uint64_t known = 0; /* the source just before, when there was nothing to learn */
	for (uint64_t m = t->live; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctzll(m);
		if (known && t->src[i] == known)
			continue;
		if (!learn_wanted(t->b, t->in, &t->f[i]))
			continue;
		struct fdb_meeting met;
		enum drop_reason r = learn_decide(t, i, &met);
		if (t->trace)
			trace_met(t, i, &met);
		else
			learn_act(t, i, &met);
		known = met.verdict == FDB_KNOWN ? t->src[i] : 0;
		if (r != PASS)
			drop_in(t, i, r);
	}
}

/* What a port that does not forward may have taught, it must not send on. 802.1Q-2018 8.6.1. */
static void gate(struct batch *t)
{
	if (t->in->open)
		return;
	enter(t, STAGE_TREE);
	for (uint64_t m = t->live; m; m &= m - 1)
		drop_in(t, (unsigned)__builtin_ctzll(m), DROP_STP_STATE);
}

static void leaves_by(struct batch *t, struct port *p, uint64_t frames)
{
	p->mask |= frames;
	portset_put(&t->b->touched, p->no, true);
}

static void forwarded(struct batch *t, uint64_t frames)
{
	if (t->trace)
		return;
	for (uint64_t m = frames; m; m &= m - 1)
		t->b->forwarded += t->f[__builtin_ctzll(m)].segs;
}

static void unicast(struct batch *t, unsigned i)
{
	struct port *out = t->b->port[t->to[i]];
	enum drop_reason r = egress_decide(t, out, &t->f[i]);
	forwarded(t, bit(i));
	if (r == PASS) {
		leaves_by(t, out, bit(i));
		return;
	}
	if (t->trace)
		return; /* trace_egress() asks again */
	t->b->copies += t->f[i].segs;
	drop_out(out, &t->f[i], r);
	t->refused |= bit(i);
	t->why[i] = (uint8_t)r;
}

/* Those of them that may go back to where they came from. */
static uint64_t reflected(const struct batch *t, uint64_t frames)
{
	uint64_t back = 0;
	if (t->in->cfg.reflect != REFLECT_ON)
		return 0;
	for (uint64_t m = frames; m; m &= m - 1)
		if (reflects(t->b, t->in, &t->f[__builtin_ctzll(m)]))
			back |= m & -m;
	return back;
}

/* Which of the frames, all of one VLAN, may leave by `out`. */
static uint64_t may_leave(const struct batch *t, const struct port *out, uint64_t frames)
{
	if (out == t->in)
		frames = reflected(t, frames);
	if (!frames)
		return 0;
	if (!out->each && !(frames & t->choosy)) /* what holds for one holds for all */
		return egress_decide(t, out, &t->f[__builtin_ctzll(frames)]) == PASS ? frames : 0;
	uint64_t ok = 0;
	for (uint64_t m = frames; m; m &= m - 1)
		if (egress_decide(t, out, &t->f[__builtin_ctzll(m)]) == PASS)
			ok |= m & -m;
	return ok;
}

/* All frames of one VLAN that nobody owns are offered to the same ports. */
static void flood(struct batch *t, uint64_t frames, unsigned vid)
{
	struct bridge *b = t->b;
	const uint64_t *named = members_of(b, vid);
	uint64_t heard = 0;
	for (unsigned w = 0; w < b->exist.words; w++) {
		uint64_t ports = b->open.word[w];
		if (!b->cfg.hub)
			ports &= b->everywhere.word[w] | (named ? named[w] : 0);
		for (; ports; ports &= ports - 1) {
			struct port *out = b->port[w << 6 | (unsigned)__builtin_ctzll(ports)];
			uint64_t leave = may_leave(t, out, frames);
			if (leave)
				leaves_by(t, out, leave);
			heard |= leave;
		}
	}
	forwarded(t, heard);
	for (uint64_t m = frames & ~heard; m; m &= m - 1)
		drop_in(t, (unsigned)__builtin_ctzll(m),
			m & -m & t->choosy ? DROP_VEPA : DROP_NO_DESTINATION);
}

/* At an edge relay the uplink and the owners of addresses say where to. */
static void vepa(struct batch *t)
{
	if (!t->b->cfg.vepa.uplink)
		return;
	for (uint64_t m = t->live; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctzll(m);
		if (!vepa_rules(t, i))
			continue;
		enter(t, STAGE_VEPA);
		if (t->trace)
			t->trace->vepa = true;
		t->ruled |= bit(i);
		enum drop_reason r = vepa_decide(t, i);
		if (r != PASS)
			drop_in(t, i, r);
	}
}

/* The frame before went to the same address, and there to its owner: so does this one. */
static bool follows(const struct batch *t, unsigned i, unsigned before)
{
	return before < BATCH_MAX && t->dst[i] == t->dst[before] && t->to[before] != TO_FLOOD &&
	       t->to[before] != t->in->no && !t->trace;
}

static void forward(struct batch *t)
{
	enter(t, STAGE_FORWARD);
	uint64_t floods = 0;
	unsigned before = BATCH_MAX; /* none */
	for (uint64_t m = t->live; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctzll(m);
		enum drop_reason r = PASS;
		if (t->ruled & bit(i)) {
			before = BATCH_MAX;
		} else if (follows(t, i, before)) {
			t->to[i] = t->to[before];
		} else {
			r = forward_decide(t, i, &t->to[i]);
			before = r == PASS ? i : BATCH_MAX;
		}
		if (r != PASS)
			drop_in(t, i, r);
		else if (t->to[i] == TO_FLOOD)
			floods |= bit(i);
		else
			unicast(t, i);
	}
	while (floods) {
		unsigned vid = t->f[__builtin_ctzll(floods)].vid;
		uint64_t same = 0;
		for (uint64_t m = floods; m; m &= m - 1)
			if (t->f[__builtin_ctzll(m)].vid == vid)
				same |= m & -m;
		flood(t, same, vid);
		floods &= ~same;
	}
}

static void decide(struct batch *t)
{
	t->live = ~UINT64_C(0) >> (BATCH_MAX - t->n);
	t->ruled = t->choosy = t->unowned = 0;
	ingress(t);
	t->whole = t->live;
	control(t);
	classify(t);
	t->classified = t->live;
	fdb_begin(t->b->fdb, t->now);
	learn(t);
	gate(t);
	vepa(t);
	forward(t);
}

void bridge_rx(struct bridge *b, unsigned port, struct frame *f, unsigned n, int64_t now)
{
	assert(n <= BATCH_MAX);
	if (!n)
		return;
	struct batch t;
	t.b = b;
	t.in = bridge_port(b, port);
	assert(t.in);
	t.f = f;
	t.n = n;
	t.now = now;
	t.trace = NULL;
	t.kept = 0;
	t.refused = 0;
	t.shut = false;
	decide(&t);
	if (b->tapped)
		tap_in(&t);
	mirror_act(&t);
	egress_act(&t);
	if (t.shut)
		port_shut(b, t.in, "limit", now);
	bridge_fdb_changed(b);
	if (!b->rates.runs)
		rates_start(b, now);
	b->gen[BRIDGE_GEN_TRAFFIC]++;
}

void bridge_trace(struct bridge *b, unsigned port, struct frame *f, int64_t now,
		  struct trace *trace)
{
	struct batch t = {
		.b = b, .in = bridge_port(b, port), .f = f, .n = 1, .now = now, .trace = trace
	};
	assert(t.in);
	trace->dropped = PASS;
	trace->met.verdict = FDB_KNOWN;
	trace->learned = trace->vepa = false;
	trace->to = TO_FLOOD;
	decide(&t);
	if (t.live)
		trace->to = t.to[0];
	trace_egress(&t);
	bridge_fdb_changed(b);
}
