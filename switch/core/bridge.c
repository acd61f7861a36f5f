/* SPDX-License-Identifier: MIT */
/* bridge.c - life, settings and time of a bridge, its counters and its law of conservation. */
#include "switch/core/bridge.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/units.h"
#include "switch/core/pipeline.h"
#include "switch/core/rates.h"

void bridge_config_default(struct bridge_config *c)
{
	*c = (struct bridge_config){
		.mac = { 0x02, 0, 0, 0, 0, 1 }, /* locally administered; shells give a better one */
		.numports = BRIDGE_PORTS_DEFAULT,
		.age_ns = 300 * NS_PER_SEC,
		.fdb_max = FDB_MAX_DEFAULT,
		.drop_alarm = DROP_ALARM_DEFAULT,
	};
	rstp_config_default(&c->tree);
}

int bridge_config_check(const struct bridge_config *c, struct err *e)
{
	if (!c->numports || c->numports > BRIDGE_PORT_MAX)
		return err_set(e, -EINVAL, "numports: %u is not between 1 and %u", c->numports,
			       BRIDGE_PORT_MAX);
	if (c->age_ns < NS_PER_SEC || c->age_ns > FDB_AGE_MAX_S * NS_PER_SEC)
		return err_set(e, -EINVAL, "age: not between 1s and %ds", FDB_AGE_MAX_S);
	if (c->persist_ns < 0 || c->persist_ns > FDB_AGE_MAX_S * NS_PER_SEC)
		return err_set(e, -EINVAL, "persist: not between 0s and %ds", FDB_AGE_MAX_S);
	if (!c->fdb_max || c->fdb_max > FDB_MAX_MAX)
		return err_set(e, -EINVAL, "fdb-max: %zu is not between 1 and %d", c->fdb_max,
			       FDB_MAX_MAX);
	if (c->vepa.uplink > c->numports)
		return err_set(e, -EINVAL, "uplink: ports are 0 to %u", c->numports);
	int r = mirror_config_check(&c->mirror, c->numports, e);
	if (r < 0)
		return r;
	if (c->vepa.uplink && mirror_ends_at(&c->mirror, c->vepa.uplink))
		return err_set(e, -EINVAL, "uplink: port %u is for copies alone", c->vepa.uplink);
	if (c->hub && !vepa_config_plain(&c->vepa))
		return err_set(e, -EINVAL, "vepa: not as a hub");
	if (c->hub && c->rstp)
		return err_set(e, -EINVAL, "rstp: not as a hub");
	return rstp_config_check(&c->tree, e);
}

static int check_vlans(const struct bridge *b, const struct vlan_table *t, struct err *e)
{
	for (unsigned p = portset_next(&b->exist, 0); p != UINT_MAX;
	     p = portset_next(&b->exist, p + 1)) {
		struct vidset s = { { 0 } };
		vlan_named(&b->port[p]->cfg.vlan, &s);
		for (unsigned v = vidset_next(&s, 1); v < VID_COUNT; v = vidset_next(&s, v + 1))
			if (!vidset_has(&t->created, v))
				return err_set(e, -EADDRINUSE, "vlan %u: port %u is in it", v, p);
	}
	for (unsigned v = 0; v < VID_COUNT; v++)
		if (vlan_fid(t, v) > VID_MAX && t->fid[v])
			return err_set(e, -EINVAL, "fid: %u is not between 0 and %d",
				       vlan_fid(t, v), VID_MAX);
	return 0;
}

static int check(const struct bridge *b, const struct bridge_config *c, struct err *e)
{
	int r = bridge_config_check(c, e);
	if (r < 0)
		return r;
	if (c->seed != b->cfg.seed)
		return err_set(e, -EINVAL, "seed: is set at birth");
	unsigned p = portset_next(&b->exist, c->numports + 1);
	if (p != UINT_MAX)
		return err_set(e, -EBUSY, "numports: port %u is in use", p);
	return check_vlans(b, &c->vlan, e);
}

/* --- settings --- */

static int grow_set(struct portset *s, unsigned words)
{
	uint64_t *w = calloc(words, sizeof *w);
	if (!w)
		return -ENOMEM;
	if (s->words)
		memcpy(w, s->word, s->words * sizeof *w);
	free(s->word);
	*s = (struct portset){ .word = w, .words = words };
	return 0;
}

