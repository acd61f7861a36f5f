/* SPDX-License-Identifier: MIT */
/* capture.c - frames into the buffer of a capture, and its statistics. */
#include "lib/io/capture.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/io/capture_sink.h"

struct point {                   /* an interface, once a frame was seen there */
	uint32_t section, iface; /* has this number in that section */
	uint64_t seen, accepted, lost, lost_since;
	uint64_t drops[DROP_REASONS];
};

struct capture {
	struct loop *loop;
	struct capture_host host;
	void *ctx;
	struct sink sink;
	struct bpf *filter;
	char *filter_text, *application;
	struct point **point; /* by number; NULL: nothing seen there */
	unsigned points;
	unsigned idle_point;
	uint32_t section, ifaces; /* the present section, and interfaces in it */
	int64_t epoch_ns;         /* from the loop's clock to 1970 */
	int64_t start_ns, last_ns;
	struct capture_counts count;
	bool stopped;
};

/* ---- blocks into the buffer ---- */

/* What put() wrote into `room` bytes is taken over; nothing when it did not fit. */
static bool take(struct capture *c, const struct wr *w)
{
	if (w->bad)
		return false;
	sink_wrote(&c->sink, wr_len(w));
	c->count.bytes += wr_len(w);
	return true;
}

static bool put_section(struct capture *c)
{
	struct wr w = sink_room(&c->sink, PCAPNG_SECTION_MAX);
	pcapng_section(&w, c->application, NULL);
	c->section++;
	c->ifaces = 0;
	return take(c, &w);
}

static void describe(struct capture *c, unsigned number, struct point *p, struct wr *w)
{
	struct pcapng_interface i = { .name = NULL };
	if (p->section == c->section)
		return;
	c->host.describe(c->ctx, number, &i);
	i.filter = c->filter_text;
	pcapng_interface(w, &i);
}

static void described(struct capture *c, struct point *p)
{
	if (p->section == c->section)
		return;
	p->section = c->section;
	p->iface = c->ifaces++;
}

static const char *comment_of(const struct capture_note *n, char *out, size_t room)
{
	if (n->why == DROP_REASONS)
		return n->text;
	snprintf(out, room, "dropped: %s%s%s", drop_name(n->why), n->text ? "; " : "",
		 n->text ? n->text : "");
	return out;
}

static uint32_t flags_of(const struct capture_note *n)
{
	return n->flags | (n->why == DROP_RUNT ? PCAPNG_TOO_SHORT : 0u) |
	       (n->why == DROP_OVERSIZE ? PCAPNG_TOO_LONG : 0u);
}

/* The frame's block, and before it that of its interface if this section has none: both or nothing.
 */
static bool put_frame(struct capture *c, unsigned number, struct point *p,
		      const struct capture_note *n, const struct pieces *frame, int64_t now)
{
	char comment[PCAPNG_TEXT_MAX];
	struct wr w =
		sink_room(&c->sink, PCAPNG_INTERFACE_MAX + PCAPNG_FRAME_MORE + pieces_len(frame));
	describe(c, number, p, &w);
	pcapng_frame(&w, &(struct pcapng_frame){
				 .iface = p->section == c->section ? p->iface : c->ifaces,
				 .flags = flags_of(n),
				 .ns = now + c->epoch_ns,
				 .lost = p->lost_since,
				 .bytes = *frame,
				 .comment = comment_of(n, comment, sizeof comment),
			 });
	if (!take(c, &w))
		return false;
	described(c, p);
	return true;
}

/* ---- points ---- */

static bool grow(struct capture *c, unsigned number)
{
	unsigned room = c->points ? c->points : 8;
	while (room <= number)
		room *= 2;
	struct point **v = realloc(c->point, room * sizeof(*v));
	if (!v)
		return false;
	memset(v + c->points, 0, (room - c->points) * sizeof(*v));
	c->point = v;
	c->points = room;
	return true;
}

/* The frame path allocates here only: once for a point that was never heard of. */
static struct point *point_of(struct capture *c, unsigned number)
{
	assert(number < CAPTURE_POINTS);
	if (number >= c->points && !grow(c, number))
		return NULL;
	if (!c->point[number])
		c->point[number] = calloc(1, sizeof(struct point));
	return c->point[number];
}

/* ---- statistics ---- */

static uint64_t drops_of(const struct point *p, char *words, size_t room)
{
	uint64_t all = 0;
	int at = 0;
	words[0] = '\0';
	for (unsigned i = 0; i < DROP_REASONS; i++) {
		all += p->drops[i];
		if (p->drops[i] && at >= 0 && (size_t)at < room)
			at += snprintf(words + at, room - (size_t)at, "%s%s %" PRIu64,
				       at ? ", " : "dropped: ", drop_name(i), p->drops[i]);
	}
	return all;
}

