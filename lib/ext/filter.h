/* SPDX-License-Identifier: MIT */
/* filter.h - a pcap filter expression ("arp or udp port 53") made into a program for
 * lib/base/bpf.h. By libpcap; no I/O besides the look-up of names that stand in an expression. */
#ifndef DW_EXT_FILTER_H
#define DW_EXT_FILTER_H

#include "lib/base/bpf.h"
#include "lib/base/err.h"

/* For Ethernet frames, tags included. An empty expression matches all. 0; -EINVAL with libpcap's
 * words; -ENOMEM. The caller frees with bpf_free(). */
int filter_compile(struct bpf **out, const char *expression, struct err *e);

#endif
