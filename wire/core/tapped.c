/* SPDX-License-Identifier: MIT */
/* tapped.c - what befell a frame on its way, in words. */
#include <stdio.h>

#include "lib/base/units.h"
#include "wire/core/wire.h"

const char *wire_tapped_words(const struct wire_tapped *t, int64_t now, char *out, size_t room)
{
	char delay[UNIT_TEXT_LEN], copy[24] = "";
	const char *part[] = { NULL, NULL, t->corrupted ? "corrupted" : NULL,
			       t->overtook ? "overtook" : NULL };
	char first[UNIT_TEXT_LEN + 8];
	size_t len = 0;
	if (now > t->in_ns) {
		snprintf(first, sizeof first, "delayed %s", unit_time_text(delay, now - t->in_ns));
		part[0] = first;
	}
	if (t->copy) {
		snprintf(copy, sizeof copy, "duplicate %u", t->copy);
		part[1] = copy;
	}
	for (unsigned i = 0; i < sizeof part / sizeof *part; i++)
		if (part[i])
			len += (size_t)snprintf(out + len, room - len, "%s%s", len ? ", " : "",
						part[i]);
	return len ? out : NULL;
}
