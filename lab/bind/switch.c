/* SPDX-License-Identifier: MIT */
/* switch.c - a running switch: management lines, power, events; its ports. stats, fdb and the like
 * are made of these in lab/lua. */
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/ether.h"

/* ---- management lines of switches and cables: the reply as a table, or as text without JSON ----
 */

static int cmd_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	struct script *s = script_of(L);
	(void)status;
	call_check(L, c);
	if (json_push(L, c->text ? c->text : "", c->len) < 0) {
		lua_pop(L, 1);
		lua_pushlstring(L, c->text ? c->text : "", c->len);
	}
	call_drop(s, c);
	return 1;
}

/* core.state(handle, line): the same, of what only state changes, not traffic: predicates are
 * looked at again less often. */
int switch_state(lua_State *L)
{
	const struct handle *h = handle_test(L, 1);
	in_test(L, "state");
	luaL_argcheck(L, h && (h->kind == H_SWITCH || h->kind == H_CABLE), 1, "switch or cable");
	struct ref who = { .cable = h->kind == H_CABLE, .index = h->idx };
	struct request r = { .verb = VERB_CMD, .who = who, .line = luaL_checkstring(L, 2) };
	read_note(L, who, GEN_STATE);
	return call_wait(L, &r, TIME_NEVER, lua_pushfstring(L, "the reply to '%s'", r.line), cmd_k);
}

/* handle:cmd(line). Before the tests run, a switch's lines become part of what it is. */
static int l_cmd(lua_State *L)
{
	struct script *s = script_of(L);
	const struct handle *h = handle_test(L, 1);
	if (!h || (h->kind != H_SWITCH && h->kind != H_CABLE))
		misuse(L, "cmd: write switch:cmd(line), with a colon");
	if (lua_type(L, 2) != LUA_TSTRING)
		misuse(L, "cmd: a line in quotes belongs here");
	const char *line = lua_tostring(L, 2);
	if (!s->world && h->kind == H_SWITCH && !s->plan.frozen) {
		if (words_add(&s->plan.nodes[h->idx].lines, line) < 0)
			out_of_memory(L);
		return 0;
	}
	in_test(L, "cmd");
	struct ref who = { .cable = h->kind == H_CABLE, .index = h->idx };
	read_note(L, who, GEN_STATE);
	read_note(L, who, GEN_TRAFFIC);
	struct request r = { .verb = VERB_CMD, .who = who, .line = line };
	return call_wait(L, &r, TIME_NEVER, lua_pushfstring(L, "the reply to '%s'", line), cmd_k);
}

/* ---- power ---- */

static int power_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	call_check(L, c);
	call_drop(script_of(L), c);
	return 0;
}

static int power(lua_State *L, enum power p, const char *what)
{
	const struct handle *h = handle_at(L, 1, H_SWITCH, what);
	struct request r = { .verb = VERB_POWER, .who.index = h->idx, .power = p };
	return call_wait(L, &r, TIME_NEVER, what, power_k);
}

static int l_kill(lua_State *L)
{
	return power(L, POWER_KILL, "switch:kill");
}

static int l_restart(lua_State *L)
{
	return power(L, POWER_RESTART, "switch:restart");
}

static int l_pause(lua_State *L)
{
	return power(L, POWER_PAUSE, "switch:pause");
}

static int l_resume(lua_State *L)
{
	return power(L, POWER_RESUME, "switch:resume");
}

/* switch:skew("200ppm"): its clock runs that much faster from now on; "0ppm": like the lab's again
 */
static int l_skew(lua_State *L)
{
	const struct handle *h = handle_at(L, 1, H_SWITCH, "switch:skew");
	const char *text = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	int32_t ppm;
	if (ppm_parse(text, &ppm) < 0)
		misuse(L, "switch:skew: '%s': write \"200ppm\" or \"-1%%\", at most half", text);
	struct request r = { .verb = VERB_CLOCK, .who.index = h->idx, .ppm = ppm };
	return call_wait(L, &r, TIME_NEVER, "switch:skew", power_k);
}

