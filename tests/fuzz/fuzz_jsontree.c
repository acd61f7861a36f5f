/* SPDX-License-Identifier: MIT */
/* fuzz_jsontree.c - any bytes as a report that is read again (dw-lab merge): what is taken is a
 * tree whose every branch can be walked, and what is missing reads as nothing. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lab/jsontree.h"
#include "tests/fuzz/fuzz.h"

static size_t walk(const struct json *j, const struct json *parent)
{
	size_t n = 0;
	for (; j; j = j->next) {
		assert(j->parent == parent);
		assert(!parent || (j->key != NULL) == (parent->kind == JSON_OBJECT));
		assert(!j->child || j->kind == JSON_LIST || j->kind == JSON_OBJECT);
		n += 1 + (j->text ? strlen(j->text) : 0);
		if (j->key && parent) {
			const struct json *first = json_get(parent, j->key);
			assert(first->key && strcmp(first->key, j->key) == 0);
			assert(json_text(parent, j->key) == first->text);
		}
		n += walk(j->child, j);
		assert(j->next || !parent || parent->last == j);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *j = NULL;
	struct err e = { "" };
	if (json_tree(&j, (const char *)data, size, &e) < 0) {
		assert(e.text[0] && !j);
		return 0;
	}
	assert(walk(j, NULL) > 0);
	assert(json_get(j, "\001none")->kind == JSON_NOTHING);
	assert(!json_text(j, "\001none") && json_number(j, "\001none") == 0);
	json_tree_free(j);
	return 0;
}
