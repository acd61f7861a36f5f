/* SPDX-License-Identifier: MIT */
/* flow.c - a stream of numbered datagrams between two ends, and its account. */
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

enum { UDP_PAYLOAD_MAX = 8972 }; /* a jumbo frame's */

static int flow_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	call_check(L, c);
	handle_push(L, H_FLOW, handle_at(L, 2, H_END, "flow")->idx)->call = c;
	return 1;
}

/* "1000pps", or a bit rate: so many bits of payload. */
static int64_t interval_of(lua_State *L, uint32_t size)
{
	struct err e = { "" };
	uint64_t mpps, bps;
	const char *text = lua_type(L, 3) == LUA_TTABLE ? opt_text(L, 3, "rate") : NULL;
	if (!text)
		return 10 * NS_PER_MS;
	if (unit_pps(text, &mpps, NULL) == 0 && mpps)
		return (int64_t)(UINT64_C(1000000000000) / mpps);
	if (unit_rate(text, &bps, &e) < 0)
		misuse(L, "rate: '%s': write \"1000pps\" or \"10Mbit\"", text);
	if (!bps)
		misuse(L, "rate: nothing would ever be sent");
	double ns = (double)size * 8e9 / (double)bps;
	return ns < 1 ? 1 : (int64_t)ns;
}

static int l_flow(lua_State *L)
{
	struct ref who = end_ref(L, "flow");
	struct request r = { .verb = VERB_FLOW, .who = who, .to = other_end(L, "flow") };
	opts_known(L, 3, "flow", NAMES("rate", "size", "count"));
	uint64_t size = opt_bytes(L, 3, "size", 100);
	if (size < FLOW_PAYLOAD_MIN || size > UDP_PAYLOAD_MAX)
		misuse(L, "size: the payload has between %d and %d bytes", FLOW_PAYLOAD_MIN,
		       UDP_PAYLOAD_MAX);
	r.flow.size = (uint32_t)size;
	r.flow.interval_ns = interval_of(L, r.flow.size);
	r.flow.count = opt_count(L, 3, "count", 1, INT64_MAX, 0);
	lua_settop(L, 2);
	return call_wait(L, &r, TIME_NEVER, "the start of a flow", flow_k);
}

static int account_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	call_check(L, c);
	struct flow_result f = c->flow;
	call_drop(script_of(L), c);
	const struct flow_account *a = &f.account;
	int64_t open_gap = lab_now(script_of(L)) - a->last_ns;
	lua_newtable(L);
	set_int(L, "sent", (int64_t)f.sent);
	set_int(L, "received", (int64_t)a->received);
	set_int(L, "lost", (int64_t)(a->highest - a->received));
	set_int(L, "duplicated", (int64_t)a->duplicated);
	set_int(L, "reordered", (int64_t)a->reordered);
	set_int(L, "highest", (int64_t)a->highest);
	set_int(L, "longest_gap_ns", a->longest_gap_ns > open_gap ? a->longest_gap_ns : open_gap);
	set_int(L, "ended_gap_ns", a->longest_gap_ns);
	set_int(L, "latency_p50_ns", a->latency_p50_ns);
	set_int(L, "latency_p99_ns", a->latency_p99_ns);
	return 1;
}

static int l_stats(lua_State *L)
{
	const struct handle *h = handle_at(L, 1, H_FLOW, "flow:stats");
	if (!h->call)
		misuse(L, "flow:stats: the flow is closed already");
	struct ref to = { .index = h->idx };
	struct request r = { .verb = VERB_ACCOUNT, .who = to, .of = h->call };
	read_note(L, to, GEN_STATE);
	return call_wait(L, &r, TIME_NEVER, "the account of a flow", account_k);
}

static int l_close(lua_State *L)
{
	struct handle *h = handle_at(L, 1, H_FLOW, "flow:close");
	if (h->call && script_of(L)->world)
		call_drop(script_of(L), h->call);
	h->call = NULL;
	return 0;
}

void flow_open(lua_State *L)
{
	static const luaL_Reg end[] = { { "flow", l_flow }, { NULL, NULL } };
	static const luaL_Reg flow[] = { { "stats", l_stats },
					 { "close", l_close },
					 { NULL, NULL } };
	handle_class(L, H_END, end);
	handle_class(L, H_FLOW, flow);
}
