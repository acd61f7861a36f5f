/* SPDX-License-Identifier: MIT */
/* wire.c - the wire itself: frames in, time, and what befalls the whole cable (cut, hold, link). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/core/files.h"
#include "wire/core/markov.h"
#include "wire/core/side.h"

static void name_streams(struct side *s)
{
	const struct wire_config *c = &s->w->config;
	for (unsigned i = 0; i < STAGES; i++) {
		char name[sizeof c->name + 32];
		snprintf(name, sizeof name, "%s/%s/%s", c->name, s->dir == WIRE_AB ? "ab" : "ba",
			 stage_at(i)->name);
		s->stream[i] = stream_of(c->seed, name);
	}
}

/* The laws of the chain's nodes under this configuration, ahead of all changes. */
static int reserve_moves(const struct wire_config *c, struct wire_law (**out)[WIRE_DIRS])
{
	const struct wire_markov *m = c->law[WIRE_AB].markov;
	*out = NULL;
	if (!m)
		return 0;
	struct wire_law(*law)[WIRE_DIRS] = calloc(m->count, sizeof *law);
	if (!law)
		return -ENOMEM;
	for (unsigned i = 0; i < m->count; i++)
		markov_laws(m, i, c, law[i]);
	*out = law;
	return 0;
}

/* All tables that the configuration in force refers to, its nodes' too. */
static void count_tables(const struct wire *w, void (*count)(const struct wire_law *law))
{
	const struct moves *m = &w->moves;
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		count(&w->config.law[d]);
		for (unsigned i = 0; m->law && i < m->chain->count; i++)
			count(&m->law[i][d]);
	}
}

/* The law in force: the configured one, or that of the node it moved to. */
static void enter_law(struct wire *w)
{
	struct moves *m = &w->moves;
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		w->side[d].law = m->chain ? &m->law[m->node][d] : &w->config.law[d];
		if (!w->side[d].law->trace) /* the next one begins anew */
			w->side[d].opportunity.of = NULL;
		side_route(&w->side[d]);
	}
}

/* A chain that was edited goes on where it was: in the node of the same name, in step. */
static void follow(struct moves *m, const struct wire_markov *chain, int64_t now)
{
	const struct wire_markov *old = m->chain;
	unsigned node = 0;
	if (chain == old)
		return;
	for (unsigned i = 0; chain && old && i < chain->count; i++)
		if (strcmp(chain->node[i].name, old->node[m->node].name) == 0)
			node = i;
	m->chain = chain;
	m->node = node;
	if (chain && old && chain->period_ns == old->period_ns)
		return;
	m->begun_ns = now;
	m->steps = 0;
}

static void configure(struct wire *w, const struct wire_config *c,
		      struct wire_law (*law)[WIRE_DIRS], int64_t now)
{
	struct moves *m = &w->moves;
	char name[sizeof c->name + 32];
	/* The new tables are held before the old ones are dropped: some are the same. */
	struct wire_law(*old)[WIRE_DIRS] = m->law;
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		files_hold(&c->law[d]);
	for (unsigned i = 0; law && i < c->law[WIRE_AB].markov->count; i++)
		for (unsigned d = 0; d < WIRE_DIRS; d++)
			files_hold(&law[i][d]);
	count_tables(w, files_drop);
	free(old);
	w->config = *c;
	w->applied_at = now;
	m->law = law;
	follow(m, c->law[WIRE_AB].markov, now);
	snprintf(name, sizeof name, "%s/markov", c->name);
	m->stream = stream_of(c->seed, name);
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		name_streams(&w->side[d]);
	enter_law(w);
}

struct wire *wire_new(const struct wire_config *c, const struct wire_host *host, void *ctx,
		      struct pool *pool, int64_t now)
{
	struct wire *w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->host = *host;
	w->ctx = ctx;
	w->pool = pool;
	w->released_at = now;
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		w->side[d].w = w;
		w->side[d].dir = d;
		w->present[d] = w->carrier[d] = true;
	}
	struct wire_law(*law)[WIRE_DIRS];
	if (reserve_moves(c, &law) < 0) {
		free(w);
		return NULL;
	}
	configure(w, c, law, now);
	return w;
}

static void flush_all(struct side *s, enum drop_reason why)
{
	for (unsigned i = 0; i < STAGES; i++)
		if (stage_at(i)->flush)
			stage_at(i)->flush(s, why);
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	w->tapped = false;
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		flush_all(&w->side[d], DROP_DOWN);
	nodes_free(w);
	count_tables(w, files_drop);
	free(w->moves.law);
	free(w);
}

const struct wire_config *wire_config(const struct wire *w)
{
	return &w->config;
}

/* Lets go all that is due: each stage in turn, so that what one passes on the next may still send.
 */
static void settle(struct run *r)
{
	for (const struct stage *const *at = r->s->path; *at; at++)
		if ((*at)->tick)
			(*at)->tick(r, at);
	if (r->s->leaving)
		side_route(r->s);
}

