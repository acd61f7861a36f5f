/* SPDX-License-Identifier: MIT */
/* failure.c - errors of a script, failed expectations and skips: three things that all are raised
 * as Lua errors and must not be mixed up. Each knows its place in the scenario. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"

#define FAILURE "failure" /* metatable of what fail() and skip() raise */

struct failure {
	bool skip;
	char where[160];
	char text[]; /* NUL-terminated */
};

bool user_where(lua_State *L, char *out, size_t room)
{
	lua_Debug ar;
	for (int level = 0; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.source[0] == '@' && ar.currentline > 0) {
			snprintf(out, room, "%s:%d", ar.source + 1, ar.currentline);
			return true;
		}
	}
	struct task *t = script_of(L)->running;
	snprintf(out, room, "%s", t ? t->defined : script_of(L)->env->file);
	return false;
}

int misuse(lua_State *L, const char *fmt, ...)
{
	char where[160], text[600];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	user_where(L, where, sizeof where);
	lua_pushfstring(L, "%s: %s", where, text);
	lua_error(L);
	abort(); /* lua_error() does not return */
}

static void push_failure(lua_State *L, bool is_a_skip, const char *text)
{
	size_t len = strlen(text) + 1;
	struct failure *f = lua_newuserdatauv(L, sizeof *f + len, 0);
	f->skip = is_a_skip;
	memcpy(f->text, text, len);
	user_where(L, f->where, sizeof f->where);
	luaL_setmetatable(L, FAILURE);
}

int fail(lua_State *L, const char *fmt, ...)
{
	char text[2000];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	push_failure(L, false, text);
	lua_error(L);
	abort();
}

int skip(lua_State *L, const char *why)
{
	push_failure(L, true, why);
	lua_error(L);
	abort();
}

int out_of_memory(lua_State *L)
{
	luaL_error(L, "not enough memory");
	abort();
}

bool is_skip(lua_State *L, int idx)
{
	const struct failure *f = luaL_testudata(L, idx, FAILURE);
	return f && f->skip;
}

static int failure_tostring(lua_State *L)
{
	const struct failure *f = luaL_checkudata(L, 1, FAILURE);
	lua_pushfstring(L, "%s: %s", f->where, f->text);
	return 1;
}

void failure_open(lua_State *L)
{
	luaL_newmetatable(L, FAILURE);
	lua_pushcfunction(L, failure_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushliteral(L, "failure");
	lua_setfield(L, -2, "__name");
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

/* ---- what it means for the test ---- */

void note_add(struct finding **v, size_t *count, const char *where, const char *text, int64_t at)
{
	struct finding *more = realloc(*v, (*count + 1) * sizeof *more);
	if (!more)
		return; /* the verdict stands without the words */
	*v = more;
	more[(*count)++] = (struct finding){ strdup(text), where ? strdup(where) : NULL, at };
}

void note_failure(struct script *s, const char *where, const char *text)
{
	struct outcome *o = s->out;
	if (o->verdict == VERDICT_PASS)
		o->verdict = VERDICT_FAIL;
	involve_failed(s);
	trace_fails(s, where, text);
	note_add(&o->failure, &o->nfailures, where, text, lab_now(s));
}

static void replace(char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
}

/* A script's own error() or assert() is an expectation like any other; all other strings come from
 * Lua or from misuse(): the script is broken. */
void take_error(struct script *s, struct task *t)
{
	struct outcome *o = s->out;
	lua_State *L = t->co;
	if (*s->env->stop) { /* raised by the look at the budget */
		if (*s->env->stop == SCRIPT_TIMEOUT)
			note_failure(s, t->defined, "took longer than --timeout allows");
		else
			o->verdict = VERDICT_STOPPED;
		return;
	}
	const struct failure *f = luaL_testudata(L, -1, FAILURE);
	if (f && f->skip) {
		if (o->verdict == VERDICT_PASS)
			o->verdict = VERDICT_SKIP;
		replace(&o->why, f->text);
		return;
	}
	if (f) {
		note_failure(s, f->where, f->text);
		return;
	}
	bool own =
		lua_type(L, -1) == LUA_TSTRING && lua_topointer(L, -1) == s->raised && !s->doomed;
	const char *text = t->status == LUA_ERRMEM ? "not enough memory: a script may use 256 MiB"
						   : plain_text(L, -1);
	if (own) {
		note_failure(s, s->raised_at[0] ? s->raised_at : NULL, text);
		return;
	}
	if (o->verdict == VERDICT_BROKEN)
		return;
	o->verdict = VERDICT_BROKEN;
	char with[700];
	const char *file = s->env->file;
	if (t->status != LUA_ERRMEM && strncmp(text, file, strlen(file)) == 0)
		snprintf(with, sizeof with, "%s", text);
	else /* it does not say where: at least the task */
		snprintf(with, sizeof with, "%s: %s", t->defined, text);
	replace(&o->why, with);
}

void outcome_fini(struct outcome *o)
{
	for (size_t i = 0; i < o->nfailures; i++) {
		free(o->failure[i].text);
		free(o->failure[i].where);
	}
	for (size_t i = 0; i < o->nnotes; i++) {
		free(o->note[i].text);
		free(o->note[i].where);
	}
	for (size_t i = 0; i < o->nsteps; i++)
		free(o->step[i].name);
	for (size_t i = 0; i < o->nmeasures; i++) {
		free(o->measure[i].name);
		free(o->measure[i].value);
		free(o->measure[i].raw);
	}
	for (size_t i = 0; i < o->nseries; i++) {
		free(o->series[i].name);
		free(o->series[i].v);
	}
	free(o->series);
	for (size_t i = 0; i < o->nmarks; i++)
		free(o->mark[i].text);
	free(o->mark);
	words_fini(&o->attached);
	words_fini(&o->events);
	words_fini(&o->faults);
	words_fini(&o->swarm);
	free(o->failure);
	free(o->note);
	free(o->step);
	free(o->measure);
	free(o->why);
	*o = (struct outcome){ 0 };
}
