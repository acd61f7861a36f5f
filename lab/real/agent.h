/* SPDX-License-Identifier: MIT */
/* agent.h - inside the namespace of a host runs an agent: it sets up the host's interface and, on
 * request, moves bytes over the kernel's own stack. It speaks these messages with dw-lab, one
 * seqpacket each; both are the same program, so they are plain structs. */
#ifndef DW_LAB_REAL_AGENT_H
#define DW_LAB_REAL_AGENT_H

#include <stdint.h>

#include "lab/station/station.h"

enum agent_op {
	AGENT_SETUP,   /* config -> answer, once */
	AGENT_EXPECT,  /* port: opens the account of a flow -> answer */
	AGENT_ACCOUNT, /* -> answer with account */
	AGENT_FLOW,    /* flow: starts it -> answer */
	AGENT_SENT,    /* -> answer with sent */
	AGENT_LISTEN,  /* port: for one connection -> answer; its end: a notice with tcp */
	AGENT_TCP,     /* tcp_args: starts it -> answer; its end: a notice with tcp */
	AGENT_RESULT,  /* -> answer with tcp as it is now */
	AGENT_END,     /* of whatever has this id; no answer */
	AGENT_SEND,    /* a raw frame behind the message -> answer */
	AGENT_WATCH,   /* on or off: every frame that comes in as a notice -> answer */
	AGENT_STATS,   /* -> answer with stats */
	AGENT_DONE,    /* notice: connection `id` ended, tcp */
	AGENT_HEARD,   /* notice: a frame came in, behind the message */
};

struct agent_config {
	uint8_t mac[6];
	uint16_t tag;
	uint32_t ip, prefix;
	int64_t epoch_ns; /* time 0 of all ends, on CLOCK_MONOTONIC */
	bool veth;        /* a pair to the lab's own namespace instead of a tap */
	char peer[16];    /* its name there */
};

struct agent_msg {
	uint32_t op, serial; /* an answer repeats the serial of its question; notices have 0 */
	uint32_t id;         /* of a flow, account, listener or connection; the asker chooses */
	int32_t code;        /* answers: 0 or negative errno */
	char words[160];     /* why */
	union {
		struct agent_config config;
		uint16_t port;
		bool on;
		struct flow_args flow;
		uint64_t sent;
		struct flow_account account;
		struct tcp_args tcp_args;
		struct tcp_result tcp;
		struct station_stats stats;
	};
};

enum { AGENT_MSG_MAX = sizeof(struct agent_msg) + 9234 /* ETH_FRAME_MAX */ };

#define AGENT_IFACE "eth0"

/* Lives until the other end of `sock` is closed. Enters a new network namespace and mounts it at
 * `netns` (where the switch finds it). Returns an exit code. */
int agent_run(int sock, const char *netns);

#endif
