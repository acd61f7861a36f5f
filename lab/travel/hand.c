/* SPDX-License-Identifier: MIT */
/* hand.c - what was done by hand: each command with the lab time at which it was done. It happens
 * like a planned fault, before any frame of its instant, the first time as well as each time the
 * test is run again: so that what is saved does the same. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/travel/inner.h"
#include "lib/base/units.h"

static const char *const powers[] = { "kill", "restart", "pause", "resume" };

static int power(struct travel *t, const struct hand *h, struct err *e)
{
	struct request r = { .verb = VERB_POWER, .who = h->who };
	while (strcmp(powers[r.power], h->line) != 0)
		r.power++;
	struct call *c = t->inner->ops->start(t->inner, &r);
	if (!c)
		return err_set(e, -ENOMEM, "out of memory");
	int code = c->error < 0 ? err_set(e, c->error, "%s", c->words.text) : 0;
	t->inner->ops->call_end(t->inner, c);
	return code;
}

static int command(struct travel *t, const struct hand *h, struct out *reply, struct err *e)
{
	struct cmd_table tables[WORLD_TABLES];
	int64_t now;
	if (!t->inner->ops->commands(t->inner, h->who, tables, &now))
		return err_set(e, -ECONNREFUSED, "%s is not running", travel_name_of(t, h->who));
	int r = cmd_run(&(struct cmd_set){ tables, WORLD_TABLES }, h->line, now, reply);
	t->inner->ops->told(t->inner, h->who);
	return r;
}

static void happens(void *ctx)
{
	struct hand *h = ctx;
	struct out unread;
	out_init(&unread, false);
	h->result =
		h->power ? power(h->travel, h, &h->travel->words)
			 : command(h->travel, h, h->reply ? h->reply : &unread, &h->travel->words);
	out_fini(&unread);
	h->reply = NULL;
}

static void hand_free(struct hand *h)
{
	free(h->line);
	free(h);
}

void hand_forget(struct travel *t, int64_t after)
{
	while (t->nhands && t->hand[t->nhands - 1]->at > after)
		hand_free(t->hand[--t->nhands]);
}

static struct hand *hand_add(struct travel *t, const struct hand *like)
{
	struct hand **more = realloc(t->hand, (t->nhands + 1) * sizeof *more);
	struct hand *h = calloc(1, sizeof *h);
	if (more)
		t->hand = more;
	char *line = strdup(like->line);
	if (!more || !h || !line) {
		free(h);
		free(line);
		return NULL;
	}
	*h = *like;
	h->line = line;
	return t->hand[t->nhands++] = h;
}

int hand_do(struct travel *t, struct ref who, bool is_power, const char *line, struct out *reply,
	    struct err *e)
{
	if (!t->inner || t->state == TRAVEL_ENDED)
		return err_set(e, -EBUSY, "the test is over: time/back or time/to first");
	if (t->nhands == HANDS_MAX)
		return err_set(e, -ENOSPC, "%d commands were done by hand already", HANDS_MAX);
	struct hand want = { .travel = t,
			     .at = travel_now(t) + 1,
			     .power = is_power,
			     .who = who,
			     .line = (char *)(uintptr_t)line,
			     .reply = reply };
	struct err words = { "" };
	hand_forget(t, travel_now(t));
	struct hand *h = hand_add(t, &want);
	int r = h ? t->inner->ops->at(t->inner, h->at, happens, h) : -ENOMEM;
	if (!r)
		r = t->inner->ops->step(t->inner, h->at, &words);
	t->stirred = true;
	if (r < 0) {
		t->result = r;
		t->words = words;
		return err_set(e, r, "%s", words.text[0] ? words.text : strerror(-r));
	}
	if (t->state == TRAVEL_STANDS)
		t->goal = travel_now(t);
	r = h->result;
	if (r < 0) { /* nothing was done */
		err_set(e, r, "%s", t->words.text);
		hand_forget(t, h->at - 1);
	}
	return r;
}

int hand_begin(struct travel *t)
{
	for (size_t i = 0; i < t->nhands; i++)
		if (t->inner->ops->at(t->inner, t->hand[i]->at, happens, t->hand[i]) < 0)
			return -ENOMEM;
	return 0;
}

/* ---- as Lua ---- */

static void quoted(struct out *o, const char *text)
{
	out_raw(o, "\"", 1);
	for (const char *p = text; *p; p++)
		if (*p == '"' || *p == '\\')
			out_raw(o, (const char[]){ '\\', *p }, 2);
		else if ((unsigned char)*p < ' ')
			out_text(o, "\\%03d", (unsigned char)*p);
		else
			out_raw(o, p, 1);
	out_raw(o, "\"", 1);
}

void hand_lua(const struct travel *t, struct out *o)
{
	char at[UNIT_TEXT_LEN];
	out_text(o, "\n-- Done by hand, with seed %" PRIu64 ".\nby_hand { test = ", t->test->seed);
	quoted(o, t->test->name);
	out_text(o, ",\n");
	for (size_t i = 0; i < t->nhands; i++) {
		const struct hand *h = t->hand[i];
		out_text(o, "  { at = \"%s\", node = \"%s\", %s = ", unit_time_text(at, h->at),
			 travel_name_of(t, h->who), h->power ? "power" : "line");
		quoted(o, travel_bare(h->line));
		out_text(o, " },\n");
	}
	out_text(o, "}\n");
}
