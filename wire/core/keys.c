/* SPDX-License-Identifier: MIT */
/* keys.c - the impairment keys: {name, value, unit, default, range, stage, help}, one row each. */
#include "wire/core/keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/core/markov.h"
#include "wire/core/side.h"

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
	{ "dist", "LAW|file:PATH", &key_dist, "uniform", 0, 0, "delay",
	  "by which law: uniform, normal, pareto, paretonormal, exponential, or a table as tc has "
	  "it",
	  LAW(dist) },
	{ "delay-corr", "PROB", &key_prob, "0%", 0, 0, "delay",
	  "how alike the jitter of neighbours is", LAW(delay_corr) },
	{ "fifo", "yes|no", &key_bool, "no", 0, 0, "delay", "jitter does not reorder", LAW(fifo) },
	{ "loss", "PROB", &key_prob, "0%", 0, 0, "loss", "each frame is lost with this probability",
	  LAW(loss) },
	{ "loss-corr", "PROB", &key_prob, "0%", 0, 0, "loss",
	  "correlation of the losses of neighbours; the mean stays", LAW(loss_corr) },
	{ "loss-burst", "LENGTH", &key_burst, "0", 0, 1000000000, "loss",
	  "mean length of a run of losses; the mean stays; 0: no bursts", LAW(loss_burst_milli) },
	{ "ge", "P[,R[,1-H[,1-K]]]", &key_ge, "off", 0, 0, "loss",
	  "Gilbert-Elliott: to bad, to good, loss in bad, loss in good", LAW(ge) },
	{ "loss-state", "P13[,P31[,P32[,P23[,P14]]]]", &key_loss_state, "off", 0, 0, "loss",
	  "netem's chain of four states", LAW(loss_state) },
	{ "loss-pattern", "01...", &key_pattern, "off", 0, 0, "loss",
	  "over and over: 1 is lost, 0 passes (0001: every fourth)", LAW(loss_pattern) },
	{ "markov", "CHAIN|file:PATH", &key_markov, "off", 0, 0, "markov",
	  "the law moves: \"time 100ms; node NAME key=value...; edge FROM TO PROB\"", LAW(markov) },
	{ "dup", "PROB", &key_prob, "0%", 0, 0, "duplicate",
	  "each frame comes twice with this probability", LAW(dup) },
	{ "dup-corr", "PROB", &key_prob, "0%", 0, 0, "duplicate",
	  "correlation of neighbours in that", LAW(dup_corr) },
	{ "corrupt", "PROB", &key_prob, "0%", 0, 0, "corrupt",
	  "one bit of a frame flips with this probability", LAW(corrupt) },
	{ "ber", "PROB", &key_prob, "0%", 0, 0, "corrupt", "each bit flips with this probability",
	  LAW(ber) },
	{ "reorder", "PROB", &key_prob, "0%", 0, 0, "reorder",
	  "each frame skips the delay with this probability", LAW(reorder) },
	{ "gap", "N", &key_count, "1", 1, UINT32_MAX, "reorder", "but only every N-th may",
	  LAW(gap) },
	{ "rate", "RATE|file:PATH", &key_rate, "0bit", 0, RATE_MAX, "rate",
	  "bits per second, or a packet trace of Mahimahi; 0bit: no limit", LAW(rate_bps) },
	{ "rate-burst", "SIZE", &key_size, "0B", 0, UINT32_MAX, "rate",
	  "what an idle line sends at once", LAW(rate_burst) },
	{ "overhead", "SIZE", &key_signed_size, "0B", 0, 65536, "rate",
	  "added to each frame on the line (-14B: taken off)", LAW(overhead) },
	{ "cell", "SIZE", &key_size, "0B", 0, 65536, "rate",
	  "the line sends whole cells of that much payload (ATM: 48B)", LAW(cell) },
	{ "cell-overhead", "SIZE", &key_signed_size, "0B", 0, 65536, "rate",
	  "added to each cell (ATM: 5B)", LAW(cell_overhead) },
	{ "limit", "AMOUNT", &key_amount, "1000p", 0, UINT32_MAX, "queue",
	  "what may wait for the rate, in packets or bytes", LAW(limit) },
	{ "queue", "NAME[,...]", &key_queue, "droptail", 0, 0, "queue",
	  "droptail, drophead, red,min=,max=,p=, codel,target=,interval=", LAW(queue) },
	{ "slot", "MIN[,MAX][,packets=N][,bytes=SIZE]", &key_slot, "off", 0, HOUR_NS, "slot",
	  "frames gather and leave together", LAW(slot) },
	{ "mtu", "SIZE", &key_size, "0B", 0, UINT16_MAX, "mtu", "longer frames are lost; 0B: none",
	  LAW(mtu) },
	{ "filter", "EXPRESSION", &key_filter, "off", 0, 0, "filter",
	  "impair only these frames (as tcpdump has it); the others keep to the rate and the order",
	  LAW(filter) },
	{ "compat", "off|netem|wirefilter", &key_compat, "off", 0, 0, "order",
	  "the stages in that program's order, with its arithmetic", LAW(compat) },
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

void key_text(const struct key *k, const struct wire_law *law, char text[static KEY_TEXT_LEN])
{
	k->unit->write(k, law, text);
}

