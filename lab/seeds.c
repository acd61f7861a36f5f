/* SPDX-License-Identifier: MIT */
/* seeds.c - dw-lab run with many seeds: forked workers take them a chunk at a time and hand back
 * what they found. A worker that dies (a failed assertion of a core) has found something too: the
 * seed it was at is counted as failed, the rest of its chunk is run by another. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/shrink.h"
#include "lib/cli/opts.h"

enum { JOBS_MAX = 256, CHUNK_MAX = 64 };

struct chunk { /* of the seeds of this shard, counted from 0 */
	uint64_t first, count;
};

struct place { /* where a worker is, in memory that outlives it */
	volatile uint64_t nth;
	volatile unsigned file, backend;
	char test[200];
};

struct job {
	pid_t pid; /* 0: free */
	int fd;
	struct chunk chunk;
	struct place *place;
	char *text; /* what it has said so far */
	size_t len, room;
};

struct seeds {
	const struct run_options *o;
	const char (*labs)[128];
	uint64_t total, next, done; /* of this shard */
	struct chunk *again;        /* what workers that died left */
	size_t nagain;
	struct job job[JOBS_MAX];
	unsigned njobs, running;
	struct place *places;
	struct found found;
};

static uint64_t seed_of(const struct run_options *o, uint64_t nth)
{
	return o->seed_first + (o->shards ? o->shard - 1 + nth * o->shards : nth);
}

static uint64_t seeds_of(const struct run_options *o)
{
	uint64_t all = o->seed_last - o->seed_first + 1;
	return o->shards ? (all + o->shards - o->shard) / o->shards : all;
}

/* ---- in a worker ---- */

static int run_tests(const struct run_options *o, const struct script_env *env,
		     const struct world_kind *kind, const char *lab, struct place *at,
		     struct found *f)
{
	struct err e = { "" };
	struct script *listed = NULL;
	int r = script_open(&listed, env, &e);
	if (r < 0) {
		f->trouble = strdup(e.text);
		return r;
	}
	for (size_t i = 0; i < script_tests(listed) && !run_stopped() && !r; i++) {
		const char *lacks = script_lacks(listed, i);
		struct outcome out = { .verdict = VERDICT_SKIP };
		struct point p = { .test = script_test(listed, i),
				   .file = env->file,
				   .backend = kind->name,
				   .seed = env->seed_given ? env->seed : script_seed(listed) };
		if (!run_chosen(o, p.test))
			continue;
		snprintf(at->test, sizeof at->test, "%s", p.test);
		if (lacks)
			out.why = strdup(lacks);
		else
			p.wall_s = run_test(o, kind, env, i, &out);
		if (out.verdict == VERDICT_TROUBLE)
			f->trouble = strdup(out.why ? out.why : "out of memory");
		if (out.verdict != VERDICT_STOPPED)
			r = found_add(f, &p, lab, &out);
		outcome_fini(&out);
		r = f->trouble ? -EIO : r;
	}
	script_close(listed);
	return r;
}

static int run_seed(const struct seeds *s, uint64_t seed, struct place *at, struct found *f)
{
	const struct run_options *o = s->o;
	int r = 0;
	for (unsigned i = 0; i < o->files.count && !r; i++)
		for (unsigned b = 0; b < o->nbackends && !r && !run_stopped(); b++) {
			struct script_env env = run_env(o, o->files.v[i], o->backend[b], seed);
			env.again = true;
			at->file = i;
			at->backend = b;
			at->test[0] = '\0';
			r = run_tests(o, &env, o->backend[b], s->labs[i], at, f);
		}
	return r;
}

static void work(const struct seeds *s, struct chunk c, struct place *at, int fd)
{
	struct found f = { 0 };
	struct out o;
	int r = 0;
	for (uint64_t k = 0; k < c.count && !r && !run_stopped(); k++) {
		at->nth = c.first + k;
		r = run_seed(s, seed_of(s->o, at->nth), at, &f);
	}
	f.stopped = run_stopped() != 0;
	if (r == -ENOMEM && !f.trouble)
		f.trouble = strdup("out of memory");
	out_init(&o, true);
	found_write(&f, &o);
	out_done(&o);
	for (size_t at_byte = 0; at_byte < o.len;) {
		ssize_t n = write(fd, o.text + at_byte, o.len - at_byte);
		if (n < 0 && errno != EINTR)
			_exit(3);
		at_byte += n > 0 ? (size_t)n : 0;
	}
	_exit(0);
}

/* ---- in the parent ---- */

static bool take_chunk(struct seeds *s, struct chunk *c)
{
	if (s->nagain) {
		*c = s->again[--s->nagain];
		return true;
	}
	if (s->next >= s->total)
		return false;
	uint64_t size = s->total / (s->njobs * 8) + 1;
	c->first = s->next;
	c->count = size < CHUNK_MAX ? size : CHUNK_MAX;
	if (c->count > s->total - s->next)
		c->count = s->total - s->next;
	s->next += c->count;
	return true;
}

static int start(struct seeds *s, struct job *j)
{
	int fd[2];
	if (pipe(fd) < 0)
		return -errno;
	fflush(NULL);
	j->pid = fork();
	if (j->pid < 0) {
		close(fd[0]), close(fd[1]);
		j->pid = 0;
		return -errno;
	}
	if (j->pid == 0) {
		close(fd[0]);
		work(s, j->chunk, j->place, fd[1]);
	}
	close(fd[1]);
	j->fd = fd[0];
	j->len = 0;
	s->running++;
	return 0;
}

