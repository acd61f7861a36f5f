/* SPDX-License-Identifier: MIT */
/* account.c - what a receiver knows about a flow of numbered packets. */
#include "lab/station/account.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/histogram.h"
#include "lib/base/wire.h"

static const uint8_t magic[4] = { 'D', 'W', 'f', 'l' };

struct account {
	struct flow_account sum;
	uint64_t seen[ACCOUNT_WINDOW /
		      64]; /* bit seq % ACCOUNT_WINDOW, for the last ACCOUNT_WINDOW numbers */
	struct histogram latency;
};

void flow_stamp_write(const struct flow_stamp *f, uint8_t *out, size_t size)
{
	struct wr w = wr_over(out, size);
	wr_bytes(&w, magic, sizeof magic);
	wr_be32(&w, 0);
	wr_be64(&w, f->seq);
	wr_be64(&w, (uint64_t)f->sent_ns);
	wr_zero(&w, size - wr_len(&w));
}

bool flow_stamp_read(struct flow_stamp *f, const void *payload, size_t len)
{
	struct rd r = rd_over(payload, len);
	const uint8_t *m = rd_take(&r, sizeof magic);
	if (!m || memcmp(m, magic, sizeof magic) != 0 || rd_be32(&r) != 0)
		return false;
	uint64_t seq = rd_be64(&r), sent = rd_be64(&r);
	/* Numbers that no sender reaches are not ours: they would push the window out of reach. */
	if (r.bad || seq >= UINT64_C(1) << 62 || sent > INT64_MAX)
		return false;
	*f = (struct flow_stamp){ .seq = seq, .sent_ns = (int64_t)sent };
	return true;
}

struct account *account_new(int64_t now)
{
	struct account *a = calloc(1, sizeof *a);
	if (a)
		a->sum.started_ns = a->sum.last_ns = now;
	return a;
}

void account_free(struct account *a)
{
	free(a);
}

static bool seen_before(const struct account *a, uint64_t seq)
{
	return a->seen[seq % ACCOUNT_WINDOW / 64] >> seq % 64 & 1;
}

static void mark_seen(struct account *a, uint64_t seq)
{
	a->seen[seq % ACCOUNT_WINDOW / 64] |= UINT64_C(1) << seq % 64;
}

/* A new highest number: the ones jumped over have not been seen. */
static void advance(struct account *a, uint64_t seq)
{
	uint64_t first = a->sum.highest;
	if (seq - first >= ACCOUNT_WINDOW)
		memset(a->seen, 0, sizeof a->seen);
	else
		for (uint64_t n = first; n < seq; n++)
			a->seen[n % ACCOUNT_WINDOW / 64] &= ~(UINT64_C(1) << n % 64);
	mark_seen(a, seq);
	a->sum.highest = seq + 1;
}

void account_take(struct account *a, const struct flow_stamp *f, int64_t now)
{
	struct flow_account *s = &a->sum;
	if (f->seq >= s->highest) {
		advance(a, f->seq);
	} else if (s->highest - f->seq > ACCOUNT_WINDOW) {
		s->reordered++;
	} else if (seen_before(a, f->seq)) {
		s->duplicated++;
		return; /* says nothing about the path's first copy: no latency, no end of a gap */
	} else {
		mark_seen(a, f->seq);
		s->reordered++;
	}
	s->received++;
	if (now - s->last_ns > s->longest_gap_ns)
		s->longest_gap_ns = now - s->last_ns;
	s->last_ns = now;
	histogram_add(&a->latency, now - f->sent_ns);
}

void account_read(const struct account *a, struct flow_account *out)
{
	*out = a->sum;
	out->latency_p50_ns = histogram_percentile(&a->latency, 50);
	out->latency_p99_ns = histogram_percentile(&a->latency, 99);
}
