/* SPDX-License-Identifier: MIT */
/* drop.h - every way to lose a frame, by name: a closed list, the same in stats, JSON, events,
 * capture comments and Lua. A new way is added here and nowhere else. */
#ifndef DW_BASE_DROP_H
#define DW_BASE_DROP_H

#define DROP_LIST(X)                                                                               \
	X(DROP_DOWN, "down")                 /* the port or link is down */                        \
	X(DROP_RUNT, "runt")                 /* under 14 bytes, or a tag cut off */                \
	X(DROP_OVERSIZE, "oversize")         /* over ETH_FRAME_MAX */                              \
	X(DROP_OFFLOAD, "offload")           /* what is left to be finished does not fit it */     \
	X(DROP_NO_BUFFER, "no-buffer")       /* the pool was empty */                              \
	X(DROP_RESERVED, "reserved")         /* reserved address, policy says drop */              \
	X(DROP_VLAN_INGRESS, "vlan-ingress") /* not a member, or tag form not accepted */          \
	X(DROP_VLAN_EGRESS, "vlan-egress")   /* the owner port is not a member of the VLAN */      \
	X(DROP_STP_STATE, "stp-state")       /* port discarding or learning */                     \
	X(DROP_ISOLATED, "isolated")         /* both ports isolated */                             \
	X(DROP_LIMIT, "limit")               /* address limit of the port */                       \
	X(DROP_POLICY, "policy")             /* port policy */                                     \
	X(DROP_NO_DESTINATION,                                                                     \
	  "no-destination")                /* owner is the ingress port, or nobody listens */      \
	X(DROP_QUEUE_FULL, "queue-full")   /* bounded egress queue */                              \
	X(DROP_VEPA, "vepa")               /* VEPA rule: no owner, or source's own port */         \
	X(DROP_CUT, "cut")                 /* wire: cut */                                         \
	X(DROP_MTU, "mtu")                 /* wire: longer than mtu */                             \
	X(DROP_LOSS, "loss")               /* wire: loss law */                                    \
	X(DROP_QUEUE_LIMIT, "queue-limit") /* wire: queue over its limit */                        \
	X(DROP_AQM, "aqm")                 /* wire: queue discipline, before the limit */          \
	X(DROP_PEER, "peer")               /* the far end took nothing: not plugged, or full */

enum drop_reason {
#define X(name, text) name,
	DROP_LIST(X)
#undef X
		DROP_REASONS
};

const char *drop_name(enum drop_reason r); /* "queue-full" */

#endif
