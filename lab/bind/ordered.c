/* SPDX-License-Identifier: MIT */
/* ordered.c - pairs() and next() in an order that does not depend on addresses: numbers by value,
 * strings bytewise, false before true, handles by creation. */
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"

enum { RANK_NUMBER, RANK_STRING, RANK_BOOLEAN, RANK_HANDLE };

static int rank(lua_State *L, int idx)
{
	switch (lua_type(L, idx)) {
	case LUA_TNUMBER:
		return RANK_NUMBER;
	case LUA_TSTRING:
		return RANK_STRING;
	case LUA_TBOOLEAN:
		return RANK_BOOLEAN;
	default:
		if (handle_test(L, idx))
			return RANK_HANDLE;
		return luaL_error(L, "pairs: a %s as a key has no order that repeats; use a list",
				  luaL_typename(L, idx));
	}
}

static bool less_string(lua_State *L, int a, int b)
{
	size_t an, bn;
	const char *as = lua_tolstring(L, a, &an), *bs = lua_tolstring(L, b, &bn);
	int c = memcmp(as, bs, an < bn ? an : bn);
	return c ? c < 0 : an < bn;
}

static bool less(lua_State *L, int a, int b) /* keys at these indices */
{
	int ra = rank(L, a), rb = rank(L, b);
	if (ra != rb)
		return ra < rb;
	switch (ra) {
	case RANK_NUMBER:
		return lua_compare(L, a, b, LUA_OPLT);
	case RANK_STRING:
		return less_string(L, a, b);
	case RANK_BOOLEAN:
		return !lua_toboolean(L, a) && lua_toboolean(L, b);
	default:
		return handle_test(L, a)->serial < handle_test(L, b)->serial;
	}
}

static int l_less(lua_State *L)
{
	lua_pushboolean(L, less(L, 1, 2));
	return 1;
}

/* The keys of the table at 1, sorted, as a list on top. */
static void push_keys(lua_State *L)
{
	lua_newtable(L);
	lua_Integer n = 0;
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		lua_pushvalue(L, -1);
		(void)rank(L, -1);
		lua_rawseti(L, -3, ++n);
	}
	if (n < 2)
		return;
	lua_getfield(L, LUA_REGISTRYINDEX, "sort");
	lua_pushvalue(L, -2);
	lua_pushcfunction(L, l_less);
	lua_call(L, 2, 0);
}

/* Iterator: upvalues are the sorted keys and how many were given. Keys set to nil meanwhile are
 * passed over, new ones are not seen. */
static int step(lua_State *L)
{
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
	for (;;) {
		if (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TNIL)
			return 1;
		lua_pushvalue(L, -1);
		if (lua_rawget(L, 1) != LUA_TNIL)
			break;
		lua_pop(L, 2);
	}
	lua_pushinteger(L, i);
	lua_replace(L, lua_upvalueindex(2));
	return 2;
}

static int after_meta(lua_State *L, int status, lua_KContext ctx)
{
	(void)L;
	(void)status;
	(void)ctx;
	return 3;
}

static int l_pairs(lua_State *L)
{
	luaL_checkany(L, 1);
	if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_callk(L, 1, 3, 0, after_meta);
		return 3;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	push_keys(L);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, step, 2);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

/* next(t, k): the least key after k. Looks at all keys; pairs() is the quick way. */
static int l_next(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 2);
	bool first = lua_isnil(L, 2), found = false;
	lua_pushnil(L); /* 3: the best so far */
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		int k = lua_gettop(L);
		if ((first || less(L, 2, k)) && (!found || less(L, k, 3))) {
			lua_pushvalue(L, k);
			lua_replace(L, 3);
			found = true;
		}
	}
	if (!found) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushvalue(L, 3);
	lua_pushvalue(L, 3);
	lua_rawget(L, 1);
	return 2;
}

/* ipairs(nil) would say "attempt to index a nil value", and not where. */
static int l_ipairs(lua_State *L)
{
	if (lua_type(L, 1) != LUA_TTABLE)
		misuse(L, "ipairs: a list belongs here, not a %s", luaL_typename(L, 1));
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, 3);
	return 3;
}

void ordered_open(lua_State *L)
{
	lua_getglobal(L, "table");
	lua_getfield(L, -1, "sort");
	lua_setfield(L, LUA_REGISTRYINDEX, "sort"); /* scripts may replace theirs */
	lua_pop(L, 1);
	lua_getglobal(L, "ipairs");
	lua_pushcclosure(L, l_ipairs, 1);
	lua_setglobal(L, "ipairs");
	lua_pushcfunction(L, l_pairs);
	lua_setglobal(L, "pairs");
	lua_pushcfunction(L, l_next);
	lua_setglobal(L, "next");
}
