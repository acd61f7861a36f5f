/* SPDX-License-Identifier: MIT */
/* vde_fstp.c - VDE's fstp/ menu. This switch has no spanning tree: it shows that, and refuses to
 * turn one on rather than to say yes. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/sw.h"

static int showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const struct bridge_config *c = bridge_config(sw->bridge);
	char mac[MAC_TEXT_LEN];
	(void)a, (void)e;
	out_str(o, "mac", "MAC %s ", mac_format(mac, c->mac));
	out_json_u64(o, "priority", (uint64_t)c->priority);
	out_text(o, "Priority %u (0x%x)\n", c->priority, c->priority);
	out_bool(o, "fstp", NULL, false);
	out_text(o, "FSTP=false\n");
	return 0;
}

static int setfstp(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	uint64_t on;
	if (a->count != 1 || unit_u64(a->word[0], 0, UINT_MAX, &on, NULL) < 0)
		return -EINVAL;
	if (on && bridge_config(sw->bridge)->hub) {
		out_text(o, "Can't use fstp in hub mode\n"); /* VDE says so and means success */
		return 0;
	}
	return on ? err_set(e, -EOPNOTSUPP, "this switch has no spanning tree") : 0;
}

const struct cmd_row vde_fstp_commands[] = {
	{ "fstp", "============", "FAST SPANNING TREE MENU", 0, NULL },
	{ "fstp/showinfo", "", "show fstp info", CMD_VDE | CMD_DATA, showinfo },
	{ "fstp/setfstp", "0/1", "Fast spanning tree protocol 1=ON 0=OFF",
	  CMD_VDE | CMD_DATA | CMD_WRITES, setfstp },
	{ 0 },
};
