/* SPDX-License-Identifier: MIT */
/* keyforms.c - keys whose values have a form of their own: laws by name, lists, files. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/core/files.h"
#include "wire/core/fixed.h"
#include "wire/core/keys.h"
#include "wire/core/markov.h"

struct words { /* a closed list of words, NULL ends */
	const char *const *v;
};

static const char *word_at(const void *list, size_t i)
{
	return ((const struct words *)list)->v[i];
}

static int word_of(const struct words *w, const char *text, const char *what, unsigned *out,
		   struct err *e)
{
	char all[200] = "";
	for (unsigned i = 0; w->v[i]; i++) {
		if (strcmp(w->v[i], text) == 0) {
			*out = i;
			return 0;
		}
		size_t n = strlen(all);
		snprintf(all + n, sizeof all - n, "%s%s", i ? ", " : "", w->v[i]);
	}
	const char *near = nearest_word(text, word_at, w);
	if (near)
		return err_set(e, -EINVAL, "%s is no %s; did you mean %s?", text, what, near);
	return err_set(e, -EINVAL, "%s is no %s: %s", text, what, all);
}

static const char *file_of(const char *text)
{
	return strncmp(text, "file:", 5) == 0 && text[5] ? text + 5 : NULL;
}

/* The next piece of a list into `piece`; past it, or NULL after the last. */
static const char *next_piece(const char *text, char *piece, size_t room)
{
	size_t n = strcspn(text, ",");
	snprintf(piece, room, "%.*s", (int)n, text);
	return text[n] ? text + n + 1 : NULL;
}

/* ---- dist ---- */

static const char *const dist_names[] = {
	[WIRE_UNIFORM] = "uniform",         [WIRE_NORMAL] = "normal",
	[WIRE_PARETO] = "pareto",           [WIRE_PARETONORMAL] = "paretonormal",
	[WIRE_EXPONENTIAL] = "exponential", NULL
};

static int read_dist(const struct key *k, const char *text, struct wire_law *law,
		     struct wire_files *files, struct err *e)
{
	static const struct words words = { dist_names };
	const char *path = file_of(text);
	unsigned i;
	(void)k;
	int r = path ? files_samples(files, path, &law->dist_file, e)
		     : word_of(&words, text, "distribution", &i, e);
	if (!r)
		law->dist = path ? WIRE_DIST_FILE : (enum wire_dist)i;
	return r;
}

static void write_dist(const struct key *k, const struct wire_law *law,
		       char text[static KEY_TEXT_LEN])
{
	(void)k;
	if (law->dist == WIRE_DIST_FILE)
		snprintf(text, KEY_TEXT_LEN, "file:%s", law->dist_file->path);
	else
		snprintf(text, KEY_TEXT_LEN, "%s", dist_names[law->dist]);
}

const struct key_unit key_dist = { read_dist, write_dist };

/* ---- rate ---- */

static int read_rate(const struct key *k, const char *text, struct wire_law *law,
		     struct wire_files *files, struct err *e)
{
	const char *path = file_of(text);
	uint64_t bps = 0;
	const struct wire_trace *trace = NULL;
	int r = path ? files_trace(files, path, &trace, e) : unit_rate(text, &bps, e);
	if (r < 0)
		return r;
	if (bps > k->max) {
		char most[UNIT_TEXT_LEN];
		return err_set(e, -ERANGE, "%s is more than %s", text,
			       unit_rate_text(most, k->max));
	}
	law->trace = trace;
	law->rate_bps = bps;
	return 0;
}

static void write_rate(const struct key *k, const struct wire_law *law,
		       char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	(void)k;
	if (law->trace)
		snprintf(text, KEY_TEXT_LEN, "file:%s", law->trace->path);
	else
		snprintf(text, KEY_TEXT_LEN, "%s", unit_rate_text(v, law->rate_bps));
}

const struct key_unit key_rate = { read_rate, write_rate };

/* ---- lists of probabilities, or "off" ---- */

