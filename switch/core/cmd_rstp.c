/* SPDX-License-Identifier: MIT */
/* cmd_rstp.c - the spanning tree for people and programs: what it is, why it is so, and its
 * settings. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/ether.h"
#include "lib/base/units.h"
#include "switch/core/bridge.h"
#include "switch/core/commands.h"

enum { BRIDGE_ID_LEN = 24 };

static char *bridge_id(char text[static BRIDGE_ID_LEN], uint64_t id) /* "32768.02:00:00:00:00:01" */
{
	uint8_t mac[ETH_ALEN];
	char m[MAC_TEXT_LEN];
	mac_from_u64(mac, id & UINT64_C(0xffffffffffff));
	snprintf(text, BRIDGE_ID_LEN, "%u.%s", (unsigned)(id >> 48), mac_format(m, mac));
	return text;
}

static int64_t ns_of(uint16_t ticks) /* from 1/256 s */
{
	return ticks * NS_PER_SEC / 256;
}

static const struct rstp *running(const struct bridge *b, struct err *e)
{
	const struct rstp *r = bridge_rstp(b);
	if (!r)
		err_set(e, -ENOTCONN, "rstp: not enabled; rstp/set enabled=yes turns it on");
	return r;
}

static void put_id(struct out *o, const char *key, const char *fmt, uint64_t id)
{
	char text[BRIDGE_ID_LEN];
	out_json_str(o, key, bridge_id(text, id));
	if (fmt)
		out_text(o, "%s%s", fmt, text);
}

static void put_time(struct out *o, const char *key, const char *word, int64_t ns)
{
	char text[UNIT_TEXT_LEN];
	out_json_i64(o, key, ns);
	if (word)
		out_text(o, "%s%s", word, unit_time_text(text, ns));
}

static void put_counters(struct out *o, const struct rstp_counters *c)
{
	out_json_u64(o, "rx_rst", c->rx_rst);
	out_json_u64(o, "rx_config", c->rx_config);
	out_json_u64(o, "rx_tcn", c->rx_tcn);
	out_json_u64(o, "rx_bad", c->rx_bad);
	out_json_u64(o, "tx_rst", c->tx_rst);
	out_json_u64(o, "tx_config", c->tx_config);
	out_json_u64(o, "tx_tcn", c->tx_tcn);
	out_json_u64(o, "changes", c->changes);
}

static void print_counters(struct out *o, const struct rstp_counters *c)
{
	put_counters(o, c);
	out_text(o, "  in  rst %" PRIu64 " config %" PRIu64 " tcn %" PRIu64 " bad %" PRIu64 "\n",
		 c->rx_rst, c->rx_config, c->rx_tcn, c->rx_bad);
	out_text(o, "  out rst %" PRIu64 " config %" PRIu64 " tcn %" PRIu64 "\n", c->tx_rst,
		 c->tx_config, c->tx_tcn);
	out_text(o, "  topology changes %" PRIu64 "\n", c->changes);
}

/* ---- rstp/print ---- */
static void print_bridge(const struct rstp *r, int64_t now, struct out *o)
{
	struct rstp_view v;
	rstp_view(r, &v);
	put_id(o, "root", "root    ", v.root.root);
	out_json_u64(o, "root_cost", v.root.cost);
	out_json_u64(o, "root_port", v.root_port);
	if (v.root_port)
		out_text(o, "  cost %" PRIu32 " by port %u\n", v.root.cost, v.root_port);
	else
		out_text(o, "  this bridge\n");
	put_id(o, "bridge", "bridge  ", v.bridge);
	out_text(o, "\n");
	put_time(o, "hello_ns", "times   hello ", ns_of(v.hello));
	put_time(o, "max_age_ns", "  maxage ", ns_of(v.max_age));
	put_time(o, "fwd_delay_ns", "  fwddelay ", ns_of(v.fwd_delay));
	put_time(o, "message_age_ns", "  age ", ns_of(v.message_age));
	out_u64(o, "changes", "\nchanges %" PRIu64, v.changes);
	if (v.last_change_ns < 0) {
		out_json_null(o, "last_change_ns");
		out_text(o, "\n");
	} else {
		char text[UNIT_TEXT_LEN];
		out_json_i64(o, "last_change_ns", v.last_change_ns);
		out_json_u64(o, "last_change_port", v.last_change_port);
		out_json_str(o, "last_change_cause", v.last_change_cause);
		out_text(o, "  last %s ago: port %u %s\n",
			 unit_time_text(text, (now - v.last_change_ns) / NS_PER_MS * NS_PER_MS),
			 v.last_change_port, v.last_change_cause);
	}
}

