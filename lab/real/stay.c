/* SPDX-License-Identifier: MIT */
/* stay.c - the management socket of a lab that stays. */
#include "lab/real/stay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/real/ask.h"
#include "lab/real/stay_inner.h"
#include "lib/base/units.h"
#include "lib/cli/opts.h"

/* ---- who there is ---- */

static const char *kind_word(enum node_kind k)
{
	static const char *const words[] = {
		[NODE_SWITCH] = "switch", [NODE_STATION] = "station",   [NODE_HOST] = "host",
		[NODE_VM] = "vm",         [NODE_ATTACH] = "attachment",
	};
	return words[k];
}

static const struct attached *attached_find(const struct stay *s, const char *name)
{
	for (size_t i = 0; i < s->nattached; i++)
		if (strcmp(s->attached[i].name, name) == 0)
			return &s->attached[i];
	return NULL;
}

struct names {
	const struct stay *stay;
	bool cables;
};

static const char *name_at(const void *list, size_t i)
{
	const struct names *n = list;
	const struct plan *p = n->stay->plan;
	if (i < p->nnodes)
		return p->nodes[i].name;
	i -= p->nnodes;
	return n->cables && i < p->ncables ? p->cables[i].name : NULL;
}

static int nobody(const struct stay *s, const char *name, bool cables, struct err *e)
{
	const struct names list = { s, cables };
	const char *near = nearest_word(name, name_at, &list);
	return err_set(e, -ENOENT, "%s: there is none of that name%s%s", name,
		       near ? "; did you mean " : "", near ? near : "");
}

static const struct node *node_named(const struct stay *s, const char *name)
{
	int i = plan_find_node(s->plan, name);
	return i < 0 ? NULL : &s->real->node[i];
}

/* ---- lab/ps ---- */

static const char *state_of(const struct service *v)
{
	if (v->paused)
		return "paused";
	return v->state == SERVICE_DOWN ? "down" : v->state == SERVICE_UP ? "up" : "starting";
}

static void put_service(struct out *o, const struct service *v)
{
	pid_t pid = v->state == SERVICE_UP && !v->paused ? ask_pid(v->mgmt_path) : 0;
	out_str(o, "state", " %-8s", state_of(v));
	if (pid)
		out_u64(o, "pid", " %7" PRIu64, (uint64_t)pid);
	else
		out_text(o, " %7s", "-");
	out_json_str(o, "mgmt", v->mgmt_path);
}

static void put_plug(struct out *o, const struct stay *s, const struct plug *p)
{
	if (!p->port) { /* at a cable, which says so */
		out_json_null(o, "switch");
		out_json_null(o, "port");
		return;
	}
	out_str(o, "switch", "  %s", s->plan->nodes[p->node].name);
	out_u64(o, "port", " port %" PRIu64, (uint64_t)p->port);
}

static void put_end(struct out *o, const struct stay *s, const struct node *n)
{
	const struct node_spec *spec = n->spec;
	char ip[24];
	bool up = spec->kind == NODE_VM ? n->vm.running
		  : n->st.core          ? n->st.ep && n->st.ep->is_up
		  : n->ops              ? n->host.up
					: true;
	out_str(o, "state", " %-8s", up ? "up" : "down");
	if (n->st.core)
		out_u64(o, "pid", " %7" PRIu64, (uint64_t)getpid());
	else
		out_text(o, " %7s", "-");
	put_plug(o, s, &spec->plug);
	if (spec->kind == NODE_ATTACH) {
		out_str(o, "locator", "  %s", spec->locator);
		return;
	}
	snprintf(ip, sizeof ip, "%u.%u.%u.%u/%u", spec->ip >> 24, spec->ip >> 16 & 255,
		 spec->ip >> 8 & 255, spec->ip & 255, spec->prefix);
	out_str(o, "ip", "  %s", ip);
}

static void put_nodes(const struct stay *s, struct out *o)
{
	out_list(o, "nodes");
	for (size_t i = 0; i < s->real->nnodes; i++) {
		const struct node *n = &s->real->node[i];
		out_object(o, NULL);
		out_str(o, "name", "%-12s", n->spec->name);
		out_str(o, "kind", " %-10s", kind_word(n->spec->kind));
		if (n->spec->kind == NODE_SWITCH)
			put_service(o, &n->sw);
		else
			put_end(o, s, n);
		out_text(o, "\n");
		out_end_object(o);
	}
	for (size_t i = 0; i < s->nattached; i++) {
		const struct attached *a = &s->attached[i];
		out_object(o, NULL);
		out_str(o, "name", "%-12s", a->name);
		out_str(o, "kind", " %-10s", kind_word(NODE_ATTACH));
		out_str(o, "state", " %-8s", "up");
		out_text(o, " %7s", "-");
		put_plug(o, s, &a->plug);
		out_str(o, "locator", "  %s\n", a->locator);
		out_end_object(o);
	}
	out_end_list(o);
}

