/* SPDX-License-Identifier: MIT */
/* net.c - building a lab: lab(), net.switch, net.station, net.host, net.vm, net.attach, net.cable,
 * net.test. All of it edits the plan. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/ether.h"
#include "lib/base/units.h"
#include "switch/core/bridge.h"

#define LIMIT_NS (600 * NS_PER_SEC) /* lab time of a test that sets none */

static struct plan *building(lua_State *L, const char *what)
{
	struct script *s = script_of(L);
	if (!s->made)
		misuse(L, "%s: begin with local net = lab(\"name\")", what);
	if (s->plan.frozen)
		misuse(L, "%s: the lab is fixed once its tests run; build before net.test", what);
	return &s->plan;
}

static void refuse(lua_State *L, int code, const struct err *e, const char *what)
{
	if (code == -ENOMEM)
		out_of_memory(L);
	misuse(L, "%s: %s", what, e->text);
}

static const char *name_arg(lua_State *L, const char *what)
{
	if (lua_type(L, 1) != LUA_TSTRING)
		misuse(L, "%s: a name in quotes comes first, not a %s", what, luaL_typename(L, 1));
	return lua_tostring(L, 1);
}

static void add_line(lua_State *L, struct node_spec *n, const char *line)
{
	if (words_add(&n->lines, line) < 0)
		out_of_memory(L);
}

/* Where the script made it, for reports: the text lives in the script's registry. */
static void made_at(lua_State *L, const char **file, int *line)
{
	char where[160];
	user_where(L, where, sizeof where);
	char *colon = strrchr(where, ':');
	*line = colon ? atoi(colon + 1) : 0;
	*file = script_of(L)->env->file;
}

static bool take_mac(lua_State *L, int idx, uint8_t mac[static 6])
{
	const char *text = opt_text(L, idx, "mac");
	if (!text)
		return false;
	if (mac_parse(mac, text) < 0)
		misuse(L, "mac: '%s' is no address; write 02:00:00:00:00:01", text);
	if (mac_is_group(mac))
		misuse(L, "mac: %s is a group address; the first byte must be even", text);
	lua_pop(L, 1);
	return true;
}

/* ---- switches ---- */

static void add_port(lua_State *L, struct node_spec *n, int port) /* its keys are on top */
{
	int keys_at = lua_gettop(L);
	struct words *keys = words_push(L);
	luaL_Buffer b;
	opt_words(L, keys_at, "port", NAMES(NULL), keys);
	luaL_buffinit(L, &b);
	lua_pushfstring(L, "port/set %d", port);
	luaL_addvalue(&b);
	for (size_t k = 0; k < keys->count; k++) {
		luaL_addchar(&b, ' ');
		luaL_addstring(&b, keys->v[k]);
	}
	luaL_pushresult(&b);
	add_line(L, n, lua_tostring(L, -1));
	lua_settop(L, keys_at);
}

/* port = { [1] = { vlan = 10 }, … }: a port/set line each; what is plugged in later adds its name.
 */
