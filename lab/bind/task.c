/* SPDX-License-Identifier: MIT */
/* task.c - a task is a coroutine that waits for one thing at a time. Tasks form a tree: what a task
 * began ends with it, and pending <close> variables run, so faults heal and flows stop. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"

static void note_definition(lua_State *L, int fn, struct task *t)
{
	lua_Debug ar;
	lua_pushvalue(L, fn);
	lua_getinfo(L, ">S", &ar);
	if (ar.source[0] == '@')
		snprintf(t->defined, sizeof t->defined, "%s:%d", ar.source + 1, ar.linedefined);
	else
		user_where(L, t->defined, sizeof t->defined);
}

struct task *task_new(lua_State *L, int nargs, struct task *parent)
{
	struct script *s = script_of(L);
	int fn = lua_gettop(L) - nargs;
	luaL_checktype(L, fn, LUA_TFUNCTION);
	struct task *t = calloc(1, sizeof *t);
	if (!t || heap_reserve(&s->ready, s->ntasks + 1) < 0 ||
	    heap_reserve(&s->deadlines, s->ntasks + 1) < 0) {
		free(t);
		out_of_memory(L);
	}
	note_definition(L, fn, t);
	s->spent += COST_TASK;
	t->s = s;
	t->parent = parent;
	t->ran_at = -1;
	t->id = ++s->ntasks;
	t->due.id = t->ready.id = t->id;
	t->depth = parent ? parent->depth : 0;
	t->co = lua_newthread(L);
	t->ref = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_xmove(L, t->co, nargs + 1);
	*(s->last ? &s->last->next : &s->tasks) = t;
	s->last = t;
	task_wake(t);
	return t;
}

struct task *task_current(lua_State *L, const char *what)
{
	struct task *t = script_of(L)->running;
	if (!t)
		misuse(L, "%s: only inside a test", what);
	return t;
}

int task_wait(lua_State *L, enum wait_kind kind, int64_t deadline, const char *what,
	      lua_KContext ctx, lua_KFunction k)
{
	struct script *s = script_of(L);
	struct task *t = task_current(L, what);
	if (!lua_isyieldable(L))
		misuse(L,
		       "%s: cannot wait here (inside a sort, a gsub or while something is closed)",
		       what);
	t->state = TASK_WAITS;
	t->wait.kind = kind;
	t->wait.late = false;
	snprintf(t->wait.what, sizeof t->wait.what, "%s", what);
	heap_set(&s->deadlines, &t->due, deadline);
	s->watching += kind == WAIT_CHANGE;
	return lua_yieldk(L, 0, ctx, k);
}

static void leave_wait(struct task *t)
{
	heap_set(&t->s->deadlines, &t->due, TIME_NEVER);
	t->s->watching -= t->wait.kind == WAIT_CHANGE;
	t->wait.kind = WAIT_NONE;
	t->wait.call = NULL;
}

void task_wake(struct task *t)
{
	assert(t->state != TASK_DONE);
	t->was = t->wait.kind;
	if (t->wait.kind != WAIT_NONE)
		leave_wait(t);
	t->state = TASK_READY;
	heap_set(&t->s->ready, &t->ready, 0);
}

static void cancel_children(struct task *t, bool watchers)
{
	for (struct task *c = t->s->tasks; c; c = c->next)
		if (c->parent == t && c->state != TASK_DONE && (watchers || !c->watcher))
			task_cancel(c);
}

static void done(struct task *t, int status)
{
	struct script *s = t->s;
	t->state = TASK_DONE;
	t->status = status;
	cancel_children(t, false); /* watchers look once more at the end */
	if (t->parent && t->group) {
		if (t->parent->wait.kind == WAIT_TASKS)
			task_wake(t->parent);
	} else if (status != LUA_OK && !s->fatal) {
		s->fatal = t;
	}
}

void task_resume(struct task *t)
{
	struct script *s = t->s;
	struct task *before = s->running;
	int results, status = lua_status(t->co);
	int nargs = status == LUA_OK ? lua_gettop(t->co) - 1
				     : 0; /* at its start the function is below */
	heap_set(&s->ready, &t->ready, TIME_NEVER);
	s->running = t;
	trace_resume(t);
	if (!before) /* one that begins inside of another works on its account */
		budget_reset(s);
	status = lua_resume(t->co, before ? before->co : s->L, nargs, &results);
	s->running = before;
	if (status == LUA_YIELD) {
		assert(t->state == TASK_WAITS);
		lua_pop(t->co, results);
		return;
	}
	done(t, status);
}

void task_cancel(struct task *t)
{
	struct script *s = t->s;
	cancel_children(t, true);
	if (t->state == TASK_DONE)
		return;
	struct call *c = t->wait.kind == WAIT_CALL ? t->wait.call : NULL;
	leave_wait(t);
	heap_set(&s->ready, &t->ready, TIME_NEVER);
	t->state = TASK_DONE;
	t->reading = false;
	if (c)
		call_drop(s, c);
	struct task *before = s->running;
	s->running = t;
	if (!before)
		budget_reset(s);
	t->status = lua_resetthread(t->co);
	s->running = before;
	if (t->status != LUA_OK && s->out)
		take_error(s, t);
}

void task_free(struct task *t)
{
	struct script *s = t->s;
	assert(t->state == TASK_DONE);
	struct task *last = NULL;
	for (struct task **at = &s->tasks; *at;) {
		if (*at == t) {
			*at = t->next;
			continue;
		}
		last = *at;
		if (last->parent == t)
			last->parent = NULL;
		at = &last->next;
	}
	s->last = last;
	luaL_unref(s->L, LUA_REGISTRYINDEX, t->ref);
	free(t->reads);
	free(t);
}

void task_where(struct task *t, char *out, size_t room)
{
	struct task *before = t->s->running;
	t->s->running = t; /* its definition stands in where no frame is left */
	user_where(t->co, out, room);
	t->s->running = before;
}

/* ---- what a predicate reads ---- */

void read_note(lua_State *L, struct ref who, enum generation g)
{
	struct script *s = script_of(L);
	struct task *t = s->running;
	if (!t || !t->reading)
		return;
	for (size_t i = t->nreads; i > 0 && i + 16 > t->nreads;
	     i--) { /* mostly read in a loop: look back a bit */
		const struct read *r = &t->reads[i - 1];
		if (r->who.cable == who.cable && r->who.index == who.index && r->g == g)
			return;
	}
	if (t->nreads == t->read_room) {
		size_t room = t->read_room ? t->read_room * 2 : 16;
		struct read *more = realloc(t->reads, room * sizeof *more);
		if (!more)
			out_of_memory(L);
		t->reads = more;
		t->read_room = room;
	}
	t->reads[t->nreads++] =
		(struct read){ who, g, s->world->ops->generation(s->world, who, g) };
}
