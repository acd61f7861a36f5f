/* SPDX-License-Identifier: MIT */
/* capture_sink.c - bytes of a capture out of their buffer, into whatever is behind it, without
 * waiting. */
#include "lib/io/capture_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/capture.h"

enum { KEPT = 65536 }; /* of the buffer: for the statistics at the end */

static size_t pending(const struct sink *s)
{
	return s->end - s->start;
}

/* ---- the end ---- */

static void wake(struct sink *s)
{
	if (s->queued)
		return;
	s->queued = true;
	timer_set(&s->flush, loop_now(s->flush.loop));
}

static void let_go(struct sink *s)
{
	loop_del(&s->watch);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void end(struct sink *s, const char *reason)
{
	if (sink_is_over(s))
		return;
	snprintf(s->reason, sizeof s->reason, "%s", reason);
	s->start = s->end = 0;
	let_go(s);
	wake(s);
}

static void end_by(struct sink *s, int code)
{
	char words[sizeof s->reason];
	if (code == EPIPE || code == ECONNRESET) {
		end(s, SINK_NO_READER);
		return;
	}
	snprintf(words, sizeof words, "%.150s: %s", sink_name(s), strerror(code));
	end(s, words);
}

bool sink_is_over(const struct sink *s)
{
	return s->reason[0] != '\0';
}

/* ---- writing ---- */

static ssize_t write_some(const struct sink *s)
{
	const uint8_t *from = s->buf + s->start;
	if (s->kind == SINK_SOCKET)
		return send(s->fd, from, pending(s), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (s->kind != SINK_SHARED)
		return write(s->fd, from, pending(s));
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };
	if (poll(&p, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(s->fd, from, pending(s) < PIPE_BUF ? pending(s) : PIPE_BUF);
}

static void flush(struct sink *s)
{
	s->full = false;
	while (s->fd >= 0 && pending(s) && !s->full) {
		ssize_t n = write_some(s);
		if (n > 0) {
			s->start += (size_t)n;
			s->file_bytes += (uint64_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			s->full = true;
		} else if (n == 0 || errno != EINTR) {
			end_by(s, n == 0 ? ENOSPC : errno);
		}
	}
	if (!pending(s))
		s->start = s->end = 0;
	loop_want(&s->watch, s->full ? EPOLLOUT : 0);
}

static void end_if_done(struct sink *s)
{
	if (s->finishing && !pending(s))
		end(s, SINK_STOPPED);
}

static void fire(struct timer *t, int64_t now)
{
	struct sink *s = container_of(t, struct sink, flush);
	(void)now;
	s->queued = false;
	flush(s);
	end_if_done(s);
	if (!sink_is_over(s))
		return;
	s->queued = true;              /* never again */
	char reason[sizeof s->reason]; /* the host may free the capture while it reads this */
	memcpy(reason, s->reason, sizeof reason);
	s->over(s, reason);
}

static void ready(struct watch *w, uint32_t events)
{
	struct sink *s = container_of(w, struct sink, watch);
	if (events & (EPOLLERR | EPOLLHUP))
		end_by(s, EPIPE);
	else
		wake(s);
	loop_want(w, 0);
}

/* ---- the buffer ---- */

static struct wr wr_none(void)
{
	return (struct wr){ .bad = true };
}

static struct wr room_before(struct sink *s, size_t len, size_t limit)
{
	if (s->fd < 0)
		return wr_none();
	/* Moving what waits to the front must not cost more than writing half a buffer did. */
	if (s->end + len > limit && s->start && pending(s) <= CAPTURE_ROOM / 2) {
		memmove(s->buf, s->buf + s->start, pending(s));
		s->end -= s->start;
		s->start = 0;
	}
	if (s->end + len > limit)
		return wr_none();
	return wr_over(s->buf + s->end, limit - s->end);
}

struct wr sink_room(struct sink *s, size_t len)
{
	return room_before(s, len, CAPTURE_ROOM - KEPT);
}

struct wr sink_last_room(struct sink *s, size_t len)
{
	return room_before(s, len, CAPTURE_ROOM);
}

void sink_wrote(struct sink *s, size_t len)
{
	s->end += len;
	wake(s);
}

/* ---- files ---- */

/* "a/b.pcapng" becomes "a/b_00007.pcapng". */
static void ring_name(const struct sink *s, unsigned number, char *out, size_t room)
{
	const char *slash = strrchr(s->path, '/');
	const char *dot = strrchr(slash ? slash : s->path, '.');
	int stem = dot && dot != s->path && dot[-1] != '/' ? (int)(dot - s->path)
							   : (int)strlen(s->path);
	snprintf(out, room, "%.*s_%05u%s", stem, s->path, number, s->path + stem);
}

static int open_file(struct sink *s)
{
	char old[sizeof s->name];
	if (s->ring_bytes)
		ring_name(s, ++s->file, s->name, sizeof s->name);
	else
		snprintf(s->name, sizeof s->name, "%s", s->path);
	int fd = open(s->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		      0666);
	if (fd < 0)
		return -errno;
	s->file_bytes = 0;
	if (s->ring_bytes && s->file > s->ring_files) {
		ring_name(s, s->file - s->ring_files, old, sizeof old);
		unlink(old);
	}
	return fd;
}

bool sink_is_full(const struct sink *s, size_t more)
{
	return s->ring_bytes && s->file_bytes + pending(s) + more > s->ring_bytes;
}

bool sink_next_file(struct sink *s)
{
	flush(s);
	if (sink_is_over(s))
		return false;
	let_go(s);
	s->fd = open_file(s);
	if (s->fd < 0)
		end_by(s, -s->fd);
	return s->fd >= 0;
}

/* ---- opening ---- */

/* A pipe that others share: opened anew through /proc it is ours alone. */
static int own_pipe(int fd)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	return own < 0 ? -errno : own;
}

static void take_fd(struct sink *s, mode_t mode, bool ours)
{
	if (S_ISREG(mode)) {
		s->kind = SINK_FILE;
	} else if (S_ISSOCK(mode)) {
		s->kind = SINK_SOCKET;
	} else if (ours) {
		s->kind = SINK_OWN;
	} else {
		int own = S_ISFIFO(mode) ? own_pipe(s->fd) : -1;
		s->kind = own < 0 ? SINK_SHARED : SINK_OWN;
		if (own >= 0) {
			close(s->fd);
			s->fd = own;
		}
	}
}

static int refuse(struct sink *s, int code, struct err *e)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->path);
	free(s->buf);
	return err_set(e, code, "%s: %s", s->name,
		       code == -ENXIO ? "nobody reads from this pipe" : strerror(-code));
}

static int check_ring(const struct capture_config *config, struct err *e)
{
	if (!config->ring_bytes)
		return 0;
	if (!config->file)
		return err_set(e, -EINVAL, "ring: needs a file, not '-'");
	if (config->ring_bytes < CAPTURE_RING_LEAST)
		return err_set(e, -EINVAL, "ring: a file of less than %d bytes",
			       CAPTURE_RING_LEAST);
	if (config->ring_files < 2 || config->ring_files > CAPTURE_RING_FILES)
		return err_set(e, -EINVAL, "ring: %u files are not between 2 and %d",
			       config->ring_files, CAPTURE_RING_FILES);
	return 0;
}

static int start(struct sink *s, struct loop *l, bool ours, struct err *e)
{
	struct stat st;
	if (s->fd < 0 || fstat(s->fd, &st) < 0)
		return refuse(s, s->fd < 0 ? s->fd : -errno, e);
	if (isatty(s->fd) || (s->ring_bytes && !S_ISREG(st.st_mode))) {
		err_set(e, -EINVAL, "%s: %s", s->name,
			isatty(s->fd) ? "a terminal, and a capture is binary"
				      : "no file, so not of a ring");
		return refuse(s, -EINVAL, NULL);
	}
	take_fd(s, st.st_mode, ours);
	int r = s->kind == SINK_FILE ? 0 : loop_add(l, &s->watch, s->fd, 0, ready);
	if (r < 0)
		return refuse(s, r, e);
	timer_init(&s->flush, l, fire);
	return 0;
}

void sink_refuse(const struct capture_config *config)
{
	if (!config->file && config->fd >= 0)
		close(config->fd);
}

int sink_open(struct sink *s, struct loop *l, const struct capture_config *config,
	      void (*over)(struct sink *, const char *), struct err *e)
{
	int r = check_ring(config, e);
	if (r < 0) {
		sink_refuse(config);
		return r;
	}
	*s = (struct sink){ .over = over,
			    .fd = config->fd < 0 ? -EBADF : config->fd,
			    .name = "-",
			    .ring_bytes = config->ring_bytes,
			    .ring_files = config->ring_files,
			    .buf = malloc(CAPTURE_ROOM) };
	if (config->file) {
		s->path = strdup(config->file);
		s->fd = s->path ? open_file(s) : -ENOMEM;
	}
	if (!s->buf)
		return refuse(s, -ENOMEM, e);
	return start(s, l, config->file != NULL, e);
}

void sink_finish(struct sink *s)
{
	s->finishing = true;
	flush(s);
	end_if_done(s);
	wake(s);
}

static int64_t clock_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

/* Waits for the reader, but not for ever. */
static void drain(struct sink *s, int64_t wait_ns)
{
	int64_t end_ns = clock_ns() + wait_ns, left;
	flush(s);
	while (s->fd >= 0 && pending(s) && (left = end_ns - clock_ns()) > 0) {
		struct pollfd p = { .fd = s->fd, .events = POLLOUT };
		poll(&p, 1, (int)(left / NS_PER_MS) + 1);
		flush(s);
	}
}

void sink_close(struct sink *s, int64_t wait_ns)
{
	if (wait_ns > 0)
		drain(s, wait_ns);
	let_go(s);
	timer_fini(&s->flush);
	free(s->path);
	free(s->buf);
}

const char *sink_name(const struct sink *s)
{
	return s->name;
}
