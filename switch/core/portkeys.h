/* SPDX-License-Identifier: MIT */
/* portkeys.h - the settings of a port as people write them: key=value, one table for port/set,
 * --plug, Lua and what is shown. In keys '-' and '_' are the same. */
#ifndef DW_SWITCH_CORE_PORTKEYS_H
#define DW_SWITCH_CORE_PORTKEYS_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/proto/out.h"
#include "switch/core/bridge.h"

bool port_key_known(const char *key);
const char *port_key_at(const void *unused,
			size_t i); /* their names, for nearest_word(); NULL ends */
/* One key of a configuration that is being edited. 0; -EINVAL, -ERANGE with words ("queue: ...").
 */
int port_key_set(struct port_config *c, const char *key, const char *value, struct err *e);

bool port_keys_same(const struct port_config *a, const struct port_config *b);

/* "key=value" for each key that is not as port_config_default() has it (all: for every key), a
 * blank before each; in JSON every key is a member. */
void port_keys_show(const struct port_config *c, bool all, struct out *o);

#endif
