/* SPDX-License-Identifier: MIT */
/* handle.c - handles and their classes: one table of methods a kind, filled from C and from
 * lab/lua. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/ether.h"
#include "lib/ext/jsonread.h"

static const struct {
	const char *meta, *noun;
} kinds[H_KINDS] = {
	[H_NET] = { "dw.net", "net" },
	[H_T] = { "dw.t", "t" },
	[H_SWITCH] = { "dw.switch", "switch" },
	[H_END] = { "dw.end", "station" },
	[H_CABLE] = { "dw.cable", "cable" },
	[H_PORT] = { "dw.port", "port" },
	[H_FLOW] = { "dw.flow", "flow" },
	[H_JOB] = { "dw.job", "job" },
	[H_PROCESS] = { "dw.process", "process" },
};

struct handle *handle_push(lua_State *L, enum handle_kind kind, unsigned idx)
{
	struct handle *h = lua_newuserdatauv(L, sizeof *h, 0);
	*h = (struct handle){ .kind = kind, .idx = idx, .serial = ++script_of(L)->handles };
	luaL_setmetatable(L, kinds[kind].meta);
	return h;
}

void handle_of(lua_State *L, enum handle_kind kind, unsigned idx)
{
	lua_getfield(L, LUA_REGISTRYINDEX, kind == H_CABLE ? "cables" : "nodes");
	if (lua_rawgeti(L, -1, (lua_Integer)idx + 1) == LUA_TNIL) {
		lua_pop(L, 1);
		handle_push(L, kind, idx);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, (lua_Integer)idx + 1);
	}
	lua_remove(L, -2);
}

struct handle *handle_test(lua_State *L, int idx)
{
	if (lua_type(L, idx) != LUA_TUSERDATA || !lua_getmetatable(L, idx))
		return NULL;
	lua_getfield(L, -1, "handle");
	bool ours = lua_toboolean(L, -1);
	lua_pop(L, 2);
	return ours ? lua_touserdata(L, idx) : NULL;
}

struct handle *handle_at(lua_State *L, int idx, enum handle_kind kind, const char *what)
{
	struct handle *h = handle_test(L, idx);
	if (!h || h->kind != kind) {
		const char *is = h ? kinds[h->kind].noun : luaL_typename(L, idx);
		misuse(L, "%s: a %s belongs here, not a %s", what, kinds[kind].noun, is);
	}
	return h;
}

/* net.x(…) and net:x(…) are the same */
void strip_self(lua_State *L, enum handle_kind kind)
{
	const struct handle *h = handle_test(L, 1);
	if (h && h->kind == kind)
		lua_remove(L, 1);
}

struct world *in_test(lua_State *L, const char *what)
{
	struct script *s = script_of(L);
	if (!s->world)
		misuse(L, "%s: only inside a test; the network does not run yet", what);
	return s->world;
}

/* ---- what can be read of a handle without asking ---- */

static enum handle_kind kind_of_node(lua_State *L, unsigned idx)
{
	return script_of(L)->plan.nodes[idx].kind == NODE_SWITCH ? H_SWITCH : H_END;
}

static bool cable_fact(lua_State *L, const struct cable_spec *c, const char *key)
{
	unsigned end = key[0] == 'b' || strcmp(key, "port_b") == 0;
	if (strcmp(key, "name") == 0)
		lua_pushstring(L, c->name);
	else if (strcmp(key, "a") == 0 || strcmp(key, "b") == 0)
		handle_of(L, kind_of_node(L, c->end[end].node), c->end[end].node);
	else if (strcmp(key, "port_a") == 0 || strcmp(key, "port_b") == 0)
		lua_pushinteger(L, c->end[end].port); /* 0 where it is no switch */
	else
		return false;
	return true;
}

static bool port_fact(lua_State *L, const struct handle *h, const char *key)
{
	if (strcmp(key, "number") == 0)
		lua_pushinteger(L, h->port);
	else if (strcmp(key, "switch") == 0)
		handle_of(L, H_SWITCH, h->idx);
	else
		return false;
	return true;
}

static void push_ip6(lua_State *L, const uint8_t mac[static 6]) /* link-local */
{
	uint8_t a[16];
	char text[INET6_ADDRSTRLEN];
	ipv6_own(mac, a);
	lua_pushstring(L, inet_ntop(AF_INET6, a, text, sizeof text));
}

