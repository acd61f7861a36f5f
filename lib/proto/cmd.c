/* SPDX-License-Identifier: MIT */
/* cmd.c - from a line to a row, from the row's answer to VDE's frame of replies. */
#include "lib/proto/cmd.h"

#include <errno.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

static size_t word_len(const char *p)
{
	return strcspn(p, " \t");
}

/* Past "json " and the blanks around it. */
static const char *skip_json(const char *line, bool *json)
{
	line = skip_blanks(line);
	*json = word_len(line) == 4 && memcmp(line, "json", 4) == 0;
	return *json ? skip_blanks(line + 4) : line;
}

/* ---- finding ---- */

static const struct cmd_row *find_exact(const struct cmd_set *s, const char *word, size_t len,
					void **ctx)
{
	for (size_t t = 0; t < s->count; t++)
		for (const struct cmd_row *r = s->tables[t].rows; r->path; r++)
			if (r->run && strlen(r->path) == len && memcmp(r->path, word, len) == 0) {
				*ctx = s->tables[t].ctx;
				return r;
			}
	return NULL;
}

/* VDE's own rule (consmgmt.c): the first row whose path begins the input, so "showinfox" is
 * showinfo. */
static const struct cmd_row *find_prefix(const struct cmd_set *s, const char *line, void **ctx)
{
	for (size_t t = 0; t < s->count; t++)
		for (const struct cmd_row *r = s->tables[t].rows; r->path; r++)
			if (r->run && r->flags & CMD_VDE &&
			    strncmp(r->path, line, strlen(r->path)) == 0) {
				*ctx = s->tables[t].ctx;
				return r;
			}
	return NULL;
}

const struct cmd_row *cmd_find(const struct cmd_set *s, const char *line, void **ctx,
			       const char **tail)
{
	line = skip_blanks(line);
	size_t len = word_len(line);
	const struct cmd_row *r = find_exact(s, line, len, ctx);
	if (!r) {
		r = find_prefix(s, line, ctx);
		len = r ? strlen(r->path) : 0;
	}
	if (r)
		*tail = skip_blanks(line + len);
	return r;
}

bool cmd_is_command(const struct cmd_set *s, const char *line)
{
	bool json;
	void *ctx;
	line = skip_json(line, &json);
	return find_exact(s, line, word_len(line), &ctx) != NULL;
}

static const char *path_at(const void *list, size_t i)
{
	const struct cmd_set *s = list;
	for (size_t t = 0; t < s->count; t++)
		for (const struct cmd_row *r = s->tables[t].rows; r->path; r++)
			if (r->run && i-- == 0)
				return r->path;
	return NULL;
}

static int unknown(const struct cmd_set *s, const char *line, struct err *e)
{
	char word[64];
	size_t n = word_len(line);
	if (n >= sizeof word)
		n = sizeof word - 1;
	memcpy(word, line, n);
	word[n] = '\0';
	const char *near = nearest_word(word, path_at, s);
	const char *what = strerror(ENOSYS);
	if (near)
		return err_set(e, -ENOSYS, "%s: %s; did you mean %s?", word, what, near);
	return err_set(e, -ENOSYS, "%s: %s", word, what);
}

/* ---- arguments ---- */

/* One word to the front of itself without its quotes; returns what follows it, NULL: quote open. */
static char *take_word(char *in)
{
	char *out = in;
	bool quoted = false;
	for (; *in && (quoted || !is_blank(*in)); in++) {
		if (*in == '"')
			quoted = !quoted;
		else if (quoted && *in == '\\' && (in[1] == '"' || in[1] == '\\'))
			*out++ = *++in;
		else
			*out++ = *in;
	}
	if (quoted)
		return NULL;
	char *next = *in ? in + 1 : in;
	*out = '\0';
	return next;
}

int args_split(struct args *a, char *text, struct err *e)
{
	a->count = 0;
	for (;;) {
		while (is_blank(*text))
			text++;
		if (!*text)
			return 0;
		if (a->count == CMD_ARGS_MAX)
			return err_set(e, -E2BIG, "more than %d words", CMD_ARGS_MAX);
		char *next = take_word(text);
		if (!next)
			return err_set(e, -EINVAL, "a quote is not closed");
		a->word[a->count++] = text;
		text = next;
	}
}

