/* SPDX-License-Identifier: MIT */
/* captures.c - captures that run side by side, by number; their commands. */
#include "lib/io/captures.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/units.h"

enum { LAST_WORDS_NS = 1000000000 }; /* for readers that are behind when all ends */

struct one {
	struct captures *all;
	struct one *next;
	struct capture *capture;
	struct mgmt_bond bond; /* to the session whose stdout it goes to */
	unsigned id;
	int point;
	char filter[PCAPNG_TEXT_MAX]; /* as written; "": none */
};

struct captures {
	struct loop *loop;
	const char *application;
	const struct captures_host *host;
	void *ctx;
	struct mgmt *mgmt;
	struct one *first; /* oldest first */
	unsigned count, last_id;
};

struct wish { /* what is to be captured, and where to */
	int point;
	const char *file; /* NULL: fd */
	int fd;           /* of a caller; -1: none yet */
	uint64_t ring_bytes, ring_files;
	char filter[PCAPNG_TEXT_MAX];
};

struct captures *captures_new(struct loop *l, const char *application,
			      const struct captures_host *host, void *ctx)
{
	struct captures *c = malloc(sizeof *c);
	if (c)
		*c = (struct captures){
			.loop = l, .application = application, .host = host, .ctx = ctx
		};
	return c;
}

void captures_serve(struct captures *c, struct mgmt *m)
{
	c->mgmt = m;
}

/* ---- coming and going ---- */

/* Out of the list already. */
static void release(struct one *n, int64_t wait_ns)
{
	struct captures *c = n->all;
	mgmt_unbind(&n->bond);
	capture_close(n->capture, wait_ns);
	free(n);
	if (--c->count == 0)
		c->host->wanted(c->ctx, false);
}

static void forget(struct one *n)
{
	struct one **at = &n->all->first;
	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	release(n, 0);
}

static void on_ended(void *ctx, struct capture *capture, const char *reason)
{
	struct one *n = ctx;
	struct captures *c = n->all;
	char id[16];
	(void)capture;
	snprintf(id, sizeof id, "%u", n->id);
	forget(n);
	c->host->event(c->ctx, &(struct event){ .kind = EVENT_CAPTURE_END,
						.at = loop_now(c->loop),
						.name = id,
						.text = reason });
}

static void on_describe(void *ctx, unsigned point, struct pcapng_interface *i)
{
	const struct one *n = ctx;
	n->all->host->describe(n->all->ctx, point, i);
}

static void caller_gone(struct mgmt_bond *b)
{
	capture_stop(container_of(b, struct one, bond)->capture);
}

static int compile(const struct captures *c, const char *text, struct bpf **out, struct err *e)
{
	*out = NULL;
	return *text ? c->host->compile(out, text, e) : 0;
}

static void add(struct captures *c, struct one *n)
{
	struct one **at = &c->first;
	while (*at)
		at = &(*at)->next;
	*at = n;
	n->id = ++c->last_id;
	if (c->count++ == 0)
		c->host->wanted(c->ctx, true);
}

static int open_one(struct captures *c, struct one *n, const struct wish *w, struct err *e)
{
	static const struct capture_host host = { .describe = on_describe, .ended = on_ended };
	struct capture_config config = {
		.file = w->file,
		.fd = w->fd,
		.ring_bytes = w->ring_bytes,
		.ring_files = (unsigned)w->ring_files,
		.filter_text = n->filter,
		.application = c->application,
		.idle_point = n->point == CAPTURES_ALL ? c->host->any(c->ctx) : (unsigned)n->point,
	};
	int r = compile(c, n->filter, &config.filter, e);
	if (r < 0) {
		if (w->fd >= 0)
			close(w->fd);
		return r;
	}
	return capture_open(&n->capture, c->loop, &config, &host, n, e);
}

