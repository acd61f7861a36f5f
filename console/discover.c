/* SPDX-License-Identifier: MIT */
/* discover.c - the labs that run, by their folders: $XDG_RUNTIME_DIR/drahtwerk/LAB/NAME.mgmt, or
 * below /tmp/drahtwerk-UID where there is no such directory of ours. Folders of others are not
 * looked into. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/feed_inner.h"

enum { PATH_LEN = 256, ENTRIES_MAX = 10000 };

static bool is_ours(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

static void base_folder(char path[static PATH_LEN])
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	if (xdg && xdg[0] == '/' && strlen(xdg) < PATH_LEN / 2 && is_ours(xdg))
		snprintf(path, PATH_LEN, "%s/drahtwerk", xdg);
	else
		snprintf(path, PATH_LEN, "/tmp/drahtwerk-%u", (unsigned)geteuid());
}

static bool ends_in(const char *text, const char *tail)
{
	size_t n = strlen(text), t = strlen(tail);
	return n > t && strcmp(text + n - t, tail) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_socket_name(const struct dirent *d)
{
	return d->d_name[0] != '.' && ends_in(d->d_name, ".mgmt");
}

static int is_lab_name(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* In order of names, so that two consoles look alike. The number of new ones. */
static int add_folder(struct feeds *f, const char *folder, const char *lab, bool asked)
{
	struct dirent **list;
	int added = 0, n = scandir(folder, &list, is_socket_name, by_name);
	for (int i = 0; i < n; i++) {
		char path[2 * PATH_LEN];
		int len = snprintf(path, sizeof path, "%s/%s", folder, list[i]->d_name);
		if (len < PATH_LEN && i < ENTRIES_MAX)
			added += feeds_add(f, path, lab, asked) == 0;
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return added;
}

int feeds_discover(struct feeds *all, const char *lab)
{
	char base[PATH_LEN], folder[2 * PATH_LEN + 2];
	struct dirent **list;
	base_folder(base);
	if (!is_ours(base))
		return lab ? -ENOENT : 0;
	if (lab) {
		snprintf(folder, sizeof folder, "%s/%s", base, lab);
		return is_ours(folder) ? add_folder(all, folder, lab, true) : -ENOENT;
	}
	int added = 0, n = scandir(base, &list, is_lab_name, by_name);
	for (int i = 0; i < n; i++) {
		snprintf(folder, sizeof folder, "%s/%s", base, list[i]->d_name);
		if (is_ours(folder))
			added += add_folder(all, folder, list[i]->d_name, false);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return added;
}
