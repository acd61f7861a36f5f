/* SPDX-License-Identifier: MIT */
/* build.c - what the plan says, as processes: switches and hosts first, all at once; when they
 * stand, what is plugged into them. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/real/real.h"
#include "lib/base/units.h"

#define STAND_NS (30 * NS_PER_SEC)     /* longest wait for all of a lab ... */
#define STAND_EACH_NS (50 * NS_PER_MS) /* ... and for each of its parts */

/* ---- waiting ---- */

static bool service_stands(const struct service *v)
{
	return v->state == SERVICE_UP && v->lines_left == 0;
}

static bool host_stands(const struct node *n)
{
	return n->host.up;
}

static bool node_stands(const struct node *n)
{
	if (n->spec->kind == NODE_SWITCH)
		return service_stands(&n->sw);
	if (n->st.core)
		return n->st.was_up;
	return !n->ops || host_stands(n);
}

/* NULL: all of it stands; else the name of what does not. */
static const char *missing(const struct real *r, const char **why)
{
	*why = "";
	for (size_t i = 0; i < r->nnodes; i++)
		if (!node_stands(&r->node[i])) {
			*why = r->node[i].st.reason;
			return r->node[i].spec->name;
		}
	for (size_t i = 0; i < r->ncables; i++)
		if (r->cable[i].real && !service_stands(&r->cable[i]))
			return r->cable[i].name;
	return NULL;
}

static int wait_for_all(struct real *r, struct err *e)
{
	const char *name, *why;
	int64_t until =
		loop_clock(r->loop) + STAND_NS + STAND_EACH_NS * (int64_t)(r->nnodes + r->ncables);
	while (!r->trouble && (name = missing(r, &why))) {
		bool ended;
		if (*r->world.setup->stop || r->interrupted)
			return -EINTR;
		if (loop_clock(r->loop) >= until)
			return err_set(e, -ETIMEDOUT, "%s does not get ready%s%s", name,
				       *why ? ": " : "", why);
		int code = loop_turn(r->loop, until, &ended);
		if (ended && code < 0)
			return err_set(e, code, "%s", strerror(-code));
		pool_grow(r->pool);
	}
	return r->trouble ? err_set(e, r->trouble, "%s", r->words.text) : 0;
}

/* ---- programs ---- */

__attribute__((format(printf, 2, 3))) static int arg(struct words *w, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return n < (int)sizeof text ? words_add(w, text) : -E2BIG;
}

bool build_program(const char *self_dir, const char *name, char *path, size_t room)
{
	const char *list = getenv("PATH");
	snprintf(path, room, "%s/%s", self_dir, name);
	if (*self_dir && access(path, X_OK) == 0)
		return true;
	for (const char *p = list ? list : "/usr/local/bin:/usr/bin:/bin"; *p;) {
		size_t len = strcspn(p, ":");
		snprintf(path, room, "%.*s/%s", (int)len, p, name);
		if (len && access(path, X_OK) == 0)
			return true;
		p += len + (p[len] == ':');
	}
	return false;
}

/* The first word of its command; the name alone says later that it is nowhere. */
static int program(const struct real *r, struct words *w, const char *name)
{
	char path[SELF_DIR_MAX + 32];
	return words_add(w, build_program(r->self_dir, name, path, sizeof path) ? path : name);
}

static int switch_open(struct node *n, struct err *e)
{
	struct real *r = n->real;
	struct service *v = &n->sw;
	const struct node_spec *s = n->spec;
	char mac[MAC_TEXT_LEN];
	v->real = r;
	v->ref = (struct ref){ .index = n->idx };
	v->name = s->name;
	snprintf(v->mgmt_path, sizeof v->mgmt_path, "%s/%s.mgmt", r->dir, s->name);
	int bad = program(r, &v->argv, "dw-switch");
	bad |= arg(&v->argv, "--sock=%s/%s", r->dir, s->name) |
	       arg(&v->argv, "--mgmt=%s", v->mgmt_path);
	bad |= arg(&v->argv, "--numports=%u", s->numports) | arg(&v->argv, "--name=%s", s->name);
	bad |= arg(&v->argv, "--macaddr=%s", mac_format(mac, s->mac));
	bad |= arg(&v->argv, "--nostdin") | arg(&v->argv, "--ready-fd=3");
	if (s->hub)
		bad |= arg(&v->argv, "--hub");
	for (size_t i = 0; i < s->lines.count; i++)
		bad |= words_add(&v->lines, s->lines.v[i]);
	return bad ? err_set(e, -ENOMEM, "%s: out of memory", s->name) : service_start(v, e);
}

