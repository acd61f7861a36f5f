/* SPDX-License-Identifier: MIT */
/* portkeys.c - the table of port settings, and reading and showing them by it. */
#include "switch/core/portkeys.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/units.h"

enum key_kind {
	KEY_YES_NO,   /* bool */
	KEY_COUNT,    /* uint32_t, min..max */
	KEY_WORDS,    /* char[max] */
	KEY_CHOICE,   /* uint8_t: index of one of words[] */
	KEY_PVID,     /* uint16_t: 0..4094 or VID_NONE */
	KEY_VIDS,     /* struct vidset, members min..4094 */
	KEY_RESERVED, /* uint8_t[RESERVED_ADDRESSES] */
	KEY_SHORT,    /* a short way to set `max` other keys; never shown */
};

struct port_key {
	const char *name;
	enum key_kind kind;
	size_t at; /* in struct port_config */
	uint32_t min, max;
	const char *const *words; /* ended by NULL */
};

static const char *const mode_words[] = { "transparent",   "access",
					  "trunk",         "hybrid",
					  "native-tagged", "native-untagged",
					  "dot1q-tunnel",  NULL };
static_assert(sizeof mode_words / sizeof *mode_words == VLAN_MODES + 1, "a word for each mode");
static const char *const priotags_words[] = { "never", "if-nonzero", "always", NULL };
static const char *const accept_words[] = { "all", "tagged", "untagged", NULL };
static const char *const limit_words[] = { "drop", "shutdown", NULL };
static const char *const tpid_words[] = { "88a8", "8100", NULL };
static const char *const reflect_words[] = { "off", "on", "auto", NULL };
static const char *const p2p_words[] = { "auto", "yes", "no", NULL };

#define AT(member) offsetof(struct port_config, member)
#define ROOM(member) sizeof(((struct port_config *)NULL)->member)

static const struct port_key keys[] = {
	{ "name", KEY_WORDS, AT(name), 0, ROOM(name), NULL },
	{ "vlan", KEY_SHORT, AT(vlan.pvid), 0, VLAN_ACCESS, NULL },
	{ "trunk", KEY_SHORT, AT(vlan.allow), 1, VLAN_TRUNK, NULL },
	{ "mode", KEY_CHOICE, AT(vlan.mode), 0, 0, mode_words },
	{ "pvid", KEY_PVID, AT(vlan.pvid), 0, 0, NULL },
	{ "allow", KEY_VIDS, AT(vlan.allow), 1, 0, NULL },
	{ "untagged", KEY_VIDS, AT(vlan.untagged), 0, 0, NULL },
	{ "priotags", KEY_CHOICE, AT(vlan.priotags), 0, 0, priotags_words },
	{ "cvlans", KEY_VIDS, AT(vlan.cvlans), 0, 0, NULL },
	{ "tpid", KEY_CHOICE, AT(vlan.tpid), 0, 0, tpid_words },
	{ "accept", KEY_CHOICE, AT(vlan.accept), 0, 0, accept_words },
	{ "learn", KEY_YES_NO, AT(learn), 0, 0, NULL },
	{ "limit", KEY_COUNT, AT(limit), 0, FDB_MAX_MAX, NULL },
	{ "limit-action", KEY_CHOICE, AT(limit_action), 0, 0, limit_words },
	{ "reserved", KEY_RESERVED, AT(reserved), 0, 0, NULL },
	{ "isolated", KEY_YES_NO, AT(isolated), 0, 0, NULL },
	{ "reflect", KEY_CHOICE, AT(reflect), 0, 0, reflect_words },
	{ "promisc", KEY_YES_NO, AT(promisc), 0, 0, NULL },
	{ "edge", KEY_YES_NO, AT(tree.edge), 0, 0, NULL },
	{ "auto-edge", KEY_YES_NO, AT(tree.auto_edge), 0, 0, NULL },
	{ "p2p", KEY_CHOICE, AT(tree.p2p), 0, 0, p2p_words },
	{ "cost", KEY_COUNT, AT(tree.cost), 0, RSTP_COST_MAX, NULL },
	{ "priority", KEY_COUNT, AT(tree.priority), 0, 240, NULL },
	{ "bpdu-guard", KEY_YES_NO, AT(tree.bpdu_guard), 0, 0, NULL },
	{ "bpdu-filter", KEY_YES_NO, AT(tree.bpdu_filter), 0, 0, NULL },
	{ "root-guard", KEY_YES_NO, AT(tree.root_guard), 0, 0, NULL },
	{ "loop-guard", KEY_YES_NO, AT(tree.loop_guard), 0, 0, NULL },
	{ "restricted-role", KEY_YES_NO, AT(tree.restricted_role), 0, 0, NULL },
	{ "restricted-tcn", KEY_YES_NO, AT(tree.restricted_tcn), 0, 0, NULL },
	{ "queue", KEY_COUNT, AT(queue), 0, PORT_QUEUE_MAX, NULL },
	{ "up", KEY_YES_NO, AT(up), 0, 0, NULL },
	{ "descr", KEY_WORDS, AT(descr), 0, ROOM(descr), NULL },
};
enum { KEYS = sizeof keys / sizeof *keys, KEY_NAME_MAX = 24 };

