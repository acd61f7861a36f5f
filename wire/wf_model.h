/* SPDX-License-Identifier: MIT */
/* wf_model.h - what a wirefilter is told: values of nodes in both directions, edges between the
 * nodes; and how that becomes a law of the wire core. Layout of values and text as in vde-2
 * wirefilter.c. */
#ifndef DW_WIRE_WF_MODEL_H
#define DW_WIRE_WF_MODEL_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "wire/core/wire.h"

enum { WF_LR, WF_RL, WF_DIRS };

enum wf_tag {
	WF_LOSS,
	WF_LOSTBURST,
	WF_DELAY,
	WF_DUP,
	WF_BAND,
	WF_SPEED,
	WF_CHANBUF,
	WF_NOISE,
	WF_MTU,
	WF_TAGS
};

enum { WF_NODES_MAX = 64, WF_NAME_LEN = 64 };

struct wf_value { /* value +- plus; alg 'U' uniform, 'N' normal with a third of plus as sigma */
	double value, plus;
	char alg;
};

struct wf_node {
	char name[WF_NAME_LEN];
	struct wf_value val[WF_TAGS][WF_DIRS];
};

struct wf_model {
	unsigned count;
	struct wf_node node[WF_NODES_MAX];
	double edge[WF_NODES_MAX][WF_NODES_MAX]; /* per cent; [i][i] is what is left over */
	double time_ms;
	bool nofifo;
	struct wire_files *files; /* reads this model as the chain "file:nodes" */
};

int wf_model_init(struct wf_model *m); /* one node, all zero. 0 or -ENOMEM */
void wf_model_fini(struct wf_model *m);

/* "[LR|RL] number[+variation][K|M|G][U|N][[node]]", both directions without a prefix, for node 0
 * without one. As with the original text that is no number changes nothing and is no error;
 * -EINVAL: no such node. */
int wf_set(struct wf_model *m, enum wf_tag tag, const char *text);
int wf_resize(struct wf_model *m, unsigned count);
int wf_set_edge(struct wf_model *m, int from, int to, double percent);

/* The configuration of the wire: law and chain of `c` are written anew. */
int wf_apply(struct wf_model *m, struct wire_config *c, struct err *e);

#endif
