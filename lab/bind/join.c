/* SPDX-License-Identifier: MIT */
/* join.c - tasks side by side: t.spawn, t.all, t.race, t.within. What a task began never outlives
 * it. */
#include <string.h>

#include "lab/bind/bind.h"

static struct task *next_of(struct task *from, const struct task *me, unsigned group)
{
	while (from && (from->parent != me || from->group != group))
		from = from->next;
	return from;
}

static void free_group(struct script *s, struct task *me, unsigned group)
{
	for (struct task *t; (t = next_of(s->tasks, me, group));) {
		if (t->state != TASK_DONE)
			task_cancel(t);
		task_free(t);
	}
}

/* The error of `t`, which is done, becomes the error of the task that joins it. */
static int raise_of(lua_State *L, struct task *t, unsigned group)
{
	struct script *s = script_of(L);
	lua_xmove(t->co, L, 1);
	free_group(s, s->running, group);
	return lua_error(L);
}

static int take_results(lua_State *L, struct task *t)
{
	int n = lua_gettop(t->co);
	luaL_checkstack(L, n + 2, "results");
	lua_xmove(t->co, L, n);
	return n;
}

static void begin_group(lua_State *L, int list, const char *what)
{
	struct script *s = script_of(L);
	struct task *me = task_current(L, what);
	if (lua_type(L, list) != LUA_TTABLE)
		misuse(L, "%s: a list of functions belongs here: %s { f, g }", what, what);
	s->groups++;
	for (lua_Integer i = 1; lua_rawgeti(L, list, i) != LUA_TNIL; i++) {
		if (lua_type(L, -1) != LUA_TFUNCTION)
			misuse(L, "%s: entry %d is a %s, not a function", what, (int)i,
			       luaL_typename(L, -1));
		task_new(L, 0, me)->group = s->groups;
	}
	lua_settop(L, 0);
}

/* ---- t.all{f, g}: waits for all; the first result of each ---- */

static int all_k(lua_State *L, int status, lua_KContext ctx)
{
	struct script *s = script_of(L);
	struct task *me = s->running;
	unsigned group = (unsigned)ctx;
	bool waits = false;
	(void)status;
	for (struct task *t = next_of(s->tasks, me, group); t; t = next_of(t->next, me, group)) {
		if (t->state == TASK_DONE && t->status != LUA_OK)
			return raise_of(L, t, group);
		waits |= t->state != TASK_DONE;
	}
	if (waits)
		return task_wait(L, WAIT_TASKS, TIME_NEVER, "all its tasks", ctx, all_k);
	int n = 0;
	for (struct task *t = next_of(s->tasks, me, group); t;
	     t = next_of(t->next, me, group), n++) {
		luaL_checkstack(L, 4, "results");
		int got = take_results(L, t);
		lua_settop(L, lua_gettop(L) - got + 1);
	}
	free_group(s, me, group);
	return n;
}

static int l_all(lua_State *L)
{
	strip_self(L, H_T);
	begin_group(L, 1, "t.all");
	return all_k(L, LUA_OK, (lua_KContext)script_of(L)->groups);
}

/* ---- t.race{f, g}: the first that is done; the others are cancelled. Its place in the list, its
 * results ---- */

static int race_k(lua_State *L, int status, lua_KContext ctx)
{
	struct script *s = script_of(L);
	struct task *me = s->running;
	unsigned group = (unsigned)ctx;
	lua_Integer place = 1;
	(void)status;
	for (struct task *t = next_of(s->tasks, me, group); t;
	     t = next_of(t->next, me, group), place++) {
		if (t->state != TASK_DONE)
			continue;
		if (t->status != LUA_OK)
			return raise_of(L, t, group);
		lua_pushinteger(L, place);
		int n = take_results(L, t);
		free_group(s, me, group);
		return n + 1;
	}
	return task_wait(L, WAIT_TASKS, TIME_NEVER, "the first of its tasks", ctx, race_k);
}

static int l_race(lua_State *L)
{
	strip_self(L, H_T);
	begin_group(L, 1, "t.race");
	if (!next_of(script_of(L)->tasks, script_of(L)->running, script_of(L)->groups))
		misuse(L, "t.race: nobody runs");
	return race_k(L, LUA_OK, (lua_KContext)script_of(L)->groups);
}

