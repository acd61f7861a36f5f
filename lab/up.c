/* SPDX-License-Identifier: MIT */
/* up.c - dw-lab up: builds a lab in a process of its own, which stays, and returns when it stands.
 */
#include "lab/up.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/real/stay.h"
#include "wire/core/wire.h"

enum { SCRIPT_MEMORY = 256 << 20, SCRIPT_BUDGET = 400000000 };

struct word { /* from the process that stays: it stands, or why not */
	int code;
	char dir[RUNDIR_MAX];
	struct err e;
};

static void tell(int fd, int code, const struct stay *s, const struct err *e)
{
	struct word w = { .code = code, .e = *e };
	if (s)
		snprintf(w.dir, sizeof w.dir, "%s", stay_dir(s));
	if (write(fd, &w, sizeof w) != sizeof w)
		_exit(3); /* nobody waits any more */
	close(fd);
}

/* No terminal, no pipe of whoever called: those must see their end when dw-lab up returns. */
static int let_go(int fd, const char *name)
{
	char title[32];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	setsid();
	snprintf(title, sizeof title, "dw-lab %.8s", name);
	prctl(PR_SET_NAME, title);
	signal(SIGHUP, SIG_IGN);
	for (int i = 0; i < 3 && null >= 0; i++)
		dup2(null, i);
	close_range((unsigned)high + 1, ~0u, 0);
	return high;
}

static int stay(struct up *u, struct script *s, const struct world_kind *kind,
		struct wire_files *files, int fd)
{
	struct err e = { "" };
	struct world *w = NULL;
	struct stay *lab = NULL;
	struct world_setup setup = {
		.plan = script_plan(s),
		.seed = script_seed(s),
		.stop = &lab_stop,
		.self = u->self,
		.name = u->name,
		.files = files,
	};
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* until it stands; Ctrl-C ends the caller, that us */
	fd = let_go(fd, u->name);
	int r = kind->open(&w, &setup, &e);
	if (r == 0)
		r = stay_open(&lab, w, &e);
	prctl(PR_SET_PDEATHSIG, 0); /* before it is told: the caller ends at once then */
	tell(fd, r, lab, &e);
	if (r == 0)
		r = stay_serve(lab, &e);
	stay_close(lab);
	if (w)
		w->ops->free(w);
	return r < 0 ? 3 : 0;
}

static int hear(int fd, pid_t pid, struct word *w)
{
	ssize_t n;
	do
		n = read(fd, w, sizeof *w);
	while (n < 0 && errno == EINTR);
	if (n == sizeof *w && w->code == 0)
		return 0;
	waitpid(pid, NULL, 0);
	if (n != sizeof *w)
		return log_verdict(3, "the lab ended before it stood");
	if (w->code == -EEXIST)
		return log_verdict(1, w->e.text);
	return log_verdict(w->code == -EINVAL ? 2 : 3, w->e.text);
}

/* What stands, in a line. */
static void say(const struct up *u, const struct plan *p, const struct world_kind *kind,
		const char *dir)
{
	struct out o;
	out_init(&o, opt_json);
	out_str(&o, "lab", "%s: up", u->name);
	out_str(&o, "backend", " on %s", kind->name);
	out_u64(&o, "switches", " (switches %" PRIu64, (uint64_t)p->nswitches);
	out_u64(&o, "cables", ", cables %" PRIu64, (uint64_t)p->ncables);
	out_u64(&o, "ends", ", ends %" PRIu64 ")", (uint64_t)p->nends);
	out_str(&o, "dir", " in %s\n", dir);
	out_done(&o);
	if (o.text && !opt_quiet)
		printf("%s%s", o.text, opt_json ? "\n" : "");
	fflush(stdout);
	out_fini(&o);
}

static int start(struct up *u, struct script *s, const struct world_kind *kind,
		 struct wire_files *files)
{
	int ends[2];
	struct word w;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return log_verdict(-errno, "");
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		int code = stay(u, s, kind, files, ends[1]);
		script_close(s);
		exit(code);
	}
	close(ends[1]);
	int code = pid < 0 ? log_verdict(-errno, "fork") : hear(ends[0], pid, &w);
	close(ends[0]);
	if (code == 0)
		say(u, script_plan(s), kind, w.dir);
	return code;
}

static const struct world_kind *choose_kind(const struct up *u, struct err *e)
{
	if (u->backend) {
		const struct world_kind *k =
			strcmp(u->backend, "ns") == 0 ? &world_ns : &world_proc;
		return k->probe(u->self, e) == 0 ? k : NULL;
	}
	if (world_ns.probe(u->self, e) == 0)
		return &world_ns;
	return world_proc.probe(u->self, e) == 0 ? &world_proc : NULL;
}

/* Of the file, unless --name gives one. */
static int name_it(struct up *u, const char *file)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	const char *slash = strrchr(file, '/');
	if (u->lab) {
		snprintf(u->name, sizeof u->name, "%s", u->lab);
	} else {
		snprintf(u->name, sizeof u->name, "%s", slash ? slash + 1 : file);
		char *dot = strrchr(u->name, '.');
		if (dot && dot != u->name)
			*dot = '\0';
	}
	if (u->name[0] && u->name[0] != '.' && !u->name[strspn(u->name, letters)])
		return 0;
	log_error("--name: '%s' is no name: letters, digits, '.', '_' and '-'", u->name);
	return 2;
}

int up_up(struct up *u)
{
	struct err e = { "" };
	const char *file = u->words.v[0];
	int code = name_it(u, file);
	const struct world_kind *kind = code ? NULL : choose_kind(u, &e);
	if (!kind)
		return code ? code : log_verdict(3, e.text);
	struct script_env env = {
		.file = file,
		.backend = kind->name,
		.need = lab_need,
		.stop = &lab_stop,
		.memory = SCRIPT_MEMORY,
		.budget = SCRIPT_BUDGET,
		.files = lab_files_new(),
	};
	struct script *s = NULL;
	int r = env.files ? script_open(&s, &env, &e) : -ENOMEM;
	if (r < 0)
		code = log_verdict(r == -ENOMEM ? 3 : 2, e.text[0] ? e.text : strerror(-r));
	else
		code = start(u, s, kind, env.files);
	script_close(s);
	wire_files_free(env.files);
	return code;
}
