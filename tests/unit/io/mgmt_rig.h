/* SPDX-License-Identifier: MIT */
/* mgmt_rig.h - a management server in this process, in a folder of its own, and clients that are
 * bare sockets. Nothing sleeps: Unix sockets deliver at once, so a few turns of the loop settle
 * everything. */
#ifndef DW_TESTS_UNIT_IO_MGMT_RIG_H
#define DW_TESTS_UNIT_IO_MGMT_RIG_H

#include "tests/unit/cmocka.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/mgmt.h"
#include "lib/io/usock.h"

enum { RIG_TEXT = 8 << 20 };

struct rig {
	char dir[64], path[128];
	struct loop *loop;
	struct mgmt *mgmt;
	struct cmd_table table;
	struct cmd_set set;
	unsigned calls, shutdowns;
	char text[RIG_TEXT]; /* what rig_read() saw */
};

static inline void rig_turns(struct rig *r)
{
	bool ended;
	for (int i = 0; i < 8; i++)
		loop_turn(r->loop, 0, &ended);
}

static inline int run_say(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)e;
	((struct rig *)ctx)->calls++;
	out_str(o, "said", "%s\n", a->count ? a->word[0] : "");
	return 0;
}

static inline int run_refuse(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	((struct rig *)ctx)->calls++;
	out_text(o, "lost");
	return a->count ? err_set(e, -EINVAL, "%s", a->word[0]) : -ENXIO;
}

static inline int run_big(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)a, (void)e;
	((struct rig *)ctx)->calls++;
	for (int i = 0; i < 10000; i++)
		out_text(o, "line %d of a reply that is long enough to fill queues\n", i);
	return 0;
}

static inline void rig_emit(struct rig *r, enum event_kind kind, unsigned port)
{
	struct event ev = {
		.kind = kind, .at = 5, .port = port, .name = "a", .text = "so\nit \"is\""
	};
	mgmt_event(r->mgmt, &ev);
}

static inline int run_emit(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)a, (void)e;
	rig_emit(ctx, EVENT_PORT_UP, 9);
	out_text(o, "emitted\n");
	return 0;
}

static inline int run_close(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct rig *r = ctx;
	(void)a, (void)o, (void)e;
	mgmt_close(r->mgmt);
	r->mgmt = NULL;
	return 0;
}

static inline int run_debug(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	uint64_t *mask = mgmt_debug(((struct rig *)ctx)->mgmt);
	(void)a, (void)o, (void)e;
	if (!mask)
		return -EBADF;
	*mask |= 4;
	return 0;
}

static const struct cmd_row rig_rows[] = {
	{ "say", "WORD", "says it", CMD_DATA, run_say },
	{ "refuse", "[WORDS]", "fails", 0, run_refuse },
	{ "big", "", "a long reply", 0, run_big },
	{ "emit", "", "an event while it runs", 0, run_emit },
	{ "close", "", "closes the server", 0, run_close },
	{ "debug", "", "watch lines of bit 2", 0, run_debug },
	{ NULL, NULL, NULL, 0, NULL },
};

static inline void rig_shutdown(void *ctx)
{
	((struct rig *)ctx)->shutdowns++;
}

static inline int rig_open(struct rig *r, bool console, struct err *err)
{
	const struct mgmt_config c = {
		.path = r->path,
		.mode = 0640,
		.gid = -1,
		.banner = "VDE switch V.0\n(C) us\n",
		.prompt = "vde$ ",
		.stdin_console = console,
		.shutdown = rig_shutdown,
		.ctx = r,
	};
	return mgmt_open(&r->mgmt, r->loop, &c, &r->set, err);
}

static inline int rig_set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	strcpy(r->dir, "/tmp/dw-mgmt-XXXXXX");
	if (!mkdtemp(r->dir))
		return -1;
	snprintf(r->path, sizeof r->path, "%s/mgmt", r->dir);
	r->table = (struct cmd_table){ rig_rows, r };
	r->set = (struct cmd_set){ &r->table, 1 };
	r->loop = loop_new();
	*state = r;
	return 0;
}

static inline int rig_tear_down(void **state)
{
	struct rig *r = *state;
	mgmt_close(r->mgmt);
	loop_free(r->loop);
	int left = rmdir(r->dir); /* fails if anything was left behind */
	free(r);
	return left;
}

/* A bare client, welcomed or not. */
static inline int rig_connect(struct rig *r)
{
	int fd = usock_connect(r->path, SOCK_STREAM);
	assert_true(fd >= 0);
	rig_turns(r);
	return fd;
}

/* All that can be had now, while the server goes on; *eof (may be NULL): and then the end. */
static inline const char *rig_read(struct rig *r, int fd, bool *eof)
{
	size_t len = 0;
	ssize_t n = 0;
	int idle = 0;
	while (idle < 2 && len < sizeof r->text - 1) {
		n = recv(fd, r->text + len, sizeof r->text - 1 - len, MSG_DONTWAIT);
		if (n == 0)
			break;
		idle = n < 0 ? idle + 1 : 0;
		len += n > 0 ? (size_t)n : 0;
		rig_turns(r);
	}
	r->text[len] = '\0';
	if (eof)
		*eof = n == 0;
	return r->text;
}

static inline const char *rig_ask(struct rig *r, int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	rig_turns(r);
	return rig_read(r, fd, NULL);
}

static inline int rig_welcomed(struct rig *r)
{
	int fd = rig_connect(r);
	rig_read(r, fd, NULL);
	return fd;
}

static inline void rig_write_file(struct rig *r, char path[static 128], const char *name,
				  const char *text)
{
	snprintf(path, 128, "%s/%s", r->dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

#endif
