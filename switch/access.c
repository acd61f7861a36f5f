/* SPDX-License-Identifier: MIT */
/* access.c - users and groups of the system as port rules (port/setuser, port/setgroup). */
#include "switch/access.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool in_group(int rule_gid, int uid, int gid)
{
	enum { GROUPS_MAX = 1024 };
	gid_t groups[GROUPS_MAX];
	int count = GROUPS_MAX;
	if (gid == rule_gid)
		return true;
	const struct passwd *pw = getpwuid((uid_t)uid);
	if (!pw || getgrouplist(pw->pw_name, pw->pw_gid, groups, &count) < 0)
		return false;
	for (int i = 0; i < count; i++) {
		if ((int)groups[i] == rule_gid)
			return true;
	}
	return false;
}

bool access_allows(int rule_uid, int rule_gid, int uid, int gid)
{
	if (uid == 0 || (rule_uid == ACCESS_NONE && rule_gid == ACCESS_NONE))
		return true;
	if (uid == ACCESS_NONE)
		return false;
	return (rule_uid != ACCESS_NONE && rule_uid == uid) ||
	       (rule_gid != ACCESS_NONE && in_group(rule_gid, uid, gid));
}

static bool is_nobody(const char *text)
{
	return strcmp(text, "NONE") == 0 || strcmp(text, "ANY") == 0;
}

static int number_of(int *id, const char *text)
{
	char *end;
	errno = 0;
	long v = strtol(text, &end, 10);
	if (!*text || *end || errno || v < 0 || v > INT_MAX)
		return -EINVAL;
	*id = (int)v;
	return 0;
}

int access_user(int *uid, const char *text)
{
	const struct passwd *pw = is_nobody(text) ? NULL : getpwnam(text);
	if (!pw && !is_nobody(text))
		return number_of(uid, text);
	*uid = pw ? (int)pw->pw_uid : ACCESS_NONE;
	return 0;
}

int access_group(int *gid, const char *text)
{
	const struct group *gr = is_nobody(text) ? NULL : getgrnam(text);
	if (!gr && !is_nobody(text))
		return number_of(gid, text);
	*gid = gr ? (int)gr->gr_gid : ACCESS_NONE;
	return 0;
}

static const char *remember(struct access_name *n, const char *name, int id)
{
	n->known = true;
	n->id = id;
	if (name)
		snprintf(n->text, sizeof n->text, "%s", name);
	else
		snprintf(n->text, sizeof n->text, "%d", id);
	return n->text;
}

const char *access_user_text(struct access_names *n, int uid)
{
	if (uid == ACCESS_NONE)
		return "NONE";
	if (n->user.known && n->user.id == uid)
		return n->user.text;
	const struct passwd *pw = getpwuid((uid_t)uid);
	return remember(&n->user, pw ? pw->pw_name : NULL, uid);
}

const char *access_group_text(struct access_names *n, int gid)
{
	if (gid == ACCESS_NONE)
		return "NONE";
	if (n->group.known && n->group.id == gid)
		return n->group.text;
	const struct group *gr = getgrgid((gid_t)gid);
	return remember(&n->group, gr ? gr->gr_name : NULL, gid);
}
