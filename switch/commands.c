/* SPDX-License-Identifier: MIT */
/* commands.c - our own rows that need files or sockets; what the core can do alone is in core/commands.c. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "switch/access.h"
#include "switch/core/portkeys.h"
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

/* ---- config/show and config/save ---- */

static bool is_plain(const struct bridge *b, unsigned port)
{
	struct out keys;
	out_init(&keys, false);
	port_keys_show(bridge_port_config(b, port), false, &keys);
	bool plain = !keys.len && !keys.oom;
	out_fini(&keys);
	return plain;
}

/* Who may use a port. One that a plug made and nobody touched is no setting: it comes again by itself. */
static void show_rule(const struct sw *sw, unsigned port, struct out *o)
{
	char name[ACCESS_TEXT];
	struct ports_rule rule = ports_rule(sw->ports, port);
	bool plain = is_plain(sw->bridge, port);
	if (plain && rule.allocatable && rule.uid == PORTS_NOBODY && rule.gid == PORTS_NOBODY)
		return;
	if (plain) /* makes it */
		out_text(o, "port/set %u up=yes\n", port);
	out_object(o, NULL);
	out_json_u64(o, "port", port);
	out_bool(o, "allocatable", NULL, rule.allocatable);
	out_text(o, "port/allocatable %u %d\n", port, rule.allocatable);
	out_json_str(o, "user", access_user_text(name, rule.uid));
	if (rule.uid != PORTS_NOBODY)
		out_text(o, "port/setuser %u %s\n", port, name);
	out_json_str(o, "group", access_group_text(name, rule.gid));
	if (rule.gid != PORTS_NOBODY)
		out_text(o, "port/setgroup %u %s\n", port, name);
	out_end_object(o);
}

/* What the core knows, between what VDE's rows set of it and the rules that only this program keeps. */
static int config_show(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const struct bridge_config *c = bridge_config(sw->bridge);
	const struct cmd_table core = { bridge_commands, sw->bridge };
	const struct cmd_set set = { &core, 1 };
	void *core_ctx;
	const char *tail;
	if (c->numports != BRIDGE_PORTS_DEFAULT)
		out_text(o, "port/setnumports %u\n", c->numports);
	if (c->hub)
		out_text(o, "port/sethub 1\n");
	int r = cmd_find(&set, "config/show", &core_ctx, &tail)->run(core_ctx, a, o, e);
	if (r < 0)
		return r;
	out_list(o, "rules");
	for (unsigned port = bridge_port_after(sw->bridge, -1); port != UINT_MAX;
	     port = bridge_port_after(sw->bridge, (int)port))
		show_rule(sw, port, o);
	out_end_list(o);
	return 0;
}

static int write_config(struct sw *sw, FILE *f, int64_t now, struct err *e)
{
	const struct args none = { .tail = "", .now = now };
	struct out data;
	out_init(&data, false);
	int r = config_show(sw, &none, &data, e);
	if (r == 0 && data.oom)
		r = -ENOMEM;
	if (r == 0 && data.len)
		fwrite(data.text, 1, data.len, f);
	out_fini(&data);
	return r;
}

/* Into a new file that takes the name only when whole, so that a full disk costs no old one. */
static int config_save(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct sw *sw = ctx;
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
	{ "config/show", "", "the commands that make these settings", CMD_DATA, config_show },
	{ "config/save", "FILE", "write config/show to a file", 0, config_save },
	{ 0 },
};
