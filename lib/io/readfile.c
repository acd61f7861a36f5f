/* SPDX-License-Identifier: MIT */
/* readfile.c - a whole file into memory. */
#include "lib/io/readfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 256 << 20, FIRST = 1 << 16 };

static int grow(char **text, size_t *room)
{
	size_t more = *room ? 2 * *room : FIRST;
	char *t = more > MOST ? NULL : realloc(*text, more);
	if (!t)
		return more > MOST ? -EFBIG : -ENOMEM;
	*text = t;
	*room = more;
	return 0;
}

int readfile(void *ctx, const char *path, char **text, size_t *len, struct err *e)
{
	FILE *f = fopen(path, "re");
	size_t room = 0, n = 1;
	int r = 0;
	(void)ctx;
	*text = NULL;
	*len = 0;
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (n && !r) {
		if (*len == room)
			r = grow(text, &room);
		n = r ? 0 : fread(*text + *len, 1, room - *len, f);
		*len += n;
	}
	if (!r && ferror(f))
		r = -EIO;
	fclose(f);
	if (r < 0) {
		free(*text);
		return err_set(e, r, "%s: %s", path, strerror(-r));
	}
	return 0;
}
