/* SPDX-License-Identifier: MIT */
/* probe.c - how long a cache line takes from one processor to the other, one way, in ns: the figure
 * that decides what shared memory is worth, and that a virtual machine's host changes at will. Two
 * threads pass a number back and forth; prints the median of some rounds, or 0 on one processor. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 9, PASSES = 20000 };

static _Alignas(128) atomic_uint ball;

static void pin(unsigned cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof set, &set);
}

static int64_t clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Passes the ball on `count` times, when it shows `first`, `first` + 2 ... */
static void play(unsigned first, unsigned count)
{
	for (unsigned i = first; count--; i += 2) {
		while (atomic_load_explicit(&ball, memory_order_acquire) != i)
			;
		atomic_store_explicit(&ball, i + 1, memory_order_release);
	}
}

static void *other(void *cpu)
{
	pin(*(unsigned *)cpu);
	play(1, PASSES * ROUNDS);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

int main(void)
{
	cpu_set_t set;
	unsigned cpu[2], n = 0;
	sched_getaffinity(0, sizeof set, &set);
	for (unsigned i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &set))
			cpu[n++] = i;
	if (n < 2) {
		puts("0");
		return 0;
	}
	pthread_t thread;
	if (pthread_create(&thread, NULL, other, &cpu[1]))
		return 3;
	pin(cpu[0]);
	int64_t took[ROUNDS];
	for (unsigned r = 0; r < ROUNDS; r++) {
		int64_t t0 = clock_ns();
		play(2 * PASSES * r, PASSES);
		took[r] = (clock_ns() - t0) / (2 * PASSES);
	}
	pthread_join(thread, NULL);
	qsort(took, ROUNDS, sizeof *took, by_size);
	printf("%lld\n", (long long)took[ROUNDS / 2]);
	return 0;
}