static void emit(struct wire *w, enum event_kind kind, int64_t now, const char *text)
{
	if (w->wanted & event_bit(kind) && w->host.event)
		w->host.event(w->ctx, &(struct event){ .kind = kind,
						       .at = now,
						       .name = w->config.name,
						       .text = text });
}

static void tell_carrier(struct wire *w)
{
	for (unsigned end = 0; end < 2; end++) {
		bool on = w->present[!end] && !(w->cut && !w->silent);
		if (on == w->carrier[end])
			continue;
		w->carrier[end] = on;
		if (w->host.carrier)
			w->host.carrier(w->ctx, end, on);
	}
}

int wire_apply(struct wire *w, const struct wire_config *c, int64_t now)
{
	struct wire_law(*law)[WIRE_DIRS];
	int r = reserve_moves(c, &law);
	if (r < 0)
		return r;
	configure(w, c, law, now);
	w->generation++;
	emit(w, EVENT_CONFIG, now, NULL);
	return 0;
}

static void run_side(struct side *s, int64_t now)
{
	struct run r;
	s->w->now = now;
	r.s = s;
	r.now = now;
	r.count = 0;
	settle(&r);
	run_flush(&r);
}

static int64_t next_move(const struct wire *w)
{
	const struct moves *m = &w->moves;
	return m->chain ? m->begun_ns + (int64_t)(m->steps + 1) * m->chain->period_ns : TIME_NEVER;
}

/* What was due before leaves under the old law. */
static void move_to(struct wire *w, unsigned to, int64_t at)
{
	struct moves *m = &w->moves;
	char words[2 * MARKOV_NAME_LEN + 16];
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		run_side(&w->side[d], at);
	snprintf(words, sizeof words, "markov %s -> %s", m->chain->node[m->node].name,
		 m->chain->node[to].name);
	struct event ev = { EVENT_CONFIG, at, to, m->node, 0, { 0 }, w->config.name, words };
	m->node = to;
	enter_law(w);
	w->generation++;
	if (w->wanted & event_bit(EVENT_CONFIG) && w->host.event)
		w->host.event(w->ctx, &ev);
}

/* Steps of the chain up to now. */
static void move(struct wire *w, int64_t now)
{
	struct moves *m = &w->moves;
	int64_t due = m->chain ? (now - m->begun_ns) / m->chain->period_ns : 0;
	if (due - (int64_t)m->steps > MARKOV_CATCH_UP)
		m->steps = (uint64_t)(due - MARKOV_CATCH_UP);
	for (int64_t at; (at = next_move(w)) <= now;) {
		unsigned to = markov_step(m->chain, m->node, draw(m->stream, ++m->steps, 0));
		if (to != m->node)
			move_to(w, to, at);
	}
}

int wire_set_node(struct wire *w, unsigned node, int64_t now)
{
	const struct wire_markov *chain = w->moves.chain;
	if (!chain || node >= chain->count)
		return -EINVAL;
	move(w, now);
	if (node != w->moves.node)
		move_to(w, node, now);
	return 0;
}

/* Nothing to decide, nothing before it: the frames leave as they came, in one batch, not copied. */
static bool pass_straight(struct side *s, struct frame *f, unsigned n, int64_t now)
{
	struct wire *w = s->w;
	struct txv v[BATCH_MAX];
	if (!s->straight || s->line.count || s->blocked || w->hold || !w->present[!s->dir])
		return false;
	for (unsigned i = 0; i < n; i++) {
		f[i].rx_ns = now;
		v[i] = txv_plain(&f[i]);
	}
	unsigned taken = w->host.tx(w->ctx, s->dir, v, n);
	assert(taken <= n);
	for (unsigned i = 0; i < taken; i++) {
		meter_delivered(s, &f[i], now, now);
		if (w->tapped)
			pass_tap(s, &(struct pass){ .f = f[i], .in_ns = now }, DROP_REASONS);
	}
	s->last_due = now;
	for (unsigned i = taken; i < n; i++) {
		struct node *k = pass_keep(
			s, &(struct pass){
				   .f = f[i], .in_ns = now, .due = now, .seq = s->next_seq++ });
		if (k)
			line_add(&s->line, k);
	}
	s->blocked = taken < n;
	return true;
}

/* Ordinals run on and chains step whatever becomes of the frame: fates stay comparable. */
static void begin(struct side *s, struct pass *p)
{
	bool reserved = mac_is_reserved(p->f.mac);
	struct lane *l = &s->lane[reserved];
	p->n = l->ordinal | (uint64_t)reserved << 63;
	l->ordinal += p->f.segs;
	for (const struct stage *const *b = s->begin; *b; b++)
		(*b)->begin(s, l, p);
}

static void enter(struct run *r, struct frame *f, bool whole)
{
	struct side *s = r->s;
	struct pass p = { .f = *f, .in_ns = r->now, .due = r->now };
	begin(s, &p);
	if (!whole)
		pass_drop(s, &p, DROP_RUNT);
	else if (s->w->cut)
		pass_drop(s, &p, DROP_CUT);
	else if (s->blocked && s->since_block++ >= BLOCKED_MAX)
		pass_drop(s, &p, DROP_QUEUE_FULL);
	else
		pass_into(r, s->path, &p);
}

