/* SPDX-License-Identifier: MIT */
/* dump.h - the model as JSON, for --json. Pure. */
#ifndef DW_CONSOLE_DUMP_H
#define DW_CONSOLE_DUMP_H

#include "console/model.h"
#include "lib/proto/out.h"

void dump_model(const struct model *m, struct out *o); /* a JSON out; one object */

#endif