static void put_cable_end(struct out *o, const struct stay *s, const struct plug *p,
			  const char *key, const char *port_key, const char *before)
{
	out_text(o, "%s", before);
	out_str(o, key, " %s", s->plan->nodes[p->node].name);
	if (p->port)
		out_u64(o, port_key, " port %" PRIu64, (uint64_t)p->port);
	else
		out_json_null(o, port_key);
}

static int lab_ps(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct stay *s = ctx;
	(void)a;
	(void)e;
	out_json_str(o, "lab", s->real->world.setup->name);
	out_json_str(o, "backend", s->real->namespaces ? "ns" : "proc");
	out_json_u64(o, "pid", (uint64_t)getpid());
	out_json_str(o, "dir", s->real->dir);
	put_nodes(s, o);
	out_list(o, "cables");
	for (size_t i = 0; i < s->real->ncables; i++) {
		const struct cable_spec *c = &s->plan->cables[i];
		out_object(o, NULL);
		out_str(o, "name", "%-12s", c->name);
		out_text(o, " %-10s", "cable");
		put_service(o, &s->real->cable[i]);
		put_cable_end(o, s, &c->end[0], "a", "port_a", " ");
		put_cable_end(o, s, &c->end[1], "b", "port_b", " to");
		out_text(o, "\n");
		out_end_object(o);
	}
	out_end_list(o);
	return 0;
}

/* ---- where things are ---- */

static int one_word(const struct args *a, const char *what, struct err *e)
{
	return a->count == 1 ? 0 : err_set(e, -EINVAL, "%s", what);
}

static int lab_path(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct stay *s = ctx;
	char path[SOCK_PATH_MAX + NODE_NAME_MAX];
	int r = one_word(a, "lab/path NODE: one name", e);
	if (r < 0)
		return r;
	const struct node *n = node_named(s, a->word[0]);
	if (!n)
		return nobody(s, a->word[0], false, e);
	if (n->spec->kind == NODE_SWITCH)
		snprintf(path, sizeof path, "%s/%s", s->real->dir, n->spec->name);
	else if (n->host.up)
		snprintf(path, sizeof path, "%s", n->host.netns);
	else
		return err_set(e, -EINVAL, "%s is a %s: only switches have a folder to plug into",
			       n->spec->name, kind_word(n->spec->kind));
	out_str(o, "path", "%s\n", path);
	return 0;
}

static int lab_mgmt(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct stay *s = ctx;
	int r = one_word(a, "lab/mgmt NODE|CABLE: one name", e);
	if (r < 0)
		return r;
	const struct node *n = node_named(s, a->word[0]);
	int cable = plan_find_cable(s->plan, a->word[0]);
	if (!n && cable < 0)
		return nobody(s, a->word[0], true, e);
	if (n && n->spec->kind != NODE_SWITCH)
		return err_set(e, -EINVAL, "%s is a %s: only switches and cables take commands",
			       n->spec->name, kind_word(n->spec->kind));
	const struct service *v = n ? &n->sw : &s->real->cable[cable];
	if (v->state < SERVICE_SETTING)
		return err_set(e, -ECONNREFUSED, "%s is down", v->name);
	out_str(o, "path", "%s\n", v->mgmt_path);
	return 0;
}

/* Where a program of a host is to run: "HOLDER NETNS". */
static int lab_inside(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct stay *s = ctx;
	char path[SOCK_PATH_MAX];
	int holder = 0;
	int r = one_word(a, "lab/inside HOST: one name", e);
	if (r < 0)
		return r;
	const struct node *n = node_named(s, a->word[0]);
	if (!n)
		return nobody(s, a->word[0], false, e);
	if (n->spec->kind == NODE_HOST && !s->real->namespaces)
		return err_set(e, -EINVAL,
			       "%s is a station here: programs run on the hosts of a lab that is "
			       "up with --backend ns",
			       n->spec->name);
	if (n->spec->kind != NODE_HOST)
		return err_set(e, -EINVAL, "%s is a %s: programs run on hosts (net.host)",
			       n->spec->name, kind_word(n->spec->kind));
	snprintf(path, sizeof path, "%s/" KEEPER_HOLDER_FILE, s->real->dir);
	FILE *f = fopen(path, "re");
	if (f && fscanf(f, "%d", &holder) != 1)
		holder = 0;
	if (f)
		fclose(f);
	if (!holder)
		return err_set(e, -ENOENT, "%s: it does not say who holds the namespaces", path);
	out_u64(o, "holder", "%" PRIu64, (uint64_t)holder);
	out_str(o, "netns", " %s\n", n->host.netns);
	return 0;
}

