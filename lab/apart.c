/* SPDX-License-Identifier: MIT */
/* apart.c - one test in a process of its own; what came of it comes back as a report. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/shrink.h"

void apart_died(struct outcome *out, int signo)
{
	char text[160];
	snprintf(text, sizeof text, "the program died here of signal %d (%s)", signo,
		 strsignal(signo));
	*out = (struct outcome){ .verdict = VERDICT_FAIL };
	note_add(&out->failure, &out->nfailures, NULL, text, 0);
}

/* In the child: the test by its name, since another plan may have made other tests. */
static void run_named(const struct run_options *o, const struct world_kind *kind,
		      const struct script_env *env, const char *test, struct outcome *out)
{
	struct err e = { "" };
	struct script *s = NULL;
	*out = (struct outcome){ .verdict = VERDICT_BROKEN };
	if (script_open(&s, env, &e) < 0) {
		out->why = strdup(e.text);
		return;
	}
	size_t i = 0, n = script_tests(s);
	while (i < n && strcmp(script_test(s, i), test) != 0)
		i++;
	script_close(s);
	if (i < n)
		run_test(o, kind, env, i, out);
	else
		out->why = strdup("there is no such test");
}

static void child(const struct run_options *o, const struct world_kind *kind,
		  const struct script_env *env, const char *test, int fd)
{
	struct outcome out;
	struct found f = { 0 };
	struct out json;
	struct point p = {
		.test = test, .file = env->file, .backend = kind->name, .seed = env->seed
	};
	if (!freopen("/dev/null", "w", stderr))
		_exit(3);
	run_named(o, kind, env, test, &out);
	found_add(&f, &p, "", &out);
	out_init(&json, true);
	found_write(&f, &json);
	out_done(&json);
	for (size_t at = 0; at < json.len;) {
		ssize_t n = write(fd, json.text + at, json.len - at);
		if (n < 0 && errno != EINTR)
			_exit(3);
		at += n > 0 ? (size_t)n : 0;
	}
	_exit(0);
}

static char *hear(int fd, size_t *len)
{
	char *text = NULL;
	size_t room = 0;
	for (*len = 0;;) {
		if (*len == room) {
			char *more = realloc(text, room = room ? room * 2 : 16384);
			if (!more)
				break;
			text = more;
		}
		ssize_t n = read(fd, text + *len, room - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	return text;
}

static void take(struct outcome *out, const char *text, size_t len)
{
	struct err e = { "" };
	struct found f = { 0 };
	if (text && found_read(&f, text, len, &e) == 0 && f.ntested) {
		struct tested *t = &f.tested[0];
		if (t->nfailures) {
			*out = t->failure[0].out;
			t->failure[0].out = (struct outcome){ 0 };
		} else {
			*out = (struct outcome){ .verdict =
							 t->passed ? VERDICT_PASS : VERDICT_SKIP };
		}
	}
	found_fini(&f);
}

void apart_run(const struct run_options *o, const struct world_kind *kind,
	       const struct script_env *env, const char *test, struct outcome *out)
{
	int fd[2], status = 0;
	*out = (struct outcome){ .verdict = VERDICT_TROUBLE };
	if (pipe(fd) < 0)
		return;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child(o, kind, env, test, fd[1]);
	}
	close(fd[1]);
	size_t len = 0;
	char *text = pid > 0 ? hear(fd[0], &len) : NULL;
	close(fd[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFSIGNALED(status))
		apart_died(out, WTERMSIG(status));
	else
		take(out, text, len);
	free(text);
}
