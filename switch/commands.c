/* SPDX-License-Identifier: MIT */
/* commands.c - our own rows that need files or sockets; what the core can do alone is in core/commands.c. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "switch/access.h"
#include "switch/sw.h"

static int port_add(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	if (a->count != 1)
		return err_set(e, -EINVAL, "port/add LOCATOR: one locator, with its keys behind commas");
	int port = ports_open(sw->ports, a->word[0], e);
	if (port < 0)
		return port;
	out_u64(o, "port", "Port %04" PRIu64 "\n", (uint64_t)port);
	return 0;
}

/* ---- config/save ---- */

/* What the core knows, then the rules of VDE that only this program keeps. */
static int write_config(const struct sw *sw, FILE *f, int64_t now, struct err *e)
{
	struct out data;
	char name[ACCESS_TEXT];
	out_init(&data, false);
	int r = cmd_call(&sw->commands, "config/show", false, now, &data, e);
	if (r == 0 && data.len)
		fwrite(data.text, 1, data.len, f);
	out_fini(&data);
	for (unsigned port = bridge_port_after(sw->bridge, -1); r == 0 && port != UINT_MAX;
	     port = bridge_port_after(sw->bridge, (int)port)) {
		struct ports_rule rule = ports_rule(sw->ports, port);
		fprintf(f, "port/allocatable %u %d\n", port, rule.allocatable);
		if (rule.uid != PORTS_NOBODY)
			fprintf(f, "port/setuser %u %s\n", port, access_user_text(name, rule.uid));
		if (rule.gid != PORTS_NOBODY)
			fprintf(f, "port/setgroup %u %s\n", port, access_group_text(name, rule.gid));
	}
	return r;
}

/* Into a new file that takes the name only when whole, so that a full disk costs no old one. */
static int config_save(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	char path[PATH_MAX];
	(void)o;
	if (a->count != 1)
		return err_set(e, -EINVAL, "config/save FILE: one file");
	if (snprintf(path, sizeof path, "%s.new", a->word[0]) >= (int)sizeof path)
		return -ENAMETOOLONG;
	FILE *f = fopen(path, "we");
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	int r = write_config(sw, f, a->now, e);
	bool bad = ferror(f) || fflush(f) || fsync(fileno(f));
	int why = bad ? errno : 0;
	if (fclose(f) && !why)
		why = errno;
	if (r == 0 && why == 0 && rename(path, a->word[0]) < 0)
		why = errno;
	if (r == 0 && why == 0)
		return 0;
	unlink(path);
	return r < 0 ? r : err_set(e, -why, "%s: %s", a->word[0], strerror(why));
}

const struct cmd_row switch_commands[] = {
	{ "port/add", "LOCATOR", "plug in an endpoint, with port keys", CMD_WRITES, port_add },
	{ "config/save", "FILE", "write config/show and the port rules to a file", 0, config_save },
	{ 0 },
};
