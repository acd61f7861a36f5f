/* SPDX-License-Identifier: MIT */
/* options.c - option tables and quantities, as scripts write them: an unknown option gets the
 * nearest right word, a bare number where a unit belongs gets the unit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

static const char *word_at(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

static bool listed(const char *const *list, const char *word)
{
	while (*list && strcmp(*list, word) != 0)
		list++;
	return *list != NULL;
}

/* A table or nothing at idx: true if there is one. */
static bool table_at(lua_State *L, int idx, const char *what)
{
	if (lua_isnoneornil(L, idx))
		return false;
	if (lua_type(L, idx) != LUA_TTABLE)
		misuse(L, "%s: options are a table, not a %s: { … }", what, luaL_typename(L, idx));
	return true;
}

void opts_known(lua_State *L, int idx, const char *what, const char *const *known)
{
	idx = lua_absindex(L, idx);
	if (!table_at(L, idx, what))
		return;
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING)
			misuse(L, "%s: options have names: { key = value }", what);
		const char *key = lua_tostring(L, -1);
		if (listed(known, key))
			continue;
		const char *near = nearest_word(key, word_at, known);
		if (near)
			misuse(L, "%s: unknown option '%s'; did you mean %s?", what, key, near);
		luaL_Buffer b;
		luaL_buffinit(L, &b);
		for (const char *const *k = known; *k; k++) {
			luaL_addchar(&b, ' ');
			luaL_addstring(&b, *k);
		}
		luaL_pushresult(&b);
		misuse(L, "%s: unknown option '%s'; there are:%s", what, key, lua_tostring(L, -1));
	}
}

/* Pushes the option; false (nothing pushed): missing. */
static bool option(lua_State *L, int idx, const char *key)
{
	if (lua_type(L, idx) != LUA_TTABLE)
		return false;
	if (lua_getfield(L, idx, key) != LUA_TNIL)
		return true;
	lua_pop(L, 1);
	return false;
}

static const char *quantity(lua_State *L, int idx, const char *what, const char *example)
{
	if (lua_type(L, idx) == LUA_TNUMBER)
		misuse(L, "%s: %s is a bare number; write a unit, as in \"%s\"", what,
		       lua_tostring(L, idx), example);
	if (lua_type(L, idx) != LUA_TSTRING)
		misuse(L, "%s: a text as \"%s\" belongs here, not a %s", what, example,
		       luaL_typename(L, idx));
	return lua_tostring(L, idx);
}

static int64_t time_at(lua_State *L, int idx, const char *what)
{
	struct err e = { "" };
	int64_t ns;
	if (unit_time(quantity(L, idx, what, "5ms"), &ns, &e) < 0)
		misuse(L, "%s: %s", what, e.text);
	return ns;
}

int64_t arg_time(lua_State *L, int idx, const char *what)
{
	if (lua_isnoneornil(L, idx))
		misuse(L, "%s: a duration is missing, as \"5s\"", what);
	return time_at(L, idx, what);
}

int64_t opt_time(lua_State *L, int idx, const char *key, int64_t missing)
{
	if (!option(L, idx, key))
		return missing;
	int64_t ns = time_at(L, -1, key);
	lua_pop(L, 1);
	return ns;
}

uint64_t opt_bytes(lua_State *L, int idx, const char *key, uint64_t missing)
{
	if (!option(L, idx, key))
		return missing;
	struct err e = { "" };
	uint64_t n;
	if (unit_bytes(quantity(L, -1, key, "200B"), &n, &e) < 0)
		misuse(L, "%s: %s", key, e.text);
	lua_pop(L, 1);
	return n;
}

uint64_t opt_count(lua_State *L, int idx, const char *key, uint64_t min, uint64_t max,
		   uint64_t missing)
{
	if (!option(L, idx, key))
		return missing;
	int whole;
	lua_Integer n = lua_tointegerx(L, -1, &whole);
	if (!whole || n < 0 || (uint64_t)n < min || (uint64_t)n > max)
		misuse(L, "%s: %s is not a whole number between %llu and %llu", key,
		       plain_text(L, -1), (unsigned long long)min, (unsigned long long)max);
	lua_pop(L, 1);
	return (uint64_t)n;
}