static int leave_again(struct seeds *s, uint64_t first, uint64_t count)
{
	if (!count)
		return 0;
	struct chunk *more = realloc(s->again, (s->nagain + 1) * sizeof *more);
	if (!more)
		return -ENOMEM;
	s->again = more;
	more[s->nagain++] = (struct chunk){ first, count };
	return 0;
}

/* It died at a seed: that is a failure; what it had found before goes with it and is run again. */
static int died(struct seeds *s, struct job *j, int signo)
{
	const struct run_options *o = s->o;
	uint64_t nth = j->place->nth, last = j->chunk.first + j->chunk.count;
	struct point p = { .test = j->place->test[0] ? j->place->test : "(reading the scenario)",
			   .file = o->files.v[j->place->file],
			   .backend = o->backend[j->place->backend]->name,
			   .seed = seed_of(o, nth) };
	struct outcome out;
	apart_died(&out, signo);
	int r = found_add(&s->found, &p, s->labs[j->place->file], &out);
	outcome_fini(&out);
	if (!r)
		r = leave_again(s, j->chunk.first, nth - j->chunk.first);
	if (!r)
		r = leave_again(s, nth + 1, last - nth - 1);
	return r;
}

static int finished(struct seeds *s, struct job *j)
{
	struct err e = { "" };
	int status = 0, r = 0;
	close(j->fd);
	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		;
	j->pid = 0;
	s->running--;
	if (WIFSIGNALED(status) && !run_stopped())
		return died(s, j, WTERMSIG(status));
	if (!j->len)
		return run_stopped() ? 0 : -EIO;
	struct found f = { 0 };
	r = found_read(&f, j->text, j->len, &e);
	if (!r)
		r = found_merge(&s->found, &f);
	found_fini(&f);
	s->done += j->chunk.count;
	return r;
}

static int hear(struct seeds *s, struct job *j)
{
	if (j->room - j->len < 4096) {
		size_t room = j->room ? j->room * 2 : 65536;
		char *more = realloc(j->text, room);
		if (!more)
			return -ENOMEM;
		j->text = more;
		j->room = room;
	}
	ssize_t n = read(j->fd, j->text + j->len, j->room - j->len);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	j->len += (size_t)n;
	return n ? 0 : finished(s, j);
}

static void tell_progress(const struct seeds *s)
{
	char text[80];
	snprintf(text, sizeof text, "seeds; distinct failures: %zu", found_distinct(&s->found));
	report_progress(s->done ? (unsigned)s->done - 1 : 0, (unsigned)s->total, text);
}

/* Workers that run hear of a signal too; a scheduler may have sent it to us alone. */
static void pass_on(const struct seeds *s, int signo)
{
	for (unsigned i = 0; i < s->njobs; i++)
		if (s->job[i].pid)
			kill(s->job[i].pid, signo);
}

static int turn(struct seeds *s)
{
	struct pollfd p[JOBS_MAX];
	struct job *of[JOBS_MAX];
	nfds_t n = 0;
	int r = 0;
	for (unsigned i = 0; i < s->njobs; i++) {
		struct job *j = &s->job[i];
		if (!j->pid && !run_stopped() && !s->found.trouble && take_chunk(s, &j->chunk) &&
		    (r = start(s, j)) < 0)
			return r;
		if (!j->pid)
			continue;
		of[n] = j;
		p[n++] = (struct pollfd){ .fd = j->fd, .events = POLLIN };
	}
	if (poll(p, n, -1) < 0) {
		if (run_stopped())
			pass_on(s, SIGINT);
		return errno == EINTR ? 0 : -errno;
	}
	for (nfds_t i = 0; i < n && !r; i++)
		if (p[i].revents)
			r = hear(s, of[i]);
	tell_progress(s);
	return r;
}

static unsigned jobs_of(const struct run_options *o, uint64_t total)
{
	long n = o->jobs ? (long)o->jobs : sysconf(_SC_NPROCESSORS_ONLN);
	if (n < 1)
		n = 1;
	if ((uint64_t)n > total)
		n = total ? (long)total : 1;
	return n < JOBS_MAX ? (unsigned)n : JOBS_MAX;
}

static int all(struct seeds *s)
{
	int r = 0;
	do
		r = turn(s);
	while (!r && (s->running ||
		      ((s->nagain || s->next < s->total) && !run_stopped() && !s->found.trouble)));
	if (r < 0)
		pass_on(s, SIGKILL);
	for (unsigned i = 0; i < s->njobs; i++) {
		struct job *j = &s->job[i];
		if (j->pid) { /* trouble: killed above */
			close(j->fd);
			while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		free(j->text);
	}
	return r;
}

int seeds_run(const struct run_options *o, const char (*labs)[128], struct results *keep)
{
	struct seeds *s = calloc(1, sizeof *s);
	if (!s)
		return log_verdict(3, "out of memory");
	s->o = o;
	s->labs = labs;
	s->total = seeds_of(o);
	s->njobs = jobs_of(o, s->total);
	size_t room = s->njobs * sizeof *s->places;
	s->places = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r = s->places == MAP_FAILED ? -errno : 0;
	for (unsigned i = 0; i < s->njobs && !r; i++)
		s->job[i].place = &s->places[i];
	if (!r)
		r = all(s);
	if (r < 0 && !s->found.trouble)
		s->found.trouble = strdup(strerror(-r));
	s->found.stopped |= run_stopped() != 0;
	int kept = o->shrink ? shrink_all(o, &s->found, o->shrink) : 0;
	int code = found_report(&s->found, o->strict, keep);
	code = kept ? kept : code;
	if (run_stopped())
		code = 128 + run_stopped();
	if (s->places != MAP_FAILED)
		munmap(s->places, room);
	free(s->again);
	found_fini(&s->found);
	free(s);
	return code;
}
