/* SPDX-License-Identifier: MIT */
/* commands.c - the commands a bridge can do alone: the table. */
#include "switch/core/commands.h"

#include <errno.h>

#include "switch/core/bridge.h"

const struct cmd_row bridge_commands[] = {
	{ "switch", NULL, "SWITCH MENU", 0, NULL },
	{ "switch/set", "key=value...",
	  "set the switch: numports hub age persist fdb-max drop-alarm", CMD_WRITES,
	  cmd_switch_set },
	{ "switch/config", "", "print the settings of the switch", CMD_DATA, cmd_switch_config },
	{ "switch/stats", "", "frames of all ports: in, out, lost, and whether it adds up",
	  CMD_DATA, cmd_switch_stats },
	{ "port/up", "N", "let frames cross ports", CMD_WRITES, cmd_port_up },
	{ "port/down", "N", "let nothing cross ports", CMD_WRITES, cmd_port_down },
	{ "port/set", "N key=value...", "set ports", CMD_WRITES, cmd_port_set },
	{ "port/config", "[N]", "print the settings of ports", CMD_DATA, cmd_port_config },
	{ "port/stats", "[N]", "print the counters of ports", CMD_DATA, cmd_port_stats },
	{ "port/name", "N [NAME]", "name a port", CMD_WRITES, cmd_port_name },
	{ "fdb", NULL, "ADDRESS TABLE MENU", 0, NULL },
	{ "fdb/print", "[port N] [vlan V]", "print the address table", CMD_DATA, cmd_fdb_print },
	{ "fdb/add", "MAC VLAN PORT [sticky]", "add a static entry", CMD_WRITES, cmd_fdb_add },
	{ "fdb/del", "MAC [VLAN]", "forget an address", CMD_WRITES, cmd_fdb_del },
	{ "fdb/flush", "[port N] [vlan V]", "forget learned addresses", CMD_WRITES, cmd_fdb_flush },
	{ "fdb/age", "[TIME]", "forget addresses after this silence", CMD_WRITES, cmd_fdb_age },
	{ "fdb/find", "MAC [VLAN]", "which port has an address", CMD_DATA, cmd_fdb_find },
	{ "fdb/stats", "", "counters of the address table", CMD_DATA, cmd_fdb_stats },
	{ "vlan/table", "", "VLANs and their ports", CMD_DATA, cmd_vlan_table },
	{ "vlan/mode", "N M", "set the VLAN mode of ports", CMD_WRITES, cmd_vlan_mode },
	{ "vlan/pvid", "N V", "VLAN of untagged frames", CMD_WRITES, cmd_vlan_pvid },
	{ "vlan/allow", "N LIST", "VLANs that ports carry tagged", CMD_WRITES, cmd_vlan_allow },
	{ "vlan/untagged", "N LIST", "VLANs that ports send untagged", CMD_WRITES,
	  cmd_vlan_untagged },
	{ "vlan/priotags", "N P", "priority tags: never, if-nonzero, always", CMD_WRITES,
	  cmd_vlan_priotags },
	{ "vlan/cvlans", "N LIST", "customer VLANs that pass a tunnel port", CMD_WRITES,
	  cmd_vlan_cvlans },
	{ "vlan/tpid", "N T", "TPID that a tunnel port puts on", CMD_WRITES, cmd_vlan_tpid },
	{ "vlan/accept", "N A", "frames to accept: all, tagged, untagged", CMD_WRITES,
	  cmd_vlan_accept },
	{ "vlan/fid", "V F", "address table of a VLAN", CMD_WRITES, cmd_vlan_fid },
	{ "vlan/flood", "V yes|no", "flood unknown unicast in a VLAN", CMD_WRITES, cmd_vlan_flood },
	{ "trace", "PORT FRAME", "what would happen to this frame, stage by stage", CMD_DATA,
	  cmd_trace },
	{ "rstp", NULL, "SPANNING TREE MENU", 0, NULL },
	{ "rstp/print", "", "the tree as this bridge sees it", CMD_DATA, cmd_rstp_print },
	{ "rstp/port", "N", "all there is to know of a port", CMD_DATA, cmd_rstp_port },
	{ "rstp/set", "key=value...", "enabled priority hello maxage fwddelay txhold version",
	  CMD_WRITES, cmd_rstp_set },
	{ "rstp/mcheck", "N", "speak RSTP on a port again", CMD_WRITES, cmd_rstp_mcheck },
	{ "rstp/stats", "", "BPDUs and topology changes", CMD_DATA, cmd_rstp_stats },
	{ "rstp/why", "N", "why a port has its role", CMD_DATA, cmd_rstp_why },
	{ "vepa", NULL, "EDGE RELAY MENU", 0, NULL },
	{ "vepa/mode", "off|veb|vepa [vlan V]", "who switches between stations", CMD_WRITES,
	  cmd_vepa_mode },
	{ "vepa/uplink", "N|none", "port to the adjacent bridge", CMD_WRITES, cmd_vepa_uplink },
	{ "vepa/reflect", "N off|on|auto", "send frames back by the port they came in by",
	  CMD_WRITES, cmd_vepa_reflect },
	{ "vepa/print", "", "modes, uplink and stations", CMD_DATA, cmd_vepa_print },
	{ "mirror", NULL, "MIRROR MENU", 0, NULL },
	{ "mirror/add", "FROM TO [in|out|both] [vlan V] [filter EXPR]",
	  "copy frames of a port to another", CMD_WRITES, cmd_mirror_add },
	{ "mirror/del", "N", "end a mirror", CMD_WRITES, cmd_mirror_del },
	{ "mirror/print", "", "print the mirrors", CMD_DATA, cmd_mirror_print },
	{ "config/show", "", "the commands that make these settings", CMD_DATA, cmd_config_show },
	{ 0 },
};

int cmd_usage(struct err *e, const char *syntax)
{
	return err_set(e, -EINVAL, "usage: %s", syntax);
}
