/* SPDX-License-Identifier: MIT */
/* mgmt_session.c - one session: bytes to commands, replies and events to bytes, never more than a
 * bounded queue between them. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io/mgmt_inner.h"

enum { QUEUE_KEEP = 65536 }; /* a drained queue larger than this gives its memory back */

static size_t pending(const struct mgmt_session *s)
{
	return s->queue.len - s->sent;
}

/* ---- bytes out ---- */

static ssize_t write_some(const struct mgmt_session *s)
{
	const char *from = s->queue.text + s->sent;
	if (!s->console)
		return send(s->in.fd, from, pending(s), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (s->out_is_socket)
		return send(STDOUT_FILENO, from, pending(s), MSG_DONTWAIT | MSG_NOSIGNAL);
	/* fd 1 may be shared with the shell that started us, so it is never made non-blocking. */
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };
	if (poll(&p, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(STDOUT_FILENO, from, pending(s) < s->chunk ? pending(s) : s->chunk);
}

static void queue_drop_sent(struct mgmt_session *s)
{
	if (!pending(s)) {
		if (s->queue.room > QUEUE_KEEP)
			out_fini(&s->queue);
		else
			out_clear(&s->queue);
		s->sent = 0;
	} else if (s->sent > QUEUE_KEEP && s->sent > s->queue.len / 2) {
		s->queue.len -= s->sent;
		memmove(s->queue.text, s->queue.text + s->sent, s->queue.len);
		s->sent = 0;
	}
}

/* Says how many events were lost, once there is room to say it. */
static void tell_lost(struct mgmt_session *s)
{
	if (!s->lost || pending(s) > MGMT_EVENT_ROOM / 2)
		return;
	struct out line;
	out_init(&line, s->json_events);
	event_lost_line(s, &line);
	out_raw(&s->queue, line.text, line.len);
	out_fini(&line);
	s->lost = 0;
}

/* The console may lose its reader and live on; a socket without one is closed. */
static void output_is_dead(struct mgmt_session *s)
{
	if (!s->console) {
		mgmt_session_close(s);
		return;
	}
	s->mute = true;
	loop_del(&s->out);
	out_clear(&s->queue);
	s->sent = 0;
}

static void flush(struct mgmt_session *s)
{
	if (s->queue.oom && !s->console) {
		mgmt_session_close(s); /* half a reply would be a lie */
		return;
	}
	while (!s->gone && pending(s)) {
		if (s->mute) {
			s->sent = s->queue.len;
			break;
		}
		ssize_t n = write_some(s);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			output_is_dead(s);
			return;
		}
		s->sent += (size_t)n;
		tell_lost(s);
	}
	if (!s->gone)
		queue_drop_sent(s);
}

/* Asks the loop for what is of use now; lets go of a session that has said all. */
static void settle(struct mgmt_session *s)
{
	struct mgmt *m = s->m;
	if (s->gone)
		return;
	if (s->ending && !pending(s)) {
		bool stdin_ended = s->console && s->eof;
		mgmt_session_close(s);
		if (stdin_ended) {
			m->stdin_ended = true;
			mgmt_do_shutdown(m);
		}
		return;
	}
	bool reads = !s->eof && !s->ending && pending(s) <= MGMT_REPLY_ROOM;
	uint32_t in = reads ? (uint32_t)EPOLLIN : 0, out = pending(s) ? (uint32_t)EPOLLOUT : 0;
	loop_want(&s->in, s->console ? in : in | out);
	if (s->console)
		loop_want(&s->out, out);
}

/* ---- events ---- */

static void flush_job(void *ctx)
{
	struct mgmt_session *s = ctx;
	s->flush_queued = false;
	if (s->gone)
		return;
	flush(s);
	settle(s);
}

void session_event(struct mgmt_session *s, const char *line, size_t len)
{
	tell_lost(s);
	if (s->lost || pending(s) + len > MGMT_EVENT_ROOM) {
		s->lost++;
		return;
	}
	out_raw(&s->queue, line, len);
	if (!s->flush_queued)
		loop_defer(s->m->loop, flush_job, s); /* once a turn, however many they are */
	s->flush_queued = true;
}

/* ---- commands ---- */

static void put_prompt(struct mgmt_session *s)
{
	if (s->has_prompt && s->m->config.prompt)
		out_text(&s->queue, "\n%s", s->m->config.prompt);
}

static void say_goodbye(struct mgmt_session *s)
{
	static const char bye[] = "9999 END OF SESSION"; /* without a newline, as VDE */
	if (!s->console)
		out_raw(&s->queue, bye, sizeof bye - 1);
	s->ending = true;
}

static void run_line(struct mgmt_session *s, const char *line, bool toolong)
{
	struct mgmt *m = s->m;
	struct out reply;
	out_init(&reply, false);
	m->current = s;
	if (toolong)
		out_text(&reply, "1%03d the line is longer than %d bytes\n", EMSGSIZE,
			 CMD_LINE_MAX);
	else if (m->config.run)
		m->config.run(m->config.ctx, &m->set, line, &reply);
	else
		cmd_run(&m->set, line, loop_clock(m->loop), &reply);
	m->current = NULL;
	if (!m->closed)
		mgmt_count_masks(m);
	if (s->gone) {
		/* the command closed it */
	} else if (m->shutdown_said || (s->logout_said && !s->console)) {
		say_goodbye(s);
	} else if (!s->logout_said) { /* the console has nowhere to log out to: nothing is said */
		if (reply.oom)
			s->queue.oom = true;
		out_raw(&s->queue, reply.text ? reply.text : "", reply.len);
		put_prompt(s);
	}
	s->logout_said = false;
	out_fini(&reply);
	if (m->shutdown_said) { /* whether or not the client reads */
		if (!s->gone)
			flush(s);
		mgmt_do_shutdown(m);
	}
}

/* Runs what has come in, while the replies find room. */
static void pump(struct mgmt_session *s)
{
	while (!s->gone && !s->ending) {
		if (pending(s) > MGMT_REPLY_ROOM)
			flush(s);
		if (s->gone || pending(s) > MGMT_REPLY_ROOM)
			return;
		bool toolong;
		const char *line = lines_next(&s->lines, &s->m->set, s->eof, &toolong);
		if (!line) {
			s->ending = s->eof;
			break;
		}
		run_line(s, line, toolong);
	}
	if (!s->gone)
		flush(s);
}

/* ---- bytes in ---- */

static void read_some(struct mgmt_session *s)
{
	size_t room;
	char *at = lines_space(&s->lines, &room);
	if (!room)
		return;
	ssize_t n = s->in_is_socket ? session_recv(s, at, room) : read(s->in.fd, at, room);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		lines_filled(&s->lines, (size_t)n);
		return;
	}
	s->eof = true;
	if (s->console)
		loop_del(&s->in); /* a pipe without a writer would report its end for ever */
}

/* What both directions end with: commands that wait, then what to ask the loop for. */
static void go_on(struct mgmt_session *s)
{
	pump(s);
	settle(s);
}

void session_in_ready(struct watch *w, uint32_t events)
{
	struct mgmt_session *s = container_of(w, struct mgmt_session, in);
	if (!s->console && events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		flush(s); /* a broken one ends here, with EPIPE, if it has anything to send */
	if (!s->gone && !s->eof && pending(s) <= MGMT_REPLY_ROOM)
		read_some(s);
	go_on(s);
}

void session_out_ready(struct watch *w, uint32_t events)
{
	struct mgmt_session *s = container_of(w, struct mgmt_session, out);
	if (events & (EPOLLHUP | EPOLLERR))
		output_is_dead(s);
	else
		flush(s);
	go_on(s);
}

void session_welcome(struct mgmt_session *s)
{
	const char *banner = s->m->config.banner;
	size_t len = banner ? strlen(banner) : 0;
	if (len)
		out_text(&s->queue, "%s%s", banner, banner[len - 1] == '\n' ? "" : "\n");
	put_prompt(s);
	flush(s);
	settle(s);
}
