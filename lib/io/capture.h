/* SPDX-License-Identifier: MIT */
/* capture.h - one capture: frames as pcapng into a file, a ring of files, or a descriptor (a pipe
 * for a live Wireshark, the stdout of somebody who asked). Frames go into a bounded buffer and from
 * there when there is room: a slow reader loses captured frames, which are counted, and holds up
 * nobody. Regular files are written through the page cache. A capture ends by itself when its
 * reader goes or its disk is full. */
#ifndef DW_IO_CAPTURE_H
#define DW_IO_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/bpf.h"
#include "lib/base/drop.h"
#include "lib/base/err.h"
#include "lib/io/loop.h"
#include "lib/proto/pcapng.h"

enum {
	CAPTURE_ROOM = 4 << 20,    /* bytes that wait for a slow reader */
	CAPTURE_POINTS = 65536,    /* interfaces */
	CAPTURE_RING_LEAST = 4096, /* bytes of a file of a ring */
	CAPTURE_RING_FILES = 100000,
};

struct capture;

struct capture_config {
	const char *file;    /* made anew; NULL: fd */
	int fd;              /* the capture's from here on, also on error; only without a file */
	uint64_t ring_bytes; /* of a file of the ring, statistics aside; 0: no ring */
	unsigned ring_files; /* how many are kept: NAME_00001.pcapng and so on */
	struct bpf *filter;  /* the capture's from here on, also on error; NULL: all frames */
	const char *filter_text; /* as it was written, for the file; may be NULL */
	const char *application; /* who writes this */
	unsigned idle_point; /* described at the end of a file without frames: readers want one */
};

struct capture_host {
	/* Names the interface of a point; called when its first frame comes in each file. Texts are
	 * borrowed until the next call. */
	void (*describe)(void *ctx, unsigned point, struct pcapng_interface *i);
	/* It is over: all was written, or the reader went. From the loop; capture_close() it, now
	 * or later. */
	void (*ended)(void *ctx, struct capture *c, const char *reason);
};

struct capture_note {         /* what is known of a frame */
	uint32_t flags;       /* PCAPNG_IN, PCAPNG_OUT; 0: not said */
	enum drop_reason why; /* DROP_REASONS: it was not lost */
	const char *text;     /* for the comment; NULL: nothing more */
};

struct capture_counts {
	uint64_t seen, dropped; /* at all points, before the filter; lost there */
	uint64_t frames, bytes; /* captured: frames, and bytes of all blocks */
	uint64_t lost;          /* passed the filter, but there was no room */
};

/* 0 or negative errno with words. A named pipe needs a reader (-ENXIO); -EINVAL: fd is a terminal.
 */
int capture_open(struct capture **out, struct loop *l, const struct capture_config *config,
		 const struct capture_host *host, void *ctx, struct err *e);
/* A frame at `point` (0 .. CAPTURE_POINTS - 1); `now` as loop_now(). */
void capture_frame(struct capture *c, unsigned point, const struct capture_note *note,
		   const struct pieces *frame, int64_t now);
/* Takes no more frames, writes the statistics; a file is whole on return. ended() follows. */
void capture_stop(struct capture *c);
/* At once, with at most `wait_ns` for a reader that has not read all. No notice follows; NULL is
 * fine. */
void capture_close(struct capture *c, int64_t wait_ns);

/* Is this reason of an end anything but "stopped" or a reader that went: is it to be told as
 * trouble? */
bool capture_went_wrong(const char *reason);

void capture_count(const struct capture *c, struct capture_counts *n);
const char *capture_file(const struct capture *c); /* the one being written; "-": a descriptor */

#endif
