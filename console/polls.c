/* SPDX-License-Identifier: MIT */
/* polls.c - the table of questions. */
#include "console/polls.h"

#include "lib/base/event.h"
#include "lib/base/units.h"

#define BIT(kind) (UINT64_C(1) << (kind))
#define PORT_NEWS                                                                                  \
	(BIT(EVENT_PORT_UP) | BIT(EVENT_PORT_DOWN) | BIT(EVENT_PLUG) | BIT(EVENT_UNPLUG) |         \
	 BIT(EVENT_CONFIG))
#define RSTP_NEWS (BIT(EVENT_RSTP_ROLE) | BIT(EVENT_RSTP_STATE) | BIT(EVENT_RSTP_CHANGE))
#define WIRE_NEWS (BIT(EVENT_WIRE_CUT) | BIT(EVENT_WIRE_MEND) | BIT(EVENT_CONFIG))

const struct poll polls[POLLS] = {
	{ "showinfo", KIND_SWITCH, WANT_ALWAYS, 10 * NS_PER_SEC, 0, take_showinfo },
	{ "showinfo", KIND_WIRE, WANT_ALWAYS, NS_PER_SEC, WIRE_NEWS, take_showinfo },
	{ "port/allprint", KIND_SWITCH, WANT_PORTS, 5 * NS_PER_SEC, PORT_NEWS, take_port_print },
	{ "port/config", KIND_SWITCH, WANT_PORTS, 5 * NS_PER_SEC, PORT_NEWS, take_port_config },
	{ "port/stats", KIND_SWITCH, WANT_RATES, 0, 0, take_port_stats },
	{ "rstp/print", KIND_SWITCH, WANT_TREE, NS_PER_SEC, RSTP_NEWS | PORT_NEWS, take_rstp },
	{ "fdb/print", KIND_SWITCH, WANT_ADDRESSES, NS_PER_SEC, 0, take_fdb },
	{ "fdb/stats", KIND_SWITCH, WANT_ADDRESSES, NS_PER_SEC, 0, take_fdb_stats },
	{ "stats", KIND_WIRE, WANT_RATES, 0, 0, take_wire_stats },
	{ "time/print", KIND_LAB, WANT_ALWAYS, 100 * NS_PER_MS, 0, take_time },
};

bool poll_fits(const struct poll *p, const struct source *s, unsigned wants)
{
	return s->kind == p->kind && ((wants | WANT_ALWAYS) & p->wants) &&
	       source_can(s, p->command);
}
