/* SPDX-License-Identifier: MIT */
/* config.c - the settings of a switch as a script: shown, saved, and loaded all or nothing. A
 * script is run on a scratch switch that has neither endpoints nor sockets; only when all of it was
 * right are the results applied to the living one, whose untouched ports notice nothing. */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ext/filter.h"
#include "switch/access.h"
#include "switch/core/portkeys.h"
#include "switch/sw.h"

/* ---- show and save ---- */

static bool is_plain(const struct bridge *b, unsigned port)
{
	struct out keys;
	out_init(&keys, false);
	port_keys_show(bridge_port_config(b, port), false, &keys);
	bool plain = !keys.len && !keys.oom;
	out_fini(&keys);
	return plain;
}

/* Who may use a port. One that a plug made and nobody touched is no setting: it comes again by
 * itself. */
static void show_rule(const struct sw *sw, unsigned port, struct access_names *names, struct out *o)
{
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
	const char *user = rule.uid == PORTS_NOBODY ? NULL : access_user_text(names, rule.uid);
	const char *group = rule.gid == PORTS_NOBODY ? NULL : access_group_text(names, rule.gid);
	out_json_str(o, "user", user);
	if (user)
		out_text(o, "port/setuser %u %s\n", port, user);
	out_json_str(o, "group", group);
	if (group)
		out_text(o, "port/setgroup %u %s\n", port, group);
	out_end_object(o);
}

/* What the core knows, between what VDE's rows set of it and the rules that only this program
 * keeps. */
int config_show(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sw *sw = ctx;
	const struct cmd_table core = { bridge_commands, sw->bridge };
	const struct cmd_set set = { &core, 1 };
	void *core_ctx;
	const char *tail;
	int r = cmd_find(&set, "config/show", &core_ctx, &tail)->run(core_ctx, a, o, e);
	if (r < 0)
		return r;
	struct access_names names = { 0 };
	out_list(o, "rules");
	for (unsigned port = bridge_port_after(sw->bridge, -1); port != UINT_MAX;
	     port = bridge_port_after(sw->bridge, (int)port))
		show_rule(sw, port, &names, o);
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
int config_save(void *ctx, const struct args *a, struct out *o, struct err *e)
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

/* ---- the scratch switch ---- */

static unsigned scratch_tx(void *ctx, unsigned port, const struct txv *v, unsigned n)
{
	(void)ctx, (void)port, (void)v;
	return n;
}

static void scratch_event(void *ctx, const struct event *ev)
{
	(void)ctx, (void)ev;
}

static void scratch_carrier(void *ctx, unsigned port, bool on)
{
	(void)ctx, (void)port, (void)on;
}

static void scratch_fini(struct sw *s)
{
	ports_free(s->ports);
	bridge_free(s->bridge);
}

/* What a fresh switch started like `sw` would be. */
static int scratch_init(struct sw *s, const struct sw *sw)
{
	static const struct bridge_host host = { .tx = scratch_tx,
						 .event = scratch_event,
						 .carrier = scratch_carrier,
						 .compile = filter_compile };
	static const struct ports_notice nobody = { 0 };
	const struct bridge_config *now = bridge_config(sw->bridge);
	struct bridge_config c;
	bridge_config_default(&c);
	memcpy(c.mac, now->mac, sizeof c.mac);
	c.tree.priority = now->tree.priority;
	c.seed = now->seed;
	*s = (struct sw){ .opt = sw->opt,
			  .loop = sw->loop,
			  .pool = sw->pool,
			  .born = sw->born,
			  .hash = { .size = vde_hash_size(sw->opt->hashsize),
				    .gc_secs = VDE_GC_SECS } };
	s->ports = ports_new(sw->loop, sw->pool, &nobody, s);
	s->bridge = bridge_new(&c, &host, s, sw->pool, loop_now(sw->loop));
	if (!s->ports || !s->bridge) {
		scratch_fini(s);
		return -ENOMEM;
	}
	ports_set_bridge(s->ports, s->bridge);
	const struct cmd_table tables[] = {
		{ vde_hash_commands, s }, { vde_fstp_commands, s },       { vde_port_commands, s },
		{ vde_vlan_commands, s }, { bridge_commands, s->bridge },
	};
	memcpy(s->tables, tables, sizeof tables);
	s->commands =
		(struct cmd_set){ .tables = s->tables, .count = sizeof tables / sizeof *tables };
	return 0;
}

static int run_line(const struct sw *s, const struct sw *sw, const char *line, int64_t now,
		    struct err *e)
{
	struct out o;
	void *ctx;
	const char *tail;
	if (!cmd_is_command(&s->commands, line) && cmd_find(&sw->commands, line, &ctx, &tail))
		return err_set(e, -EINVAL, "%s is not a setting", line);
	out_init(&o, false);
	int r = cmd_call(&s->commands, line, false, now, &o, e);
	out_fini(&o);
	return r;
}

static int run_lines(const struct sw *s, const struct sw *sw, FILE *f, const char *path,
		     int64_t now, struct err *e)
{
	char *line = NULL;
	size_t room = 0;
	int r = 0;
	for (unsigned number = 1; r == 0 && getline(&line, &room, f) >= 0; number++) {
		struct err why = { "" };
		line[strcspn(line, "\r\n")] = '\0';
		r = run_line(s, sw, line, now, &why);
		if (r < 0)
			err_set(e, r, "%s:%u: %s", path, number,
				*why.text ? why.text : strerror(-r));
	}
	free(line);
	return r;
}

/* The whole file on the scratch switch. The first error is "FILE:LINE: words". */
static int run_file(const struct sw *s, const struct sw *sw, const char *path, int64_t now,
		    struct err *e)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	int r = run_lines(s, sw, f, path, now, e);
	if (r == 0 && ferror(f))
		r = err_set(e, -EIO, "%s: cannot be read to its end", path);
	fclose(f);
	return r;
}

