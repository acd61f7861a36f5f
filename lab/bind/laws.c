/* SPDX-License-Identifier: MIT */
/* laws.c - the impairments of a cable as a script writes them: each is tried on a wire, so that a
 * wrong one is named at its line, and a path in it is made one that holds everywhere. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "wire/core/wire.h"

/* The scenario's folder from the root, with a slash at its end. */
void push_folder(lua_State *L)
{
	const char *file = script_of(L)->env->file, *slash = strrchr(file, '/');
	lua_pushlstring(L, file, slash ? (size_t)(slash + 1 - file) : 0);
	char *whole = realpath(slash ? lua_tostring(L, -1) : ".", NULL);
	if (whole) {
		lua_pop(L, 1);
		lua_pushfstring(L, "%s/", whole);
		free(whole);
	}
}

/* The path of the first `file:PATH` that is a value, of a key or of one inside a chain; NULL: none.
 */
static const char *next_path(const char *text)
{
	for (const char *at = text; (at = strstr(at, "file:")) != NULL; at++)
		if (at > text && (at[-1] == '=' || at[-1] == '"'))
			return at + strlen("file:");
	return NULL;
}

/* Replaces the text on top by one in which all such paths are whole: a relative one begins in the
 * scenario's folder, whoever reads it. */
static const char *whole_paths(lua_State *L)
{
	luaL_Buffer b;
	int top = lua_gettop(L);
	push_folder(L);
	luaL_buffinit(L, &b);
	const char *from = lua_tostring(L, top);
	for (const char *path; (path = next_path(from)) != NULL; from = path) {
		luaL_addlstring(&b, from, (size_t)(path - from));
		if (*path && *path != '/')
			luaL_addstring(&b, lua_tostring(L, top + 1));
	}
	luaL_addstring(&b, from);
	luaL_pushresult(&b);
	lua_replace(L, top);
	lua_settop(L, top);
	return lua_tostring(L, top);
}

/* Keys of the table at idx as words. */
static void take_keys(lua_State *L, int idx, const char *prefix, const char *const *except,
		      struct wire_config *c, struct words *out)
{
	struct words *found = words_push(L);
	opt_words(L, idx, "a cable", except, found);
	for (size_t i = 0; i < found->count; i++) {
		char *key, *value;
		struct err e = { "" };
		lua_pushfstring(L, "%s%s", prefix, found->v[i]);
		const char *text = whole_paths(L);
		if (words_add(out, text) < 0)
			out_of_memory(L);
		char *word = lua_newuserdatauv(L, strlen(text) + 1, 0);
		strcpy(word, text);
		args_keyval(word + strlen(prefix), &key, &value);
		int r = wire_set_key(c, key, value ? value : "", &e);
		if (r == -ENOMEM)
			out_of_memory(L);
		if (r < 0)
			misuse(L, "a cable: %s%s: %s", prefix, key, e.text);
		lua_pop(L, 2);
	}
	lua_pop(L, 1);
}

void cable_keys(lua_State *L, int idx, const char *const *except, struct words *out)
{
	struct wire_config c;
	wire_config_default(&c);
	if (lua_type(L, idx) != LUA_TTABLE)
		return;
	c.files = script_of(L)->env->files;
	take_keys(L, idx, "", except, &c, out);
	for (const char *const *d = NAMES("ab", "ba"); *d; d++) {
		char prefix[4];
		snprintf(prefix, sizeof prefix, "%s.", *d);
		if (lua_getfield(L, idx, *d) != LUA_TNIL)
			take_keys(L, lua_gettop(L), prefix, NAMES(NULL), &c, out);
		lua_pop(L, 1);
	}
}
