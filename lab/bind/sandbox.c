/* SPDX-License-Identifier: MIT */
/* sandbox.c - the Lua that scenarios see: no clock, no files, no addresses, no hidden randomness,
 * no libm, bounded work and memory. What is left gives the same result on every machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"

enum { HOOK_EVERY = 10000 }; /* instructions between two looks at the budget */

/* ---- text without addresses ---- */

const char *plain_text(lua_State *L, int idx)
{
	idx = lua_absindex(L, idx);
	int type = lua_type(L, idx);
	if (type <= LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING ||
	    luaL_getmetafield(L, idx, "__tostring") != LUA_TNIL) {
		if (lua_gettop(L) > idx && type > LUA_TSTRING)
			lua_pop(L, 1);
		return luaL_tolstring(L, idx, NULL);
	}
	return lua_pushstring(L, luaL_typename(L, idx));
}

static int s_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	plain_text(L, 1);
	return 1;
}

/* string.format: "%s" of a table would print its address, "%p" is one. */
static int s_format(lua_State *L)
{
	const char *fmt = luaL_checkstring(L, 1);
	for (const char *p = fmt; (p = strchr(p, '%')); p += p[1] ? 2 : 1)
		if (p[1 + strspn(p + 1, "-+ #0123456789.")] == 'p')
			return luaL_error(L,
					  "string.format: %%p: addresses differ from run to run");
	int top = lua_gettop(L);
	for (int i = 2; i <= top; i++)
		if (lua_type(L, i) > LUA_TSTRING || lua_type(L, i) == LUA_TLIGHTUSERDATA) {
			plain_text(L, i);
			lua_replace(L, i);
		}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, top, 1);
	return 1;
}

static int s_print(lua_State *L)
{
	struct script *s = script_of(L);
	luaL_Buffer b;
	int n = lua_gettop(L);
	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		plain_text(L, i);
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	const char *text = lua_tostring(L, -1);
	if (s->out)
		note_add(&s->out->note, &s->out->nnotes, NULL, text, lab_now(s));
	else if (!s->env->again)
		fprintf(stderr, "%s\n", text); /* top level of the file, at its first reading */
	return 0;
}

/* ---- errors: skips and exhausted budgets pass through every pcall ---- */

static bool must_pass(lua_State *L)
{
	return script_of(L)->doomed || is_skip(L, -1);
}

/* The context of a pcall: how many values lie under what is to be returned, and whether a predicate
 * was being looked at when it began: it goes on then, or it raised and is over. */
enum { WITHIN_PREDICATE = 256 };

static lua_KContext context(lua_State *L, int base)
{
	const struct task *t = script_of(L)->running;
	return base | (t && t->reading ? WITHIN_PREDICATE : 0);
}

static int pcall_after(lua_State *L, int status, lua_KContext ctx)
{
	int base = (int)(ctx & ~WITHIN_PREDICATE);
	if (status != LUA_OK && status != LUA_YIELD) {
		if (must_pass(L))
			return lua_error(L);
		if (script_of(L)->running)
			script_of(L)->running->reading = ctx & WITHIN_PREDICATE;
		lua_pushboolean(L, 0);
		lua_insert(L, -2);
		return 2;
	}
	return lua_gettop(L) - base;
}

static int s_pcall(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_pushboolean(L, 1);
	lua_insert(L, 1);
	lua_KContext ctx = context(L, 0);
	return pcall_after(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, ctx, pcall_after),
			   ctx);
}

static int xpcall_after(lua_State *L, int status, lua_KContext ctx)
{
	if (status != LUA_OK && status != LUA_YIELD && must_pass(L))
		return lua_error(L);
	return pcall_after(L, status, ctx);
}

/* The handler must not see what has to pass: it could loop. */
static int handler(lua_State *L)
{
	if (must_pass(L))
		return 1;
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, 1, 1);
	return 1;
}

static int s_xpcall(lua_State *L)
{
	int n = lua_gettop(L);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, handler, 1);
	lua_replace(L, 2); /* f, handler, args */
	lua_pushboolean(L, 1);
	lua_pushvalue(L, 1);
	lua_rotate(L, 3, 2); /* f, handler, true, f, args */
	lua_KContext ctx = context(L, 2);
	return xpcall_after(L, lua_pcallk(L, n - 2, LUA_MULTRET, 2, ctx, xpcall_after), ctx);
}

static int s_error(lua_State *L)
{
	int level = (int)luaL_optinteger(L, 2, 1);
	lua_settop(L, 1);
	if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
		luaL_where(L, level);
		lua_pushvalue(L, 1);
		lua_concat(L, 2);
	}
	script_of(L)->raised_at[0] = '\0'; /* its place is in the text */
	script_of(L)->raised = lua_topointer(L, -1);
	return lua_error(L);
}

static int s_assert(lua_State *L)
{
	if (lua_toboolean(L, 1))
		return lua_gettop(L);
	luaL_checkany(L, 1);
	lua_remove(L, 1);
	lua_pushliteral(L, "assertion failed");
	lua_settop(L, 1);
	user_where(L, script_of(L)->raised_at, sizeof script_of(L)->raised_at);
	script_of(L)->raised = lua_topointer(L, -1);
	return lua_error(L);
}

/* ---- metatables: no finalizers, no weak tables: both would show when memory is collected ---- */

static int s_setmetatable(lua_State *L)
{
	if (lua_type(L, 2) == LUA_TTABLE)
		for (const char *const *k = (const char *const[]){ "__gc", "__mode", NULL }; *k;
		     k++) {
			lua_pushstring(L, *k);
			if (lua_rawget(L, 2) != LUA_TNIL)
				return luaL_error(L, "setmetatable: %s would make runs differ", *k);
			lua_pop(L, 1);
		}
	int n = lua_gettop(L);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, n, 1);
	return 1;
}

