/* SPDX-License-Identifier: MIT */
/* lead.c - keys that lead the time of a lab (dw-lab run --console), on every page, and where its
 * time stands. They ask no question: time can be gone back. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/ui.h"
#include "lib/base/units.h"

static void tell(struct ui *u, const struct model *m, const char *line)
{
	int i = model_leader(m);
	if (i < 0)
		ui_say(u, ST_WARN, "no lab here has a time that can be led");
	else
		ui_send(u, (unsigned)i, line);
}

static void run_step(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)r;
	tell(u, m, "time/step");
}

static void run_back(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)r;
	tell(u, m, "time/back");
}

static void run_on(struct ui *u, const struct model *m, const struct ref *r)
{
	int i = model_leader(m);
	(void)r;
	if (i >= 0 && strcmp(m->source[i]->time.state, "ended") == 0)
		tell(u, m, "test/next");
	else if (i >= 0 && strcmp(m->source[i]->time.state, "runs") == 0)
		tell(u, m, "time/pause");
	else
		tell(u, m, "time/run");
}

static void to_done(struct ui *u, const struct model *m, const char *text)
{
	char line[LINE_MAX_LEN + 16];
	if (!*text)
		return;
	snprintf(line, sizeof line, "time/to %s", text);
	tell(u, m, line);
}

static void run_to(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	ui_prompt(u, "to which instant?", "", to_done, NULL);
}

static void event_done(struct ui *u, const struct model *m, const char *text)
{
	char line[LINE_MAX_LEN + 24];
	if (!*text)
		return;
	snprintf(line, sizeof line, "time/run event %s", text);
	tell(u, m, line);
}

static void run_event(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	ui_prompt(u, "until which event (of which node)?", "rstp.change", event_done, NULL);
}

static void speed_done(struct ui *u, const struct model *m, const char *text)
{
	char line[LINE_MAX_LEN + 16];
	if (!*text)
		return;
	snprintf(line, sizeof line, "time/speed %s", text);
	tell(u, m, line);
}

static void run_speed(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	ui_prompt(u, "lab time per time (0: as fast as it goes)", "1", speed_done, NULL);
}

const struct key lead_keys[] = {
	{ '.', ".", "step", "time: to the next instant at which something happens", true, true,
	  run_step },
	{ ',', ",", "back", "time: an instant back", true, true, run_back },
	{ '>', ">", "run", "time: run and stand; after the end of a test, the next one", true, true,
	  run_on },
	{ 'T', "T", NULL, "time: to an instant, forward or back", true, true, run_to },
	{ 'E', "E", NULL, "time: until an event", true, true, run_event },
	{ 'V', "V", NULL, "time: how fast it passes", true, true, run_speed },
	{ 0 },
};

int lead_draw(const struct model *m, struct grid *g, int y)
{
	char text[UNIT_TEXT_LEN];
	int i = model_leader(m);
	if (i < 0)
		return 0;
	const struct lab_time *t = &m->source[i]->time;
	bool ended = strcmp(t->state, "ended") == 0;
	enum style style = !ended ? ST_TITLE : strcmp(t->verdict, "passed") == 0 ? ST_GOOD : ST_BAD;
	return grid_print(g, 0, y, g->w, style, "%s %s", unit_time_text(text, t->now_ns),
			  ended ? t->verdict : t->state) +
	       2;
}
