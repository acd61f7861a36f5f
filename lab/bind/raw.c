/* SPDX-License-Identifier: MIT */
/* raw.c - frames as scripts write and read them: end:send and end:await. */
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/ether.h"
#include "lib/base/frame.h"
#include "lib/base/units.h"

enum { FRAME_MIN = 60 }; /* shorter ones are filled up with zeroes, as a network card does */

static const struct {
	const char *name;
	uint16_t type;
} types[] = {
	{ "ipv4", ETHERTYPE_IPV4 }, { "arp", ETHERTYPE_ARP },
	{ "ipv6", ETHERTYPE_IPV6 }, { "rarp", 0x8035 },
	{ "lldp", 0x88cc },         { "test", 0x88b5 }, /* IEEE 802 local experimental */
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Hex text, blanks and colons between bytes allowed. */
static uint32_t read_hex(lua_State *L, const char *text, uint8_t *out, uint32_t room)
{
	uint32_t n = 0;
	for (const char *p = text; *p;) {
		if (*p == ' ' || *p == ':' || *p == '\n' || *p == '\t') {
			p++;
			continue;
		}
		int hi = digit(p[0]), lo = hi < 0 ? -1 : digit(p[1]);
		if (lo < 0)
			misuse(L, "'%.20s' is not hex: two digits a byte", p);
		if (n == room)
			misuse(L, "more than the %u bytes that a frame has", room);
		out[n++] = (uint8_t)(hi << 4 | lo);
		p += 2;
	}
	return n;
}

static bool opt_mac(lua_State *L, int idx, const char *key, uint8_t mac[static 6])
{
	if (lua_getfield(L, idx, key) == LUA_TNIL) {
		lua_pop(L, 1);
		return false;
	}
	const struct handle *h = handle_test(L, -1);
	if (h && (h->kind == H_END || h->kind == H_SWITCH))
		memcpy(mac, script_of(L)->plan.nodes[h->idx].mac, ETH_ALEN);
	else if (lua_type(L, -1) != LUA_TSTRING || mac_parse(mac, lua_tostring(L, -1)) < 0)
		misuse(L, "%s: an address as 02:00:00:00:00:01, or a station, belongs here", key);
	lua_pop(L, 1);
	return true;
}

static bool opt_type(lua_State *L, int idx, uint16_t *type)
{
	int kind = lua_getfield(L, idx, "type");
	bool given = kind != LUA_TNIL;
	if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 0 && lua_tointeger(L, -1) <= 0xffff) {
		*type = (uint16_t)lua_tointeger(L, -1);
	} else if (given) {
		const char *name = lua_tostring(L, -1);
		size_t i = 0;
		while (i < sizeof types / sizeof *types &&
		       (!name || strcmp(types[i].name, name) != 0))
			i++;
		uint64_t n = 0;
		if (i < sizeof types / sizeof *types)
			n = types[i].type;
		else if (!name || unit_u64(name, 0, 0xffff, &n, NULL) < 0)
			misuse(L, "type: a number to 0xffff, or ipv4, arp, ipv6, rarp, lldp, test");
		*type = (uint16_t)n;
	}
	lua_pop(L, 1);
	return given;
}

/* { dst, src, vlan, type, data }: the frame, filled up to 60 bytes. */
static uint32_t build(lua_State *L, const struct node_spec *me, uint8_t *out)
{
	uint16_t type = 0x88b5;
	uint32_t n = 12;
	opts_known(L, 2, "a frame", NAMES("dst", "src", "vlan", "type", "data"));
	memset(out, 0xff, 6);
	memcpy(out + 6, me->mac, 6);
	opt_mac(L, 2, "dst", out);
	opt_mac(L, 2, "src", out + 6);
	opt_type(L, 2, &type);
	uint64_t vlan = opt_count(L, 2, "vlan", 0, VID_MAX, UINT64_MAX);
	if (vlan != UINT64_MAX) {
		memcpy(out + n, (uint8_t[]){ 0x81, 0x00, (uint8_t)(vlan >> 8), (uint8_t)vlan }, 4);
		n += 4;
	}
	out[n++] = (uint8_t)(type >> 8);
	out[n++] = (uint8_t)type;
	const char *data = opt_text(L, 2, "data");
	if (data)
		n += read_hex(L, data, out + n, ETH_FRAME_MAX - n);
	if (n < FRAME_MIN) {
		memset(out + n, 0, FRAME_MIN - n);
		n = FRAME_MIN;
	}
	return n;
}