/* Reads up to `max` of them; the number read, or -EINVAL. */
static int read_probs(const char *text, uint64_t *p, unsigned max, const char *form, struct err *e)
{
	char piece[64];
	unsigned n = 0;
	do {
		if (n == max)
			return err_set(e, -EINVAL, "%s: more than %s", text, form);
		text = next_piece(text, piece, sizeof piece);
		int r = unit_prob(piece, &p[n++], e);
		if (r < 0)
			return r;
	} while (text);
	return (int)n;
}

static void write_probs(const uint64_t *p, unsigned n, bool on, char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	size_t at = 0;
	if (!on)
		snprintf(text, KEY_TEXT_LEN, "off");
	for (unsigned i = 0; on && i < n; i++)
		at += (size_t)snprintf(text + at, KEY_TEXT_LEN - at, "%s%s", i ? "," : "",
				       unit_prob_text(v, p[i]));
}

static int read_ge(const struct key *k, const char *text, struct wire_law *law,
		   struct wire_files *files, struct err *e)
{
	uint64_t p[GE_PARTS];
	(void)files;
	law->ge.on = false;
	if (strcmp(text, "off") == 0)
		return 0;
	int n = read_probs(text, p, GE_PARTS, k->arg, e);
	if (n < 0)
		return n;
	if (n <= GE_R) /* netem's defaults */
		p[GE_R] = prob_not(p[GE_P]);
	if (n <= GE_BAD)
		p[GE_BAD] = PROB_ONE;
	if (n <= GE_GOOD)
		p[GE_GOOD] = 0;
	memcpy(law->ge.p, p, sizeof p);
	law->ge.on = true;
	return 0;
}

static void write_ge(const struct key *k, const struct wire_law *law,
		     char text[static KEY_TEXT_LEN])
{
	(void)k;
	write_probs(law->ge.p, GE_PARTS, law->ge.on, text);
}

const struct key_unit key_ge = { read_ge, write_ge };

static int read_loss_state(const struct key *k, const char *text, struct wire_law *law,
			   struct wire_files *files, struct err *e)
{
	uint64_t p[LS_PARTS];
	(void)files;
	law->loss_state.on = false;
	if (strcmp(text, "off") == 0)
		return 0;
	int n = read_probs(text, p, LS_PARTS, k->arg, e);
	if (n < 0)
		return n;
	if (n <= LS_P31) /* netem's defaults */
		p[LS_P31] = prob_not(p[LS_P13]);
	if (n <= LS_P32)
		p[LS_P32] = 0;
	if (n <= LS_P23)
		p[LS_P23] = PROB_ONE;
	if (n <= LS_P14)
		p[LS_P14] = 0;
	memcpy(law->loss_state.p, p, sizeof p);
	law->loss_state.on = true;
	return 0;
}

static void write_loss_state(const struct key *k, const struct wire_law *law,
			     char text[static KEY_TEXT_LEN])
{
	(void)k;
	write_probs(law->loss_state.p, LS_PARTS, law->loss_state.on, text);
}

const struct key_unit key_loss_state = { read_loss_state, write_loss_state };

/* ---- loss-pattern ---- */

static int read_pattern(const struct key *k, const char *text, struct wire_law *law,
			struct wire_files *files, struct err *e)
{
	size_t n = strlen(text);
	(void)k;
	(void)files;
	if (strcmp(text, "off") == 0) {
		law->loss_pattern[0] = '\0';
		return 0;
	}
	if (n == 0 || strspn(text, "01") != n)
		return err_set(e, -EINVAL, "%s is no pattern of 0 (passes) and 1 (is lost)", text);
	if (n >= sizeof law->loss_pattern)
		return err_set(e, -ERANGE, "%zu places; %zu are the most", n,
			       sizeof law->loss_pattern - 1);
	memcpy(law->loss_pattern, text, n + 1);
	return 0;
}

static void write_pattern(const struct key *k, const struct wire_law *law,
			  char text[static KEY_TEXT_LEN])
{
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", law->loss_pattern[0] ? law->loss_pattern : "off");
}

const struct key_unit key_pattern = { read_pattern, write_pattern };

/* ---- queue: NAME[,PARAMETER=VALUE...] ---- */

static const char *const queue_names[] = { [WIRE_DROPTAIL] = "droptail",
					   [WIRE_DROPHEAD] = "drophead",
					   [WIRE_RED] = "red",
					   [WIRE_CODEL] = "codel",
					   NULL };

