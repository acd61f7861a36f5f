/* SPDX-License-Identifier: MIT */
/* trace.c - the parts of the pipeline that only a traced frame passes. */
#include "switch/core/trace.h"

#include "switch/core/pipeline.h"

void trace_met(struct batch *t, unsigned i, const struct fdb_meeting *m)
{
	(void)i;
	t->trace->learned = true;
	t->trace->met = *m;
}

/* A frame that is on its way has taught the table its source, perhaps at the cost of another. */
unsigned trace_owner(const struct batch *t, unsigned i, uint64_t key, unsigned owner)
{
	const struct trace *tr = t->trace;
	bool here = tr->learned && (tr->met.verdict == FDB_NEW || tr->met.verdict == FDB_MOVED);
	if (here && t->src[i] == key)
		return t->in->no;
	return tr->learned && fdb_victim(&tr->met) == key ? FDB_NONE : owner;
}

static void copy_at(struct batch *t, struct port *p)
{
	const struct frame *f = &t->f[0];
	struct trace_copy c = { .port = p->no, .meant = p->mask || t->to[0] == p->no };
	c.why = egress_decide(t, p, f);
	if (p->mask)
		c.why = egress_header(t, p, f, &c.v);
	p->mask = 0;
	portset_put(&t->b->touched, p->no, false);
	t->trace->copy(t->trace->ctx, &c);
}

void trace_egress(struct batch *t)
{
	const struct portset *all = &t->b->exist;
	if (!t->live)
		return; /* then no port has got a bit either: a frame is dropped whole */
	for (unsigned p = portset_next(all, 0); p != UINT_MAX; p = portset_next(all, p + 1))
		if ((p != t->in->no || reflects(t->b, t->in, &t->f[0])) &&
		    (t->to[0] == TO_FLOOD || t->to[0] == p))
			copy_at(t, t->b->port[p]);
}
