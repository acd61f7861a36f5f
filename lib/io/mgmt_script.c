/* SPDX-License-Identifier: MIT */
/* mgmt_script.c - files of commands: `load` and start-up scripts. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io/mgmt_inner.h"

/* The whole file, NUL-terminated, for the caller to free(). Only a regular file: nothing else may
 * make the program wait. */
static int read_file(const char *path, char **text, size_t *len)
{
	struct stat st;
	*text = NULL;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = fstat(fd, &st) < 0 ? -errno : 0;
	if (!r && !S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (!r && st.st_size > MGMT_SCRIPT_MAX)
		r = -EFBIG;
	if (!r)
		*text = malloc((size_t)st.st_size + 1);
	if (!r && !*text)
		r = -ENOMEM;
	for (*len = 0; !r && *len < (size_t)st.st_size;) {
		ssize_t n = read(fd, *text + *len, (size_t)st.st_size - *len);
		if (n < 0)
			r = -errno;
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	close(fd);
	if (r) {
		free(*text);
		*text = NULL;
	} else {
		(*text)[*len] = '\0';
	}
	return r;
}

struct script {
	struct mgmt *m;
	const char *path;
	struct out *echo;
	unsigned line, failed;
	struct err *err;
};

/* VDE shows each line behind the name of the prompt: "vde[FILE]: port/create 3". */
static void echo_line(const struct script *s, const char *line)
{
	const char *prompt = s->m->config.prompt ? s->m->config.prompt : "";
	out_text(s->echo, "%.*s[%s]: %s\n", (int)strcspn(prompt, "$ "), prompt, s->path, line);
}

static void echo_result(const struct script *s, const char *line, int r, const struct out *data,
			const struct err *e)
{
	out_object(s->echo, NULL);
	out_json_u64(s->echo, "line", s->line);
	out_json_str(s->echo, "command", line);
	out_json_i64(s->echo, "code", -r);
	out_json_str(s->echo, "error", r ? e->text : NULL);
	if (r || !data->len)
		out_json_null(s->echo, "data");
	else
		out_json_raw(s->echo, "data", data->text, data->len);
	out_end_object(s->echo);
}

static void run_one(struct script *s, const char *line)
{
	struct mgmt *m = s->m;
	struct err e = { .text = "" };
	struct out data;
	int64_t now = loop_clock(m->loop);
	int r;
	out_init(&data, s->echo && s->echo->json);
	if (s->echo && !s->echo->json) {
		echo_line(s, line);
		r = cmd_run(&m->set, line, now, s->echo);
	} else if (line[strspn(line, " \t")] == '#') {
		r = 0;
	} else {
		r = cmd_call(&m->set, line, data.json, now, &data, &e);
		if (s->echo)
			echo_result(s, line, r, &data, &e);
	}
	out_fini(&data);
	if (r && !s->failed++)
		err_set(s->err, r, "%s:%u: %s", s->path, s->line,
			e.text[0] ? e.text : strerror(-r));
}

static void run_lines(struct script *s, char *text, size_t len)
{
	char *end = text + len;
	for (char *line = text; line < end && !s->m->closed;) {
		char *nl = memchr(line, '\n', (size_t)(end - line));
		char *stop = nl ? nl : end;
		*stop = '\0';
		if (stop > line && stop[-1] == '\r')
			stop[-1] = '\0';
		s->line++;
		if (line[strspn(line, " \t")])
			run_one(s, line);
		line = stop + 1;
	}
}

int script_run(struct mgmt *m, const char *path, struct out *echo, unsigned *failed,
	       struct err *err)
{
	char *text;
	size_t len = 0;
	*failed = 0;
	if (m->script_depth == MGMT_SCRIPT_DEPTH)
		return err_set(err, -ELOOP, "%s: more than %d files deep", path, MGMT_SCRIPT_DEPTH);
	int r = read_file(path, &text, &len);
	if (r < 0)
		return err_set(err, r, "%s: %s", path,
			       r == -EINVAL ? "not a regular file" : strerror(-r));
	struct script s = { .m = m, .path = path, .echo = echo, .err = err };
	m->script_depth++;
	run_lines(&s, text, len);
	m->script_depth--;
	*failed = s.failed;
	free(text);
	return 0;
}

int mgmt_load(struct mgmt *m, const char *path, struct err *err)
{
	unsigned failed;
	struct err own = { .text = "" };
	int r = script_run(m, path, NULL, &failed, &own);
	if (!r && failed) {
		r = -EINVAL;
		if (failed > 1)
			err_set(err, r, "%.300s (and %u more)", own.text, failed - 1);
		else
			err_set(err, r, "%s", own.text);
	} else if (r) {
		err_set(err, r, "%s", own.text);
	}
	if (m->shutdown_said)
		mgmt_do_shutdown(m);
	return r;
}