static int grow_ports(struct bridge *b, unsigned old, unsigned ports) /* both are counts */
{
	unsigned words = (ports + 63) / 64;
	if (words > b->exist.words &&
	    (grow_set(&b->open, words) < 0 || grow_set(&b->touched, words) < 0 ||
	     grow_set(&b->everywhere, words) < 0 || members_grow(b, words) < 0 ||
	     grow_set(&b->exist, words) < 0))
		return -ENOMEM;
	if (ports <= old)
		return 0;
	struct port **p = calloc(ports, sizeof(void *));
	if (!p)
		return -ENOMEM;
	if (old)
		memcpy(p, b->port, old * sizeof(void *));
	free(b->port);
	b->port = p;
	return fdb_reserve_ports(b->fdb, ports);
}

/* Stations of a VLAN that learns elsewhere now are learned anew. */
static void flush_moved(struct bridge *b, const struct vlan_table *to)
{
	for (unsigned v = 0; v < VID_COUNT; v++) {
		if (to->fid[v] == b->cfg.vlan.fid[v])
			continue;
		fdb_flush_fid(b->fdb, vlan_fid(&b->cfg.vlan, v));
		fdb_flush_fid(b->fdb, vlan_fid(to, v));
	}
}

/* What was heard at an uplink owns nothing as a station would. */
static void flush_uplinks(struct bridge *b, unsigned to)
{
	if (b->cfg.vepa.uplink)
		fdb_flush_port(b->fdb, b->cfg.vepa.uplink);
	if (to)
		fdb_flush_port(b->fdb, to);
}

int bridge_reserve(struct bridge *b, const struct bridge_config *c, int64_t now, struct err *e)
{
	int r = grow_ports(b, b->cfg.numports + 1, c->numports + 1);
	if (!r)
		r = mirror_reserve(b, &c->mirror, e);
	return r < 0 ? r : tree_reserve(b, c, now);
}

void bridge_set(struct bridge *b, const struct bridge_config *c, int64_t now)
{
	if (c->age_ns != b->cfg.age_ns)
		fdb_set_age(b->fdb, c->age_ns, now);
	fdb_set_max(b->fdb, c->fdb_max);
	fdb_set_persist(b->fdb, c->persist_ns);
	if (c->hub != b->cfg.hub)
		fdb_flush_all(b->fdb);
	flush_moved(b, &c->vlan);
	if (!vepa_config_same(&b->cfg.vepa, &c->vepa))
		flush_uplinks(b, c->vepa.uplink);
	bool mirrors = !mirror_config_same(&b->cfg.mirror, &c->mirror);
	mirror_set(b, &c->mirror);
	b->cfg = *c;
	if (mirrors)
		mirror_mark_all(b);
	tree_apply(b, now);
	bridge_fdb_changed(b);
	bridge_event(b, &(struct event){ .kind = EVENT_CONFIG, .at = now });
	b->gen[BRIDGE_GEN_STATE]++;
}

int bridge_apply(struct bridge *b, const struct bridge_config *c, int64_t now, struct err *e)
{
	int r = check(b, c, e);
	if (!r)
		r = bridge_reserve(b, c, now, e);
	if (!r)
		bridge_set(b, c, now);
	return r;
}

const struct bridge_config *bridge_config(const struct bridge *b)
{
	return &b->cfg;
}

/* --- life --- */

static void run_fdb(struct bridge *b, int64_t now)
{
	fdb_tick(b->fdb, now);
	bridge_fdb_changed(b);
}

struct bridge *bridge_new(const struct bridge_config *c, const struct bridge_host *host, void *ctx,
			  struct pool *pool, int64_t now)
{
	assert(bridge_config_check(c, NULL) == 0);
	struct bridge *b = calloc(1, sizeof *b);
	if (!b)
		return NULL;
	b->cfg = *c;
	b->host = host;
	b->ctx = ctx;
	b->pool = pool;
	b->fdb = fdb_new(c->fdb_max, c->numports + 1, c->age_ns, c->seed, now);
	if (b->fdb) {
		fdb_set_persist(b->fdb, c->persist_ns);
		table_init(b);
	}
	b->fdb_timer.run = run_fdb;
	tree_init(b);
	rates_init(b);
	if (!b->fdb || grow_ports(b, 0, c->numports + 1) < 0 || heap_reserve(&b->heap, 3) < 0 ||
	    tree_reserve(b, c, now) < 0) {
		bridge_free(b);
		return NULL;
	}
	tree_apply(b, now);
	return b;
}

void bridge_free(struct bridge *b)
{
	if (!b)
		return;
	b->tapped = false;
	for (unsigned p = portset_next(&b->exist, 0); p != UINT_MAX;
	     p = portset_next(&b->exist, p + 1)) {
		egress_purge(b, b->port[p], DROP_DOWN, 0);
		free(b->port[p]);
	}
	free(b->port);
	free(b->exist.word);
	free(b->open.word);
	free(b->touched.word);
	free(b->everywhere.word);
	members_fini(b);
	mirror_fini(b);
	heap_fini(&b->heap);
	rstp_free(b->tree);
	fdb_free(b->fdb);
	free(b);
}

