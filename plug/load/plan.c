/* SPDX-License-Identifier: MIT */
/* plan.c - what load to make, as people write it. */
#include "plug/load/plan.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lib/base/units.h"
#include "plug/load/frame.h"

enum { STATIONS_MAX = 1 << 24, WORD_MAX = 256 };

static int take_size(struct load_plan *p, const char *v, struct err *e)
{
	uint64_t n;
	int r = unit_bytes(v, &n, e);
	if (r == 0 && (n < LOAD_SIZE_MIN || n > ETH_FRAME_MAX))
		return err_set(e, -EINVAL, "%s is not between %dB and %dB", v, LOAD_SIZE_MIN,
			       ETH_FRAME_MAX);
	if (r == 0)
		p->size = (uint32_t)n;
	return r;
}

static int take_rate(struct load_plan *p, const char *v, struct err *e)
{
	return unit_pps(v, &p->rate_mpps, e);
}

static int take_count(struct load_plan *p, const char *v, struct err *e)
{
	return unit_u64(v, 1, UINT64_MAX, &p->count, e);
}

static int take_time(struct load_plan *p, const char *v, struct err *e)
{
	int r = unit_time(v, &p->time_ns, e);
	return r == 0 && p->time_ns <= 0 ? err_set(e, -EINVAL, "%s is no time", v) : r;
}

static int take_addresses(struct load_plan *p, const char *v, struct err *e)
{
	return unit_u64(v, 1, STATIONS_MAX, &p->addresses, e);
}

static int take_window(struct load_plan *p, const char *v, struct err *e)
{
	return unit_u64(v, 1, UINT32_MAX, &p->window, e);
}

static int take_sinks(struct load_plan *p, const char *v, struct err *e)
{
	return unit_u64(v, 1, LOAD_SINKS_MAX, &p->sinks, e);
}

static int take_pid(struct load_plan *p, const char *v, struct err *e)
{
	return unit_u64(v, 1, INT32_MAX, &p->pid, e);
}

static int take_vlan(struct load_plan *p, const char *v, struct err *e)
{
	uint64_t n;
	int r = unit_u64(v, 0, VID_MAX, &n, e);
	if (r == 0)
		p->vlan = (int)n;
	return r;
}

static int take_to(struct load_plan *p, const char *v, struct err *e)
{
	p->has_to = true;
	if (strcmp(v, "all") == 0) {
		memset(p->to, 0xff, sizeof p->to);
		return 0;
	}
	return mac_parse(p->to, v) < 0
		       ? err_set(e, -EINVAL, "%s is neither an address nor 'all'", v)
		       : 0;
}

static const struct row {
	const char *name;
	int (*take)(struct load_plan *p, const char *value, struct err *e);
	bool sink; /* has a meaning for one who only receives */
} rows[] = {
	{ "size", take_size, false },
	{ "rate", take_rate, false },
	{ "count", take_count, true },
	{ "time", take_time, true },
	{ "addresses", take_addresses, false },
	{ "window", take_window, false },
	{ "sinks", take_sinks, true },
	{ "vlan", take_vlan, false },
	{ "to", take_to, false },
	{ "pid", take_pid, true },
};

void load_plan_default(struct load_plan *p, bool generate)
{
	*p = (struct load_plan){
		.generate = generate, .size = 64, .addresses = 1, .sinks = 1, .vlan = LOAD_NO_TAG
	};
}

static int take(struct load_plan *p, const char *name, const char *value, struct err *e)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].name, name) != 0 || (!p->generate && !rows[i].sink))
			continue;
		int r = rows[i].take(p, value, e);
		return r < 0 ? err_prefix(e, -EINVAL, name) : 0;
	}
	return err_set(e, -EINVAL, "%s: no such key of a load", name);
}

int load_plan_parse(struct load_plan *p, const char *text, struct err *e)
{
	while (text && *text) {
		char word[WORD_MAX];
		size_t len = strcspn(text, ",");
		if (len >= sizeof word)
			return err_set(e, -EINVAL, "%.20s...: too long", text);
		memcpy(word, text, len);
		word[len] = '\0';
		char *value = strchr(word, '=');
		if (!value)
			return err_set(e, -EINVAL, "%s: a value is missing", word);
		*value++ = '\0';
		int r = take(p, word, value, e);
		if (r < 0)
			return r;
		text += len + (text[len] == ',');
	}
	if (p->vlan != LOAD_NO_TAG && p->size < LOAD_SIZE_MIN + 4)
		return err_set(e, -EINVAL, "size: a tagged frame has %dB or more",
			       LOAD_SIZE_MIN + 4);
	return 0;
}
