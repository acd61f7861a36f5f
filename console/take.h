/* SPDX-License-Identifier: MIT */
/* take.h - replies of sources, as JSON, into the model. Each returns 0, -EINVAL (not what was asked
 * for: what could be read was taken) or -ENOMEM. Pure. */
#ifndef DW_CONSOLE_TAKE_H
#define DW_CONSOLE_TAKE_H

#include "console/model.h"

typedef int take_fn(struct model *m, struct source *s, const char *text, size_t len, int64_t now);

take_fn take_help;       /* commands; from them the kind of source */
take_fn take_help_text;  /* of a server that speaks no JSON; `text` ends in NUL */
take_fn take_showinfo;   /* of any kind */
take_fn take_port_print; /* port/allprint: which ports there are, who is plugged in */
take_fn take_port_config;
take_fn take_port_stats;
take_fn take_rstp;
take_fn take_fdb;
take_fn take_fdb_stats;
take_fn take_wire_stats;
take_fn take_time;
take_fn take_event; /* one event line, "3TTT path text" or JSON */

/* A new sample of a counter; `span` ns since the one before, 0: the first, which tells no rate. */
void flow_sample(struct flow *f, uint64_t frames, uint64_t bytes, int64_t span);
void history_add(uint32_t *history, uint64_t v);
enum { COUNTERS = 4 }; /* rx frames, rx bytes, tx frames, tx bytes */
struct json;
/* Whether `key` is one of the four; then its value was read. */
bool counter_read(struct json *j, const char *key, uint64_t n[static COUNTERS]);
void take_drops(struct json *j, struct drops *d); /* an object of counts by reason */

#endif
