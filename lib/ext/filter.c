/* SPDX-License-Identifier: MIT */
/* filter.c - libpcap's compiler of filter expressions. */
#include "lib/ext/filter.h"

#include <errno.h>
#include <pcap.h>
#include <stdlib.h>

static int convert(struct bpf **out, const struct bpf_program *p, struct err *e)
{
	struct bpf_op *op = calloc(p->bf_len ? p->bf_len : 1, sizeof *op);
	if (!op)
		return err_set(e, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < p->bf_len; i++)
		op[i] = (struct bpf_op){ .code = p->bf_insns[i].code,
					 .jt = p->bf_insns[i].jt,
					 .jf = p->bf_insns[i].jf,
					 .k = p->bf_insns[i].k };
	int r = bpf_new(out, op, p->bf_len, e);
	free(op);
	return r;
}

int filter_compile(struct bpf **out, const char *expression, struct err *e)
{
	enum { SNAPLEN = 262144, OPTIMIZE = 1 };
	struct bpf_program p;
	*out = NULL;
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	if (!dead)
		return err_set(e, -ENOMEM, "out of memory");
	int r = pcap_compile(dead, &p, expression, OPTIMIZE, PCAP_NETMASK_UNKNOWN);
	if (r < 0) {
		r = err_set(e, -EINVAL, "filter '%.200s': %s", expression, pcap_geterr(dead));
	} else {
		r = convert(out, &p, e);
		pcap_freecode(&p);
	}
	pcap_close(dead);
	return r;
}