#define CODEL_TARGET_NS (5 * NS_PER_MS) /* RFC 8289, 4.3 and 4.4 */
#define CODEL_INTERVAL_NS (100 * NS_PER_MS)
#define RED_P (PROB_ONE / 50) /* 2 %: tc-red(8) */

static int queue_parameter(struct wire_law *law, char *piece, struct err *e)
{
	char *value = strchr(piece, '=');
	enum wire_queue kind = law->queue.kind;
	int r;
	if (value)
		*value++ = '\0';
	if (value && kind == WIRE_RED && strcmp(piece, "min") == 0)
		r = unit_amount(value, &law->queue.min, e);
	else if (value && kind == WIRE_RED && strcmp(piece, "max") == 0)
		r = unit_amount(value, &law->queue.max, e);
	else if (value && kind == WIRE_RED && strcmp(piece, "p") == 0)
		r = unit_prob(value, &law->queue.p, e);
	else if (value && kind == WIRE_CODEL && strcmp(piece, "target") == 0)
		r = unit_time(value, &law->queue.target_ns, e);
	else if (value && kind == WIRE_CODEL && strcmp(piece, "interval") == 0)
		r = unit_time(value, &law->queue.interval_ns, e);
	else
		return err_set(e, -EINVAL, "%s: %s has no such parameter%s", piece,
			       queue_names[kind],
			       kind == WIRE_RED     ? " (min=, max=, p=)"
			       : kind == WIRE_CODEL ? " (target=, interval=)"
						    : "");
	return r < 0 ? err_prefix(e, r, piece) : 0;
}

static int read_queue(const struct key *k, const char *text, struct wire_law *law,
		      struct wire_files *files, struct err *e)
{
	static const struct words words = { queue_names };
	char piece[64];
	unsigned kind;
	(void)k;
	(void)files;
	text = next_piece(text, piece, sizeof piece);
	int r = word_of(&words, piece, "queue discipline", &kind, e);
	if (r < 0)
		return r;
	memset(&law->queue, 0, sizeof law->queue);
	law->queue.kind = (enum wire_queue)kind;
	law->queue.p = RED_P;
	law->queue.target_ns = CODEL_TARGET_NS;
	law->queue.interval_ns = CODEL_INTERVAL_NS;
	while (text && !r) {
		text = next_piece(text, piece, sizeof piece);
		r = queue_parameter(law, piece, e);
	}
	if (!r && (law->queue.target_ns < 0 || law->queue.interval_ns <= 0))
		r = err_set(e, -ERANGE, "target and interval: no times to wait");
	return r;
}

static void write_queue(const struct key *k, const struct wire_law *law,
			char text[static KEY_TEXT_LEN])
{
	char a[UNIT_TEXT_LEN], b[UNIT_TEXT_LEN], c[UNIT_TEXT_LEN];
	(void)k;
	int n = snprintf(text, KEY_TEXT_LEN, "%s", queue_names[law->queue.kind]);
	char *rest = text + n;
	size_t room = KEY_TEXT_LEN - (size_t)n;
	if (law->queue.kind == WIRE_CODEL)
		snprintf(rest, room, ",target=%s,interval=%s",
			 unit_time_text(a, law->queue.target_ns),
			 unit_time_text(b, law->queue.interval_ns));
	if (law->queue.kind == WIRE_RED && law->queue.max.count)
		snprintf(rest, room, ",min=%s,max=%s,p=%s", unit_amount_text(a, law->queue.min),
			 unit_amount_text(b, law->queue.max), unit_prob_text(c, law->queue.p));
	else if (law->queue.kind == WIRE_RED)
		snprintf(rest, room, ",p=%s", unit_prob_text(c, law->queue.p));
}

const struct key_unit key_queue = { read_queue, write_queue };

/* ---- slot: MIN[,MAX][,packets=N][,bytes=SIZE] ---- */

static int slot_parameter(struct wire_law *law, char *piece, struct err *e)
{
	if (strncmp(piece, "packets=", 8) == 0)
		return unit_u64(piece + 8, 1, UINT32_MAX, &law->slot.packets, e);
	if (strncmp(piece, "bytes=", 6) == 0)
		return unit_bytes(piece + 6, &law->slot.bytes, e);
	int r = unit_time(piece, &law->slot.max_ns, e);
	if (!r && law->slot.max_ns < law->slot.min_ns)
		r = err_set(e, -ERANGE, "%s: the longest wait is shorter than the shortest", piece);
	return r;
}

