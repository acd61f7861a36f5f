/* SPDX-License-Identifier: MIT */
/* core.c - `core`: the few things that lab/lua is made of and scenarios do not see. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"
#include "wire/core/wire.h"

static int c_misuse(lua_State *L)
{
	misuse(L, "%s", luaL_checkstring(L, 1));
}

static int c_fail(lua_State *L)
{
	fail(L, "%s", luaL_checkstring(L, 1));
}

/* core.known(table, what, { names }) */
static int c_known(lua_State *L)
{
	const char *names[65];
	lua_Integer n = 0;
	luaL_checktype(L, 3, LUA_TTABLE);
	for (; n < 64 && lua_rawgeti(L, 3, n + 1) == LUA_TSTRING; n++, lua_pop(L, 1))
		names[n] = lua_tostring(L, -1); /* the list keeps it */
	names[n] = NULL;
	opts_known(L, 1, luaL_checkstring(L, 2), names);
	return 0;
}

static int c_time(lua_State *L) /* core.time(text, what) -> ns */
{
	lua_pushinteger(L, arg_time(L, 1, luaL_checkstring(L, 2)));
	return 1;
}

static int c_time_text(lua_State *L)
{
	char text[UNIT_TEXT_LEN];
	lua_pushstring(L, unit_time_text(text, luaL_checkinteger(L, 1)));
	return 1;
}

