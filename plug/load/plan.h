/* SPDX-License-Identifier: MIT */
/* plan.h - what load to make, as people write it: "size=64B,rate=10kpps,time=2s". */
#ifndef DW_PLUG_LOAD_PLAN_H
#define DW_PLUG_LOAD_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/ether.h"

enum { LOAD_SINKS_MAX = 4096 };

struct load_plan {
	bool generate;      /* else only receive */
	uint32_t size;      /* bytes of a frame, addresses and tag included */
	uint64_t rate_mpps; /* frames per 1000 s; 0: as fast as they are taken */
	uint64_t count;     /* frames; 0: any number */
	int64_t time_ns;    /* 0: no limit but the count */
	uint64_t addresses; /* stations on each side */
	uint64_t window;    /* frames under way at most; 0: any number */
	uint64_t sinks;     /* how often the second locator is opened */
	uint64_t pid;       /* whose processor time is of interest; 0: nobody's */
	int vlan;           /* -1: no tag */
	bool has_to;        /* all frames go to this address */
	uint8_t to[ETH_ALEN];
};

void load_plan_default(struct load_plan *p, bool generate);
/* 0 or -EINVAL with words. `text` NULL or "": nothing to change. */
int load_plan_parse(struct load_plan *p, const char *text, struct err *e);

#endif
