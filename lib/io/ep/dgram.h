/* SPDX-License-Identifier: MIT */
/* dgram.h - frames on a connected datagram socket, one each, beside a control stream whose end of
 * file is the unplug: both sides of the VDE protocol. */
#ifndef DW_IO_EP_DGRAM_H
#define DW_IO_EP_DGRAM_H

#include "lib/io/ep/impl.h"

struct dgram { /* begins a scheme's own struct */
	struct ep ep;
	struct watch data, ctl; /* fd -1: none */
	struct ep_end end;
	int64_t ctl_over; /* when the control stream ended, 0: not yet */
	bool paused, want_out;
	const char *lost_words; /* the reason when the control stream ends */
	char own_path[108];     /* of the data socket, unlinked at the end; "": none */
	const struct sockaddr
		*to; /* the data socket is not connected: whom to send to; else NULL */
	socklen_t to_len;
};

extern const struct ep_ops dgram_ops; /* made of these */
unsigned dgram_rx(struct ep *e, struct frame *f, unsigned max);
unsigned dgram_tx(struct ep *e, const struct txv *v, unsigned n);
/* The same, without asking for a notice: *full: less than n because there was no room. */
unsigned dgram_send(struct dgram *d, const struct txv *v, unsigned n, bool *full);
void dgram_pause(struct ep *e, bool on);

/* `size` >= sizeof(struct dgram); descriptors are set by the caller, watched after dgram_start().
 */
struct dgram *dgram_born(size_t size, const struct ep_ops *ops, struct loop *l,
			 const struct ep_host *host, void *ctx);
int dgram_start(struct dgram *d); /* 0 or negative errno */
void dgram_close(struct ep *e);

#endif
