/* SPDX-License-Identifier: MIT */
/* real.h - a lab of real processes: one loop in dw-lab that starts them through the keeper, speaks
 * to their management sockets and runs the built-in stations over real plugs. Private to lab/real.
 *
 * proc: switches and cables are processes, every end is a station in here.
 * ns: the same below a holder (holder.h), and hosts are network namespaces with an agent (agent.h).
 */
#ifndef DW_LAB_REAL_REAL_H
#define DW_LAB_REAL_REAL_H

#include <sys/un.h>

#include "lab/real/agent.h"
#include "lab/real/keeper.h"
#include "lab/real/prog.h"
#include "lab/real/rundir.h"
#include "lab/world.h"
#include "lib/io/ep.h"
#include "lib/io/mgmt.h"
#include "lib/io/vde_server.h"

enum { SELF_DIR_MAX = 512 };
enum { SOCK_PATH_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) };

struct real;
struct node;
struct real_call;

/* ---- a program with a management socket: a switch or a cable ---- */
enum service_state { SERVICE_DOWN, SERVICE_STARTING, SERVICE_SETTING, SERVICE_FILLING, SERVICE_UP };

struct service {
	struct real *real;
	struct ref ref;
	const char *name;
	char mgmt_path[SOCK_PATH_MAX];
	struct words argv, lines; /* the lines are run each time it starts */
	struct prog prog;
	struct mgmt_client *mgmt;
	enum service_state state;
	unsigned lines_left;
	/* Of a restarted switch: how many came back, how many are to come. */
	unsigned plugs, plugs_wanted;
	struct timer filled; /* longest wait for them */
	bool wanted;         /* it is meant to run: its end is trouble */
	bool again;          /* start it once it has ended */
	bool paused;
	struct ask *asks;        /* lines under way */
	struct real_call *power; /* a restart that waits for it */
	uint64_t touched;        /* events, commands, starts */
};

int service_start(struct service *v, struct err *e);
void service_fini(struct service *v);
/* 0, -EINPROGRESS: call_done() later, or why not. */
int service_power(struct service *v, enum power p, struct real_call *c);
void service_cmd(struct service *v, struct real_call *c, const char *line); /* call_done() */
void service_forget(struct real_call *c); /* it ends; answers that still come are dropped */
/* One line more, now and at every start; its failure is trouble. */
int service_add_line(struct service *v, const char *line);

/* ---- an end: a station here, or a host in its namespace ---- */
struct end_ops {
	/* All of these are done at once (0 or negative errno), or -EINPROGRESS and call_done()
	 * later. Handles are the call's id at either end. */
	int (*ping)(struct node *n, struct real_call *c, const struct ping_args *a);
	int (*expect)(struct node *n, struct real_call *c, uint16_t port);
	int (*flow)(struct node *n, struct real_call *c, const struct flow_args *a);
	int (*listen)(struct node *n, struct real_call *c, uint16_t port);
	int (*tcp)(struct node *n, struct real_call *c, const struct tcp_args *a);
	int (*send)(struct node *n, struct real_call *c, const void *frame, uint32_t len);
	int (*stats)(struct node *n, struct real_call *c);
	/* What is known of call `of`, into c->call: the account at its far end, the count sent at
	 * its near one, the transfer as it is now. */
	int (*account)(struct node *n, struct real_call *c, const struct real_call *of);
	int (*sent)(struct node *n, struct real_call *c, const struct real_call *of);
	int (*result)(struct node *n, struct real_call *c);
	void (*watch)(struct node *n, bool on); /* raw frames to calls_heard() */
	/* All that `c` has at this end, as its far or near one. */
	void (*forget)(struct node *n, struct real_call *c, bool far);
	void (*close)(struct node *n);
};

struct station_end { /* a station over a real plug: in a switch, or a cable's in the station */
	struct station *core;
	struct ep *ep;
	struct vde_server *server; /* at a cable: takes its plug as a switch would, so that a cut
				      cable is an unplugged one */
	struct timer timer, retry;
	char locator[SOCK_PATH_MAX + 32];
	bool was_up;
	char reason[160]; /* why it was refused last */
};

