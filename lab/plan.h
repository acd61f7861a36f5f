/* SPDX-License-Identifier: MIT */
/* plan.h - what a lab is, as data: nodes, cables, options. Written by the script until its first
 * test, then frozen; every test runs on a fresh world built from it. Names, port numbers and port
 * names are settled here, so that they are the same on every backend. */
#ifndef DW_LAB_PLAN_H
#define DW_LAB_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum {
	NODE_NAME_MAX = 32,  /* with its NUL; as long as a port's name */
	CABLE_NAME_MAX = 96, /* with its NUL; as long as a wire's name */
	PLAN_NODES_MAX = 65536,
	PLAN_CABLES_MAX = 262144,
};
#define PLAN_NOWHERE UINT32_MAX /* plug.node of an end that is in no switch */

enum node_kind { NODE_SWITCH, NODE_STATION, NODE_HOST, NODE_VM, NODE_ATTACH };

struct words { /* a list of strings, owned */
	char **v;
	size_t count;
};
int words_add(struct words *w, const char *text); /* a copy; 0 or -ENOMEM */
void words_fini(struct words *w);

struct plug {          /* where something goes in */
	unsigned node; /* index of a switch */
	unsigned port; /* its number, 1.. */
};

struct node_spec {
	enum node_kind kind;
	char name[NODE_NAME_MAX];
	/* switches: these management lines, in order, make it what it is (port keys of all that is
	 * plugged in are among them, as port/set lines). Every backend runs the same ones. */
	unsigned numports; /* 1.. */
	bool ports_given;  /* else the switch grows with what is plugged in */
	bool hub;
	uint8_t mac[6]; /* of a switch or of an end; never zero */
	struct words lines;
	unsigned used; /* ports given away so far: 1..used */
	/* all others: one plug, in a switch or else at a cable */
	struct plug plug;
	bool at_cable;
	uint32_t ip; /* IPv4, host order */
	unsigned prefix;
	uint16_t tag;      /* VLAN it tags by itself; 0: none */
	char *locator;     /* NODE_ATTACH */
	struct words args; /* NODE_VM: key=value: kernel initrd disk memory args */
	const char
		*file; /* where the script made it: borrowed from the plan's owner; for reports */
	int line;
};

struct cable_spec {
	char name[CABLE_NAME_MAX];
	struct plug end[2]; /* a, b; the port of an end that is no switch is 0 */
	struct words keys;  /* key=value (ab. and ba. prefixes too), checked, in the order given */
	const char *file;
	int line;
};

struct plan_entry {   /* of the table of names */
	unsigned idx; /* + 1; 0: free */
	bool cable;
};

struct plan {
	char name[128];
	struct node_spec *nodes;
	size_t nnodes, node_room;
	struct cable_spec *cables;
	size_t ncables, cable_room;
	size_t nswitches, nends;
	struct plan_entry *index; /* open addressing over both kinds of names */
	size_t index_room;
	int64_t limit_ns; /* lab time of one test */
	bool frozen;
};

void plan_init(struct plan *p, const char *name);
void plan_fini(struct plan *p);

/* Names begin with a letter and go on with letters, digits, '.', '_' or '-'. 0, or -EINVAL,
 * -EEXIST, -ENOSPC, -ENOMEM, -EBUSY (frozen) with words; then nothing has changed. The index, else.
 */
int plan_add_node(struct plan *p, enum node_kind kind, const char *name, struct err *e);
int plan_find_node(const struct plan *p, const char *name);  /* index or -ENOENT */
int plan_find_cable(const struct plan *p, const char *name); /* index or -ENOENT */
/* Takes the next port of switch `sw` for something called `what`: names the port (what, what.2,
 * ...) unless `keys` does, and appends `port/set N keys` to the switch's lines. `keys`: key=value
 * words. */
int plan_take_port(struct plan *p, unsigned sw, const char *what, const struct words *keys,
		   struct plug *out, struct err *e);
/* Every end is plugged in; else -EINVAL with words. */
int plan_complete(const struct plan *p, struct err *e);
unsigned plan_port_named(const struct node_spec *sw, const char *name); /* its number; 0: none */
/* "FILE:LINE: NAME: " before the words of `e`: whose fault it is in the script. Returns `code`. */
int plan_blame(const char *file, int line, const char *name, int code, struct err *e);
/* Between any two nodes, an end only if it is plugged in nowhere yet; name NULL: "s1--s2",
 * "s1--s2.2" ... `port`: keys of the ports at a and b, which only switches have. */
int plan_add_cable(struct plan *p, unsigned a, unsigned b, const char *name,
		   const struct words *port_a, const struct words *port_b, struct err *e);

#endif
