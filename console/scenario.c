/* SPDX-License-Identifier: MIT */
/* scenario.c - deeds as a Lua scenario: the network as far as the sources and their names tell,
 * what was done with the time between, and what it led to as expectations. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/record.h"
#include "lib/base/units.h"

enum { LINE_LEN = 1024 };

/* ---- words ---- */

/* A Lua string (manual 3.1): printable ASCII as it is, every other byte by its number. */
static void quote(struct out *o, const char *text)
{
	out_raw(o, "\"", 1);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			out_text(o, "\\%c", *c);
		else if (*c >= ' ' && *c < 0x7f)
			out_raw(o, (const char *)c, 1);
		else
			out_text(o, "\\%03u", *c);
	}
	out_raw(o, "\"", 1);
}

/* Its name in the lab: its own, else that of its socket. */
static const char *name_of(const struct source *s)
{
	return s->title[0] ? s->title : s->name;
}

static const char *variable(const struct source *s, char buf[static 24])
{
	snprintf(buf, 24, "%c%u", s->kind == KIND_WIRE ? 'c' : 's', s->idx + 1);
	return buf;
}

/* The switches at the ends of a wire called "s1--s2", "s1--s2.2". */
static bool ends_of(const struct model *m, const struct source *wire, const struct source *end[2])
{
	const char *name = name_of(wire), *mid = strstr(name, "--");
	end[0] = end[1] = NULL;
	for (unsigned i = 0; mid && i < m->source_count; i++) {
		const struct source *s = m->source[i];
		const char *n = name_of(s);
		size_t len = strlen(n), left = (size_t)(mid - name);
		if (s->kind != KIND_SWITCH || strcmp(s->lab, wire->lab) != 0)
			continue;
		if (len == left && strncmp(name, n, len) == 0)
			end[0] = s;
		if (strncmp(mid + 2, n, len) == 0 &&
		    (!mid[2 + len] ||
		     (mid[2 + len] == '.' && isdigit((unsigned char)mid[3 + len]))))
			end[1] = s;
	}
	return end[0] && end[1];
}

/* The port of `a` that has the name of `b`: cables take ports in the order they are made. */
static uint32_t port_towards(const struct source *a, const struct source *b)
{
	const struct port *p = source_port_named(a, name_of(b));
	return p ? p->number : UINT32_MAX;
}

static int by_ports(const struct model *m, const struct source *x, const struct source *y)
{
	const struct source *ex[2], *ey[2];
	bool has_x = ends_of(m, x, ex), has_y = ends_of(m, y, ey);
	if (!has_x || !has_y)
		return has_y - has_x;
	for (int i = 0; i < 2; i++) {
		uint32_t px = port_towards(ex[i], ex[!i]), py = port_towards(ey[i], ey[!i]);
		if (px != py)
			return px < py ? -1 : 1;
	}
	return 0;
}

/* The lines of config/show from before the first deed. On a switch they become part of what it is;
 * a cable takes them when the test begins. */
static void lua_config(const struct source *s, const char *indent, struct out *o)
{
	char var[24], line[LINE_LEN];
	for (const char *at = s->config ? s->config : ""; *at;) {
		size_t n = strcspn(at, "\n");
		snprintf(line, sizeof line, "%.*s", (int)n, at);
		if (n && line[0] == '#') {
			out_text(o, "%s-- ", indent);
			quote(o, line + 1 + strspn(line + 1, " ")); /* no line end of its own */
			out_raw(o, "\n", 1);
		} else if (n && n < sizeof line) {
			out_text(o, "%s%s:cmd(", indent, variable(s, var));
			quote(o, line);
			out_text(o, ")\n");
		}
		at += n + (at[n] == '\n');
	}
}

static void lua_switches(const struct model *m, struct out *o)
{
	for (unsigned i = 0; i < m->source_count; i++) {
		const struct source *s = m->source[i];
		char var[24];
		uint32_t most = 32; /* dw-switch's own default */
		if (s->kind != KIND_SWITCH)
			continue;
		for (size_t k = 0; k < s->port_count; k++)
			most = s->ports[k].number > most ? s->ports[k].number : most;
		out_text(o, "local %s = net.switch(", variable(s, var));
		quote(o, name_of(s));
		out_text(o, ", { ports = %" PRIu32 "%s })\n", most,
			 s->rstp_on ? ", rstp = true" : "");
		lua_config(s, "", o);
	}
}

