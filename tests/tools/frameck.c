/* SPDX-License-Identifier: MIT */
/* frameck - reads framed frames from stdin, checks the numbered ones of framegen, prints what came.
 *
 *   frameck [-n COUNT] [-f FIRST] [-l BYTES] [-w 2|4] [-T SECONDS] [-o FILE] [-m MIN] [-c] [-g]
 *
 * Ends at once when all COUNT numbers (default 10, from FIRST) have come, at end of file, or after
 * SECONDS (default 10). Prints one line to stdout (-o: to FILE, where stdout carries frames):
 *   received=10 missing=0 duplicated=0 reordered=0 corrupt=0 other=0 cut=0
 * 0: everything came once, whole and in order; with -m at least MIN numbers came, all whole. 1: not
 * so. -l: a numbered frame of any other length is corrupt. -c: keep reading (to see late
 * duplicates). -g: the line ends with gap_ms=N, the longest time without a numbered frame between
 * two of them. `other`: frames that are not framegen's; `cut`: bytes of an unfinished frame at the
 * end. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/tools/testframe.h"

struct check {
	unsigned long count, first, len, head, seconds, min;
	bool go_on, at_least, gaps;
	const char *out;
	unsigned char *seen;
	unsigned long received, duplicated, reordered, corrupt, other, cut;
	uint32_t highest;
	int64_t last_ms, gap_ms;
};

static int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool take(struct check *c, int opt, const char *arg)
{
	char *end = NULL;
	unsigned long n = arg ? strtoul(arg, &end, 0) : 0;
	if (opt == 'o') {
		c->out = arg;
		return true;
	}
	if (opt == 'c' || opt == 'g') {
		*(opt == 'c' ? &c->go_on : &c->gaps) = true;
		return true;
	}
	if (!arg || !*arg || *end)
		return false;
	switch (opt) {
	case 'n':
		c->count = n;
		return n > 0 && n < 100000000;
	case 'f':
		c->first = n;
		return true;
	case 'l':
		c->len = n;
		return true;
	case 'w':
		c->head = n;
		return n == 2 || n == 4;
	case 'T':
		c->seconds = n;
		return true;
	case 'm':
		c->min = n;
		c->at_least = true;
		return true;
	default:
		return false;
	}
}

static void note_gap(struct check *c)
{
	int64_t now = now_ms();
	if (c->last_ms && now - c->last_ms > c->gap_ms)
		c->gap_ms = now - c->last_ms;
	c->last_ms = now;
}

static void frame(struct check *c, const uint8_t *f, uint32_t len)
{
	uint32_t number;
	bool whole;
	if (!testframe_read(f, len, &number, &whole) || number < c->first ||
	    number - c->first >= c->count) {
		c->other++;
		return;
	}
	if (!whole || (c->len && len != c->len)) {
		c->corrupt++;
		return;
	}
	if (c->seen[number - c->first]++) {
		c->duplicated++;
		return;
	}
	note_gap(c);
	if (c->received++ && number < c->highest)
		c->reordered++;
	if (number > c->highest)
		c->highest = number;
}

/* All whole frames in buf[0..have): takes them, returns the bytes that remain, moved to the front.
 */
static size_t frames(struct check *c, uint8_t *buf, size_t have)
{
	size_t at = 0;
	for (;;) {
		if (have - at < c->head)
			break;
		uint32_t len = c->head == 4 ? testframe_get32(buf + at)
					    : (uint32_t)buf[at] << 8 | buf[at + 1];
		if (len > TESTFRAME_MAX) {
			c->corrupt++;
			c->cut = have - at;
			return SIZE_MAX;
		}
		if (have - at < c->head + len)
			break;
		if (len)
			frame(c, buf + at + c->head, len);
		at += c->head + len;
	}
	memmove(buf, buf + at, have - at);
	return have - at;
}

static void run(struct check *c)
{
	static uint8_t buf[2 * (TESTFRAME_MAX + 4)];
	size_t have = 0;
	int64_t end = now_ms() + (int64_t)c->seconds * 1000;
	while (c->go_on || c->received < c->count) {
		int64_t left = end - now_ms();
		struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
		if (left <= 0 || poll(&in, 1, (int)left) == 0)
			break;
		ssize_t n = read(STDIN_FILENO, buf + have, sizeof buf - have);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			break;
		have = frames(c, buf, have + (size_t)n);
		if (have == SIZE_MAX)
			return;
	}
	c->cut = have;
}

int main(int argc, char **argv)
{
	struct check c = { .count = 10, .head = 2, .seconds = 10 };
	int opt;
	while ((opt = getopt(argc, argv, "n:f:l:w:T:o:m:cg")) != -1)
		if (!take(&c, opt, optarg)) {
			fprintf(stderr, "frameck: see the top of frameck.c for its options\n");
			return 2;
		}
	c.seen = calloc(c.count, 1);
	FILE *out = c.out ? fopen(c.out, "w") : stdout;
	if (!c.seen || !out) {
		perror("frameck");
		free(c.seen);
		return 3;
	}
	run(&c);
	fprintf(out,
		"received=%lu missing=%lu duplicated=%lu reordered=%lu corrupt=%lu other=%lu "
		"cut=%lu",
		c.received, c.count - c.received, c.duplicated, c.reordered, c.corrupt, c.other,
		c.cut);
	if (c.gaps)
		fprintf(out, " gap_ms=%lld", (long long)c.gap_ms);
	fputc('\n', out);
	if (out != stdout)
		fclose(out);
	free(c.seen);
	if (c.corrupt)
		return 1;
	if (c.at_least)
		return c.received < c.min;
	return c.received < c.count || c.duplicated || c.reordered;
}