struct host_end { /* a namespace */
	struct spawned agent;
	struct watch watch;
	char netns[SOCK_PATH_MAX];
	struct question *asked; /* not answered yet */
	uint32_t serial;
	bool up;
};

struct node {
	struct real *real;
	const struct node_spec *spec;
	unsigned idx;
	const struct end_ops *ops; /* NULL: a switch, or something outside */
	struct service sw;
	struct station_end st;
	struct host_end host;
	struct prog vm;
	uint64_t touched;
};

int station_end_open(struct node *n, struct err *e);
int vm_start(struct node *n, struct err *e);                  /* vm.c; -ENOTSUP: no QEMU here */
void vm_socket(const struct node *n, char *out, size_t room); /* where a cable comes to it */
int host_end_open(struct node *n, struct err *e);

/* ---- the world ---- */
struct real {
	struct world world; /* first */
	bool namespaces, veth, standing;
	bool lonely; /* the keeper is gone: what it would have removed is ours to remove */
	struct loop *loop;
	int64_t epoch; /* CLOCK_MONOTONIC of the ends' time 0: when building began */
	int64_t stood; /* of lab time 0: when all of it stood */
	char dir[RUNDIR_MAX];
	char self_dir[SELF_DIR_MAX]; /* our sisters lie there; "": PATH */
	struct keeper keeper;
	struct spawner spawner;
	struct pool *pool;
	struct node *node;
	size_t nnodes;
	struct service *cable;
	size_t ncables;
	struct real_call *calls; /* in the order asked */
	uint32_t last_call;
	uint16_t next_port;
	struct timer tick; /* traffic is looked at every 10 ms */
	uint64_t ticks;
	bool watched, something, interrupted;
	int trouble;
	struct err words;
	struct at_timer *timers;
};

static inline struct real *real_of(struct world *w)
{
	return (struct real *)w;
}

static inline int64_t real_now(const struct real *r) /* lab time, of this turn */
{
	return loop_now(r->loop) - r->stood;
}

/* The run cannot go on. The first trouble counts. */
__attribute__((format(printf, 3, 4))) void real_trouble(struct real *r, int code, const char *fmt,
							...);
void real_happened(struct real *r); /* step() returns after this turn */

/* build.c: what the plan says, as processes */
int real_build(struct real *r, struct err *e);
void real_unbuild(struct real *r);
/* Where the program is: beside dw-lab if it is there, else in PATH. false: nowhere. */
bool build_program(const char *self_dir, const char *name, char *path, size_t room);

/* ---- calls ---- */
enum call_step { STEP_FAR, STEP_NEAR }; /* of verbs that need both ends, in turn; else STEP_NEAR */

struct real_call {
	struct call call; /* first: the lab sees only this */
	struct real *real;
	uint32_t id; /* of what it has at its ends */
	struct node *node, *to;
	struct service *wire; /* cables */
	enum verb verb;
	enum call_step step;
	struct flow_args flow;
	struct tcp_args tcp;
	uint16_t port;
	bool starting;          /* start() has not returned: no hook */
	bool has_near, has_far; /* something of it is at that end */
	int near, far;          /* handles of stations */
	int far_error;          /* of a transfer: positive errno */
	const struct call *of;  /* account */
	struct frame_match match;
	uint8_t *match_data;
	struct timer timer; /* within */
	bool late;
	struct prog prog; /* exec, spawn, a host's ping */
	struct ask *ask;  /* a management line under way */
	struct real_call *next;
};

struct call *calls_start(struct world *w, const struct request *r);
void calls_end(struct world *w, struct call *c);
/* Something that `c` waited for is over: it goes on, or is done. `code`: 0 or negative errno. */
void call_done(struct real_call *c, int code);
void calls_look(struct node *n); /* after every call into a station: what is done now? */
void calls_heard(struct node *n, const void *frame, uint32_t len);
int call_text(struct real_call *c, const void *bytes, size_t len);
struct real_call *call_of_id(struct real *r, uint32_t id);

/* exec.c */
int exec_start(struct real_call *c, const struct words *argv);
int exec_ping(struct node *n, struct real_call *c, const struct ping_args *a);

#endif
