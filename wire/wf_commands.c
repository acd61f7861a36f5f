/* SPDX-License-Identifier: MIT */
/* wf_commands.c - wirefilter's management commands, byte for byte as vde-2 2.3.2 answers. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/wirefilter.h"

/* ---- values ---- */

static int set_value(struct wirefilter *f, enum wf_tag tag, const struct args *a, struct err *e)
{
	int r = wf_set(&f->model, tag, a->tail);
	return r ? r : wirefilter_apply(f, a->now, e);
}

#define VALUE_COMMAND(name, tag)                                                                   \
	static int name(void *ctx, const struct args *a, struct out *o, struct err *e)             \
	{                                                                                          \
		(void)o;                                                                           \
		return set_value(ctx, tag, a, e);                                                  \
	}

VALUE_COMMAND(cmd_delay, WF_DELAY)
VALUE_COMMAND(cmd_loss, WF_LOSS)
VALUE_COMMAND(cmd_lostburst, WF_LOSTBURST)
VALUE_COMMAND(cmd_dup, WF_DUP)
VALUE_COMMAND(cmd_band, WF_BAND)
VALUE_COMMAND(cmd_speed, WF_SPEED)
VALUE_COMMAND(cmd_chanbufsize, WF_CHANBUF)
VALUE_COMMAND(cmd_noise, WF_NOISE)
VALUE_COMMAND(cmd_mtu, WF_MTU)

static int cmd_fifo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	(void)o;
	f->model.nofifo = atoi(a->tail) == 0;
	return wirefilter_apply(f, a->now, e);
}

/* ---- the chain ---- */

static int cmd_numnodes(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	int n = atoi(a->tail);
	(void)o;
	int r = n > 0 ? wf_resize(&f->model, (unsigned)n) : -EINVAL;
	return r ? r : wirefilter_apply(f, a->now, e);
}

static int cmd_setnode(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	int n = atoi(a->tail);
	(void)o;
	(void)e;
	if (n < 0 || (unsigned)n >= f->model.count)
		return -EINVAL;
	return f->model.count > 1 ? wire_set_node(cable_wire(f->cable), (unsigned)n, a->now) : 0;
}

static int cmd_name(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	const char *p = a->tail;
	int n = atoi(p);
	(void)o;
	(void)e;
	if (n < 0 || (unsigned)n >= f->model.count)
		return -EINVAL;
	p += strspn(p, "0123456789");
	p += strspn(p, " \t");
	snprintf(f->model.node[n].name, WF_NAME_LEN, "%s", p + (*p == ','));
	return 0;
}

static int cmd_time(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	double ms = 0;
	(void)o;
	if (sscanf(a->tail, "%lg", &ms) != 1 || !(ms > 0))
		return -EINVAL;
	f->model.time_ms = ms;
	return wirefilter_apply(f, a->now, e);
}

static int cmd_setedge(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	int from, to;
	double percent;
	(void)o;
	if (sscanf(a->tail, "%d,%d,%lg", &from, &to, &percent) != 3)
		return -EINVAL;
	int r = wf_set_edge(&f->model, from, to, percent);
	return r ? r : wirefilter_apply(f, a->now, e);
}

static int cmd_debug(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	int level = atoi(a->tail);
	uint64_t *mask = mgmt_debug(f->mgmt);
	(void)o;
	(void)e;
	if (level < 0 || !mask)
		return -EINVAL;
	*mask = level > 0;
	wirefilter_watch(f);
	return 0;
}

/* ---- showing ---- */

static unsigned current(const struct wirefilter *f)
{
	unsigned node = 0;
	return f->model.count > 1 && wire_node(cable_wire(f->cable), &node) ? node : 0;
}

/* The node that a command names, or the current one; -EINVAL. */
static int shown(const struct wirefilter *f, const char *tail)
{
	int n = *tail ? atoi(tail) : (int)current(f);
	return n >= 0 && (unsigned)n < f->model.count ? n : -EINVAL;
}

static void show_value(struct out *o, const struct wirefilter *f, const char *label,
		       const struct wf_node *n, enum wf_tag tag)
{
	const struct wf_value *v = n->val[tag];
	if (f->two_way)
		out_text(o, "%-6s L->R %g+%g%c   R->L %g+%g%c\n", label, v[0].value, v[0].plus,
			 v[0].alg, v[1].value, v[1].plus, v[1].alg);
	else
		out_text(o, "%-6s %g+%g%c\n", label, v[0].value, v[0].plus, v[0].alg);
}

static void show_queues(struct out *o, const struct wirefilter *f)
{
	struct wire_stats s[WIRE_DIRS];
	uint64_t bytes[WIRE_DIRS], waiting = 0;
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		wire_stats(cable_wire(f->cable), d, &s[d]);
		bytes[d] = s[d].held_bytes + 2 * s[d].held; /* it counts the length word too */
		waiting += s[d].held;
	}
	if (f->two_way)
		out_text(o,
			 "Current Delay Queue size:   L->R %" PRIu64 "      R->L %" PRIu64 "   \n",
			 bytes[0], bytes[1]);
	else
		out_text(o, "Current Delay Queue size:   %" PRIu64 "\n", bytes[0]);
	out_text(o, "Fifoness %s\n", f->model.nofifo ? "FALSE" : "TRUE");
	out_text(o, "Waiting packets in delay queues %" PRIu64 "\n", waiting);
	if (f->blink_path) {
		out_text(o, "Blink socket: %s\n", f->blink_path);
		out_text(o, "Blink id:     %s \n", f->blink_id);
	}
}

