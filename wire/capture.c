/* SPDX-License-Identifier: MIT */
/* capture.c - frames of a wire for its captures. */
#include "wire/capture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

void wire_capture_tap(struct wire_capture *k, const struct wire_tapped *t, int64_t now)
{
	char words[160];
	const struct capture_note note = { .why = t->why,
					   .text = wire_tapped_words(t, now, words, sizeof words) };
	captures_frame(k->captures, t->dir, &note, &t->frame, now);
}
