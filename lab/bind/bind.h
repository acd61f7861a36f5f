/* SPDX-License-Identifier: MIT */
/* bind.h - what the files of lab/bind share: the script, its tasks and what they wait for. */
#ifndef DW_LAB_BIND_BIND_H
#define DW_LAB_BIND_BIND_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/bind/script.h"
#include "lib/base/heap.h"
#include "lib/base/stream.h"

/* ---- handles: what scripts hold. One userdata for each thing, so that they can be compared. ----
 */
enum handle_kind {
	H_NET,
	H_T,
	H_SWITCH,
	H_END,
	H_CABLE,
	H_PORT,
	H_FLOW,
	H_JOB,
	H_PROCESS,
	H_KINDS
};

struct task;

struct handle {
	enum handle_kind kind;
	unsigned idx;      /* node or cable of the plan */
	unsigned port;     /* H_PORT */
	unsigned serial;   /* order of creation: how pairs() sorts them */
	struct call *call; /* H_FLOW, H_PROCESS; NULL once closed */
	struct task *task; /* H_JOB; NULL once closed */
};

/* ---- tasks: one coroutine each, in a tree. None outlives its parent. ---- */
enum wait_kind { WAIT_NONE, WAIT_CALL, WAIT_TIME, WAIT_CHANGE, WAIT_TASKS, WAIT_EVENT };

struct read { /* what a predicate looked at, and as of when */
	struct ref who;
	enum generation g;
	uint64_t seen;
};

struct wait {
	enum wait_kind kind;
	char what[96];     /* "ping b", for reports */
	struct call *call; /* WAIT_CALL: ended with the task if that is cancelled */
	int event;         /* WAIT_EVENT: kind, at `who` */
	struct ref who;
	bool late; /* woken by the deadline */
};

struct seen_event { /* for reports, and for who waited */
	struct ref who;
	struct event ev; /* its texts are below */
	char text[80], name[40];
};

enum { ASKED_KEPT = 32 };

struct task {
	struct script *s;
	unsigned id; /* order of creation, order of resuming */
	lua_State *co;
	int ref;                    /* keeps co alive in the registry */
	struct task *parent, *next; /* next: of all tasks, by id */
	enum { TASK_READY, TASK_WAITS, TASK_DONE } state;
	int status;     /* once done: LUA_OK or the error's; the value is on top of co */
	unsigned group; /* not 0: the parent waits for all of this group and takes their errors */
	bool watcher;   /* always, never: ends with the test */
	int64_t since;  /* watcher: when it began to watch */
	bool sampler;   /* a watcher that looks by the clock: it holds nothing up */
	bool system;    /* a planned fault: nobody's child */
	uint64_t cause, asked; /* events of the record: why it runs, what it asked last */
	struct wait wait;
	enum wait_kind was;    /* what it waited for before it was woken */
	struct deadline due;   /* of the wait, in script.deadlines */
	struct deadline ready; /* in script.ready, while TASK_READY */
	struct read *reads;
	size_t nreads, read_room;
	bool reading;                /* a predicate is running: note what it reads */
	struct ref whom[ASKED_KEPT]; /* a ring: whom it asked since the last expectation */
	size_t nasked;
	bool settled;            /* that one held: what is asked next is about another */
	int64_t ran_at;          /* last instant its predicate ran */
	unsigned depth;          /* of steps */
	struct seen_event event; /* that woke it */
	char defined[128];       /* "file:line" of its function */
};

struct test {
	char *name, *base;   /* base: without the values of a sweep ... */
	struct words params; /* ... which are these, name=value */
	int fn, point;       /* registry references: function, sweep values */
	int line;
	int64_t limit_ns; /* 0: the lab's */
	struct words needs;
	char *lacks;
};

enum { SEEN_EVENTS = 256 };

