/* SPDX-License-Identifier: MIT */
/* commands.c - what a wire can be told through its management socket and by the lab. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/core/keys.h"

static const char *const dir_names[WIRE_DIRS] = { "ab", "ba" };

static int no_words(const struct args *a, struct err *e)
{
	return a->count ? err_set(e, -EINVAL, "%s: takes no words", a->word[0]) : 0;
}

static int cmd_set_keys(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wire *w = ctx;
	struct wire_config c = *wire_config(w);
	(void)o;
	if (!a->count)
		return err_set(e, -EINVAL, "set what? key=value");
	for (unsigned i = 0; i < a->count; i++) {
		char *key, *value;
		args_keyval(a->word[i], &key, &value);
		if (!value)
			return err_set(e, -EINVAL, "%s: has no value; write %s=VALUE", key, key);
		int r = wire_set_key(&c, key, value, e);
		if (r < 0)
			return err_prefix(e, r, key);
	}
	int r = wire_check(&c, e);
	return r < 0 ? r : wire_apply(w, &c, a->now);
}

static bool is_default(const struct key *k, const char *text)
{
	return strcmp(k->def, text) == 0;
}

/* One "set" line a key that is not as on a perfect wire; without prefix where both directions
 * agree. */
static int cmd_config_show(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct wire_config *c = wire_config(ctx);
	int r = no_words(a, e);
	if (r < 0)
		return r;
	out_list(o, "lines");
	for (const struct key *k = wire_keys; k->name; k++) {
		char text[WIRE_DIRS][KEY_TEXT_LEN], line[KEY_TEXT_LEN + 64];
		for (unsigned d = 0; d < WIRE_DIRS; d++)
			key_text(k, &c->law[d], text[d]);
		bool same = strcmp(text[0], text[1]) == 0;
		for (unsigned d = 0; d < WIRE_DIRS; d++) {
			if (is_default(k, text[d]) || (same && d > 0))
				continue;
			snprintf(line, sizeof line, "set %s%s%s=\"%s\"", same ? "" : dir_names[d],
				 same ? "" : ".", k->name, text[d]);
			out_str(o, NULL, "%s\n", line);
		}
	}
	out_end_list(o);
	return 0;
}

static void show_law(const struct wire_law *law, const char *dir, struct out *o)
{
	out_object(o, dir);
	out_text(o, "%s:", dir);
	bool perfect = true;
	for (const struct key *k = wire_keys; k->name; k++) {
		char text[KEY_TEXT_LEN], name[32];
		key_text(k, law, text);
		snprintf(name, sizeof name, "%s", k->name);
		for (char *p = name; *p; p++)
			if (*p == '-')
				*p = '_';
		out_json_str(o, name, text);
		if (is_default(k, text))
			continue;
		perfect = false;
		out_text(o, " %s=%s", k->name, text);
	}
	out_text(o, "%s\n", perfect ? " perfect" : "");
	out_end_object(o);
}

static int cmd_showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct wire *w = ctx;
	const struct wire_config *c = wire_config(w);
	int r = no_words(a, e);
	if (r < 0)
		return r;
	out_str(o, "name", "wire %s\n", c->name);
	out_u64(o, "seed", "seed %" PRIu64 "\n", c->seed);
	out_str(o, "state", "state %s\n", wire_is_cut(w) ? "cut" : wire_is_held(w) ? "held" : "up");
	unsigned node;
	const char *name = wire_node(w, &node);
	out_json_str(o, "node", name);
	if (name)
		out_text(o, "node %s\n", name);
	out_bool(o, "carrier_a", "carrier a %s\n", wire_has_carrier(w, 0));
	out_bool(o, "carrier_b", "carrier b %s\n", wire_has_carrier(w, 1));
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		show_law(&c->law[d], dir_names[d], o);
	return 0;
}

static void show_time(struct out *o, const char *key, const char *words, int64_t ns)
{
	char text[UNIT_TEXT_LEN];
	out_json_i64(o, key, ns);
	out_text(o, " %s %s", words, unit_time_text(text, ns));
}

