/* SPDX-License-Identifier: MIT */
/* cpu.c - processor time of another process, from the scheduler's own figures: clock ticks are too
 * coarse for a run of a second. */
#include "plug/load/cpu.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>

static int64_t of_thread(uint64_t pid, const char *thread)
{
	char path[320];
	int64_t ns = 0;
	snprintf(path, sizeof path, "/proc/%" PRIu64 "/task/%s/schedstat", pid, thread);
	FILE *f = fopen(path, "re");
	if (!f)
		return 0; /* it has just ended */
	if (fscanf(f, "%" SCNd64, &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

int64_t cpu_of(uint64_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%" PRIu64 "/task", pid);
	DIR *d = opendir(path);
	int64_t sum = 0;
	if (!d)
		return -1;
	for (const struct dirent *t = readdir(d); t; t = readdir(d))
		if (t->d_name[0] != '.')
			sum += of_thread(pid, t->d_name);
	closedir(d);
	return sum > 0 ? sum : -1;
}
