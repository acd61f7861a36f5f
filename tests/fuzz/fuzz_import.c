/* SPDX-License-Identifier: MIT */
/* fuzz_import.c - any text as a network in any format (the first byte says which): refused with
 * words, or one whose names and cables a lab takes. */
#include <stdlib.h>
#include <string.h>

#include "lab/import/import.h"
#include "tests/fuzz/fuzz.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_build(const struct topo *t)
{
	struct plan p;
	struct err e = { "" };
	plan_init(&p, "");
	for (size_t i = 0; i < t->nnodes; i++) {
		const struct topo_node *n = &t->node[i];
		must(n->kind != TOPO_ANY);
		int r = plan_add_node(&p, n->kind == TOPO_HOST ? NODE_HOST : NODE_SWITCH, n->name,
				      &e);
		must(r == (int)i);
	}
	for (size_t i = 0; i < t->nlinks; i++) {
		const struct topo_link *l = &t->link[i];
		must(plan_add_cable(&p, l->a, l->b, NULL, NULL, NULL, &e) == (int)i);
		for (size_t k = 0; k < l->keys.count; k++)
			must(strchr(l->keys.v[k], '=') != NULL);
	}
	must(plan_complete(&p, &e) == 0);
	plan_fini(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct topo t = { 0 };
	struct err e = { "" };
	if (size < 1 || size > 16384)
		return 0;
	unsigned kinds = 0;
	while (import_kinds[kinds].name)
		kinds++;
	char *text = malloc(size); /* of its very size: nothing may be read behind the NUL */
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	int r = import_read(&import_kinds[data[0] % kinds], text, size - 1, &t, &e);
	if (r < 0)
		must(e.text[0] != '\0');
	else
		must_build(&t);
	topo_fini(&t);
	free(text);
	return 0;
}
