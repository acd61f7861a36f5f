/* SPDX-License-Identifier: MIT */
/* vdepoke - a hand-made client of the VDE switch protocol, well-behaved or not, for tests.
 *
 *   vdepoke [-s] DIR HOW [COUNT]
 *
 * HOW: v3, v3:PORT, v1, abstract (right requests), v0, v2, garbage, short, long (wrong ones),
 * silent (connects and says nothing), gone (asks and leaves before the answer); for a management
 * socket also deaf (has much to ask and reads nothing), torn (leaves in the middle of a word, with
 * an answer under way). COUNT clients ask
 * at once (default 1, at most 1000), all are kept open until stdin ends. Prints for each what the
 * switch did: answer PATH | eof | nothing "nothing": no byte and no end of file within 300 ms of
 * the last. -s: each that was answered sends one broadcast frame of 64 bytes from
 * 02:00:00:00:00:0P, P its port. 0; 3: no connection. */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 110, PATIENCE_MS = 300, CLIENTS_MAX = 1000 };

struct client {
	int ctl, data;
};

static void put32(uint8_t *at, uint32_t v)
{
	memcpy(at, &v, sizeof v);
}

static struct sockaddr_un own_address(unsigned n, int abstract)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	snprintf(sun.sun_path + abstract, sizeof sun.sun_path - 1, "%svdepoke.%d.%u",
		 abstract ? "" : "/tmp/", (int)getpid(), n);
	return sun;
}

static size_t request(uint8_t *q, const char *how, const struct sockaddr_un *sun)
{
	static const char descr[] = "vdepoke";
	unsigned long port = strncmp(how, "v3:", 3) == 0 ? strtoul(how + 3, NULL, 10) : 0;
	size_t at = 12;
	memset(q, 0, 512);
	put32(q, strcmp(how, "v0") == 0 ? 0x12345678 : 0xfeedface);
	if (strcmp(how, "v1") == 0) { /* a type word < 2, six bytes of MAC, address at 14 */
		at = 14;
	} else {
		put32(q + 4, strcmp(how, "v2") == 0 ? 2 : 3);
		put32(q + 8, strcmp(how, "v3:0") == 0 ? 1 : (uint32_t)port << 8);
	}
	memcpy(q + at, sun, ANSWER);
	memcpy(q + at + ANSWER, descr, sizeof descr - 1);
	if (strcmp(how, "garbage") == 0)
		memset(q, 0xa5, 256);
	if (strcmp(how, "short") == 0)
		return 40;
	if (strcmp(how, "long") == 0)
		return 512;
	return at + ANSWER + sizeof descr - 1;
}

/* Commands, the last one torn; more than any socket buffers of answers. */
static void command(int fd, unsigned times)
{
	static const char line[] = "help\n";
	for (unsigned i = 0; i < times; i++)
		if (send(fd, line, sizeof line - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return;
	(void)!send(fd, "sho", 3, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The frame goes to the switch's data socket, whose name ends in NNN.FD. */
static void speak(int data, const struct sockaddr_un *to)
{
	const char *name = strrchr(to->sun_path, '/');
	uint8_t f[64] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
	f[11] = (uint8_t)strtoul(name ? name + 1 : "", NULL, 10);
	f[12] = 0x88;
	f[13] = 0xb5;
	if (sendto(data, f, sizeof f, 0, (const struct sockaddr *)to, sizeof *to) < 0)
		perror(to->sun_path);
}

/* What came back; true: a data socket, in *sun. */
static bool report(int fd, int patience_ms, struct sockaddr_un *sun)
{
	uint8_t answer[ANSWER + 1];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (poll(&p, 1, patience_ms) <= 0) {
		puts("nothing");
		return false;
	}
	ssize_t n = read(fd, answer, sizeof answer);
	if (n != ANSWER) {
		puts(n <= 0 ? "eof" : "odd answer");
		return false;
	}
	memcpy(sun, answer, ANSWER);
	printf("answer %.*s\n", (int)sizeof sun->sun_path, sun->sun_path);
	return true;
}

static int ask(struct client *c, const char *ctl, const char *how, unsigned n)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct sockaddr_un me = own_address(n, strcmp(how, "abstract") == 0);
	uint8_t q[512];
	c->data = socket(AF_UNIX, SOCK_DGRAM, 0);
	c->ctl = socket(AF_UNIX, SOCK_STREAM, 0);
	if (c->data < 0 || c->ctl < 0 || strlen(ctl) >= sizeof to.sun_path)
		return -1;
	memcpy(to.sun_path, ctl, strlen(ctl) + 1);
	if (me.sun_path[0])
		unlink(me.sun_path); /* of one that was killed and had our number */
	if (bind(c->data, (struct sockaddr *)&me, sizeof me) < 0 ||
	    connect(c->ctl, (struct sockaddr *)&to, sizeof to) < 0)
		return -1;
	bool deaf = strcmp(how, "deaf") == 0, torn = strcmp(how, "torn") == 0;
	if (deaf || torn)
		command(c->ctl, deaf ? 1000 : 2);
	else if (strcmp(how, "silent") != 0)
		(void)!send(c->ctl, q, request(q, how, &me), MSG_NOSIGNAL);
	if (torn || strcmp(how, "gone") == 0) {
		close(c->ctl);
		close(c->data);
	}
	return 0;
}

static void listen_to(const struct client *c, unsigned count, bool speaks)
{
	struct timespec start, now;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; i < count; i++) {
		struct sockaddr_un answer;
		clock_gettime(CLOCK_MONOTONIC, &now);
		long past = (now.tv_sec - start.tv_sec) * 1000 +
			    (now.tv_nsec - start.tv_nsec) / 1000000;
		int left = past < PATIENCE_MS ? (int)(PATIENCE_MS - past) : 0;
		if (report(c[i].ctl, left, &answer) && speaks)
			speak(c[i].data, &answer);
	}
}

static void forget_names(unsigned count, const char *how)
{
	for (unsigned i = 0; i < count; i++) {
		struct sockaddr_un me = own_address(i, strcmp(how, "abstract") == 0);
		if (me.sun_path[0])
			unlink(me.sun_path);
	}
}

int main(int argc, char **argv)
{
	static struct client clients[CLIENTS_MAX];
	char ctl[4096], rest[64];
	bool speaks = argc > 1 && strcmp(argv[1], "-s") == 0;
	argc -= speaks;
	argv += speaks;
	if (argc < 3 || argc > 4)
		return 2;
	unsigned count = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 1, made = 0;
	snprintf(ctl, sizeof ctl, "%s/ctl", argv[1]);
	while (made < count && made < CLIENTS_MAX && ask(&clients[made], ctl, argv[2], made) == 0)
		made++;
	bool failed = made < count;
	if (failed)
		perror(argv[1]);
	static const char *const mute[] = { "silent", "gone", "deaf", "torn" };
	bool listens = true;
	for (unsigned i = 0; i < sizeof mute / sizeof *mute; i++)
		listens = listens && strcmp(argv[2], mute[i]) != 0;
	if (listens)
		listen_to(clients, made, speaks);
	forget_names(failed ? made + 1 : made, argv[2]);
	fflush(stdout);
	while (!failed && read(STDIN_FILENO, rest, sizeof rest) > 0)
		;
	return failed ? 3 : 0;
}
