/* SPDX-License-Identifier: MIT */
/* test_daemon.c - leaving the terminal, the pid file, and the three ways to say "ready". */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cli/daemon.h"
#include "lib/cli/log.h"

static char folder[] = "/tmp/dw-test-XXXXXX"; /* each test runs in it */

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *read_file(const char *path)
{
	static char text[64];
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	ssize_t n = read(fd, text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static const char *pid_text(pid_t pid)
{
	static char text[32];
	snprintf(text, sizeof text, "%ld\n", (long)pid);
	return text;
}

static pid_t dead_pid(void) /* of a process that is gone and reaped */
{
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	return child;
}

/* What one daemon of these tests has to hold and to do. */
struct rig {
	int ready[2], go[2], output[2]; /* pipes; output: stdout and stderr of the caller's side */
	pid_t parent;
};

enum end { RUN, DIE_WITH_7, DIE_BY_SIGNAL, HANG };

/* The daemon's side. When told to run: gets ready, waits for word on `go`, lets go. */
static void daemon_side(struct rig *r, enum end end)
{
	struct err e = { "" };
	char word;
	close(r->go[1]);
	if (end == DIE_WITH_7)
		_exit(7);
	if (end == DIE_BY_SIGNAL)
		raise(SIGKILL);
	if (end == HANG) {
		if (write(r->ready[1], "h", 1) != 1)
			_exit(5);
		_exit(read(r->go[0], &word, 1) < 0 ? 5 : 6); /* here a signal finds us */
	}
	if (daemon_ready(r->ready[1], "pid", &e) < 0)
		_exit(4);
	if (read(r->go[0], &word, 1) < 0)
		_exit(5);
	daemon_done();
	_exit(0);
}

static void rig_start(struct rig *r, enum end end)
{
	assert_int_equal(pipe(r->ready) | pipe(r->go) | pipe(r->output), 0);
	fflush(NULL);
	r->parent = fork();
	if (r->parent == 0) {
		close(r->ready[0]);
		dup2(r->output[1], 1);
		dup2(r->output[1], 2);
		close(r->output[0]);
		close(r->output[1]);
		if (daemon_start("pid", "dw-test") == 0)
			daemon_side(r, end);
		_exit(9);
	}
	close(r->ready[1]);
	close(r->go[0]);
	close(r->output[1]);
}

static int rig_wait(struct rig *r) /* wait status of the calling side */
{
	int status = -1;
	assert_int_equal(waitpid(r->parent, &status, 0), r->parent);
	return status;
}

static void rig_end(struct rig *r)
{
	close(r->go[1]);
	close(r->ready[0]);
	close(r->output[0]);
}

/* Reads to the end of the stream; who holds the other end must let go or end for that. */
static size_t drain(int fd, char *text, size_t room)
{
	size_t len = 0;
	ssize_t n;
	while ((n = read(fd, text + len, room - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return len;
}

static void the_caller_gets_its_prompt_when_all_is_ready(void **state)
{
	(void)state;
	struct rig r;
	char text[512];
	rig_start(&r, RUN);
	assert_int_equal(rig_wait(&r), 0);
	long pid = atol(read_file("pid")); /* it is there already, and not the caller's */
	assert_int_not_equal(pid, r.parent);
	assert_int_equal(kill((pid_t)pid, 0), 0);
	assert_int_equal(getsid((pid_t)pid), pid); /* out of our session */
	drain(r.ready[0], text, sizeof text);
	assert_string_equal(text, "\n"); /* one newline, and closed */
	drain(r.output[0], text,
	      sizeof text); /* ends though the daemon runs: it let go of the pipe */
	assert_string_equal(text, "");
	assert_int_equal(write(r.go[1], "g", 1), 1);
	int status = 0;
	assert_int_equal(waitpid((pid_t)pid, &status, 0), pid); /* we are its reaper */
	assert_int_equal(status, 0);
	assert_false(exists("pid"));
	rig_end(&r);
}

static void the_caller_ends_as_a_daemon_that_fails(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, DIE_WITH_7);
	int status = rig_wait(&r);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	rig_end(&r);
	rig_start(&r, DIE_BY_SIGNAL);
	status = rig_wait(&r);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	rig_end(&r);
	assert_false(exists("pid"));
}

static void a_signal_to_the_waiting_caller_ends_both(void **state)
{
	(void)state;
	struct rig r;
	char text[64];
	rig_start(&r, HANG);
	assert_int_equal(read(r.ready[0], text, 1), 1); /* the daemon is up and not ready */
	kill(r.parent, SIGTERM);
	int status = rig_wait(&r);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	assert_int_equal(drain(r.ready[0], text, sizeof text), 0); /* nobody holds the pipe now */
	rig_end(&r);
}

static void a_daemon_is_refused_before_it_starts(void **state)
{
	(void)state;
	struct rig r;
	char text[512], want[128];
	write_file("pid", pid_text(getppid()));
	rig_start(&r, RUN);
	int status = rig_wait(&r);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	drain(r.output[0], text, sizeof text);
	snprintf(want, sizeof want, "dw-test: --pidfile: pid: exists and process %ld runs\n",
		 (long)getppid());
	assert_string_equal(text, want);
	assert_string_equal(read_file("pid"), pid_text(getppid()));
	rig_end(&r);
	unlink("pid");
}

static void a_pid_file_is_made_and_removed(void **state)
{
	(void)state;
	struct err e = { "" };
	struct stat st;
	assert_int_equal(daemon_ready(-1, "pid", &e), 0);
	assert_string_equal(read_file("pid"), pid_text(getpid()));
	assert_int_equal(stat("pid", &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0644, 0);
	assert_int_equal(mkdir("inner", 0700) | chdir("inner"), 0);
	daemon_done(); /* from another folder */
	assert_int_equal(chdir(".."), 0);
	assert_false(exists("pid"));
	daemon_done(); /* once more does nothing */
	rmdir("inner");
}

static void what_is_left_of_the_dead_is_taken_over(void **state)
{
	(void)state;
	struct err e = { "" };
	write_file("pid", pid_text(dead_pid()));
	assert_int_equal(daemon_ready(-1, "pid", &e), 0);
	assert_string_equal(read_file("pid"), pid_text(getpid()));
	daemon_done();
	assert_false(exists("pid"));
	write_file("pid", pid_text(getpid())); /* a container that was killed and came back */
	assert_int_equal(daemon_ready(-1, "pid", &e), 0);
	daemon_done();
	assert_false(exists("pid"));
}

static void what_belongs_to_others_is_left_alone(void **state)
{
	(void)state;
	static const char *const files[] = { "",    "hello\n", "12 monkeys\n",
					     "0\n", "-1\n",    "123456789012345678901234567890\n" };
	struct err e = { "" };
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		write_file("pid", files[i]);
		assert_int_equal(daemon_ready(-1, "pid", &e), -EEXIST);
		assert_string_equal(e.text, "--pidfile: pid: exists and is not a pid file");
		assert_string_equal(read_file("pid"), files[i]);
	}
	write_file("pid", pid_text(getppid()));
	assert_int_equal(daemon_ready(-1, "pid", &e), -EEXIST);
	daemon_done();
	assert_true(exists("pid")); /* what we did not make we do not remove */
	unlink("pid");
	write_file("other", pid_text(dead_pid()));
	assert_int_equal(symlink("other", "pid"), 0);
	assert_true(daemon_ready(-1, "pid", &e) < 0); /* a link may lead anywhere */
	assert_true(exists("other"));
	unlink("pid");
	unlink("other");
	assert_int_equal(daemon_ready(-1, "nowhere/pid", &e), -ENOENT);
	assert_string_equal(e.text, "--pidfile: nowhere/pid: No such file or directory");
}

static void a_lock_tells_more_than_a_number(void **state)
{
	(void)state;
	int up[2], go[2];
	char word;
	struct err e = { "" };
	assert_int_equal(pipe(up) | pipe(go), 0);
	fflush(NULL);
	pid_t holder = fork();
	if (holder == 0) {
		close(go[1]);
		int r = daemon_ready(up[1], "pid", NULL);
		_exit(r < 0 || read(go[0], &word, 1) < 0 ? 5 : 0); /* ends without removing it */
	}
	close(up[1]);
	assert_int_equal(read(up[0], &word, 1), 1);
	write_file("pid", pid_text(dead_pid())); /* even then */
	assert_int_equal(daemon_ready(-1, "pid", &e), -EEXIST);
	assert_string_equal(e.text, "--pidfile: pid: held by a running process");
	close(go[1]);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
	assert_int_equal(daemon_ready(-1, "pid", &e), 0);
	daemon_done();
	close(up[0]);
	close(go[0]);
}

static void a_child_does_not_remove_the_file_of_its_parent(void **state)
{
	(void)state;
	struct err e = { "" };
	assert_int_equal(daemon_ready(-1, "pid", &e), 0);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		daemon_done();
		_exit(0);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(exists("pid"));
	daemon_done();
	assert_false(exists("pid"));
}

static void readiness_is_one_newline_then_the_end(void **state)
{
	(void)state;
	struct err e = { "" };
	char text[16];
	int p[2];
	assert_int_equal(pipe(p), 0);
	assert_int_equal(daemon_ready(p[1], NULL, &e), 0);
	assert_int_equal(drain(p[0], text, sizeof text), 1);
	assert_string_equal(text, "\n");
	close(p[0]);
	assert_int_equal(pipe(p), 0);
	close(p[0]); /* nobody waits any more: no matter, and no SIGPIPE */
	assert_int_equal(daemon_ready(p[1], NULL, &e), 0);
	assert_int_equal(daemon_ready(p[1], NULL, &e), -EBADF);
	assert_non_null(strstr(e.text, "--ready-fd: "));
	assert_int_equal(daemon_ready(p[1], "pid", &e), -EBADF);
	assert_false(exists("pid")); /* not ready: nothing is left */
}

/* One datagram from a service manager's socket, and that the variable is gone after it. */
static void expect_notice(struct sockaddr_un *sa, socklen_t len, const char *variable)
{
	struct err e = { "" };
	char text[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)sa, len), 0);
	setenv("NOTIFY_SOCKET", variable, 1);
	assert_int_equal(daemon_ready(-1, NULL, &e), 0);
	ssize_t n = recv(fd, text, sizeof text - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, "READY=1");
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_int_equal(daemon_ready(-1, NULL, &e), 0);
	assert_int_equal(recv(fd, text, sizeof text, 0), -1); /* once is enough */
	close(fd);
}

static void the_service_manager_is_told(void **state)
{
	(void)state;
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char variable[sizeof sa.sun_path];
	snprintf(sa.sun_path, sizeof sa.sun_path, "%s/notify", folder);
	snprintf(variable, sizeof variable, "%s", sa.sun_path);
	expect_notice(&sa, sizeof sa, variable);
	unlink("notify");
	int n = snprintf(variable, sizeof variable, "@dw-test-%ld", (long)getpid());
	memcpy(sa.sun_path, variable, (size_t)n);
	sa.sun_path[0] = '\0';
	expect_notice(&sa, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n),
		      variable);
}

static void a_service_manager_out_of_reach_stops_nothing(void **state)
{
	(void)state;
	static const char *const nowhere[] = { "/nowhere/notify", "vsock:2:1", "@", "/" };
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
		struct err e = { "" };
		setenv("NOTIFY_SOCKET", nowhere[i], 1);
		assert_int_equal(daemon_ready(-1, NULL, &e), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_caller_gets_its_prompt_when_all_is_ready),
		cmocka_unit_test(the_caller_ends_as_a_daemon_that_fails),
		cmocka_unit_test(a_signal_to_the_waiting_caller_ends_both),
		cmocka_unit_test(a_daemon_is_refused_before_it_starts),
		cmocka_unit_test(a_pid_file_is_made_and_removed),
		cmocka_unit_test(what_is_left_of_the_dead_is_taken_over),
		cmocka_unit_test(what_belongs_to_others_is_left_alone),
		cmocka_unit_test(a_lock_tells_more_than_a_number),
		cmocka_unit_test(a_child_does_not_remove_the_file_of_its_parent),
		cmocka_unit_test(readiness_is_one_newline_then_the_end),
		cmocka_unit_test(the_service_manager_is_told),
		cmocka_unit_test(a_service_manager_out_of_reach_stops_nothing),
	};
	unsetenv("NOTIFY_SOCKET");
	log_name("dw-test");
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* daemons come back to us to be reaped */
	if (!mkdtemp(folder) || chdir(folder) < 0) {
		perror(folder);
		return 3;
	}
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink("pid");
	return chdir("/") < 0 || rmdir(folder) < 0 || failed;
}