/* Takes over the descriptor of the wish, also on error. */
static int start(struct captures *c, const struct wish *w, struct one **out, struct err *e)
{
	struct one *n = c->count < CAPTURES_MAX ? malloc(sizeof *n) : NULL;
	if (!n) {
		if (w->fd >= 0)
			close(w->fd);
		return c->count < CAPTURES_MAX
			       ? -ENOMEM
			       : err_set(e, -EMFILE, "%d captures run already", CAPTURES_MAX);
	}
	*n = (struct one){ .all = c, .point = w->point, .bond = { .gone = caller_gone } };
	memcpy(n->filter, w->filter, sizeof n->filter);
	int r = open_one(c, n, w, e);
	if (r < 0) {
		free(n);
		return r;
	}
	add(c, n);
	*out = n;
	return 0;
}

int captures_start(struct captures *c, int point, const char *file, struct err *e)
{
	struct wish w = { .point = point, .file = file, .fd = -1 };
	struct one *n;
	if (strcmp(file, "-") == 0) {
		w.file = NULL;
		w.fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		if (w.fd < 0)
			return err_set(e, -errno, "stdout: %s", strerror(errno));
	}
	return start(c, &w, &n, e);
}

void captures_free(struct captures *c)
{
	if (!c)
		return;
	for (struct one *n; (n = c->first);) {
		c->first = n->next;
		release(n, LAST_WORDS_NS);
	}
	free(c);
}

void captures_frame(struct captures *c, unsigned point, const struct capture_note *note,
		    const struct pieces *frame, int64_t now)
{
	for (struct one *n = c->first; n; n = n->next)
		if (n->point == CAPTURES_ALL || (unsigned)n->point == point)
			capture_frame(n->capture, point, note, frame, now);
}

/* ---- directions ---- */

static const char *const dir_name[2] = { "ab", "ba" };

int captures_find_dir(void *ctx, const char *word, struct err *e)
{
	(void)ctx;
	for (int d = 0; d < 2; d++)
		if (strcmp(word, dir_name[d]) == 0)
			return d;
	return err_set(e, -EINVAL, "%s: there are the directions ab and ba, and all", word);
}

void captures_name_dir(void *ctx, unsigned point, char out[static CAPTURES_NAME])
{
	(void)ctx;
	snprintf(out, CAPTURES_NAME, "%s", dir_name[point]);
}

unsigned captures_any_dir(void *ctx)
{
	(void)ctx;
	return 0;
}

/* ---- commands ---- */

static int take_ring(const struct args *a, unsigned *at, struct wish *w, struct err *e)
{
	if (*at + 2 > a->count)
		return err_set(e, -EINVAL,
			       "ring SIZE COUNT: of how many bytes, and how many files?");
	int r = unit_bytes(a->word[*at], &w->ring_bytes, e);
	if (!r)
		r = unit_u64(a->word[*at + 1], 2, CAPTURE_RING_FILES, &w->ring_files, e);
	if (!r && !w->ring_bytes)
		r = err_set(e, -EINVAL, "a file of no bytes");
	*at += 2;
	return r < 0 ? err_prefix(e, r, "ring") : 0;
}

static int take_filter(const struct args *a, unsigned *at, struct wish *w, struct err *e)
{
	size_t len = 0;
	if (*at == a->count)
		return err_set(e, -EINVAL, "filter: no expression follows");
	for (; *at < a->count; ++*at) {
		int n = snprintf(w->filter + len, sizeof w->filter - len, "%s%s", len ? " " : "",
				 a->word[*at]);
		if (n < 0 || (size_t)n >= sizeof w->filter - len)
			return err_set(e, -EINVAL, "filter: longer than %zu bytes",
				       sizeof w->filter - 1);
		len += (size_t)n;
	}
	return 0;
}

static int take_options(const struct args *a, struct wish *w, struct err *e)
{
	int r = 0;
	for (unsigned at = 2; at < a->count && !r;) {
		const char *word = a->word[at++];
		if (strcmp(word, "ring") == 0)
			r = take_ring(a, &at, w, e);
		else if (strcmp(word, "filter") == 0)
			r = take_filter(a, &at, w, e);
		else
			r = err_set(e, -EINVAL,
				    "%s: 'ring SIZE COUNT' or 'filter EXPRESSION' can stand here",
				    word);
	}
	return r;
}

