/* SPDX-License-Identifier: MIT */
/* report.c - what came of a load, for people or as JSON: the same facts. */
#include "plug/load/report.h"

#include <inttypes.h>

#include "lib/base/units.h"
#include "lib/proto/out.h"

static uint64_t per_second(uint64_t n, int64_t ns)
{
	if (ns <= 0)
		return 0;
	return (uint64_t)((double)n * 1e9 / (double)ns + 0.5);
}

static int64_t lost(const struct load_result *r)
{
	return (int64_t)r->expected - (int64_t)r->received;
}

static void quantile(struct out *o, const struct histogram *h, unsigned percent, const char *key)
{
	char text[UNIT_TEXT_LEN];
	int64_t ns = histogram_percentile(h, percent);
	out_json_i64(o, key, ns);
	out_text(o, ", %u %% within %s", percent, unit_time_text(text, ns));
}

static void latency(struct out *o, const struct histogram *h)
{
	char text[UNIT_TEXT_LEN];
	out_object(o, "latency");
	out_json_i64(o, "min_ns", h->min_ns);
	out_text(o, "latency: least %s", unit_time_text(text, h->min_ns));
	quantile(o, h, 50, "p50_ns");
	quantile(o, h, 90, "p90_ns");
	quantile(o, h, 99, "p99_ns");
	out_json_i64(o, "max_ns", h->max_ns);
	out_text(o, ", most %s\n", unit_time_text(text, h->max_ns));
	out_end_object(o);
}

static void sending(struct out *o, const struct load_plan *p, const struct load_result *r)
{
	char time[UNIT_TEXT_LEN];
	uint64_t pps = per_second(r->sent, r->time_ns);
	out_u64(o, "sent", "sent %" PRIu64 " frames", r->sent);
	out_json_u64(o, "size", p->size);
	out_json_i64(o, "time_ns", r->time_ns);
	out_json_u64(o, "tx_pps", pps);
	out_text(o, " of %" PRIu32 " bytes in %s: %" PRIu64 " frames/s, %" PRIu64 " Mbit/s\n",
		 p->size, unit_time_text(time, r->time_ns), pps, pps * p->size * 8 / 1000000);
	out_json_u64(o, "lost_at_source", r->gone);
	if (r->gone)
		out_text(o, "lost at our own end: %" PRIu64 "\n", r->gone);
}

static void receiving(struct out *o, const struct load_result *r)
{
	char time[UNIT_TEXT_LEN];
	uint64_t pps = per_second(r->received, r->rx_time_ns);
	out_u64(o, "received", "received %" PRIu64, r->received);
	out_json_i64(o, "rx_time_ns", r->rx_time_ns);
	out_json_u64(o, "rx_pps", pps);
	out_text(o, " in %s: %" PRIu64 " frames/s\n", unit_time_text(time, r->rx_time_ns), pps);
	out_i64(o, "lost", "lost %" PRId64, lost(r));
	out_u64(o, "reordered", ", reordered %" PRIu64, r->reordered);
	out_u64(o, "duplicated", ", duplicated %" PRIu64, r->duplicated);
	out_u64(o, "damaged", ", damaged %" PRIu64, r->damaged);
	out_u64(o, "other", "; other frames: %" PRIu64 "\n", r->other);
	latency(o, &r->latency);
}

static void processor(struct out *o, const struct load_plan *p, const struct load_result *r)
{
	uint64_t frames = p->generate && !r->expected ? r->sent : r->received;
	out_json_i64(o, "cpu_ns", r->cpu_ns);
	if (r->cpu_ns < 0 || !frames) {
		out_text(o, "process %" PRIu64 ": its time is not known\n", p->pid);
		return;
	}
	out_text(o, "process %" PRIu64 ": ", p->pid);
	out_u64(o, "cpu_ns_per_frame", "%" PRIu64 "ns of processor time a frame\n",
		(uint64_t)r->cpu_ns / frames);
}

void load_report(FILE *f, bool json, const struct load_plan *p, const struct load_result *r)
{
	struct out o;
	out_init(&o, json);
	if (p->generate)
		sending(&o, p, r);
	if (!p->generate || r->expected)
		receiving(&o, r);
	if (p->pid)
		processor(&o, p, r);
	out_done(&o);
	if (o.oom)
		fputs("out of memory", f);
	else
		fputs(o.text ? o.text : "", f);
	if (json)
		putc('\n', f);
	out_fini(&o);
}
