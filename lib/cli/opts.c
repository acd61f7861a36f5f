/* SPDX-License-Identifier: MIT */
/* opts.c - the command line against the table: as getopt_long(3), or getopt_long_only(3) on wish.
 */
#include "lib/cli/opts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cli/opts_rows.h"

enum { GO_ON = -1, MISUSE = 2 }; /* what opts_parse() returns */

struct parse {
	struct rows rows;
	void *ctx;
	int argc, at; /* at: the next word to look at */
	char **argv;
};

static const char *name_at(const void *list, size_t i)
{
	const struct rows *r = list;
	return i < r->count ? r->v[i].name : NULL;
}

static int say_unknown(const struct parse *p, const char *dashes, const char *text, size_t len)
{
	char word[64];
	snprintf(word, sizeof word, "%.*s", (int)len, text);
	const char *near = nearest_word(word, name_at, &p->rows);
	if (near)
		log_error("%s%s: no such option; did you mean --%s?", dashes, word, near);
	else
		log_error("%s%s: no such option; --help lists them", dashes, word);
	return MISUSE;
}

static int say_ambiguous(const struct parse *p, const char *dashes, const char *text, size_t len)
{
	char list[256] = "";
	size_t n = 0;
	for (size_t i = 0; i < p->rows.count && n < sizeof list; i++)
		if (opt_name_begins(p->rows.v[i].name, text, len))
			n += (size_t)snprintf(list + n, sizeof list - n, "%s--%s", n ? ", " : "",
					      p->rows.v[i].name);
	log_error("%s%.*s: could be %s", dashes, (int)len, text, list);
	return MISUSE;
}

/* Finds the row that `text` names or, where prefixes count, alone begins. Candidates of an elder
 * kind (win_ties, then own rows, then common ones) go first. NULL: none; *ambiguous: several. */
static const struct row *find_name(const struct parse *p, const char *text, size_t len,
				   bool *ambiguous)
{
	*ambiguous = false;
	for (size_t i = 0; i < p->rows.count; i++)
		if (opt_name_is(p->rows.v[i].name, text, len))
			return &p->rows.v[i];
	if (!(p->rows.program->flags & (OPTS_ONE_DASH | OPTS_PREFIX)) || len == 0)
		return NULL;
	const struct row *found[3] = { NULL };
	bool several[3] = { false };
	for (size_t i = 0; i < p->rows.count; i++) {
		const struct row *row = &p->rows.v[i];
		int kind = row->elder ? 0 : row->common ? 2 : 1;
		if (!opt_name_begins(row->name, text, len))
			continue;
		several[kind] |= found[kind] && found[kind]->head != row->head;
		if (!found[kind])
			found[kind] = row;
	}
	for (int kind = 0; kind < 3; kind++) {
		*ambiguous = several[kind];
		if (found[kind])
			return several[kind] ? NULL : found[kind];
	}
	return NULL;
}

static const struct row *find_letter(const struct parse *p, char letter)
{
	for (size_t i = 0; i < p->rows.count; i++)
		if (letter && p->rows.v[i].letter == letter)
			return &p->rows.v[i];
	return NULL;
}

static int call(struct parse *p, const struct row *row, const char *arg)
{
	const struct opt *o = row->head;
	const struct program *program = p->rows.program;
	struct err e = { "" };
	int r;
	if (o->take)
		r = o->take(row->common ? (void *)&p->rows : p->ctx, arg, &e);
	else
		r = program->take ? program->take(p->ctx, o, arg, &e) : 0;
	if (r > 0)
		return r - OPTS_END(0);
	if (r < 0) {
		log_error("--%s: %s", row->name, *e.text ? e.text : strerror(-r));
		return MISUSE;
	}
	return GO_ON;
}

