/* SPDX-License-Identifier: MIT */
/* capture_sink.h - where the bytes of a capture go: a bounded buffer, and behind it a file, a ring
 * of files or a descriptor of any kind. Never blocks. Private to lib/io/capture*.c. */
#ifndef DW_IO_CAPTURE_SINK_H
#define DW_IO_CAPTURE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/wire.h"
#include "lib/io/loop.h"

struct capture_config;

#define SINK_STOPPED "stopped"
#define SINK_NO_READER "the reader went away"

/* How a descriptor is written to without waiting. Only one that is ours alone may be made
 * non-blocking: the flag would be seen by everyone who shares it. */
enum sink_kind {
	SINK_FILE,   /* write: goes to the page cache */
	SINK_OWN,    /* write: non-blocking */
	SINK_SOCKET, /* send, told not to wait */
	SINK_SHARED, /* poll, then PIPE_BUF bytes, which a ready pipe takes */
};

struct sink {
	struct watch watch; /* of a descriptor with a reader */
	struct timer flush; /* something waits to be written, or the end to be told */
	void (*over)(struct sink *s, const char *reason);
	int fd; /* -1: closed */
	enum sink_kind kind;
	char *path;      /* NULL: a descriptor was given */
	char name[4096]; /* of the file being written */
	uint64_t ring_bytes, file_bytes;
	unsigned ring_files, file; /* which file of the ring, from 1 */
	uint8_t *buf;              /* CAPTURE_ROOM bytes; start..end wait */
	size_t start, end;
	bool queued;      /* the flush timer is set */
	bool full;        /* the reader takes no more for now */
	bool finishing;   /* closes when all is written */
	char reason[200]; /* why it is over; "": it is not */
};

/* Takes over the descriptor of `config`, also on error. */
int sink_open(struct sink *s, struct loop *l, const struct capture_config *config,
	      void (*over)(struct sink *s, const char *reason), struct err *e);
void sink_refuse(const struct capture_config *config); /* closes that descriptor */
void sink_close(struct sink *s, int64_t wait_ns);

/* Room for one more block, at least `len` bytes, or none at all (then the cursor is bad). */
struct wr sink_room(struct sink *s, size_t len);
struct wr sink_last_room(struct sink *s,
			 size_t len);        /* for what ends a file: some is kept for it */
void sink_wrote(struct sink *s, size_t len); /* that many of these bytes */

bool sink_is_full(const struct sink *s, size_t more); /* a file of a ring has no room for them */
bool sink_next_file(struct sink *s);                  /* false: cannot be opened; it is over */
void sink_finish(struct sink *s);                     /* over() follows when all is written */
bool sink_is_over(const struct sink *s);
const char *sink_name(const struct sink *s);

#endif
