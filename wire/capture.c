/* SPDX-License-Identifier: MIT */
/* capture.c - frames of a wire for its captures. */
#include "wire/capture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/units.h"
#include "lib/cli/opts.h"
#include "lib/ext/filter.h"

/* Named as its random streams are: s1--s2/ab. */
static void describe_dir(void *ctx, unsigned point, struct pcapng_interface *i)
{
	struct wire_capture *k = ctx;
	char dir[CAPTURES_NAME];
	captures_name_dir(NULL, point, dir);
	snprintf(k->name, sizeof k->name, "%s/%s", wire_config(k->wire)->name, dir);
	snprintf(k->descr, sizeof k->descr, "from %.300s to %.300s", k->end[point], k->end[!point]);
	i->name = k->name;
	i->descr = k->descr;
}

static void want_frames(void *ctx, bool on)
{
	const struct wire_capture *k = ctx;
	wire_want_tap(k->wire, on);
}

static void on_event(void *ctx, const struct event *ev)
{
	const struct wire_capture *k = ctx;
	if (capture_went_wrong(ev->text))
		log_error("capture %s: %s", ev->name, ev->text);
	k->event(k->ctx, ev);
}

int wire_capture_init(struct wire_capture *k, struct loop *l)
{
	static const struct captures_host host = {
		.point = captures_find_dir,
		.name = captures_name_dir,
		.any = captures_any_dir,
		.describe = describe_dir,
		.compile = filter_compile,
		.wanted = want_frames,
		.event = on_event,
	};
	k->captures = captures_new(l, "Drahtwerk " DW_VERSION, &host, k);
	return k->captures ? 0 : -ENOMEM;
}

void wire_capture_fini(struct wire_capture *k)
{
	captures_free(k->captures);
	k->captures = NULL;
}

/* "delayed 5ms, duplicate 1, corrupted, overtook"; NULL: nothing befell it. */
static const char *words_on(const struct wire_tapped *t, int64_t now, char *out, size_t room)
{
	char delay[UNIT_TEXT_LEN], copy[24] = "";
	const char *part[] = { NULL, NULL, t->corrupted ? "corrupted" : NULL,
			       t->overtook ? "overtook" : NULL };
	char first[UNIT_TEXT_LEN + 8];
	size_t len = 0;
	if (now > t->in_ns) {
		snprintf(first, sizeof first, "delayed %s", unit_time_text(delay, now - t->in_ns));
		part[0] = first;
	}
	if (t->copy) {
		snprintf(copy, sizeof copy, "duplicate %u", t->copy);
		part[1] = copy;
	}
	for (unsigned i = 0; i < sizeof part / sizeof *part; i++)
		if (part[i])
			len += (size_t)snprintf(out + len, room - len, "%s%s", len ? ", " : "",
						part[i]);
	return len ? out : NULL;
}

void wire_capture_tap(struct wire_capture *k, const struct wire_tapped *t, int64_t now)
{
	char words[160];
	const struct capture_note note = { .why = t->why,
					   .text = words_on(t, now, words, sizeof words) };
	captures_frame(k->captures, t->dir, &note, &t->frame, now);
}
