/* SPDX-License-Identifier: MIT */
/* mgmt.c - a management server: its socket, and how sessions come and go. */
#include "lib/io/mgmt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/mgmt_inner.h"
#include "lib/io/usock.h"

enum { ACCEPT_AGAIN_NS = 100 * NS_PER_MS };

/* ---- sessions ---- */

static void free_session(void *ctx)
{
	struct mgmt_session *s = ctx;
	out_fini(&s->queue);
	free(s);
}

void mgmt_session_close(struct mgmt_session *s)
{
	struct mgmt *m = s->m;
	if (s->gone)
		return;
	s->gone = true;
	loop_del(&s->in);
	loop_del(&s->out);
	if (!s->console)
		close(s->in.fd);
	for (struct mgmt_session **at = &m->sessions; *at; at = &(*at)->next)
		if (*at == s) {
			*at = s->next;
			break;
		}
	m->session_count--;
	mgmt_count_masks(m);
	session_let_go(s);
	loop_defer(m->loop, free_session, s);
}

void mgmt_count_masks(struct mgmt *m)
{
	m->kinds = m->debug = 0;
	for (const struct mgmt_session *s = m->sessions; s; s = s->next) {
		m->kinds |= s->kinds;
		m->debug |= s->debug;
	}
}

static bool is_socket(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static struct mgmt_session *add_session(struct mgmt *m)
{
	struct mgmt_session *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->m = m;
	s->has_prompt = true;
	s->passed_fd = -1;
	out_init(&s->queue, false);
	s->next = m->sessions;
	m->sessions = s;
	m->session_count++;
	return s;
}

static int add_console(struct mgmt *m)
{
	struct mgmt_session *s = add_session(m);
	if (!s)
		return -ENOMEM;
	s->console = true;
	s->in_is_socket = is_socket(STDIN_FILENO);
	s->out_is_socket = is_socket(STDOUT_FILENO);
	/* A ready pipe has room for PIPE_BUF bytes, a ready terminal for 256 (WAKEUP_CHARS of the
	 * kernel). */
	s->chunk = isatty(STDOUT_FILENO) ? 256 : PIPE_BUF;
	s->has_prompt = (fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_RDWR;
	int r = loop_add(m->loop, &s->in, STDIN_FILENO, EPOLLIN, session_in_ready);
	if (!r)
		r = loop_add(m->loop, &s->out, STDOUT_FILENO, 0, session_out_ready);
	if (r < 0)
		mgmt_session_close(s);
	return r;
}

static void add_client(struct mgmt *m, int fd)
{
	static const char full[] = "1011 Resource temporarily unavailable: too many sessions\n";
	struct mgmt_session *s = NULL;
	if (m->session_count >= MGMT_SESSIONS_MAX)
		send(fd, full, sizeof full - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		s = add_session(m);
	if (!s) {
		close(fd);
		return;
	}
	s->in_is_socket = s->out_is_socket = true;
	s->in.fd = fd;
	if (loop_add(m->loop, &s->in, fd, EPOLLIN, session_in_ready) < 0)
		mgmt_session_close(s);
	else
		session_welcome(s);
}

/* ---- the listening socket ---- */

static void on_accept(struct watch *w, uint32_t events)
{
	(void)events;
	struct mgmt *m = container_of(w, struct mgmt, listener);
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		add_client(m, fd);
		return;
	}
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
		return;
	/* The connection stays in the queue, so the socket stays readable: look again later. */
	loop_want(w, 0);
	timer_set(&m->accept_again, loop_now(m->loop) + ACCEPT_AGAIN_NS);
}

static void on_accept_again(struct timer *t, int64_t now)
{
	(void)now;
	struct mgmt *m = container_of(t, struct mgmt, accept_again);
	loop_want(&m->listener, EPOLLIN);
}

static int listen_on(struct mgmt *m, struct err *err)
{
	const char *path = m->config.path;
	int fd = usock_bind(path, SOCK_STREAM, m->config.mode, m->config.gid, NULL);
	if (fd == -EADDRINUSE)
		return err_set(err, fd, "%s: somebody is serving this socket already", path);
	if (fd == -EEXIST)
		return err_set(err, fd, "%s: exists and is not a socket", path);
	if (fd < 0)
		return err_set(err, fd, "%s: %s", path, strerror(-fd));
	struct stat st;
	if (stat(path, &st) == 0)
		m->socket_ino = st.st_ino;
	m->listener.fd = fd;
	int r = loop_add(m->loop, &m->listener, fd, EPOLLIN, on_accept);
	return r < 0 ? err_set(err, r, "%s: %s", path, strerror(-r)) : 0;
}

/* The socket file may have been taken over by somebody who found us dead: theirs stays. */
static void remove_socket(const struct mgmt *m)
{
	struct stat st;
	if (m->config.path && stat(m->config.path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_ino == m->socket_ino)
		unlink(m->config.path);
}

/* ---- birth and death ---- */

static bool own_strings(struct mgmt_config *c)
{
	const char **strings[] = { &c->path, &c->banner, &c->prompt };
	bool good = true;
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
		if (*strings[i]) {
			*strings[i] = strdup(*strings[i]);
			good = good && *strings[i];
		}
	return good;
}

static void free_mgmt(void *ctx)
{
	struct mgmt *m = ctx;
	const char *strings[] = { m->config.path, m->config.banner, m->config.prompt };
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
		free((void *)(uintptr_t)strings[i]); /* own_strings() made them */
	free(m->tables);
	free(m);
}

/* The caller's tables come first, so that its rows win; ours is the last. */
static bool join_tables(struct mgmt *m, const struct cmd_set *set)
{
	m->tables = calloc(set->count + 1, sizeof(*m->tables));
	if (!m->tables)
		return false;
	if (set->count)
		memcpy(m->tables, set->tables, set->count * sizeof(*m->tables));
	m->tables[set->count] = (struct cmd_table){ .rows = mgmt_rows, .ctx = m };
	m->set = (struct cmd_set){ .tables = m->tables, .count = set->count + 1 };
	return true;
}

int mgmt_open(struct mgmt **out, struct loop *l, const struct mgmt_config *c,
	      const struct cmd_set *set, struct err *err)
{
	*out = NULL;
	struct mgmt *m = calloc(1, sizeof(*m));
	if (!m)
		return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
	m->loop = l;
	m->config = *c;
	m->listener.fd = -1;
	timer_init(&m->accept_again, l, on_accept_again);
	int r = 0;
	if (!own_strings(&m->config) || !join_tables(m, set))
		r = err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
	if (!r && m->config.path)
		r = listen_on(m, err);
	if (!r && c->stdin_console) {
		r = add_console(m);
		if (r < 0)
			err_set(err, r, "console: %s", strerror(-r));
	}
	if (r < 0)
		mgmt_close(m);
	else
		*out = m;
	return r;
}

void mgmt_close(struct mgmt *m)
{
	if (!m || m->closed)
		return;
	m->closed = true;
	while (m->sessions)
		mgmt_session_close(m->sessions);
	timer_fini(&m->accept_again);
	loop_del(&m->listener);
	if (m->listener.fd >= 0) {
		remove_socket(m);
		close(m->listener.fd);
	}
	loop_defer(m->loop, free_mgmt, m); /* the command that closes us is still on the stack */
}

void mgmt_do_shutdown(struct mgmt *m)
{
	m->shutdown_said = false;
	if (m->config.shutdown)
		m->config.shutdown(m->config.ctx);
}

bool mgmt_stdin_ended(const struct mgmt *m)
{
	return m && m->stdin_ended;
}