/* Without any interface a file is sound, but Wireshark's tools cannot write it again. */
static void describe_idle(struct capture *c)
{
	struct point *p = c->ifaces ? NULL : point_of(c, c->idle_point);
	if (!p)
		return;
	struct wr w = sink_last_room(&c->sink, PCAPNG_INTERFACE_MAX);
	describe(c, c->idle_point, p, &w);
	if (take(c, &w))
		described(c, p);
}

/* Of the interfaces that this section has. */
static void put_stats(struct capture *c)
{
	describe_idle(c);
	for (unsigned i = 0; i < c->points; i++) {
		const struct point *p = c->point[i];
		char words[PCAPNG_TEXT_MAX];
		if (!p || p->section != c->section)
			continue;
		uint64_t dropped = drops_of(p, words, sizeof words);
		struct wr w = sink_last_room(&c->sink, PCAPNG_STATS_MAX);
		pcapng_stats(&w, &(struct pcapng_stats){ .iface = p->iface,
							 .start_ns = c->start_ns + c->epoch_ns,
							 .ns = c->last_ns + c->epoch_ns,
							 .seen = p->seen,
							 .dropped = dropped,
							 .accepted = p->accepted,
							 .lost = p->lost,
							 .comment = words });
		take(c, &w);
	}
}

/* ---- frames ---- */

/* A file of the ring is full: the next one begins. */
static void turn_ring(struct capture *c, uint32_t len)
{
	if (!sink_is_full(&c->sink, len + PCAPNG_FRAME_MORE) || c->ifaces == 0)
		return;
	put_stats(c);
	if (sink_next_file(&c->sink))
		put_section(c);
}

void capture_frame(struct capture *c, unsigned point, const struct capture_note *note,
		   const struct pieces *frame, int64_t now)
{
	if (c->stopped || sink_is_over(&c->sink))
		return;
	struct point *p = point_of(c, point);
	if (!p) {
		c->count.lost++;
		return;
	}
	p->seen++;
	c->count.seen++;
	c->last_ns = now;
	if (note->why < DROP_REASONS) {
		p->drops[note->why]++;
		c->count.dropped++;
	}
	if (!bpf_match(c->filter, frame))
		return;
	p->accepted++;
	turn_ring(c, pieces_len(frame));
	if (put_frame(c, point, p, note, frame, now)) {
		c->count.frames++;
		p->lost_since = 0;
	} else {
		c->count.lost++;
		p->lost++;
		p->lost_since++;
	}
}

/* ---- life ---- */

static void on_over(struct sink *s, const char *reason)
{
	struct capture *c = container_of(s, struct capture, sink);
	c->host.ended(c->ctx, c, reason);
}

static int64_t epoch(void)
{
	struct timespec day, mono;
	clock_gettime(CLOCK_REALTIME, &day);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	return ((int64_t)day.tv_sec - mono.tv_sec) * 1000000000 + day.tv_nsec - mono.tv_nsec;
}

static char *copy_of(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void free_capture(struct capture *c)
{
	for (unsigned i = 0; i < c->points; i++)
		free(c->point[i]);
	free(c->point);
	free(c->filter_text);
	free(c->application);
	bpf_free(c->filter);
	free(c);
}

int capture_open(struct capture **out, struct loop *l, const struct capture_config *config,
		 const struct capture_host *host, void *ctx, struct err *e)
{
	struct capture *c = calloc(1, sizeof *c);
	*out = NULL;
	if (!c) {
		bpf_free(config->filter);
		sink_refuse(config);
		return err_set(e, -ENOMEM, "out of memory");
	}
	c->loop = l;
	c->host = *host;
	c->ctx = ctx;
	c->filter = config->filter;
	c->filter_text = copy_of(config->filter_text);
	c->application = copy_of(config->application);
	c->idle_point = config->idle_point;
	c->epoch_ns = epoch();
	c->start_ns = c->last_ns = loop_now(l);
	int r = sink_open(&c->sink, l, config, on_over, e);
	if (r < 0) {
		free_capture(c);
		return r;
	}
	put_section(c);
	*out = c;
	return 0;
}

void capture_stop(struct capture *c)
{
	if (c->stopped || sink_is_over(&c->sink))
		return;
	c->stopped = true;
	c->last_ns = loop_now(c->loop);
	put_stats(c);
	sink_finish(&c->sink);
}

void capture_close(struct capture *c, int64_t wait_ns)
{
	if (!c)
		return;
	capture_stop(c);
	sink_close(&c->sink, wait_ns);
	free_capture(c);
}

bool capture_went_wrong(const char *reason)
{
	return strcmp(reason, SINK_STOPPED) != 0 && strcmp(reason, SINK_NO_READER) != 0;
}

void capture_count(const struct capture *c, struct capture_counts *n)
{
	*n = c->count;
}

const char *capture_file(const struct capture *c)
{
	return sink_name(&c->sink);
}
