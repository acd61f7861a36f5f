/* SPDX-License-Identifier: MIT */
/* ask.c - one management command to one socket, waited for. */
#include "lab/real/ask.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/mgmt.h"

#define PATIENCE_NS (10 * NS_PER_SEC)

struct answer {
	bool done;
	int code;
	char *text;
	struct err *e;
};

static void answered(void *ctx, const struct mgmt_reply *r)
{
	struct answer *a = ctx;
	a->done = true;
	if (r->code) {
		a->code = err_set(a->e, r->code < 0 ? -ECONNRESET : -r->code, "%.*s", (int)r->len,
				  r->text);
		return;
	}
	a->text = strndup(r->text, r->len);
	if (!a->text)
		a->code = err_set(a->e, -ENOMEM, "out of memory");
}

static int wait_for(struct loop *l, struct answer *a)
{
	int64_t until = loop_clock(l) + PATIENCE_NS;
	while (!a->done) {
		bool ended;
		int r = loop_turn(l, until, &ended);
		if (ended)
			return r > 0 ? -EINTR : r;
		if (!a->done && loop_clock(l) >= until)
			return err_set(a->e, -ETIMEDOUT, "no answer in 10 s");
	}
	return a->code;
}

int ask_socket(const char *path, const char *line, char **text, struct err *e)
{
	struct answer a = { .e = e };
	struct mgmt_client *c = NULL;
	struct loop *l = loop_new();
	if (!l)
		return err_set(e, -errno, "event loop: %s", strerror(errno));
	int r = mgmt_client_open(&c, l, path, e);
	if (r == 0)
		r = mgmt_client_send(c, line, answered, &a);
	if (r == 0)
		r = wait_for(l, &a);
	a.e = NULL; /* closing tells those who still wait */
	mgmt_client_close(c);
	loop_free(l);
	if (r == 0 && text)
		*text = a.text;
	else
		free(a.text);
	return r;
}

pid_t ask_pid(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct ucred who = { .pid = 0 };
	socklen_t len = sizeof who;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return 0;
	if (strlen(path) < sizeof to.sun_path) {
		memcpy(to.sun_path, path, strlen(path) + 1);
		if (connect(fd, (const struct sockaddr *)&to, sizeof to) < 0 ||
		    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
			who.pid = 0;
	}
	close(fd);
	return who.pid;
}