static int send_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	call_check(L, c);
	call_drop(script_of(L), c);
	return 0;
}

static int l_send(lua_State *L)
{
	uint8_t bytes[ETH_FRAME_MAX];
	struct request r = { .verb = VERB_SEND, .who = end_ref(L, "send"), .frame = bytes };
	in_test(L, "send");
	if (lua_type(L, 2) == LUA_TSTRING)
		r.len = read_hex(L, lua_tostring(L, 2), bytes, sizeof bytes);
	else if (lua_type(L, 2) == LUA_TTABLE)
		r.len = build(L, &script_of(L)->plan.nodes[r.who.index], bytes);
	else
		misuse(L, "send: hex, or { dst = …, type = …, data = … }, belongs here");
	return call_wait(L, &r, TIME_NEVER, "send", send_k);
}

/* ---- await ---- */

static void set_mac(lua_State *L, const char *key, const uint8_t *mac)
{
	char text[MAC_TEXT_LEN];
	lua_pushstring(L, mac_format(text, mac));
	lua_setfield(L, -2, key);
}

static void push_frame(lua_State *L, const struct call *c)
{
	bool ok;
	struct frame f = frame_over(c->text, c->len, &ok);
	luaL_Buffer b;
	uint32_t head = 12u + 4u * f.ntags;
	lua_newtable(L);
	set_int(L, "len", (int64_t)c->len);
	if (!ok || c->len < head + 2)
		return;
	set_mac(L, "dst", f.mac);
	set_mac(L, "src", f.mac + 6);
	set_int(L, "type", f.data[head] << 8 | f.data[head + 1]);
	set_int(L, "vlan", f.ntags ? f.tag[0].tci & 0xfff : 0);
	if (f.ntags)
		set_int(L, "priority", f.tag[0].tci >> 13);
	luaL_buffinit(L, &b);
	for (uint32_t i = head + 2; i < f.len; i++) {
		static const char hex[] = "0123456789abcdef";
		luaL_addchar(&b, hex[f.data[i] >> 4]);
		luaL_addchar(&b, hex[f.data[i] & 15]);
	}
	luaL_pushresult(&b);
	lua_setfield(L, -2, "data");
}

static int await_k(lua_State *L, int status, lua_KContext ctx)
{
	struct call *c = (struct call *)ctx;
	(void)status;
	if (!c->done) {
		call_drop(script_of(L), c);
		lua_pushnil(L);
		return 1;
	}
	call_check(L, c);
	push_frame(L, c);
	call_drop(script_of(L), c);
	return 1;
}

/* end:await({ src = …, vlan = … }, "5s"): the next frame that matches, or nil */
static int l_await(lua_State *L)
{
	uint8_t data[ETH_FRAME_MAX];
	struct request r = { .verb = VERB_AWAIT, .who = end_ref(L, "await") };
	struct frame_match *m = &r.match;
	in_test(L, "await");
	opts_known(L, 2, "a frame", NAMES("dst", "src", "vlan", "type", "data"));
	if (lua_type(L, 2) == LUA_TTABLE) {
		m->dst = opt_mac(L, 2, "dst", m->dst_mac);
		m->src = opt_mac(L, 2, "src", m->src_mac);
		m->type = opt_type(L, 2, &m->ethertype);
		uint64_t vlan = opt_count(L, 2, "vlan", 0, VID_MAX, UINT64_MAX);
		m->vlan = vlan != UINT64_MAX;
		m->vid = m->vlan ? (uint16_t)vlan : 0;
		const char *hex = opt_text(L, 2, "data");
		m->len = hex ? read_hex(L, hex, data, sizeof data) : 0;
		m->data = data;
	}
	int64_t within = lua_isnoneornil(L, 3) ? TIME_NEVER : arg_time(L, 3, "await");
	return call_wait(L, &r, within, "a frame", await_k);
}

void raw_open(lua_State *L)
{
	static const luaL_Reg end[] = { { "send", l_send }, { "await", l_await }, { NULL, NULL } };
	handle_class(L, H_END, end);
}