struct script {
	const struct script_env *env;
	lua_State *L;
	size_t memory; /* in use */
	struct plan plan;
	bool made; /* lab() was called */
	uint64_t seed;
	struct stream random;
	uint64_t drawn;
	struct words needs;
	struct test *test;
	size_t ntests;
	unsigned handles; /* serials given */
	struct words faults, swarm;
	struct script_site *site;
	size_t nsites, nshapes;
	/* while a test runs */
	struct world *world;
	struct outcome *out;
	struct task *tasks, *last, *running; /* the first one is the test's own */
	unsigned ntasks, groups;
	unsigned watching;       /* tasks in WAIT_CHANGE */
	struct planned *planned; /* faults to come */
	struct heap ready, deadlines;
	unsigned samplers;  /* tasks of t.sample */
	struct call **live; /* all calls not ended */
	size_t nlive, live_room;
	int64_t resumed_at; /* the instant of `resumes` */
	unsigned resumes;
	bool still;          /* too many of them */
	bool stirred;        /* a task ran since predicates were looked at */
	struct task *fatal;  /* ended by an error that nobody took */
	uint64_t spent;      /* instructions since the last wait */
	bool doomed;         /* over budget or out of memory: nothing catches that */
	const void *raised;  /* the string last raised by error() or assert() */
	char raised_at[160]; /* "file:line" of that assert() */
	struct seen_event seen[SEEN_EVENTS];
	size_t nseen;
	uint8_t *involved; /* nodes, then cables: failures are about those; NULL: about all */
	bool all_involved;
	int64_t began;
};

static inline struct script *script_of(lua_State *L)
{
	return *(struct script **)lua_getextraspace(L);
}

/* ---- failure.c: what can go wrong, and where in the script ---- */
/* "file:line" of the innermost frame of the scenario; false: none is left (tail calls). */
bool user_where(lua_State *L, char *out, size_t room);
/* Raises an error of the script: its position, then the words. Exit 2. */
int misuse(lua_State *L, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));
/* Raises a failed expectation: exit 1. */
int fail(lua_State *L, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));
int skip(lua_State *L, const char *why) __attribute__((noreturn));
int out_of_memory(lua_State *L) __attribute__((noreturn));
bool is_skip(lua_State *L, int idx); /* pcall must let it through */
/* Notes a failure without raising (t.check). */
void note_failure(struct script *s, const char *where, const char *text);
/* The error value on top of co becomes the test's verdict. */
void take_error(struct script *s, struct task *t);
void failure_open(lua_State *L);

/* ---- sandbox.c ---- */
void sandbox_open(lua_State *L);
enum {
	COST_TASK = 10000,
	COST_CALL = 1000
}; /* what is done for a script, counted as its own instructions */
void budget_reset(struct script *s);
void ordered_open(lua_State *L);               /* pairs, next */
const char *plain_text(lua_State *L, int idx); /* pushes what tostring() gives, without addresses */

/* ---- options.c: tables of options, quantities ---- */
/* Every key of the table at idx (nil is an empty one) must be among `known`; else misuse with the
 * nearest. `what` names the call. */
#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })
void opts_known(lua_State *L, int idx, const char *what, const char *const *known);
int64_t opt_time(lua_State *L, int idx, const char *key, int64_t missing);
uint64_t opt_bytes(lua_State *L, int idx, const char *key, uint64_t missing);
uint64_t opt_count(lua_State *L, int idx, const char *key, uint64_t min, uint64_t max,
		   uint64_t missing);
bool opt_bool(lua_State *L, int idx, const char *key, bool missing);
const char *opt_text(lua_State *L, int idx,
		     const char *key); /* NULL: missing; else left on the stack */
int64_t arg_time(lua_State *L, int idx, const char *what); /* "5s" */
/* key=value words of a table of keys, in order; values may be text, numbers, booleans or lists.
 * Keys named in `except` are passed over. */
void opt_words(lua_State *L, int idx, const char *what, const char *const *except,
	       struct words *out);
/* An empty list, pushed: the collector frees it, also when an error leaves the function. */
struct words *words_push(lua_State *L);

/* ---- handle.c ---- */
struct handle *handle_push(lua_State *L, enum handle_kind kind, unsigned idx); /* a new one */
void handle_of(lua_State *L, enum handle_kind kind,
	       unsigned idx); /* pushes the one of a node or cable */
struct handle *handle_at(lua_State *L, int idx, enum handle_kind kind, const char *what);
struct handle *handle_test(lua_State *L, int idx); /* NULL: not a handle */
void handle_class(lua_State *L, enum handle_kind kind, const luaL_Reg *methods);
void handle_open(lua_State *L);
void strip_self(lua_State *L, enum handle_kind kind);      /* net.x() and net:x() */
struct world *in_test(lua_State *L, const char *what);     /* misuse at build time */
int json_push(lua_State *L, const char *text, size_t len); /* 0, or -errno and words are pushed */

/* ---- task.c: the life of tasks ---- */
/* Takes a function and its arguments off the top of L. */
struct task *task_new(lua_State *L, int nargs, struct task *parent);
struct task *task_current(lua_State *L, const char *what); /* misuse outside of a test */
/* The current task waits; return what this returns. k sees running->wait.late. */
int task_wait(lua_State *L, enum wait_kind kind, int64_t deadline, const char *what,
	      lua_KContext ctx, lua_KFunction k);