static void show_stats(const struct wire *w, enum wire_dir d, struct out *o)
{
	struct wire_stats s;
	char rate[UNIT_TEXT_LEN];
	wire_stats(w, d, &s);
	out_object(o, dir_names[d]);
	out_text(o, "%s:", dir_names[d]);
	out_u64(o, "rx_frames", " rx %" PRIu64, s.rx_frames);
	out_u64(o, "rx_bytes", " frames %" PRIu64 " bytes", s.rx_bytes);
	out_u64(o, "tx_frames", ", tx %" PRIu64, s.tx_frames);
	out_u64(o, "tx_bytes", " frames %" PRIu64 " bytes", s.tx_bytes);
	out_u64(o, "duplicates", ", duplicates %" PRIu64, s.duplicates);
	out_u64(o, "corrupted", ", corrupted %" PRIu64, s.corrupted);
	out_u64(o, "overtaking", ", overtaking %" PRIu64, s.overtaking);
	out_u64(o, "held", ", held %" PRIu64 "\n", s.held);
	out_text(o, "%s: delay", dir_names[d]);
	show_time(o, "delay_min_ns", "min", s.delay_min_ns);
	show_time(o, "delay_avg_ns", "avg",
		  s.tx_frames ? s.delay_sum_ns / (int64_t)s.tx_frames : 0);
	show_time(o, "delay_max_ns", "max", s.delay_max_ns);
	out_text(o, "; late");
	show_time(o, "late_p50_ns", "p50", s.late_p50_ns);
	show_time(o, "late_p99_ns", "p99", s.late_p99_ns);
	show_time(o, "late_max_ns", "max", s.late_max_ns);
	out_bool(o, "unfaithful", NULL, s.unfaithful);
	out_text(o, "%s; rate %s", s.unfaithful ? " unfaithful" : "",
		 unit_rate_text(rate, s.tx_bps));
	out_json_u64(o, "tx_bps", s.tx_bps);
	out_text(o, "\n%s: drops", dir_names[d]);
	out_object(o, "drops");
	uint64_t all = 0;
	for (unsigned i = 0; i < DROP_REASONS; i++) {
		all += s.drops[i];
		out_json_u64(o, drop_name(i), s.drops[i]);
		if (s.drops[i])
			out_text(o, " %s %" PRIu64, drop_name(i), s.drops[i]);
	}
	out_end_object(o);
	out_text(o, "%s\n", all ? "" : " none");
	out_end_object(o);
}

static int cmd_stats(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	int r = no_words(a, e);
	if (r < 0)
		return r;
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		show_stats(ctx, d, o);
	return 0;
}

static int cmd_cut(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	bool silent = a->count == 1 && strcmp(a->word[0], "silent") == 0;
	if (a->count && !silent)
		return err_set(e, -EINVAL, "%s: cut, or cut silent", a->word[0]);
	wire_cut(ctx, silent, a->now);
	return 0;
}

static int cmd_mend(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	int r = no_words(a, e);
	if (!r)
		wire_mend(ctx, a->now);
	return r;
}

static int cmd_hold(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	int r = no_words(a, e);
	if (!r)
		wire_hold(ctx, true, a->now);
	return r;
}

static int cmd_release(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	int r = no_words(a, e);
	if (!r)
		wire_hold(ctx, false, a->now);
	return r;
}

const struct cmd_row wire_commands[] = {
	{ "config", NULL, "the configuration as a script", 0, NULL },
	{ "config/show", "", "the commands that make this wire from a perfect one", CMD_DATA,
	  cmd_config_show },
	{ "showinfo", "", "name, seed, state and impairments", CMD_DATA, cmd_showinfo },
	{ "stats", "", "frames, drops by reason and realized delay of each direction", CMD_DATA,
	  cmd_stats },
	{ "set", "KEY=VALUE...", "change impairments (ab.KEY, ba.KEY: one direction)", CMD_WRITES,
	  cmd_set_keys },
	{ "cut", "[silent]", "lose all frames; silent: the ends keep their link", CMD_WRITES,
	  cmd_cut },
	{ "mend", "", "undo cut", CMD_WRITES, cmd_mend },
	{ "hold", "", "let nothing leave", CMD_WRITES, cmd_hold },
	{ "release", "", "undo hold: all that is due leaves, in order", CMD_WRITES, cmd_release },
	{ 0 },
};