/* --- time and events --- */

int64_t bridge_next(const struct bridge *b)
{
	return heap_next(&b->heap);
}

void bridge_tick(struct bridge *b, int64_t now)
{
	for (struct deadline *d; (d = heap_pop_due(&b->heap, now));) {
		struct timer *t = container_of(d, struct timer, d);
		t->run(b, now);
	}
}

void bridge_fdb_changed(struct bridge *b)
{
	heap_set(&b->heap, &b->fdb_timer.d, fdb_next(b->fdb));
}

void bridge_want_events(struct bridge *b, uint64_t mask)
{
	b->wanted = mask;
}

void bridge_want_tap(struct bridge *b, bool on)
{
	b->tapped = on && b->host->tap;
}

bool bridge_wants(const struct bridge *b, enum event_kind kind)
{
	return b->wanted & event_bit(kind) && b->host->event;
}

void bridge_event(struct bridge *b, const struct event *ev)
{
	if (bridge_wants(b, ev->kind))
		b->host->event(b->ctx, ev);
}

uint64_t bridge_generation(struct bridge *b, enum bridge_generation g)
{
	if (g == BRIDGE_GEN_STATE && b->tree_ran) {
		uint64_t standing = b->tree ? rstp_standing(b->tree) : 0;
		b->gen[g] += standing != b->tree_standing;
		b->tree_standing = standing;
		b->tree_ran = false;
	}
	return b->gen[g];
}

/* --- counters --- */

static void add(struct bridge_stats *s, const struct counters *c)
{
	s->rx += c->rx_frames;
	s->tx += c->tx_frames;
	s->ingress_drops += c->in_drops;
	s->egress_drops += c->out_drops;
}

void bridge_stats(const struct bridge *b, struct bridge_stats *s)
{
	*s = (struct bridge_stats){ .originated = b->originated,
				    .trapped = b->trapped,
				    .forwarded = b->forwarded,
				    .copies = b->copies };
	add(s, &b->gone);
	for (unsigned p = portset_next(&b->exist, 0); p != UINT_MAX;
	     p = portset_next(&b->exist, p + 1)) {
		add(s, &b->port[p]->count);
		s->queued += egress_queued(b->port[p]);
	}
}

void bridge_port_stats(const struct bridge *b, unsigned port, struct port_stats *s)
{
	const struct port *p = bridge_port(b, port);
	*s = (struct port_stats){ 0 };
	if (!p)
		return;
	s->rx_frames = p->count.rx_frames;
	s->rx_bytes = p->count.rx_bytes;
	s->tx_frames = p->count.tx_frames;
	s->tx_bytes = p->count.tx_bytes;
	s->queued = egress_queued(p);
	s->rate = b->rates.runs ? p->rate : (struct port_rate){ 0 };
	memcpy(s->drops, p->count.drops, sizeof s->drops);
}

static bool reasons_add_up(const struct bridge *b, struct err *e)
{
	for (unsigned p = portset_next(&b->exist, 0); p != UINT_MAX;
	     p = portset_next(&b->exist, p + 1)) {
		const struct counters *c = &b->port[p]->count;
		uint64_t sum = 0;
		for (unsigned i = 0; i < DROP_REASONS; i++)
			sum += c->drops[i];
		if (sum != c->in_drops + c->out_drops) {
			err_set(e, -EINVAL,
				"port %u: %" PRIu64 " drops by reason, %" PRIu64 " in and %" PRIu64
				" out",
				p, sum, c->in_drops, c->out_drops);
			return false;
		}
	}
	return true;
}

bool bridge_conserves(const struct bridge *b, struct err *e)
{
	struct bridge_stats s;
	bridge_stats(b, &s);
	if (s.rx + s.originated != s.ingress_drops + s.trapped + s.forwarded) {
		err_set(e, -EINVAL,
			"ingress: %" PRIu64 " received, %" PRIu64 " originated, but %" PRIu64
			" dropped, %" PRIu64 " trapped, %" PRIu64 " forwarded",
			s.rx, s.originated, s.ingress_drops, s.trapped, s.forwarded);
		return false;
	}
	if (s.copies != s.tx + s.egress_drops + s.queued) {
		err_set(e, -EINVAL,
			"egress: %" PRIu64 " copies, but %" PRIu64 " sent, %" PRIu64
			" dropped, %" PRIu64 " queued",
			s.copies, s.tx, s.egress_drops, s.queued);
		return false;
	}
	return reasons_add_up(b, e);
}
