/* SPDX-License-Identifier: MIT */
/* cmd_switch.c - the settings of the whole bridge: switch/set, switch/config. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/core/commands.h"
#include "switch/core/pipeline.h"
#include "switch/core/switchkeys.h"

static int set_time(int64_t *to, const char *value, struct err *e)
{
	return unit_time(value, to, e);
}

static int set_numports(struct bridge_config *c, const char *value, struct err *e)
{
	uint64_t n;
	int r = unit_u64(value, 1, BRIDGE_PORT_MAX, &n, e);
	if (!r)
		c->numports = (unsigned)n;
	return r;
}

static int set_hub(struct bridge_config *c, const char *value, struct err *e)
{
	return unit_bool(value, &c->hub, e);
}

static int set_age(struct bridge_config *c, const char *value, struct err *e)
{
	return set_time(&c->age_ns, value, e);
}

static int set_persist(struct bridge_config *c, const char *value, struct err *e)
{
	return set_time(&c->persist_ns, value, e);
}

static int set_max(struct bridge_config *c, const char *value, struct err *e)
{
	uint64_t n;
	int r = unit_u64(value, 1, FDB_MAX_MAX, &n, e);
	if (!r)
		c->fdb_max = (size_t)n;
	return r;
}

static int set_drop_alarm(struct bridge_config *c, const char *value, struct err *e)
{
	uint64_t n;
	int r = unit_u64(value, 0, UINT32_MAX, &n, e);
	if (!r)
		c->drop_alarm = (uint32_t)n;
	return r;
}

static const struct {
	const char *name;
	int (*set)(struct bridge_config *c, const char *value, struct err *e);
} keys[] = {
	{ "numports", set_numports }, { "hub", set_hub },     { "age", set_age },
	{ "persist", set_persist },   { "fdb-max", set_max }, { "drop-alarm", set_drop_alarm },
};
enum { KEYS = sizeof keys / sizeof *keys };

static const char *key_at(const void *unused, size_t i)
{
	(void)unused;
	return i < KEYS ? keys[i].name : NULL;
}

static int set_key(struct bridge_config *c, const char *key, const char *value, struct err *e)
{
	for (unsigned i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, key) != 0)
			continue;
		if (!value)
			return err_set(e, -EINVAL, "%s: needs a value", key);
		int r = keys[i].set(c, value, e);
		return r < 0 ? err_prefix(e, r, key) : 0;
	}
	const char *near = nearest_word(key, key_at, NULL);
	return err_set(e, -EINVAL, near ? "%s: no such key; did you mean %s?" : "%s: no such key",
		       key, near);
}

int cmd_switch_set(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	if (!a->count)
		return cmd_usage(e, "switch/set key=value...");
	struct bridge_config c = *bridge_config(ctx);
	for (unsigned i = 0; i < a->count; i++) {
		char *key, *value;
		args_keyval(a->word[i], &key, &value);
		int r = set_key(&c, key, value, e);
		if (r < 0)
			return r;
	}
	return bridge_apply(ctx, &c, a->now, e);
}

void switch_keys_show(const struct bridge_config *c, bool all, struct out *o)
{
	struct bridge_config plain;
	char text[UNIT_TEXT_LEN];
	bridge_config_default(&plain);
	if (all || c->numports != plain.numports)
		out_text(o, " numports=%u", c->numports);
	out_json_u64(o, "numports", c->numports);
	if (all || c->hub)
		out_text(o, " hub=%s", c->hub ? "yes" : "no");
	out_bool(o, "hub", NULL, c->hub);
	if (all || c->age_ns != plain.age_ns)
		out_text(o, " age=%s", unit_time_text(text, c->age_ns));
	out_json_i64(o, "age_ns", c->age_ns);
	if (all || c->persist_ns != plain.persist_ns)
		out_text(o, " persist=%s", unit_time_text(text, c->persist_ns));
	out_json_i64(o, "persist_ns", c->persist_ns);
	if (all || c->fdb_max != plain.fdb_max)
		out_text(o, " fdb-max=%zu", c->fdb_max);
	out_json_u64(o, "fdb_max", c->fdb_max);
	if (all || c->drop_alarm != plain.drop_alarm)
		out_text(o, " drop-alarm=%" PRIu32, c->drop_alarm);
	out_json_u64(o, "drop_alarm", c->drop_alarm);
}

/* The law of bridge_stats in numbers, and whether it holds. */
int cmd_switch_stats(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct bridge_stats s;
	struct err why = { "" };
	if (a->count)
		return cmd_usage(e, "switch/stats");
	bridge_stats(ctx, &s);
	bool holds = bridge_conserves(ctx, &why);
	out_u64(o, "rx", "received  %" PRIu64, s.rx);
	out_u64(o, "originated", " and %" PRIu64 " of our own\n", s.originated);
	out_u64(o, "forwarded", "          %" PRIu64 " forwarded", s.forwarded);
	out_u64(o, "trapped", ", %" PRIu64 " taken by protocols", s.trapped);
	out_u64(o, "ingress_drops", ", %" PRIu64 " dropped\n", s.ingress_drops);
	out_u64(o, "copies", "copies    %" PRIu64 "\n", s.copies);
	out_u64(o, "tx", "          %" PRIu64 " sent", s.tx);
	out_u64(o, "egress_drops", ", %" PRIu64 " dropped", s.egress_drops);
	out_u64(o, "queued", ", %" PRIu64 " waiting\n", s.queued);
	if (!holds)
		out_text(o, "          this does not add up: %s\n", why.text);
	out_bool(o, "conserves", NULL, holds);
	return 0;
}

int cmd_switch_config(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	if (a->count)
		return cmd_usage(e, "switch/config");
	out_text(o, "switch:");
	switch_keys_show(bridge_config(ctx), true, o);
	out_text(o, "\n");
	return 0;
}
