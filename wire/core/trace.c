/* SPDX-License-Identifier: MIT */
/* trace.c - a line whose capacity was recorded: at each instant of the trace up to 1504 bytes may
 * leave (Mahimahi's packet delivery trace). A frame longer than what is left waits for the next
 * instants; what nobody waits for is lost. */
#include "wire/core/side.h"

static int64_t instant(const struct side *s)
{
	const struct wire_trace *t = s->law->trace;
	const struct opportunity *o = &s->opportunity;
	return o->start_ns + o->round * t->round_ns + t->at_ns[o->next];
}

/* The first instant not before `now` that has not been used. */
static void skip_to(struct side *s, int64_t now)
{
	const struct wire_trace *t = s->law->trace;
	struct opportunity *o = &s->opportunity;
	if (instant(s) >= now)
		return;
	int64_t since = now - o->start_ns;
	int64_t round = since / t->round_ns;
	if (since % t->round_ns == 0 && round > 0)
		round--; /* the last instant of a round is the first of the next */
	if (round > o->round) {
		o->round = round;
		o->next = 0;
	}
	size_t low = o->next, high = t->count;
	int64_t in_round = since - o->round * t->round_ns;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (t->at_ns[mid] < in_round)
			low = mid + 1;
		else
			high = mid;
	}
	o->next = low;
	if (low == t->count) {
		o->round++;
		o->next = 0;
	}
}

static int64_t trace_free_at(const struct side *s)
{
	return s->opportunity.last_ns;
}

static int64_t trace_send(struct side *s, uint32_t len, int64_t now)
{
	struct opportunity *o = &s->opportunity;
	if (now > o->last_ns)
		o->left = 0; /* nobody was there to use it */
	while (len > o->left) {
		len -= o->left;
		skip_to(s, now);
		o->last_ns = instant(s);
		o->left = TRACE_BYTES;
		if (++o->next == s->law->trace->count) {
			o->round++;
			o->next = 0;
		}
	}
	o->left -= len;
	return o->last_ns;
}

const struct server server_trace = { .free_at = trace_free_at, .send = trace_send };
