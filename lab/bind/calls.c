/* SPDX-License-Identifier: MIT */
/* calls.c - requests to the world, from tasks: those that take time make the task wait. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"

static void involve_asked(struct script *s, const struct request *r)
{
	if (!s->running)
		return;
	involve(s->running, r->who);
	if (r->verb == VERB_PING || r->verb == VERB_FLOW || r->verb == VERB_TCP)
		involve(s->running, (struct ref){ .index = r->to });
}

/* Room in the list first: once a call has begun it must be found again. */
static struct call *begin(struct script *s, const struct request *r)
{
	if (s->nlive == s->live_room) {
		size_t room = s->live_room ? s->live_room * 2 : 32;
		struct call **more = realloc(s->live, room * sizeof *more);
		if (!more)
			return NULL;
		s->live = more;
		s->live_room = room;
	}
	s->spent += COST_CALL;
	mark_note(s, r);
	involve_asked(s, r);
	trace_asks(s, r);
	struct call *c = s->world->ops->start(s->world, r);
	if (c)
		s->live[s->nlive++] = c;
	return c;
}

struct call *call_start(lua_State *L, const struct request *r)
{
	struct call *c = begin(script_of(L), r);
	if (!c)
		out_of_memory(L);
	return c;
}

void call_drop(struct script *s, struct call *c)
{
	size_t i = s->nlive; /* mostly the latest */
	while (i && s->live[i - 1] != c)
		i--;
	if (!i)
		return;
	memmove(&s->live[i - 1], &s->live[i], (s->nlive - i) * sizeof *s->live);
	s->nlive--;
	s->world->ops->call_end(s->world, c);
}

void call_check(lua_State *L, struct call *c)
{
	if (c->error >= 0)
		return;
	int code = c->error;
	lua_pushstring(L, c->words.text[0] ? c->words.text : strerror(-code));
	call_drop(script_of(L), c);
	if (code == -ENOMEM)
		out_of_memory(L);
	if (code == -EOPNOTSUPP)
		skip(L, lua_tostring(L, -1));
	fail(L, "%s", lua_tostring(L, -1));
}

int call_wait(lua_State *L, const struct request *r, int64_t within, const char *what,
	      lua_KFunction k)
{
	in_test(L, what);
	task_current(L, what);
	return call_await(L, call_start(L, r), within, what, k);
}

int call_await(lua_State *L, struct call *c, int64_t within, const char *what, lua_KFunction k)
{
	struct script *s = script_of(L);
	struct task *t = task_current(L, what);
	if (c->done)
		return k(L, LUA_OK, (lua_KContext)c);
	if (!lua_isyieldable(L)) {
		call_drop(s, c);
		misuse(L,
		       "%s: cannot wait here (inside a sort, a gsub or while something is closed)",
		       what);
	}
	c->ctx = t;
	t->wait.call = c;
	return task_wait(L, WAIT_CALL, within == TIME_NEVER ? within : lab_now(s) + within, what,
			 (lua_KContext)c, k);
}

void call_detach(struct script *s, const struct request *r)
{
	(void)begin(s, r); /* ended with the test; without memory a fault stays until then */
}