static int read_slot(const struct key *k, const char *text, struct wire_law *law,
		     struct wire_files *files, struct err *e)
{
	char piece[64];
	(void)files;
	memset(&law->slot, 0, sizeof law->slot);
	if (strcmp(text, "off") == 0)
		return 0;
	text = next_piece(text, piece, sizeof piece);
	int r = unit_time(piece, &law->slot.min_ns, e);
	if (!r && law->slot.min_ns < 0)
		r = err_set(e, -ERANGE, "%s is no time to wait", piece);
	law->slot.max_ns = law->slot.min_ns;
	while (text && !r) {
		text = next_piece(text, piece, sizeof piece);
		r = slot_parameter(law, piece, e);
	}
	if (!r && (law->slot.max_ns <= 0 || (uint64_t)law->slot.max_ns > k->max))
		r = err_set(e, -ERANGE, "a slot comes after more than 0s and at most 1h");
	return r;
}

static void write_slot(const struct key *k, const struct wire_law *law,
		       char text[static KEY_TEXT_LEN])
{
	char a[UNIT_TEXT_LEN], b[UNIT_TEXT_LEN];
	(void)k;
	if (law->slot.max_ns == 0) {
		snprintf(text, KEY_TEXT_LEN, "off");
		return;
	}
	size_t n = (size_t)snprintf(text, KEY_TEXT_LEN, "%s", unit_time_text(a, law->slot.min_ns));
	if (law->slot.max_ns != law->slot.min_ns)
		n += (size_t)snprintf(text + n, KEY_TEXT_LEN - n, ",%s",
				      unit_time_text(b, law->slot.max_ns));
	if (law->slot.packets)
		n += (size_t)snprintf(text + n, KEY_TEXT_LEN - n, ",packets=%" PRIu64,
				      law->slot.packets);
	if (law->slot.bytes)
		snprintf(text + n, KEY_TEXT_LEN - n, ",bytes=%s",
			 unit_bytes_text(a, law->slot.bytes));
}

const struct key_unit key_slot = { read_slot, write_slot };

/* ---- compat ---- */

static const char *const compat_names[] = {
	[WIRE_OWN] = "off", [WIRE_NETEM] = "netem", [WIRE_WIREFILTER] = "wirefilter", NULL
};

static int read_compat(const struct key *k, const char *text, struct wire_law *law,
		       struct wire_files *files, struct err *e)
{
	static const struct words words = { compat_names };
	unsigned i;
	(void)k;
	(void)files;
	int r = word_of(&words, text, "program to be like", &i, e);
	if (!r)
		law->compat = (enum wire_compat)i;
	return r;
}

static void write_compat(const struct key *k, const struct wire_law *law,
			 char text[static KEY_TEXT_LEN])
{
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", compat_names[law->compat]);
}

const struct key_unit key_compat = { read_compat, write_compat };

/* ---- markov ---- */

static int read_markov(const struct key *k, const char *text, struct wire_law *law,
		       struct wire_files *files, struct err *e)
{
	(void)k;
	law->markov = NULL;
	return strcmp(text, "off") == 0 ? 0 : files_markov(files, text, &law->markov, e);
}

static void write_markov(const struct key *k, const struct wire_law *law,
			 char text[static KEY_TEXT_LEN])
{
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", law->markov ? law->markov->value : "off");
}

const struct key_unit key_markov = { read_markov, write_markov };

/* ---- filter ---- */

static int read_filter(const struct key *k, const char *text, struct wire_law *law,
		       struct wire_files *files, struct err *e)
{
	(void)k;
	law->filter = NULL;
	return strcmp(text, "off") == 0 ? 0 : files_filter(files, text, &law->filter, e);
}

static void write_filter(const struct key *k, const struct wire_law *law,
			 char text[static KEY_TEXT_LEN])
{
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", law->filter ? law->filter->text : "off");
}

const struct key_unit key_filter = { read_filter, write_filter };