const char *port_key_at(const void *unused, size_t i)
{
	(void)unused;
	return i < KEYS ? keys[i].name : NULL;
}

static char as_written(char c)
{
	return c == '_' ? '-' : c;
}

static bool same_key(const char *a, const char *b)
{
	for (; *a && as_written(*a) == as_written(*b); a++)
		b++;
	return !*a && !*b;
}

static const struct port_key *find(const char *name)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (same_key(keys[i].name, name))
			return &keys[i];
	return NULL;
}

bool port_key_known(const char *key)
{
	return find(key);
}

/* --- reading --- */

static int set_words(const struct port_key *k, char *text, const char *value, struct err *e)
{
	size_t n = strlen(value);
	if (n >= k->max)
		return err_set(e, -EINVAL, "longer than %u bytes", k->max - 1);
	memset(text, 0, k->max);
	memcpy(text, value, n + 1);
	return 0;
}

static int set_count(const struct port_key *k, uint32_t *to, const char *value, struct err *e)
{
	uint64_t n;
	int r = unit_u64(value, k->min, k->max, &n, e);
	if (!r)
		*to = (uint32_t)n;
	return r;
}

static const char *word_at(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

static int set_choice(const struct port_key *k, uint8_t *to, const char *value, struct err *e)
{
	for (uint8_t i = 0; k->words[i]; i++)
		if (same_key(k->words[i], value)) {
			*to = i;
			return 0;
		}
	const char *near = nearest_word(value, word_at, k->words);
	if (near)
		return err_set(e, -EINVAL, "\"%s\" is none of its words; did you mean %s?", value,
			       near);
	return err_set(e, -EINVAL, "\"%s\" is none of its words: %s, %s, ...", value, k->words[0],
		       k->words[1]);
}

static int set_pvid(uint16_t *to, const char *value, struct err *e)
{
	uint64_t n = VID_NONE;
	int r = strcmp(value, "none") ? unit_u64(value, 0, VID_MAX, &n, e) : 0;
	if (!r)
		*to = (uint16_t)n;
	return r;
}

/* vlan=10 is mode=access pvid=10; trunk=LIST is mode=trunk allow=LIST: max is the mode. */
static int set_short(const struct port_key *k, struct port_config *c, const char *value,
		     struct err *e)
{
	int r = k->max == VLAN_ACCESS ? set_pvid(&c->vlan.pvid, value, e)
				      : vidset_parse(&c->vlan.allow, value, k->min, e);
	if (!r)
		c->vlan.mode = (uint8_t)k->max;
	return r;
}

static int set(const struct port_key *k, struct port_config *c, const char *value, struct err *e)
{
	void *at = (char *)c + k->at;
	switch (k->kind) {
	case KEY_YES_NO:
		return unit_bool(value, at, e);
	case KEY_COUNT:
		return set_count(k, at, value, e);
	case KEY_WORDS:
		return set_words(k, at, value, e);
	case KEY_CHOICE:
		return set_choice(k, at, value, e);
	case KEY_PVID:
		return set_pvid(at, value, e);
	case KEY_VIDS:
		return vidset_parse(at, value, k->min, e);
	case KEY_RESERVED:
		return reserved_parse(at, value, e);
	case KEY_SHORT:
		return set_short(k, c, value, e);
	}
	return -EINVAL;
}

int port_key_set(struct port_config *c, const char *key, const char *value, struct err *e)
{
	const struct port_key *k = find(key);
	if (!k) {
		const char *near = nearest_word(key, port_key_at, NULL);
		return err_set(e, -EINVAL,
			       near ? "%s: no such key; did you mean %s?" : "%s: no such key", key,
			       near);
	}
	if (!value)
		return err_set(e, -EINVAL, "%s: needs a value", k->name);
	int r = set(k, c, value, e);
	return r < 0 ? err_prefix(e, r, k->name) : 0;
}

/* --- showing --- */

static bool differs(const struct port_key *k, const struct port_config *a,
		    const struct port_config *b)
{
	static const size_t size[] = {
		[KEY_YES_NO] = sizeof(bool),        [KEY_COUNT] = sizeof(uint32_t),
		[KEY_CHOICE] = sizeof(uint8_t),     [KEY_PVID] = sizeof(uint16_t),
		[KEY_VIDS] = sizeof(struct vidset), [KEY_RESERVED] = RESERVED_ADDRESSES,
	};
	size_t n = k->kind == KEY_WORDS ? k->max : size[k->kind];
	return memcmp((const char *)a + k->at, (const char *)b + k->at, n) != 0;
}

bool port_keys_same(const struct port_config *a, const struct port_config *b)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (keys[i].kind != KEY_SHORT && differs(&keys[i], a, b))
			return false;
	return true;
}

