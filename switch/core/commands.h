/* SPDX-License-Identifier: MIT */
/* commands.h - the handlers behind bridge_commands[]; ctx is the bridge. Private to switch/core. */
#ifndef DW_SWITCH_CORE_COMMANDS_H
#define DW_SWITCH_CORE_COMMANDS_H

#include "lib/proto/cmd.h"
#include "switch/core/mirror.h"
#include "switch/core/rstp.h"
#include "switch/core/vepa.h"

cmd_fn cmd_port_up, cmd_port_down, cmd_port_set, cmd_port_config, cmd_port_stats, cmd_port_name;
cmd_fn cmd_fdb_print, cmd_fdb_add, cmd_fdb_del, cmd_fdb_flush, cmd_fdb_age, cmd_fdb_find,
	cmd_fdb_stats;
cmd_fn cmd_vlan_table, cmd_vlan_mode, cmd_vlan_pvid, cmd_vlan_allow, cmd_vlan_untagged,
	cmd_vlan_priotags;
cmd_fn cmd_vlan_cvlans, cmd_vlan_tpid, cmd_vlan_accept, cmd_vlan_fid, cmd_vlan_flood;
cmd_fn cmd_rstp_print, cmd_rstp_port, cmd_rstp_set, cmd_rstp_mcheck, cmd_rstp_stats, cmd_rstp_why;
void rstp_config_show(const struct rstp_config *c, bool on,
		      struct out *o); /* as rstp/set takes it back */
cmd_fn cmd_vepa_mode, cmd_vepa_uplink, cmd_vepa_reflect, cmd_vepa_print;
void vepa_config_show(const struct vepa_config *c,
		      struct out *o); /* as vepa/mode and vepa/uplink take it back */
cmd_fn cmd_mirror_add, cmd_mirror_del, cmd_mirror_print;
void mirror_config_show(const struct mirror_config *c, bool as_commands, struct out *o);
cmd_fn cmd_config_show, cmd_switch_set, cmd_switch_config, cmd_switch_stats, cmd_trace;

/* One key of the ports of a list; all of them or none. */
struct bridge;
int cmd_port_set_key(struct bridge *b, const char *list, const char *key, const char *value,
		     int64_t now, struct err *e);

/* Words for a wrong number of words; -EINVAL. */
int cmd_usage(struct err *e, const char *syntax);

#endif
