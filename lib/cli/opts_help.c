/* SPDX-License-Identifier: MIT */
/* opts_help.c - the table as people read it, and as a shell completes it. */
#include "lib/cli/opts_rows.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 32, HELP_WIDTH = 80, NAMES_LEN = 256 };

/* Prints words from `column` on, in lines of HELP_WIDTH that begin at `indent`. */
static void print_wrapped(const char *text, size_t column, size_t indent)
{
	while (*text) {
		size_t len = strcspn(text, " ");
		if (column > indent && column + 1 + len > HELP_WIDTH) {
			printf("\n%*s", (int)indent, "");
			column = indent;
		}
		if (column > indent) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)len, text);
		column += len;
		text += len + strspn(text + len, " ");
	}
	putchar('\n');
}

static void add(char buf[static NAMES_LEN], size_t *len, const char *text)
{
	int n = snprintf(buf + *len, NAMES_LEN - *len, "%s", text);
	*len += n > 0 && *len + (size_t)n < NAMES_LEN ? (size_t)n : 0;
}

/* "  -s, --sock, --vdesock DIR": row i and its other names behind it. */
static size_t row_names(const struct rows *r, size_t i, char buf[static NAMES_LEN])
{
	const struct opt *o = r->v[i].head;
	const char *sep = "  ";
	size_t len = 0;
	for (size_t j = i; j < r->count && r->v[j].head == o; j++) {
		if (!r->v[j].letter || (j > i && r->v[j].letter == r->v[j - 1].letter))
			continue;
		add(buf, &len, sep);
		add(buf, &len, (char[]){ '-', r->v[j].letter, '\0' });
		sep = ", ";
	}
	for (size_t j = i; j < r->count && r->v[j].head == o; j++) {
		add(buf, &len, *sep == ' ' ? "      " : sep);
		add(buf, &len, "--");
		add(buf, &len, r->v[j].name);
		sep = ", ";
	}
	if (opt_arg_optional(o)) { /* "[MAX]" */
		add(buf, &len, "[=");
		add(buf, &len, o->arg + 1);
	} else if (o->arg) {
		add(buf, &len, " ");
		add(buf, &len, o->arg);
	}
	return len;
}

static void help_rows(const struct rows *r, bool common, const char *title)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct row *row = &r->v[i];
		if (row->common != common || !row->head->help || !*row->head->help ||
		    (i > 0 && row->head == r->v[i - 1].head))
			continue;
		if (title)
			printf("\n%s\n", title);
		title = NULL;
		char names[NAMES_LEN];
		size_t len = row_names(r, i, names);
		printf("%s", names);
		if (len + 2 > HELP_COLUMN) {
			putchar('\n');
			len = 0;
		}
		printf("%*s", (int)(HELP_COLUMN - len), "");
		print_wrapped(row->head->help, HELP_COLUMN, HELP_COLUMN);
	}
}

void rows_help(const struct rows *r)
{
	const struct program *p = r->program;
	printf("Usage: %s %s\n", p->name, p->usage ? p->usage : "[OPTION...]");
	if (p->about)
		print_wrapped(p->about, 0, 0);
	help_rows(r, false, "Options:");
	help_rows(r, true, "Common options:");
}

void opts_help(const struct program *p)
{
	struct rows r;
	if (rows_init(&r, p))
		rows_help(&r);
	rows_fini(&r);
}

/* Prints those of "auto|always|never" that begin with `word`, each behind `before`. */
static void print_values(const struct opt *o, const char *before, const char *word)
{
	if (!o->arg || !strchr(o->arg, '|'))
		return;
	const char *p = o->arg;
	size_t len = strlen(word);
	while (*p) {
		size_t n = strcspn(p, "|");
		if (n >= len && strncmp(p, word, len) == 0)
			printf("%s%.*s\n", before, (int)n, p);
		p += n + (p[n] == '|');
	}
}

static const struct row *row_named(const struct rows *r, const char *text, size_t len)
{
	for (size_t i = 0; i < r->count; i++)
		if (opt_name_is(r->v[i].name, text, len))
			return &r->v[i];
	return NULL;
}

void rows_complete(const struct rows *r, const char *before, const char *word)
{
	if (strncmp(before, "--", 2) == 0) {
		const struct row *row = row_named(r, before + 2, strlen(before + 2));
		if (row && row->head->arg && !opt_arg_optional(row->head)) {
			print_values(row->head, "", word);
			return;
		}
	}
	const char *eq = strchr(word, '=');
	if (strncmp(word, "--", 2) == 0 && eq) {
		char named[NAMES_LEN];
		const struct row *row = row_named(r, word + 2, (size_t)(eq - word) - 2);
		snprintf(named, sizeof named, "%.*s", (int)(eq - word) + 1, word);
		if (row)
			print_values(row->head, named, eq + 1);
		return;
	}
	size_t dashes = strspn(word, "-");
	if (*word && (dashes == 0 || dashes > 2))
		return; /* not an option: the shell knows files */
	for (size_t i = 0; i < r->count; i++)
		if (opt_name_begins(r->v[i].name, word + dashes, strlen(word + dashes)))
			printf("--%s\n", r->v[i].name);
}
