/* SPDX-License-Identifier: MIT */
/* capture.c - frames that cross wires, as pcapng: each once, at the end of its way, with what
 * befell it. Times are lab time. Bytes are collected here and go out through the lab, which has
 * files. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/sim/sim.h"
#include "lib/base/drop.h"
#include "lib/base/units.h"
#include "lib/proto/pcapng.h"

enum { ROOM = 1 << 18, FLUSH_AT = 1 << 17 };

struct sim_capture {
	struct sim *sim;
	struct sim_capture *next;
	const struct sim_wire *wire; /* NULL: all */
	int dir;                     /* -1: both */
	unsigned id, ifaces;
	unsigned *iface;         /* by wire and direction: number in the file + 1 */
	char *file, *expression; /* expression NULL: all frames */
	struct bpf *filter;
	uint8_t *bytes;
	size_t len;
	uint64_t frames;
	bool begun; /* the file is there */
};

static void flush(struct sim_capture *c)
{
	struct err e = { "" };
	const struct world_setup *setup = c->sim->world.setup;
	int r = setup->append(c->file, !c->begun, c->bytes, c->len, &e);
	if (r < 0)
		sim_trouble(c->sim, r, e.text);
	c->begun = true;
	c->len = 0;
}

static struct wr room_of(struct sim_capture *c)
{
	if (c->len >= FLUSH_AT)
		flush(c);
	return wr_over(c->bytes + c->len, ROOM - c->len);
}

static void took(struct sim_capture *c, const struct wr *w)
{
	if (!w->bad) /* there is always room for the longest of blocks */
		c->len += wr_len(w);
}

static unsigned iface_of(struct sim_capture *c, const struct sim_wire *w, enum wire_dir dir)
{
	unsigned *number = &c->iface[2 * (size_t)(w - c->sim->wire) + dir];
	if (*number)
		return *number - 1;
	char name[CABLE_NAME_MAX + 8], descr[2 * NODE_NAME_MAX + 16];
	snprintf(name, sizeof name, "%s/%s", wire_config(w->core)->name, dir ? "ba" : "ab");
	snprintf(descr, sizeof descr, "from %s to %s", w->end[dir].node->spec->name,
		 w->end[!dir].node->spec->name);
	struct wr out = room_of(c);
	pcapng_interface(&out, &(struct pcapng_interface){
				       .name = name, .descr = descr, .filter = c->expression });
	took(c, &out);
	*number = ++c->ifaces;
	return *number - 1;
}

static void put(struct sim_capture *c, const struct sim_wire *w, const struct wire_tapped *t,
		int64_t now)
{
	char words[160], comment[240];
	const char *text = wire_tapped_words(t, now, words, sizeof words);
	if (t->why != DROP_REASONS) {
		snprintf(comment, sizeof comment, "dropped: %s%s%s", drop_name(t->why),
			 text ? "; " : "", text ? text : "");
		text = comment;
	}
	unsigned iface = iface_of(c, w, t->dir);
	struct wr out = room_of(c);
	pcapng_frame(&out, &(struct pcapng_frame){
				   .iface = iface, .ns = now, .bytes = t->frame, .comment = text });
	took(c, &out);
	c->frames++;
}

void sim_capture_tap(void *wire, const struct wire_tapped *t, int64_t now)
{
	struct sim_wire *w = wire;
	sim_trace_lost(w, t, now);
	for (struct sim_capture *c = w->sim->captures; c; c = c->next)
		if ((!c->wire || c->wire == w) && (c->dir < 0 || c->dir == (int)t->dir) &&
		    bpf_match(c->filter, &t->frame))
			put(c, w, t, now);
}

/* Wires are tapped while some capture wants them. */
static void tap_all(struct sim *s)
{
	for (size_t i = 0; i < s->nwires; i++) {
		bool wanted = false;
		for (const struct sim_capture *c = s->captures; c; c = c->next)
			wanted |= !c->wire || c->wire == &s->wire[i];
		if (s->wire[i].core)
			wire_want_tap(s->wire[i].core, wanted);
	}
}

static void capture_free(struct sim_capture *c)
{
	if (!c)
		return;
	free(c->iface);
	free(c->file);
	free(c->expression);
	bpf_free(c->filter);
	free(c->bytes);
	free(c);
}

static int take_filter(struct sim_capture *c, const char *expression, struct err *e)
{
	const struct world_setup *setup = c->sim->world.setup;
	wire_compile_fn *compile = setup->files ? wire_files_compiler(setup->files) : NULL;
	if (!compile)
		return err_set(e, -EOPNOTSUPP, "no filters are compiled here");
	c->expression = strdup(expression);
	return c->expression ? compile(&c->filter, expression, e)
			     : err_set(e, -ENOMEM, "out of memory");
}