void task_wake(struct task *t);
void task_cancel(struct task *t); /* with its children; runs pending <close> */
void task_free(struct task *t);   /* done ones; its handles must know */
void task_resume(struct task *t);
void task_where(struct task *t, char *out, size_t room); /* "file:line" where it waits */
void read_note(lua_State *L, struct ref who, enum generation g);

/* ---- schedule.c: who goes on when ---- */
int64_t lab_now(struct script *s); /* 0 while nothing runs */
void schedule_run(struct script *s,
		  const struct test *test); /* until the test's own task is done */
void schedule_end(struct script *s);        /* cancels what is left */
int plan_call(lua_State *L,
	      int64_t when); /* takes a function off the top: runs at that lab time, class 0 */
void lab_done(void *script, struct call *c); /* hooks of the world */
void lab_event(void *script, struct ref who, const struct event *ev);

/* ---- events.c: what is told of nodes, and whom a failure is about ---- */
void event_keep(struct script *s, struct ref who, const struct event *ev);
void involve(struct task *t, struct ref who); /* the task asks this one */
void involve_anew(struct task *t);            /* an expectation held */
void involve_failed(struct script *s);        /* of the task that failed, or of all that wait */
void events_note(struct script *s);           /* the latest of those involved, for the report */
void events_forget(struct script *s);

/* ---- trace.c: the record, if there is one ---- */
void trace_resume(struct task *t);                          /* what happens now, it does */
void trace_asks(struct script *s, const struct request *r); /* before it is started */
void trace_fails(struct script *s, const char *where, const char *text);
void trace_begins(struct script *s, const char *test);
int trace_mark(lua_State *L); /* core.mark(who, what, words): the task's own cause from now on */

/* ---- calls.c: requests to the world ---- */
/* Starts a request; calls k at once or when it is done, with the call as context. `within`
 * TIME_NEVER: no deadline (when late k sees done == false). k drops the call. */
int call_wait(lua_State *L, const struct request *r, int64_t within, const char *what,
	      lua_KFunction k);
int call_await(lua_State *L, struct call *c, int64_t within, const char *what,
	       lua_KFunction k);                                /* the same, begun */
struct call *call_start(lua_State *L, const struct request *r); /* never NULL; raises */
void call_drop(struct script *s, struct call *c);
void call_check(lua_State *L, struct call *c); /* raises its error: skip, or failure */
void call_detach(struct script *s, const struct request *r); /* nobody waits for it */

/* ---- plan.c: what --replay and --shrink put in place of what the scenario says ---- */
extern const luaL_Reg plan_functions[];         /* of core */
void plan_site(lua_State *L, const char *what); /* notes where a call stands */
int ppm_parse(const char *text, int32_t *ppm);  /* "200ppm", "-1.5%"; 0 or -EINVAL */

/* marks.c: does it break or set something? Then the outcome notes it. */
void mark_note(struct script *s, const struct request *r);

/* ---- the files of handles ---- */
void set_int(lua_State *L, const char *key, int64_t v); /* into the table on top */
struct ref end_ref(lua_State *L, const char *what);     /* the end at 1 */
unsigned other_end(lua_State *L, const char *what);     /* the end at 2, which is another */
int switch_state(lua_State *L);                         /* core.state */
int net_add_test(lua_State *L);                         /* core.test */
/* Keys of a cable in the table at idx, checked; `except` are not keys of impairments. */
void cable_keys(lua_State *L, int idx, const char *const *except, struct words *out);
void push_folder(lua_State *L); /* where the scenario lies, with a slash at its end; "": here */
int script_load(lua_State *L);  /* core.load */
void net_open(lua_State *L);
void switch_open(lua_State *L);
void cable_open(lua_State *L);
void end_open(lua_State *L);
void flow_open(lua_State *L);
void raw_open(lua_State *L);
void test_open(lua_State *L);
int test_sampled(lua_State *L); /* core.sampled */
void join_open(lua_State *L);
void watch_open(lua_State *L);
int watch_background(lua_State *L); /* core.background */
int watch_wait_for(lua_State *L);   /* core.wait_for */
void core_open(lua_State *L);       /* `core`, for lab/lua only */

struct lua_source { /* embedded.c: lab/lua, in the order to load */
	const char *name;
	const char *begin, *end;
};
extern const struct lua_source lua_sources[];

#endif