static void print_port(const struct bridge *b, unsigned port, const struct rstp_port_view *v,
		       int64_t now, struct out *o)
{
	const struct port_config *c = bridge_port_config(b, port);
	out_object(o, NULL);
	out_u64(o, "port", "%4" PRIu64, (uint64_t)port);
	out_str(o, "name", " %-12s", c->name);
	out_str(o, "role", " %-10s", rstp_role_name(v->role));
	out_str(o, "state", " %-10s", rstp_state_name(v->state));
	out_u64(o, "cost", " %9" PRIu64, (uint64_t)v->cost);
	out_bool(o, "edge", NULL, v->edge);
	out_bool(o, "p2p", NULL, v->p2p);
	out_bool(o, "rstp", NULL, v->rstp);
	out_bool(o, "agreed", NULL, v->agreed);
	out_bool(o, "proposing", NULL, v->proposing);
	out_bool(o, "guarded", NULL, v->guarded);
	out_bool(o, "shut", NULL, v->shut);
	out_bool(o, "disputed", NULL, v->disputed);
	out_json_u64(o, "port_id", v->port_id);
	put_id(o, "designated_bridge", "  ", v->priority.bridge);
	out_json_u64(o, "designated_port", v->priority.port);
	out_json_u64(o, "designated_cost", v->priority.cost);
	out_json_i64(o, "in_state_ns", now - v->state_since_ns);
	out_json_i64(o, "info_left_ns", v->info_left_ns);
	out_json_i64(o, "forward_left_ns", v->forward_left_ns);
	out_json_i64(o, "change_left_ns", v->change_left_ns);
	put_counters(o, &v->counters);
	out_text(o, "%s%s%s%s%s%s\n", v->edge ? " edge" : "", v->p2p ? "" : " shared",
		 v->rstp ? "" : " stp", v->guarded ? " guarded" : "", v->shut ? " shut" : "",
		 v->disputed ? " disputed" : "");
	out_end_object(o);
}

int cmd_rstp_print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct bridge *b = ctx;
	if (a->count)
		return cmd_usage(e, "rstp/print");
	const struct rstp *r = bridge_rstp(b);
	out_bool(o, "enabled", NULL, r);
	if (!r) {
		out_text(o, "not enabled\n");
		out_list(o, "ports");
		out_end_list(o);
		return 0;
	}
	print_bridge(r, a->now, o);
	out_text(o, "port name         role       state           cost  designated bridge\n");
	out_list(o, "ports");
	struct rstp_port_view v;
	for (unsigned p = bridge_port_after(b, 0); p <= RSTP_PORT_MAX;
	     p = bridge_port_after(b, (int)p))
		if (rstp_port_view(r, p, a->now, &v))
			print_port(b, p, &v, a->now, o);
	out_end_list(o);
	return 0;
}

/* ---- rstp/port, rstp/stats ---- */
static int one_port(const struct bridge *b, const struct args *a, const char *usage,
		    struct rstp_port_view *v, struct err *e)
{
	*v = (struct rstp_port_view){ 0 };
	if (a->count != 1)
		return cmd_usage(e, usage);
	int port = bridge_port_find(b, a->word[0]);
	if (port < 0)
		return err_set(e, -ENXIO, "%s: no such port", a->word[0]);
	const struct rstp *r = running(b, e);
	if (!r)
		return -ENOTCONN;
	if (!rstp_port_view(r, (unsigned)port, a->now, v))
		return err_set(e, -ENXIO, "port %d: takes no part in the spanning tree", port);
	return port;
}

static void put_vector(struct out *o, const char *key, const char *word,
		       const struct rstp_vector *v)
{
	out_text(o, "  %-11s", word);
	out_object(o, key);
	put_id(o, "root", "root ", v->root);
	out_u64(o, "cost", " cost %" PRIu64, (uint64_t)v->cost);
	put_id(o, "bridge", " bridge ", v->bridge);
	out_u64(o, "port", " port %" PRIx64 "\n", (uint64_t)v->port);
	out_end_object(o);
}

