/* SPDX-License-Identifier: MIT */
/* memif_talk.h - the client's part of the memif handshake, message by message: each answer of the
 * server is followed by the next thing to say. Whoever owns the socket decides how to wait. */
#ifndef DW_IO_MEMIF_TALK_H
#define DW_IO_MEMIF_TALK_H

#include "lib/base/err.h"
#include "lib/io/rings.h"

enum memif_step {
	MEMIF_AWAIT_HELLO,
	MEMIF_AWAIT_INIT,
	MEMIF_AWAIT_REGION,
	MEMIF_AWAIT_S2M,
	MEMIF_AWAIT_M2S,
	MEMIF_AWAIT_CONNECTED,
	MEMIF_JOINED,
};

struct memif_talk {
	struct rings *rings; /* made on the way */
	enum memif_step step;
	int memory;              /* memfd until it is passed; -1 */
	struct memif_msg init;   /* what is asked for */
	const char *name;        /* as we tell it in CONNECT */
	char server[MEMIF_NAME]; /* its name, from HELLO */
	int port;                /* the one we got, -1: it did not say */
};

/* `id`: of the interface, or the wanted port, 0 for any; `secret` may be NULL. */
void memif_talk_init(struct memif_talk *t, struct rings *r, const char *name, uint32_t id,
		     const char *descr, const char *secret);
void memif_talk_fini(struct memif_talk *t);
/* 1: joined; 0: wait for the next; -EACCES: refused; else what went wrong; with words. */
int memif_talk_answer(struct memif_talk *t, int sock, const struct memif_msg *q, struct err *err);

#endif
