/* SPDX-License-Identifier: MIT */
/* take_fdb.c - what switches say of addresses. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "console/json.h"
#include "console/take.h"
#include "lib/base/ether.h"

enum { KEY_LEN = 40 };

static uint64_t mac_key(const char *text)
{
	uint8_t mac[ETH_ALEN];
	return mac_parse(mac, text) < 0 ? UINT64_MAX : mac_to_u64(mac);
}

static bool read_address(struct json *j, struct address *a, int64_t now)
{
	char key[KEY_LEN], word[24];
	uint64_t vlan = 0, mac = UINT64_MAX;
	*a = (struct address){ .kind = 'l' };
	if (!json_object(j))
		return false;
	while (json_member(j, key, sizeof key)) {
		if (!strcmp(key, "mac")) {
			json_str(j, word, sizeof word);
			mac = mac_key(word);
		} else if (!strcmp(key, "vlan"))
			vlan = json_u64(j);
		else if (!strcmp(key, "port"))
			a->port = (uint32_t)json_u64(j);
		else if (!strcmp(key, "age_ns"))
			a->heard_ns = now - json_i64(j);
		else if (!strcmp(key, "kind")) {
			json_str(j, word, sizeof word);
			a->kind = !strcmp(word, "static")   ? 's'
				  : !strcmp(word, "sticky") ? 'k'
							    : 'l';
		} else
			json_skip(j);
	}
	a->key = vlan << 48 | mac;
	return mac != UINT64_MAX && vlan < VID_COUNT;
}

static int by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct address *)a)->key, y = ((const struct address *)b)->key;
	return (x > y) - (x < y);
}

struct address_list {
	struct address *v;
	size_t count, room;
	bool unsorted;
};

static int address_add(struct address_list *l, const struct address *a)
{
	if (l->count == ADDRESSES_MAX)
		return 0; /* fdb/stats tells how many there are */
	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 256;
		struct address *v = realloc(l->v, room * sizeof *v);
		if (!v)
			return -ENOMEM;
		l->v = v;
		l->room = room;
	}
	l->unsorted = l->unsorted || (l->count && l->v[l->count - 1].key > a->key);
	l->v[l->count++] = *a;
	return 0;
}

/* What was marked stays marked; what is on another port now without a word has moved as well. */
static void carry_marks(const struct source *s, struct address_list *l, int64_t now)
{
	size_t i = 0;
	for (size_t k = 0; k < l->count; k++) {
		struct address *a = &l->v[k];
		while (i < s->address_count && s->addresses[i].key < a->key)
			i++;
		if (i == s->address_count || s->addresses[i].key != a->key)
			continue;
		const struct address *old = &s->addresses[i];
		a->moves = old->moves;
		a->moved_ns = old->moved_ns;
		a->flaps = old->flaps;
		if (old->port != a->port) {
			a->moves = (uint16_t)(a->moves + (a->moves < UINT16_MAX));
			a->moved_ns = now;
		}
	}
}

int take_fdb(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	struct json j;
	char key[KEY_LEN];
	struct address_list l = { .count = 0 };
	int r = 0;
	json_init(&j, text, len);
	if (json_object(&j))
		while (!r && json_member(&j, key, sizeof key)) {
			if (strcmp(key, "entries") != 0 || json_peek(&j) != '[') {
				json_skip(&j);
				continue;
			}
			json_list(&j);
			while (!r && json_item(&j)) {
				struct address a;
				if (read_address(&j, &a, now))
					r = address_add(&l, &a);
			}
		}
	if (!r && !json_end(&j))
		r = -EINVAL;
	if (r < 0) {
		free(l.v);
		return r;
	}
	if (l.unsorted)
		qsort(l.v, l.count, sizeof *l.v, by_key);
	carry_marks(s, &l, now);
	free(s->addresses);
	s->addresses = l.v;
	s->address_count = l.count;
	s->address_room = l.room;
	s->addresses_at = now;
	s->address_gen++;
	m->gen++;
	return 0;
}

int take_fdb_stats(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	struct json j;
	char key[KEY_LEN];
	(void)now;
	json_init(&j, text, len);
	if (json_object(&j))
		while (json_member(&j, key, sizeof key)) {
			if (!strcmp(key, "entries"))
				s->addresses_told = json_u64(&j);
			else
				json_skip(&j);
		}
	m->gen++;
	return json_end(&j) ? 0 : -EINVAL;
}
