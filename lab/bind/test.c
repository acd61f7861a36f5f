/* SPDX-License-Identifier: MIT */
/* test.c - the tools of a test: expectations, measures, steps, sleep, skip, log. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

/* ---- expect and check ---- */

static const char *const ops[] = { "==", "~=", "<", "<=", ">", ">=", "~", NULL };

static const char *op_at(const void *unused, size_t i)
{
	(void)unused;
	return ops[i];
}

enum unit { PLAIN, TIME, RATE, BYTES, PART };

/* The text at idx beside a number is a quantity: it becomes a number too. */
static enum unit convert(lua_State *L, int idx, const char *what)
{
	const char *text = lua_tostring(L, idx);
	int64_t ns;
	uint64_t n;
	enum unit u;
	if (unit_time(text, &ns, NULL) == 0) {
		lua_pushinteger(L, ns);
		u = TIME;
	} else if (text[strlen(text) - 1] == '%' && unit_prob(text, &n, NULL) == 0) {
		lua_pushnumber(L, n == PROB_ONE ? 1.0 : (lua_Number)n * 0x1p-64);
		u = PART;
	} else if (unit_bytes(text, &n, NULL) == 0) {
		lua_pushinteger(L, (lua_Integer)n);
		u = BYTES;
	} else if (unit_rate(text, &n, NULL) == 0) {
		lua_pushinteger(L, (lua_Integer)n);
		u = RATE;
	} else {
		misuse(L, "%s: a number is compared with '%s', which is no quantity", what, text);
	}
	lua_replace(L, idx);
	return u;
}

static bool equal(lua_State *L, int a, int b, unsigned depth);

static bool equal_tables(lua_State *L, int a, int b, unsigned depth)
{
	bool same = true;
	for (int turn = 0; turn < 2 && same; turn++) {
		int one = turn ? b : a, other = turn ? a : b;
		lua_pushnil(L);
		while (same && lua_next(L, one)) {
			lua_pushvalue(L, -2);
			lua_gettable(L, other);
			same = equal(L, lua_gettop(L) - 1, lua_gettop(L), depth + 1);
			lua_pop(L, 2);
		}
		if (!same)
			lua_pop(L, 1);
	}
	return same;
}

static bool equal(lua_State *L, int a, int b, unsigned depth)
{
	if (lua_compare(L, a, b, LUA_OPEQ))
		return true;
	if (lua_type(L, a) != LUA_TTABLE || lua_type(L, b) != LUA_TTABLE || depth > 16)
		return false;
	luaL_checkstack(L, 8, "tables");
	return equal_tables(L, a, b, depth);
}

static bool ordered(lua_State *L, int a, int b)
{
	return (lua_type(L, a) == LUA_TNUMBER && lua_type(L, b) == LUA_TNUMBER) ||
	       (lua_type(L, a) == LUA_TSTRING && lua_type(L, b) == LUA_TSTRING);
}

static bool found(lua_State *L) /* does the text at 1 match the pattern at 3? */
{
	if (lua_type(L, 1) != LUA_TSTRING || lua_type(L, 3) != LUA_TSTRING)
		return false;
	lua_getglobal(L, "string");
	lua_getfield(L, -1, "find");
	lua_pushvalue(L, 1);
	lua_pushvalue(L, 3);
	lua_call(L, 2, 1);
	return lua_toboolean(L, -1);
}

static bool holds(lua_State *L, const char *op)
{
	if (strcmp(op, "==") == 0)
		return equal(L, 1, 3, 0);
	if (strcmp(op, "~=") == 0)
		return !equal(L, 1, 3, 0);
	if (strcmp(op, "~") == 0)
		return found(L);
	if (!ordered(L, 1, 3))
		return false; /* nil is not less than anything */
	if (op[0] == '<')
		return lua_compare(L, 1, 3, op[1] ? LUA_OPLE : LUA_OPLT);
	return lua_compare(L, 3, 1, op[1] ? LUA_OPLE : LUA_OPLT);
}

/* Pushes the value as the report shows it. */
static const char *shown(lua_State *L, int idx, enum unit u)
{
	char text[UNIT_TEXT_LEN];
	if (u == TIME && lua_isinteger(L, idx))
		return lua_pushstring(L, unit_time_text(text, lua_tointeger(L, idx)));
	if (u == RATE && lua_isinteger(L, idx) && lua_tointeger(L, idx) >= 0)
		return lua_pushstring(L, unit_rate_text(text, (uint64_t)lua_tointeger(L, idx)));
	if (lua_type(L, idx) == LUA_TSTRING)
		return lua_pushfstring(L, "'%s'", lua_tostring(L, idx));
	return plain_text(L, idx);
}

