/* SPDX-License-Identifier: MIT */
/* capture.c - frames of a plug for its captures. */
#include "plug/capture.h"

#include <errno.h>
#include <stdio.h>

#include "lib/cli/opts.h"
#include "lib/ext/filter.h"

static const char *side_name(const struct plug_capture *k, unsigned side)
{
	return k->pump ? pump_side(k->pump, side) : "";
}

static void describe(void *ctx, unsigned point, struct pcapng_interface *i)
{
	struct plug_capture *k = ctx;
	char dir[CAPTURES_NAME];
	captures_name_dir(NULL, point, dir);
	snprintf(k->name, sizeof k->name, "%.150s/%s", k->o->name, dir);
	snprintf(k->descr, sizeof k->descr, "from %.300s to %.300s", side_name(k, point),
		 side_name(k, !point));
	i->name = k->name;
	i->descr = k->descr;
}

static void want_frames(void *ctx, bool on)
{
	struct plug_capture *k = ctx;
	k->wanted = on;
	if (k->pump)
		pump_want_tap(k->pump, on);
}

static void on_event(void *ctx, const struct event *ev)
{
	const struct plug_capture *k = ctx;
	if (capture_went_wrong(ev->text))
		log_error("capture %s: %s", ev->name, ev->text);
	k->event(k->ctx, ev);
}

int plug_capture_init(struct plug_capture *k, struct loop *l, struct err *e)
{
	static const struct captures_host host = {
		.point = captures_find_dir,
		.name = captures_name_dir,
		.any = captures_any_dir,
		.describe = describe,
		.compile = filter_compile,
		.wanted = want_frames,
		.event = on_event,
	};
	k->captures = captures_new(l, "dw-plug " DW_VERSION, &host, k);
	if (!k->captures)
		return err_set(e, -ENOMEM, "out of memory");
	int r = k->o->capture ? captures_start(k->captures, CAPTURES_ALL, k->o->capture, e) : 0;
	return r < 0 ? err_prefix(e, r, "--capture") : 0;
}

void plug_capture_fini(struct plug_capture *k)
{
	captures_free(k->captures);
	k->captures = NULL;
}

void plug_capture_tap(struct plug_capture *k, unsigned side, const struct pieces *frame,
		      enum drop_reason why, int64_t now)
{
	captures_frame(k->captures, side, &(struct capture_note){ .why = why }, frame, now);
}
