/* SPDX-License-Identifier: MIT */
/* vdesay - one session on a VDE management socket, byte for byte, for golden transcripts.
 *
 *   vdesay [-n] [-b] SOCKET <commands
 *
 * Sends each line of stdin once the prompt (a "$ " at the end) has come, and copies all that comes
 * to stdout, with the command and a newline after each prompt as a terminal would show it. -n:
 * without the newline at the end of a command (as vdeterm does). -b: all of stdin in one write. 0:
 * every command was answered by a prompt or the end of the session; 1: no answer within 10 s; 3: no
 * connection. */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TIMEOUT_MS = 10000 };

static int session(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || strlen(path) >= sizeof sun.sun_path)
		return -1;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	return connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0 ? -1 : fd;
}

/* Copies until `prompts` prompts have come. 1; 0: the session ended; -1: nothing came in time. */
static int listen_for(int fd, unsigned prompts)
{
	char buf[4096], last = 0;
	while (prompts) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, TIMEOUT_MS) <= 0)
			return -1;
		ssize_t n = read(fd, buf, sizeof buf);
		if (n <= 0)
			return 0;
		fwrite(buf, 1, (size_t)n, stdout);
		fflush(stdout);
		for (ssize_t i = 0; i < n && prompts; i++) {
			prompts -= last == '$' && buf[i] == ' ';
			last = buf[i];
		}
	}
	return 1;
}

static bool say(int fd, const char *text, size_t len)
{
	return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static int all_at_once(int fd)
{
	char text[65536];
	size_t len = fread(text, 1, sizeof text, stdin);
	unsigned lines = 0;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	if (!say(fd, text, len))
		return 1;
	return listen_for(fd, lines) < 0;
}

static int line_by_line(int fd, bool newline)
{
	char line[8192];
	while (fgets(line, sizeof line, stdin)) {
		size_t len = strlen(line);
		fputs(line, stdout);
		len -= !newline && len && line[len - 1] == '\n';
		if (!say(fd, line, len))
			return 1;
		int r = listen_for(fd, 1);
		if (r <= 0)
			return r < 0;
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool newline = true, burst = false;
	int opt;
	while ((opt = getopt(argc, argv, "nb")) != -1) {
		if (opt != 'n' && opt != 'b')
			return 2;
		newline &= opt != 'n';
		burst |= opt == 'b';
	}
	if (optind != argc - 1)
		return 2;
	int fd = session(argv[optind]);
	if (fd < 0) {
		perror(argv[optind]);
		return 3;
	}
	if (listen_for(fd, 1) <= 0)
		return 1;
	int code = burst ? all_at_once(fd) : line_by_line(fd, newline);
	fflush(stdout);
	return code;
}
