/* SPDX-License-Identifier: MIT */
/* vde.h - what is VDE-shaped in this program: its rows, formats, texts and debug lines. */
#ifndef DW_SWITCH_VDE_H
#define DW_SWITCH_VDE_H

#include "lib/base/event.h"
#include "lib/cli/opts.h"
#include "lib/proto/cmd.h"

struct mgmt;
struct ports_member;

/* libvdemgmt reads the version between "V." and the end of the line. */
#define VDE_VERSION "2.3.3-drahtwerk-" DW_VERSION
#define VDE_RIGHTS "Drahtwerk, under the MIT licence"
#define VDE_BANNER "VDE switch V." VDE_VERSION "\n" VDE_RIGHTS "\n"
#define VDE_PROMPT "vde$ "

/* Rows in the order of VDE's help; ctx is the struct sw. */
extern const struct cmd_row vde_info_commands[];
extern const struct cmd_row vde_debug_commands[];
extern const struct cmd_row vde_hash_commands[];
extern const struct cmd_row vde_fstp_commands[];
extern const struct cmd_row vde_port_commands[];
extern const struct cmd_row vde_vlan_commands[];
cmd_fn vde_port_setvlan; /* a row of port/, at home with vlan/ */

struct vlan_port;
unsigned vde_untagged_vlan(const struct vlan_port *v); /* 4095: untagged frames are not admitted */

/* Debug lines "3TTT path text" to the sessions that asked with debug/add. */
void vde_debug_plugged(struct mgmt *m, const struct ports_member *p, bool first);
void vde_debug_unplugged(struct mgmt *m, const struct ports_member *p, bool last);
void vde_debug_event(struct mgmt *m, const struct event *ev);
uint64_t vde_debug_events(const struct mgmt *m); /* kinds of the core that they need */

/* What VDE's table has and ours has no use for: shown as it was set. */
enum { VDE_HASH_MAX = 1 << 24, VDE_GC_SECS = 2 };
struct vde_hash {
	unsigned size, gc_secs; /* size: a power of two */
};
unsigned vde_hash_size(unsigned n); /* the next power of two, as VDE rounds; n <= VDE_HASH_MAX */

#endif
