/* SPDX-License-Identifier: MIT */
/* end.c - stations and hosts: ping, bulk transfer, counters, programs. */
#include <errno.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

void set_int(lua_State *L, const char *key, int64_t v)
{
	lua_pushinteger(L, v);
	lua_setfield(L, -2, key);
}

struct ref end_ref(lua_State *L, const char *what)
{
	return (struct ref){ .index = handle_at(L, 1, H_END, what)->idx };
}

unsigned other_end(lua_State *L, const char *what)
{
	const struct handle *to = handle_at(L, 2, H_END, what);
	if (to->idx == handle_at(L, 1, H_END, what)->idx)
		misuse(L, "%s: to itself", what);
	return to->idx;
}

static const char *name_of(lua_State *L, unsigned idx)
{
	return script_of(L)->plan.nodes[idx].name;
}

/* ---- ping ---- */

static int ping_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	call_check(L, c);
	struct ping_result p = c->ping;
	call_drop(script_of(L), c);
	lua_newtable(L);
	set_int(L, "sent", p.sent);
	set_int(L, "received", p.received);
	set_int(L, "lost", (int64_t)p.sent - p.received);
	if (p.received) { /* without an answer there is no time */
		set_int(L, "rtt_min_ns", p.rtt_min_ns);
		set_int(L, "rtt_avg_ns", p.rtt_sum_ns / p.received);
		set_int(L, "rtt_max_ns", p.rtt_max_ns);
	}
	return 1;
}

static int l_ping(lua_State *L)
{
	struct ref who = end_ref(L, "ping");
	struct request r = { .verb = VERB_PING, .who = who, .to = other_end(L, "ping") };
	opts_known(L, 3, "ping", NAMES("count", "within", "every", "size"));
	r.ping.count = (unsigned)opt_count(L, 3, "count", 1, 65535, 1);
	r.ping.within_ns = opt_time(L, 3, "within", NS_PER_SEC);
	r.ping.interval_ns = opt_time(L, 3, "every", NS_PER_SEC);
	r.ping.size = (uint32_t)opt_bytes(L, 3, "size", 56);
	read_note(L, who, GEN_STATE);
	return call_wait(L, &r, TIME_NEVER, lua_pushfstring(L, "ping of %s", name_of(L, r.to)),
			 ping_k);
}

/* ---- bulk transfer ---- */

static int tcp_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	if (c->error == -ETIMEDOUT || c->error == -ECONNREFUSED || c->error == -EBADMSG) {
		struct tcp_result t = c->tcp;
		int code = c->error;
		call_drop(script_of(L), c);
		fail(L, "tcp: %s after %d bytes and %d retransmissions", strerror(-code),
		     (int)t.bytes, (int)t.retransmits);
	}
	call_check(L, c);
	struct tcp_result t = c->tcp;
	int64_t took = t.ended_ns - t.started_ns;
	call_drop(script_of(L), c);
	lua_newtable(L);
	set_int(L, "bytes", (int64_t)t.bytes);
	set_int(L, "duration_ns", took);
	set_int(L, "retransmits", (int64_t)t.retransmits);
	if (t.stalled_ns) { /* a kernel does not say */
		set_int(L, "timeouts", (int64_t)t.timeouts);
		set_int(L, "stalled_ns", t.stalled_ns);
	}
	set_int(L, "bps", took > 0 ? (int64_t)((double)t.bytes * 8e9 / (double)took) : 0);
	return 1;
}

static int l_tcp(lua_State *L)
{
	struct ref who = end_ref(L, "tcp");
	struct request r = { .verb = VERB_TCP, .who = who, .to = other_end(L, "tcp") };
	opts_known(L, 3, "tcp", NAMES("bytes", "within", "mss", "window"));
	r.tcp.bytes = opt_bytes(L, 3, "bytes", 1000000);
	r.tcp.mss = (uint32_t)opt_bytes(L, 3, "mss", 1460);
	r.tcp.window = (uint32_t)opt_bytes(L, 3, "window", 0);
	r.within_ns = opt_time(L, 3, "within", 60 * NS_PER_SEC);
	read_note(L, who, GEN_STATE);
	return call_wait(L, &r, TIME_NEVER, lua_pushfstring(L, "bulk to %s", name_of(L, r.to)),
			 tcp_k);
}

/* ---- counters ---- */

static int stats_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	call_check(L, c);
	struct station_stats t = c->stats;
	call_drop(script_of(L), c);
	lua_newtable(L);
	set_int(L, "rx_frames", (int64_t)t.rx_frames);
	set_int(L, "rx_bytes", (int64_t)t.rx_bytes);
	set_int(L, "tx_frames", (int64_t)t.tx_frames);
	set_int(L, "tx_bytes", (int64_t)t.tx_bytes);
	lua_newtable(L);
	for (unsigned i = 0; i < STATION_DROPS; i++)
		set_int(L, station_drop_name((enum station_drop)i), (int64_t)t.drops[i]);
	lua_setfield(L, -2, "drops");
	return 1;
}

