/* SPDX-License-Identifier: MIT */
/* fuzz_lines.c - any bytes as a management session: lines, dispatch, quotes, replies in both forms.
 * Each reply must be framed as the language says and hold nothing that could be taken for its end.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/proto/lines.h"
#include "tests/fuzz/fuzz.h"

static int run_echo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)e;
	assert(a->count <= CMD_ARGS_MAX);
	out_str(o, "tail", "%s\n", a->tail);
	out_list(o, "words");
	for (unsigned i = 0; i < a->count; i++) {
		char *key, *value;
		out_object(o, NULL);
		args_keyval(a->word[i], &key, &value);
		out_str(o, "key", "%s ", key);
		out_str(o, "value", "%s\n", value);
		out_end_object(o);
	}
	out_end_list(o);
	return 0;
}

static int run_fail(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx;
	out_text(o, "lost");
	return a->count ? err_set(e, -EINVAL, "%s", a->word[0]) : -EIO;
}

static struct cmd_set set;

static int run_help(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)e;
	cmd_help(&set, a->word[0], o);
	return 0;
}

static const struct cmd_row rows[] = {
	{ "help", "[arg]", "help", CMD_VDE | CMD_RAW, run_help },
	{ "echo", "WORD...", "says it", CMD_DATA, run_echo },
	{ "e", "WORD...", "says it, as VDE's", CMD_VDE | CMD_DATA, run_echo },
	{ "raw", "", "says it unsplit", CMD_RAW, run_echo },
	{ "fail", "", "fails", 0, run_fail },
	{ "fail/both", "", "fails with data", CMD_VDE | CMD_DATA, run_fail },
	{ NULL, NULL, NULL, 0, NULL },
};
static const struct cmd_table table = { rows, NULL };
static struct cmd_set set = { &table, 1 };

static const char *end_of_line(const char *p)
{
	const char *nl = strchr(p, '\n');
	assert(nl);
	return nl + 1;
}

/* 0000 ... "." then 1EEE and the end; no control byte in the last line. */
static void check_reply(const struct out *reply, int code)
{
	static const char head[] = "0000 DATA END WITH '.'\n";
	const char *p = reply->text;
	if (!reply->len) {
		assert(code == 0);
		return;
	}
	assert(strlen(p) == reply->len);
	if (strncmp(p, head, sizeof head - 1) == 0) {
		p += sizeof head - 1;
		while (strncmp(p, ".\n", 2) != 0)
			p = end_of_line(p);
		p += 2;
	}
	assert(p[0] == '1' && strtol(p + 1, NULL, 10) == -code);
	for (; *p != '\n'; p++)
		assert((unsigned char)*p >= 0x20 && *p != 0x7f);
	assert(p[1] == '\0');
}

static void run_line(const char *line, bool toolong)
{
	struct out reply;
	assert(strlen(line) <= CMD_LINE_MAX);
	if (toolong)
		return;
	out_init(&reply, false);
	int code = cmd_run(&set, line, 0, &reply);
	if (!reply.oom)
		check_reply(&reply, code);
	out_fini(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lines l;
	l = (struct lines){ .len = 0 };
	size_t piece = size ? 1 + data[0] : 1;
	bool toolong;
	const char *line;
	while (size) {
		size_t room, n = size < piece ? size : piece;
		char *to = lines_space(&l, &room);
		assert(room > 0);
		n = n < room ? n : room;
		memcpy(to, data, n);
		lines_filled(&l, n);
		data += n;
		size -= n;
		while ((line = lines_next(&l, &set, false, &toolong)))
			run_line(line, toolong);
	}
	while ((line = lines_next(&l, &set, true, &toolong)))
		run_line(line, toolong);
	return 0;
}
