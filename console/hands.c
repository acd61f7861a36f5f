/* SPDX-License-Identifier: MIT */
/* hands.c - what keys of several pages do. */
#include <stdio.h>

#include "console/ui.h"

static const char *path_of(const struct source *s, const char *ending, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s", s->title[0] ? s->title : s->name, ending);
	for (char *c = buf; *c; c++)
		if (*c == '/' || *c == ' ' || *c == '"')
			*c = '-';
	return buf;
}

void hand_save_config(struct ui *u, const struct model *m, const struct ref *r)
{
	const struct source *s = m->source[r->source];
	char file[NAME_LEN + 8];
	if (!source_can(s, "config/save"))
		ui_say(u, ST_WARN, "%s has no config/save", s->name);
	else
		ui_ask_value(u, r->source, "save configuration as",
			     path_of(s, ".conf", file, sizeof file), "config/save \"%s\"");
}

/* A capture changes nothing of the network, but the source may count it among what does. */
static bool may_capture(struct ui *u, const struct source *s)
{
	const struct command *c = source_command(s, "capture/start");
	if (!c)
		ui_say(u, ST_WARN, "%s has no capture/ commands", s->name);
	else if (c->writes && u->read_only)
		ui_say(u, ST_WARN, "read-only: captures are off");
	return c && !(c->writes && u->read_only);
}

void hand_capture(struct ui *u, const struct model *m, const struct ref *r, const char *what)
{
	const struct source *s = m->source[r->source];
	char file[NAME_LEN + 24], ending[24], template[64];
	if (!may_capture(u, s))
		return;
	snprintf(ending, sizeof ending, "-%s.pcapng", what);
	snprintf(template, sizeof template, "capture/start %s \"%%s\"", what);
	ui_ask_value(u, r->source, "capture to", path_of(s, ending, file, sizeof file), template);
}

void hand_watch(struct ui *u, const struct model *m, const struct ref *r, const char *what)
{
	char words[200] = "";
	if (!may_capture(u, m->source[r->source]))
		return;
	u->host->watch(u->host->ctx, r->source, what, words, sizeof words);
	ui_go(u, PAGE_FRAMES);
	ui_say(u, ST_PLAIN, "%s", words);
}

void hand_wireshark(struct ui *u, const struct model *m, const struct ref *r, const char *what)
{
	char words[200] = "";
	if (!may_capture(u, m->source[r->source]))
		return;
	u->host->wireshark(u->host->ctx, r->source, what, words, sizeof words);
	ui_say(u, ST_PLAIN, "%s", words);
}

void hand_stop_capture(struct ui *u, const struct model *m, const struct ref *r)
{
	if (may_capture(u, m->source[r->source]))
		ui_ask_value(u, r->source, "end which capture (number or all)", "all",
			     "capture/stop %s");
}
