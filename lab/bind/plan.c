/* SPDX-License-Identifier: MIT */
/* plan.c - what lab/lua needs to make a plan of faults: draws by name, nodes and cables by name,
 * the plan as text, and where in the scenario the calls stand that --shrink writes anew. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bind/bind.h"
#include "lib/base/units.h"

enum { PPM_MAX = 500000 };

/* "200ppm", "-1.5%": at most four digits behind the point, so that it is whole ppm. */
int ppm_parse(const char *text, int32_t *ppm)
{
	bool minus = text[0] == '-';
	text += minus || text[0] == '+';
	int64_t n = 0, unit = 1;
	size_t digits = strspn(text, "0123456789");
	const char *rest = text + digits;
	if (!digits || digits > 6)
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (text[i] - '0');
	size_t parts = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;
	if (*rest == '.' && (!parts || parts > 4))
		return -EINVAL;
	for (size_t i = 0; i < parts; i++, unit *= 10)
		n = n * 10 + (rest[1 + i] - '0');
	rest += parts ? parts + 1 : 0;
	if (strcmp(rest, "%") == 0)
		n = n * 10000 / unit;
	else if (strcmp(rest, "ppm") != 0 || parts)
		return -EINVAL;
	if (n > PPM_MAX)
		return -EINVAL;
	*ppm = (int32_t)(minus ? -n : n);
	return 0;
}

static int p_check_ppm(lua_State *L) /* core.is_ppm(text) */
{
	int32_t ppm;
	lua_pushboolean(L,
			lua_type(L, 1) == LUA_TSTRING && ppm_parse(lua_tostring(L, 1), &ppm) == 0);
	return 1;
}

/* core.draw(name, n, bound) -> 0..bound-1 */
static int p_draw(lua_State *L)
{
	struct stream s = stream_of(script_of(L)->seed, luaL_checkstring(L, 1));
	lua_Integer bound = luaL_checkinteger(L, 3);
	luaL_argcheck(L, bound > 0, 3, "bound");
	uint64_t n = (uint64_t)luaL_checkinteger(L, 2);
	lua_pushinteger(L, (lua_Integer)draw_below(s, n, 0, (uint64_t)bound));
	return 1;
}

static int p_named(lua_State *L) /* core.named(name) -> handle or nil */
{
	const struct plan *p = &script_of(L)->plan;
	const char *name = luaL_checkstring(L, 1);
	int node = plan_find_node(p, name), cable = node < 0 ? plan_find_cable(p, name) : -1;
	if (node >= 0)
		handle_of(L, p->nodes[node].kind == NODE_SWITCH ? H_SWITCH : H_END, (unsigned)node);
	else if (cable >= 0)
		handle_of(L, H_CABLE, (unsigned)cable);
	else
		lua_pushnil(L);
	return 1;
}

static int p_ends(lua_State *L) /* core.ends(): stations and hosts */
{
	const struct plan *p = &script_of(L)->plan;
	lua_Integer n = 0;
	lua_newtable(L);
	for (unsigned i = 0; i < p->nnodes; i++)
		if (p->nodes[i].kind == NODE_STATION || p->nodes[i].kind == NODE_HOST) {
			handle_of(L, H_END, i);
			lua_rawseti(L, -2, ++n);
		}
	return 1;
}

/* core.given_faults() -> the lines that stand in place of the scenario's own, or nil */
static int p_given(lua_State *L)
{
	const struct words *w = script_of(L)->env->faults;
	if (!w) {
		lua_pushnil(L);
		return 1;
	}
	lua_createtable(L, (int)w->count, 0);
	for (size_t i = 0; i < w->count; i++) {
		lua_pushstring(L, w->v[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static int note(lua_State *L, struct words *to)
{
	if (words_add(to, luaL_checkstring(L, 1)) < 0)
		out_of_memory(L);
	return 0;
}

static int p_note_fault(lua_State *L) /* core.note_fault(text) */
{
	return note(L, &script_of(L)->faults);
}

static int p_note_swarm(lua_State *L) /* core.note_swarm(text) */
{
	return note(L, &script_of(L)->swarm);
}

/* ---- where calls stand ---- */

static struct script_site *add_site(lua_State *L, const char *what)
{
	struct script *s = script_of(L);
	struct script_site *more = realloc(s->site, (s->nsites + 1) * sizeof *more);
	if (!more)
		out_of_memory(L);
	s->site = more;
	struct script_site *site = &more[s->nsites++];
	*site = (struct script_site){ 0 };
	snprintf(site->what, sizeof site->what, "%s", what);
	char where[160];
	size_t len = strlen(s->env->file);
	if (user_where(L, where, sizeof where) && strncmp(where, s->env->file, len) == 0 &&
	    where[len] == ':')
		site->line = atoi(where + len + 1);
	return site;
}

void plan_site(lua_State *L, const char *what)
{
	add_site(L, what);
}

static int p_site(lua_State *L) /* core.site(what, fixed) */
{
	add_site(L, luaL_checkstring(L, 1))->fixed = lua_toboolean(L, 2);
	return 0;
}

/* core.sized(what, a, b or nil): notes the size of a shape; gives it back, or what stands in its
 * place */
static int p_sized(lua_State *L)
{
	struct script *s = script_of(L);
	struct script_site *site = add_site(L, luaL_checkstring(L, 1));
	size_t nth = s->nshapes++;
	site->nsizes = lua_isnoneornil(L, 3) ? 1 : 2;
	for (unsigned i = 0; i < site->nsizes; i++) {
		site->size[i] = luaL_checkinteger(L, (int)i + 2);
		if (nth < s->env->nsizes)
			site->size[i] = s->env->sizes[nth].size[i];
		lua_pushinteger(L, site->size[i]);
	}
	return (int)site->nsizes;
}

const luaL_Reg plan_functions[] = {
	{ "draw", p_draw },
	{ "named", p_named },
	{ "ends", p_ends },
	{ "given_faults", p_given },
	{ "note_fault", p_note_fault },
	{ "note_swarm", p_note_swarm },
	{ "site", p_site },
	{ "sized", p_sized },
	{ "is_ppm", p_check_ppm },
	{ NULL, NULL },
};
