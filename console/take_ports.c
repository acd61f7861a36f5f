/* SPDX-License-Identifier: MIT */
/* take_ports.c - what switches say of their ports and of the spanning tree. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/json.h"
#include "console/take.h"

enum { KEY_LEN = 40 };

/* ---- ports: by number; listings come in that order, so the next one is mostly where expected ----
 */

static struct port *port_slot(struct source *s, uint32_t number, size_t *hint)
{
	if (*hint < s->port_count && s->ports[*hint].number == number)
		return &s->ports[(*hint)++];
	struct port *p = source_port(s, number);
	if (p) {
		*hint = (size_t)(p - s->ports) + 1;
		return p;
	}
	if (s->port_count == PORTS_MAX)
		return NULL;
	if (s->port_count == s->port_room) {
		size_t room = s->port_room ? 2 * s->port_room : 32;
		struct port *more = realloc(s->ports, room * sizeof *more);
		if (!more)
			return NULL;
		s->ports = more;
		s->port_room = room;
	}
	size_t at = s->port_count;
	while (at > 0 && s->ports[at - 1].number > number)
		at--;
	memmove(s->ports + at + 1, s->ports + at, (s->port_count - at) * sizeof *s->ports);
	s->ports[at] = (struct port){ .number = number, .stamp = s->stamp, .up = true };
	s->port_count++;
	*hint = at + 1;
	return &s->ports[at];
}

static void forget_unlisted(struct source *s)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->port_count; i++)
		if (s->ports[i].stamp == s->stamp)
			s->ports[kept++] = s->ports[i];
	s->port_count = kept;
}

/* One object of a list of ports: the number is needed before the other facts have a place to go,
 * and may come anywhere: look for it first. */
static struct port *port_of_object(struct source *s, const struct json *at, size_t *hint)
{
	struct json look = *at;
	char key[KEY_LEN];
	if (!json_object(&look))
		return NULL;
	while (json_member(&look, key, sizeof key)) {
		if (strcmp(key, "port") == 0 && json_peek(&look) >= '0' &&
		    json_peek(&look) <= '9') {
			uint64_t n = json_u64(&look);
			return n < PORTS_MAX ? port_slot(s, (uint32_t)n, hint) : NULL;
		}
		json_skip(&look);
	}
	return NULL;
}

typedef void port_fn(struct json *j, struct port *p, int64_t arg); /* all members of the object */

/* {"ports":[{"port":N,...},...]} and other members that `outer` (may be NULL) reads. */
static int take_ports(struct source *s, const char *text, size_t len, port_fn *read, int64_t arg,
		      bool (*outer)(struct json *, struct source *, const char *))
{
	struct json j;
	char key[KEY_LEN];
	size_t hint = 0;
	json_init(&j, text, len);
	if (!json_object(&j))
		return -EINVAL;
	while (json_member(&j, key, sizeof key)) {
		if (strcmp(key, "ports") != 0 || json_peek(&j) != '[') {
			if (!outer || !outer(&j, s, key))
				json_skip(&j);
			continue;
		}
		json_list(&j);
		while (json_item(&j)) {
			struct port *p = port_of_object(s, &j, &hint);
			if (!p)
				json_skip(&j);
			else if (json_object(&j))
				read(&j, p, arg);
		}
	}
	return json_end(&j) ? 0 : -EINVAL;
}

/* ---- port/allprint ---- */

static void read_endpoints(struct json *j, struct port *p)
{
	char key[KEY_LEN];
	p->endpoints = 0;
	p->module[0] = '\0';
	p->lost = 0;
	if (!json_list(j))
		return;
	while (json_item(j)) {
		bool first = p->endpoints++ == 0;
		if (!json_object(j))
			continue;
		while (json_member(j, key, sizeof key)) {
			if (first && !strcmp(key, "module"))
				json_str(j, p->module, sizeof p->module);
			else if (first && !strcmp(key, "descr"))
				json_str(j, p->descr, sizeof p->descr);
			else if (!strcmp(key, "lost"))
				p->lost += json_u64(j);
			else
				json_skip(j);
		}
	}
}

static void read_print(struct json *j, struct port *p, int64_t stamp)
{
	char key[KEY_LEN];
	p->stamp = (uint32_t)stamp;
	while (json_member(j, key, sizeof key)) {
		if (!strcmp(key, "name"))
			json_str(j, p->name, sizeof p->name);
		else if (!strcmp(key, "active"))
			p->active = json_bool(j);
		else if (!strcmp(key, "endpoints"))
			read_endpoints(j, p);
		else
			json_skip(j);
	}
}

int take_port_print(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	(void)now;
	s->stamp++;
	for (size_t i = 0; i < s->port_count; i++)
		s->ports[i].descr[0] = '\0';
	int r = take_ports(s, text, len, read_print, s->stamp, NULL);
	if (!r)
		forget_unlisted(s);
	m->gen++;
	return r;
}

