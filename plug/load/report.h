/* SPDX-License-Identifier: MIT */
/* report.h - what came of a load, for people or as JSON. */
#ifndef DW_PLUG_LOAD_REPORT_H
#define DW_PLUG_LOAD_REPORT_H

#include <stdio.h>

#include "plug/load/run.h"

void load_report(FILE *f, bool json, const struct load_plan *p, const struct load_result *r);

#endif
