/* SPDX-License-Identifier: MIT */
/* script.c - the life of a script: a sealed Lua state, the file's top level, one test. */
#include "lab/bind/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

/* A bounded heap: over the limit Lua raises "not enough memory", as it would without any. */
static void *allocate(void *ud, void *p, size_t old, size_t want)
{
	struct script *s = ud;
	if (!p)
		old = 0;
	if (want == 0) {
		free(p);
		s->memory -= old;
		return NULL;
	}
	if (want > old && s->memory - old + want > s->env->memory)
		return NULL;
	void *more = realloc(p, want);
	if (more)
		s->memory += want - old;
	return more;
}

static int panic(lua_State *L)
{
	fprintf(stderr, "dw-lab: outside of any test: %s\n", lua_tostring(L, -1));
	return 0; /* Lua aborts: a bug of ours */
}

static void load_own(lua_State *L, int core)
{
	for (const struct lua_source *f = lua_sources; f->name; f++) {
		if (luaL_loadbufferx(L, f->begin, (size_t)(f->end - f->begin), f->name, "t") !=
		    LUA_OK)
			lua_error(L);
		lua_pushvalue(L, core);
		lua_call(L, 1, 0);
	}
}

/* "loaded" or "before", the test's name or nil: all functions of that list get it */
static int run_hooks(lua_State *L)
{
	lua_pushvalue(L, 1);
	lua_gettable(L, LUA_REGISTRYINDEX);
	for (lua_Integer i = 1; lua_rawgeti(L, 3, i) == LUA_TFUNCTION; i++) {
		lua_pushvalue(L, 2);
		lua_call(L, 1, 0);
	}
	return 0;
}

static int build(lua_State *L) /* protected: all that may raise */
{
	struct script *s = script_of(L);
	sandbox_open(L);
	failure_open(L);
	handle_open(L);
	net_open(L);
	switch_open(L);
	end_open(L);
	flow_open(L);
	raw_open(L);
	join_open(L);
	watch_open(L);
	test_open(L);
	core_open(L);
	load_own(L, lua_gettop(L));
	lua_settop(L, 0);
	if (luaL_loadfilex(L, s->env->file, "t") != LUA_OK)
		return lua_error(L);
	budget_reset(s);
	lua_call(L, 0, 0);
	lua_pushcfunction(L, run_hooks);
	lua_pushliteral(L, "loaded");
	lua_pushnil(L);
	lua_call(L, 2, 0);
	return 0;
}

/* Words for a file that Lua could not open: "cannot open x.lua" says no more than errno does. */
static int unreadable(const char *file, struct err *e)
{
	FILE *f = fopen(file, "r");
	int r = f ? 0 : -errno;
	char c;
	if (f && fread(&c, 1, 1, f) == 0 && ferror(f))
		r = -errno;
	if (f)
		fclose(f);
	return r ? err_set(e, r, "%s: %s", file, strerror(-r)) : 0;
}

static int load(struct script *s, struct err *e)
{
	lua_State *L = s->L;
	lua_pushcfunction(L, build);
	int status = lua_pcall(L, 0, 0, 0);
	if (status == LUA_ERRMEM)
		return err_set(e, -EINVAL, "%s: not enough memory: a script may use %zu MiB",
			       s->env->file, s->env->memory >> 20);
	if (status != LUA_OK) {
		const char *text = plain_text(L, -1);
		bool placed =
			strncmp(text, s->env->file, strlen(s->env->file)) == 0 || strchr(text, ':');
		return err_set(e, -EINVAL, "%s%s%s", placed ? "" : s->env->file, placed ? "" : ": ",
			       text);
	}
	if (!s->made)
		return err_set(e, -EINVAL, "%s: no lab: begin with local net = lab(\"name\")",
			       s->env->file);
	s->plan.frozen = true;
	return plan_complete(&s->plan, e);
}

static void lacks(struct script *s, const struct words *needs, char **out)
{
	for (size_t i = 0; i < needs->count && !*out; i++) {
		struct err why = { "" };
		if (s->env->need && s->env->need(needs->v[i], s->env->backend, &why) < 0)
			*out = strdup(why.text);
	}
}