/* (value), (value, op, wanted[, why]): the words of what does not hold, pushed; NULL: it holds */
static const char *judge(lua_State *L, const char *what)
{
	enum unit u = PLAIN;
	if (lua_gettop(L) == 0)
		misuse(L, "%s: a value belongs here", what);
	if (lua_gettop(L) == 1) {
		return lua_toboolean(L, 1) ? NULL
					   : lua_pushfstring(L, "expected something true, got %s",
							     shown(L, 1, PLAIN));
	}
	const char *op = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	size_t i = 0;
	while (ops[i] && strcmp(ops[i], op) != 0)
		i++;
	if (!ops[i]) {
		const char *near = nearest_word(op, op_at, NULL);
		misuse(L, "%s: the second word is one of == ~= < <= > >= ~, not '%s'%s%s", what, op,
		       near ? "; did you mean " : "", near ? near : "");
	}
	lua_settop(L, 4);
	if (lua_type(L, 1) == LUA_TNUMBER && lua_type(L, 3) == LUA_TSTRING)
		u = convert(L, 3, what);
	if (holds(L, op))
		return NULL;
	const char *got = shown(L, 1, u), *wanted = shown(L, 3, u);
	const char *text = lua_pushfstring(L, "expected %s %s %s", got, op, wanted);
	return lua_type(L, 4) == LUA_TSTRING
		       ? lua_pushfstring(L, "%s: %s", lua_tostring(L, 4), text)
		       : text;
}

static int l_expect(lua_State *L)
{
	strip_self(L, H_T);
	in_test(L, "t.expect");
	const char *text = judge(L, "t.expect");
	if (text)
		fail(L, "%s", text);
	involve_anew(script_of(L)->running);
	lua_settop(L, 1);
	return 1;
}

static int l_check(lua_State *L)
{
	char where[160];
	strip_self(L, H_T);
	in_test(L, "t.check");
	const char *text = judge(L, "t.check");
	user_where(L, where, sizeof where);
	if (text)
		note_failure(script_of(L), where, text);
	involve_anew(script_of(L)->running);
	lua_pushboolean(L, !text);
	return 1;
}

/* ---- measure(name, value[, unit]): gives the value back ---- */

static void add_measure(lua_State *L, const char *name, const char *raw, const char *value)
{
	struct outcome *o = script_of(L)->out;
	struct measure *more = realloc(o->measure, (o->nmeasures + 1) * sizeof *more);
	if (!more)
		out_of_memory(L);
	o->measure = more;
	more[o->nmeasures++] = (struct measure){ strdup(name), strdup(value), strdup(raw) };
}

static int l_measure(lua_State *L)
{
	strip_self(L, H_T);
	in_test(L, "t.measure");
	static const char *const units[] = { "ns", "bps", NULL };
	enum unit u = PLAIN;
	if (lua_type(L, 1) != LUA_TSTRING)
		misuse(L, "t.measure: a name comes first");
	if (!lua_isnoneornil(L, 3)) {
		const char *unit = luaL_checkstring(L, 3);
		if (strcmp(unit, units[0]) == 0)
			u = TIME;
		else if (strcmp(unit, units[1]) == 0)
			u = RATE;
		else
			misuse(L, "t.measure: the unit is \"ns\" or \"bps\", not '%s'", unit);
	}
	const char *raw = plain_text(L, 2), *value = u == PLAIN ? raw : shown(L, 2, u);
	add_measure(L, lua_tostring(L, 1), raw, value);
	lua_settop(L, 2);
	return 1;
}

/* ---- series and files ---- */

static struct series *series_of(lua_State *L, const char *name)
{
	struct outcome *o = script_of(L)->out;
	for (size_t i = 0; i < o->nseries; i++)
		if (strcmp(o->series[i].name, name) == 0)
			return &o->series[i];
	struct series *more = realloc(o->series, (o->nseries + 1) * sizeof *more);
	if (!more)
		out_of_memory(L);
	o->series = more;
	more[o->nseries] = (struct series){ .name = strdup(name) };
	if (!more[o->nseries].name)
		out_of_memory(L);
	return &more[o->nseries++];
}