/* ---- t.within(d, f): its results, or a failed test. Stack: the duration as text ---- */

static int within_k(lua_State *L, int status, lua_KContext ctx)
{
	struct script *s = script_of(L);
	struct task *t = next_of(s->tasks, s->running, (unsigned)ctx);
	(void)status;
	if (t->state == TASK_DONE) {
		if (t->status != LUA_OK)
			return raise_of(L, t, (unsigned)ctx);
		int n = take_results(L, t);
		free_group(s, s->running, (unsigned)ctx);
		return n;
	}
	char where[160];
	task_where(t, where, sizeof where);
	const char *what = lua_pushfstring(L, "%s, at %s", t->wait.what, where);
	free_group(s, s->running, (unsigned)ctx);
	fail(L, "not done within %s: waits for %s", lua_tostring(L, 1), what);
}

static int l_within(lua_State *L)
{
	strip_self(L, H_T);
	struct script *s = script_of(L);
	int64_t d = arg_time(L, 1, "t.within");
	if (lua_type(L, 2) != LUA_TFUNCTION)
		misuse(L, "t.within: a function belongs after the duration");
	lua_settop(L, 2);
	struct task *t = task_new(L, 0, task_current(L, "t.within"));
	t->group = ++s->groups;
	return task_wait(L, WAIT_TASKS, lab_now(s) + d, "what is within", (lua_KContext)t->group,
			 within_k);
}

/* ---- t.spawn(f): a job that has begun: it runs to its first wait before this returns. await takes
 * its results, close cancels it ---- */

static int l_spawn(lua_State *L)
{
	strip_self(L, H_T);
	struct task *me = task_current(L, "t.spawn");
	if (lua_type(L, 1) != LUA_TFUNCTION)
		misuse(L, "t.spawn: a function belongs here");
	lua_settop(L, 1);
	struct task *t = task_new(L, 0, me);
	handle_push(L, H_JOB, 0)->task = t;
	task_resume(t);
	return 1;
}

static int job_k(lua_State *L, int status, lua_KContext ctx)
{
	struct handle *h = handle_at(L, 1, H_JOB, "job:await");
	struct task *t = h->task;
	(void)status;
	if (t->state != TASK_DONE)
		return task_wait(L, WAIT_TASKS, TIME_NEVER, "a job", ctx, job_k);
	h->task = NULL;
	if (t->status != LUA_OK)
		return raise_of(L, t, t->group);
	int n = take_results(L, t);
	free_group(script_of(L), script_of(L)->running, t->group);
	return n;
}

static int l_job_await(lua_State *L)
{
	struct handle *h = handle_at(L, 1, H_JOB, "job:await");
	struct script *s = script_of(L);
	lua_settop(L, 1);
	if (!h->task)
		misuse(L, "job:await: it is closed already");
	if (h->task->parent != s->running)
		misuse(L, "job:await: only what began a job can wait for it");
	h->task->group = ++s->groups;
	return job_k(L, LUA_OK, 0);
}

static int l_job_close(lua_State *L)
{
	struct handle *h = handle_at(L, 1, H_JOB, "job:close");
	struct script *s = script_of(L);
	struct task *t = h->task;
	if (!t || !s->tasks)
		return 0;
	for (struct task *up = s->running; up; up = up->parent)
		if (up == t)
			misuse(L, "job:close: a job cannot close itself");
	h->task = NULL;
	if (t->state != TASK_DONE)
		task_cancel(t);
	if (s->fatal != t)
		task_free(t);
	return 0;
}

void join_open(lua_State *L)
{
	static const luaL_Reg t[] = {
		{ "all", l_all },     { "race", l_race }, { "within", l_within },
		{ "spawn", l_spawn }, { NULL, NULL },
	};
	static const luaL_Reg job[] = { { "await", l_job_await },
					{ "close", l_job_close },
					{ NULL, NULL } };
	handle_class(L, H_T, t);
	handle_class(L, H_JOB, job);
}