static int cmd_showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	int node = shown(f, a->tail);
	(void)e;
	if (node < 0)
		return node;
	const struct wf_node *n = &f->model.node[node];
	const struct wf_value *mtu = n->val[WF_MTU];
	out_text(o, "WireFilter: %sdirectional\n", f->two_way ? "bi" : "mono");
	if (f->model.count > 1)
		out_text(o, "Node %d \"%s\" (0,..,%u) Markov-time %lg\n", node, n->name,
			 f->model.count - 1, f->model.time_ms);
	show_value(o, f, "Loss", n, WF_LOSS);
	show_value(o, f, "Lburst", n, WF_LOSTBURST);
	show_value(o, f, "Delay", n, WF_DELAY);
	show_value(o, f, "Dup", n, WF_DUP);
	show_value(o, f, "Bandw", n, WF_BAND);
	show_value(o, f, "Speed", n, WF_SPEED);
	show_value(o, f, "Noise", n, WF_NOISE);
	if (f->two_way)
		out_text(o, "MTU    L->R %g     R->L %g   \n", mtu[0].value - mtu[0].plus,
			 mtu[1].value - mtu[1].plus);
	else
		out_text(o, "MTU    %g\n", mtu[0].value - mtu[0].plus);
	show_value(o, f, "Cap.", n, WF_CHANBUF);
	show_queues(o, f);
	return 0;
}

static int cmd_showedges(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	int node = shown(f, a->tail);
	(void)e;
	if (node < 0)
		return node;
	for (unsigned j = 0; j < f->model.count; j++) /* "weigth" is what scripts look for */
		if (f->model.edge[node][j] != 0)
			out_text(o, "Edge %-2d->%-2u \"%s\"->\"%s\" weigth %lg\n", node, j,
				 f->model.node[node].name, f->model.node[j].name,
				 f->model.edge[node][j]);
	return 0;
}

static int cmd_showcurrent(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct wirefilter *f = ctx;
	unsigned n = current(f);
	(void)a;
	(void)e;
	out_text(o, "Current Markov Node %u \"%s\" (0,..,%u)\n", n, f->model.node[n].name,
		 f->model.count - 1);
	return 0;
}

static int show_help(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx;
	(void)a;
	(void)e;
	out_text(o, "COMMAND      HELP\n------------ ------------\n");
	for (const struct cmd_row *r = wirefilter_commands; r->path; r++)
		if (r->help)
			out_text(o, "%s\n", r->help);
	return 0;
}

#define DATA (CMD_VDE | CMD_DATA | CMD_RAW)
#define SETS (CMD_VDE | CMD_RAW | CMD_WRITES)

/* In the order of its help; names that are not in it have none. A name that begins another comes
 * later. */
const struct cmd_row wirefilter_commands[] = {
	{ "help", "", "help         print a summary of mgmt commands", DATA, show_help },
	{ "load", "", "load         load a configuration file", 0, NULL },
	{ "showinfo", "[n]", "showinfo     show status and parameter values", DATA, cmd_showinfo },
	{ "loss", "", "loss         set loss percentage", SETS, cmd_loss },
	{ "lostburst", "", "lostburst    mean length of lost packet bursts", SETS, cmd_lostburst },
	{ "delay", "", "delay        set delay ms", SETS, cmd_delay },
	{ "dup", "", "dup          set dup packet percentage", SETS, cmd_dup },
	{ "bandwidth", "", "bandwidth    set channel bandwidth bytes/sec", SETS, cmd_band },
	{ "band", "", NULL, SETS, cmd_band },
	{ "speed", "", "speed        set interface speed bytes/sec", SETS, cmd_speed },
	{ "noise", "", "noise        set noise factor bits/Mbyte", SETS, cmd_noise },
	{ "mtu", "", "mtu          set channel MTU (bytes)", SETS, cmd_mtu },
	{ "chanbufsize", "", "chanbufsize  set channel buffer size (bytes)", SETS,
	  cmd_chanbufsize },
	{ "capacity", "", NULL, SETS, cmd_chanbufsize },
	{ "fifo", "0|1", "fifo         set channel fifoness", SETS, cmd_fifo },
	{ "shutdown", "", "shutdown     shut the channel down", 0, NULL },
	{ "logout", "", "logout       log out from this mgmt session", 0, NULL },
	{ "markov-numnodes", "n", "markov-numnodes n  markov mode: set number of states", SETS,
	  cmd_numnodes },
	{ "markov-setnode", "n", "markov-setnode n   markov mode: set current state", SETS,
	  cmd_setnode },
	{ "markov-name", "n,name", "markov-name n,name markov mode: set state's name", SETS,
	  cmd_name },
	{ "markov-time", "ms", "markov-time ms     markov mode: transition period", SETS,
	  cmd_time },
	{ "setedge", "n1,n2,w", "setedge n1,n2,w    markov mode: set edge weight", SETS,
	  cmd_setedge },
	{ "", "", "showinfo n         markov mode: show parameter values", 0, NULL },
	{ "showedges", "[n]", "showedges n        markov mode: show edge weights", DATA,
	  cmd_showedges },
	{ "showcurrent", "", "showcurrent        markov mode: show current state", DATA,
	  cmd_showcurrent },
	{ "markov-debug", "n", "markov-debug n     markov mode: set debug level", CMD_VDE | CMD_RAW,
	  cmd_debug },
	{ 0 },
};
