/* SPDX-License-Identifier: MIT */
/* model.c - sources and events. */
#include "console/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/event.h"

int model_init(struct model *m)
{
	*m = (struct model){ .gen = 1 };
	m->events = calloc(EVENTS_MAX, sizeof *m->events);
	m->frames = calloc(FRAMES_MAX, sizeof *m->frames);
	if (m->events && m->frames)
		return 0;
	model_fini(m);
	return -ENOMEM;
}

static void source_free(struct source *s)
{
	free(s->commands);
	free(s->config);
	free(s->ports);
	free(s->addresses);
	free(s);
}

void model_fini(struct model *m)
{
	for (unsigned i = 0; i < m->source_count; i++)
		source_free(m->source[i]);
	free(m->events);
	free(m->frames);
	*m = (struct model){ 0 };
}

static bool name_is_taken(const struct model *m, const char *name)
{
	for (unsigned i = 0; i < m->source_count; i++)
		if (strcmp(m->source[i]->name, name) == 0)
			return true;
	return false;
}

struct source *model_add(struct model *m, const char *name, const char *lab, const char *path)
{
	char unique[NAME_LEN];
	if (m->source_count == SOURCES_MAX)
		return NULL;
	struct source *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	snprintf(unique, sizeof unique, "%s", name);
	if (*lab && name_is_taken(m, name))
		snprintf(unique, sizeof unique, "%s/%s", lab, name);
	for (unsigned i = 2; name_is_taken(m, unique) && i < SOURCES_MAX + 2; i++)
		snprintf(unique, sizeof unique, "%.50s.%u", name, i);
	snprintf(s->name, sizeof s->name, "%s", unique);
	snprintf(s->lab, sizeof s->lab, "%s", lab);
	snprintf(s->path, sizeof s->path, "%s", path);
	s->idx = m->source_count;
	m->source[m->source_count++] = s;
	m->gen++;
	return s;
}

void model_set_state(struct model *m, struct source *s, enum source_state state, const char *why,
		     int64_t now)
{
	if (s->state != state || !s->since_ns)
		s->since_ns = now;
	else if (strcmp(s->why, why) == 0)
		return;
	s->state = state;
	snprintf(s->why, sizeof s->why, "%s", why);
	m->gen++;
}

/* ---- look-ups ---- */

const struct command *source_command(const struct source *s, const char *path)
{
	for (unsigned i = 0; i < s->command_count; i++)
		if (!s->commands[i].menu && strcmp(s->commands[i].path, path) == 0)
			return &s->commands[i];
	return NULL;
}

bool source_can(const struct source *s, const char *path)
{
	return source_command(s, path);
}

struct port *source_port(const struct source *s, uint32_t number)
{
	size_t low = 0, high = s->port_count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (s->ports[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->port_count && s->ports[low].number == number ? &s->ports[low] : NULL;
}

const struct port *source_port_named(const struct source *s, const char *name)
{
	for (size_t i = 0; i < s->port_count; i++)
		if (strcmp(s->ports[i].name, name) == 0)
			return &s->ports[i];
	return NULL;
}

const char *side_setting(const struct side *s, const char *key)
{
	for (unsigned i = 0; i < s->count; i++)
		if (strcmp(s->set[i].key, key) == 0)
			return s->set[i].value;
	return "";
}

const char *source_state_name(enum source_state s)
{
	switch (s) {
	case SRC_CONNECTING:
		return "asking";
	case SRC_UP:
		return "up";
	case SRC_SLOW:
		return "slow";
	case SRC_DEAD:
		return "dead";
	}
	return "";
}

int model_leader(const struct model *m)
{
	for (unsigned i = 0; i < m->source_count; i++)
		if (m->source[i]->kind == KIND_LAB && m->source[i]->time.known &&
		    m->source[i]->state != SRC_DEAD)
			return (int)i;
	return -1;
}

const char *source_kind_name(enum source_kind k)
{
	switch (k) {
	case KIND_UNKNOWN:
		return "?";
	case KIND_SWITCH:
		return "switch";
	case KIND_WIRE:
		return "wire";
	case KIND_LAB:
		return "lab";
	case KIND_OTHER:
		return "other";
	case KIND_FOREIGN:
		return "vde";
	}
	return "";
}

const char *stp_role_name(unsigned role)
{
	static const char *const names[STP_ROLES] = { "",           "disabled",  "root",
						      "designated", "alternate", "backup" };
	return role < STP_ROLES ? names[role] : "";
}

const char *stp_state_name(unsigned state)
{
	static const char *const names[STP_STATES] = { "", "discarding", "learning", "forwarding" };
	return state < STP_STATES ? names[state] : "";
}

/* ---- events ---- */

void model_event(struct model *m, struct source *s, int kind, const char *text, int64_t at_ns)
{
	uint64_t seq = ++m->event_seq;
	struct event_line *e = &m->events[seq % EVENTS_MAX];
	*e = (struct event_line){ .seq = seq,
				  .at_ns = at_ns,
				  .wall_ns = m->wall_ns - (m->now - at_ns),
				  .source = s->idx,
				  .kind = (int16_t)kind };
	snprintf(e->text, sizeof e->text, "%s", text);
	m->gen++;
}

uint64_t model_first_event(const struct model *m)
{
	return m->event_seq < EVENTS_MAX ? 1 : m->event_seq - EVENTS_MAX + 1;
}

const struct event_line *model_event_at(const struct model *m, uint64_t seq)
{
	return seq && seq <= m->event_seq && seq >= model_first_event(m)
		       ? &m->events[seq % EVENTS_MAX]
		       : NULL;
}

struct frame_line *model_frame(struct model *m)
{
	uint64_t seq = ++m->frame_seq;
	struct frame_line *f = &m->frames[seq % FRAMES_MAX];
	*f = (struct frame_line){ .seq = seq };
	m->gen++;
	return f;
}

uint64_t model_first_frame(const struct model *m)
{
	return m->frame_seq < FRAMES_MAX ? 1 : m->frame_seq - FRAMES_MAX + 1;
}

const struct frame_line *model_frame_at(const struct model *m, uint64_t seq)
{
	return seq && seq <= m->frame_seq && seq >= model_first_frame(m)
		       ? &m->frames[seq % FRAMES_MAX]
		       : NULL;
}