int sim_capture_open(struct sim *s, const struct sim_wire *w, int dir, const char *file,
		     const char *filter, unsigned *id, struct err *e)
{
	if (!s->world.setup->append)
		return err_set(e, -EOPNOTSUPP, "captures have nowhere to go here");
	struct sim_capture *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(e, -ENOMEM, "out of memory");
	*c = (struct sim_capture){ .sim = s, .wire = w, .dir = dir, .id = s->last_capture + 1 };
	c->iface = calloc(2 * s->nwires + 2, sizeof *c->iface);
	c->file = strdup(file);
	c->bytes = malloc(ROOM);
	if (!c->iface || !c->file || !c->bytes) {
		capture_free(c);
		return err_set(e, -ENOMEM, "out of memory");
	}
	struct wr out = room_of(c);
	pcapng_section(&out, "Drahtwerk", s->world.setup->plan->name);
	took(c, &out);
	int r = filter ? take_filter(c, filter, e) : 0;
	if (!r)
		r = s->world.setup->append(file, true, c->bytes, c->len, e);
	if (r < 0) {
		capture_free(c);
		return r;
	}
	c->begun = true;
	c->len = 0;
	*id = s->last_capture = c->id;
	c->next = s->captures;
	s->captures = c;
	tap_all(s);
	return 0;
}

static void capture_close(struct sim *s, struct sim_capture **at)
{
	struct sim_capture *c = *at;
	*at = c->next;
	if (!c->ifaces && c->wire) /* readers want an interface, also of silence */
		iface_of(c, c->wire, c->dir > 0 ? WIRE_BA : WIRE_AB);
	flush(c);
	capture_free(c);
	tap_all(s);
}

void sim_captures_close(struct sim *s)
{
	while (s->captures)
		capture_close(s, &s->captures);
}

void sim_captures_flush(struct world *w)
{
	for (struct sim_capture *c = sim_of(w)->captures; c; c = c->next)
		if (c->len)
			flush(c);
}

/* ---- commands, as on the socket of a real cable ---- */

/* The words from `at` on as one, with a blank between; quotes are gone, as on a process. */
static int join(const struct args *a, unsigned at, char *out, size_t room, struct err *e)
{
	size_t len = 0;
	for (unsigned i = at; i < a->count; i++) {
		int n = snprintf(out + len, room - len, "%s%s", len ? " " : "", a->word[i]);
		if (n < 0 || (size_t)n >= room - len)
			return err_set(e, -EINVAL, "filter: longer than %zu bytes", room - 1);
		len += (size_t)n;
	}
	return 0;
}

static int read_filter(const struct args *a, char *out, size_t room, struct err *e)
{
	if (strcmp(a->word[2], "ring") == 0)
		return err_set(e, -EINVAL, "ring: in virtual time a capture has one file");
	if (strcmp(a->word[2], "filter") != 0)
		return err_set(e, -EINVAL, "%s: 'filter EXPRESSION' can stand here", a->word[2]);
	if (a->count == 3)
		return err_set(e, -EINVAL, "filter: no expression follows");
	return join(a, 3, out, room, e);
}

static int start(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct sim_wire *w = ctx;
	static const char *const ways[] = { "all", "ab", "ba" };
	char filter[PCAPNG_TEXT_MAX] = "";
	unsigned id = 0, way = 0;
	if (a->count < 2)
		return err_set(e, -EINVAL, "what, and where to? capture/start all|ab|ba FILE");
	while (way < 3 && strcmp(ways[way], a->word[0]) != 0)
		way++;
	if (way == 3)
		return err_set(e, -EINVAL, "%s: there are the directions ab and ba, and all",
			       a->word[0]);
	int r = a->count > 2 ? read_filter(a, filter, sizeof filter, e) : 0;
	if (!r)
		r = sim_capture_open(w->sim, w, (int)way - 1, a->word[1],
				     a->count > 2 ? filter : NULL, &id, e);
	if (!r)
		out_u64(o, "id", "capture %" PRIu64 "\n", (uint64_t)id);
	return r;
}

static int stop(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sim_wire *w = ctx;
	uint64_t id = 0;
	(void)o;
	if (a->count != 1)
		return err_set(e, -EINVAL, "which? capture/stop ID|all");
	bool all = strcmp(a->word[0], "all") == 0, found = all;
	if (!all && unit_u64(a->word[0], 1, UINT32_MAX, &id, e) < 0)
		return -EINVAL;
	for (struct sim_capture **at = &w->sim->captures; *at;) {
		if ((*at)->wire == w && (all || (*at)->id == id)) {
			capture_close(w->sim, at);
			found = true;
		} else {
			at = &(*at)->next;
		}
	}
	return found ? 0 : err_set(e, -ENOENT, "%s: no such capture", a->word[0]);
}

static int list(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sim_wire *w = ctx;
	if (a->count)
		return err_set(e, -EINVAL, "capture/list: takes no words");
	out_list(o, "captures");
	for (const struct sim_capture *c = w->sim->captures; c; c = c->next) {
		if (c->wire != w)
			continue;
		out_object(o, NULL);
		out_u64(o, "id", "%-4" PRIu64 " ", (uint64_t)c->id);
		out_str(o, "point", "%-8s ", c->dir < 0 ? "all" : c->dir ? "ba" : "ab");
		out_u64(o, "frames", "%10" PRIu64 " ", c->frames);
		out_str(o, "file", "%s", c->file);
		if (c->expression)
			out_str(o, "filter", " filter %s", c->expression);
		else
			out_json_null(o, "filter");
		out_text(o, "\n");
		out_end_object(o);
	}
	out_end_list(o);
	return 0;
}

const struct cmd_row sim_capture_rows[] = {
	{ "capture/start", "all|ab|ba FILE [filter EXPR]", "write the frames that cross to a file",
	  CMD_DATA, start },
	{ "capture/stop", "ID|all", "end a capture", 0, stop },
	{ "capture/list", "", "the captures that run", CMD_DATA, list },
	{ 0 },
};
