/* SPDX-License-Identifier: MIT */
/* shell.c - the rows of the management language that in real programs belong to the shell: here the
 * lab is the shell. What needs files or sockets has no row in virtual time. */
#include <errno.h>
#include <inttypes.h>

#include "lab/sim/sim.h"

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
	return help(wire_commands, sim_cable_rows, a, o, e);
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

/* Management sockets have a help of their own: they get the rows from the second on. */
enum { HELP_ROWS = 1 };

const struct cmd_row sim_switch_rows[] = {
	{ "help", "[PREFIX]", "the commands", CMD_DATA, switch_help },
	{ "showinfo", "", "what this switch is", CMD_DATA, switch_info },
	{ 0 },
};

const struct cmd_row sim_cable_rows[] = {
	{ "help", "[PREFIX]", "the commands", CMD_DATA, cable_help },
	{ 0 },
};

bool sim_commands(struct world *w, struct ref who, struct cmd_table table[static 2], int64_t *now)
{
	struct sim *s = sim_of(w);
	if (who.cable) {
		struct sim_wire *c = &s->wire[s->nnodes + who.index];
		table[0] = (struct cmd_table){ wire_commands, c->core };
		table[1] = (struct cmd_table){ sim_cable_rows + HELP_ROWS, c };
		*now = s->now;
		return true;
	}
	struct sim_node *n = &s->node[who.index];
	table[0] = (struct cmd_table){ bridge_commands, n->bridge };
	table[1] = (struct cmd_table){ sim_switch_rows + HELP_ROWS, n };
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
