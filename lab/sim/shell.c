/* SPDX-License-Identifier: MIT */
/* shell.c - the rows of the management language that in real programs belong to the shell: here the
 * lab is the shell. What needs files or sockets has no row in virtual time. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>

#include "lab/sim/sim.h"
#include "lib/base/units.h"

static int help(const struct cmd_row *core, const struct cmd_row *own, const struct args *a,
		struct out *o, struct err *e)
{
	if (a->count > 1)
		return err_set(e, -EINVAL, "help: one word at most");
	struct cmd_table tables[] = { { core, NULL }, { own, NULL } };
	cmd_help(&(struct cmd_set){ tables, 2 }, a->count ? a->word[0] : "", o);
	return 0;
}

static int switch_help(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx;
	return help(bridge_commands, sim_switch_rows, a, o, e);
}

static int cable_help(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx;
	if (a->count > 1)
		return err_set(e, -EINVAL, "help: one word at most");
	struct cmd_table tables[] = { { wire_commands, NULL },
				      { sim_cable_rows, NULL },
				      { sim_capture_rows, NULL } };
	cmd_help(&(struct cmd_set){ tables, 3 }, a->count ? a->word[0] : "", o);
	return 0;
}

static int switch_info(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct sim_node *n = ctx;
	char mac[MAC_TEXT_LEN];
	if (a->count)
		return err_set(e, -EINVAL, "showinfo: takes no words");
	const struct bridge_config *c = bridge_config(n->bridge);
	out_str(o, "name", "name %s\n", n->spec->name);
	out_str(o, "backend", "backend %s\n", "sim");
	out_u64(o, "ports", "ports %" PRIu64 "\n", (uint64_t)c->numports);
	out_str(o, "mac", "mac %s\n", mac_format(mac, c->mac));
	out_bool(o, "hub", "hub %s\n", c->hub);
	return 0;
}

/* ---- ports: what is plugged in where, with the members that a real switch gives ---- */

static void print_endpoint(const struct sim_port *p, struct out *o)
{
	const struct sim_wire *w = p->wire;
	out_list(o, "endpoints");
	if (w) {
		const char *far = w->end[!p->end].node->spec->name;
		out_object(o, NULL);
		out_u64(o, "id", "  -- endpoint ID %04" PRIu64 " ", UINT64_C(0));
		out_str(o, "module", "module %-12s: ", w->plug ? "station" : "cable");
		out_str(o, "descr", "%s\n", far);
		out_bool(o, "up", NULL, wire_has_carrier(w->core, p->end));
		out_end_object(o);
	}
	out_end_list(o);
}

static void print_port(const struct sim_node *n, unsigned port, struct out *o)
{
	static const struct sim_port none;
	const struct sim_port *p = port < n->nports ? &n->port[port] : &none;
	struct port_stats s;
	bridge_port_stats(n->bridge, port, &s);
	out_object(o, NULL);
	out_u64(o, "port", "Port %04" PRIu64 " ", (uint64_t)port);
	out_str(o, "name", "%s ", bridge_port_config(n->bridge, port)->name);
	out_bool(o, "active", NULL, p->wire != NULL);
	out_text(o, "%sACTIVE\n", p->wire ? "" : "IN");
	out_u64(o, "rx_frames", " IN:  pkts %10" PRIu64 "          ", s.rx_frames);
	out_u64(o, "rx_bytes", "bytes %20" PRIu64 "\n", s.rx_bytes);
	out_u64(o, "tx_frames", " OUT: pkts %10" PRIu64 "          ", s.tx_frames);
	out_u64(o, "tx_bytes", "bytes %20" PRIu64 "\n", s.tx_bytes);
	print_endpoint(p, o);
	out_end_object(o);
}

static int print_ports(const struct sim_node *n, const struct args *a, bool idle, struct out *o,
		       struct err *e)
{
	uint64_t only = 0;
	int r = a->count > 1 ? err_set(e, -EINVAL, "one port at most") : 0;
	if (!r && a->count)
		r = unit_u64(a->word[0], 0, 65535, &only, e);
	if (!r && a->count && !bridge_port_config(n->bridge, (unsigned)only))
		r = -ENXIO;
	if (r < 0)
		return r;
	out_list(o, "ports");
	for (unsigned i = bridge_port_after(n->bridge, -1); i != UINT_MAX;
	     i = bridge_port_after(n->bridge, (int)i))
		if (a->count ? i == only : idle || (i < n->nports && n->port[i].wire))
			print_port(n, i, o);
	out_end_list(o);
	return 0;
}

static int port_print(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	return print_ports(ctx, a, false, o, e);
}

static int port_allprint(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	return print_ports(ctx, a, true, o, e);
}

/* Management sockets have a help of their own: they get the rows from the second on. */
enum { HELP_ROWS = 1 };

const struct cmd_row sim_switch_rows[] = {
	{ "help", "[PREFIX]", "the commands", CMD_DATA, switch_help },
	{ "showinfo", "", "what this switch is", CMD_DATA, switch_info },
	{ "port/print", "[N]", "the ports that something is plugged in", CMD_DATA, port_print },
	{ "port/allprint", "[N]", "all ports", CMD_DATA, port_allprint },
	{ 0 },
};

const struct cmd_row sim_cable_rows[] = {
	{ "help", "[PREFIX]", "the commands", CMD_DATA, cable_help },
	{ 0 },
};

bool sim_commands(struct world *w, struct ref who, struct cmd_table table[static WORLD_TABLES],
		  int64_t *now)
{
	struct sim *s = sim_of(w);
	if (who.cable) {
		struct sim_wire *c = &s->wire[s->nnodes + who.index];
		table[0] = (struct cmd_table){ wire_commands, c->core };
		table[1] = (struct cmd_table){ sim_cable_rows + HELP_ROWS, c };
		table[2] = (struct cmd_table){ sim_capture_rows, c };
		*now = s->now;
		return true;
	}
	static const struct cmd_row none[] = { { 0 } };
	struct sim_node *n = &s->node[who.index];
	table[0] = (struct cmd_table){ bridge_commands, n->bridge };
	table[1] = (struct cmd_table){ sim_switch_rows + HELP_ROWS, n };
	table[2] = (struct cmd_table){ none, NULL };
	*now = sim_clock(n);
	return n->bridge && !n->paused;
}

void sim_told(struct world *w, struct ref who)
{
	struct sim *s = sim_of(w);
	if (who.cable)
		sim_key_wire(&s->wire[s->nnodes + who.index]);
	else
		sim_key_node(&s->node[who.index]);
}
