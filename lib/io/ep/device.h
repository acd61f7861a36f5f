/* SPDX-License-Identifier: MIT */
/* device.h - an endpoint on one descriptor that gives and takes a frame a call: what tap and packet
 * share. */
#ifndef DW_IO_EP_DEVICE_H
#define DW_IO_EP_DEVICE_H

#include "lib/io/ep/impl.h"

struct ifreq;

struct device { /* begins a scheme's own struct */
	struct ep ep;
	struct watch watch;
	struct ep_end end;
	bool paused, want_out;
	void (*failed)(struct device *d, int code); /* the descriptor has an error to tell */
};

/* Takes `fd`, also on error. Up when it returns 0; negative errno: freed. */
int device_start(struct device *d, int fd, void (*failed)(struct device *d, int code));
void device_pause(struct ep *e, bool on);
void device_full(struct device *d); /* writable() when there is room again */
void device_lost(struct device *d, int code, const char *words);
/* Of packet sockets: the name of their interface now, for another ioctl. false: it was removed. */
bool device_interface(const struct device *d, struct ifreq *ifr);
/* The `failed` of packet sockets: lives on while their interface is only down. */
void device_failed(struct device *d, int code);
void device_close(struct ep *e);

#endif
