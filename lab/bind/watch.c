/* SPDX-License-Identifier: MIT */
/* watch.c - t.eventually, t.always, t.never: predicates that are looked at again when something
 * that they read has moved, at most once per instant; never by polling. */
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

enum watch { EVENTUALLY, WAIT_FOR, ALWAYS, NEVER, LATE = 8 }; /* LATE: the last look */

/* The stack of a watch: 1 deadline (TIME_NEVER: none), 2 predicate, 3 why or nil, 4 the duration as
 * text. */

static int looked(lua_State *L, int status, lua_KContext ctx);

static int look(lua_State *L, lua_KContext ctx)
{
	struct task *t = script_of(L)->running;
	lua_settop(L, 4);
	t->nreads = t->nasked = 0; /* a failure is about what is read now */
	t->settled = false;
	t->reading = true;
	lua_pushvalue(L, 2);
	lua_callk(L, 0, 1, ctx, looked);
	return looked(L, LUA_OK, ctx);
}

static int again(lua_State *L, int status, lua_KContext ctx)
{
	(void)status;
	return look(L, ctx | (script_of(L)->running->wait.late ? LATE : 0));
}

static const char *why(lua_State *L, const char *otherwise)
{
	return lua_isstring(L, 3) ? lua_tostring(L, 3) : otherwise;
}

static int looked(lua_State *L, int status, lua_KContext ctx)
{
	struct script *s = script_of(L);
	enum watch w = (enum watch)(ctx & ~LATE);
	bool truth = lua_toboolean(L, -1);
	bool over = ctx & LATE || lab_now(s) >= lua_tointeger(L, 1);
	(void)status;
	s->running->reading = false;
	switch (w) {
	case EVENTUALLY:
	case WAIT_FOR:
		if (truth || (over && w == WAIT_FOR)) {
			involve_anew(s->running);
			s->stirred = true; /* what follows may change what others look at */
			return 1;
		}
		if (over)
			fail(L, "did not happen within %s: %s", lua_tostring(L, 4),
			     why(L, "what was waited for"));
		break;
	case ALWAYS:
	case NEVER:
		if (truth != (w == ALWAYS))
			fail(L, "%s: %s", w == ALWAYS ? "no longer holds" : "happened",
			     why(L,
				 w == ALWAYS ? "what must always hold" : "what must never happen"));
		if (over)
			return 0;
		break;
	case LATE:
		break;
	}
	return task_wait(L, WAIT_CHANGE, (int64_t)lua_tointeger(L, 1), why(L, "a predicate"),
			 ctx & ~LATE, again);
}

/* A watcher's own task: the same stack, from its arguments. */
static int watcher(lua_State *L)
{
	return look(L, lua_tointeger(L, 5));
}

static void check_predicate(lua_State *L, int idx, const char *what)
{
	struct task *t = task_current(L, what);
	if (lua_type(L, idx) != LUA_TFUNCTION)
		misuse(L, "%s: a function that gives true or false belongs here", what);
	if (t->reading)
		misuse(L, "%s: inside the function that another one looks at", what);
}

/* Arguments (d, fn, why) at 1: made into the stack of a watch. */
static void with_duration(lua_State *L, const char *what)
{
	int64_t d = arg_time(L, 1, what);
	check_predicate(L, 2, what);
	lua_settop(L, 3);
	lua_pushvalue(L, 1);
	lua_pushinteger(L, lab_now(script_of(L)) + d);
	lua_replace(L, 1);
}

static int l_eventually(lua_State *L)
{
	strip_self(L, H_T);
	with_duration(L, "t.eventually");
	return look(L, EVENTUALLY);
}

/* core.wait_for(ns or nil, fn, what): what fn gives, when that is true or time is up */
int watch_wait_for(lua_State *L)
{
	check_predicate(L, 2, "wait");
	lua_settop(L, 3);
	lua_pushliteral(L, "");
	lua_pushinteger(L,
			lua_isnil(L, 1) ? TIME_NEVER : lab_now(script_of(L)) + lua_tointeger(L, 1));
	lua_replace(L, 1);
	return look(L, WAIT_FOR);
}

/* Without a duration: a watcher of its own, to the end of the test. */
static int background(lua_State *L, enum watch w, const char *what)
{
	struct script *s = script_of(L);
	check_predicate(L, 1, what);
	lua_settop(L, 2);
	lua_pushcfunction(L, watcher);
	lua_pushinteger(L, TIME_NEVER);
	lua_pushvalue(L, 1);
	lua_pushvalue(L, 2);
	lua_pushstring(L, what);
	lua_pushinteger(L, w);
	struct task *t = task_new(L, 5, s->tasks); /* of the test itself: to its end */
	t->watcher = true;
	t->since = lab_now(s);
	return 0;
}

/* core.background(fn): fn runs beside the test, to its end, and nobody waits for it */
int watch_background(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_settop(L, 1);
	task_current(L, "background");
	struct task *t = task_new(L, 0, script_of(L)->tasks);
	t->watcher = t->sampler = true;
	script_of(L)->samplers++;
	return 0;
}

static int watch(lua_State *L, enum watch w, const char *what)
{
	strip_self(L, H_T);
	if (lua_type(L, 1) == LUA_TFUNCTION)
		return background(L, w, what);
	with_duration(L, what);
	return look(L, w);
}

static int l_always(lua_State *L)
{
	return watch(L, ALWAYS, "t.always");
}

static int l_never(lua_State *L)
{
	return watch(L, NEVER, "t.never");
}

void watch_open(lua_State *L)
{
	static const luaL_Reg t[] = {
		{ "eventually", l_eventually },
		{ "always", l_always },
		{ "never", l_never },
		{ NULL, NULL },
	};
	handle_class(L, H_T, t);
}