/* ---- lab/power ---- */

static const char *const powers[] = { "kill", "restart", "pause", "resume", NULL };

static const char *power_at(const void *unused, size_t i)
{
	(void)unused;
	return powers[i];
}

/* What takes time goes on behind the reply; lab/ps shows how far it is. */
static int lab_power(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct stay *s = ctx;
	struct world *w = &s->real->world;
	unsigned p = 0;
	(void)o;
	if (a->count != 2)
		return err_set(e, -EINVAL, "lab/power SWITCH kill|restart|pause|resume: two words");
	const struct node *n = node_named(s, a->word[0]);
	if (!n || n->spec->kind != NODE_SWITCH)
		return n ? err_set(e, -EINVAL, "%s is a %s: only switches have a power switch",
				   n->spec->name, kind_word(n->spec->kind))
			 : nobody(s, a->word[0], false, e);
	while (powers[p] && strcmp(powers[p], a->word[1]) != 0)
		p++;
	if (!powers[p]) {
		const char *near = nearest_word(a->word[1], power_at, NULL);
		return err_set(e, -EINVAL, "'%s' is none of kill, restart, pause, resume%s%s",
			       a->word[1], near ? "; did you mean " : "", near ? near : "");
	}
	const struct request r = { .verb = VERB_POWER,
				   .who = { .index = n->idx },
				   .power = (enum power)p };
	struct call *c = w->ops->start(w, &r);
	if (!c)
		return err_set(e, -ENOMEM, "out of memory");
	if (!c->done)
		return 0; /* ended with the lab at the latest */
	int code = c->error;
	if (code < 0)
		err_set(e, code, "%s", c->words.text[0] ? c->words.text : strerror(-code));
	w->ops->call_end(w, c);
	return code;
}

/* ---- lab/attach ---- */

static unsigned next_port(const struct stay *s, unsigned sw)
{
	unsigned used = s->plan->nodes[sw].used;
	for (size_t i = 0; i < s->nattached; i++)
		if (s->attached[i].plug.node == sw)
			used = s->attached[i].plug.port;
	return used + 1;
}

static int name_is_free(const struct stay *s, const char *name, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";
	if (!*name || !strchr(letters, name[0]) || name[strspn(name, more)] ||
	    strlen(name) >= NODE_NAME_MAX)
		return err_set(e, -EINVAL,
			       "%s: a name begins with a letter and goes on with letters, digits, "
			       "'.', '_' or '-', %d at most",
			       name, NODE_NAME_MAX - 1);
	if (plan_find_node(s->plan, name) >= 0 || plan_find_cable(s->plan, name) >= 0 ||
	    attached_find(s, name))
		return err_set(e, -EEXIST, "%s: the name is taken", name);
	return 0;
}

/* Asks the switch, then notes it, so that it is opened again when the switch starts again. */
static int plug_in(struct stay *s, const struct attached *at, struct err *e)
{
	struct service *v = &s->real->node[at->plug.node].sw;
	char line[1024];
	if (snprintf(line, sizeof line, "port/add \"%s,name=%s\" %u", at->locator, at->name,
		     at->plug.port) >= (int)sizeof line)
		return err_set(e, -EINVAL, "%s: the locator is too long", at->name);
	int r = ask_socket(v->mgmt_path, line, NULL, e);
	if (r == 0 && words_add(&v->lines, line) < 0)
		r = err_set(e, -ENOMEM, "out of memory");
	return r;
}