int cmd_rstp_port(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct rstp_port_view v;
	int port = one_port(ctx, a, "rstp/port N", &v, e);
	if (port < 0)
		return port;
	out_u64(o, "port", "port %" PRIu64, (uint64_t)port);
	out_str(o, "role", " %s", rstp_role_name(v.role));
	out_str(o, "state", " %s", rstp_state_name(v.state));
	put_time(o, "in_state_ns", " for ", (a->now - v.state_since_ns) / NS_PER_MS * NS_PER_MS);
	out_text(o, "\n");
	put_vector(o, "priority", "heard", &v.priority);
	put_vector(o, "designated", "would send", &v.designated);
	put_time(o, "info_left_ns", "  information for ", v.info_left_ns);
	put_time(o, "forward_left_ns", "  forward in ", v.forward_left_ns);
	put_time(o, "change_left_ns", "  change told for ", v.change_left_ns);
	out_text(o, "\n");
	out_bool(o, "disputed", "  disputed %s\n", v.disputed);
	print_counters(o, &v.counters);
	return 0;
}

int cmd_rstp_stats(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct bridge *b = ctx;
	if (a->count)
		return cmd_usage(e, "rstp/stats");
	const struct rstp *r = running(b, e);
	if (!r)
		return -ENOTCONN;
	struct rstp_port_view v;
	out_list(o, "ports");
	for (unsigned p = bridge_port_after(b, 0); p <= RSTP_PORT_MAX;
	     p = bridge_port_after(b, (int)p)) {
		if (!rstp_port_view(r, p, a->now, &v))
			continue;
		out_object(o, NULL);
		out_u64(o, "port", "port %" PRIu64 "\n", (uint64_t)p);
		print_counters(o, &v.counters);
		out_end_object(o);
	}
	out_end_list(o);
	return 0;
}

int cmd_rstp_mcheck(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct rstp_port_view v;
	(void)o;
	int port = one_port(ctx, a, "rstp/mcheck N", &v, e);
	if (port < 0)
		return port;
	bridge_mcheck(ctx, (unsigned)port, a->now);
	return 0;
}

/* ---- rstp/why ---- */
/* Which part of two vectors decides, 17.5. */
static const char *decided_by(const struct rstp_vector *a, const struct rstp_vector *b)
{
	if (a->root != b->root)
		return "root";
	if (a->cost != b->cost)
		return "cost";
	if (a->bridge != b->bridge)
		return "bridge";
	return a->port != b->port ? "port" : "nothing: they are the same";
}

static const char *reason(const struct rstp_view *bridge, const struct rstp_port_view *v)
{
	switch (v->role) {
	case RSTP_DISABLED:
		return v->shut ? "bpdu-guard shut it" : "its link is down";
	case RSTP_ROOT:
		return "what it heard, with its own cost, is the best way to the root";
	case RSTP_DESIGNATED:
		if (!bridge->root_port)
			return "this bridge is the root";
		return "nothing better was heard here than what this bridge sends";
	case RSTP_ALTERNATE:
		if (v->guarded)
			return "a better root was heard, and the port is barred from being the "
			       "root port";
		return "another bridge has a better way for this link, and the root port a better "
		       "one for us";
	case RSTP_BACKUP:
		return "this very bridge is heard here, from another of its ports";
	}
	return "";
}

int cmd_rstp_why(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct bridge *b = ctx;
	struct rstp_port_view v, best;
	struct rstp_view bridge;
	int port = one_port(b, a, "rstp/why N", &v, e);
	if (port < 0)
		return port;
	rstp_view(bridge_rstp(b), &bridge);
	out_u64(o, "port", "port %" PRIu64, (uint64_t)port);
	out_str(o, "role", " is %s", rstp_role_name(v.role));
	out_str(o, "because", ": %s\n", reason(&bridge, &v));
	if (v.role == RSTP_DISABLED)
		return 0;
	put_vector(o, "heard", "heard", &v.priority);
	put_vector(o, "would_send", "would send", &v.designated);
	bool ours = rstp_vector_cmp(&v.designated, &v.priority) <= 0;
	out_str(o, "winner", "  on this link %s wins", ours ? "would_send" : "heard");
	out_str(o, "decided_by", ", decided by %s\n", decided_by(&v.designated, &v.priority));
	if (v.role != RSTP_ALTERNATE ||
	    !rstp_port_view(bridge_rstp(b), bridge.root_port, a->now, &best))
		return 0;
	struct rstp_vector here = v.priority, there = best.priority;
	here.cost += v.cost;
	there.cost += best.cost;
	put_vector(o, "path_here", "path here", &here);
	put_vector(o, "path_root", "root port", &there);
	out_str(o, "path_decided_by", "  the way to the root is decided by %s\n",
		decided_by(&there, &here));
	return 0;
}

