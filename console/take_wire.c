/* SPDX-License-Identifier: MIT */
/* take_wire.c - what wires count. */
#include <errno.h>
#include <string.h>

#include "console/json.h"
#include "console/take.h"

enum { KEY_LEN = 40 };

static void read_side(struct json *j, struct side *side, int64_t span)
{
	char key[KEY_LEN];
	uint64_t n[COUNTERS] = { 0 };
	static const char *const times[4] = { "delay_min_ns", "delay_avg_ns", "delay_max_ns",
					      "late_max_ns" };
	int64_t *const into[4] = { &side->delay_min_ns, &side->delay_avg_ns, &side->delay_max_ns,
				   &side->late_max_ns };
	if (!json_object(j))
		return;
	while (json_member(j, key, sizeof key)) {
		int i = 0;
		if (counter_read(j, key, n))
			continue;
		while (i < 4 && strcmp(key, times[i]) != 0)
			i++;
		if (i < 4)
			*into[i] = json_i64(j);
		else if (!strcmp(key, "duplicates"))
			side->duplicates = json_u64(j);
		else if (!strcmp(key, "held"))
			side->held = json_u64(j);
		else if (!strcmp(key, "drops"))
			take_drops(j, &side->drops);
		else
			json_skip(j);
	}
	flow_sample(&side->rx, n[0], n[1], span);
	flow_sample(&side->tx, n[2], n[3], span);
	if (span > 0)
		history_add(side->history, side->rx.fps);
}

int take_wire_stats(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	struct json j;
	char key[KEY_LEN];
	int64_t span = s->stats_at ? now - s->stats_at : 0;
	json_init(&j, text, len);
	if (json_object(&j))
		while (json_member(&j, key, sizeof key)) {
			if (!strcmp(key, "ab"))
				read_side(&j, &s->wire.side[0], span);
			else if (!strcmp(key, "ba"))
				read_side(&j, &s->wire.side[1], span);
			else if (!strcmp(key, "unfaithful"))
				s->wire.unfaithful = json_bool(&j);
			else
				json_skip(&j);
		}
	s->has_rates = span > 0;
	s->stats_at = now;
	m->gen++;
	return json_end(&j) ? 0 : -EINVAL;
}
