/* SPDX-License-Identifier: MIT */
/* portlist.h - ports as people name them: "3", "1-8,12", a name, or several joined by commas. */
#ifndef DW_SWITCH_CORE_PORTLIST_H
#define DW_SWITCH_CORE_PORTLIST_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "switch/core/bridge.h"

enum { PORT_LIST_MAX = 64 }; /* pieces */

struct port_list {
	unsigned count;
	struct {
		unsigned first, last;
	} range[PORT_LIST_MAX];
};

/* fresh: numbers of ports that do not exist yet are welcome. 0; -ENOENT: no such port; -EINVAL:
 * cannot be read or outside of the bridge; -E2BIG: over PORT_LIST_MAX pieces. */
int port_list_parse(struct port_list *l, const struct bridge *b, const char *text, bool fresh,
		    struct err *e);
/* One port that exists, by number or name; negative errno with words. */
int port_list_one(const struct bridge *b, const char *text, struct err *e);

#define PORT_LIST_EACH(l, i, p)                                                                    \
	for (unsigned i = 0; i < (l)->count; i++)                                                  \
		for (unsigned p = (l)->range[i].first; p <= (l)->range[i].last; p++)

#endif
