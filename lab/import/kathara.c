/* SPDX-License-Identifier: MIT */
/* kathara.c - lab.conf of Kathará and netkit: `device[N]="DOMAIN"` plugs interface N of a device
 * into a collision domain. Two of a domain are a cable; more, or one alone, are a switch. A device
 * with one interface is a host, one with more a switch. All other lines are options that say
 * nothing here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/import/import.h"

struct interface { /* devices and domains are nodes while reading; domains have a blank in their id
		    */
	unsigned device, domain;
};

struct reader {
	struct topo *t;
	struct interface *v;
	size_t count, room;
};

static size_t word_len(const char *p, const char *end)
{
	const char *at = p;
	while (at < end && !strchr(" \t\r[]=\"'/,#", *at))
		at++;
	return (size_t)(at - p);
}

static bool digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return n > 0;
}

/* device[N]=DOMAIN, quotes around the domain and an address behind it left out. */
static bool split(const char *line, const char *end, char *device, char *domain, size_t room)
{
	size_t n = word_len(line, end);
	const char *p = line + n;
	if (!n || n >= room || p == end || *p != '[')
		return false;
	snprintf(device, room, "%.*s", (int)n, line);
	size_t number = word_len(++p, end);
	if (!digits(p, number) || p + number + 1 >= end || p[number] != ']' || p[number + 1] != '=')
		return false;
	p += number + 2;
	if (p < end && (*p == '"' || *p == '\''))
		p++;
	n = word_len(p, end);
	if (!n || n + 5 > room)
		return false;
	snprintf(domain, room, "lan %.*s", (int)n, p);
	return true;
}

static int add(struct reader *r, const char *device, const char *domain, struct err *e)
{
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 32;
		struct interface *v = realloc(r->v, room * sizeof *v);
		if (!v)
			return err_set(e, -ENOMEM, "out of memory");
		r->v = v;
		r->room = room;
	}
	int a = topo_node(r->t, device, e);
	int b = a < 0 ? a : topo_node(r->t, domain, e);
	if (b < 0)
		return b;
	r->v[r->count++] = (struct interface){ (unsigned)a, (unsigned)b };
	return 0;
}

static int read_lines(struct reader *r, const char *text, size_t len, struct err *e)
{
	char device[128], domain[128];
	int code = 0;
	for (const char *p = text, *stop = text + len; p < stop && code == 0;) {
		const char *end = memchr(p, '\n', (size_t)(stop - p));
		end = end ? end : stop;
		p += strspn(p, " \t");
		if (p < end && split(p, end, device, domain, sizeof device))
			code = add(r, device, domain, e);
		p = end + 1;
	}
	return code;
}

static int by_domain(const void *a, const void *b)
{
	const struct interface *x = a, *y = b;
	int r = (x->domain > y->domain) - (x->domain < y->domain);
	return r ? r : (x > y) - (x < y);
}

/* The members of one domain become links in `out`, whose nodes are made as they are needed. */
static int join(const struct topo *t, struct topo *out, const struct interface *v, size_t n,
		struct err *e)
{
	int r = 0, ends[2] = { 0, 0 };
	for (size_t i = 0; i < n && r >= 0; i++)
		r = ends[i & 1] = topo_node(out, t->node[v[i].device].id, e);
	if (r < 0)
		return r;
	if (n == 2 && ends[0] != ends[1])
		return topo_link(out, (unsigned)ends[0], (unsigned)ends[1], e);
	int lan = topo_node(out, t->node[v->domain].id, e);
	if (lan < 0)
		return lan;
	r = topo_label(out, (unsigned)lan, t->node[v->domain].id + 4, e);
	out->node[lan].kind = TOPO_SWITCH;
	for (size_t i = 0; i < n && r >= 0; i++) {
		int device = topo_node(out, t->node[v[i].device].id, e);
		r = device < 0 ? device : topo_link(out, (unsigned)device, (unsigned)lan, e);
	}
	return r;
}

int kathara_read(const char *text, size_t len, struct topo *out, struct err *e)
{
	struct topo t = { 0 };
	struct reader r = { .t = &t };
	int code = read_lines(&r, text, len, e);
	if (code == 0 && r.count)
		qsort(r.v, r.count, sizeof *r.v, by_domain);
	for (size_t from = 0, to; from < r.count && code >= 0; from = to) {
		for (to = from + 1; to < r.count && r.v[to].domain == r.v[from].domain;)
			to++;
		code = join(&t, out, r.v + from, to - from, e);
	}
	free(r.v);
	topo_fini(&t);
	return code < 0 ? code : 0;
}
