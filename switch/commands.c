/* SPDX-License-Identifier: MIT */
/* commands.c - our own rows that need files or sockets; what the core can do alone is in
 * core/commands.c. */
#include <errno.h>
#include <inttypes.h>

#include "lib/base/units.h"
#include "switch/sw.h"

static int port_add(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t wanted = 0;
	if (a->count != 1 && a->count != 2)
		return err_set(e, -EINVAL,
			       "port/add LOCATOR [PORT]: one locator, with its keys behind commas");
	if (a->count == 2 && unit_u64(a->word[1], 1, BRIDGE_PORT_MAX, &wanted, e) < 0)
		return -EINVAL;
	int port = ports_open(sw->ports, a->word[0], wanted ? (int)wanted : PORTS_ANY, e);
	if (port < 0)
		return port;
	out_u64(o, "port", "Port %04" PRIu64 "\n", (uint64_t)port);
	return 0;
}

const struct cmd_row switch_commands[] = {
	{ "port/add", "LOCATOR [PORT]", "plug in an endpoint, with port keys", CMD_WRITES,
	  port_add },
	{ "config/show", "", "the commands that make these settings", CMD_DATA, config_show },
	{ "config/save", "FILE", "write config/show to a file", 0, config_save },
	{ "config/load", "FILE", "make the settings of a file, all or none", CMD_WRITES,
	  config_load },
	{ "config/check", "FILE", "would config/load take it?", 0, config_check },
	{ 0 },
};