static void lua_cable(const struct model *m, const struct source *s, struct out *o)
{
	const struct source *end[2];
	char var[24], a[24], b[24];
	if (!ends_of(m, s, end)) {
		out_text(o, "-- ");
		quote(o, name_of(s));
		out_text(o, ": a wire whose ends are not among the switches above\n");
		return;
	}
	out_text(o, "local %s = net.cable(%s, %s, { name = ", variable(s, var), variable(end[0], a),
		 variable(end[1], b));
	quote(o, name_of(s));
	out_text(o, " })\n");
}

static void lua_cables(const struct model *m, struct out *o)
{
	const struct source *wire[SOURCES_MAX];
	unsigned n = 0;
	for (unsigned i = 0; i < m->source_count; i++) {
		unsigned at = n;
		if (m->source[i]->kind != KIND_WIRE)
			continue;
		for (; at > 0 && by_ports(m, wire[at - 1], m->source[i]) > 0; at--)
			wire[at] = wire[at - 1];
		wire[at] = m->source[i];
		n++;
	}
	for (unsigned i = 0; i < n; i++)
		lua_cable(m, wire[i], o);
}

static bool is_in_lab(const struct model *m, const struct source *s)
{
	const struct source *end[2];
	return s->kind == KIND_SWITCH || (s->kind == KIND_WIRE && ends_of(m, s, end));
}

static void lua_deeds(const struct record *r, const struct model *m, struct out *o)
{
	for (unsigned i = 0; i < m->source_count; i++)
		if (m->source[i]->kind == KIND_WIRE && is_in_lab(m, m->source[i]))
			lua_config(m->source[i], "  ", o);
	for (size_t i = 0; i < r->count; i++) {
		const struct deed *d = &r->v[i];
		const struct source *s = m->source[d->source];
		char var[24];
		int64_t wait = i ? (d->at_ns - r->v[i - 1].at_ns) / NS_PER_MS : 0;
		if (wait > 0)
			out_text(o, "  t.sleep(\"%" PRId64 "ms\")\n", wait);
		if (!is_in_lab(m, s)) {
			out_text(o, "  -- ");
			quote(o, s->name);
			out_text(o, " is not in this lab: ");
			quote(o, d->line);
			out_text(o, "\n");
		} else if (deed_begins(d->line, "shutdown")) {
			out_text(o, s->kind == KIND_SWITCH ? "  %s:kill()\n" : "  %s:cut()\n",
				 variable(s, var));
		} else {
			out_text(o, "  %s:cmd(", variable(s, var));
			quote(o, d->line);
			out_text(o, ")\n");
		}
	}
}

/* ---- the state in the end ---- */

/* Whether a deed spoke of that port: by its number or its name, alone or in a list. */
static bool was_touched(const struct record *r, const struct source *s, const struct port *p)
{
	char number[16];
	snprintf(number, sizeof number, "%" PRIu32, p->number);
	for (size_t i = 0; i < r->count; i++) {
		const char *line = r->v[i].line;
		if (r->v[i].source != s->idx ||
		    (!deed_begins(line, "port/") && !deed_begins(line, "vlan/")))
			continue;
		for (const char *at = line + strcspn(line, " "); *at;) {
			at += strspn(at, " ,");
			size_t n = strcspn(at, " ,");
			if ((n == strlen(number) && strncmp(at, number, n) == 0) ||
			    (p->name[0] && n == strlen(p->name) && strncmp(at, p->name, n) == 0))
				return true;
			at += n;
			if (*at == ' ' && !deed_begins(line, "vlan/addport") &&
			    !deed_begins(line, "vlan/delport"))
				break; /* the ports are the first word */
		}
	}
	return false;
}

static bool was_acted_on(const struct record *r, const struct source *s, const char *word)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->v[i].source == s->idx && deed_begins(r->v[i].line, word))
			return true;
	return false;
}

