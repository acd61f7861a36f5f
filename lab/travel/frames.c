/* SPDX-License-Identifier: MIT */
/* frames.c - live frames of a cable for whoever asks with a descriptor: the world captures into it
 * as into a file. When the test is run again, captures begin anew at the instant gone back to. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/lab.h"
#include "lab/travel/inner.h"

struct frames {
	struct mgmt_bond bond; /* first: of the session that asked */
	struct travel *travel;
	struct frames *next;
	struct ref who;
	char what[4]; /* all, ab, ba */
	char options[CMD_LINE_MAX];
	int fd;
	unsigned id; /* the world's, in this run of the test */
};

#define FD_PATH "/dev/fd/"

/* world_setup.append: a reader that went is no trouble of the lab's. */
int frames_append(const char *file, bool anew, const void *bytes, size_t len, struct err *e)
{
	if (strncmp(file, FD_PATH, strlen(FD_PATH)) != 0)
		return append_file(file, anew, bytes, len, e);
	int fd = atoi(file + strlen(FD_PATH));
	for (const char *p = bytes; len;) {
		ssize_t n = write(fd, p, len); /* waits for a slow reader: lab time can */
		if (n < 0 && errno != EINTR)
			break;
		p += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* One line for the cable; what it says, as text, in `said`. */
static int tell(const struct frames *f, struct out *said, struct err *e, const char *line)
{
	const struct world *w = f->travel->inner;
	struct cmd_table tables[WORLD_TABLES];
	int64_t now;
	out_init(said, false);
	if (!w || !w->ops->commands(f->travel->inner, f->who, tables, &now))
		return err_set(e, -EAGAIN, "no test runs just now");
	return cmd_call(&(struct cmd_set){ tables, WORLD_TABLES }, line, false, now, said, e);
}

static int begin(struct frames *f, struct err *e)
{
	char line[CMD_LINE_MAX + 64];
	struct out said;
	snprintf(line, sizeof line, "capture/start %s " FD_PATH "%d%s", f->what, f->fd, f->options);
	int r = tell(f, &said, e, line);
	if (!r && sscanf(said.text, "capture %u", &f->id) != 1)
		r = -EPROTO;
	out_fini(&said);
	return r;
}

static void frames_free(struct frames *f)
{
	close(f->fd);
	free(f);
}

/* Its reader is gone: what the world still says into that number goes nowhere. */
static void gone(struct mgmt_bond *b)
{
	struct frames *f = (struct frames *)b;
	struct out said;
	char line[40];
	snprintf(line, sizeof line, "capture/stop %u", f->id);
	tell(f, &said, NULL, line);
	out_fini(&said);
	struct frames **at = &f->travel->frames;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	frames_free(f);
}

int frames_start(struct travel *t, struct mgmt *m, struct ref who, const struct args *a,
		 struct out *o, struct err *e)
{
	struct frames *f = calloc(1, sizeof *f);
	int fd = mgmt_take_fd(m);
	if (!f || fd < 0) {
		free(f);
		return f ? err_set(e, fd, "-: no descriptor came with it") : -ENOMEM;
	}
	*f = (struct frames){ .bond.gone = gone, .travel = t, .who = who, .fd = fd };
	snprintf(f->what, sizeof f->what, "%s", a->word[0]);
	for (unsigned i = 2, at = 0; i < a->count; i++)
		at += (unsigned)snprintf(f->options + at, sizeof f->options - at, " %s",
					 a->word[i]); /* fits: it came in a line */
	int r = begin(f, e);
	if (r < 0) {
		close(fd);
		free(f);
		return r;
	}
	out_u64(o, "id", "capture %" PRIu64 "\n", (uint64_t)f->id);
	f->next = t->frames;
	t->frames = f;
	mgmt_bind(m, &f->bond);
	return 0;
}

void frames_begin(struct travel *t)
{
	for (struct frames *f = t->frames; f; f = f->next)
		begin(f, NULL);
}

void frames_close(struct travel *t)
{
	for (struct frames *f = t->frames, *next; f; f = next) {
		next = f->next;
		mgmt_unbind(&f->bond);
		frames_free(f);
	}
	t->frames = NULL;
}
