/* SPDX-License-Identifier: MIT */
/* access.h - who may plug in: users and groups by name or number. */
#ifndef DW_SWITCH_ACCESS_H
#define DW_SWITCH_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	ACCESS_NONE = -1, /* no rule; an unknown user */
	ACCESS_TEXT = 32,
};

/* Root passes always, everybody where there is no rule; else the rule's user, or a member of its
 * group (primary or supplementary). */
bool access_allows(int rule_uid, int rule_gid, int uid, int gid);

/* "NONE", "ANY": ACCESS_NONE; a name or a number. 0; -EINVAL: nobody of that name. */
int access_user(int *uid, const char *text);
int access_group(int *gid, const char *text);

/* The last name of each kind that was asked for: a list of a thousand ports asks the system once,
 * not a thousand times. Zeroed at first. */
struct access_names {
	struct access_name {
		bool known;
		int id;
		char text[ACCESS_TEXT];
	} user, group;
};
/* The name, the number where there is none, "NONE"; good until the next call. */
const char *access_user_text(struct access_names *n, int uid);
const char *access_group_text(struct access_names *n, int gid);

#endif
