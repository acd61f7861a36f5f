/* SPDX-License-Identifier: MIT */
/* learn_discarding.c - a planted bug: stations are learned on discarding ports too. */
#include "switch/core/pipeline.h"

bool __real_learn_wanted(const struct bridge *b, const struct port *in, const struct frame *f);
bool __wrap_learn_wanted(const struct bridge *b, const struct port *in, const struct frame *f);

bool __wrap_learn_wanted(const struct bridge *b, const struct port *in, const struct frame *f)
{
	struct port open = *in;
	open.state = RSTP_FORWARDING;
	return __real_learn_wanted(b, &open, f);
}
