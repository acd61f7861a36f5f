/* SPDX-License-Identifier: MIT */
/* file.c - "file://PATH": frames of a capture (pcapng or pcap), at the pace they were captured,
 * faster, slower or without waiting; or, with write=yes, a capture of what is sent there. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/capture.h"
#include "lib/io/ep/impl.h"
#include "lib/proto/capread.h"

/* ---- reading ---- */

enum { SPEED_ONE = 1000, SPEED_MAX = 1000000 * SPEED_ONE }; /* thousandths */

struct file {
	struct ep ep;
	struct watch watch;
	struct timer due; /* of the next frame */
	struct ep_end end;
	struct capread *reader;
	struct capread_frame next;
	bool has_next, paused, begun;
	uint64_t speed;             /* thousandths of the original; 0: without waiting */
	int64_t begin_ns, first_ns; /* when the first frame was given, and its time in the file */
	uint64_t foreign;           /* frames that are not Ethernet */
};

/* `speed` times as fast as in the file: what is out of order there is due at once. */
static int64_t due_of(struct file *f)
{
	int64_t now = loop_now(f->ep.loop);
	if (!f->begun) {
		f->begun = true;
		f->begin_ns = now;
		f->first_ns = f->next.ns;
	}
	int64_t gap = f->next.ns - f->first_ns, speed = (int64_t)f->speed;
	if (!speed || gap <= 0)
		return now;
	int64_t most = INT64_MAX - f->begin_ns;
	if (gap / speed >= most / SPEED_ONE)
		return INT64_MAX - 1;
	return f->begin_ns + gap / speed * SPEED_ONE + gap % speed * SPEED_ONE / speed;
}

static void file_ends(struct file *f, int why, const char *words)
{
	loop_del(&f->watch);
	timer_set(&f->due, TIME_NEVER);
	if (f->foreign)
		ep_end_say(&f->end, why, "%s; %llu frames were not Ethernet", words,
			   (unsigned long long)f->foreign);
	else
		ep_end_say(&f->end, why, "%s", words);
}

/* The next Ethernet frame out of the bytes that are here: 1; 0: more bytes are needed; or its end.
 */
static int look(struct file *f)
{
	struct err e = { "" };
	while (!f->has_next) {
		int r = capread_next(f->reader, &f->next, &e);
		if (r < 0)
			file_ends(f, r, e.text);
		if (r <= 0)
			return r;
		f->foreign += f->next.linktype != CAPREAD_ETHERNET;
		f->ep.rx_oversize +=
			f->next.linktype == CAPREAD_ETHERNET && f->next.len > ETH_FRAME_MAX;
		f->has_next = f->next.linktype == CAPREAD_ETHERNET && f->next.len <= ETH_FRAME_MAX;
	}
	return 1;
}

/* What to wait for. */
static void settle(struct file *f)
{
	if (ep_over(&f->end))
		return;
	int r = f->paused ? -EAGAIN : look(f);
	if (ep_over(&f->end))
		return;
	loop_want(&f->watch, r == 0 ? EPOLLIN : 0);
	timer_set(&f->due, r == 1 ? due_of(f) : TIME_NEVER);
}

static void fire(struct timer *t, int64_t now)
{
	struct file *f = container_of(t, struct file, due);
	(void)now;
	ep_say_readable(&f->ep);
}

static void file_ready(struct watch *w, uint32_t events)
{
	struct file *f = container_of(w, struct file, watch);
	struct err e = { "" };
	size_t room;
	(void)events;
	uint8_t *to = capread_space(f->reader, &room);
	ssize_t n = read(w->fd, to, room);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		file_ends(f, -errno, strerror(errno));
	} else if (n == 0) {
		int r = capread_end(f->reader, &e);
		file_ends(f, r, r < 0 ? e.text : "the file ended");
	} else {
		capread_filled(f->reader, (size_t)n);
		settle(f);
	}
}

static unsigned file_rx(struct ep *e, struct frame *v, unsigned max)
{
	struct file *f = (struct file *)e;
	int64_t now = loop_now(e->loop);
	unsigned n = 0;
	while (n < max && !ep_over(&f->end) && !f->paused && look(f) == 1 && due_of(f) <= now) {
		v[n++] = (struct frame){ .data = f->next.bytes, .len = f->next.len, .rx_ns = now };
		f->has_next = false;
	}
	if (!n)
		settle(f);
	return n;
}

static void file_rx_done(struct ep *e)
{
	settle((struct file *)e);
}

/* A capture that is read takes nothing. */
static unsigned file_tx(struct ep *e, const struct txv *v, unsigned n)
{
	(void)v;
	e->tx_dropped += n;
	return n;
}

static void file_pause(struct ep *e, bool on)
{
	struct file *f = (struct file *)e;
	f->paused = on;
	settle(f);
}

static void file_close(struct ep *e)
{
	struct file *f = (struct file *)e;
	int fd = f->watch.fd;
	loop_del(&f->watch);
	if (fd >= 0)
		close(fd);
	timer_fini(&f->due);
	timer_fini(&f->end.timer);
	capread_free(f->reader);
	ep_dead(e);
}

static const struct ep_ops file_ops = {
	.rx = file_rx,
	.rx_done = file_rx_done,
	.tx = file_tx,
	.pause = file_pause,
	.close = file_close,
};