static void lua_port_state(const struct source *s, const struct port *p, struct out *o)
{
	char var[24];
	out_text(o, "  do\n    local p = %s:cmd(\"port/config %" PRIu32 "\").ports[1]\n",
		 variable(s, var), p->number);
	out_text(o, "    t.check(p.up, \"==\", %s)\n", p->up ? "true" : "false");
	if (p->mode[0]) {
		out_text(o, "    t.check(p.mode, \"==\", ");
		quote(o, p->mode);
		out_text(o, ")\n    t.check(p.pvid, \"==\", %u)\n", p->pvid);
	}
	out_text(o, "  end\n");
}

/* Whether a "set" spoke of that key (its name with '_', as JSON has it), for this way or both. What
 * nobody set may be another in a lab: an unset rate is 1 Gbit/s there. */
static bool was_set(const struct record *r, const struct source *s, const char *way,
		    const char *key)
{
	for (size_t i = 0; i < r->count; i++) {
		const char *at = r->v[i].line;
		if (r->v[i].source != s->idx || !deed_begins(at, "set"))
			continue;
		while (*(at += strcspn(at, " "))) {
			at += strspn(at, " ");
			const char *word = strncmp(at, way, 2) == 0 && at[2] == '.' ? at + 3 : at;
			size_t n = 0;
			while (key[n] && (word[n] == key[n] || (word[n] == '-' && key[n] == '_')))
				n++;
			if (!key[n] && word[n] == '=')
				return true;
		}
	}
	return false;
}

static void lua_side_state(const struct record *r, const struct source *s, unsigned dir,
			   struct out *o)
{
	const struct side *side = &s->wire.side[dir];
	const char *way = dir ? "ba" : "ab";
	for (unsigned i = 0; i < side->count; i++) {
		if (!was_set(r, s, way, side->set[i].key))
			continue;
		out_text(o, "    t.check(w.%s[", way);
		quote(o, side->set[i].key);
		out_text(o, "], \"==\", ");
		quote(o, side->set[i].value);
		out_text(o, ")\n");
	}
}

static void lua_wire_state(const struct record *r, const struct source *s, struct out *o)
{
	char var[24];
	out_text(o, "  do\n    local w = %s:cmd(\"showinfo\")\n    t.check(w.state, \"==\", ",
		 variable(s, var));
	quote(o, s->wire.state);
	out_text(o, ")\n");
	lua_side_state(r, s, 0, o);
	lua_side_state(r, s, 1, o);
	out_text(o, "  end\n");
}

static void lua_state(const struct record *r, const struct model *m, struct out *o)
{
	for (unsigned i = 0; i < m->source_count; i++) {
		const struct source *s = m->source[i];
		if (was_acted_on(r, s, "shutdown") || !is_in_lab(m, s))
			continue;
		for (size_t k = 0; s->kind == KIND_SWITCH && k < s->port_count; k++)
			if (was_touched(r, s, &s->ports[k]))
				lua_port_state(s, &s->ports[k], o);
		if (s->kind == KIND_WIRE &&
		    (was_acted_on(r, s, "set") || was_acted_on(r, s, "cut") ||
		     was_acted_on(r, s, "mend") || was_acted_on(r, s, "hold") ||
		     was_acted_on(r, s, "release")))
			lua_wire_state(r, s, o);
	}
}

void record_lua(const struct record *r, const struct model *m, struct out *o)
{
	out_text(o, "-- SPDX-License-Identifier: MIT\n"
		    "-- by-hand.lua - what was done by hand in dw-console, and how things stood "
		    "after it.\n");
	if (r->lost)
		out_text(o, "-- The last %zu deeds are missing: there was no room for them.\n",
			 r->lost);
	int64_t took = r->count ? r->v[r->count - 1].at_ns - r->v[0].at_ns : 0;
	out_text(o, "local net = lab(\"by hand\", { limit = \"%" PRId64 "s\" })\n\n",
		 took / NS_PER_SEC + 60);
	lua_switches(m, o);
	lua_cables(m, o);
	out_text(o, "\nnet.test(\"what was done by hand\", function(t)\n");
	lua_deeds(r, m, o);
	lua_state(r, m, o);
	out_text(o, "end)\n");
}
