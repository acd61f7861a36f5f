/* SPDX-License-Identifier: MIT */
/* shrink_text.c - a scenario written anew: its own words, with the plan that fails, smaller shapes
 * and the seed in their places. Knows just enough of Lua to find the end of a call. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/shrink.h"

/* ---- Lua, as far as needed ---- */

/* Behind a long bracket that begins at `p`; NULL: none does. */
static const char *long_bracket(const char *p)
{
	size_t level = strspn(p + 1, "=");
	if (p[0] != '[' || p[1 + level] != '[')
		return NULL;
	char close[64];
	if (level > 50)
		return NULL;
	snprintf(close, sizeof close, "]%.*s]", (int)level, p + 1);
	const char *end = strstr(p, close);
	return end ? end + level + 2 : p + strlen(p);
}

static const char *quoted(const char *p)
{
	char q = *p++;
	for (; *p && *p != q; p++)
		p += p[0] == '\\' && p[1];
	return *p ? p + 1 : p;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Behind the token at `p`: a comment, a string, a word, or one character. */
static const char *behind(const char *p)
{
	const char *end;
	if (p[0] == '-' && p[1] == '-')
		return (end = long_bracket(p + 2)) ? end : p + strcspn(p, "\n");
	if (*p == '"' || *p == '\'')
		return quoted(p);
	if ((end = long_bracket(p)))
		return end;
	if (!in_word(*p))
		return *p ? p + 1 : p;
	while (in_word(*p))
		p++;
	return p;
}

static const char *blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* The bracket that closes the one at `p`; NULL: there is none. */
static const char *closing(const char *p)
{
	for (int depth = 0; *p; p = behind(p)) {
		depth += strchr("([{", *p) != NULL;
		depth -= strchr(")]}", *p) != NULL;
		if (!depth)
			return p;
	}
	return NULL;
}

/* ---- calls ---- */

struct piece { /* of the source, and what stands in its place */
	const char *from, *to;
	char *by; /* owned; NULL: nothing */
};

struct call_at {
	const char *begin; /* of the whole: net.chaos … */
	const char *args;  /* its bracket or its string */
	const char *end;   /* behind it */
};

static const char *line_of(const char *text, int line)
{
	for (int i = 1; i < line && text; i++)
		text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL;
	return text;
}

/* The call of `what` in that line; false: it is not written there as a plain call. */
static bool find_call(const char *text, int line, const char *what, struct call_at *c)
{
	const char *start = line > 0 ? line_of(text, line) : NULL;
	const char *stop = start ? start + strcspn(start, "\n") : NULL;
	size_t len = strlen(what);
	for (const char *p = start; p && p < stop; p = behind(p)) {
		if (behind(p) - p != (ptrdiff_t)len || strncmp(p, what, len) != 0)
			continue;
		const char *args = blanks(p + len);
		if (*args != '(' && *args != '{' && *args != '"' && *args != '\'')
			continue;
		const char *last = *args == '(' || *args == '{' ? closing(args) : quoted(args) - 1;
		if (!last)
			continue;
		*c = (struct call_at){ .begin = p, .args = args, .end = last + 1 };
		while (c->begin > text &&
		       (in_word(c->begin[-1]) || c->begin[-1] == '.' || c->begin[-1] == ':'))
			c->begin--;
		return true;
	}
	return false;
}

/* The figures of a shape's size; false: they are not written as figures. */
static bool find_size(const struct call_at *c, unsigned n, const char **from, const char **to)
{
	if (*c->args != '(')
		return false;
	const char *p = blanks(c->args + 1);
	*from = p;
	if (n == 2) {
		if (*p != '{')
			return false;
		p = blanks(p + 1);
	}
	for (unsigned i = 0; i < n; i++) {
		size_t digits = strspn(p, "0123456789");
		if (!digits)
			return false;
		p = blanks(p + digits);
		if (n == 2 && i == 0) {
			if (*p != ',')
				return false;
			p = blanks(p + 1);
		}
	}
	if (n == 2) {
		if (*p != '}')
			return false;
		p = blanks(p + 1);
	}
	*to = p;
	return *p == ',' || *p == ')';
}

bool shrink_sizable(const struct script *s, const char *text, size_t site)
{
	const struct script_site *at = script_site(s, site);
	struct call_at c;
	const char *from, *to;
	for (size_t i = 0; i < script_sites(s); i++)
		if (i != site && script_site(s, i)->line == at->line &&
		    strcmp(script_site(s, i)->what, at->what) == 0)
			return false;
	return find_call(text, at->line, at->what, &c) && find_size(&c, at->nsizes, &from, &to);
}

/* ---- writing ---- */

struct writer {
	const struct shrunk *s;
	struct piece *piece;
	size_t count;
	char *text; /* being made */
	size_t len, room;
	bool oom;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *w, const char *fmt, ...)
{
	va_list ap;
	char *more;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !(more = realloc(w->text, w->len + (size_t)n + 1))) {
		w->oom = true;
		return;
	}
	w->text = more;
	va_start(ap, fmt);
	vsnprintf(w->text + w->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	w->len += (size_t)n;
}

static char *taken(struct writer *w)
{
	char *text = w->text;
	w->text = NULL;
	w->len = 0;
	return text;
}

static void replace(struct writer *w, const char *from, const char *to, char *by)
{
	for (size_t i = 0; i < w->count; i++)
		if (from < w->piece[i].to && w->piece[i].from < to) { /* seen already */
			free(by);
			return;
		}
	struct piece *more = realloc(w->piece, (w->count + 1) * sizeof *more);
	if (!more) {
		w->oom = true;
		free(by);
		return;
	}
	w->piece = more;
	more[w->count++] = (struct piece){ from, to, by };
}

/* A call that is a statement goes with its line, if it has that to itself. */
static void remove_call(struct writer *w, const struct call_at *c)
{
	const char *from = c->begin, *to = c->end;
	while (from > w->s->text && (from[-1] == ' ' || from[-1] == '\t'))
		from--;
	to += strspn(to, " \t;");
	bool alone = (from == w->s->text || from[-1] == '\n') && (*to == '\n' || !*to);
	if (alone && *to)
		to++;
	if (alone && (*to == '\n' || !*to) && from > w->s->text + 1 && from[-2] == '\n')
		from--; /* one empty line is enough */
	replace(w, alone ? from : c->begin, alone ? to : c->end, NULL);
}

static char *plan_text(struct writer *w, const struct call_at *c)
{
	const char *dot = c->begin;
	while (in_word(*dot))
		dot++;
	put(w, "%.*sfaults {\n", (int)(dot + 1 - c->begin), c->begin);
	for (size_t i = 0; i < w->s->faults->count; i++)
		put(w, "  %s,\n", w->s->faults->v[i]);
	put(w, "}");
	return taken(w);
}

/* The first call that plans faults gives the whole plan, the others go. */
static int write_plan(struct writer *w, struct err *e)
{
	bool written = w->s->faults->count == 0;
	for (size_t i = 0; i < script_sites(w->s->script); i++) {
		const struct script_site *at = script_site(w->s->script, i);
		struct call_at c;
		if (at->fixed ||
		    (strcmp(at->what, "chaos") != 0 && strcmp(at->what, "faults") != 0))
			continue;
		if (!find_call(w->s->text, at->line, at->what, &c))
			return err_set(e, -EINVAL, "net.%s is no plain call in line %d", at->what,
				       at->line);
		if (written)
			remove_call(w, &c);
		else
			replace(w, c.begin, c.end, plan_text(w, &c));
		written = true;
	}
	return 0;
}

static void write_sizes(struct writer *w)
{
	size_t nth = 0;
	for (size_t i = 0; i < script_sites(w->s->script) && nth < w->s->nsizes; i++) {
		const struct script_site *at = script_site(w->s->script, i);
		if (!at->nsizes)
			continue;
		const struct script_site *size = &w->s->sizes[nth++];
		struct call_at c;
		const char *from, *to;
		if (memcmp(size->size, at->size, sizeof at->size) == 0 ||
		    !find_call(w->s->text, at->line, at->what, &c) ||
		    !find_size(&c, at->nsizes, &from, &to))
			continue;
		if (at->nsizes == 2)
			put(w, "{ %lld, %lld }", (long long)size->size[0],
			    (long long)size->size[1]);
		else
			put(w, "%lld", (long long)size->size[0]);
		replace(w, from, to, taken(w));
	}
}

/* The figures of a seed that is given already. */
static bool find_seed(const struct call_at *c, const char **from, const char **to)
{
	for (const char *p = c->args; p < c->end; p = behind(p)) {
		if (behind(p) - p != 4 || strncmp(p, "seed", 4) != 0)
			continue;
		const char *equals = blanks(p + 4);
		*from = blanks(equals + 1);
		*to = *from + strspn(*from, "0123456789");
		if (*equals == '=' && *to > *from)
			return true;
	}
	return false;
}

/* seed = N among the options of the lab. */
static void write_seed(struct writer *w)
{
	unsigned long long seed = w->s->seed;
	for (size_t i = 0; i < script_sites(w->s->script); i++) {
		const struct script_site *at = script_site(w->s->script, i);
		struct call_at c;
		if (strcmp(at->what, "lab") != 0 || !find_call(w->s->text, at->line, "lab", &c))
			continue;
		const char *figures, *behind_them;
		if (find_seed(&c, &figures, &behind_them)) {
			put(w, "%llu", seed);
			replace(w, figures, behind_them, taken(w));
			return;
		}
		if (*c.args != '(') {
			const char *from = c.args;
			while (from[-1] == ' ')
				from--;
			put(w, "(%.*s, { seed = %llu })", (int)(c.end - c.args), c.args, seed);
			replace(w, from, c.end, taken(w));
			return;
		}
		const char *last = c.end - 2;
		while (last > c.args && isspace((unsigned char)*last))
			last--;
		if (*last != '}') {
			put(w, ", { seed = %llu }", seed);
			replace(w, c.end - 1, c.end - 1, taken(w));
			return;
		}
		const char *before = last - 1;
		while (isspace((unsigned char)*before))
			before--;
		put(w, "%s seed = %llu ", *before == ',' || *before == '{' ? "" : ",", seed);
		replace(w, before + 1, last, taken(w));
		return;
	}
}

static void write_tests(struct writer *w)
{
	for (size_t i = 0; i < script_tests(w->s->script); i++) {
		struct call_at c;
		int line = script_line(w->s->script, i);
		if (line != w->s->test_line && find_call(w->s->text, line, "test", &c))
			remove_call(w, &c);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

static char *joined(struct writer *w)
{
	const char *at = w->s->text;
	qsort(w->piece, w->count, sizeof *w->piece, by_place);
	for (size_t i = 0; i < w->count; i++) {
		const struct piece *p = &w->piece[i];
		put(w, "%.*s%s", (int)(p->from - at), at, p->by ? p->by : "");
		at = p->to;
	}
	put(w, "%s", at);
	return taken(w);
}

char *shrink_text(const struct shrunk *s, struct err *e)
{
	struct writer w = { .s = s };
	char *text = NULL;
	int r = write_plan(&w, e);
	if (!r) {
		write_sizes(&w);
		write_seed(&w);
		write_tests(&w);
		text = w.count ? joined(&w) : strdup(s->text);
		if (w.oom || !text)
			r = err_set(e, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < w.count; i++)
		free(w.piece[i].by);
	free(w.piece);
	free(w.text);
	if (r < 0) {
		free(text);
		return NULL;
	}
	return text;
}
