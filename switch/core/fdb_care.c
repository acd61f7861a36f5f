/* SPDX-License-Identifier: MIT */
/* fdb_care.c - what the address table does off the frame path: growing, shrinking, sweeping. */
#include <errno.h>
#include <stdlib.h>

#include "lib/base/frame.h"
#include "lib/base/heap.h"
#include "switch/core/fdb_inner.h"

#define STEP_PAUSE_NS (50 * NS_PER_US) /* between hurried steps: frames get their turn */

/* --- growing --- */

/* Early enough that two more batches fit before the tick comes. */
bool fdb_wants_growth(const struct fdb *f)
{
	size_t n = fdb_used(f);
	return !f->old.slots && fdb_room(f->t.slots) < f->max &&
	       (n > f->t.slots / 5 * 2 || n + 2 * BATCH_MAX > fdb_room(f->t.slots));
}

int fdb_resize(struct fdb *f, size_t slots)
{
	assert(!f->old.slots);
	struct fdb_slot *s = calloc(slots, sizeof *s);
	if (!s)
		return -ENOMEM;
	f->old = f->t;
	f->t = (struct fdb_table){ .slot = s, .slots = slots };
	f->moved = 0;
	f->cursor = 0;
	f->evict_from = 0;
	return 0;
}

static void migrate(struct fdb *f, size_t steps, uint32_t now_s)
{
	for (; steps && f->moved < f->old.slots; steps--) {
		struct fdb_slot *s = &f->old.slot[f->moved++], was = *s;
		if (!slot_taken(s))
			continue;
		slot_tell_aged(f, s);
		slot_bury(f, s);
		if (slot_alive(f, &was, now_s))
			slot_write(f, slot_place(f, was.key, now_s), was.key, was.val);
	}
	if (f->moved < f->old.slots)
		return;
	free(f->old.slot);
	f->old = (struct fdb_table){ 0 };
}

void fdb_settle(struct fdb *f, uint32_t now_s)
{
	if (f->old.slots)
		migrate(f, f->old.slots, now_s);
}

static void shrink(struct fdb *f, int64_t now)
{
	size_t slots = f->t.slots;
	if (slots == FDB_SLOTS_MIN || f->t.used >= slots / 16)
		return;
	while (slots > FDB_SLOTS_MIN && f->t.used * 4 <= slots / 2)
		slots /= 2;
	f->grow_due = now + STEP_PAUSE_NS;
	(void)fdb_resize(f, slots); /* out of memory: the larger one still serves */
}

/* --- sweeping: counts stay true and no stamp lives to wrap --- */

static size_t sweep_steps(const struct fdb *f) /* in one round */
{
	return f->t.slots < FDB_STEP ? 1 : f->t.slots / FDB_STEP;
}

static int64_t sweep_pause(const struct fdb *f)
{
	int64_t round_s = f->age_s / 2 + 1;
	if (round_s > FDB_SWEEP_MAX_S)
		round_s = FDB_SWEEP_MAX_S;
	return round_s * NS_PER_SEC / (int64_t)sweep_steps(f);
}

static void begin_rounds(struct fdb *f, uint32_t now_s)
{
	f->cursor = 0;
	f->round_s = f->last_round_s = now_s;
}

void fdb_first_entry(struct fdb *f, int64_t now)
{
	begin_rounds(f, fdb_seconds(f, now));
	f->sweep_due = now + sweep_pause(f);
}

static void take_void(struct fdb *f, struct fdb_slot *s, uint32_t now_s)
{
	while (slot_taken(s) && !slot_alive(f, s, now_s)) {
		slot_tell_aged(f, s);
		slot_take_out(f, s);
	}
}

/* What is alive also gets today's flush count. */
void fdb_purge(struct fdb *f, uint32_t now_s)
{
	fdb_settle(f, now_s);
	for (size_t i = 0; i < f->t.slots; i++) {
		struct fdb_slot *s = &f->t.slot[i];
		take_void(f, s, now_s);
		if (slot_taken(s))
			s->val = (s->val & ~(FDB_SEQ_MASK << 40)) | (f->seq & FDB_SEQ_MASK) << 40;
	}
	f->seq_floor = f->seq;
	f->counted_s = now_s;
	f->counted_seq = f->seq;
	begin_rounds(f, now_s);
}

bool fdb_recount(struct fdb *f, int64_t now)
{
	uint32_t now_s = fdb_begin(f, now);
	if (f->counted_s == now_s && f->counted_seq == f->seq)
		return false;
	fdb_purge(f, now_s);
	return true;
}

/* slot_take_out() may pull an entry from before the cursor's reach to behind it, once a round at
 * most: what two rounds have passed over is gone. */
static void sweep_step(struct fdb *f, int64_t now)
{
	uint32_t now_s = fdb_seconds(f, now);
	size_t end = f->cursor + FDB_STEP < f->t.slots ? f->cursor + FDB_STEP : f->t.slots;
	for (; f->cursor < end; f->cursor++) {
		struct fdb_slot *s = &f->t.slot[f->cursor];
		take_void(f, s, now_s);
	}
	f->hurry -= f->hurry > 0;
	f->sweep_due = now + (f->hurry ? STEP_PAUSE_NS : sweep_pause(f));
	if (f->cursor < f->t.slots)
		return;
	f->cursor = 0;
	f->last_round_s = f->round_s;
	f->round_s = now_s;
	shrink(f, now);
}

/* Ages move once a second, so look that often. */
void fdb_hurry(struct fdb *f, int64_t now)
{
	uint32_t now_s = fdb_seconds(f, now);
	if (f->hurried_s == now_s)
		return;
	f->hurried_s = now_s;
	f->hurry = sweep_steps(f);
	f->sweep_due = now;
}

/* Every call that may write begins here: a driver that slept through its ticks for days must not
 * find stamps that wrapped unseen. Returns the second. */
uint32_t fdb_begin(struct fdb *f, int64_t now)
{
	uint32_t now_s = fdb_seconds(f, now);
	if (now_s - f->last_round_s >= FDB_STAMP_MASK - f->age_s)
		fdb_purge(f, now_s);
	return f->last_s = now_s;
}

/* --- time --- */

int64_t fdb_next(const struct fdb *f)
{
	if (f->old.slots || fdb_wants_growth(f))
		return f->grow_due;
	return f->t.used || f->t.slots > FDB_SLOTS_MIN ? f->sweep_due : TIME_NEVER;
}

void fdb_tick(struct fdb *f, int64_t now)
{
	if (now < fdb_next(f))
		return;
	uint32_t now_s = fdb_begin(f, now);
	bool poor = fdb_wants_growth(f) && fdb_resize(f, f->t.slots * 2) < 0; /* try again */
	f->grow_due = now + (poor ? NS_PER_SEC : STEP_PAUSE_NS);
	if (f->old.slots)
		migrate(f, FDB_STEP, now_s);
	else if (now >= f->sweep_due)
		sweep_step(f, now);
}

void fdb_set_age(struct fdb *f, int64_t age_ns, int64_t now)
{
	fdb_purge(
		f,
		fdb_begin(f, now)); /* by the old age: a longer one must not bring anything back */
	f->age_s = (uint32_t)(age_ns / NS_PER_SEC);
	f->sweep_due = now + sweep_pause(f);
}