/* ---- rstp/set ---- */
static int set_time(uint16_t *ticks, const char *value, struct err *e)
{
	int64_t ns;
	int r = unit_time(value, &ns, e);
	if (r < 0)
		return r;
	if (ns < 0 || ns > 255 * NS_PER_SEC || ns * 256 % NS_PER_SEC)
		return err_set(e, -EINVAL, "%s: not a whole number of 1/256 s up to 255s", value);
	*ticks = (uint16_t)(ns * 256 / NS_PER_SEC);
	return 0;
}

static const char *const set_keys[] = { "enabled",  "priority", "hello",   "maxage",
					"fwddelay", "txhold",   "version", NULL };

static const char *set_key_at(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

static int set_number(uint64_t max, uint64_t *n, const char *value, struct err *e)
{
	return unit_u64(value, 0, max, n, e);
}

static int set_one(struct bridge_config *c, const char *key, const char *value, struct err *e)
{
	uint64_t n = 0;
	int r = 0;
	if (!strcmp(key, "enabled"))
		return unit_bool(value, &c->rstp, e);
	if (!strcmp(key, "hello"))
		return set_time(&c->tree.hello, value, e);
	if (!strcmp(key, "maxage"))
		return set_time(&c->tree.max_age, value, e);
	if (!strcmp(key, "fwddelay"))
		return set_time(&c->tree.fwd_delay, value, e);
	if (!strcmp(key, "priority")) {
		r = set_number(UINT16_MAX, &n, value, e);
		c->tree.priority = r ? c->tree.priority : (uint16_t)n;
		return r;
	}
	if (!strcmp(key, "txhold")) {
		r = set_number(UINT8_MAX, &n, value, e);
		c->tree.tx_hold = r ? c->tree.tx_hold : (uint8_t)n;
		return r;
	}
	if (!strcmp(key, "version")) {
		r = set_number(UINT8_MAX, &n, value, e);
		c->tree.version = r ? c->tree.version : (uint8_t)n;
		return r;
	}
	const char *near = nearest_word(key, set_key_at, set_keys);
	return err_set(e, -EINVAL, near ? "no such key; did you mean %s?" : "no such key%s",
		       near ? near : "");
}

int cmd_rstp_set(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct bridge *b = ctx;
	struct bridge_config c = *bridge_config(b);
	(void)o;
	if (!a->count)
		return cmd_usage(e, "rstp/set key=value...");
	for (unsigned i = 0; i < a->count; i++) {
		char *key, *value;
		args_keyval(a->word[i], &key, &value);
		int r = value ? set_one(&c, key, value, e) : err_set(e, -EINVAL, "needs a value");
		if (r < 0)
			return err_prefix(e, r, key);
	}
	return bridge_apply(b, &c, a->now, e);
}

static void show_time(struct out *o, const char *key, const char *word, uint16_t ticks)
{
	char text[UNIT_TEXT_LEN];
	out_json_i64(o, key, ns_of(ticks));
	out_text(o, " %s=%s", word, unit_time_text(text, ns_of(ticks)));
}

void rstp_config_show(const struct rstp_config *c, bool on, struct out *o)
{
	struct rstp_config plain;
	rstp_config_default(&plain);
	bool moved = on || c->priority != plain.priority || c->hello != plain.hello ||
		     c->max_age != plain.max_age || c->fwd_delay != plain.fwd_delay ||
		     c->tx_hold != plain.tx_hold || c->version != plain.version;
	if (!moved && !o->json)
		return;
	out_object(o, "rstp");
	out_bool(o, "enabled", "rstp/set enabled=%s", on);
	out_u64(o, "priority", " priority=%" PRIu64, (uint64_t)c->priority);
	show_time(o, "hello_ns", "hello", c->hello);
	show_time(o, "max_age_ns", "maxage", c->max_age);
	show_time(o, "fwd_delay_ns", "fwddelay", c->fwd_delay);
	out_u64(o, "txhold", " txhold=%" PRIu64, (uint64_t)c->tx_hold);
	out_u64(o, "version", " version=%" PRIu64 "\n", (uint64_t)c->version);
	out_end_object(o);
}
