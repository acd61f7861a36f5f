/* SPDX-License-Identifier: MIT */
/* explain.c - a configuration in words: the stages in their order with what they were told, and
 * what to expect of it all, worked out from the laws. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/core/dist.h"
#include "wire/core/keys.h"
#include "wire/core/side.h"

enum {
	FRAME = 1514,   /* the frame that throughput is worked out for */
	SAMPLES = 8192, /* quantiles that stand for a law of delay */
};

/* The order in which keys.c's stages act; filter first, delivery last. */
static const char *const order[] = { "order",   "markov", "filter", "mtu",  "loss",    "duplicate",
				     "corrupt", "queue",  "rate",   "slot", "reorder", "delay" };

/* ---- expectations ---- */

static uint64_t div_prob(u128 a, u128 b) /* a / b as a probability, a <= b */
{
	if (a >= b)
		return PROB_ONE;
	while (a >> 64) { /* room for the shift */
		a >>= 1;
		b >>= 1;
	}
	return (uint64_t)((a << 64) / b);
}

/* Balance of netem's chain: pi3 = pi1 p13/p31, pi2 = pi3 p32/p23, pi4 = pi1 p14; in 32 bits each.
 */
static uint64_t four_states(const uint64_t *p)
{
	u128 p13 = p[LS_P13] >> 32, p31 = p[LS_P31] >> 32, p32 = p[LS_P32] >> 32,
	     p23 = p[LS_P23] >> 32, p14 = p[LS_P14] >> 32;
	if (p13 == 0) /* never enters a burst: 1, then 4 with p14, then 1 again */
		return div_prob(p14, p14 + ((u128)1 << 32));
	if (p31 == 0) /* never leaves one: it moves between 2 and 3 */
		return p32 == 0 ? PROB_ONE : div_prob(p23, p23 + p32);
	if (p23 == 0 && p32) /* never lost again once in 2 */
		return 0;
	/* All times p31 * p23 (p23 taken as 1 where 2 is never reached). */
	u128 one = (u128)1 << 32, stay = p32 ? p23 : one;
	u128 good = p31 * stay / one + p13 * p32 / one, burst = p13 * stay / one,
	     alone = p31 * stay / one * p14 / one;
	return div_prob(burst + alone, good + burst + alone);
}

static uint64_t pattern_loss(const char *pattern)
{
	uint64_t lost = 0, n = strlen(pattern);
	for (const char *p = pattern; *p; p++)
		lost += *p == '1';
	return div_prob(lost, n);
}

static uint64_t expected_loss(const struct wire_law *law)
{
	const uint64_t *ge = law->ge.p;
	if (law->loss_pattern[0])
		return pattern_loss(law->loss_pattern);
	if (law->loss_state.on)
		return four_states(law->loss_state.p);
	if (!law->ge.on)
		return law->loss;
	uint64_t bad = ge[GE_P] ? div_prob(ge[GE_P], (u128)ge[GE_P] + ge[GE_R]) : 0;
	return prob_add(prob_mul(bad, ge[GE_BAD]), prob_mul(prob_not(bad), ge[GE_GOOD]));
}

/* The mean over the quantiles, negative delays counted as none; less those that overtake. */
static int64_t expected_delay(const struct wire_law *law)
{
	u128 sum = 0;
	for (unsigned i = 0; i < SAMPLES; i++) {
		int64_t d = law->delay_ns +
			    dist_deviation(law, ((uint64_t)i << 51) + (UINT64_C(1) << 50));
		sum += d > 0 ? (u128)d : 0;
	}
	uint64_t mean = (uint64_t)(sum / SAMPLES);
	/* Of the frames, 1 in (gap - 1 + 1/reorder) overtakes. */
	uint64_t overtake = law->reorder
				    ? div_prob(law->reorder, ((u128)(law->gap - 1) * law->reorder) +
								     ((u128)1 << 64))
				    : 0;
	return (int64_t)prob_mul(mean, prob_not(overtake));
}

/* Bits of frames a second that the line can carry; 0: no limit. */
static uint64_t expected_rate(const struct wire_law *law)
{
	if (law->trace)
		return (uint64_t)((u128)law->trace->count * TRACE_BYTES * 8 * NS_PER_SEC /
				  (uint64_t)law->trace->round_ns);
	uint64_t line = rate_billed(law, FRAME);
	if (law->slot.max_ns) {
		uint64_t mean = (uint64_t)(law->slot.min_ns + law->slot.max_ns) / 2;
		uint64_t bytes = law->slot.packets * FRAME;
		if (!bytes || (law->slot.bytes && law->slot.bytes < bytes))
			bytes = law->slot.bytes;
		return (uint64_t)((u128)bytes * 8 * NS_PER_SEC / (mean ? mean : 1));
	}
	return law->rate_bps && line ? (uint64_t)((u128)law->rate_bps * FRAME / line) : 0;
}

/* ---- words ---- */

static char *percent(char text[static UNIT_TEXT_LEN], uint64_t p) /* to four digits, rounded */
{
	uint64_t n = (uint64_t)(((u128)p * 1000000 + ((u128)1 << 63)) >> 64);
	unsigned digits = 4;
	uint64_t part = n % 10000;
	for (; part && part % 10 == 0; part /= 10)
		digits--;
	if (part)
		snprintf(text, UNIT_TEXT_LEN, "%" PRIu64 ".%0*" PRIu64 "%%", n / 10000, (int)digits,
			 part);
	else
		snprintf(text, UNIT_TEXT_LEN, "%" PRIu64 "%%", n / 10000);
	return text;
}

static void explain_stage(const struct wire_law *law, const char *stage, struct out *o)
{
	bool any = false;
	for (const struct key *k = wire_keys; k->name; k++) {
		char text[KEY_TEXT_LEN];
		if (strcmp(k->stage, stage) != 0)
			continue;
		key_text(k, law, text);
		if (strcmp(text, k->def) == 0)
			continue;
		if (!any) {
			out_object(o, NULL);
			out_str(o, "stage", "  %-10s", stage);
			out_object(o, "keys");
		}
		any = true;
		out_json_str(o, k->name, text);
		out_text(o, " %s=%s", k->name, text);
	}
	if (!any)
		return;
	out_end_object(o);
	out_end_object(o);
	out_text(o, "\n");
}

void wire_explain(const struct wire_config *c, enum wire_dir dir, struct out *o)
{
	const struct wire_law *law = &c->law[dir];
	char delay[UNIT_TEXT_LEN], loss[UNIT_TEXT_LEN], rate[UNIT_TEXT_LEN];
	uint64_t bps = expected_rate(law), p = expected_loss(law);
	int64_t ns = expected_delay(law);
	out_object(o, dir == WIRE_AB ? "ab" : "ba");
	out_text(o, "%s\n", dir == WIRE_AB ? "ab: first to second" : "ba: second to first");
	out_list(o, "stages");
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		explain_stage(law, order[i], o);
	out_end_list(o);
	out_json_i64(o, "delay_ns", ns);
	out_json_str(o, "loss", percent(loss, p));
	out_json_u64(o, "bps", bps);
	out_text(o, "  expect     mean delay %s", unit_time_text(delay, ns));
	if (law->rate_bps && !law->trace) {
		uint64_t line =
			(uint64_t)((u128)rate_billed(law, FRAME) * 8 * NS_PER_SEC / law->rate_bps);
		out_text(o, " and %s on the line for %d bytes",
			 unit_time_text(delay, (int64_t)line), FRAME);
	}
	out_text(o, ", loss %s, throughput %s\n", loss,
		 bps ? unit_rate_text(rate, bps) : "not limited");
	out_end_object(o);
}
