/* SPDX-License-Identifier: MIT */
/* streamep.h - frames on byte streams: a socket, or one descriptor in and one out. */
#ifndef DW_IO_EP_STREAMEP_H
#define DW_IO_EP_STREAMEP_H

#include "lib/io/ep/impl.h"
#include "lib/proto/framing.h"

struct stream { /* begins a scheme's own struct */
	struct ep ep;
	struct watch in, out; /* a socket has only `in`; fd -1: none */
	struct timer kick;    /* whole frames wait in our buffer: no descriptor will say so */
	struct ep_end end;
	struct deframe de;
	uint8_t *rest; /* of a frame that was half written */
	uint32_t rest_at, rest_len;
	unsigned head;           /* length bytes before a frame: 2 or 4 */
	int in_flags, out_flags; /* before we made them non-blocking; -1: leave */
	bool socket, paused, want_out, out_broken, finishing;
	int64_t broken_at;
	int broken_code;
	/* The stream ended, for this reason; NULL: ep_end_say() does. Called once, from anywhere.
	 */
	void (*over)(struct stream *s, int why, const char *reason);
	bool is_over;
};

extern const struct ep_ops stream_ops; /* made of these */
unsigned stream_rx(struct ep *e, struct frame *f, unsigned max);
unsigned stream_tx(struct ep *e, const struct txv *v, unsigned n);
void stream_pause(struct ep *e, bool on);
bool stream_flushed(struct ep *e);
bool stream_finish(struct ep *e); /* end of file to the reader, after all that was taken. true */
void stream_close(struct ep *e);

/* `size` >= sizeof(struct stream). NULL: out of memory. */
struct stream *stream_born(size_t size, const struct ep_ops *ops, unsigned head, struct loop *l,
			   const struct ep_host *host, void *ctx);
/* Begins on these descriptors, which are the stream's from here on, also on error. 0 or negative
 * errno. The endpoint is up. in -1: nothing is ever read. */
int stream_start(struct stream *s, int in, int out);
/* Lets go of the descriptors; stream_start() may follow. */
void stream_stop(struct stream *s);

#endif