static int lab_attach(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct stay *s = ctx;
	if (a->count != 3)
		return err_set(e, -EINVAL, "lab/attach NAME SWITCH LOCATOR: three words");
	int r = name_is_free(s, a->word[0], e);
	if (r < 0)
		return r;
	const struct node *sw = node_named(s, a->word[1]);
	if (!sw)
		return nobody(s, a->word[1], false, e);
	if (sw->spec->kind != NODE_SWITCH)
		return err_set(e, -EINVAL, "%s is a %s: things are plugged into switches",
			       sw->spec->name, kind_word(sw->spec->kind));
	struct attached *more = realloc(s->attached, (s->nattached + 1) * sizeof *more);
	if (more)
		s->attached = more;
	struct attached new = { .plug = { sw->idx, next_port(s, sw->idx) },
				.locator = strdup(a->word[2]) };
	if (!more || !new.locator) {
		free(new.locator);
		return err_set(e, -ENOMEM, "out of memory");
	}
	snprintf(new.name, sizeof new.name, "%s", a->word[0]);
	r = plug_in(s, &new, e);
	if (r < 0) {
		free(new.locator);
		return r;
	}
	s->attached[s->nattached++] = new;
	out_u64(o, "port", "%" PRIu64 "\n", (uint64_t) new.plug.port);
	return 0;
}

/* ---- the socket ---- */

static int lab_save(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)a;
	struct out lua;
	out_init(&lua, false);
	int r = stay_save(ctx, &lua, e);
	if (r == 0 && lua.oom)
		r = err_set(e, -ENOMEM, "out of memory");
	if (r == 0)
		out_str(o, "lua", "%s", lua.text);
	out_fini(&lua);
	return r;
}

static int showinfo(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	const struct stay *s = ctx;
	(void)a;
	(void)e;
	out_str(o, "lab", "lab: %s\n", s->real->world.setup->name);
	out_str(o, "version", "version: %s\n", DW_VERSION);
	out_str(o, "backend", "backend: %s\n", s->real->namespaces ? "ns" : "proc");
	out_u64(o, "pid", "pid: %" PRIu64 "\n", (uint64_t)getpid());
	out_str(o, "dir", "folder: %s\n", s->real->dir);
	return 0;
}

static const struct cmd_row rows[] = {
	{ "showinfo", "", "name, backend and folder of the lab", CMD_DATA, showinfo },
	{ "lab", "============", "LAB MENU", 0, NULL },
	{ "lab/ps", "", "switches, ends and cables, and how they are", CMD_DATA, lab_ps },
	{ "lab/path", "NODE", "what other programs plug into", CMD_DATA, lab_path },
	{ "lab/mgmt", "NODE|CABLE", "its management socket", CMD_DATA, lab_mgmt },
	{ "lab/inside", "HOST", "who holds its namespaces, and where its network is", CMD_DATA,
	  lab_inside },
	{ "lab/power", "SWITCH kill|restart|pause|resume", "take its power, give it back, halt it",
	  CMD_WRITES, lab_power },
	{ "lab/attach", "NAME SWITCH LOCATOR", "plug in an endpoint, under a name",
	  CMD_WRITES | CMD_DATA, lab_attach },
	{ "lab/save", "", "the lab as it is now, as Lua", CMD_DATA, lab_save },
	{ 0 },
};

static void shutdown_said(void *ctx)
{
	struct stay *s = ctx;
	s->over = true;
	real_happened(s->real);
}

int stay_open(struct stay **out, struct world *w, struct err *e)
{
	struct stay *s = calloc(1, sizeof *s);
	char path[RUNDIR_MAX + sizeof RUNDIR_LAB_SOCKET];
	if (!s)
		return err_set(e, -ENOMEM, "out of memory");
	s->real = real_of(w);
	s->plan = w->setup->plan;
	s->tables[0] = (struct cmd_table){ rows, s };
	s->set = (struct cmd_set){ s->tables, 1 };
	snprintf(path, sizeof path, "%s/" RUNDIR_LAB_SOCKET, s->real->dir);
	const struct mgmt_config c = {
		.path = path,
		.mode = 0600,
		.gid = -1,
		.prompt = "vde$ ",
		.shutdown = shutdown_said,
		.ctx = s,
	};
	int r = mgmt_open(&s->mgmt, s->real->loop, &c, &s->set, e);
	if (r < 0) {
		free(s);
		return r;
	}
	*out = s;
	return 0;
}

int stay_serve(struct stay *s, struct err *e)
{
	struct world *w = &s->real->world;
	int r = 0;
	while (!s->over && r >= 0)
		r = w->ops->step(w, TIME_NEVER, e);
	return r < 0 ? r : 0;
}

void stay_close(struct stay *s)
{
	if (!s)
		return;
	mgmt_close(s->mgmt);
	for (size_t i = 0; i < s->nattached; i++)
		free(s->attached[i].locator);
	free(s->attached);
	free(s);
}

const char *stay_dir(const struct stay *s)
{
	return s->real->dir;
}
