/* SPDX-License-Identifier: MIT */
/* replay.c - feeds files, and all files of folders, to a fuzz target; any compiler builds it. TAP:
 * one line with the number of inputs; a crash names the input that made it. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static char current[4096]; /* the input that is being replayed */

static void name_input(void)
{
	static const char words[] = "# while replaying ";
	if (write(STDOUT_FILENO, words, sizeof words - 1) < 0 ||
	    write(STDOUT_FILENO, current, strlen(current)) < 0 || write(STDOUT_FILENO, "\n", 1) < 0)
		return;
}

static void crashed(int signo)
{
	name_input();
	signal(signo, SIG_DFL);
	raise(signo);
}

static int complain(const char *path)
{
	printf("# %s: %s\n", path, strerror(errno));
	return -1;
}

/* On a heap block of just that size, so that the sanitizer sees any byte too far. */
static int replay_file(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	if (!f || fstat(fileno(f), &st) < 0) {
		if (f)
			fclose(f);
		return complain(path);
	}
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, f) != size) {
		free(data);
		fclose(f);
		return complain(path);
	}
	fclose(f);
	snprintf(current, sizeof current, "%s", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int replay(const char *path);

static int replay_folder(const char *path)
{
	struct dirent **list;
	int total = 0, n = scandir(path, &list, not_hidden, alphasort);
	if (n < 0)
		return complain(path);
	for (int i = 0; i < n; i++) {
		char inner[4096];
		snprintf(inner, sizeof inner, "%s/%s", path, list[i]->d_name);
		int r = total < 0 ? -1 : replay(inner);
		total = r < 0 ? -1 : total + r;
		free(list[i]);
	}
	free(list);
	return total;
}

static int replay(const char *path) /* number of inputs, or -1: said as a comment */
{
	struct stat st;
	if (stat(path, &st) < 0)
		return complain(path);
	return S_ISDIR(st.st_mode) ? replay_folder(path) : replay_file(path);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	if (strncmp(name, "replay_", 7) == 0)
		name += 7;
	signal(SIGABRT, crashed);
	signal(SIGSEGV, crashed);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(name_input);
	setvbuf(stdout, NULL, _IOLBF, 0);
	int total = 0;
	for (int i = 1; i < argc && total >= 0; i++) {
		int r = replay(argv[i]);
		total = r < 0 ? -1 : total + r;
	}
	printf("%s 1 - fuzz corpus of %s: %d inputs\n1..1\n", total > 0 ? "ok" : "not ok", name,
	       total > 0 ? total : 0);
	return total > 0 ? 0 : 1;
}
