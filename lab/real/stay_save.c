/* SPDX-License-Identifier: MIT */
/* stay_save.c - a lab that stays, as it is now, as Lua: what the plan says of shape and names, what
 * each switch and cable says of its settings. Run again it is the same lab; saved again, the same
 * text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/real/ask.h"
#include "lab/real/stay_inner.h"

static void put_quoted(struct out *o, const char *text, size_t len)
{
	out_text(o, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\')
			out_text(o, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			out_text(o, "\\x%02x", c);
		else
			out_text(o, "%c", c);
	}
	out_text(o, "\"");
}

static void put_text(struct out *o, const char *text)
{
	put_quoted(o, text, strlen(text));
}

static const char *name_of(const struct stay *s, unsigned node)
{
	return s->plan->nodes[node].name;
}

/* ---- what each is ---- */

static void put_mac(struct out *o, const uint8_t mac[static 6])
{
	out_text(o, "mac = \"%02x:%02x:%02x:%02x:%02x:%02x\"", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
}

static void put_switch(struct out *o, const struct node_spec *n)
{
	out_text(o, "at[\"%s\"] = net.switch(\"%s\", { ", n->name, n->name);
	put_mac(o, n->mac);
	if (n->ports_given)
		out_text(o, ", ports = %u", n->numports);
	if (n->hub)
		out_text(o, ", hub = true");
	out_text(o, " })\n");
}

static void put_attached(const struct stay *s, struct out *o, const char *name,
			 const struct plug *plug, const char *locator)
{
	out_text(o, "at[\"%s\"] = net.attach(\"%s\", ", name, name);
	if (plug->port)
		out_text(o, "at[\"%s\"], ", name_of(s, plug->node));
	put_text(o, locator);
	out_text(o, ")\n");
}

/* What QEMU was given: "memory=134217728", "kernel=/boot/vmlinuz", "arg=-smp", … */
static void put_machine(struct out *o, const struct words *given)
{
	bool list = false;
	for (size_t i = 0; i < given->count; i++) {
		const char *word = given->v[i];
		int len = (int)strcspn(word, "=");
		if (strncmp(word, "arg=", 4) == 0)
			continue;
		out_text(o, ", %.*s = ", len, word);
		if (strncmp(word, "memory=", 7) == 0)
			out_text(o, "\"%sB\"", word + 7);
		else
			put_text(o, word + len + 1);
	}
	for (size_t i = 0; i < given->count; i++)
		if (strncmp(given->v[i], "arg=", 4) == 0) {
			out_text(o, list ? ", " : ", args = { ");
			put_text(o, given->v[i] + 4);
			list = true;
		}
	if (list)
		out_text(o, " }");
}

static void put_end(const struct stay *s, struct out *o, const struct node_spec *n)
{
	static const char *const makers[] = {
		[NODE_STATION] = "station", [NODE_HOST] = "host", [NODE_VM] = "vm"
	};
	if (n->kind == NODE_ATTACH) {
		put_attached(s, o, n->name, &n->plug, n->locator);
		return;
	}
	out_text(o, "at[\"%s\"] = net.%s(\"%s\", ", n->name, makers[n->kind], n->name);
	if (n->plug.port)
		out_text(o, "at[\"%s\"], ", name_of(s, n->plug.node));
	out_text(o, "{ ");
	out_text(o, "ip = \"%u.%u.%u.%u/%u\", ", n->ip >> 24, n->ip >> 16 & 255, n->ip >> 8 & 255,
		 n->ip & 255, n->prefix);
	put_mac(o, n->mac);
	if (n->tag)
		out_text(o, ", tag = %u", n->tag);
	if (n->kind == NODE_VM)
		put_machine(o, &n->args);
	out_text(o, " })\n");
}

/* set ab.loss-corr="1%" -> loss_corr = "1%", for those of one direction ("" for both). */
static void put_keys(struct out *o, const char *script, const char *dir, const char **sep)
{
	size_t len = strlen(dir);
	for (const char *line = script; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *key = line + 4;
		if (strncmp(line, "set ", 4) != 0)
			continue;
		bool one_way = strncmp(key, "ab.", 3) == 0 || strncmp(key, "ba.", 3) == 0;
		if (len ? strncmp(key, dir, len) != 0 : one_way)
			continue;
		key += len;
		size_t n = strcspn(key, "=\n");
		const char *value = key + n + (key[n] == '=');
		size_t room = strcspn(value, "\n");
		bool quoted = room >= 2 && value[0] == '"' && value[room - 1] == '"';
		out_text(o, "%s", *sep);
		for (size_t i = 0; i < n; i++)
			out_text(o, "%c", key[i] == '-' ? '_' : key[i]);
		out_text(o, " = ");
		put_quoted(o, value + quoted, room - 2 * quoted);
		*sep = ", ";
	}
}

static int put_cable(const struct stay *s, struct out *o, size_t i, struct err *e)
{
	const struct cable_spec *c = &s->plan->cables[i];
	const struct service *v = &s->real->cable[i];
	char *script = NULL;
	int r = ask_socket(v->mgmt_path, "config/show", &script, e);
	if (r < 0)
		return err_prefix(e, r, c->name);
	const char *sep = ", ";
	out_text(o, "cables[#cables + 1] = net.cable(at[\"%s\"], at[\"%s\"], { name = \"%s\"",
		 name_of(s, c->end[0].node), name_of(s, c->end[1].node), c->name);
	put_keys(o, script, "", &sep);
	for (const char *const *d = (const char *const[]){ "ab.", "ba.", NULL }; *d; d++) {
		const char *first = "";
		size_t before = o->len;
		out_text(o, ", %.2s = { ", *d);
		size_t empty = o->len;
		put_keys(o, script, *d, &first);
		if (o->len > empty) {
			out_text(o, " }");
		} else if (!o->oom) {
			o->len = before;
			o->text[before] = '\0';
		}
	}
	out_text(o, " })\n");
	free(script);
	return 0;
}

/* ---- in an order that gives every plug the port it has ---- */

struct order {
	unsigned *next; /* by node: the port that it gives away next; ends have only 0 */
	bool *done;     /* ends, then what was attached, then cables */
};

static bool is_next(const struct order *w, const struct plug *p)
{
	return !p->port || w->next[p->node] == p->port;
}

static void take(struct order *w, const struct plug *p, int by)
{
	if (p->port)
		w->next[p->node] += by;
}

static int put_thing(const struct stay *s, struct out *o, struct order *w, size_t i, bool *some,
		     struct err *e)
{
	const struct plan *p = s->plan;
	const struct plug *plug, *other = NULL;
	const struct attached *a = NULL;
	const struct cable_spec *c = NULL;
	int r = 0;
	if (i < p->nnodes)
		plug = &p->nodes[i].plug;
	else if (i < p->nnodes + s->nattached)
		plug = &(a = &s->attached[i - p->nnodes])->plug;
	else
		plug = &(c = &p->cables[i - p->nnodes - s->nattached])->end[0], other = &c->end[1];
	if (w->done[i] || !is_next(w, plug))
		return 0;
	take(w, plug, 1);
	if (other && !is_next(w, other)) { /* both ends may be of one switch: a's port is first */
		take(w, plug, -1);
		return 0;
	}
	if (other)
		take(w, other, 1);
	w->done[i] = *some = true;
	if (c)
		r = put_cable(s, o, (size_t)(c - p->cables), e);
	else if (a)
		put_attached(s, o, a->name, &a->plug, a->locator);
	else
		put_end(s, o, &p->nodes[i]);
	return r;
}

static int put_things(const struct stay *s, struct out *o, struct order *w, struct err *e)
{
	const struct plan *p = s->plan;
	size_t all = p->nnodes + s->nattached + p->ncables;
	for (size_t i = 0; i < p->nnodes; i++) {
		w->next[i] = 1;
		if (p->nodes[i].kind == NODE_SWITCH) {
			w->done[i] = true;
			put_switch(o, &p->nodes[i]);
		} else if (p->nodes[i].at_cable) { /* the cable comes after what it joins */
			w->done[i] = true;
			put_end(s, o, &p->nodes[i]);
		}
	}
	out_text(o, "\n");
	for (bool some = true; some;) {
		some = false;
		for (size_t i = 0; i < all; i++) {
			int r = put_thing(s, o, w, i, &some, e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int put_settings(const struct stay *s, struct out *o, struct err *e)
{
	for (size_t i = 0; i < s->plan->nnodes; i++) {
		const struct node *n = &s->real->node[i];
		char *script = NULL;
		if (n->spec->kind != NODE_SWITCH)
			continue;
		int r = ask_socket(n->sw.mgmt_path, "config/show", &script, e);
		if (r < 0)
			return err_prefix(e, r, n->spec->name);
		for (const char *l = script; *l; l += strcspn(l, "\n"), l += *l == '\n') {
			size_t len = strcspn(l, "\n");
			/* which port a plug gets that asks for none: of the program alone */
			if (!len || strncmp(l, "port/allocatable", 16) == 0)
				continue;
			out_text(o, "at[\"%s\"]:cmd(", n->spec->name);
			put_quoted(o, l, len);
			out_text(o, ")\n");
		}
		free(script);
	}
	return 0;
}

int stay_save(const struct stay *s, struct out *o, struct err *e)
{
	size_t all = s->plan->nnodes + s->nattached + s->plan->ncables;
	struct order w = { calloc(s->plan->nnodes + 1, sizeof *w.next),
			   calloc(all + 1, sizeof *w.done) };
	if (!w.next || !w.done) {
		free(w.next);
		free(w.done);
		return err_set(e, -ENOMEM, "out of memory");
	}
	out_text(o, "-- Saved by dw-lab: the lab as it was then.\nlocal net = lab(");
	put_text(o, s->plan->name);
	out_text(o, ")\nlocal at, cables = {}, {}\n\n");
	int r = put_things(s, o, &w, e);
	out_text(o, "\n");
	if (r == 0)
		r = put_settings(s, o, e);
	out_text(o, "\nnet.test(\"every cable is plugged in\", function(t)\n"
		    "  for _, c in ipairs(cables) do t.expect(c:cmd(\"showinfo\").state, \"==\", "
		    "\"up\", c.name) end\nend)\n");
	free(w.next);
	free(w.done);
	return r;
}