static void take_ports(lua_State *L, int idx, struct node_spec *n)
{
	if (lua_getfield(L, idx, "port") == LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	if (lua_type(L, -1) != LUA_TTABLE)
		misuse(L, "port: settings by number belong here: port = { [1] = { … } }");
	for (lua_Integer i = 0; i <= n->numports; i++) {
		if (lua_rawgeti(L, -1, i) != LUA_TNIL)
			add_port(L, n, (int)i);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* Options that are one management line each: key, words before the value, what the value is. */
static const struct {
	const char *key, *line;
	enum { IS_BOOL, IS_NUMBER, IS_TIME } is;
} lines[] = {
	{ "rstp", "rstp/set enabled=", IS_BOOL },
	{ "priority", "rstp/set priority=", IS_NUMBER },
	{ "fdb_age", "fdb/age ", IS_TIME },
};

/* vepa = "vepa" or { mode = "vepa", uplink = 1 }: what the group vepa/ of the management language
 * says. */
static void take_vepa(lua_State *L, int idx, struct node_spec *n)
{
	int top = lua_gettop(L);
	if (lua_getfield(L, idx, "vepa") == LUA_TSTRING) {
		add_line(L, n, lua_pushfstring(L, "vepa/mode %s", lua_tostring(L, -1)));
	} else if (lua_type(L, -1) == LUA_TTABLE) {
		int table = lua_gettop(L);
		opts_known(L, table, "vepa", NAMES("mode", "uplink"));
		const char *mode = opt_text(L, table, "mode");
		add_line(L, n, lua_pushfstring(L, "vepa/mode %s", mode ? mode : "vepa"));
		unsigned uplink = (unsigned)opt_count(L, table, "uplink", 1, BRIDGE_PORT_MAX, 0);
		if (uplink)
			add_line(L, n, lua_pushfstring(L, "vepa/uplink %d", (int)uplink));
	} else if (lua_type(L, -1) != LUA_TNIL) {
		misuse(L, "vepa: a mode belongs here, \"vepa\" or \"veb\", or { mode = \"vepa\", "
			  "uplink = 1 }");
	}
	lua_settop(L, top);
}

static void take_lines(lua_State *L, int idx, struct node_spec *n)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *key = lines[i].key;
		char value[UNIT_TEXT_LEN];
		bool given = lua_getfield(L, idx, key) != LUA_TNIL;
		lua_pop(L, 1);
		if (!given)
			continue;
		if (lines[i].is == IS_BOOL)
			snprintf(value, sizeof value, "%s",
				 opt_bool(L, idx, key, false) ? "yes" : "no");
		else if (lines[i].is == IS_TIME)
			unit_time_text(value, opt_time(L, idx, key, 0));
		else
			snprintf(value, sizeof value, "%u",
				 (unsigned)opt_count(L, idx, key, 0, UINT32_MAX, 0));
		add_line(L, n, lua_pushfstring(L, "%s%s", lines[i].line, value));
		lua_pop(L, 1);
	}
}

static int l_switch(lua_State *L)
{
	strip_self(L, H_NET);
	struct plan *p = building(L, "net.switch");
	const char *name = name_arg(L, "net.switch");
	struct err e = { "" };
	opts_known(L, 2, name,
		   NAMES("ports", "hub", "mac", "port", "rstp", "priority", "fdb_age", "vepa"));
	int r = plan_add_node(p, NODE_SWITCH, name, &e);
	if (r < 0)
		refuse(L, r, &e, "net.switch");
	struct node_spec *n = &p->nodes[r];
	made_at(L, &n->file, &n->line);
	n->numports = BRIDGE_PORTS_DEFAULT;
	if (lua_type(L, 2) == LUA_TTABLE) {
		unsigned ports = (unsigned)opt_count(L, 2, "ports", 1, BRIDGE_PORT_MAX, 0);
		n->ports_given = ports != 0;
		n->numports = ports ? ports : BRIDGE_PORTS_DEFAULT;
		n->hub = opt_bool(L, 2, "hub", false);
		take_mac(L, 2, n->mac);
		take_lines(L, 2, n);
		take_vepa(L, 2, n);
		take_ports(L, 2, n);
	}
	handle_of(L, H_SWITCH, (unsigned)r);
	return 1;
}

/* ---- ends ---- */

static void take_ip(lua_State *L, int idx, struct node_spec *n)
{
	const char *text = opt_text(L, idx, "ip");
	if (!text)
		return;
	char ip[32];
	struct in_addr a;
	uint64_t prefix = 24;
	const char *slash = strchr(text, '/');
	snprintf(ip, sizeof ip, "%.*s", (int)(slash ? slash - text : (ptrdiff_t)strlen(text)),
		 text);
	if (inet_pton(AF_INET, ip, &a) != 1 ||
	    (slash && unit_u64(slash + 1, 1, 32, &prefix, NULL) < 0))
		misuse(L, "ip: '%s' is no IPv4 address; write 10.0.0.1/24", text);
	n->ip = ntohl(a.s_addr);
	n->prefix = (unsigned)prefix;
	lua_pop(L, 1);
}

/* The switch at 2; NULL: none is named, a cable will be plugged in. The options are at 3 then. */
static const struct handle *take_switch(lua_State *L, const char *what)
{
	if (lua_gettop(L) >= 2 && (handle_test(L, 2) || lua_type(L, 2) != LUA_TTABLE))
		return handle_at(L, 2, H_SWITCH, what);
	lua_settop(L, 2);
	lua_pushnil(L);
	lua_insert(L, 2);
	return NULL;
}

static int add_end(lua_State *L, enum node_kind kind, const char *what, const char *const *known)
{
	strip_self(L, H_NET);
	struct plan *p = building(L, what);
	const char *name = name_arg(L, what);
	const struct handle *sw = take_switch(L, what);
	struct err e = { "" };
	opts_known(L, 3, name, known);
	lua_settop(L, 3);
	struct words *keys = words_push(L);
	int r = plan_add_node(p, kind, name, &e);
	if (r < 0)
		refuse(L, r, &e, what);
	struct node_spec *n = &p->nodes[r];
	made_at(L, &n->file, &n->line);
	if (lua_type(L, 3) == LUA_TTABLE) {
		take_ip(L, 3, n);
		take_mac(L, 3, n->mac);
		n->tag = (uint16_t)opt_count(L, 3, "tag", 1, VID_MAX, 0);
		lua_getfield(L, 3, "port");
		opt_words(L, -1, "port", NAMES(NULL), keys);
		lua_pop(L, 1);
	}
	if (!sw && keys->count)
		misuse(L, "%s: port: keys of the switch's port, but no switch is named", name);
	int code = sw ? plan_take_port(p, sw->idx, name, keys, &n->plug, &e) : 0;
	if (code < 0)
		refuse(L, code, &e, what);
	handle_of(L, H_END, (unsigned)r);
	return r;
}

static int l_station(lua_State *L)
{
	add_end(L, NODE_STATION, "net.station", NAMES("ip", "mac", "tag", "port"));
	return 1;
}

static int l_host(lua_State *L)
{
	add_end(L, NODE_HOST, "net.host", NAMES("ip", "mac", "tag", "port"));
	return 1;
}

static void add_arg(lua_State *L, struct words *args, const char *key, const char *value)
{
	if (words_add(args, lua_pushfstring(L, "%s=%s", key, value)) < 0)
		out_of_memory(L);
	lua_pop(L, 1);
}

/* A file of the machine: a relative path begins where the scenario lies. */
static void take_file(lua_State *L, int idx, const char *key, struct words *args)
{
	const char *file = opt_text(L, idx, key);
	if (!file)
		return;
	if (*file != '/') {
		push_folder(L);
		lua_insert(L, -2);
		lua_concat(L, 2);
	}
	add_arg(L, args, key, lua_tostring(L, -1));
	lua_pop(L, 1);
}

static void take_args(lua_State *L, int idx, struct words *args)
{
	if (lua_getfield(L, idx, "args") != LUA_TNIL && lua_type(L, -1) != LUA_TTABLE)
		misuse(L, "args: a list of words for QEMU belongs here: { \"-smp\", \"2\" }");
	for (lua_Integer i = 1; lua_type(L, -1) == LUA_TTABLE && lua_rawgeti(L, -1, i) != LUA_TNIL;
	     i++) {
		add_arg(L, args, "arg", luaL_checkstring(L, -1));
		lua_pop(L, 1);
	}
	lua_settop(L, idx);
}

static int l_vm(lua_State *L)
{
	static const char *const known[] = { "kernel", "initrd", "append", "disk",
					     "memory", "accel",  "args",   "mac",
					     "ip",     "port",   NULL };
	int idx = add_end(L, NODE_VM, "net.vm", known);
	struct words *args = &script_of(L)->plan.nodes[idx].args;
	char memory[24];
	snprintf(memory, sizeof memory, "%llu",
		 (unsigned long long)opt_bytes(L, 3, "memory", 128 << 20));
	add_arg(L, args, "memory", memory);
	for (const char *const *key = NAMES("kernel", "initrd", "disk"); *key; key++)
		take_file(L, 3, *key, args);
	const char *accel = opt_text(L, 3, "accel"), *append = opt_text(L, 3, "append");
	add_arg(L, args, "accel", accel ? accel : "tcg");
	if (append)
		add_arg(L, args, "append", append);
	if (lua_type(L, 3) == LUA_TTABLE)
		take_args(L, 3, args);
	handle_of(L, H_END, (unsigned)idx);
	return 1;
}

static int l_attach(lua_State *L)
{
	strip_self(L, H_NET);
	struct plan *p = building(L, "net.attach");
	int at = handle_test(L, 2) ? 3 : 2;
	if (lua_type(L, at) != LUA_TSTRING)
		misuse(L,
		       "net.attach: a locator comes third: net.attach(name, switch, \"tap://t0\")");
	lua_pushvalue(L, at);
	lua_setfield(L, LUA_REGISTRYINDEX, "locator"); /* across add_end(), which looks at 1 to 3 */
	lua_remove(L, at);
	int idx = add_end(L, NODE_ATTACH, "net.attach", NAMES("port"));
	lua_getfield(L, LUA_REGISTRYINDEX, "locator");
	p->nodes[idx].locator = strdup(lua_tostring(L, -1));
	if (!p->nodes[idx].locator)
		out_of_memory(L);
	lua_pop(L, 1);
	return 1;
}

/* ---- cables ---- */

/* port = {…} for both ends and port_a, port_b for one. */
static void port_words(lua_State *L, int idx, const char *one, struct words *out)
{
	for (const char *const *k = NAMES("port", one); *k; k++) {
		if (lua_type(L, idx) != LUA_TTABLE)
			return;
		lua_getfield(L, idx, *k);
		opt_words(L, -1, *k, NAMES(NULL), out);
		lua_pop(L, 1);
	}
}

static const struct handle *cable_end(lua_State *L, int idx, const char *what)
{
	const struct handle *h = handle_test(L, idx);
	if (!h)
		misuse(L, "%s: a switch or an end belongs here, not a %s", what,
		       luaL_typename(L, idx));
	return h->kind == H_END ? h : handle_at(L, idx, H_SWITCH, what);
}

static int l_cable(lua_State *L)
{
	strip_self(L, H_NET);
	struct plan *p = building(L, "net.cable");
	const struct handle *a = cable_end(L, 1, "net.cable: first end");
	const struct handle *b = cable_end(L, 2, "net.cable: second end");
	if (!lua_isnoneornil(L, 3) && lua_type(L, 3) != LUA_TTABLE)
		misuse(L, "net.cable: options are a table: { delay = \"5ms\" }");
	lua_settop(L, 3);
	struct words *keys = words_push(L), *pa = words_push(L), *pb = words_push(L);
	struct err e = { "" };
	cable_keys(L, 3, NAMES("name", "port", "port_a", "port_b", "ab", "ba"), keys);
	port_words(L, 3, "port_a", pa);
	port_words(L, 3, "port_b", pb);
	const char *name = lua_type(L, 3) == LUA_TTABLE ? opt_text(L, 3, "name") : NULL;
	int r = plan_add_cable(p, a->idx, b->idx, name, pa, pb, &e);
	if (r < 0)
		refuse(L, r, &e, "net.cable");
	p->cables[r].keys = *keys;
	*keys = (struct words){ 0 }; /* the plan's now */
	made_at(L, &p->cables[r].file, &p->cables[r].line);
	handle_of(L, H_CABLE, (unsigned)r);
	return 1;
}

/* ---- tests ---- */

static void take_needs(lua_State *L, int idx, struct words *out)
{
	if (lua_type(L, idx) != LUA_TTABLE || lua_getfield(L, idx, "needs") == LUA_TNIL)
		return;
	if (lua_type(L, -1) != LUA_TTABLE)
		misuse(L, "needs: a list belongs here: { \"ns\", \"iperf3\" }");
	for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
		if (words_add(out, lua_tostring(L, -1)) < 0)
			out_of_memory(L);
		lua_pop(L, 1);
	}
	lua_pop(L, 2);
}

