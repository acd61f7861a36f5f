/* SPDX-License-Identifier: MIT */
/* keys.c - the impairment keys: {name, value, unit, default, range, stage, help}, one row each. */
#include "wire/core/keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HOUR_NS (3600 * NS_PER_SEC)
#define LAW(field) offsetof(struct wire_law, field)

/* Tbit/s: one bit takes a thousandth of the smallest instant we know. */
#define RATE_MAX UINT64_C(1000000000000)

const struct key wire_keys[] = {
	{ "delay", "TIME", &key_time, "0s", 0, HOUR_NS, "delay", "how long every frame travels",
	  LAW(delay_ns) },
	{ "jitter", "TIME", &key_time, "0s", 0, HOUR_NS, "delay",
	  "how far the delay strays from that (uniform: at most; else: one sigma)",
	  LAW(jitter_ns) },
	{ "dist", "LAW", &key_dist, "uniform", 0, 0, "delay",
	  "how: uniform, normal, pareto, paretonormal", LAW(dist) },
	{ "fifo", "yes|no", &key_bool, "no", 0, 0, "delay", "jitter does not reorder", LAW(fifo) },
	{ "loss", "PROB", &key_prob, "0%", 0, 0, "loss", "each frame is lost with this probability",
	  LAW(loss) },
	{ "rate", "RATE", &key_rate, "0bit", 0, RATE_MAX, "rate", "bits per second; 0bit: no limit",
	  LAW(rate_bps) },
	{ "limit", "AMOUNT", &key_amount, "1000p", 0, UINT32_MAX, "queue",
	  "what may wait for the rate, in packets or bytes", LAW(limit) },
	{ "mtu", "SIZE", &key_size, "0B", 0, UINT16_MAX, "mtu", "longer frames are lost; 0B: none",
	  LAW(mtu) },
	{ 0 },
};

const char *wire_key_at(const void *unused, size_t i)
{
	(void)unused;
	return i < sizeof wire_keys / sizeof *wire_keys ? wire_keys[i].name : NULL;
}

const char *wire_key_help(size_t i)
{
	return wire_keys[i].help;
}

const char *wire_key_arg(size_t i)
{
	return wire_keys[i].arg;
}

static void *field_of(struct wire_law *law, const struct key *k)
{
	return (char *)law + k->at;
}

void key_text(const struct key *k, const struct wire_law *law, char text[static KEY_TEXT_LEN])
{
	k->unit->write(k, (const char *)law + k->at, text);
}

void wire_config_default(struct wire_config *c)
{
	*c = (struct wire_config){ .name = "wire" };
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		for (const struct key *k = wire_keys; k->name; k++) {
			int r = k->unit->read(k, k->def, field_of(&c->law[d], k), NULL);
			assert(r == 0);
		}
}

static const struct key *find_key(const char *name)
{
	char plain[32];
	size_t n = 0;
	for (; name[n] && n + 1 < sizeof plain; n++)
		plain[n] = name[n] == '_' ? '-' : name[n];
	plain[n] = '\0';
	for (const struct key *k = wire_keys; k->name && !name[n]; k++)
		if (strcmp(k->name, plain) == 0)
			return k;
	return NULL;
}

/* "ab.loss": which directions, and past the prefix. */
static const char *split_prefix(const char *key, unsigned *first, unsigned *last)
{
	*first = WIRE_AB;
	*last = WIRE_BA;
	if (strncmp(key, "ab.", 3) == 0)
		*last = WIRE_AB;
	else if (strncmp(key, "ba.", 3) == 0)
		*first = WIRE_BA;
	else
		return key;
	return key + 3;
}

int wire_set_key(struct wire_config *c, const char *key, const char *value, struct err *e)
{
	unsigned first, last;
	const char *name = split_prefix(key, &first, &last);
	const struct key *k = find_key(name);
	if (!k) {
		const char *near = nearest_word(name, wire_key_at, NULL);
		return near ? err_set(e, -EINVAL, "no such key; did you mean %s?", near)
			    : err_set(e, -EINVAL, "no such key");
	}
	struct wire_law law = c->law[first]; /* a value that is no good leaves all as it was */
	int r = k->unit->read(k, value, field_of(&law, k), e);
	if (r < 0)
		return r;
	for (unsigned d = first; d <= last; d++) {
		r = k->unit->read(k, value, field_of(&c->law[d], k), e);
		assert(r == 0);
	}
	return 0;
}

int wire_check(const struct wire_config *c, struct err *e)
{
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		const struct wire_law *law = &c->law[d];
		if (law->mtu > 0 && law->mtu < ETH_HLEN)
			return err_set(e, -EINVAL, "mtu: no frame is as short as %" PRIu64 "B",
				       law->mtu);
	}
	return 0;
}