static bool is_namespace(const struct node *n)
{
	return n->spec->kind == NODE_HOST && n->real->namespaces;
}

/* Where the card of a namespace can be opened from. */
static void host_locator(const struct node *n, char *out, size_t room)
{
	if (n->real->veth)
		snprintf(out, room, "packet://h%u", n->idx);
	else
		snprintf(out, room, "tap://%s,netns=%s", AGENT_IFACE, n->host.netns);
}

/* What a cable opens at one of its ends. */
static int cable_locator(const struct real *r, const struct plug *end, struct words *argv)
{
	const struct node *n = &r->node[end->node];
	char locator[256];
	if (n->spec->kind == NODE_SWITCH)
		return arg(argv, "%s/%s,port=%u", r->dir, n->spec->name, end->port);
	if (n->spec->kind == NODE_ATTACH)
		return arg(argv, "%s", n->spec->locator);
	if (n->spec->kind == NODE_VM) {
		vm_socket(n, locator, sizeof locator);
		return arg(argv, "stream+unix://%s,framing=4", locator);
	}
	if (!is_namespace(n))
		return arg(argv, "%s/%s", r->dir, n->spec->name);
	host_locator(n, locator, sizeof locator);
	return arg(argv, "%s", locator);
}

/* --capture x.pcapng: x.CABLE.pcapng, for each process writes a file of its own. */
static int capture_line(const struct real *r, const char *cable, struct words *lines)
{
	const char *file = r->world.setup->capture;
	size_t stem = strlen(file);
	char *here = *file == '/' ? NULL : getcwd(NULL, 0);
	if (stem > 7 && strcmp(file + stem - 7, ".pcapng") == 0)
		stem -= 7;
	int bad = arg(lines, "capture/start all \"%s%s%.*s.%s.pcapng\"", here ? here : "",
		      here ? "/" : "", (int)stem, file, cable);
	free(here);
	return bad;
}

static int cable_open(struct real *r, unsigned idx, struct err *e)
{
	struct service *v = &r->cable[idx];
	const struct cable_spec *s = &r->world.setup->plan->cables[idx];
	v->real = r;
	v->ref = (struct ref){ .cable = true, .index = idx };
	v->name = s->name;
	/* a name may be longer than a socket's path has room for */
	if (snprintf(v->mgmt_path, sizeof v->mgmt_path, "%s/%s.mgmt", r->dir, s->name) >=
	    (int)sizeof v->mgmt_path)
		snprintf(v->mgmt_path, sizeof v->mgmt_path, "%s/cable.%u.mgmt", r->dir, idx);
	int bad = program(r, &v->argv, "dw-cable");
	bad |= arg(&v->argv, "--name=%s", s->name) | arg(&v->argv, "--mgmt=%s", v->mgmt_path);
	bad |= arg(&v->argv, "--seed=%" PRIu64, r->world.setup->seed);
	bad |= arg(&v->argv, "--ready-fd=3") | arg(&v->argv, "--reconnect");
	for (size_t i = 0; i < s->keys.count; i++)
		bad |= arg(&v->argv, "--%s", s->keys.v[i]);
	for (unsigned k = 0; k < 2; k++)
		bad |= cable_locator(r, &s->end[k], &v->argv);
	if (r->world.setup->capture)
		bad |= capture_line(r, s->name, &v->lines);
	return bad ? err_set(e, -ENOMEM, "%s: out of memory", s->name) : service_start(v, e);
}