/* ---- events ---- */

static const char *event_at(const void *unused, size_t i)
{
	(void)unused;
	return i < EVENT_KINDS ? event_name((enum event_kind)i) : NULL;
}

static int event_k(lua_State *L, int status, lua_KContext ctx)
{
	struct task *t = script_of(L)->running;
	const struct event *ev = &t->event.ev;
	char mac[MAC_TEXT_LEN];
	(void)status;
	(void)ctx;
	if (t->wait.late) {
		lua_pushnil(L);
		return 1;
	}
	lua_newtable(L);
	lua_pushstring(L, event_name(ev->kind));
	lua_setfield(L, -2, "kind");
	lua_pushinteger(L, ev->at);
	lua_setfield(L, -2, "at_ns");
	lua_pushinteger(L, ev->port);
	lua_setfield(L, -2, "port");
	lua_pushinteger(L, ev->vid);
	lua_setfield(L, -2, "vlan");
	lua_pushstring(L, mac_format(mac, ev->mac));
	lua_setfield(L, -2, "mac");
	lua_pushstring(L, t->event.text);
	lua_setfield(L, -2, "text");
	return 1;
}

/* handle:await("port.down", "10s"): the next such event, or nil */
static int l_await(lua_State *L)
{
	const struct handle *h = handle_test(L, 1);
	if (!h || (h->kind != H_SWITCH && h->kind != H_CABLE))
		misuse(L, "await: write switch:await(event, within), with a colon");
	in_test(L, "await");
	const char *name = luaL_checkstring(L, 2);
	int kind = event_kind_of(name);
	if (kind < 0) {
		const char *near = nearest_word(name, event_at, NULL);
		misuse(L, near ? "await: no event '%s'; did you mean %s?" : "await: no event '%s'",
		       name, near);
	}
	int64_t within = lua_isnoneornil(L, 3) ? TIME_NEVER : arg_time(L, 3, "await");
	struct task *t = task_current(L, "await");
	t->wait.event = kind;
	t->wait.who = (struct ref){ .cable = h->kind == H_CABLE, .index = h->idx };
	involve(t, t->wait.who);
	return task_wait(L, WAIT_EVENT, within == TIME_NEVER ? within : lab_now(t->s) + within,
			 lua_pushfstring(L, "the event %s", name), 0, event_k);
}

/* switch:port(name or number): a handle of its own */
static int l_port(lua_State *L)
{
	const struct handle *h = handle_at(L, 1, H_SWITCH, "switch:port");
	const struct plan *p = &script_of(L)->plan;
	const struct node_spec *n = &p->nodes[h->idx];
	unsigned port = 0;
	if (lua_isinteger(L, 2) && lua_tointeger(L, 2) >= 0 && lua_tointeger(L, 2) <= n->numports)
		port = (unsigned)lua_tointeger(L, 2);
	else if (lua_type(L, 2) == LUA_TSTRING)
		port = plan_port_named(n, lua_tostring(L, 2));
	if (!port && !(lua_isinteger(L, 2) && lua_tointeger(L, 2) == 0))
		misuse(L, "%s has no port '%s'", n->name, plain_text(L, 2));
	unsigned idx = h->idx;
	handle_push(L, H_PORT, idx)->port = port;
	return 1;
}

void switch_open(lua_State *L)
{
	static const luaL_Reg sw[] = {
		{ "cmd", l_cmd },     { "kill", l_kill },     { "restart", l_restart },
		{ "pause", l_pause }, { "resume", l_resume }, { "await", l_await },
		{ "port", l_port },   { "skew", l_skew },     { NULL, NULL },
	};
	static const luaL_Reg cable[] = { { "cmd", l_cmd }, { "await", l_await }, { NULL, NULL } };
	handle_class(L, H_SWITCH, sw);
	handle_class(L, H_CABLE, cable);
}
