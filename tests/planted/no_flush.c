/* SPDX-License-Identifier: MIT */
/* no_flush.c - a planted bug: nothing is forgotten when the topology changes or a link goes. */
#include "switch/core/pipeline.h"

void __wrap_fdb_flush_port(struct fdb *f, unsigned port);

void __wrap_fdb_flush_port(struct fdb *f, unsigned port)
{
	(void)f;
	(void)port;
}
