/* SPDX-License-Identifier: MIT */
/* loss.c - frames that vanish: by chance, in bursts, by the states of a chain, or by a pattern. */
#include <string.h>

#include "wire/core/side.h"

enum model { NONE, PLAIN, CHAIN, GILBERT_ELLIOTT, FOUR_STATES, PATTERN };

static enum model model_of(const struct wire_law *law)
{
	if (law->loss_pattern[0])
		return PATTERN;
	if (law->ge.on)
		return GILBERT_ELLIOTT;
	if (law->loss_state.on)
		return FOUR_STATES;
	if (law->loss == 0)
		return NONE;
	return law->loss_corr || law->loss_burst_milli ? CHAIN : PLAIN;
}

static bool loss_wanted(const struct side *s)
{
	return model_of(s->law) != NONE;
}

static void loss_prepare(struct side *s)
{
	const struct wire_law *law = s->law;
	s->loss_step = step_correlated(law->loss, law->loss_corr);
	if (law->loss_burst_milli) { /* wire_check() has seen to it that such a chain exists */
		bool fits = step_bursts(&s->loss_step, law->loss, law->loss_burst_milli);
		assert(fits);
	}
}

/* netem's loss_gilb_ell(): the state moves first, the frame meets the law of the state before. */
bool loss_gilbert_elliott(const struct wire_law *law, uint8_t *state, uint64_t move, uint64_t hit)
{
	bool bad = *state;
	if (chance(bad ? law->ge.p[GE_R] : law->ge.p[GE_P], move))
		*state = !bad;
	return chance(bad ? law->ge.p[GE_BAD] : law->ge.p[GE_GOOD], hit);
}

/* netem's loss_4state(), one draw a frame: 0 good, 1 good within a burst, 2 lost in a burst, 3 lost
 * alone. p[] are p13 p31 p32 p23 p14 of its manual, which counts the states from 1. */
bool loss_four_states(const struct wire_law *law, uint8_t *state, uint64_t bits)
{
	const uint64_t *p = law->loss_state.p;
	switch (*state) {
	case 0:
		if (chance(p[LS_P14], bits))
			*state = 3;
		else if (chance(prob_add(p[LS_P14], p[LS_P13]), bits))
			*state = 2;
		return *state != 0;
	case 1:
		if (chance(p[LS_P23], bits))
			*state = 2;
		return *state == 2;
	case 2:
		if (chance(p[LS_P32], bits))
			*state = 1;
		else if (chance(prob_add(p[LS_P32], p[LS_P31]), bits))
			*state = 0;
		return *state == 2;
	case 3:
		*state = 0;
	}
	return false;
}

static bool in_pattern(const struct wire_law *law, uint64_t ordinal)
{
	return law->loss_pattern[ordinal % strlen(law->loss_pattern)] == '1';
}

static void loss_begin(struct side *s, struct lane *l, struct pass *p)
{
	const struct wire_law *law = s->law;
	uint64_t bits = pass_draw(s, STAGE_LOSS, p, 0);
	bool lost = false;
	if (!l) /* copies are not lost again */
		return;
	switch (model_of(law)) {
	case NONE:
		break;
	case PLAIN:
		lost = chance(law->loss, bits);
		break;
	case CHAIN:
		lost = chain_step(&l->loss, &s->loss_step, bits);
		break;
	case GILBERT_ELLIOTT:
		lost = loss_gilbert_elliott(law, &l->loss_state, bits,
					    pass_draw(s, STAGE_LOSS, p, 1));
		break;
	case FOUR_STATES:
		lost = loss_four_states(law, &l->loss_state, bits);
		break;
	case PATTERN:
		lost = in_pattern(law, p->n & ORDINAL_MASK);
		break;
	}
	if (lost)
		p->fate |= FATE_LOST;
}

static void loss_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	if (p->fate & FATE_LOST)
		pass_drop(r->s, p, DROP_LOSS);
	else
		pass_on(r, at, p);
}

const struct stage stage_loss = {
	.name = "loss",
	.wanted = loss_wanted,
	.prepare = loss_prepare,
	.begin = loss_begin,
	.enter = loss_enter,
};