void out_word(struct out *o, const char *key, const char *text)
{
	out_json_str(o, key, text);
	if (*text && !strpbrk(text, " \t,\"\\")) {
		out_text(o, "%s", text);
		return;
	}
	out_text(o, "\"");
	for (; *text; text++)
		out_text(o, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
	out_text(o, "\"");
}

void args_keyval(char *word, char **key, char **value)
{
	*key = word;
	*value = strchr(word, '=');
	if (*value)
		*(*value)++ = '\0';
	for (char *p = word; *p; p++)
		if (*p == '_')
			*p = '-';
}

/* ---- running ---- */

static int run_row(const struct cmd_row *r, void *ctx, const char *tail, int64_t now,
		   struct out *data, struct err *e)
{
	char copy[CMD_LINE_MAX + 1], trimmed[CMD_LINE_MAX + 1];
	size_t n = strlen(tail);
	while (n && is_blank(tail[n - 1]))
		n--;
	memcpy(copy, tail, n);
	copy[n] = '\0';
	memcpy(trimmed, copy, n + 1);
	struct args a = { .tail = trimmed, .now = now };
	if (r->flags & CMD_RAW) {
		a.count = n > 0;
		a.word[0] = copy;
	} else {
		int split = args_split(&a, copy, e);
		if (split < 0)
			return split;
	}
	return r->run(ctx, &a, data, e);
}

/* A line to its row and back; the caller finishes `data`. `row` is set when one was found. */
static int call(const struct cmd_set *s, const char *line, int64_t now, struct out *data,
		struct err *e, const struct cmd_row **row)
{
	void *ctx;
	const char *tail;
	*row = NULL;
	if (strlen(line) > CMD_LINE_MAX)
		return err_set(e, -EMSGSIZE, "the line is longer than %d bytes", CMD_LINE_MAX);
	const struct cmd_row *r = cmd_find(s, line, &ctx, &tail);
	if (!r)
		return unknown(s, line, e);
	*row = r;
	int ret = run_row(r, ctx, tail, now, data, e);
	ret = ret > 0 ? 0 : ret;
	if (!ret)
		out_done(data);
	if (data->oom) {
		ret = -ENOMEM;
		e->text[0] = '\0';
	}
	bool both = (r->flags & (CMD_DATA | CMD_VDE)) == (CMD_DATA | CMD_VDE) && !data->json;
	if (ret && (!both || data->oom))
		out_clear(data);
	return ret;
}

static bool is_nothing(const char *line)
{
	line = skip_blanks(line);
	return !*line || *line == '#';
}

int cmd_call(const struct cmd_set *s, const char *line, bool json, int64_t now, struct out *data,
	     struct err *e)
{
	struct err own;
	const struct cmd_row *row;
	bool prefixed;
	if (!e)
		e = &own;
	e->text[0] = '\0';
	line = skip_json(line, &prefixed);
	out_clear(data);
	data->json = json || prefixed;
	if (is_nothing(line)) {
		out_done(data);
		return 0;
	}
	int r = call(s, line, now, data, e, &row);
	if (r && !e->text[0])
		err_set(e, r, "%s", strerror(-r));
	return r;
}

/* ---- the frame of a reply ---- */

static void put_data(struct out *reply, const char *text, size_t len)
{
	const char *end = text + len;
	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);
		if (n == 1 && *text == '.') /* would end the data */
			out_raw(reply, " ", 1);
		out_raw(reply, text, n);
		out_raw(reply, "\n", 1);
		text += n + (nl != NULL);
	}
}

static void put_verdict(struct out *reply, int r, const char *words)
{
	if (!r) {
		out_text(reply, "1000 Success\n");
		return;
	}
	out_text(reply, "1%03d ", -r <= 999 ? -r : EIO);
	size_t at = reply->len;
	out_text(reply, "%s\n", words[0] ? words : strerror(-r));
	for (size_t i = at; i + 1 < reply->len;
	     i++) /* the verdict is one line, whatever it quotes */
		if ((unsigned char)reply->text[i] < 0x20 || reply->text[i] == 0x7f)
			reply->text[i] = '?';
}

