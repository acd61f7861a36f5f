/* SPDX-License-Identifier: MIT */
/* chain.c - chances that remember the frame before. A chain of two states keeps the mean exactly,
 * whatever the correlation: P(strike | strike) - P(strike | none) is the correlation of neighbours.
 */
#include "wire/core/fixed.h"
#include "wire/core/side.h"

struct step step_correlated(uint64_t p, uint64_t corr)
{
	return (struct step){
		.first = p,
		.again = prob_add(p, prob_mul(corr, prob_not(p))),
		.anew = prob_mul(p, prob_not(corr)),
	};
}

/* Gilbert 1960 with all frames lost in the bad state: leave it with 1/burst, enter it with
 * p / (burst * (1 - p)). */
bool step_bursts(struct step *step, uint64_t p, uint64_t burst_milli)
{
	if (p == PROB_ONE) {
		*step = (struct step){ PROB_ONE, PROB_ONE, PROB_ONE };
		return true;
	}
	u128 leave = ((u128)1000 << 64) / burst_milli;
	u128 odds = ((u128)p << 64) / prob_not(p); /* 64.64 */
	u128 enter = odds / burst_milli * 1000 + odds % burst_milli * 1000 / burst_milli;
	if (enter >> 64 > 1 || (enter >> 64 == 1 && (uint64_t)enter > 0))
		return false;
	*step = (struct step){
		.first = p,
		.again = prob_not(leave >> 64 ? PROB_ONE : (uint64_t)leave),
		.anew = enter >> 64 ? PROB_ONE : (uint64_t)enter,
	};
	return true;
}

bool chain_step(struct chain *c, const struct step *step, uint64_t bits)
{
	uint64_t p = !c->begun ? step->first : c->on ? step->again : step->anew;
	c->begun = true;
	c->on = chance(p, bits);
	return c->on;
}
