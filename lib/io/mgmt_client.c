/* SPDX-License-Identifier: MIT */
/* mgmt_client.c - the client's side of a management session, for servers of ours and VDE's own.
 *
 * VDE's server takes what one read gives for one command, so the next command goes out only when
 * the prompt of the one before has come. The prompt is what stands behind the last newline of the
 * welcome (libvdemgmt's rule). Outside of data a line is told by its first characters: 0000 data
 * begins, 1EEE the verdict, 3TTT or { an event, 9999 the end; `load` shows several verdicts, the
 * last one counts. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io/mgmt.h"
#include "lib/io/usock.h"

enum {
	REPLY_MAX = 1 << 28, /* bytes of data of one reply */
	READ_ROOM = 65536,
	WELCOME_MAX = 65536, /* bytes before the first prompt */
};

struct request {
	struct request *next;
	char *line; /* with its newline */
	size_t len;
	int fd; /* goes with the first byte; -1: none, or gone */
	void (*done)(void *ctx, const struct mgmt_reply *r);
	void *ctx;
};

struct mgmt_client {
	struct loop *loop;
	struct watch watch;
	struct timer welcome; /* how long the peer may take to greet us */
	bool gone;            /* closed by its owner; freed after this turn */
	bool ended;           /* the connection is over */
	struct request *first, **last;
	bool under_way; /* the first was sent, in part or whole */
	size_t sent;
	char *prompt;    /* NULL: the welcome is not over */
	struct out in;   /* bytes not understood yet */
	size_t searched; /* so many of them hold no newline: a long line is searched once */
	bool in_data;
	int code; /* -1: no verdict yet */
	struct out data, words;
	void (*on_event)(void *ctx, const char *line);
	void *event_ctx;
	void (*on_end)(void *ctx);
	void *end_ctx;
};

/* ---- requests ---- */

static void free_request(struct request *q)
{
	if (q->fd >= 0)
		close(q->fd);
	free(q->line);
	free(q);
}

static struct request *take_first(struct mgmt_client *c)
{
	struct request *q = c->first;
	if (!q)
		return NULL;
	c->first = q->next;
	if (!c->first)
		c->last = &c->first;
	c->under_way = false;
	c->sent = 0;
	return q;
}

static void answer(struct mgmt_client *c, int code, const char *words)
{
	struct request *q = take_first(c);
	if (!q)
		return;
	struct mgmt_reply r = { .code = code,
				.data = c->data.len ? c->data.text : "",
				.data_len = c->data.len };
	r.text = code ? words : r.data;
	r.len = code ? strlen(words) : r.data_len;
	if (q->done)
		q->done(q->ctx, &r);
	free_request(q);
}

static void end(struct mgmt_client *c, const char *why)
{
	if (c->ended)
		return;
	c->ended = true;
	loop_del(&c->watch);
	timer_fini(&c->welcome);
	while (!c->gone && c->first) {
		answer(c, -1, why);
		out_clear(&c->data);
	}
	if (!c->gone && c->on_end)
		c->on_end(c->end_ctx);
}

