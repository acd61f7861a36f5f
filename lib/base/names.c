/* SPDX-License-Identifier: MIT */
/* names.c - the printed names of drop reasons and events. */
#include "lib/base/drop.h"
#include "lib/base/event.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define X(name, text) [name] = (text),
static const char *const drop_names[DROP_REASONS] = { DROP_LIST(X) };
static const char *const event_names[EVENT_KINDS] = { EVENT_LIST(X) };
#undef X

static_assert(EVENT_KINDS <= 64, "event_bit() has one bit for each kind");

const char *drop_name(enum drop_reason r)
{
	assert((unsigned)r < DROP_REASONS);
	return drop_names[r];
}

const char *event_name(enum event_kind kind)
{
	assert((unsigned)kind < EVENT_KINDS);
	return event_names[kind];
}

int event_kind_of(const char *name)
{
	for (int i = 0; i < EVENT_KINDS; i++)
		if (strcmp(event_names[i], name) == 0)
			return i;
	return -EINVAL;
}