bool opt_bool(lua_State *L, int idx, const char *key, bool missing)
{
	if (!option(L, idx, key))
		return missing;
	bool yes = lua_toboolean(L, -1);
	struct err e = { "" };
	if (lua_type(L, -1) == LUA_TSTRING && unit_bool(lua_tostring(L, -1), &yes, &e) < 0)
		misuse(L, "%s: %s", key, e.text);
	if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TBOOLEAN)
		misuse(L, "%s: true or false belongs here", key);
	lua_pop(L, 1);
	return yes;
}

const char *opt_text(lua_State *L, int idx, const char *key)
{
	if (!option(L, idx, key))
		return NULL;
	if (lua_type(L, -1) != LUA_TSTRING)
		misuse(L, "%s: a text belongs here, not a %s", key, luaL_typename(L, -1));
	return lua_tostring(L, -1);
}

static int words_gc(lua_State *L)
{
	words_fini(lua_touserdata(L, 1));
	return 0;
}

struct words *words_push(lua_State *L)
{
	struct words *w = lua_newuserdatauv(L, sizeof *w, 0);
	*w = (struct words){ 0 };
	if (luaL_newmetatable(L, "dw.words")) {
		lua_pushcfunction(L, words_gc);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2);
	return w;
}

/* ---- tables of keys, as the management language writes them ---- */

/* The value at idx as one word on the stack: lists are joined by commas. */
static const char *push_value(lua_State *L, int idx, const char *key)
{
	idx = lua_absindex(L, idx);
	luaL_Buffer b;
	switch (lua_type(L, idx)) {
	case LUA_TBOOLEAN:
		return lua_pushstring(L, lua_toboolean(L, idx) ? "yes" : "no");
	case LUA_TNUMBER:
	case LUA_TSTRING:
		lua_pushvalue(L, idx);
		return lua_tostring(L, -1);
	case LUA_TTABLE:
		luaL_buffinit(L, &b);
		for (lua_Integer i = 1; lua_rawgeti(L, idx, i) != LUA_TNIL; i++) {
			if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
				misuse(L, "%s: a list of texts or numbers belongs here", key);
			if (i > 1) {
				lua_pushfstring(L, ",%s", lua_tostring(L, -1));
				lua_remove(L, -2);
			}
			luaL_addvalue(&b);
		}
		lua_pop(L, 1);
		luaL_pushresult(&b);
		return lua_tostring(L, -1);
	default:
		misuse(L, "%s: a %s is no value for a key", key, luaL_typename(L, idx));
	}
}

void opt_words(lua_State *L, int idx, const char *what, const char *const *except,
	       struct words *out)
{
	idx = lua_absindex(L, idx);
	if (!table_at(L, idx, what))
		return;
	lua_getglobal(L, "pairs");
	lua_pushvalue(L, idx);
	lua_call(L, 1, 3); /* iterator, table, nil */
	for (;;) {
		lua_pushvalue(L, -3);
		lua_pushvalue(L, -3);
		lua_pushvalue(L, -3);
		lua_call(L, 2, 2);
		if (lua_isnil(L, -2))
			break;
		if (lua_type(L, -2) != LUA_TSTRING)
			misuse(L, "%s: keys have names: { key = value }", what);
		const char *key = lua_tostring(L, -2);
		if (!listed(except, key)) {
			const char *value = push_value(L, -1, key);
			const char *quote = strpbrk(value, " \t") ? "\"" : "";
			if (strpbrk(value, "\"\n\r"))
				misuse(L, "%s: quotes and line ends cannot be in a value", key);
			if (words_add(out, lua_pushfstring(L, "%s=%s%s%s", key, quote, value,
							   quote)) < 0)
				out_of_memory(L);
			lua_pop(L, 2);
		}
		lua_pop(L, 1);
		lua_replace(L, -2); /* the key is the next control value */
	}
	lua_pop(L, 5);
}
