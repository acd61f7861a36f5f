/* SPDX-License-Identifier: MIT */
/* refate - a wire's fates once more, in virtual time: the arrivals that a real wire's capture tells
 * of go into the core, and each frame must fare as it did there.
 *
 *   refate CAPTURE NAME SEED KEY=VALUE...
 *
 * CAPTURE is of `dw-wire --capture`, with framegen's frames from the first end to the second, NAME
 * and SEED are that wire's. 0: all fared alike; 1: the first one that did not is told; 2; 3. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/heap.h"
#include "lib/base/units.h"
#include "lib/proto/capread.h"
#include "tests/tools/testframe.h"
#include "wire/core/wire.h"

enum { FRAMES_MAX = 1 << 20 };

struct arrival {
	bool there;
	int64_t came_ns, ended_ns;
	uint32_t len;
	enum drop_reason why, again; /* DROP_REASONS: it arrived */
};

static struct arrival all[FRAMES_MAX];
static uint32_t count;

static int fail(int code, const char *what, const char *why)
{
	fprintf(stderr, "refate: %s: %s\n", what, why);
	return code;
}

/* ---- the capture ---- */

/* "dropped: aqm, delayed 5ms": what befell it, and when it had come. */
static void read_comment(struct arrival *a, const struct capread_frame *f)
{
	char text[256], *at;
	int64_t delay = 0;
	snprintf(text, sizeof text, "%.*s", f->comment ? (int)f->comment_len : 0,
		 f->comment ? f->comment : "");
	at = strstr(text, "delayed ");
	if (at) {
		char *word = at + strlen("delayed ");
		word[strcspn(word, ", \n")] = '\0';
		if (unit_time(word, &delay, NULL) < 0)
			delay = 0;
	}
	a->why = DROP_REASONS;
	for (unsigned i = 0; strncmp(text, "dropped: ", 9) == 0 && i < DROP_REASONS; i++)
		if (strncmp(text + 9, drop_name(i), strlen(drop_name(i))) == 0)
			a->why = i;
	a->came_ns = f->ns - delay;
	a->ended_ns = f->ns;
}

static void keep(const struct capread_frame *f)
{
	uint32_t number;
	bool whole;
	size_t tail = strlen(f->iface_name);
	if (tail < 3 || strcmp(f->iface_name + tail - 3, "/ab") != 0 ||
	    !testframe_read(f->bytes, f->len, &number, &whole) || number >= FRAMES_MAX)
		return;
	read_comment(&all[number], f);
	all[number].there = true;
	all[number].len = f->len;
	count = number >= count ? number + 1 : count;
}

static int read_capture(const char *path)
{
	struct err e = { "" };
	struct capread_frame f;
	struct capread *c = capread_new();
	FILE *in = fopen(path, "rb");
	int r = 0;
	size_t room, n = 1;
	while (c && in && r >= 0 && n > 0) {
		uint8_t *to = capread_space(c, &room);
		n = fread(to, 1, room, in);
		capread_filled(c, n);
		while ((r = capread_next(c, &f, &e)) == 1)
			keep(&f);
	}
	if (!c || !in)
		r = fail(3, path, "cannot be read");
	else if (r < 0)
		r = fail(3, path, e.text);
	if (in)
		fclose(in);
	capread_free(c);
	return r;
}

/* ---- once more ---- */

static unsigned on_tx(void *ctx, enum wire_dir dir, const struct txv *v, unsigned n)
{
	(void)ctx;
	(void)dir;
	(void)v;
	return n;
}

static void on_tap(void *ctx, const struct wire_tapped *t, int64_t now)
{
	uint8_t bytes[2048];
	uint32_t number;
	bool whole;
	(void)ctx;
	(void)now;
	uint32_t len = (uint32_t)pieces_len(&t->frame);
	pieces_copy(&t->frame, bytes, len < sizeof bytes ? len : sizeof bytes);
	if (!t->copy && testframe_read(bytes, len, &number, &whole) && number < count)
		all[number].again = t->why;
}

static void send(struct wire *w, uint32_t number, int64_t now)
{
	uint8_t bytes[2048] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1 };
	uint32_t len = all[number].len;
	bytes[12] = TESTFRAME_TYPE >> 8;
	bytes[13] = TESTFRAME_TYPE & 0xff;
	testframe_put32(bytes + 14, number);
	testframe_put32(bytes + 18, len - 12);
	struct frame f = { .data = bytes, .len = len };
	wire_rx(w, WIRE_AB, &f, 1, now);
}

static int run(const struct wire_config *c)
{
	static const struct wire_host host = { .tx = on_tx, .tap = on_tap };
	struct pool *pool = pool_new((size_t)1 << 28);
	int64_t began = INT64_MAX, t;
	for (uint32_t i = 0; i < count; i++)
		if (all[i].there && all[i].came_ns < began)
			began = all[i].came_ns;
	struct wire *w = pool ? wire_new(c, &host, NULL, pool, 0) : NULL;
	if (!w)
		return fail(3, c->name, "out of memory");
	wire_want_tap(w, true);
	for (uint32_t i = 0; i < count; i++) {
		if (!all[i].there)
			continue;
		int64_t at = all[i].came_ns - began;
		while ((t = wire_next(w)) <= at)
			wire_tick(w, t);
		send(w, i, at);
		pool_grow(pool);
	}
	while ((t = wire_next(w)) < TIME_NEVER)
		wire_tick(w, t);
	wire_free(w);
	pool_free(pool);
	return 0;
}

static const char *fate(enum drop_reason why)
{
	return why == DROP_REASONS ? "arrived" : drop_name(why);
}

static int compare(void)
{
	uint32_t lost = 0, there = 0;
	for (uint32_t i = 0; i < count; i++) {
		there += all[i].there;
		lost += all[i].there && all[i].why != DROP_REASONS;
		if (all[i].there && all[i].why != all[i].again) {
			printf("frame %" PRIu32 ": %s there, %s here\n", i, fate(all[i].why),
			       fate(all[i].again));
			return 1;
		}
	}
	printf("%" PRIu32 " frames, %" PRIu32 " of them lost, alike\n", there, lost);
	return there ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct wire_config c;
	struct err e = { "" };
	if (argc < 4)
		return fail(2, "usage", "refate CAPTURE NAME SEED KEY=VALUE...");
	wire_config_default(&c);
	snprintf(c.name, sizeof c.name, "%s", argv[2]);
	c.seed = strtoull(argv[3], NULL, 10);
	for (int i = 4; i < argc; i++) {
		char *key, *value;
		args_keyval(argv[i], &key, &value);
		if (wire_set_key(&c, key, value ? value : "", &e) < 0)
			return fail(2, key, e.text);
	}
	if (wire_check(&c, &e) < 0)
		return fail(2, c.name, e.text);
	int r = read_capture(argv[1]);
	if (!r)
		r = run(&c);
	return r ? r : compare();
}
