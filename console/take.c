/* SPDX-License-Identifier: MIT */
/* take.c - what every source says: its commands, who it is, its events. */
#include "console/take.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/json.h"
#include "lib/base/ether.h"
#include "lib/base/event.h"

enum { KEY_LEN = 40, MIN_SPAN_NS = 10000000 };

/* ---- shared ---- */

void flow_sample(struct flow *f, uint64_t frames, uint64_t bytes, int64_t span)
{
	uint64_t us = span > 0 ? (uint64_t)span / 1000 : 0;
	bool went_back =
		frames < f->frames || bytes < f->bytes; /* set to zero, or another process */
	if (us >= MIN_SPAN_NS / 1000) {
		f->fps = went_back ? 0 : (frames - f->frames) * 1000000 / us;
		f->bps = went_back ? 0 : (bytes - f->bytes) * 8000000 / us;
	}
	f->frames = frames;
	f->bytes = bytes;
}

void history_add(uint32_t *history, uint64_t v)
{
	memmove(history, history + 1, (HISTORY_LEN - 1) * sizeof *history);
	history[HISTORY_LEN - 1] = v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

bool counter_read(struct json *j, const char *key, uint64_t n[static COUNTERS])
{
	static const char *const names[COUNTERS] = { "rx_frames", "rx_bytes", "tx_frames",
						     "tx_bytes" };
	for (int i = 0; i < COUNTERS; i++)
		if (strcmp(key, names[i]) == 0) {
			n[i] = json_u64(j);
			return true;
		}
	return false;
}

static int reason_of(const char *key)
{
	for (int i = 0; i < DROP_REASONS; i++)
		if (strcmp(drop_name((enum drop_reason)i), key) == 0)
			return i;
	return -1;
}

void take_drops(struct json *j, struct drops *d)
{
	char key[KEY_LEN];
	uint64_t before = d->sum;
	*d = (struct drops){ .before = before };
	if (!json_object(j))
		return;
	for (int guess = 0; json_member(j, key, sizeof key); guess++) {
		bool right = guess < DROP_REASONS &&
			     strcmp(drop_name((enum drop_reason)guess), key) == 0;
		int r = right ? guess : reason_of(key);
		uint64_t n = json_u64(j);
		d->sum += n;
		*(r < 0 ? &d->other : &d->by[r]) += n;
	}
}

/* ---- commands ---- */

static void read_command(struct json *j, struct command *c)
{
	char key[KEY_LEN];
	*c = (struct command){ .writes = true }; /* what does not say so may change something */
	if (!json_object(j))
		return;
	while (json_member(j, key, sizeof key)) {
		if (!strcmp(key, "path"))
			json_str(j, c->path, sizeof c->path);
		else if (!strcmp(key, "syntax"))
			json_str(j, c->syntax, sizeof c->syntax);
		else if (!strcmp(key, "help"))
			json_str(j, c->help, sizeof c->help);
		else if (!strcmp(key, "writes"))
			c->writes = json_bool(j);
		else if (!strcmp(key, "menu"))
			c->menu = json_bool(j);
		else
			json_skip(j);
	}
}

static enum source_kind kind_of(const struct source *s)
{
	if (source_can(s, "port/stats"))
		return KIND_SWITCH;
	if (source_can(s, "stats") && source_can(s, "cut"))
		return KIND_WIRE;
	return source_can(s, "time/step") ? KIND_LAB : KIND_OTHER;
}

static void read_commands(struct json *j, struct source *s)
{
	json_list(j);
	while (json_item(j)) {
		struct command c;
		read_command(j, &c);
		if (c.path[0] && s->command_count < COMMANDS_MAX)
			s->commands[s->command_count++] = c;
	}
}

/* Most of the room is not needed: there may be a thousand sources. */
static void keep_what_is_used(struct source *s)
{
	struct command *c = realloc(s->commands, (s->command_count + 1) * sizeof *c);
	s->commands = c ? c : s->commands;
}

static int forget_commands(struct source *s)
{
	free(s->commands);
	s->commands = calloc(COMMANDS_MAX, sizeof *s->commands);
	s->command_count = 0;
	return s->commands ? 0 : -ENOMEM;
}

int take_help(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	struct json j;
	char key[KEY_LEN];
	(void)now;
	if (forget_commands(s) < 0)
		return -ENOMEM;
	json_init(&j, text, len);
	if (json_object(&j))
		while (json_member(&j, key, sizeof key)) {
			if (strcmp(key, "commands") == 0 && json_peek(&j) == '[')
				read_commands(&j, s);
			else
				json_skip(&j);
		}
	keep_what_is_used(s);
	s->kind = kind_of(s);
	m->gen++;
	return json_end(&j) ? 0 : -EINVAL;
}

/* VDE's own servers speak no JSON; their columns are read up to the syntax. Which of their commands
 * write is not told, so all do. */
int take_help_text(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	const char *end = text + len;
	bool head = true;
	(void)now;
	if (forget_commands(s) < 0)
		return -ENOMEM;
	for (const char *at = text; at < end && s->command_count < COMMANDS_MAX;) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		int n = (int)strcspn(at, " \t\n"), line = (int)((nl ? nl : end) - at);
		struct command *c = &s->commands[s->command_count];
		if (head) {
			head = strncmp(at, "------------", 12) != 0;
		} else if (n > 0 && n <= line) {
			c->writes = true;
			c->menu = memmem(at, (size_t)line, "============", 12);
			snprintf(c->path, sizeof c->path, "%.*s", n, at);
			int blanks = (int)strspn(at + n, " ");
			snprintf(c->syntax, sizeof c->syntax, "%.*s", line - n - blanks,
				 at + n + blanks);
			s->command_count++;
		}
		at = nl ? nl + 1 : end;
	}
	keep_what_is_used(s);
	s->kind = KIND_FOREIGN;
	m->gen++;
	return 0;
}