static bool node_fact(lua_State *L, const struct node_spec *n, const char *key)
{
	char text[MAC_TEXT_LEN];
	if (strcmp(key, "name") == 0)
		lua_pushstring(L, n->name);
	else if (strcmp(key, "mac") == 0)
		lua_pushstring(L, mac_format(text, n->mac));
	else if (n->kind != NODE_SWITCH && strcmp(key, "ip6") == 0)
		push_ip6(L, n->mac);
	else if (n->kind != NODE_SWITCH && strcmp(key, "ip") == 0)
		lua_pushfstring(L, "%d.%d.%d.%d", n->ip >> 24, n->ip >> 16 & 255, n->ip >> 8 & 255,
				n->ip & 255);
	else
		return false;
	return true;
}

static bool push_fact(lua_State *L, const struct handle *h, const char *key)
{
	const struct plan *p = &script_of(L)->plan;
	if (h->kind == H_CABLE)
		return cable_fact(L, &p->cables[h->idx], key);
	if (h->kind == H_PORT)
		return port_fact(L, h, key);
	return (h->kind == H_SWITCH || h->kind == H_END) && node_fact(L, &p->nodes[h->idx], key);
}

/* The i-th method of a class, for nearest_word(); the class table is on top of L. */
struct names {
	lua_State *L;
	int list;
};

static const char *name_at(const void *list, size_t i)
{
	const struct names *n = list;
	lua_rawgeti(n->L, n->list, (lua_Integer)i + 1);
	const char *name = lua_tostring(n->L, -1); /* the list keeps it */
	lua_pop(n->L, 1);
	return name;
}

static void unknown_method(lua_State *L, const struct handle *h, const char *key)
{
	lua_newtable(
		L); /* names, sorted by pairs' order: the report does not depend on addresses */
	int list = lua_gettop(L);
	lua_Integer n = 0;
	lua_pushnil(L);
	while (lua_next(L, lua_upvalueindex(1))) {
		lua_pop(L, 1);
		lua_pushvalue(L, -1);
		lua_rawseti(L, list, ++n);
	}
	lua_getfield(L, LUA_REGISTRYINDEX, "sort");
	lua_pushvalue(L, list);
	lua_call(L, 1, 0);
	const char *near = nearest_word(key, name_at, &(struct names){ L, list });
	if (near)
		misuse(L, "a %s has no '%s'; did you mean %s?", kinds[h->kind].noun, key, near);
	misuse(L, "a %s has no '%s'", kinds[h->kind].noun, key);
}

static int index_handle(lua_State *L) /* upvalue: the class */
{
	const struct handle *h = lua_touserdata(L, 1);
	if (lua_type(L, 2) != LUA_TSTRING)
		misuse(L, "a %s has no %s in it", kinds[h->kind].noun, plain_text(L, 2));
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	const char *key = lua_tostring(L, 2);
	if (!push_fact(L, h, key))
		unknown_method(L, h, key);
	return 1;
}

static int newindex_handle(lua_State *L)
{
	const struct handle *h = lua_touserdata(L, 1);
	misuse(L, "a %s cannot be written to; keep '%s' in a table of your own",
	       kinds[h->kind].noun, plain_text(L, 2));
}

static int tostring_handle(lua_State *L)
{
	const struct handle *h = lua_touserdata(L, 1);
	const struct plan *p = &script_of(L)->plan;
	switch (h->kind) {
	case H_SWITCH:
	case H_END:
		lua_pushfstring(L, "%s %s", kinds[h->kind].noun, p->nodes[h->idx].name);
		break;
	case H_CABLE:
		lua_pushfstring(L, "cable %s", p->cables[h->idx].name);
		break;
	case H_PORT:
		lua_pushfstring(L, "port %d of %s", (int)h->port, p->nodes[h->idx].name);
		break;
	case H_NET:
	case H_T:
	case H_FLOW:
	case H_JOB:
	case H_PROCESS:
	case H_KINDS:
		lua_pushstring(L, kinds[h->kind].noun);
		break;
	}
	return 1;
}