/* core.test(name, options, function, sweep values or nil, name without them, name=value words) */
int net_add_test(lua_State *L)
{
	struct script *s = script_of(L);
	building(L, "net.test");
	const char *name = name_arg(L, "net.test");
	if (lua_type(L, 3) != LUA_TFUNCTION)
		misuse(L, "net.test: a function comes last: net.test(\"%s\", function(t) … end)",
		       name);
	opts_known(L, 2, name, NAMES("limit", "needs"));
	for (size_t i = 0; i < s->ntests; i++)
		if (strcmp(s->test[i].name, name) == 0)
			misuse(L, "net.test: there is a test of the name '%s' already", name);
	struct test *more = realloc(s->test, (s->ntests + 1) * sizeof *more);
	if (!more)
		out_of_memory(L);
	s->test = more;
	struct test *t = &more[s->ntests];
	const char *file;
	*t = (struct test){ .limit_ns = opt_time(L, 2, "limit", 0) };
	made_at(L, &file, &t->line);
	t->name = strdup(name);
	t->base = strdup(luaL_checkstring(L, 5));
	s->ntests++;
	if (!t->name || !t->base)
		out_of_memory(L);
	for (lua_Integer i = 1; lua_rawgeti(L, 6, i) == LUA_TSTRING; i++, lua_pop(L, 1))
		if (words_add(&t->params, lua_tostring(L, -1)) < 0)
			out_of_memory(L);
	take_needs(L, 2, &t->needs);
	lua_settop(L, 4);
	t->point = luaL_ref(L, LUA_REGISTRYINDEX);
	t->fn = luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}