static ssize_t send_with_fd(int to, const char *bytes, size_t len, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)] = { 0 };
	union { /* an iovec is not const, sendmsg() only reads */
		const char *in;
		void *out;
	} text = { bytes };
	struct iovec iov = { text.out, len };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			       .cmsg_type = SCM_RIGHTS,
			       .cmsg_len = CMSG_LEN(sizeof fd) };
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(to, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t send_rest(struct mgmt_client *c, struct request *q)
{
	const char *from = q->line + c->sent;
	size_t len = q->len - c->sent;
	if (q->fd < 0)
		return send(c->watch.fd, from, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	ssize_t n = send_with_fd(c->watch.fd, from, len, q->fd);
	if (n > 0) {
		close(q->fd);
		q->fd = -1;
	}
	return n;
}

static void send_some(struct mgmt_client *c)
{
	struct request *q = c->first;
	uint32_t want = EPOLLIN;
	if (c->ended || c->gone)
		return;
	if (q && c->prompt && (!c->under_way || c->sent < q->len)) {
		ssize_t n = send_rest(c, q);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			end(c, "the connection ended");
			return;
		}
		c->under_way = true;
		c->sent += n > 0 ? (size_t)n : 0;
		if (c->sent < q->len)
			want |= EPOLLOUT;
	}
	loop_want(&c->watch, want);
}

/* `fd` is the request's from here on, also on error. */
static int queue_request(struct mgmt_client *c, const char *line, int fd,
			 void (*done)(void *, const struct mgmt_reply *), void *ctx)
{
	size_t n = strlen(line);
	struct request *q = calloc(1, sizeof(*q));
	if (q)
		q->line = malloc(n + 2);
	if (!q || !q->line) {
		free(q);
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	snprintf(q->line, n + 2, "%s\n", line);
	q->len = n + 1;
	q->fd = fd;
	q->done = done;
	q->ctx = ctx;
	*c->last = q;
	c->last = &q->next;
	send_some(c);
	return 0;
}

static int check_request(const struct mgmt_client *c, const char *line)
{
	if (c->ended)
		return -EPIPE;
	return strlen(line) > CMD_LINE_MAX || strchr(line, '\n') ? -EINVAL : 0;
}

int mgmt_client_send(struct mgmt_client *c, const char *line,
		     void (*done)(void *, const struct mgmt_reply *), void *ctx)
{
	int r = check_request(c, line);
	return r < 0 ? r : queue_request(c, line, -1, done, ctx);
}

int mgmt_client_send_fd(struct mgmt_client *c, const char *line, int fd,
			void (*done)(void *, const struct mgmt_reply *), void *ctx)
{
	int r = check_request(c, line);
	if (r < 0)
		return r;
	int kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return kept < 0 ? -errno : queue_request(c, line, kept, done, ctx);
}

/* ---- what comes back ---- */

static bool has_code(const char *line, char first)
{
	return line[0] == first && isdigit((unsigned char)line[1]) &&
	       isdigit((unsigned char)line[2]) && isdigit((unsigned char)line[3]) &&
	       (line[4] == ' ' || !line[4]);
}

static void add_data(struct mgmt_client *c, const char *line)
{
	out_raw(&c->data, line, strlen(line));
	out_raw(&c->data, "\n", 1);
}

/* More comes behind a verdict: it was that of one line of a script, and is shown as text. */
static void verdict_was_not_the_last(struct mgmt_client *c)
{
	if (c->code >= 0)
		add_data(c, c->words.text);
	c->code = -1;
}

static void take_verdict(struct mgmt_client *c, const char *line)
{
	verdict_was_not_the_last(c);
	c->code = (line[1] - '0') * 100 + (line[2] - '0') * 10 + (line[3] - '0');
	out_clear(&c->words);
	out_raw(&c->words, line, strlen(line));
}

static void tell_event(struct mgmt_client *c, const char *line)
{
	if (c->on_event)
		c->on_event(c->event_ctx, line);
}

static void take_text(struct mgmt_client *c, const char *line)
{
	verdict_was_not_the_last(c);
	if (has_code(line, '0'))
		c->in_data = true;
	else
		add_data(c, line);
}

static void take_line(struct mgmt_client *c, const char *line)
{
	if (c->in_data && strcmp(line, ".") == 0)
		c->in_data = false;
	else if (c->in_data)
		add_data(c, line);
	else if (has_code(line, '3') || line[0] == '{')
		tell_event(c, line);
	else if (!c->under_way)
		return; /* nobody asked */
	else if (has_code(line, '1'))
		take_verdict(c, line);
	else if (line[0])
		take_text(c, line);
}

/* Each command is answered with one prompt at its end; an empty line or a comment with nothing
 * else. */
static void reply_is_whole(struct mgmt_client *c)
{
	if (!c->under_way)
		return;
	int code = c->code < 0 ? 0 : c->code;
	const char *words = c->words.len > 5 ? c->words.text + 5 : ""; /* "1EEE text" */
	c->code = -1;
	answer(c, code, words);
	out_clear(&c->data);
	out_clear(&c->words);
}

/* Takes one prompt or one line from the front of `in`; the bytes taken, 0: needs more. */
static size_t take_front(struct mgmt_client *c, char *at, size_t len)
{
	size_t n = c->prompt ? strlen(c->prompt) : 0;
	if (n && !c->in_data && len >= n && memcmp(at, c->prompt, n) == 0) {
		c->searched = 0;
		reply_is_whole(c);
		return n;
	}
	char *nl = memchr(at + c->searched, '\n', len - c->searched);
	c->searched = nl ? 0 : len;
	if (!nl)
		return 0;
	*nl = '\0';
	take_line(c, at);
	return (size_t)(nl - at) + 1;
}

/* "9999 END OF SESSION" has no newline behind it. */
static void take_rest(struct mgmt_client *c)
{
	if (c->in.len && c->under_way && has_code(c->in.text, '9') && c->first) {
		out_clear(&c->in);
		answer(c, 0, "");
	}
}

static bool welcome_is_over(struct mgmt_client *c)
{
	if (c->in.len < 2 || memcmp(c->in.text + c->in.len - 2, "$ ", 2) != 0)
		return false;
	const char *at = c->in.text + c->in.len;
	while (at > c->in.text && at[-1] != '\n')
		at--;
	c->prompt = strdup(at);
	if (!c->prompt)
		return false; /* the timer will end it */
	out_clear(&c->in);
	timer_fini(&c->welcome);
	return true;
}

static void understand(struct mgmt_client *c)
{
	size_t taken = 0, n;
	if (!c->prompt && !welcome_is_over(c))
		return;
	while (!c->gone && taken < c->in.len &&
	       (n = take_front(c, c->in.text + taken, c->in.len - taken)) > 0)
		taken += n;
	if (c->gone)
		return;
	c->in.len -= taken;
	if (c->in.len)
		memmove(c->in.text, c->in.text + taken, c->in.len + 1);
	send_some(c);
}

static const char no_welcome[] = "no welcome came: is this a management socket?";

static void on_no_welcome(struct timer *t, int64_t now)
{
	(void)now;
	end(container_of(t, struct mgmt_client, welcome), no_welcome);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct mgmt_client *c = container_of(w, struct mgmt_client, watch);
	char room[READ_ROOM];
	(void)events;
	ssize_t n = recv(w->fd, room, sizeof room, MSG_DONTWAIT);
	if (n > 0)
		out_raw(&c->in, room, (size_t)n);
	else if (n < 0 && (errno == EAGAIN || errno == EINTR))
		n = 1;
	if (c->in.oom || c->data.oom || c->in.len + c->data.len > REPLY_MAX) {
		end(c, "the reply is beyond all bounds");
		return;
	}
	if (n > 0) {
		understand(c);
		if (!c->gone && !c->prompt && c->in.len > WELCOME_MAX)
			end(c, no_welcome);
		return;
	}
	take_rest(c);
	if (c->gone)
		return;
	if (!c->prompt && c->in.len) { /* turned away with a word */
		c->in.text[strcspn(c->in.text, "\n")] = '\0';
		end(c, c->in.text);
	} else {
		end(c, "the connection ended");
	}
}

const char *mgmt_client_prompt(const struct mgmt_client *c)
{
	return c->prompt;
}

/* ---- birth and death ---- */

static int no_connection(const char *path, int r, struct err *err)
{
	struct stat st;
	const char *why = strerror(-r);
	if (r == -ECONNREFUSED && stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			why = "a folder, not a management socket (-M names one)";
		else if (S_ISSOCK(st.st_mode))
			why = "nobody serves this socket any more";
		else
			why = "not a socket";
	}
	return err_set(err, r, "%s: %s", path, why);
}

int mgmt_client_open(struct mgmt_client **out, struct loop *l, const char *path, struct err *err)
{
	*out = NULL;
	struct mgmt_client *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
	c->loop = l;
	c->last = &c->first;
	c->code = -1;
	int fd = usock_connect(path, SOCK_STREAM);
	int r = fd < 0 ? fd : loop_add(l, &c->watch, fd, EPOLLIN, on_ready);
	if (r < 0) {
		if (fd >= 0)
			close(fd);
		free(c);
		return no_connection(path, r, err);
	}
	timer_init(&c->welcome, l, on_no_welcome);
	timer_set(&c->welcome, loop_clock(l) + MGMT_WELCOME_NS);
	*out = c;
	return 0;
}

static void free_client(void *ctx)
{
	struct mgmt_client *c = ctx;
	for (struct request *q; (q = take_first(c));)
		free_request(q);
	out_fini(&c->in);
	out_fini(&c->data);
	out_fini(&c->words);
	free(c->prompt);
	free(c);
}

void mgmt_client_close(struct mgmt_client *c)
{
	if (!c || c->gone)
		return;
	c->gone = true;
	int fd = c->watch.fd;
	loop_del(&c->watch);
	timer_fini(&c->welcome);
	close(fd);
	loop_defer(c->loop, free_client, c); /* one of its callbacks may be on the stack */
}

void mgmt_client_on_event(struct mgmt_client *c, void (*fn)(void *, const char *), void *ctx)
{
	c->on_event = fn;
	c->event_ctx = ctx;
}

void mgmt_client_on_end(struct mgmt_client *c, void (*fn)(void *), void *ctx)
{
	c->on_end = fn;
	c->end_ctx = ctx;
}