static void show_pvid(const char *key, unsigned pvid, struct out *o)
{
	if (pvid != VID_NONE) {
		out_u64(o, key, "%" PRIu64, (uint64_t)pvid);
		return;
	}
	out_text(o, "none");
	out_json_null(o, key);
}

static void show(const struct port_key *k, const struct port_config *c, struct out *o)
{
	const void *at = (const char *)c + k->at;
	char json[KEY_NAME_MAX]; /* lower_snake there */
	size_t n = 0;
	for (; k->name[n]; n++)
		json[n] = k->name[n] == '-' ? '_' : k->name[n];
	json[n] = '\0';
	out_text(o, " %s=", k->name);
	switch (k->kind) {
	case KEY_YES_NO:
		out_bool(o, json, "%s", *(const bool *)at);
		return;
	case KEY_COUNT:
		out_u64(o, json, "%" PRIu64, (uint64_t) * (const uint32_t *)at);
		return;
	case KEY_WORDS:
		out_word(o, json, at);
		return;
	case KEY_CHOICE:
		out_str(o, json, "%s", k->words[*(const uint8_t *)at]);
		return;
	case KEY_PVID:
		show_pvid(json, *(const uint16_t *)at, o);
		return;
	case KEY_VIDS:
		vidset_show(at, json, o);
		return;
	case KEY_RESERVED:
		reserved_show(at, json, o);
		return;
	case KEY_SHORT:
		return;
	}
}

void port_keys_show(const struct port_config *c, bool all, struct out *o)
{
	struct port_config plain;
	port_config_default(&plain);
	for (unsigned i = 0; i < KEYS; i++)
		if (keys[i].kind != KEY_SHORT && (all || o->json || differs(&keys[i], c, &plain)))
			show(&keys[i], c, o);
}
