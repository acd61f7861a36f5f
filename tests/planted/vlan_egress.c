/* SPDX-License-Identifier: MIT */
/* vlan_egress.c - a planted bug: nobody looks whether a port is a member of the VLAN before a frame
 * leaves by it. */
#include "switch/core/pipeline.h"

enum drop_reason __wrap_vlan_egress(const struct vlan_port *out, const struct frame *f);

enum drop_reason __wrap_vlan_egress(const struct vlan_port *out, const struct frame *f)
{
	(void)out;
	(void)f;
	return PASS;
}