static void put_reply(struct out *reply, const struct cmd_row *row, const struct out *data, int r,
		      const struct err *e)
{
	unsigned flags = row ? row->flags : 0;
	bool bare = flags & CMD_BARE && !data->json;
	bool empty_frame = flags & CMD_DATA &&
			   (!r || (flags & CMD_VDE && !data->json)); /* VDE frames errors too */
	bool framed = !bare && (data->len || empty_frame);
	if (framed)
		out_text(reply, "0000 DATA END WITH '.'\n");
	if (bare && data->len)
		out_raw(reply, data->text, data->len);
	else if (data->len)
		put_data(reply, data->text, data->len);
	if (framed)
		out_text(reply, ".\n");
	put_verdict(reply, r, e->text);
}

int cmd_run(const struct cmd_set *s, const char *line, int64_t now, struct out *reply)
{
	bool json;
	struct err e = { .text = "" };
	struct out data;
	const struct cmd_row *row;
	if (is_nothing(line))
		return 0;
	line = skip_json(line, &json);
	out_init(&data, json);
	int r = call(s, line, now, &data, &e, &row);
	if (!row && !json && r == -ENOSYS)
		e.text[0] = '\0'; /* VDE's exact words */
	put_reply(reply, row, &data, r, &e);
	out_fini(&data);
	return r;
}

/* ---- help ---- */

/* The menu a path belongs to: "port" for "port" and "port/print", "" for a command without one. */
static size_t menu_len(const struct cmd_row *r)
{
	const char *slash = strchr(r->path, '/');
	return slash ? (size_t)(slash - r->path) : r->run ? 0 : strlen(r->path);
}

struct cursor { /* walks all rows of all tables */
	const struct cmd_set *s;
	size_t t, i;
};

static const struct cmd_row *next_row(struct cursor *c)
{
	for (; c->t < c->s->count; c->t++, c->i = 0) {
		const struct cmd_row *r = &c->s->tables[c->t].rows[c->i];
		if (r->path) {
			c->i++;
			return r;
		}
	}
	return NULL;
}

static bool same_menu(const struct cmd_row *a, const struct cmd_row *b)
{
	size_t n = menu_len(a);
	return n == menu_len(b) && memcmp(a->path, b->path, n) == 0;
}

/* Whether an earlier row (before `stop`) has the same path, or (menu) belongs to the same menu. */
static bool seen_before(const struct cmd_set *s, const struct cmd_row *stop, bool menu)
{
	struct cursor c = { .s = s };
	for (const struct cmd_row *r; (r = next_row(&c)) != stop;)
		if (menu ? same_menu(r, stop) : strcmp(r->path, stop->path) == 0)
			return true;
	return false;
}

static void help_row(const struct cmd_row *r, struct out *o)
{
	out_object(o, NULL);
	out_str(o, "path", "%-18s ", r->path);
	out_str(o, "syntax", "%-15s ", r->syntax ? r->syntax : "");
	out_str(o, "help", "%s\n", r->help ? r->help : "");
	out_bool(o, "menu", NULL, !r->run);
	out_bool(o, "writes", NULL, r->flags & CMD_WRITES);
	out_end_object(o);
}

void cmd_help(const struct cmd_set *s, const char *prefix, struct out *o)
{
	out_text(o, "%-18s %-15s %s\n", "COMMAND PATH", "SYNTAX", "HELP");
	out_text(o, "%-18s %-15s %s\n", "------------", "--------------", "------------");
	out_list(o, "commands");
	struct cursor menus = { .s = s };
	for (const struct cmd_row *m; (m = next_row(&menus));) {
		if (seen_before(s, m, true))
			continue;
		struct cursor rows = { .s = s };
		for (const struct cmd_row *r; (r = next_row(&rows));)
			if (same_menu(r, m) && strncmp(r->path, prefix, strlen(prefix)) == 0 &&
			    !seen_before(s, r, false))
				help_row(r, o);
	}
	out_end_list(o);
}