/* ---- port/config ---- */

static void read_vlans(struct json *j, char *buf, size_t size)
{
	size_t n = 0;
	buf[0] = '\0';
	if (json_peek(j) != '[') {
		json_text(j, buf, size);
		return;
	}
	json_list(j);
	while (json_item(j)) {
		char one[SETTING_LEN];
		json_text(j, one, sizeof one);
		size_t len = strlen(one);
		if (n + len + 2 > size)
			continue;
		if (n)
			buf[n++] = ',';
		memcpy(buf + n, one, len + 1);
		n += len;
	}
}

static void read_config(struct json *j, struct port *p, int64_t unused)
{
	char key[KEY_LEN];
	(void)unused;
	while (json_member(j, key, sizeof key)) {
		if (!strcmp(key, "name"))
			json_str(j, p->name, sizeof p->name);
		else if (!strcmp(key, "mode"))
			json_str(j, p->mode, sizeof p->mode);
		else if (!strcmp(key, "pvid"))
			p->pvid = (uint16_t)json_u64(j);
		else if (!strcmp(key, "allow"))
			read_vlans(j, p->allow, sizeof p->allow);
		else if (!strcmp(key, "up"))
			p->up = json_bool(j);
		else if (!strcmp(key, "descr") && !p->endpoints)
			json_str(j, p->descr, sizeof p->descr);
		else
			json_skip(j);
	}
}

int take_port_config(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	(void)now;
	m->gen++;
	return take_ports(s, text, len, read_config, 0, NULL);
}

/* ---- port/stats ---- */

static void read_stats(struct json *j, struct port *p, int64_t span)
{
	char key[KEY_LEN];
	uint64_t n[COUNTERS] = { 0 };
	while (json_member(j, key, sizeof key)) {
		if (counter_read(j, key, n))
			continue;
		if (!strcmp(key, "drops"))
			take_drops(j, &p->drops);
		else
			json_skip(j);
	}
	flow_sample(&p->rx, n[0], n[1], span);
	flow_sample(&p->tx, n[2], n[3], span);
	if (span > 0)
		history_add(p->history, p->rx.fps + p->tx.fps);
}

int take_port_stats(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	int64_t span = s->stats_at ? now - s->stats_at : 0;
	int r = take_ports(s, text, len, read_stats, span, NULL);
	s->has_rates = span > 0;
	s->stats_at = now;
	m->gen++;
	return r;
}

/* ---- rstp/print ---- */

static uint8_t word_index(const char *word, const char *(*name)(unsigned), unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		if (strcmp(name(i), word) == 0)
			return (uint8_t)i;
	return 0;
}

/* The address in a bridge identifier (802.1D-2004 9.2.5: its last six bytes), as MACs are written.
 */
static void bridge_mac(const char *id, char *mac, size_t size)
{
	char hex[48];
	size_t n = 0;
	for (; *id && n < sizeof hex; id++)
		if (isxdigit((unsigned char)*id))
			hex[n++] = (char)tolower((unsigned char)*id);
	mac[0] = '\0';
	if (n >= 12) {
		const char *h = hex + n - 12;
		snprintf(mac, size, "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", h, h + 2, h + 4, h + 6, h + 8,
			 h + 10);
	}
}

static void read_rstp(struct json *j, struct port *p, int64_t unused)
{
	char key[KEY_LEN], word[24];
	(void)unused;
	while (json_member(j, key, sizeof key)) {
		if (!strcmp(key, "role")) {
			json_str(j, word, sizeof word);
			p->role = word_index(word, stp_role_name, STP_ROLES);
		} else if (!strcmp(key, "state")) {
			json_str(j, word, sizeof word);
			p->state = word_index(word, stp_state_name, STP_STATES);
		} else if (!strcmp(key, "designated_bridge")) {
			char id[48];
			json_text(j, id, sizeof id);
			bridge_mac(id, p->designated, sizeof p->designated);
		} else if (!strcmp(key, "cost"))
			p->cost = (uint32_t)json_u64(j);
		else
			json_skip(j);
	}
}

static bool rstp_outer(struct json *j, struct source *s, const char *key)
{
	if (!strcmp(key, "bridge"))
		json_text(j, s->bridge, sizeof s->bridge);
	else if (!strcmp(key, "root"))
		json_text(j, s->root, sizeof s->root);
	else if (!strcmp(key, "root_port"))
		s->root_port = (uint32_t)json_u64(j);
	else if (!strcmp(key, "enabled"))
		s->rstp_on = json_bool(j);
	else
		return false;
	return true;
}

int take_rstp(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	(void)now;
	s->rstp = s->rstp_on = true;
	m->gen++;
	return take_ports(s, text, len, read_rstp, 0, rstp_outer);
}