int test_sampled(lua_State *L) /* core.sampled(name, value): one more of a series */
{
	struct script *s = script_of(L);
	struct series *r = series_of(L, luaL_checkstring(L, 1));
	if (lua_type(L, 2) == LUA_TNIL)
		return 0; /* nothing to be seen at this instant */
	if (lua_type(L, 2) != LUA_TNUMBER && lua_type(L, 2) != LUA_TBOOLEAN)
		misuse(L, "t.sample: %s: a number belongs here, not a %s", r->name,
		       luaL_typename(L, 2));
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		struct sample *v = realloc(r->v, room * sizeof *v);
		if (!v)
			out_of_memory(L);
		r->v = v;
		r->room = room;
	}
	double value = lua_type(L, 2) == LUA_TBOOLEAN ? lua_toboolean(L, 2) : lua_tonumber(L, 2);
	r->v[r->count++] = (struct sample){ lab_now(s) - s->began, value };
	return 0;
}

static int l_attach(lua_State *L)
{
	strip_self(L, H_T);
	in_test(L, "t.attach");
	if (lua_type(L, 1) != LUA_TSTRING)
		misuse(L, "t.attach: a file belongs here");
	if (words_add(&script_of(L)->out->attached, lua_tostring(L, 1)) < 0)
		out_of_memory(L);
	return 0;
}

/* ---- steps ---- */

static int step_k(lua_State *L, int status, lua_KContext ctx)
{
	struct script *s = script_of(L);
	struct step *step = &s->out->step[ctx];
	step->done = true;
	step->ok = status == LUA_OK || status == LUA_YIELD;
	step->ended = lab_now(s);
	s->running->depth--;
	return step->ok ? 0 : lua_error(L);
}

static int l_step(lua_State *L)
{
	strip_self(L, H_T);
	struct script *s = script_of(L);
	struct task *t = task_current(L, "t.step");
	if (lua_type(L, 1) != LUA_TSTRING || lua_type(L, 2) != LUA_TFUNCTION)
		misuse(L, "t.step: write t.step(\"name\", function() … end)");
	struct outcome *o = s->out;
	struct step *more = realloc(o->step, (o->nsteps + 1) * sizeof *more);
	if (!more)
		out_of_memory(L);
	o->step = more;
	more[o->nsteps] = (struct step){ .name = strdup(lua_tostring(L, 1)),
					 .depth = t->depth++,
					 .began = lab_now(s) };
	lua_KContext at = (lua_KContext)o->nsteps++;
	lua_settop(L, 2);
	return step_k(L, lua_pcallk(L, 0, 0, 0, at, step_k), at);
}

/* ---- sleep, now, skip, log ---- */

static int slept(lua_State *L, int status, lua_KContext ctx)
{
	(void)L;
	(void)status;
	(void)ctx;
	return 0;
}

static int l_sleep(lua_State *L)
{
	strip_self(L, H_T);
	int64_t d = arg_time(L, 1, "t.sleep");
	struct script *s = script_of(L);
	in_test(L, "t.sleep");
	return task_wait(L, WAIT_TIME, lab_now(s) + d,
			 lua_pushfstring(L, "%s to pass", lua_tostring(L, 1)), 0, slept);
}

static int l_now(lua_State *L)
{
	strip_self(L, H_T);
	in_test(L, "t.now");
	lua_pushinteger(L, lab_now(script_of(L)) - script_of(L)->began);
	return 1;
}

static int l_skip(lua_State *L)
{
	strip_self(L, H_T);
	in_test(L, "t.skip");
	skip(L, luaL_optstring(L, 1, "no reason given"));
}

static int l_log(lua_State *L)
{
	strip_self(L, H_T);
	struct script *s = script_of(L);
	char where[160];
	in_test(L, "t.log");
	user_where(L, where, sizeof where);
	luaL_Buffer b;
	int n = lua_gettop(L);
	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, ' ');
		plain_text(L, i);
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	note_add(&s->out->note, &s->out->nnotes, where, lua_tostring(L, -1), lab_now(s));
	return 0;
}

void test_open(lua_State *L)
{
	static const luaL_Reg t[] = {
		{ "expect", l_expect }, { "check", l_check }, { "measure", l_measure },
		{ "step", l_step },     { "sleep", l_sleep }, { "now", l_now },
		{ "skip", l_skip },     { "log", l_log },     { "attach", l_attach },
		{ NULL, NULL },
	};
	handle_class(L, H_T, t);
}