void wire_config_default(struct wire_config *c)
{
	*c = (struct wire_config){ .name = "wire", .tolerance_ns = NS_PER_MS };
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		for (const struct key *k = wire_keys; k->name; k++) {
			int r = k->unit->read(k, k->def, &c->law[d], NULL, NULL);
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

/* Who hands on a word of the management language may leave its quotes around the value. */
static const char *unquoted(const char *value, char plain[static KEY_TEXT_LEN])
{
	size_t n = strlen(value);
	if (n < 2 || n - 2 >= KEY_TEXT_LEN || value[0] != '"' || value[n - 1] != '"')
		return value;
	memcpy(plain, value + 1, n - 2);
	plain[n - 2] = '\0';
	return plain;
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
	char plain[KEY_TEXT_LEN];
	value = unquoted(value, plain);
	struct wire_law law = c->law[first]; /* a value that is no good leaves all as it was */
	int r = k->unit->read(k, value, &law, c->files, e);
	if (r < 0)
		return r;
	for (unsigned d = first; d <= last; d++) {
		r = k->unit->read(k, value, &c->law[d], c->files, e);
		assert(r == 0);
	}
	return 0;
}

static int loss_laws(const struct wire_law *law)
{
	return (law->loss > 0) + law->ge.on + law->loss_state.on + (law->loss_pattern[0] != '\0');
}

static int check_loss(const struct wire_law *law, struct err *e)
{
	struct step step;
	if (loss_laws(law) > 1)
		return err_set(
			e, -EINVAL,
			"loss: one law of loss at a time (loss, ge, loss-state, loss-pattern)");
	if ((law->loss_corr || law->loss_burst_milli) && law->loss == 0)
		return err_set(e, -EINVAL, "%s: of what? loss is 0%%",
			       law->loss_corr ? "loss-corr" : "loss-burst");
	if (law->loss_corr && law->loss_burst_milli)
		return err_set(e, -EINVAL,
			       "loss-burst: loss-corr says how losses follow each other already");
	if (law->loss_burst_milli && !step_bursts(&step, law->loss, law->loss_burst_milli))
		return err_set(e, -EINVAL, "loss-burst: so much loss needs longer bursts");
	return 0;
}

/* What netem cannot do is not done by halves. */
static int check_netem(const struct wire_law *law, struct err *e)
{
	const char *strange = law->loss_burst_milli              ? "loss-burst"
			      : law->loss_pattern[0]             ? "loss-pattern"
			      : law->ber                         ? "ber"
			      : law->dist == WIRE_EXPONENTIAL    ? "dist=exponential"
			      : law->fifo                        ? "fifo"
			      : law->trace                       ? "a trace"
			      : law->rate_burst                  ? "rate-burst"
			      : law->queue.kind != WIRE_DROPTAIL ? "another queue than droptail"
			      : law->slot.max_ns                 ? "slot in the way it is here"
								 : NULL;
	return strange ? err_set(e, -EINVAL, "compat: netem has no %s", strange) : 0;
}

static int check_law(const struct wire_law *law, struct err *e)
{
	bool delayed = law->delay_ns > 0 || law->jitter_ns > 0;
	int r = check_loss(law, e);
	if (r < 0)
		return r;
	if (law->compat == WIRE_NETEM)
		r = check_netem(law, e);
	if (r < 0)
		return r;
	if (law->reorder && !delayed)
		return err_set(e, -EINVAL,
			       "reorder: frames overtake by skipping the delay, and there is none");
	if (law->gap > 1 && !law->reorder)
		return err_set(e, -EINVAL,
			       "gap: says which frames may overtake, and reorder is 0%%");
	if (law->delay_corr && !law->jitter_ns)
		return err_set(e, -EINVAL, "delay-corr: of what? jitter is 0s");
	if (law->dup_corr && !law->dup)
		return err_set(e, -EINVAL, "dup-corr: of what? dup is 0%%");
	if (law->slot.max_ns && (law->rate_bps || law->trace))
		return err_set(e, -EINVAL, "slot: slots or a rate, not both");
	if (law->cell && (int64_t)law->cell + law->cell_overhead <= 0)
		return err_set(e, -EINVAL, "cell-overhead: takes off more than a cell holds");
	if (law->mtu > 0 && law->mtu < ETH_HLEN)
		return err_set(e, -EINVAL, "mtu: no frame is as short as %" PRIu64 "B", law->mtu);
	return 0;
}

static int check_laws(const struct wire_law law[WIRE_DIRS], struct err *e)
{
	struct err other;
	int ab = check_law(&law[WIRE_AB], e);
	int ba = check_law(&law[WIRE_BA], ab ? &other : e);
	if (ab && ba)
		return ab;
	return ab ? err_prefix(e, ab, "ab") : ba ? err_prefix(e, ba, "ba") : 0;
}

int wire_check(const struct wire_config *c, struct err *e)
{
	const struct wire_markov *m = c->law[WIRE_AB].markov;
	int r = check_laws(c->law, e);
	if (!r && m != c->law[WIRE_BA].markov)
		r = err_set(e, -EINVAL, "markov: one chain moves both directions");
	for (unsigned i = 0; m && !r && i < m->count; i++) {
		struct wire_law law[WIRE_DIRS];
		markov_laws(m, i, c, law);
		r = check_laws(law, e);
		if (r < 0) {
			err_prefix(e, r, m->node[i].name);
			err_prefix(e, r, "markov");
		}
	}
	return r;
}
