/* SPDX-License-Identifier: MIT */
/* switchkeys.h - the settings of the whole bridge as people write them. */
#ifndef DW_SWITCH_CORE_SWITCHKEYS_H
#define DW_SWITCH_CORE_SWITCHKEYS_H

#include <stdbool.h>

#include "lib/proto/out.h"
#include "switch/core/bridge.h"

/* " key=value" for each key that is not as bridge_config_default() has it (all: for every key); in
 * JSON every key is a member. */
void switch_keys_show(const struct bridge_config *c, bool all, struct out *o);

#endif