/* ---- lab() ---- */

static int l_lab(lua_State *L)
{
	struct script *s = script_of(L);
	const char *name = name_arg(L, "lab");
	if (s->made)
		misuse(L, "lab: one scenario has one lab; this is the second, '%s'", name);
	opts_known(L, 2, "lab", NAMES("seed", "limit", "needs"));
	snprintf(s->plan.name, sizeof s->plan.name, "%s", name);
	s->plan.limit_ns = opt_time(L, 2, "limit", LIMIT_NS);
	if (!s->env->seed_given)
		s->seed = opt_count(L, 2, "seed", 0, INT64_MAX, 1);
	take_needs(L, 2, &s->needs);
	s->made = true;
	plan_site(L, "lab");
	lua_getfield(L, LUA_REGISTRYINDEX, "net");
	return 1;
}

void net_open(lua_State *L)
{
	static const luaL_Reg net[] = {
		{ "switch", l_switch }, { "station", l_station }, { "host", l_host },
		{ "vm", l_vm },         { "attach", l_attach },   { "cable", l_cable },
		{ NULL, NULL },
	};
	handle_class(L, H_NET, net);
	handle_push(L, H_NET, 0);
	lua_setfield(L, LUA_REGISTRYINDEX, "net");
	lua_pushcfunction(L, l_lab);
	lua_setglobal(L, "lab");
}
