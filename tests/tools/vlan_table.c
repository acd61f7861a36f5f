/* SPDX-License-Identifier: MIT */
/* vlan_table.c - prints the table of tag in -> mode -> tag out as mdoc, for the man page of
 * dw-switch. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/bridge/vlan_truth.h"

static const char *cell(const char *tags)
{
	return !*tags ? "none" : !strcmp(tags, "-") ? "\\(em" : tags;
}

static void column_heads(void)
{
	printf(".Bl -column \"native-untagged\"");
	for (unsigned c = 0; c < TRUTH_COLUMNS; c++)
		printf(" \"10/10/20\"");
	printf("\n.It Em mode");
	for (unsigned c = 0; c < TRUTH_COLUMNS; c++)
		printf(" Ta Em %s", cell(truth_tags[c]));
	printf("\n");
}

static void table(const char *what, bool in)
{
	printf("%s\n", what);
	column_heads();
	for (unsigned i = 0; i < TRUTH_ROWS; i++) {
		printf(".It %s", truth[i].mode);
		for (unsigned c = 0; c < TRUTH_COLUMNS; c++)
			printf(" Ta %s", cell(in ? truth[i].in[c] : truth[i].out[c]));
		printf("\n");
		if (!*truth[i].settings)
			continue;
		printf(".It \\ \\ ");
		for (const char *s = truth[i].settings; *s; s++)
			printf(*s == ' ' ? "\\ " : "%c", *s); /* one line, over the columns */
		for (unsigned c = 0; c < TRUTH_COLUMNS; c++)
			printf(" Ta \\&");
		printf("\n");
	}
	printf(".El\n");
}

int main(void)
{
	table("A frame with these tags that comes in at the port,\nas a transparent port sees it:",
	      true);
	printf(".Pp\n");
	table("A frame with these tags from a transparent port leaves the port as:", false);
	return 0;
}
