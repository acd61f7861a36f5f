/* SPDX-License-Identifier: MIT */
/* vdepoke - a hand-made client of the VDE switch protocol, well-behaved or not, for tests.
 *
 *   vdepoke DIR HOW [COUNT]
 *
 * HOW: v3, v3:PORT, v1, abstract (right requests), v0, v2, garbage, short, long (wrong ones), silent
 * (connects and says nothing), gone (asks and leaves before the answer). COUNT clients one after the
 * other (default 1), all kept open until stdin ends. Prints for each what the switch did:
 *   answer PATH | eof | nothing
 * "nothing": no byte and no end of file within 300 ms. 0; 3: no connection. */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER = 110, PATIENCE_MS = 300 };

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
	if (strcmp(how, "v1") == 0) { /* magic 0, version word < 2, MAC, address at 14 */
		put32(q + 4, 0);
		at = 14;
	} else {
		put32(q, strcmp(how, "v0") == 0 ? 0x12345678 : 0xfeedface);
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

static void report(int fd)
{
	uint8_t answer[ANSWER + 1];
	struct sockaddr_un sun;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (poll(&p, 1, PATIENCE_MS) <= 0) {
		puts("nothing");
		return;
	}
	ssize_t n = read(fd, answer, sizeof answer);
	if (n != ANSWER) {
		puts(n <= 0 ? "eof" : "odd answer");
		return;
	}
	memcpy(&sun, answer, ANSWER);
	printf("answer %.*s\n", (int)sizeof sun.sun_path, sun.sun_path);
}

static int poke(const char *ctl, const char *how, unsigned n)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct sockaddr_un me = own_address(n, strcmp(how, "abstract") == 0);
	uint8_t q[512];
	int data = socket(AF_UNIX, SOCK_DGRAM, 0), fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (data < 0 || fd < 0 || strlen(ctl) >= sizeof to.sun_path)
		return -1;
	strcpy(to.sun_path, ctl);
	if (bind(data, (struct sockaddr *)&me, sizeof me) < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		return -1;
	if (strcmp(how, "silent") != 0)
		(void)!send(fd, q, request(q, how, &me), MSG_NOSIGNAL);
	if (strcmp(how, "gone") == 0) {
		close(fd);
		close(data);
	} else if (strcmp(how, "silent") != 0) {
		report(fd);
	}
	if (me.sun_path[0])
		unlink(me.sun_path);
	return 0;
}

int main(int argc, char **argv)
{
	char ctl[4096], rest[64];
	if (argc < 3 || argc > 4)
		return 2;
	unsigned long count = argc == 4 ? strtoul(argv[3], NULL, 10) : 1;
	snprintf(ctl, sizeof ctl, "%s/ctl", argv[1]);
	for (unsigned long i = 0; i < count; i++) {
		if (poke(ctl, argv[2], (unsigned)i) < 0) {
			perror(argv[1]);
			return 3;
		}
	}
	fflush(stdout);
	while (read(STDIN_FILENO, rest, sizeof rest) > 0)
		;
	return 0;
}
