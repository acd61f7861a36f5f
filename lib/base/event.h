/* SPDX-License-Identifier: MIT */
/* event.h - what cores report: named kinds with plain facts. Same names in management, console,
 * Lua. */
#ifndef DW_BASE_EVENT_H
#define DW_BASE_EVENT_H

#include <stdint.h>

#define EVENT_LIST(X)                                                                              \
	X(EVENT_PORT_UP, "port.up")                                                                \
	X(EVENT_PORT_DOWN, "port.down")                                                            \
	X(EVENT_PLUG, "plug")                                                                      \
	X(EVENT_UNPLUG, "unplug")                                                                  \
	X(EVENT_FDB_LEARN, "fdb.learn")                                                            \
	X(EVENT_FDB_MOVE, "fdb.move")                                                              \
	X(EVENT_FDB_FLAP, "fdb.flap")                                                              \
	X(EVENT_FDB_AGE, "fdb.age")                                                                \
	X(EVENT_FDB_FLUSH, "fdb.flush")                                                            \
	X(EVENT_RSTP_ROLE, "rstp.role")                                                            \
	X(EVENT_RSTP_STATE, "rstp.state")                                                          \
	X(EVENT_RSTP_CHANGE, "rstp.change")                                                        \
	X(EVENT_CONFIG, "config")                                                                  \
	X(EVENT_DROP, "drop")                                                                      \
	X(EVENT_WIRE_CUT, "wire.cut")                                                              \
	X(EVENT_WIRE_MEND, "wire.mend")                                                            \
	X(EVENT_CAPTURE_END, "capture.end")

enum event_kind {
#define X(name, text) name,
	EVENT_LIST(X)
#undef X
		EVENT_KINDS
};

struct event {
	enum event_kind kind;
	int64_t at;           /* ns, the core's now */
	unsigned port, port2; /* 0: none; fdb.move: from port2 to port */
	unsigned vid;
	uint8_t mac[6];
	const char *name; /* borrowed: port or wire name; NULL: none */
	const char *text; /* borrowed: the rest in words ("designated discarding"); NULL: none */
};

const char *event_name(enum event_kind kind); /* "port.up" */
int event_kind_of(const char *name);          /* kind, or -EINVAL */

static inline uint64_t event_bit(enum event_kind kind) /* for masks of wanted kinds */
{
	return UINT64_C(1) << kind;
}

#endif
