/* SPDX-License-Identifier: MIT */
/* shard.c - which part of the seeds is ours: --shard I/N, or what a scheduler of array jobs has put
 * into the environment. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/lab.h"
#include "lib/base/units.h"

enum { SHARDS_MAX = 1000000 };

int shard_parse(const char *text, unsigned *shard, unsigned *shards, struct err *e)
{
	char first[16];
	uint64_t i, n;
	const char *slash = strchr(text, '/');
	if (!slash || (size_t)(slash - text) >= sizeof first)
		return err_set(e, -EINVAL, "'%s' is no part; write 2/8", text);
	snprintf(first, sizeof first, "%.*s", (int)(slash - text), text);
	if (unit_u64(slash + 1, 1, SHARDS_MAX, &n, NULL) < 0 || unit_u64(first, 1, n, &i, NULL) < 0)
		return err_set(e, -EINVAL, "'%s' is no part; write 1/8 to 8/8", text);
	*shard = (unsigned)i;
	*shards = (unsigned)n;
	return 0;
}

#define OUR_COUNT "DRAHTWERK_SHARDS"

/* Who says what. Where only the index is told, the number of parts is ours to name. */
static const struct {
	const char *index, *count;
	unsigned base; /* the first index */
	const char *first, *step;
} schedulers[] = {
	{ "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0, "SLURM_ARRAY_TASK_MIN",
	  "SLURM_ARRAY_TASK_STEP" },
	{ "JOB_COMPLETION_INDEX", OUR_COUNT, 0, NULL, NULL }, /* Kubernetes, indexed jobs */
	{ "PARALLEL_SEQ", OUR_COUNT, 1, NULL, NULL },         /* GNU parallel */
	{ "CI_NODE_INDEX", "CI_NODE_TOTAL", 1, NULL, NULL },  /* GitLab */
	{ "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0, NULL, NULL },
	{ "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0, NULL, NULL },
	{ "SEMAPHORE_JOB_INDEX", "SEMAPHORE_JOB_COUNT", 1, NULL, NULL },
	{ "SYSTEM_JOBPOSITIONINPHASE", "SYSTEM_TOTALJOBSINPHASE", 1, NULL, NULL }, /* Azure */
};

static int number_of(const char *name, uint64_t missing, uint64_t *n, struct err *e)
{
	const char *text = name ? getenv(name) : NULL;
	*n = missing;
	if (!text || !*text)
		return 0;
	int r = unit_u64(text, 0, UINT32_MAX, n, e);
	return r < 0 ? err_prefix(e, r, name) : 0;
}

static bool set(const char *name)
{
	const char *text = getenv(name);
	return text && *text;
}

int shard_default(unsigned *shard, unsigned *shards, const char **which, struct err *e)
{
	*which = NULL;
	for (size_t k = 0; k < sizeof schedulers / sizeof *schedulers; k++) {
		uint64_t i = 0, n = 1, first = 0, step = 1;
		if (!set(schedulers[k].index) || !set(schedulers[k].count))
			continue;
		int r = number_of(schedulers[k].index, 0, &i, e);
		if (!r)
			r = number_of(schedulers[k].count, 1, &n, e);
		if (!r)
			r = number_of(schedulers[k].first, schedulers[k].base, &first, e);
		if (!r)
			r = number_of(schedulers[k].step, 1, &step, e);
		if (r < 0)
			return r;
		uint64_t nth = i >= first && step ? (i - first) / step : n;
		if (nth >= n || n > SHARDS_MAX)
			return err_set(e, -EINVAL, "%s=%s and %s=%s do not go together",
				       schedulers[k].index, getenv(schedulers[k].index),
				       schedulers[k].count, getenv(schedulers[k].count));
		*shard = (unsigned)nth + 1;
		*shards = (unsigned)n;
		*which = schedulers[k].index;
		return 0;
	}
	return 0;
}
