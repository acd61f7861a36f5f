/* SPDX-License-Identifier: MIT */
/* agent_inner.h - what the files of the agent share. */
#ifndef DW_LAB_REAL_AGENT_INNER_H
#define DW_LAB_REAL_AGENT_INNER_H

#include <netinet/in.h>

#include "lab/real/agent.h"
#include "lib/io/loop.h"

struct agent;

struct agent_job { /* first member of whatever has an id */
	struct agent *agent;
	uint32_t id;
	struct agent_job *next;
	void (*end)(struct agent_job *j); /* frees */
	/* What is asked of it, into `answer`. 0; -EINVAL: not of this kind of job. */
	int (*look)(struct agent_job *j, enum agent_op what, struct agent_msg *answer);
};

struct agent {
	struct loop *loop;
	struct watch watch;
	struct agent_config config;
	struct agent_job *jobs;
	struct ep *ep;  /* the interface as raw frames; NULL until somebody wants it */
	bool listening; /* AGENT_WATCH */
	const char *netns;
	char iface[24];
};

static inline int64_t agent_now(const struct agent *a) /* the time of all ends */
{
	return loop_clock(a->loop) - a->config.epoch_ns;
}

void agent_say(struct agent *a, const struct agent_msg *m, const void *frame, uint32_t len);
void agent_add(struct agent *a, struct agent_job *j, uint32_t id);

static inline struct sockaddr_in agent_address(uint32_t ip, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(ip) };
}

/* 0 or negative errno; all become jobs with the id of the message. */
int agent_expect(struct agent *a, const struct agent_msg *m);
int agent_flow(struct agent *a, const struct agent_msg *m);
int agent_listen(struct agent *a, const struct agent_msg *m);
int agent_tcp(struct agent *a, const struct agent_msg *m);

#endif
