/* SPDX-License-Identifier: MIT */
/* wf_model.c - wirefilter's values: read as it reads them, written as keys of the wire core.
 * Mended: the mtu counts the frame without its length word; each direction keeps its own order.
 * Averaged: the variation of values other than the delay. */
#include "wire/wf_model.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static double multiplier(char letter)
{
	switch (tolower((unsigned char)letter)) {
	case 'k':
		return 1 << 10;
	case 'm':
		return 1 << 20;
	case 'g':
		return 1 << 30;
	}
	return 1;
}

/* Takes "[3]" off the end. The node, or -EINVAL. */
static int node_of(const struct wf_model *m, char *text)
{
	size_t n = strlen(text);
	char *open = n && text[n - 1] == ']' ? strrchr(text, '[') : NULL;
	if (!n || text[n - 1] != ']')
		return 0;
	if (!open)
		return -EINVAL;
	int node = atoi(open + 1);
	*open = '\0';
	return node >= 0 && (unsigned)node < m->count ? node : -EINVAL;
}

static void trim(char *text)
{
	size_t n = strlen(text);
	while (n && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
}

int wf_set(struct wf_model *m, enum wf_tag tag, const char *given)
{
	char text[128];
	struct wf_value v = { 0, 0, 'U' };
	unsigned first = WF_LR, last = WF_RL;
	snprintf(text, sizeof text, "%s", given);
	trim(text);
	int node = node_of(m, text);
	if (node < 0)
		return node;
	size_t n = strlen(text);
	if (n && (tolower((unsigned char)text[n - 1]) == 'u' ||
		  tolower((unsigned char)text[n - 1]) == 'n'))
		v.alg = (char)toupper((unsigned char)text[--n]);
	double mult = n ? multiplier(text[n - 1]) : 1;
	const char *p = text + strspn(text, " \t");
	if (strncmp(p, "LR", 2) == 0 || strncmp(p, "RL", 2) == 0) {
		first = last = *p == 'R';
		p += 2;
	}
	if (sscanf(p, "%lf+%lf", &v.value, &v.plus) < 1 || !isfinite(v.value) || !isfinite(v.plus))
		return 0;
	v.value *= mult;
	v.plus *= mult;
	for (unsigned d = first; d <= last; d++)
		m->node[node].val[tag][d] = v;
	return 0;
}

/* ---- nodes and edges ---- */

static void stay(struct wf_model *m, unsigned node)
{
	m->edge[node][node] = 100;
	for (unsigned i = 0; i < m->count; i++)
		if (i != node)
			m->edge[node][node] -= m->edge[node][i];
}

static void node_reset(struct wf_node *n)
{
	*n = (struct wf_node){ .name = "" };
	for (unsigned t = 0; t < WF_TAGS; t++)
		for (unsigned d = 0; d < WF_DIRS; d++)
			n->val[t][d].alg = 'U';
}

int wf_resize(struct wf_model *m, unsigned count)
{
	if (count < 1 || count > WF_NODES_MAX)
		return -EINVAL;
	for (unsigned i = m->count; i < count; i++)
		node_reset(&m->node[i]);
	for (unsigned i = 0; i < WF_NODES_MAX; i++)
		for (unsigned j = 0; j < WF_NODES_MAX; j++)
			if (i >= count || j >= count || i >= m->count || j >= m->count)
				m->edge[i][j] = 0;
	m->count = count;
	for (unsigned i = 0; i < count; i++)
		stay(m, i);
	return 0;
}

int wf_set_edge(struct wf_model *m, int from, int to, double percent)
{
	if (from < 0 || to < 0 || (unsigned)from >= m->count || (unsigned)to >= m->count ||
	    !isfinite(percent))
		return -EINVAL;
	m->edge[from][to] = percent;
	stay(m, (unsigned)from);
	return 0;
}

/* ---- as keys ---- */

static double at_least_0(double v)
{
	return v > 0 ? v : 0;
}

static double percent(double v)
{
	return v > 100 ? 100 : at_least_0(v);
}

struct text { /* "KEY=VALUE " after another */
	char *p, *end;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(t->p, (size_t)(t->end - t->p), fmt, ap);
	va_end(ap);
	t->p = n < t->end - t->p ? t->p + n : t->end;
}

/* Times in ns, at most the hour that the core takes. */
static int64_t ns_of(double ms)
{
	return (int64_t)(fmin(at_least_0(ms), 3600e3) * 1e6);
}

/* Gilbert's chain: alpha = loss / (burst * (1 - loss)), beta = 1 / burst; alpha over 1 counts as 1.
 */
static void say_loss(struct text *t, const char *dir, const struct wf_node *n, unsigned d)
{
	const struct wf_value *loss = &n->val[WF_LOSS][d], *burst = &n->val[WF_LOSTBURST][d];
	double p = percent(loss->value) / 100, length = fmax(1, burst->value);
	if (loss->value - loss->plus >= 100)
		p = 1;
	if (burst->value + burst->plus <= 0 || p <= 0 || p >= 1)
		say(t, "%s.loss=%.9f%% %s.ge=off ", dir, p * 100, dir);
	else
		say(t, "%s.loss=0%% %s.ge=%.9f%%,%.9f%% ", dir, dir,
		    percent(p / (length * (1 - p)) * 100), 100 / length);
}

static void say_node(struct text *t, const struct wf_node *n, unsigned d)
{
	const char *dir = d == WF_LR ? "ab" : "ba";
	const struct wf_value *delay = &n->val[WF_DELAY][d];
	double band = at_least_0(n->val[WF_BAND][d].value),
	       speed = at_least_0(n->val[WF_SPEED][d].value);
	double mtu = n->val[WF_MTU][d].value - n->val[WF_MTU][d].plus;
	double noise = at_least_0(n->val[WF_NOISE][d].value), room = n->val[WF_CHANBUF][d].value;
	bool normal = delay->alg == 'N';
	say_loss(t, dir, n, d);
	say(t, "%s.delay=%" PRId64 "ns ", dir, ns_of(delay->value));
	say(t, "%s.jitter=%" PRId64 "ns ", dir, ns_of(normal ? delay->plus / 3 : delay->plus));
	say(t, "%s.dist=%s ", dir, normal ? "normal" : "uniform");
	say(t, "%s.dup=%.9f%% ", dir, percent(n->val[WF_DUP][d].value));
	/* What bounds the speed of the sender delays its frames too. */
	say(t, "%s.rate=%.0fbit ", dir, fmin(8 * (band > 0 ? band : speed), 1e12));
	say(t, "%s.ber=%.12f ", dir, fmin(noise / (8.0 * (1 << 20)), 1)); /* bits per MiB */
	say(t, "%s.mtu=%.0fB ", dir, mtu > 0 ? fmin(fmax(mtu, ETH_HLEN), 65535) : 0);
	say(t, "%s.limit=%.0fB ", dir, room > 0 ? fmin(room, 4294967295.0) : 4294967295.0);
}

/* ---- the whole as a law ---- */

enum { TEXT_ROOM = 1 << 17 };

/* The chain, for the core to read as if it were a file. */
static int read_nodes(void *ctx, const char *path, char **text, size_t *len, struct err *e)
{
	const struct wf_model *m = ctx;
	*text = malloc(TEXT_ROOM);
	if (!*text)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	struct text t = { *text, *text + TEXT_ROOM };
	say(&t, "time %.0fns\n", fmin(fmax(m->time_ms, 1), 3600e3) * 1e6);
	for (unsigned i = 0; i < m->count; i++) {
		say(&t, "node n%u ", i);
		say_node(&t, &m->node[i], WF_LR);
		say_node(&t, &m->node[i], WF_RL);
		say(&t, "\n");
	}
	for (unsigned i = 0; i < m->count; i++) {
		double left = 100;
		for (unsigned j = 0; j < m->count; j++) {
			double p = i == j ? 0 : fmin(percent(m->edge[i][j]), left);
			left -= p;
			if (p > 0)
				say(&t, "edge n%u n%u %.9f%%\n", i, j, p);
		}
	}
	*len = (size_t)(t.p - *text);
	return 0;
}

static int set_all(struct wire_config *c, char *text, struct err *e)
{
	int r = 0;
	for (char *save, *word = strtok_r(text, " \n", &save); word && !r;
	     word = strtok_r(NULL, " \n", &save)) {
		char *value = strchr(word, '=');
		*value++ = '\0';
		r = wire_set_key(c, word, value, e);
	}
	return r;
}

int wf_apply(struct wf_model *m, struct wire_config *c, struct err *e)
{
	struct wire_config next;
	char text[2048];
	struct text t = { text, text + sizeof text };
	wire_config_default(&next);
	memcpy(next.name, c->name, sizeof next.name);
	next.seed = c->seed;
	next.files = m->files;
	say(&t, "compat=wirefilter fifo=%s ", m->nofifo ? "no" : "yes");
	say_node(&t, &m->node[0], WF_LR);
	say_node(&t, &m->node[0], WF_RL);
	int r = set_all(&next, text, e);
	if (!r && m->count > 1)
		r = wire_set_key(&next, "markov", "file:nodes", e);
	if (!r)
		r = wire_check(&next, e);
	if (!r)
		*c = next;
	return r;
}

int wf_model_init(struct wf_model *m)
{
	*m = (struct wf_model){ .time_ms = 100 };
	wf_resize(m, 1);
	m->files = wire_files_new(read_nodes, m);
	return m->files ? 0 : -ENOMEM;
}

void wf_model_fini(struct wf_model *m)
{
	wire_files_free(m->files);
}