static int open_reader(struct ep **e, struct loop *l, const char *path, uint64_t speed,
		       const struct ep_host *host, void *ctx, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_set(err, -errno, "file://%s: %s", path, strerror(errno));
	struct file *f = (struct file *)ep_born(sizeof *f, &file_ops, l, host, ctx);
	if (!f) {
		close(fd);
		return err_set(err, -ENOMEM, "file://%s: out of memory", path);
	}
	f->watch.fd = fd;
	f->speed = speed;
	f->reader = capread_new();
	timer_init(&f->due, l, fire);
	ep_end_init(&f->end, &f->ep);
	int r = f->reader ? loop_add(l, &f->watch, fd, EPOLLIN, file_ready) : -ENOMEM;
	if (r < 0) {
		file_close(&f->ep);
		return err_set(err, r, "file://%s: %s", path, strerror(-r));
	}
	f->ep.is_up = true;
	*e = &f->ep;
	return 0;
}

/* ---- writing ---- */

static const int64_t LAST_WORDS_NS = NS_PER_SEC; /* for the reader of a named pipe */

struct sheet {
	struct ep ep;
	struct ep_end end;
	struct capture *capture; /* NULL: it is over */
};

static unsigned sheet_rx(struct ep *e, struct frame *f, unsigned max)
{
	(void)e, (void)f, (void)max;
	return 0;
}

static unsigned sheet_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct sheet *s = (struct sheet *)e;
	static const struct capture_note plain = { .why = DROP_REASONS };
	for (unsigned i = 0; i < n; i++) {
		struct pieces p = pieces_of_txv(&v[i]);
		if (s->capture)
			capture_frame(s->capture, 0, &plain, &p, loop_now(e->loop));
		else
			e->tx_dropped++;
	}
	return n;
}

static void sheet_close(struct ep *e)
{
	struct sheet *s = (struct sheet *)e;
	capture_close(s->capture, LAST_WORDS_NS);
	timer_fini(&s->end.timer);
	ep_dead(e);
}

static const struct ep_ops sheet_ops = { .rx = sheet_rx, .tx = sheet_tx, .close = sheet_close };

static void describe(void *ctx, unsigned point, struct pcapng_interface *i)
{
	const struct sheet *s = ctx;
	(void)point;
	i->name = s->ep.descr;
}

static void on_ended(void *ctx, struct capture *c, const char *reason)
{
	struct sheet *s = ctx;
	struct capture_counts k;
	capture_count(c, &k);
	s->ep.tx_dropped += k.lost;
	capture_close(c, 0);
	s->capture = NULL;
	ep_end_say(&s->end, capture_went_wrong(reason) ? -EIO : 0, "%s", reason);
}

static int open_writer(struct ep **e, struct loop *l, const char *path, const struct ep_host *host,
		       void *ctx, struct err *err)
{
	static const struct capture_host capture_host = { .describe = describe, .ended = on_ended };
	const struct capture_config c = { .file = path, .application = "Drahtwerk" };
	struct sheet *s = (struct sheet *)ep_born(sizeof *s, &sheet_ops, l, host, ctx);
	if (!s)
		return err_set(err, -ENOMEM, "file://%s: out of memory", path);
	ep_end_init(&s->end, &s->ep);
	int r = capture_open(&s->capture, l, &c, &capture_host, s, err);
	if (r < 0) {
		sheet_close(&s->ep);
		return r;
	}
	s->ep.is_up = true;
	*e = &s->ep;
	return 0;
}

/* ---- both ---- */

/* "1", "2", "0.5": thousandths, exactly. */
static int read_speed(const char *text, uint64_t *speed, struct err *err)
{
	char whole[16];
	size_t n = strspn(text, "0123456789"), digits = 1;
	*speed = 0;
	if (n && n < sizeof whole) {
		memcpy(whole, text, n);
		whole[n] = '\0';
		*speed = strtoull(whole, NULL, 10) * SPEED_ONE;
	}
	const char *rest = text + n;
	if (*rest == '.') {
		digits = strspn(++rest, "0123456789");
		for (uint64_t i = 0, unit = SPEED_ONE / 10; i < digits; i++, unit /= 10)
			*speed += (uint64_t)(*rest++ - '0') * unit;
	}
	if (!n || n >= sizeof whole || *rest || !digits || digits > 3 || *speed > SPEED_MAX)
		return err_set(err, -EINVAL,
			       "speed: %s is not 0 (no waiting), 1 (as captured), or how many "
			       "times as fast",
			       text);
	return 0;
}

EP_OPEN(ep_file_open)
{
	bool writes = false;
	uint64_t speed = SPEED_ONE;
	const char *text = ep_key(keys, "speed");
	*e = NULL;
	if (!*rest)
		return err_set(err, -EINVAL, "file://: of which name?");
	int r = ep_key_bool(keys, "write", &writes, err);
	if (!r && text && writes)
		r = err_set(err, -EINVAL, "speed: goes with reading, not with write=yes");
	if (!r && text)
		r = read_speed(text, &speed, err);
	if (r < 0)
		return r;
	return writes ? open_writer(e, l, rest, host, ctx, err)
		      : open_reader(e, l, rest, speed, host, ctx, err);
}
