/* SPDX-License-Identifier: MIT */
/* vde_info.c - VDE's ds/showinfo and showinfo. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "switch/sw.h"

static int ds_showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	(void)a, (void)e;
	out_str(o, "dir", "ctl dir %s\n", vde_server_dir(sw->server));
	out_u64(o, "mode", "std mode 0%03" PRIo64 "\n", (uint64_t)vde_server_mode(sw->server));
	return 0;
}

static int showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const struct bridge_config *c = bridge_config(sw->bridge);
	char mac[MAC_TEXT_LEN];
	(void)e;
	int64_t up_ns = a->now - sw->born;
	out_text(o, "%s\n", VDE_BANNER);
	out_json_str(o, "version", DW_VERSION);
	out_u64(o, "pid", "pid %" PRIu64 " ", (uint64_t)getpid());
	out_str(o, "mac", "MAC %s ", mac_format(mac, c->mac));
	out_json_u64(o, "uptime_ns", (uint64_t)up_ns);
	out_text(o, "uptime %" PRId64 "\n", up_ns / NS_PER_SEC);
	if (sw->mgmt_path) {
		out_str(o, "mgmt", "mgmt %s ", sw->mgmt_path);
		out_u64(o, "mgmt_mode", "perm 0%03" PRIo64 "\n", (uint64_t)sw->mgmt_mode);
	}
	return 0;
}

const struct cmd_row vde_info_commands[] = {
	{ "ds", "============", "DATA SOCKET MENU", 0, NULL },
	{ "ds/showinfo", "", "show ds info", CMD_VDE | CMD_DATA, ds_showinfo },
	{ "showinfo", "", "show switch version and info", CMD_VDE | CMD_DATA, showinfo },
	{ 0 },
};