/* ---- source text only ---- */

static int s_load(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	const char *name = luaL_optstring(L, 2, "=load");
	if (luaL_loadbufferx(L, text, len, name, "t") != LUA_OK) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	if (!lua_isnoneornil(L, 4)) {
		lua_pushvalue(L, 4);
		lua_setupvalue(L, -2, 1);
	}
	return 1;
}

/* require "lib/cluster": cluster.lua in lib/ beside the scenario, once. */
static int s_require(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	if (!*name || name[0] == '/' || strstr(name, "..") ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/")])
		misuse(L, "require: '%s': a path below the scenario's folder, without .lua", name);
	lua_getfield(L, LUA_REGISTRYINDEX, "required");
	if (lua_getfield(L, -1, name) != LUA_TNIL)
		return 1;
	lua_pop(L, 1);
	const char *file = script_of(L)->env->file, *slash = strrchr(file, '/');
	lua_pushlstring(L, file, slash ? (size_t)(slash + 1 - file) : 0);
	lua_pushfstring(L, "%s%s.lua", lua_tostring(L, -1), name);
	if (luaL_loadfilex(L, lua_tostring(L, -1), "t") != LUA_OK)
		misuse(L, "require: %s", lua_tostring(L, -1));
	lua_pushstring(L, name);
	lua_call(L, 1, 1);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_pushboolean(L, 1);
	}
	lua_pushvalue(L, -1);
	lua_setfield(L, 2, name);
	return 1;
}

/* ---- randomness: draws of one named stream, counted ---- */

static int s_random(lua_State *L)
{
	struct script *s = script_of(L);
	if (!s->random.key)
		s->random = stream_of(s->seed, "lua/random");
	lua_Integer lo = 1, hi = 0;
	if (lua_gettop(L) == 0) { /* [0, 1): 53 bits, exact */
		lua_pushnumber(L, (lua_Number)(draw(s->random, s->drawn++, 0) >> 11) * 0x1p-53);
		return 1;
	}
	hi = luaL_checkinteger(L, lua_gettop(L) > 1 ? 2 : 1);
	if (lua_gettop(L) > 1)
		lo = luaL_checkinteger(L, 1);
	luaL_argcheck(L, lo <= hi, 1, "interval is empty");
	uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;
	uint64_t v = span ? draw_below(s->random, s->drawn, 0, span) : draw(s->random, s->drawn, 0);
	s->drawn++;
	v += (uint64_t)lo;
	lua_pushinteger(L, (lua_Integer)v);
	return 1;
}

/* ---- bounded work ---- */

static void look_at_budget(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	struct script *s = script_of(L);
	s->spent += HOOK_EVERY;
	if (*s->env->stop) {
		s->doomed = true;
		luaL_error(L, "stopped");
	}
	if (s->spent <= s->env->budget)
		return;
	s->doomed = true;
	misuse(L, "an endless loop? over %llu million instructions without waiting",
	       (unsigned long long)(s->env->budget / 1000000));
}

void budget_reset(struct script *s)
{
	s->spent = 0;
}

/* ---- the whole ---- */

static const luaL_Reg globals[] = {
	{ "tostring", s_tostring }, { "print", s_print },     { "pcall", s_pcall },
	{ "xpcall", s_xpcall },     { "error", s_error },     { "assert", s_assert },
	{ "load", s_load },         { "require", s_require }, { NULL, NULL },
};

static void forget(lua_State *L, const char *table, const char *const *names)
{
	lua_getglobal(L, table);
	for (; *names; names++) {
		lua_pushnil(L);
		lua_setfield(L, -2, *names);
	}
	lua_pop(L, 1);
}

/* Replaces table.name by fn, which finds the original in its upvalue. */
static void wrap(lua_State *L, const char *table, const char *name, lua_CFunction fn)
{
	lua_getglobal(L, table);
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, fn, 1);
	lua_setfield(L, -2, name);
	lua_pop(L, 1);
}

void sandbox_open(lua_State *L)
{
	static const luaL_Reg libs[] = {
		{ LUA_GNAME, luaopen_base },        { LUA_TABLIBNAME, luaopen_table },
		{ LUA_STRLIBNAME, luaopen_string }, { LUA_MATHLIBNAME, luaopen_math },
		{ LUA_UTF8LIBNAME, luaopen_utf8 },  { NULL, NULL },
	};
	for (const luaL_Reg *l = libs; l->name; l++) {
		luaL_requiref(L, l->name, l->func, 1);
		lua_pop(L, 1);
	}
	forget(L, LUA_GNAME,
	       (const char *const[]){ "dofile", "loadfile", "collectgarbage", "warn", NULL });
	forget(L, "string", (const char *const[]){ "dump", NULL });
	forget(L, "math",
	       (const char *const[]){ "sin", "cos", "tan", "asin", "acos", "atan", "exp", "log",
				      "randomseed", NULL });
	wrap(L, "string", "format", s_format);
	wrap(L, LUA_GNAME, "setmetatable", s_setmetatable);
	lua_getglobal(L, "math");
	lua_pushcfunction(L, s_random);
	lua_setfield(L, -2, "random");
	lua_pop(L, 1);
	lua_pushglobaltable(L);
	luaL_setfuncs(L, globals, 0);
	lua_pop(L, 1);
	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, "required");
	ordered_open(L);
	lua_sethook(L, look_at_budget, LUA_MASKCOUNT, HOOK_EVERY);
}