/* The row was named; `arg` is what stood in the same word, or NULL. */
static int take_row(struct parse *p, const struct row *row, const char *arg)
{
	const struct opt *o = row->head;
	if (row->common && !o->take) { /* --complete: the rest of the line is its argument */
		int words = p->argc - p->at;
		rows_complete(&p->rows, words > 1 ? p->argv[p->argc - 2] : "",
			      arg         ? arg
			      : words > 0 ? p->argv[p->argc - 1]
					  : "");
		p->at = p->argc;
		return 0;
	}
	if (!o->arg && arg) {
		log_error("--%s: takes no value", row->name);
		return MISUSE;
	}
	if (o->arg && !arg && !opt_arg_optional(o)) {
		if (p->at == p->argc) {
			log_error("--%s: %s is missing", row->name, o->arg);
			return MISUSE;
		}
		arg = p->argv[p->at++];
	}
	return call(p, row, arg);
}

static int take_long(struct parse *p, const char *dashes, const char *text)
{
	size_t len = strcspn(text, "=");
	bool ambiguous;
	const struct row *row = find_name(p, text, len, &ambiguous);
	if (!row)
		return ambiguous ? say_ambiguous(p, dashes, text, len)
				 : say_unknown(p, dashes, text, len);
	return take_row(p, row, text[len] ? text + len + 1 : NULL);
}

static int take_letters(struct parse *p, const char *text) /* -dp FILE, -pFILE */
{
	int r = GO_ON;
	while (*text && r == GO_ON) {
		const struct row *row = find_letter(p, *text);
		if (!row) {
			log_error("-%c: no such option; --help lists them", *text);
			return MISUSE;
		}
		text++;
		bool wants = row->head->arg && !opt_arg_optional(row->head);
		r = take_row(p, row, wants && *text ? text : NULL);
		if (wants)
			break;
	}
	return r;
}

/* One dash: a long form first where those count, as getopt_long_only() has it. */
static int take_dash(struct parse *p, const char *text)
{
	bool one_dash = p->rows.program->flags & OPTS_ONE_DASH, ambiguous;
	bool letter = find_letter(p, *text);
	if (one_dash && (text[1] || !letter)) {
		const struct row *row = find_name(p, text, strcspn(text, "="), &ambiguous);
		if (row || ambiguous || !letter)
			return take_long(p, "-", text);
	}
	return take_letters(p, text);
}

static int take_word(struct parse *p, const char *word, bool *stop)
{
	const struct program *program = p->rows.program;
	struct err e = { "" };
	if (!program->word) {
		log_error("%s: no words are taken here; --help shows what is", word);
		return MISUSE;
	}
	int r = program->word(p->ctx, word, &e);
	*stop = r > 0;
	if (r >= 0)
		return GO_ON;
	const char *words = *e.text ? e.text : strerror(-r);
	if (strncmp(words, word, strlen(word)) == 0)
		log_error("%s", words);
	else
		log_error("%s: %s", word, words);
	return MISUSE;
}

static int parse_all(struct parse *p)
{
	bool stop = false, words_only = false, stop_at_word = p->rows.program->flags & OPTS_STOP;
	int r = GO_ON;
	while (r == GO_ON && !stop && p->at < p->argc) {
		const char *word = p->argv[p->at];
		bool is_word = words_only || word[0] != '-' || !word[1];
		if (is_word && stop_at_word)
			break;
		p->at++;
		if (is_word)
			r = take_word(p, word, &stop);
		else if (strcmp(word, "--") == 0)
			words_only = true;
		else if (word[1] == '-')
			r = take_long(p, "--", word + 2);
		else
			r = take_dash(p, word + 1);
	}
	return r;
}

int opts_parse(const struct program *program, void *ctx, int argc, char **argv, int *rest)
{
	struct parse p = { .ctx = ctx, .argc = argc, .argv = argv, .at = argc > 0 };
	log_name(program->name);
	if (!rows_init(&p.rows, program))
		return log_verdict(-ENOMEM, NULL);
	int r = parse_all(&p);
	if (rest)
		*rest = p.at;
	rows_fini(&p.rows);
	return r;
}