static int close_handle(lua_State *L) /* local x <close> = …: its close method */
{
	lua_settop(L, 1);
	lua_getfield(L, 1, "close");
	lua_insert(L, 1);
	lua_call(L, 1, 0);
	return 0;
}

static int eq_handle(lua_State *L)
{
	const struct handle *a = handle_test(L, 1), *b = handle_test(L, 2);
	lua_pushboolean(L, a && b && a->kind == b->kind && a->idx == b->idx && a->port == b->port &&
				   (a->kind == H_PORT || a == b));
	return 1;
}

void handle_class(lua_State *L, enum handle_kind kind, const luaL_Reg *methods)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "classes");
	lua_getfield(L, -1, kinds[kind].noun);
	luaL_setfuncs(L, methods, 0);
	lua_pop(L, 2);
}

void handle_open(lua_State *L)
{
	static const luaL_Reg meta[] = {
		{ "__newindex", newindex_handle },
		{ "__tostring", tostring_handle },
		{ "__close", close_handle },
		{ "__eq", eq_handle },
		{ NULL, NULL },
	};
	for (const char *const *r = NAMES("classes", "nodes", "cables"); *r; r++) {
		lua_newtable(L);
		lua_setfield(L, LUA_REGISTRYINDEX, *r);
	}
	lua_getfield(L, LUA_REGISTRYINDEX, "classes");
	for (int k = 0; k < H_KINDS; k++) {
		luaL_newmetatable(L, kinds[k].meta);
		luaL_setfuncs(L, meta, 0);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_setfield(L, -4, kinds[k].noun); /* classes[noun] */
		lua_pushcclosure(L, index_handle, 1);
		lua_setfield(L, -2, "__index");
		lua_pushboolean(L, true);
		lua_setfield(L, -2, "handle");
		lua_pushboolean(L, false);
		lua_setfield(L, -2, "__metatable");
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* ---- JSON to tables: null vanishes from objects; in a list it is false, which ends no list early
 * ---- */

struct building {
	lua_State *L;
	unsigned depth;
	bool list[64];
	lua_Integer count[64];
};

static void put(struct building *b) /* the value is on top */
{
	lua_State *L = b->L;
	if (!b->depth)
		return;
	if (b->list[b->depth])
		lua_rawseti(L, -2, ++b->count[b->depth]);
	else
		lua_rawset(L, -3);
}

static void put_null(void *ctx)
{
	struct building *b = ctx;
	if (b->depth && b->list[b->depth]) {
		lua_pushboolean(b->L, false);
		put(b);
	} else if (b->depth) {
		lua_pop(b->L, 1); /* its key */
	} else {
		lua_pushnil(b->L);
	}
}

static void put_boolean(void *ctx, bool v)
{
	lua_pushboolean(((struct building *)ctx)->L, v);
	put(ctx);
}

static void put_integer(void *ctx, int64_t v)
{
	lua_pushinteger(((struct building *)ctx)->L, v);
	put(ctx);
}

static void put_real(void *ctx, double v)
{
	lua_pushnumber(((struct building *)ctx)->L, v);
	put(ctx);
}

static void put_string(void *ctx, const char *s, size_t len)
{
	lua_pushlstring(((struct building *)ctx)->L, s, len);
	put(ctx);
}

static void put_open(void *ctx, bool list)
{
	struct building *b = ctx;
	if (b->depth + 1 == sizeof b->list / sizeof *b->list)
		luaL_error(b->L, "JSON: nested too deeply");
	luaL_checkstack(b->L, 4, "JSON");
	lua_newtable(b->L);
	b->list[++b->depth] = list;
	b->count[b->depth] = 0;
}

static void put_key(void *ctx, const char *name)
{
	lua_pushstring(((struct building *)ctx)->L, name);
}

static void put_close(void *ctx, bool list)
{
	struct building *b = ctx;
	(void)list;
	b->depth--;
	put(b);
}

int json_push(lua_State *L, const char *text, size_t len)
{
	static const struct json_sink sink = { put_null,   put_boolean, put_integer, put_real,
					       put_string, put_open,    put_key,     put_close };
	struct err e = { "" };
	struct building b = { .L = L };
	int r = json_read(text, len, &sink, &b, &e);
	if (r < 0)
		lua_pushstring(L, e.text);
	return r;
}
