/* SPDX-License-Identifier: MIT */
/* spawn_msg.h - the messages of spawn.h. One seqpacket each, between processes of one program. */
#ifndef DW_LAB_REAL_SPAWN_MSG_H
#define DW_LAB_REAL_SPAWN_MSG_H

#include <stdint.h>

enum { SPAWN_TEXT_MAX = 65536, SPAWN_ARGS_MAX = 1024 };

enum spawn_op { SPAWN_PROGRAM, SPAWN_AGENT, SPAWN_SIGNAL };

struct spawn_order {
	uint32_t op, id;
	int32_t signo;
	uint32_t args; /* strings in the text: netns ("": none), then argv */
	char text[];
};

struct spawn_report {
	uint32_t id;
	int32_t status;
};

struct spawn_word { /* the first message */
	int32_t code;
	char words[400];
};

#endif
