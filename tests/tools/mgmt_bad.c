/* SPDX-License-Identifier: MIT */
/* mgmt_bad.c - serves a management socket badly, for tests of clients: mgmt_bad SOCKET MODE.
 * Modes: mute (says nothing), noise (random bytes without end), vanish (greets and hangs up), slow
 * (a byte every few milliseconds), lies (JSON that is none), evil (a switch whose names and numbers
 * were chosen to do harm), flood (events without end). */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/stream.h"
#include "lib/cli/log.h"
#include "lib/io/usock.h"

enum { CLIENTS = 8, ROOM = 65536 };

struct client {
	int fd;     /* -1: free */
	bool asked; /* something, at least once */
	char in[4096];
	size_t in_len;
	char out[ROOM];
	size_t out_len;
};

struct server {
	const char *mode;
	int listener;
	struct client client[CLIENTS];
	struct stream chance;
	uint64_t thrown;
};

static bool is(const struct server *s, const char *mode)
{
	return strcmp(s->mode, mode) == 0;
}

static void say(struct client *c, const char *text)
{
	size_t n = strlen(text);
	if (c->out_len + n > sizeof c->out)
		return;
	memcpy(c->out + c->out_len, text, n);
	c->out_len += n;
}

static void say_data(struct client *c, const char *json)
{
	say(c, "0000 DATA END WITH '.'\r\n");
	say(c, json);
	say(c, "\n.\n1000 Success\n\nvde$ ");
}

/* ---- what is answered ---- */

static const char help[] =
	"{\"commands\":[{\"path\":\"showinfo\",\"writes\":false},{\"path\":\"port/"
	"stats\",\"writes\":false},"
	"{\"path\":\"port/allprint\",\"writes\":false},{\"path\":\"port/config\",\"writes\":false},"
	"{\"path\":\"port/down\",\"writes\":true},{\"path\":\"fdb/print\",\"writes\":false},"
	"{\"path\":\"rstp/print\",\"writes\":false},{\"path\":\"event/watch\",\"writes\":false}]}";

static const char evil[] =
	"{\"enabled\":true,\"root\":\"\\u001b[2J\\u009b\",\"ports\":[{\"port\":1,\"name\":"
	"\"\\u001b]0;owned\\u0007\","
	"\"active\":true,\"up\":true,\"mode\":\"\\u001b[31m\",\"role\":\"root\",\"state\":"
	"\"forwarding\","
	"\"rx_frames\":18446744073709551615,\"rx_bytes\":99999999999999999999999,\"tx_frames\":-5,"
	"\"drops\":{\"\\u001b[5m\":7},\"endpoints\":[{\"module\":\"\xff\xfe\",\"descr\":"
	"\"\\ud800\\u202egnp.exe "
	"\xf0\x9f\x98\x80\xcc\x81\"}]},{\"port\":65535},{\"port\":70000},{\"port\":{}}],"
	"\"entries\":[{\"mac\":\"zz\"},{\"mac\":\"02:00:00:00:00:01\",\"vlan\":99999,\"port\":-1,"
	"\"age_ns\":-7}]}";

static void answer(const struct server *s, struct client *c, const char *line)
{
	if (is(s, "lies"))
		say_data(c, "{\"ports\":[{\"port\":1,\"na");
	else if (strstr(line, "help"))
		say_data(c, help);
	else
		say_data(c, is(s, "evil") ? evil : "{\"ports\":[]}");
}

/* Whole lines; what is behind the last newline waits. */
static void take_lines(const struct server *s, struct client *c)
{
	char *nl;
	while ((nl = memchr(c->in, '\n', c->in_len))) {
		size_t n = (size_t)(nl - c->in) + 1;
		*nl = '\0';
		answer(s, c, c->in);
		c->in_len -= n;
		memmove(c->in, c->in + n, c->in_len);
	}
	if (c->in_len == sizeof c->in)
		c->in_len = 0;
}

/* ---- sockets ---- */

static void hang_up(struct client *c)
{
	close(c->fd);
	c->fd = -1;
}

static void welcome(struct server *s)
{
	int fd = accept(s->listener, NULL, NULL);
	for (int i = 0; fd >= 0 && i < CLIENTS; i++) {
		struct client *c = &s->client[i];
		if (c->fd >= 0)
			continue;
		*c = (struct client){ .fd = fd };
		fd = -1;
		if (!is(s, "mute") && !is(s, "noise"))
			say(c, "VDE switch V.0\n\nvde$ ");
	}
	if (fd >= 0)
		close(fd);
}

static void make_noise(struct server *s, struct client *c)
{
	while (c->out_len + 8 <= sizeof c->out) {
		uint64_t bits = draw(s->chance, s->thrown++, 0);
		memcpy(c->out + c->out_len, &bits, sizeof bits);
		c->out_len += sizeof bits;
	}
}

static void serve(struct server *s, struct client *c, short events)
{
	if (events & POLLIN) {
		ssize_t n = recv(c->fd, c->in + c->in_len, sizeof c->in - c->in_len, MSG_DONTWAIT);
		if (n <= 0) {
			hang_up(c);
			return;
		}
		c->in_len += (size_t)n;
		c->asked = true;
		if (!is(s, "mute") && !is(s, "noise"))
			take_lines(s, c);
	}
	if (is(s, "noise"))
		make_noise(s, c);
	if (is(s, "flood") && c->asked)
		say(c, "{\"event\":\"port.up\",\"port\":1,\"name\":\"\\u001b[7m\"}\n3201 port.up "
		       "\x1b[8m\n");
	if (!c->out_len)
		return;
	ssize_t n =
		send(c->fd, c->out, is(s, "slow") ? 1 : c->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN) {
		hang_up(c);
		return;
	}
	c->out_len -= n > 0 ? (size_t)n : 0;
	memmove(c->out, c->out + (n > 0 ? n : 0), c->out_len);
	if (is(s, "vanish") && !c->out_len)
		hang_up(c);
}

int main(int argc, char **argv)
{
	log_name("mgmt_bad");
	if (argc != 3)
		return log_verdict(2, "mgmt_bad SOCKET MODE");
	static struct server s;
	s.mode = argv[2];
	s.chance = stream_of(1, "noise");
	for (int i = 0; i < CLIENTS; i++)
		s.client[i].fd = -1;
	s.listener = usock_bind(argv[1], SOCK_STREAM, 0600, -1, NULL);
	if (s.listener < 0)
		return log_verdict(s.listener, argv[1]);
	for (;;) {
		struct pollfd p[CLIENTS + 1] = { { .fd = s.listener, .events = POLLIN } };
		for (int i = 0; i < CLIENTS; i++) {
			bool flood = is(&s, "noise") || (is(&s, "flood") && s.client[i].asked);
			p[i + 1] = (struct pollfd){ .fd = s.client[i].fd,
						    .events = s.client[i].out_len || flood
								      ? POLLIN | POLLOUT
								      : POLLIN };
		}
		if (poll(p, CLIENTS + 1, -1) < 0)
			return log_verdict(-errno, "");
		for (int i = 0; i < CLIENTS; i++)
			if (p[i + 1].revents && s.client[i].fd >= 0)
				serve(&s, &s.client[i], p[i + 1].revents);
		if (p[0].revents)
			welcome(&s);
		if (is(&s, "slow"))
			poll(NULL, 0, 3);
	}
}