/* ---- showinfo ---- */

static void read_settings(struct json *j, struct side *side)
{
	struct setting one;
	side->count = 0;
	if (!json_object(j))
		return;
	while (json_member(j, one.key, sizeof one.key)) {
		json_text(j, one.value, sizeof one.value);
		if (side->count < SETTINGS_MAX)
			side->set[side->count++] = one;
	}
}

static bool read_wire_fact(struct json *j, struct wire_model *w, const char *key)
{
	if (!strcmp(key, "state"))
		json_str(j, w->state, sizeof w->state);
	else if (!strcmp(key, "carrier_a"))
		w->carrier_a = json_bool(j);
	else if (!strcmp(key, "carrier_b"))
		w->carrier_b = json_bool(j);
	else if (!strcmp(key, "unfaithful"))
		w->unfaithful = json_bool(j);
	else if (!strcmp(key, "ab"))
		read_settings(j, &w->side[0]);
	else if (!strcmp(key, "ba"))
		read_settings(j, &w->side[1]);
	else
		return false;
	return true;
}

int take_showinfo(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	struct json j;
	char key[KEY_LEN];
	json_init(&j, text, len);
	if (json_object(&j))
		while (json_member(&j, key, sizeof key)) {
			if (!strcmp(key, "name"))
				json_str(&j, s->title, sizeof s->title);
			else if (!strcmp(key, "version"))
				json_str(&j, s->version, sizeof s->version);
			else if (!strcmp(key, "mac"))
				json_str(&j, s->mac, sizeof s->mac);
			else if (!strcmp(key, "pid"))
				s->pid = json_u64(&j);
			else if (!strcmp(key, "uptime_ns")) {
				s->uptime_ns = json_i64(&j);
				s->uptime_at = now;
			} else if (!read_wire_fact(&j, &s->wire, key))
				json_skip(&j);
		}
	m->gen++;
	return json_end(&j) ? 0 : -EINVAL;
}

/* ---- events ---- */

struct told { /* the facts of a JSON event */
	char event[24], mac[24], name[NAME_LEN], text[100];
	uint64_t port, from, vlan, lost;
	int64_t at;
};

