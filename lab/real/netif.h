/* SPDX-License-Identifier: MIT */
/* netif.h - interfaces of the network namespace we are in: made, addressed, brought up. */
#ifndef DW_LAB_REAL_NETIF_H
#define DW_LAB_REAL_NETIF_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/station/station.h"
#include "lib/base/err.h"

int netif_up(const char *name);  /* 0 or negative errno; so all */
int netif_tap(const char *name); /* one that stays when nobody has it open */
/* A pair: `name` here, `peer`, which is brought up, in the namespace of `ns_fd`; no offloads. */
int netif_veth(const char *name, const char *peer, int ns_fd);
/* A tagging interface on top of it; its name ("eth0.10") is written to `made`. */
int netif_vlan(const char *name, uint16_t vid, char *made, unsigned room);
int netif_mac(const char *name, const uint8_t mac[static 6]);
int netif_address(const char *name, uint32_t ip, unsigned prefix);
int netif_stats(const char *name, struct station_stats *st);

#endif