/* core.cable_words(table) -> { "delay=5ms", "ab.loss=1%" }, checked */
static int c_cable_words(lua_State *L)
{
	lua_settop(L, 1);
	struct words *w = words_push(L);
	cable_keys(L, 1, NAMES("ab", "ba"), w);
	lua_createtable(L, (int)w->count, 0);
	for (size_t i = 0; i < w->count; i++) {
		lua_pushstring(L, w->v[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static int c_is_cable_key(lua_State *L)
{
	const char *key = luaL_checkstring(L, 1);
	bool is = strcmp(key, "ab") == 0 || strcmp(key, "ba") == 0;
	const char *name;
	for (size_t i = 0; !is && (name = wire_key_at(NULL, i)); i++) {
		is = strlen(name) == strlen(key);
		for (size_t k = 0; is && name[k]; k++)
			is = name[k] == key[k] || (name[k] == '-' && key[k] == '_');
	}
	lua_pushboolean(L, is);
	return 1;
}

/* core.plan_words(cable, words): what a cable is made of, before the tests run */
static int c_plan_words(lua_State *L)
{
	struct script *s = script_of(L);
	const struct handle *h = handle_at(L, 1, H_CABLE, "cable");
	for (lua_Integer i = 1; lua_rawgeti(L, 2, i) == LUA_TSTRING; i++, lua_pop(L, 1))
		if (words_add(&s->plan.cables[h->idx].keys, lua_tostring(L, -1)) < 0)
			out_of_memory(L);
	return 0;
}

/* core.at(ns, fn): runs fn as a task at that time of the test, before frames and timers of the
 * instant */
static int c_at(lua_State *L)
{
	struct script *s = script_of(L);
	int64_t when = luaL_checkinteger(L, 1);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	if (plan_call(L, s->began + when) < 0)
		out_of_memory(L);
	return 0;
}

static int add_hook(lua_State *L, const char *list)
{
	lua_getfield(L, LUA_REGISTRYINDEX, list);
	lua_pushvalue(L, 1);
	lua_rawseti(L, -2, luaL_len(L, -2) + 1);
	return 0;
}

static int c_before(lua_State *L) /* core.before(fn): fn(name) runs as every test begins */
{
	return add_hook(L, "before");
}

static int c_loaded(lua_State *L) /* core.loaded(fn): fn runs once the whole scenario was read */
{
	return add_hook(L, "loaded");
}

/* core.detach(handle, line): a management line that nobody waits for, where waiting is impossible
 */
static int c_detach(lua_State *L)
{
	struct script *s = script_of(L);
	const struct handle *h = handle_test(L, 1);
	luaL_argcheck(L, h, 1, "handle");
	struct request r = { .verb = VERB_CMD,
			     .line = luaL_checkstring(L, 2),
			     .who = { .cable = h->kind == H_CABLE, .index = h->idx } };
	if (s->world)
		call_detach(s, &r);
	return 0;
}

static int c_path(lua_State *L) /* core.path(file): from the root, whoever opens it */
{
	const char *file = luaL_checkstring(L, 1);
	char *here = *file == '/' ? NULL : getcwd(NULL, 0);
	if (here)
		lua_pushfstring(L, "%s/%s", here, file);
	free(here);
	return 1;
}

static int c_can_wait(lua_State *L)
{
	lua_pushboolean(L, lua_isyieldable(L));
	return 1;
}

static int c_running(lua_State *L)
{
	lua_pushboolean(L, script_of(L)->world != NULL);
	return 1;
}

static int c_kind(lua_State *L) /* "switch", "station", "cable" …, or nil */
{
	static const char *const names[H_KINDS] = { "net",  "t",    "switch", "station", "cable",
						    "port", "flow", "job",    "process" };
	const struct handle *h = handle_test(L, 1);
	if (h)
		lua_pushstring(L, names[h->kind]);
	else
		lua_pushnil(L);
	return 1;
}

/* core.switches(), core.cables(): all of the lab */
static int c_switches(lua_State *L)
{
	const struct plan *p = &script_of(L)->plan;
	lua_Integer n = 0;
	lua_newtable(L);
	for (unsigned i = 0; i < p->nnodes; i++)
		if (p->nodes[i].kind == NODE_SWITCH) {
			handle_of(L, H_SWITCH, i);
			lua_rawseti(L, -2, ++n);
		}
	return 1;
}

static int c_cables(lua_State *L)
{
	const struct plan *p = &script_of(L)->plan;
	lua_newtable(L);
	for (unsigned i = 0; i < p->ncables; i++) {
		handle_of(L, H_CABLE, i);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static int slept(lua_State *L, int status, lua_KContext ctx)
{
	(void)L;
	(void)status;
	(void)ctx;
	return 0;
}

static int c_sleep(lua_State *L) /* core.sleep(ns) */
{
	int64_t until = lab_now(script_of(L)) + luaL_checkinteger(L, 1);
	return task_wait(L, WAIT_TIME, until, "time to pass", 0, slept);
}

static int c_json(lua_State *L) /* core.json(text) */
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	if (json_push(L, text, len) < 0)
		fail(L, "not JSON: %s", lua_tostring(L, -1));
	return 1;
}

void core_open(lua_State *L)
{
	static const luaL_Reg core[] = {
		{ "misuse", c_misuse },
		{ "fail", c_fail },
		{ "known", c_known },
		{ "time", c_time },
		{ "time_text", c_time_text },
		{ "cable_words", c_cable_words },
		{ "is_cable_key", c_is_cable_key },
		{ "plan_words", c_plan_words },
		{ "at", c_at },
		{ "mark", trace_mark },
		{ "before", c_before },
		{ "loaded", c_loaded },
		{ "detach", c_detach },
		{ "can_wait", c_can_wait },
		{ "path", c_path },
		{ "running", c_running },
		{ "kind", c_kind },
		{ "sleep", c_sleep },
		{ "json", c_json },
		{ "state", switch_state },
		{ "switches", c_switches },
		{ "cables", c_cables },
		{ "test", net_add_test },
		{ "wait_for", watch_wait_for },
		{ "background", watch_background },
		{ "sampled", test_sampled },
		{ "load", script_load },
		{ NULL, NULL },
	};
	for (const char *const *list = NAMES("loaded", "before"); *list; list++) {
		lua_newtable(L);
		lua_setfield(L, LUA_REGISTRYINDEX, *list);
	}
	luaL_newlib(L, core);
	luaL_setfuncs(L, plan_functions, 0);
	lua_getfield(L, LUA_REGISTRYINDEX, "classes");
	lua_setfield(L, -2, "class");
	lua_getfield(L, LUA_REGISTRYINDEX, "net");
	lua_setfield(L, -2, "net");
	lua_newtable(L); /* metatable of what exec gives */
	lua_pushvalue(L, -1);
	lua_setfield(L, LUA_REGISTRYINDEX, "result");
	lua_setfield(L, -2, "result");
}