int script_open(struct script **out, const struct script_env *env, struct err *e)
{
	int r = unreadable(env->file, e);
	if (r < 0)
		return r;
	struct script *s = calloc(1, sizeof *s);
	if (!s)
		return err_set(e, -ENOMEM, "out of memory");
	s->env = env;
	s->seed = env->seed_given ? env->seed : 1;
	plan_init(&s->plan, "");
	s->L = lua_newstate(allocate, s);
	if (s->L) {
		*(struct script **)lua_getextraspace(s->L) = s;
		lua_atpanic(s->L, panic);
		r = load(s, e);
	} else {
		r = err_set(e, -ENOMEM, "out of memory");
	}
	if (r < 0) {
		script_close(s);
		return r;
	}
	for (size_t i = 0; i < s->ntests; i++) {
		lacks(s, &s->needs, &s->test[i].lacks);
		lacks(s, &s->test[i].needs, &s->test[i].lacks);
	}
	*out = s;
	return 0;
}

void script_close(struct script *s)
{
	if (!s)
		return;
	if (s->L)
		lua_close(s->L);
	for (size_t i = 0; i < s->ntests; i++) {
		free(s->test[i].name);
		free(s->test[i].base);
		words_fini(&s->test[i].params);
		free(s->test[i].lacks);
		words_fini(&s->test[i].needs);
	}
	free(s->test);
	words_fini(&s->needs);
	words_fini(&s->faults);
	words_fini(&s->swarm);
	free(s->site);
	plan_fini(&s->plan);
	free(s);
}

const struct plan *script_plan(const struct script *s)
{
	return &s->plan;
}

uint64_t script_seed(const struct script *s)
{
	return s->seed;
}

size_t script_tests(const struct script *s)
{
	return s->ntests;
}

const char *script_test(const struct script *s, size_t i)
{
	return s->test[i].name;
}

const char *script_test_base(const struct script *s, size_t i)
{
	return s->test[i].base;
}

const struct words *script_test_params(const struct script *s, size_t i)
{
	return &s->test[i].params;
}

int script_line(const struct script *s, size_t i)
{
	return s->test[i].line;
}

const char *script_lacks(const struct script *s, size_t i)
{
	return s->test[i].lacks;
}

const struct words *script_faults(const struct script *s)
{
	return &s->faults;
}

size_t script_sites(const struct script *s)
{
	return s->nsites;
}

const struct script_site *script_site(const struct script *s, size_t i)
{
	return &s->site[i];
}

static void copy_words(struct words *to, const struct words *from)
{
	for (size_t i = 0; i < from->count; i++)
		words_add(to, from->v[i]); /* out of memory: a shorter report */
}

struct world_hooks script_hooks(struct script *s)
{
	return (struct world_hooks){ .ctx = s, .done = lab_done, .event = lab_event };
}

static int run(lua_State *L) /* protected: memory may run out anywhere */
{
	struct script *s = script_of(L);
	const struct test *test = lua_touserdata(L, 1);
	lua_settop(L, 0);
	s->began = lab_now(s);
	lua_pushcfunction(L, run_hooks);
	lua_pushliteral(L, "before");
	lua_pushstring(L, test->name);
	lua_call(L, 2, 0);
	schedule_run(s, test);
	return 0;
}

void script_run(struct script *s, size_t test, struct world *w, struct outcome *o)
{
	s->world = w;
	s->out = o;
	*o = (struct outcome){ .verdict = VERDICT_PASS };
	lua_pushcfunction(s->L, run);
	lua_pushlightuserdata(s->L, &s->test[test]);
	if (lua_pcall(s->L, 1, 0, 0) != LUA_OK) {
		o->verdict = VERDICT_BROKEN;
		o->why = strdup(plain_text(s->L, -1));
	}
	schedule_end(s);
	if (o->verdict != VERDICT_PASS && o->verdict != VERDICT_SKIP) {
		copy_words(&o->faults, &s->faults);
		copy_words(&o->swarm, &s->swarm);
	}
	o->printed = w->ops->fingerprint && w->ops->fingerprint(w, &o->fingerprint);
	s->world = NULL;
	s->out = NULL;
}
