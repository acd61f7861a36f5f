/* SPDX-License-Identifier: MIT */
/* opts_rows.c - the common rows, and joining them to a program's own. */
#include "lib/cli/opts_rows.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool opt_json, opt_verbose, opt_quiet, opt_color;

/* What the common rows do; ctx is the list of all rows. */
static int take_help(void *ctx, const char *arg, struct err *e)
{
	(void)arg, (void)e;
	rows_help(ctx);
	return OPTS_END(0);
}

static int take_version(void *ctx, const char *arg, struct err *e)
{
	(void)arg, (void)e;
	printf("%s %s\n", ((const struct rows *)ctx)->program->name, DW_VERSION);
	return OPTS_END(0);
}

static int take_verbose(void *ctx, const char *arg, struct err *e)
{
	(void)ctx, (void)arg, (void)e;
	opt_verbose = true;
	return 0;
}

static int take_quiet(void *ctx, const char *arg, struct err *e)
{
	(void)ctx, (void)arg, (void)e;
	opt_quiet = true;
	return 0;
}

static int take_json(void *ctx, const char *arg, struct err *e)
{
	(void)ctx, (void)arg, (void)e;
	opt_json = true;
	return 0;
}

static bool color_wanted(void) /* no-color.org: any value but the empty one says no */
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	return !(no && *no) && term && strcmp(term, "dumb") != 0 && isatty(STDOUT_FILENO);
}

static int take_color(void *ctx, const char *arg, struct err *e)
{
	(void)ctx;
	if (strcmp(arg, "always") == 0)
		opt_color = true;
	else if (strcmp(arg, "never") == 0)
		opt_color = false;
	else if (strcmp(arg, "auto") == 0)
		opt_color = color_wanted();
	else
		return err_set(e, -EINVAL, "%s: write auto, always or never", arg);
	return 0;
}

static const struct opt common[] = {
	{ 'h', "help", NULL, "show this help", take_help },
	{ 'V', "version", NULL, "show the version", take_version },
	{ 'v', "verbose", NULL, "say more", take_verbose },
	{ 'q', "quiet", NULL, "say errors only", take_quiet },
	{ 'j', "json", NULL, "print facts as JSON", take_json },
	{ 0, "color", "auto|always|never", "colour on a terminal (auto)", take_color },
	{ 0, "complete", "WORDS", "print what the last of WORDS can become", NULL },
	{ 0, NULL, NULL, NULL, NULL },
};

static size_t opts_count(const struct opt *o)
{
	size_t n = 0;
	while (o && o[n].name)
		n++;
	return n;
}

static bool has_name(const struct rows *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (opt_name_is(r->v[i].name, name, strlen(name)))
			return true;
	return false;
}

static bool has_letter(const struct rows *r, char letter)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->v[i].letter == letter)
			return true;
	return false;
}

bool rows_init(struct rows *r, const struct program *p)
{
	size_t own = opts_count(p->opts);
	*r = (struct rows){ .program = p };
	r->v = calloc(own + sizeof common / sizeof *common, sizeof *r->v);
	if (!r->v)
		return false;
	const struct opt *head = NULL;
	for (size_t i = 0; i < own; i++) {
		const struct opt *o = &p->opts[i];
		if (o->help || !head)
			head = o;
		r->v[r->count++] = (struct row){
			.letter = o->letter,
			.name = o->name,
			.head = head,
			.elder = i < p->win_ties,
		};
	}
	opt_color = color_wanted();
	for (const struct opt *o = common; o->name && !(p->flags & OPTS_NO_COMMON); o++) {
		if (has_name(r, o->name))
			continue;
		r->v[r->count++] = (struct row){
			.letter = has_letter(r, o->letter) ? 0 : o->letter,
			.name = o->name,
			.head = o,
			.common = true,
		};
	}
	return true;
}

void rows_fini(struct rows *r)
{
	free(r->v);
	*r = (struct rows){ 0 };
}

bool opt_arg_optional(const struct opt *o)
{
	return o->arg && o->arg[0] == '[';
}

bool opt_name_begins(const char *name, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char a = name[i] == '_' ? '-' : name[i], b = text[i] == '_' ? '-' : text[i];
		if (a != b || !a)
			return false;
	}
	return true;
}

bool opt_name_is(const char *name, const char *text, size_t len)
{
	assert(name);
	return strlen(name) == len && opt_name_begins(name, text, len);
}
