/* SPDX-License-Identifier: MIT */
/* fuzz_record.c - any bytes as a record of runs: what is taken is whole, numbered without gaps, and
 * causes come before what they cause. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/recorded.h"
#include "tests/fuzz/fuzz.h"

static void look(const struct recorded *r)
{
	size_t words = strlen(r->scenario) + strlen(r->test) + strlen(r->backend);
	for (size_t i = 0; i < r->count; i++) {
		const struct happened *h = &r->v[i];
		assert(h->number == i + 1 && h->cause <= i && h->because <= i && h->at >= 0);
		words += strlen(h->who) + strlen(h->what) + strlen(h->words);
	}
	assert(words < SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recording rec;
	struct err e = { "" };
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (recorded_parse(&rec, text, &e) < 0) {
		assert(e.text[0]);
		return 0;
	}
	assert(rec.count);
	for (size_t i = 0; i < rec.count; i++)
		look(&rec.run[i]);
	recorded_fini(&rec);
	return 0;
}
