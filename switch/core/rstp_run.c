/* SPDX-License-Identifier: MIT */
/* rstp_run.c - the one runner: ports that something happened to run their machines until all is
 * still, role selection comes in between, and only then ports transmit. The only file that writes a
 * machine's state. */
#include "switch/core/rstp_inner.h"

#include <assert.h>

enum {
	STEPS_PER_LOOK = 64, /* no machine takes this many steps without the others */
	LOOKS = 1000,        /* nor does a bridge go round this often: a bug else */
};

static const struct rstp_machine *const machines[] = {
	[PRX] = &rstp_prx, [PPM] = &rstp_ppm, [BDM] = &rstp_bdm, [PIM] = &rstp_pim,
	[PRT] = &rstp_prt, [PST] = &rstp_pst, [TCM] = &rstp_tcm, [PTX] = &rstp_ptx,
};

bool rstp_always(const struct rstp_port *p)
{
	(void)p;
	return true;
}

void rstp_touch(struct rstp_port *p)
{
	p->dirty = true;
}

void rstp_touch_all(struct rstp *r)
{
	r->all_dirty = true;
}

static uint8_t at(const struct rstp_port *p, enum rstp_machine_id m)
{
	return m >= PIM && m <= TCM ? p->tree.at[m - PIM] : p->at[m];
}

static void enter(struct rstp_port *p, enum rstp_machine_id m, uint8_t state)
{
	const struct rstp_box *box = &machines[m]->box[state];
	if (m >= PIM && m <= TCM)
		p->tree.at[m - PIM] = state;
	else
		p->at[m] = state;
	box->enter(p);
	p->dirty = true;
	if (!box->local)
		rstp_touch_all(p->r);
}

static const struct rstp_arc *next_arc(const struct rstp_port *p, enum rstp_machine_id m)
{
	for (const struct rstp_arc *a = machines[m]->arcs; a->when; a++)
		if ((a->from == ANY || a->from == at(p, m)) && a->when(p))
			return a;
	return NULL;
}

static void tell(const struct rstp_port *p, enum rstp_machine_id m, const struct rstp_arc *a)
{
	const struct rstp_machine *machine = machines[m];
	struct rstp_move move = { .port = p->no,
				  .machine = machine->name,
				  .from = machine->box[at(p, m)].name,
				  .to = machine->box[a->to].name,
				  .arc = (unsigned)(a - machine->arcs) };
	p->r->host->moved(p->r->ctx, &move);
}

static bool run_machine(struct rstp_port *p, enum rstp_machine_id m)
{
	const struct rstp_arc *a;
	bool moved = false;
	for (unsigned step = 0; (a = next_arc(p, m)); step++) {
		assert(step < STEPS_PER_LOOK);
		if (p->r->host->moved)
			tell(p, m, a);
		enter(p, m, a->to);
		moved = true;
	}
	return moved;
}

static bool run_port(struct rstp_port *p)
{
	bool moved = false;
	p->dirty = false;
	p->ran = true;
	timers_pass(p);
	for (enum rstp_machine_id m = PRX; m < PTX; m++)
		moved |= run_machine(p, m);
	return moved;
}

static void settle(struct rstp *r)
{
	bool moved = true;
	for (unsigned look = 0; moved; look++) {
		assert(look < LOOKS);
		moved = false;
		bool all = r->all_dirty;
		r->all_dirty = false;
		EACH_PORT(r, p)
		{
			if (all || p->dirty)
				moved |= run_port(p);
		}
		if (r->reselect) {
			rstp_select(r);
			moved = true;
		}
		moved |= r->all_dirty;
	}
}

void rstp_run(struct rstp *r)
{
	settle(r);
	EACH_PORT(r, p)
	{
		if (!p->ran)
			continue;
		run_machine(p, PTX);
		p->dirty = p->ran = false;
		timers_key(p);
	}
	r->all_dirty = false; /* transmission is local to a port */
}

void rstp_begin_port(struct rstp_port *p)
{
	p->tree.selectedRole = RSTP_DISABLED; /* updtRoleDisabledTree, 17.21.24 */
	for (enum rstp_machine_id m = PRX; m < RSTP_MACHINES; m++)
		enter(p, m, machines[m]->begin);
	rstp_touch_all(p->r);
}