static int l_stats(lua_State *L)
{
	struct request r = { .verb = VERB_STATS, .who = end_ref(L, "stats") };
	read_note(L, r.who, GEN_TRAFFIC);
	return call_wait(L, &r, TIME_NEVER, "counters", stats_k);
}

static int console_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	call_check(L, c);
	lua_pushlstring(L, c->text ? c->text : "", c->len);
	call_drop(script_of(L), c);
	return 1;
}

static int l_console(lua_State *L) /* of a machine: all that its serial console has said */
{
	struct request r = { .verb = VERB_CONSOLE, .who = end_ref(L, "console") };
	if (script_of(L)->plan.nodes[r.who.index].kind != NODE_VM)
		misuse(L, "console: only a machine has one, and %s is none",
		       name_of(L, r.who.index));
	read_note(L, r.who, GEN_TRAFFIC);
	return call_wait(L, &r, TIME_NEVER, "a console", console_k);
}

/* ---- programs ---- */

static void take_argv(lua_State *L, struct words *argv, const char *what)
{
	if (lua_type(L, 2) != LUA_TTABLE)
		misuse(L, "%s: the command is a list: %s { \"ping\", \"-c\", \"3\", b.ip }", what,
		       what);
	for (lua_Integer i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; i++) {
		if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
			misuse(L, "%s: word %d is a %s, not a text", what, (int)i,
			       luaL_typename(L, -1));
		if (words_add(argv, lua_tostring(L, -1)) < 0)
			out_of_memory(L);
		lua_pop(L, 1);
	}
	if (!argv->count)
		misuse(L, "%s: no command", what);
}

static int exec_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	if (!c->done) {
		call_drop(script_of(L), c);
		fail(L, "exec: not done in time");
	}
	call_check(L, c);
	lua_newtable(L);
	set_int(L, "code", c->code);
	lua_pushlstring(L, c->text ? c->text : "", c->len);
	lua_setfield(L, -2, "out");
	lua_pushlstring(L, c->text2 ? c->text2 : "", c->len2);
	lua_setfield(L, -2, "err");
	call_drop(script_of(L), c);
	lua_getfield(L, LUA_REGISTRYINDEX, "result"); /* its json method, from lab/lua */
	lua_setmetatable(L, -2);
	return 1;
}

/* Starts `verb` with the command at 2; the list of its words is left on the stack. */
static struct call *start_program(lua_State *L, enum verb verb, const char *what,
				  struct words **argv)
{
	struct request r = { .verb = verb, .who = end_ref(L, what) };
	*argv = words_push(L);
	take_argv(L, *argv, what);
	if (!(in_test(L, what)->can & WORLD_EXEC))
		skip(L, lua_pushfstring(L, "%s: programs run with --backend ns", what));
	r.argv = *argv;
	return call_start(L, &r);
}

static int l_exec(lua_State *L)
{
	struct words *argv;
	opts_known(L, 3, "exec", NAMES("within"));
	int64_t within = opt_time(L, 3, "within", TIME_NEVER);
	struct call *c = start_program(L, VERB_EXEC, "exec", &argv);
	return call_await(L, c, within, argv->v[0], exec_k);
}

static int l_spawn(lua_State *L)
{
	struct words *argv;
	struct call *c = start_program(L, VERB_SPAWN, "spawn", &argv);
	if (c->done)
		call_check(L, c);
	handle_push(L, H_PROCESS, handle_at(L, 1, H_END, "spawn")->idx)->call = c;
	return 1;
}

static int l_process_output(lua_State *L)
{
	const struct handle *h = handle_at(L, 1, H_PROCESS, "process:output");
	struct call *c = h->call;
	if (!c)
		misuse(L, "process:output: it is closed already");
	read_note(L, (struct ref){ .index = h->idx }, GEN_TRAFFIC);
	lua_pushlstring(L, c->text ? c->text : "", c->len);
	lua_pushboolean(L, c->exited);
	lua_pushinteger(L, c->code);
	return 3;
}

static int l_process_close(lua_State *L)
{
	struct handle *h = handle_at(L, 1, H_PROCESS, "process:close");
	if (h->call && script_of(L)->world)
		call_drop(script_of(L), h->call);
	h->call = NULL;
	return 0;
}

void end_open(lua_State *L)
{
	static const luaL_Reg end[] = {
		{ "ping", l_ping }, { "tcp", l_tcp },     { "stats", l_stats },
		{ "exec", l_exec }, { "spawn", l_spawn }, { "console", l_console },
		{ NULL, NULL },
	};
	static const luaL_Reg process[] = { { "output", l_process_output },
					    { "close", l_process_close },
					    { NULL, NULL } };
	handle_class(L, H_END, end);
	handle_class(L, H_PROCESS, process);
}