/* ---- from the scratch switch to the living one ---- */

/* Rules cannot fail to be kept once there is room for them. */
static int reserve_rules(struct sw *sw, const struct sw *s)
{
	int r = 0;
	for (unsigned port = bridge_port_after(s->bridge, -1); port != UINT_MAX && r == 0;
	     port = bridge_port_after(s->bridge, (int)port))
		r = ports_set_rule(sw->ports, port, ports_rule(sw->ports, port));
	return r;
}

/* A port that the file does not name has gone, or is as a plug would have made it if somebody is
 * there. */
static void take_rules(struct sw *sw, const struct sw *s, unsigned numports)
{
	static const struct ports_rule plugged = { .allocatable = true,
						   .uid = PORTS_NOBODY,
						   .gid = PORTS_NOBODY };
	for (unsigned port = 0; port <= numports; port++) {
		int r = 0;
		if (bridge_port_config(s->bridge, port))
			r = ports_set_rule(sw->ports, port, ports_rule(s->ports, port));
		else if (ports_members(sw->ports, port))
			r = ports_set_rule(sw->ports, port, plugged);
		else
			ports_forget(sw->ports, port);
		assert(!r); /* there was room */
	}
}

/* Ports in use that the new number leaves out: the one thing that a script cannot know. */
static int check_use(const struct sw *sw, const struct sw *s, struct err *e)
{
	unsigned ports = bridge_config(s->bridge)->numports;
	for (unsigned port = bridge_port_after(sw->bridge, (int)ports); port != UINT_MAX;
	     port = bridge_port_after(sw->bridge, (int)port)) {
		if (ports_members(sw->ports, port))
			return err_set(e, -EADDRINUSE,
				       "port %u is in use, and the file has %u ports", port, ports);
	}
	return 0;
}

/* All of it or nothing. */
static int apply(struct sw *sw, const struct sw *s, int64_t now, struct err *e)
{
	unsigned old = bridge_config(sw->bridge)->numports,
		 new = bridge_config(s->bridge)->numports;
	int r = check_use(sw, s, e);
	if (!r)
		r = reserve_rules(sw, s);
	if (!r)
		r = bridge_adopt(sw->bridge, s->bridge, now, e);
	if (r < 0)
		return r;
	take_rules(sw, s, old > new ? old : new);
	sw->hash = s->hash;
	return 0;
}

static int load(struct sw *sw, const struct args *a, bool keep, struct err *e)
{
	struct sw scratch;
	if (a->count != 1)
		return err_set(e, -EINVAL, "config/%s FILE: one file", keep ? "load" : "check");
	int r = scratch_init(&scratch, sw);
	if (r < 0)
		return r;
	r = run_file(&scratch, sw, a->word[0], a->now, e);
	if (!r && keep)
		r = apply(sw, &scratch, a->now, e);
	else if (!r)
		r = check_use(sw, &scratch, e);
	scratch_fini(&scratch);
	return r;
}

int config_load(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	return load(ctx, a, true, e);
}

int config_check(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)o;
	return load(ctx, a, false, e);
}
