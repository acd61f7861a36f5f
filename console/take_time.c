/* SPDX-License-Identifier: MIT */
/* take_time.c - where the time of a lab stands that somebody leads (dw-lab run --console). */
#include <errno.h>
#include <string.h>

#include "console/json.h"
#include "console/take.h"

enum { KEY_LEN = 40 };

static bool read_words(struct json *j, struct lab_time *t, const char *key)
{
	const struct {
		const char *key;
		char *to;
		size_t size;
	} all[] = {
		{ "state", t->state, sizeof t->state },
		{ "file", t->file, sizeof t->file },
		{ "test", t->test, sizeof t->test },
		{ "verdict", t->verdict, sizeof t->verdict },
		{ "stopped_by", t->stopped_by, sizeof t->stopped_by },
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(key, all[i].key) == 0) {
			json_str(j, all[i].to, all[i].size);
			return true;
		}
	return false;
}

static bool read_number(struct json *j, struct lab_time *t, const char *key)
{
	const struct {
		const char *key;
		uint64_t *to;
	} all[] = {
		{ "number", &t->number },
		{ "tests", &t->tests },
		{ "seed", &t->seed },
		{ "by_hand", &t->by_hand },
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(key, all[i].key) == 0) {
			*all[i].to = json_u64(j);
			return true;
		}
	return false;
}

int take_time(struct model *m, struct source *s, const char *text, size_t len, int64_t now)
{
	struct lab_time t = { .known = true };
	struct json j;
	char key[KEY_LEN];
	(void)now;
	json_init(&j, text, len);
	if (!json_object(&j))
		return -EINVAL;
	while (json_member(&j, key, sizeof key)) {
		if (strcmp(key, "now_ns") == 0)
			t.now_ns = json_i64(&j);
		else if (!read_words(&j, &t, key) && !read_number(&j, &t, key))
			json_skip(&j);
	}
	if (!json_end(&j))
		return -EINVAL;
	bool moved = t.now_ns != s->time.now_ns || t.number != s->time.number;
	if (moved || !s->time.known || t.by_hand != s->time.by_hand ||
	    strcmp(t.state, s->time.state) != 0)
		m->gen++;
	/* While it runs all is asked as often as the screen changes; a leap is seen at once. */
	m->leaps += moved && strcmp(t.state, "runs") != 0;
	s->time = t;
	return 0;
}
