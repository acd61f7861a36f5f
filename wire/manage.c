/* SPDX-License-Identifier: MIT */
/* manage.c - a wire's commands over its socket: config/save, config/load and config/check use
 * files. */
#include "wire/manage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/io/mgmt.h"

struct manage {
	struct mgmt *mgmt;
	struct wire *wire;
	struct captures *captures;
	struct cmd_table tables[3];
	struct cmd_set set;
};

/* ---- configuration as a script ---- */

static unsigned swallow(void *ctx, enum wire_dir dir, const struct txv *v, unsigned n)
{
	(void)ctx;
	(void)dir;
	(void)v;
	return n;
}

/* Runs the lines of `f` on `scratch`; the number of the line that failed, or 0. */
static unsigned run_script(FILE *f, struct wire *scratch, int *result, struct err *e)
{
	const struct cmd_table table = { wire_commands, scratch };
	const struct cmd_set set = { &table, 1 };
	char line[CMD_LINE_MAX + 2];
	unsigned at = 0;
	struct out out;
	*result = 0;
	out_init(&out, false);
	while (!*result && fgets(line, sizeof line, f)) {
		at++;
		size_t n = strcspn(line, "\r\n");
		line[n] = '\0';
		*result = cmd_call(&set, line, false, 0, &out, e);
	}
	out_fini(&out);
	return *result ? at : 0;
}

/* What the script makes of a perfect wire of the same name and seed, in `c`. */
static int read_script(const struct wire *w, const char *path, struct wire_config *c, struct err *e)
{
	static const struct wire_host host = { .tx = swallow };
	struct wire_config blank;
	wire_config_default(&blank);
	memcpy(blank.name, wire_config(w)->name, sizeof blank.name);
	blank.seed = wire_config(w)->seed;
	blank.files = wire_config(w)->files;
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	int r = -ENOMEM;
	struct pool *pool = pool_new(1);
	struct wire *scratch = pool ? wire_new(&blank, &host, NULL, pool, 0) : NULL;
	if (scratch) {
		struct err words = { "" };
		unsigned line = run_script(f, scratch, &r, &words);
		if (line)
			err_set(e, r, "%s:%u: %s", path, line, words.text);
		*c = *wire_config(scratch);
	}
	wire_free(scratch);
	pool_free(pool);
	fclose(f);
	return r;
}

static int one_file(const struct args *a, struct err *e)
{
	return a->count == 1 ? 0 : err_set(e, -EINVAL, "give one file");
}

static int cmd_load(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct manage *m = ctx;
	struct wire_config c;
	(void)o;
	int r = one_file(a, e);
	if (!r)
		r = read_script(m->wire, a->word[0], &c, e);
	return r ? r : wire_apply(m->wire, &c, a->now);
}

static int cmd_check(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct manage *m = ctx;
	struct wire_config c;
	(void)o;
	int r = one_file(a, e);
	return r ? r : read_script(m->wire, a->word[0], &c, e);
}

static int cmd_save(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct manage *m = ctx;
	const struct cmd_set set = { &m->tables[0], 1 };
	struct out text;
	(void)o;
	int r = one_file(a, e);
	if (r)
		return r;
	out_init(&text, false);
	r = cmd_call(&set, "config/show", false, a->now, &text, e);
	FILE *f = r ? NULL : fopen(a->word[0], "we");
	if (!r && (!f || fwrite(text.text ? text.text : "", 1, text.len, f) != text.len))
		r = err_set(e, -errno, "%s: %s", a->word[0], strerror(errno));
	if (f && fclose(f) != 0 && !r)
		r = err_set(e, -errno, "%s: %s", a->word[0], strerror(errno));
	out_fini(&text);
	return r;
}

static const struct cmd_row file_commands[] = {
	{ "config/save", "FILE", "write what config/show prints", CMD_WRITES, cmd_save },
	{ "config/load", "FILE", "make the wire what the file says, all at once or not at all",
	  CMD_WRITES, cmd_load },
	{ "config/check", "FILE", "would config/load take that file?", 0, cmd_check },
	{ 0 },
};

/* ---- life ---- */

int manage_open(struct manage **out, struct loop *l, struct cable *c, const struct settings *s,
		void (*shutdown)(void *ctx), void *ctx, struct err *e)
{
	const struct mgmt_config config = {
		.path = s->mgmt,
		.mode = s->mgmt_mode,
		.gid = -1,
		.prompt = "vde$ ",
		.shutdown = shutdown,
		.ctx = ctx,
	};
	struct manage *m = calloc(1, sizeof *m);
	*out = NULL;
	if (!m)
		return -ENOMEM;
	m->wire = cable_wire(c);
	m->captures = cable_captures(c);
	m->tables[0] = (struct cmd_table){ wire_commands, m->wire };
	m->tables[1] = (struct cmd_table){ file_commands, m };
	m->tables[2] = (struct cmd_table){ capture_commands, m->captures };
	m->set = (struct cmd_set){ m->tables, 3 };
	int r = mgmt_open(&m->mgmt, l, &config, &m->set, e);
	captures_serve(m->captures, m->mgmt);
	if (!r && s->rcfile)
		r = mgmt_load(m->mgmt, s->rcfile, e);
	if (r < 0) {
		manage_close(m);
		return r;
	}
	wire_want_events(m->wire,
			 UINT64_MAX); /* cut, mend, settings: few; who watches which is mgmt's */
	*out = m;
	return 0;
}

void manage_close(struct manage *m)
{
	if (!m)
		return;
	captures_serve(m->captures, NULL);
	mgmt_close(m->mgmt);
	free(m);
}

void manage_event(struct manage *m, const struct event *ev)
{
	if (m && mgmt_event_mask(m->mgmt) & event_bit(ev->kind))
		mgmt_event(m->mgmt, ev);
}
