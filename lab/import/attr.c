/* SPDX-License-Identifier: MIT */
/* attr.c - what the attributes of graph files mean: those of the Topology Zoo, of Shadow, of
 * Graphviz and our own keys. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/import/topo.h"
#include "lib/base/units.h"

static bool degrees(const char *text, double *out)
{
	char *end;
	double v = strtod(text, &end);
	if (end == text || *end || !(v >= -360 && v <= 360))
		return false;
	*out = v;
	return true;
}

int topo_node_attr(struct topo *t, unsigned node, const char *name, const char *value,
		   struct err *e)
{
	struct topo_node *n = &t->node[node];
	if (strcmp(name, "label") == 0 && strchr(value, '\\'))
		return 0; /* Graphviz: several lines; the identifier is the name */
	if (strcmp(name, "label") == 0)
		return topo_label(t, node, value, e);
	if (strcmp(name, "Latitude") == 0)
		n->has_lat = degrees(value, &n->lat);
	else if (strcmp(name, "Longitude") == 0)
		n->has_lon = degrees(value, &n->lon);
	else if (strcmp(name, "shape") == 0 && strcmp(value, "ellipse") == 0)
		n->kind = TOPO_HOST; /* as draw --dot shows them */
	return 0;
}

/* Keys of cables that a graph may carry under our names. */
static bool is_key(const char *name)
{
	static const char *const keys[] = { "delay",   "jitter", "loss",  "dup", "corrupt",
					    "reorder", "rate",   "limit", "mtu" };
	if (strncmp(name, "ab.", 3) == 0 || strncmp(name, "ba.", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(keys[i], name) == 0)
			return true;
	return false;
}

static void without_blanks(const char *from, char *out, size_t room) /* "10 ms" -> "10ms" */
{
	size_t n = 0;
	for (; *from && n + 1 < room; from++)
		if (*from != ' ' && *from != '\t')
			out[n++] = *from;
	out[n] = '\0';
}

static int take_speed(struct topo *t, unsigned link, const char *value, struct err *e)
{
	char *end, text[UNIT_TEXT_LEN];
	double bps = strtod(value, &end);
	if (end == value || !(bps >= 1 && bps < 1e15))
		return 0;
	return topo_key(t, link, "rate", unit_rate_text(text, (uint64_t)bps), e);
}

/* "5ms, loss=1%", as a drawing shows it: a duration is the delay; other words are just words. */
static int take_label(struct topo *t, unsigned link, const char *value, struct err *e)
{
	char copy[256], *save;
	int64_t ns;
	int r = 0;
	without_blanks(value, copy, sizeof copy);
	for (char *w = strtok_r(copy, ",", &save); w && r == 0; w = strtok_r(NULL, ",", &save)) {
		char *eq = strchr(w, '=');
		if (!eq && unit_time(w, &ns, NULL) == 0)
			r = topo_key(t, link, "delay", w, e);
		if (!eq)
			continue;
		*eq = '\0';
		if (is_key(w))
			r = topo_key(t, link, w, eq + 1, e);
	}
	return r;
}

int topo_link_attr(struct topo *t, unsigned link, const char *name, const char *value,
		   struct err *e)
{
	char text[100];
	without_blanks(value, text, sizeof text);
	if (strcmp(name, "label") == 0)
		return take_label(t, link, value, e);
	if (strcmp(name, "LinkSpeedRaw") == 0) /* Zoo: bit/s */
		return take_speed(t, link, text, e);
	if (strcmp(name, "latency") == 0) /* Shadow */
		return topo_key(t, link, "delay", text, e);
	if (strcmp(name, "packet_loss") == 0)
		return topo_key(t, link, "loss", text, e);
	return is_key(name) ? topo_key(t, link, name, text, e) : 0;
}
