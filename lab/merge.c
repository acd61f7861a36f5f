/* SPDX-License-Identifier: MIT */
/* merge.c - dw-lab merge: the reports of shards as one, as if one machine had run it all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/found.h"
#include "lib/cli/opts.h"
#include "lib/io/readfile.h"

static int merge_file(struct found *all, const char *path, struct err *e)
{
	char *text = NULL;
	size_t len = 0;
	struct found f = { 0 };
	int r = readfile(NULL, path, &text, &len, e);
	if (!r)
		r = found_read(&f, text, len, e);
	if (!r)
		r = found_merge(all, &f);
	found_fini(&f);
	free(text);
	return r < 0 ? err_prefix(e, r, path) : 0;
}

int merge(const struct words *files)
{
	struct found all = { 0 };
	struct err e = { "" };
	int r = 0;
	for (size_t i = 0; i < files->count && !r; i++)
		r = merge_file(&all, files->v[i], &e);
	int code = 0;
	if (r < 0) {
		code = log_verdict(r == -EINVAL || r == -ENOENT ? 2 : 3, e.text);
	} else {
		report_version();
		code = found_report(&all, false, NULL);
	}
	found_fini(&all);
	return code;
}