static int read_told(struct told *t, const char *text, size_t len)
{
	struct json j;
	char key[KEY_LEN];
	*t = (struct told){ .at = 0 };
	json_init(&j, text, len);
	if (json_object(&j))
		while (json_member(&j, key, sizeof key)) {
			if (!strcmp(key, "event"))
				json_str(&j, t->event, sizeof t->event);
			else if (!strcmp(key, "mac"))
				json_str(&j, t->mac, sizeof t->mac);
			else if (!strcmp(key, "name"))
				json_str(&j, t->name, sizeof t->name);
			else if (!strcmp(key, "text"))
				json_str(&j, t->text, sizeof t->text);
			else if (!strcmp(key, "port"))
				t->port = json_u64(&j);
			else if (!strcmp(key, "from_port"))
				t->from = json_u64(&j);
			else if (!strcmp(key, "vlan"))
				t->vlan = json_u64(&j);
			else if (!strcmp(key, "lost"))
				t->lost = json_u64(&j);
			else if (!strcmp(key, "at_ns"))
				t->at = json_i64(&j);
			else
				json_skip(&j);
		}
	return json_end(&j) && t->event[0] ? 0 : -EINVAL;
}

/* "port.up port 3 \"up\" vlan 10 02:..:01 from port 2 text" */
static void tell(const struct told *t, char *line, size_t size)
{
	size_t n = (size_t)snprintf(line, size, "%s", t->event);
#define MORE(...) n += n < size ? (size_t)snprintf(line + n, size - n, __VA_ARGS__) : 0
	if (t->port)
		MORE(" port %u", (unsigned)t->port);
	if (t->name[0])
		MORE(" %s", t->name);
	if (t->mac[0])
		MORE(" %s", t->mac);
	if (t->vlan)
		MORE(" vlan %u", (unsigned)t->vlan);
	if (t->from)
		MORE(" from port %u", (unsigned)t->from);
	if (t->text[0])
		MORE(" %s", t->text);
	if (t->lost)
		MORE(" %llu", (unsigned long long)t->lost);
#undef MORE
}

/* Marks the address that moved; how it came to be elsewhere is told by the next listing. */
static void mark_move(struct source *s, const struct told *t, int64_t now)
{
	uint8_t mac[ETH_ALEN];
	if (mac_parse(mac, t->mac) < 0)
		return;
	uint64_t key = (t->vlan & 0xfff) << 48 | mac_to_u64(mac);
	size_t low = 0, high = s->address_count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (s->addresses[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == s->address_count || s->addresses[low].key != key)
		return;
	struct address *a = &s->addresses[low];
	a->moves = (uint16_t)(a->moves + (a->moves < UINT16_MAX));
	a->moved_ns = now;
	a->flaps = a->flaps || strcmp(t->event, "fdb.flap") == 0;
	if (strcmp(t->event, "fdb.move") == 0)
		a->port = (uint32_t)t->port;
	s->address_gen++;
}

/* "3277 event.lost N": the server had no room for N events. */
static int take_text_event(struct model *m, struct source *s, const char *text, int64_t now)
{
	unsigned long long lost;
	if (text[0] != '3')
		return -EINVAL;
	text += strcspn(text, " ");
	text += *text == ' ';
	if (sscanf(text, "event.lost %llu", &lost) == 1)
		m->events_lost += lost;
	char name[24];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(text, " "), text);
	model_event(m, s, event_kind_of(name), text, now);
	return 0;
}

int take_event(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	struct told t;
	char line[256];
	if (!len || text[0] != '{')
		return take_text_event(m, s, text, now);
	int r = read_told(&t, text, len);
	if (r < 0)
		return r;
	tell(&t, line, sizeof line);
	m->events_lost += t.lost;
	int kind = event_kind_of(t.event);
	if (kind == EVENT_FDB_MOVE || kind == EVENT_FDB_FLAP)
		mark_move(s, &t, now);
	/* Its time is CLOCK_MONOTONIC of the same machine; one from elsewhere or in the future is
	 * ours. */
	bool sane = t.at > 0 && t.at <= now && now - t.at < INT64_C(60000000000);
	model_event(m, s, kind < 0 ? -1 : kind, line, sane ? t.at : now);
	return 0;
}
