/* SPDX-License-Identifier: MIT */
/* vepa.c - who gets a frame at an edge relay, and what its settings mean. Deciding only.
 * The rules are those of 802.1Qbg, as the kernel's macvlan has them, for ports that may own several
 * addresses. */
#include "switch/core/vepa.h"

#include "switch/core/pipeline.h"

const char *const vepa_mode_words[] = { "off", "veb", "vepa", NULL };
static_assert(sizeof vepa_mode_words / sizeof *vepa_mode_words == VEPA_MODES + 1,
	      "a word for each mode");

enum vepa_mode vepa_mode_wanted(const struct vepa_config *c, unsigned vid)
{
	for (unsigned m = 0; m < VEPA_MODES; m++)
		if (vidset_has(&c->own[m], vid))
			return (enum vepa_mode)m;
	return (enum vepa_mode)c->mode;
}

bool vepa_config_same(const struct vepa_config *a, const struct vepa_config *b)
{
	return a->mode == b->mode && a->uplink == b->uplink &&
	       memcmp(a->own, b->own, sizeof a->own) == 0;
}

bool vepa_config_plain(const struct vepa_config *c)
{
	return c->mode == VEPA_OFF && vidset_empty(&c->own[VEPA_VEB]) &&
	       vidset_empty(&c->own[VEPA_VEPA]);
}

void vepa_set_mode(struct vepa_config *c, enum vepa_mode m)
{
	c->mode = (uint8_t)m;
	memset(c->own, 0, sizeof c->own);
}

void vepa_set_vlan(struct vepa_config *c, enum vepa_mode m, unsigned vid)
{
	for (unsigned i = 0; i < VEPA_MODES; i++)
		vidset_put(&c->own[i], vid, i == m && m != c->mode);
}

/* --- frames --- */

/* The station port that owns an address, or FDB_NONE. */
static unsigned owner_of(const struct batch *t, unsigned i, uint64_t key)
{
	unsigned owner = fdb_lookup(t->b->fdb, key, t->now);
	if (t->trace)
		owner = trace_owner(t, i, key, owner);
	return owner == t->b->cfg.vepa.uplink ? FDB_NONE : owner;
}

static void spare(struct batch *t, unsigned i, unsigned port)
{
	t->spared[i] = port;
	if (port != FDB_NONE)
		t->choosy |= UINT64_C(1) << i;
}

/* A group frame goes to every member but the owner of its source, who sent it. As a VEB they all
 * have it already. A unicast frame is its owner's; without one it is for nobody here but those who
 * want to see such frames. */
static enum drop_reason from_uplink(struct batch *t, unsigned i, enum vepa_mode mode)
{
	unsigned source = FDB_NONE;
	if (!mac_is_group(t->f[i].mac + ETH_ALEN))
		source = owner_of(t, i, t->src[i]);
	t->to[i] = TO_FLOOD;
	if (mac_is_group(t->f[i].mac)) {
		spare(t, i, source);
		return mode == VEPA_VEB && source != FDB_NONE ? DROP_VEPA : PASS;
	}
	t->to[i] = owner_of(t, i, t->dst[i]);
	if (t->to[i] != FDB_NONE)
		return PASS;
	spare(t, i, source);
	t->unowned |= UINT64_C(1) << i;
	t->choosy |= UINT64_C(1) << i;
	return PASS; /* a flood that no promiscuous port hears is a drop */
}

static enum drop_reason from_station(struct batch *t, unsigned i, enum vepa_mode mode)
{
	t->to[i] = t->b->cfg.vepa.uplink;
	if (mode == VEPA_VEB && mac_is_group(t->f[i].mac)) {
		t->to[i] = TO_FLOOD;
		return PASS;
	}
	unsigned owner = mode == VEPA_VEB ? owner_of(t, i, t->dst[i]) : FDB_NONE;
	if (owner != FDB_NONE)
		t->to[i] = owner;
	else if (!bridge_port(t->b, t->b->cfg.vepa.uplink))
		return DROP_VEPA;
	return t->to[i] == t->in->no && !reflects(t->b, t->in, &t->f[i]) ? DROP_NO_DESTINATION
									 : PASS;
}

bool vepa_rules(const struct batch *t, unsigned i)
{
	return !t->b->cfg.hub && vepa_mode(&t->b->cfg.vepa, t->f[i].vid) != VEPA_OFF;
}

enum drop_reason vepa_decide(struct batch *t, unsigned i)
{
	enum vepa_mode mode = vepa_mode(&t->b->cfg.vepa, t->f[i].vid);
	return t->in->no == t->b->cfg.vepa.uplink ? from_uplink(t, i, mode)
						  : from_station(t, i, mode);
}

enum drop_reason vepa_egress(const struct batch *t, const struct port *out, unsigned i)
{
	if (out->no == t->spared[i])
		return DROP_VEPA;
	return t->unowned >> i & 1 && !out->cfg.promisc ? DROP_VEPA : PASS;
}

/* Addresses that no relay hands back are not for the ear of who sent them: 802.1Q-2018 table 8-1.
 */
bool reflects(const struct bridge *b, const struct port *in, const struct frame *f)
{
	if (in->cfg.reflect != REFLECT_ON || b->cfg.hub || reserved_index(f->mac) >= 0)
		return false;
	return in->no != b->cfg.vepa.uplink || vepa_mode(&b->cfg.vepa, f->vid) == VEPA_OFF;
}
