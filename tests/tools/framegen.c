/* SPDX-License-Identifier: MIT */
/* framegen - writes numbered Ethernet frames in stream framing to stdout, for tests.
 *
 *   framegen [-n COUNT] [-l BYTES] [-d DSTMAC] [-s SRCMAC] [-t VID] [-f FIRST] [-w 2|4] [-p MICROS]
 *            [-k SECONDS]
 *
 * -n 10, -l 100, -d ff:ff:ff:ff:ff:ff, -s 02:00:00:00:00:01, no tag, -f 0, -w 2. -p waits between
 * frames (datagram peers drop what comes faster than they read). -k keeps stdout open after the
 * last frame until stdin ends, stdout breaks, or that many seconds have passed. 0; 1: the reader
 * went; 2. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/tools/testframe.h"

struct plan {
	unsigned long count, len, first, vid, head, pause_us, keep_s;
	bool tagged, keep;
	uint8_t dst[6], src[6];
};

static int misuse(const char *what)
{
	fprintf(stderr, "framegen: %s\n", what);
	return 2;
}

static bool mac_of(uint8_t mac[static 6], const char *text)
{
	char end;
	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &mac[0], &mac[1], &mac[2],
		      &mac[3], &mac[4], &mac[5], &end) == 6;
}

static bool number_of(unsigned long *n, const char *text)
{
	char *end;
	errno = 0;
	*n = strtoul(text, &end, 0);
	return *text && !*end && !errno;
}

static bool take(struct plan *p, int opt, const char *arg)
{
	switch (opt) {
	case 'n':
		return number_of(&p->count, arg);
	case 'l':
		return number_of(&p->len, arg);
	case 'f':
		return number_of(&p->first, arg);
	case 'w':
		return number_of(&p->head, arg) && (p->head == 2 || p->head == 4);
	case 'p':
		return number_of(&p->pause_us, arg);
	case 'k':
		p->keep = true;
		return number_of(&p->keep_s, arg);
	case 't':
		p->tagged = true;
		return number_of(&p->vid, arg) && p->vid < 4096;
	case 'd':
		return mac_of(p->dst, arg);
	case 's':
		return mac_of(p->src, arg);
	default:
		return false;
	}
}

static bool write_all(const uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);
		if (n < 0 && errno == EAGAIN) { /* a shared pipe that someone made non-blocking */
			struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
			poll(&out, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static bool send_frame(const struct plan *p, uint32_t number)
{
	static uint8_t out[4 + TESTFRAME_MAX];
	uint8_t *f = out + 4;
	uint32_t len = (uint32_t)p->len, at = 12;
	memcpy(f, p->dst, 6);
	memcpy(f + 6, p->src, 6);
	if (p->tagged) {
		testframe_put32(f + 12, 0x81000000u | (uint32_t)p->vid);
		at = 16;
	}
	testframe_fill(f, len, at, number);
	testframe_put32(out, len);
	return write_all(out + 4 - p->head, p->head + len);
}

static void keep_open(unsigned long seconds)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
				 { .fd = STDOUT_FILENO } };
	time_t end = time(NULL) + (time_t)seconds;
	char sink[65536];
	while (time(NULL) < end) {
		poll(fds, 2, 100);
		if (fds[1].revents ||
		    (fds[0].revents && read(STDIN_FILENO, sink, sizeof sink) <= 0))
			return;
	}
}

int main(int argc, char **argv)
{
	struct plan p = { .count = 10,
			  .len = 100,
			  .head = 2,
			  .dst = { 255, 255, 255, 255, 255, 255 },
			  .src = { 2, 0, 0, 0, 0, 1 } };
	int opt;
	while ((opt = getopt(argc, argv, "n:l:d:s:t:f:w:p:k:")) != -1)
		if (!take(&p, opt, optarg))
			return misuse("see the top of framegen.c for its options");
	if (optind < argc || p.len < (p.tagged ? TESTFRAME_MIN + 4u : TESTFRAME_MIN) ||
	    p.len > TESTFRAME_MAX)
		return misuse("a frame has 22 (tagged 26) to 65535 bytes");
	signal(SIGPIPE, SIG_IGN);
	for (unsigned long i = 0; i < p.count; i++) {
		if (!send_frame(&p, (uint32_t)(p.first + i)))
			return 1;
		if (p.pause_us)
			nanosleep(&(struct timespec){ .tv_sec = (time_t)(p.pause_us / 1000000),
						      .tv_nsec =
							      (long)(p.pause_us % 1000000) * 1000 },
				  NULL);
	}
	if (p.keep)
		keep_open(p.keep_s);
	return 0;
}