static int find_caller(const struct captures *c, struct wish *w, struct err *e)
{
	w->file = NULL;
	w->fd = c->mgmt ? mgmt_take_fd(c->mgmt) : -EBADF;
	return w->fd < 0 ? err_set(e, w->fd,
				   "-: no stdout came with this command; dw-ctl sends its own")
			 : 0;
}

static int read_wish(const struct captures *c, const struct args *a, struct wish *w, struct err *e)
{
	if (a->count < 2)
		return err_set(e, -EINVAL, "what, and where to? capture/start WHAT|all FILE|-");
	w->file = a->word[1];
	if (strcmp(a->word[0], "all") != 0)
		w->point = c->host->point(c->ctx, a->word[0], e);
	if (w->point < 0)
		return w->point;
	int r = take_options(a, w, e);
	return !r && strcmp(w->file, "-") == 0 ? find_caller(c, w, e) : r;
}

static int capture_start(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct captures *c = ctx;
	struct one *n = NULL;
	struct wish w = { .point = CAPTURES_ALL, .fd = -1 };
	int r = read_wish(c, a, &w, e);
	if (!r)
		r = start(c, &w, &n, e);
	if (!n)
		return r;
	if (!w.file)
		mgmt_bind(c->mgmt, &n->bond);
	out_u64(o, "id", "capture %" PRIu64 "\n", (uint64_t)n->id);
	return 0;
}

static int capture_stop_row(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct captures *c = ctx;
	uint64_t id = 0;
	(void)o;
	if (a->count != 1)
		return err_set(e, -EINVAL, "which? capture/stop ID|all");
	bool all = strcmp(a->word[0], "all") == 0;
	if (!all && unit_u64(a->word[0], 1, UINT32_MAX, &id, e) < 0)
		return -EINVAL;
	bool found = all;
	for (struct one *n = c->first; n; n = n->next) /* each goes later, from the loop */
		if (all || n->id == id) {
			capture_stop(n->capture);
			found = true;
		}
	return found ? 0 : err_set(e, -ENOENT, "%s: no such capture", a->word[0]);
}

static void show(const struct captures *c, const struct one *n, struct out *o)
{
	struct capture_counts k;
	char name[CAPTURES_NAME] = "all";
	capture_count(n->capture, &k);
	if (n->point != CAPTURES_ALL)
		c->host->name(c->ctx, (unsigned)n->point, name);
	out_object(o, NULL);
	out_u64(o, "id", "%-4" PRIu64 " ", (uint64_t)n->id);
	out_str(o, "point", "%-8s ", name);
	out_u64(o, "frames", "%10" PRIu64 " ", k.frames);
	out_u64(o, "lost", "%8" PRIu64 " ", k.lost);
	out_u64(o, "bytes", "%12" PRIu64 " ", k.bytes);
	out_json_u64(o, "seen", k.seen);
	out_json_u64(o, "dropped", k.dropped);
	out_str(o, "file", "%s", capture_file(n->capture));
	if (*n->filter)
		out_str(o, "filter", " filter %s", n->filter);
	else
		out_json_null(o, "filter");
	out_text(o, "\n");
	out_end_object(o);
}

static int capture_list(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct captures *c = ctx;
	if (a->count)
		return err_set(e, -EINVAL, "%s: takes no words", a->word[0]);
	out_text(o, "%-4s %-8s %10s %8s %12s %s\n", "ID", "WHAT", "FRAMES", "LOST", "BYTES",
		 "FILE");
	out_list(o, "captures");
	for (const struct one *n = c->first; n; n = n->next)
		show(c, n, o);
	out_end_list(o);
	return 0;
}

const struct cmd_row capture_commands[] = {
	{ "capture", "============", "CAPTURE MENU", 0, NULL },
	{ "capture/start", "WHAT|all FILE|- [ring SIZE COUNT] [filter EXPR]",
	  "write frames as pcapng, lost ones with the reason", CMD_WRITES, capture_start },
	{ "capture/stop", "ID|all", "end a capture", CMD_WRITES, capture_stop_row },
	{ "capture/list", "", "captures that run", CMD_DATA, capture_list },
	{ 0 },
};