/* ---- what is plugged in ---- */

/* Something that the switch opens itself; said again whenever it starts. */
static int switch_opens(struct node *n, const char *locator, struct err *e)
{
	char line[1024];
	struct service *v = &n->real->node[n->spec->plug.node].sw;
	if (snprintf(line, sizeof line, "port/add %s %u", locator, n->spec->plug.port) >=
	    (int)sizeof line)
		return err_set(e, -EINVAL, "%s: the locator is too long", n->spec->name);
	int r = service_add_line(v, line);
	return r < 0 ? err_set(e, r, "%s: %s", n->spec->name, strerror(-r)) : 0;
}

static int host_plug(struct node *n, struct err *e)
{
	char locator[256];
	host_locator(n, locator, sizeof locator);
	return switch_opens(n, locator, e);
}

static int plug_in(struct node *n, struct err *e)
{
	if (n->spec->at_cable && (n->spec->kind == NODE_ATTACH || is_namespace(n)))
		return 0; /* the cable opens it */
	switch (n->spec->kind) {
	case NODE_SWITCH:
		return 0;
	case NODE_STATION:
		return station_end_open(n, e);
	case NODE_HOST:
		return is_namespace(n) ? host_plug(n, e) : station_end_open(n, e);
	case NODE_ATTACH:
		return switch_opens(n, n->spec->locator, e);
	case NODE_VM:
		return vm_start(n, e);
	}
	return -EINVAL;
}

static int stand_up(struct node *n, struct err *e)
{
	if (n->spec->kind == NODE_SWITCH)
		return switch_open(n, e);
	return is_namespace(n) ? host_end_open(n, e) : 0;
}

/* How many plug into each switch: a restarted one waits for them. */
static void count_plugs(struct real *r)
{
	const struct plan *p = r->world.setup->plan;
	for (unsigned i = 0; i < r->nnodes; i++)
		if (p->nodes[i].plug.port &&
		    p->nodes[i].kind != NODE_VM) /* QEMU does not come again */
			r->node[p->nodes[i].plug.node].sw.plugs_wanted++;
	for (unsigned i = 0; i < r->ncables; i++)
		for (unsigned k = 0; k < 2; k++)
			r->node[p->cables[i].end[k].node].sw.plugs_wanted++;
}

int real_build(struct real *r, struct err *e)
{
	const struct plan *p = r->world.setup->plan;
	r->node = calloc(p->nnodes + 1, sizeof *r->node);
	r->cable = calloc(p->ncables + 1, sizeof *r->cable);
	if (!r->node || !r->cable)
		return err_set(e, -ENOMEM, "out of memory");
	r->nnodes = p->nnodes;
	r->ncables = p->ncables;
	int code = 0;
	for (unsigned i = 0; i < r->nnodes;
	     i++) /* all of them first: they are looked at while waiting */
		r->node[i] = (struct node){ .real = r, .spec = &p->nodes[i], .idx = i };
	count_plugs(r);
	for (unsigned i = 0; i < r->nnodes && code == 0; i++)
		code = stand_up(&r->node[i], e);
	if (code == 0)
		code = wait_for_all(r, e);
	for (unsigned i = 0; i < r->nnodes && code == 0; i++)
		code = plug_in(&r->node[i], e);
	for (unsigned i = 0; i < r->ncables && code == 0; i++)
		code = cable_open(r, i, e);
	return code == 0 ? wait_for_all(r, e) : code;
}

void real_unbuild(struct real *r)
{
	for (size_t i = 0; i < r->nnodes; i++) {
		struct node *n = &r->node[i];
		if (n->ops)
			n->ops->close(n);
		if (n->sw.real)
			service_fini(&n->sw);
		if (n->vm.spawner)
			prog_fini(&n->vm);
	}
	for (size_t i = 0; i < r->ncables; i++)
		if (r->cable[i].real)
			service_fini(&r->cable[i]);
	free(r->node);
	free(r->cable);
	r->node = NULL;
	r->cable = NULL;
	r->nnodes = r->ncables = 0;
}
