/* SPDX-License-Identifier: MIT */
/* load.c - core.load(file, kind): networks in the formats of others, for net.load. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lab/import/import.h"
#include "lib/io/readfile.h"

struct load { /* what an error of the script must not leak: the collector's */
	struct topo topo;
	char *text;
};

static int load_gc(lua_State *L)
{
	struct load *l = lua_touserdata(L, 1);
	topo_fini(&l->topo);
	free(l->text);
	l->text = NULL;
	return 0;
}

static struct load *load_push(lua_State *L)
{
	struct load *l = lua_newuserdatauv(L, sizeof *l, 0);
	*l = (struct load){ 0 };
	if (luaL_newmetatable(L, "dw.load")) {
		lua_pushcfunction(L, load_gc);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2);
	return l;
}

static void push_nodes(lua_State *L, const struct topo *t)
{
	lua_createtable(L, (int)t->nnodes, 0);
	for (size_t i = 0; i < t->nnodes; i++) {
		lua_createtable(L, 0, 2);
		lua_pushstring(L, t->node[i].name);
		lua_setfield(L, -2, "name");
		lua_pushboolean(L, t->node[i].kind == TOPO_HOST);
		lua_setfield(L, -2, "host");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* { delay = "5ms", ab = { loss = "1%" } } */
static void push_keys(lua_State *L, const struct words *keys)
{
	lua_newtable(L);
	for (size_t i = 0; i < keys->count; i++) {
		const char *key = keys->v[i], *eq = strchr(key, '=');
		bool one_way =
			key[2] == '.' && (strncmp(key, "ab", 2) == 0 || strncmp(key, "ba", 2) == 0);
		int table = lua_gettop(L);
		if (one_way) {
			lua_pushlstring(L, key, 2);
			luaL_getsubtable(L, table, lua_tostring(L, -1));
			lua_remove(L, -2);
			key += 3;
		} else {
			lua_pushvalue(L, table);
		}
		lua_pushlstring(L, key, (size_t)(eq - key));
		lua_pushstring(L, eq + 1);
		lua_rawset(L, -3);
		lua_pop(L, 1);
	}
}

static void push_links(lua_State *L, const struct topo *t)
{
	lua_createtable(L, (int)t->nlinks, 0);
	for (size_t i = 0; i < t->nlinks; i++) {
		lua_createtable(L, 0, 3);
		set_int(L, "a", t->link[i].a + 1);
		set_int(L, "b", t->link[i].b + 1);
		push_keys(L, &t->link[i].keys);
		lua_setfield(L, -2, "keys");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

int script_load(lua_State *L)
{
	const char *file = luaL_checkstring(L, 1), *kind = luaL_optstring(L, 2, NULL);
	const struct import_kind *k;
	struct err e = { "" };
	size_t len;
	if (import_kind_of(kind, file, &k, &e) < 0)
		misuse(L, "net.load: %s", e.text);
	if (*file == '/') {
		lua_pushvalue(L, 1);
	} else {
		push_folder(L);
		lua_pushvalue(L, 1);
		lua_concat(L, 2);
	}
	struct load *l = load_push(L);
	if (readfile(NULL, lua_tostring(L, -2), &l->text, &len, &e) < 0)
		misuse(L, "net.load: %s", e.text);
	int r = import_read(k, l->text, len, &l->topo, &e);
	if (r == -ENOMEM)
		out_of_memory(L);
	if (r < 0)
		misuse(L, "net.load: %s: %s", file, e.text);
	lua_newtable(L);
	push_nodes(L, &l->topo);
	lua_setfield(L, -2, "nodes");
	push_links(L, &l->topo);
	lua_setfield(L, -2, "links");
	return 1;
}