void wire_rx(struct wire *w, enum wire_dir dir, struct frame *f, unsigned n, int64_t now)
{
	struct side *s = &w->side[dir];
	assert(n <= BATCH_MAX);
	w->now = now;
	if (n == 0)
		return;
	move(w, now);
	uint64_t whole = 0; /* a bit for each frame that is no runt */
	for (unsigned i = 0; i < n; i++) {
		whole |= (uint64_t)frame_parse(&f[i]) << i;
		s->stats.rx_frames += f[i].segs;
		s->stats.rx_bytes += f[i].len;
	}
	bool sound = whole == UINT64_MAX >> (BATCH_MAX - n) && !w->cut;
	if (sound && pass_straight(s, f, n, now)) {
		for (unsigned i = 0; i < n; i++)
			s->lane[mac_is_reserved(f[i].mac)].ordinal += f[i].segs;
		return;
	}
	struct run r;
	r.s = s;
	r.now = now;
	r.count = 0;
	settle(&r);
	for (unsigned i = 0; i < n; i++)
		enter(&r, &f[i], whole >> i & 1);
	settle(&r);
	run_flush(&r);
}

void wire_writable(struct wire *w, enum wire_dir dir, int64_t now)
{
	struct side *s = &w->side[dir];
	s->blocked = false;
	s->since_block = 0;
	run_side(s, now);
}

bool wire_blocked(const struct wire *w, enum wire_dir dir)
{
	return w->side[dir].blocked;
}

int64_t wire_next(const struct wire *w)
{
	int64_t next = TIME_NEVER;
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		const struct side *s = &w->side[d];
		for (const struct stage *const *at = s->path; *at; at++) {
			int64_t t = (*at)->next ? (*at)->next(s) : TIME_NEVER;
			if (t < next)
				next = t;
		}
	}
	/* Between frames the chain can move unseen; where one waits for the rate, the rate may
	 * change. */
	bool waits = w->side[WIRE_AB].queue.count || w->side[WIRE_BA].queue.count;
	int64_t at = waits ? next_move(w) : TIME_NEVER;
	return at < next ? at : next;
}

const char *wire_node(const struct wire *w, unsigned *node)
{
	const struct moves *m = &w->moves;
	*node = m->node;
	return m->chain ? m->chain->node[m->node].name : NULL;
}

void wire_tick(struct wire *w, int64_t now)
{
	move(w, now);
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		run_side(&w->side[d], now);
}

void wire_cut(struct wire *w, bool silent, int64_t now)
{
	bool was = w->cut;
	w->now = now;
	w->cut = true;
	w->silent = silent;
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		flush_all(&w->side[d], DROP_CUT);
	tell_carrier(w);
	w->generation++;
	if (!was)
		emit(w, EVENT_WIRE_CUT, now, silent ? "silent" : NULL);
}

void wire_mend(struct wire *w, int64_t now)
{
	if (!w->cut)
		return;
	w->cut = false;
	tell_carrier(w);
	w->generation++;
	emit(w, EVENT_WIRE_MEND, now, NULL);
}

void wire_hold(struct wire *w, bool on, int64_t now)
{
	if (on == w->hold)
		return;
	w->hold = on;
	w->generation++;
	if (on)
		return;
	w->released_at = now;
	wire_tick(w, now);
}

bool wire_is_cut(const struct wire *w)
{
	return w->cut;
}

bool wire_is_held(const struct wire *w)
{
	return w->hold;
}

bool wire_has_carrier(const struct wire *w, unsigned end)
{
	return w->carrier[end];
}

void wire_link(struct wire *w, unsigned end, bool present, int64_t now)
{
	if (w->present[end] == present)
		return;
	w->present[end] = present;
	w->generation++;
	tell_carrier(w);
	/* What waited for an end that is gone is lost at its due time, as on any line. */
	wire_writable(w, end == 0 ? WIRE_BA : WIRE_AB, now);
}

void wire_stats(const struct wire *w, enum wire_dir dir, struct wire_stats *st)
{
	const struct side *s = &w->side[dir];
	*st = s->stats;
	st->held = s->queue.count + s->line.count;
	st->held_bytes = s->queue.bytes + s->line.bytes;
	meter_read(s, st);
}

uint64_t wire_generation(const struct wire *w)
{
	return w->generation;
}

void wire_want_events(struct wire *w, uint64_t mask)
{
	w->wanted = mask;
}

void wire_want_tap(struct wire *w, bool on)
{
	w->tapped = on && w->host.tap;
}

void pass_tap(const struct side *s, const struct pass *p, enum drop_reason why)
{
	struct wire_tapped t = {
		.dir = s->dir,
		.why = why,
		.in_ns = p->in_ns,
		.id = p->f.buf ? p->f.buf->id : 0,
		.ordinal = p->n << 1 >> 1, /* without the lane */
		.copy = p->copy,
		.corrupted = p->fate & FATE_DAMAGED,
		.overtook = p->fate & FATE_OVERTAKE,
		.frame = pieces_of_frame(&p->f),
	};
	s->w->host.tap(s->w->ctx, &t, s->w->now);
}
