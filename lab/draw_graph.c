/* SPDX-License-Identifier: MIT */
/* draw_graph.c - pictures of a lab in the languages of graphs: dot for Graphviz, Mermaid for
 * documents; and SVG, which Graphviz makes of the former. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/draw.h"

#define GREY "#9a9a9a"

/* ---- Graphviz ---- */

static void put_dot(const char *text, FILE *to)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', to);
		fputc(*text, to);
	}
	fputc('"', to);
}

static const char *colour_of(const struct look *k, unsigned node)
{
	return k ? look_colour(k, k->vlan[node]) : NULL;
}

static void dot_node(const struct plan *p, const struct look *k, unsigned i, FILE *to)
{
	const struct node_spec *n = &p->nodes[i];
	const char *colour = colour_of(k, i);
	char ip[20] = "";
	fprintf(to, "\t\"%s\" [", n->name);
	if (n->kind == NODE_SWITCH) {
		fprintf(to, "shape=box, style=\"filled,rounded\", fillcolor=\"#eef2f6\"%s",
			k && k->root[i] ? ", penwidth=2.5, tooltip=\"root of the tree\"" : "");
	} else {
		if (n->kind != NODE_ATTACH)
			draw_ip(n, ip);
		fprintf(to, "shape=ellipse, label=\"%s\\n%s\"", n->name, ip);
		if (colour)
			fprintf(to, ", color=\"%s\", penwidth=2, tooltip=\"VLAN %u\"", colour,
				k->vlan[i]);
	}
	fputs("];\n", to);
	if (n->plug.port)
		fprintf(to, "\t\"%s\" -- \"%s\" [%s%s%s];\n", n->name, p->nodes[n->plug.node].name,
			colour ? "color=\"" : "", colour ? colour : "", colour ? "\"" : "");
}

/* A line a VLAN beside each other; dashed and grey where the tree lets nothing through. */
static void dot_colours(const struct look *k, unsigned c, FILE *to)
{
	const char *sep = ", color=\"";
	if (k && k->waits[c]) {
		fputs(", style=dashed, color=\"" GREY "\", fontcolor=\"" GREY "\"", to);
		return;
	}
	for (unsigned v = 0; k && v < k->nvlans; v++)
		if (k->carries[c] >> v & 1) {
			fprintf(to, "%s%s", sep, look_colour(k, k->vlans[v]));
			sep = ":";
		}
	if (*sep == ':')
		fputs("\"", to);
}

static void dot_legend(const struct look *k, FILE *to)
{
	if (!k || !k->nvlans)
		return;
	fputs("\tlabelloc=b; label=<", to);
	for (unsigned v = 0; v < k->nvlans; v++)
		fprintf(to, "<font color=\"%s\">VLAN %u</font>%s", look_colour(k, k->vlans[v]),
			k->vlans[v], v + 1 < k->nvlans ? " &#160; " : "");
	fputs(">;\n", to);
}

void draw_dot(const struct plan *p, const struct look *k, FILE *to)
{
	fputs("graph ", to);
	put_dot(p->name, to);
	/* A network with rings in it has no top; one of hundreds is for the quick layout. */
	const char *layout = p->nnodes > 200 ? ", layout=sfdp, overlap=prism"
			     : p->ncables >= p->nswitches
				     ? ", layout=neato, overlap=false, splines=true"
				     : "";
	fprintf(to, " {\n\tgraph [fontname=sans, bgcolor=transparent%s];\n", layout);
	fputs("\tnode [fontname=sans];\n\tedge [fontname=sans, fontsize=11];\n", to);
	dot_legend(k, to);
	for (unsigned i = 0; i < p->nnodes; i++)
		dot_node(p, k, i, to);
	for (unsigned i = 0; i < p->ncables; i++) {
		const struct cable_spec *c = &p->cables[i];
		char text[120];
		draw_label(c, text, sizeof text);
		fprintf(to, "\t\"%s\" -- \"%s\" [label=", p->nodes[c->end[0].node].name,
			p->nodes[c->end[1].node].name);
		put_dot(text, to);
		dot_colours(k, i, to);
		fputs("];\n", to);
	}
	fputs("}\n", to);
}

/* ---- SVG ---- */

static pid_t start_dot(FILE *in, int out)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		if (dup2(fileno(in), 0) < 0 || dup2(out, 1) < 0)
			_exit(126);
		execlp("dot", "dot", "-Tsvg", (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* Without what stands before the picture itself, which must not be inside of a page. */
static void copy_picture(int from, FILE *to)
{
	FILE *f = fdopen(from, "r");
	char *line = NULL;
	size_t room = 0;
	bool begun = false;
	while (f && getline(&line, &room, f) >= 0) {
		begun |= strncmp(line, "<svg", 4) == 0;
		if (begun)
			fputs(line, to);
	}
	free(line);
	if (f)
		fclose(f);
}

int draw_svg(const char *dot, FILE *to, struct err *e)
{
	int ends[2], status;
	FILE *in = tmpfile();
	if (!in || pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, -errno, "dot: %s", strerror(errno));
	fputs(dot, in);
	rewind(in);
	pid_t pid = start_dot(in, ends[1]);
	close(ends[1]);
	fclose(in);
	if (pid < 0) {
		close(ends[0]);
		return err_set(e, -errno, "dot: %s", strerror(errno));
	}
	copy_picture(ends[0], to);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(e, -ENOENT, "dot is not installed: apt install graphviz");
	return status == 0 ? 0 : err_set(e, -EIO, "dot: it could not draw this");
}

/* ---- Mermaid: ids of our own, since names may hold what it does not like ---- */

static void mermaid_styles(const struct plan *p, const struct look *k, FILE *to)
{
	for (unsigned i = 0; i < p->nnodes; i++) {
		const char *colour = look_colour(k, k->vlan[i]);
		if (colour)
			fprintf(to, "  style n%u stroke:%s,stroke-width:2px\n", i, colour);
		else if (k->root[i])
			fprintf(to, "  style n%u stroke-width:3px\n", i);
	}
}

void draw_mermaid(const struct plan *p, const struct look *k, FILE *to)
{
	fputs("graph LR\n", to);
	for (unsigned i = 0; i < p->nnodes; i++) {
		const struct node_spec *n = &p->nodes[i];
		char ip[20];
		draw_ip(n, ip);
		if (n->kind == NODE_SWITCH)
			fprintf(to, "  n%u[\"%s\"]\n", i, n->name);
		else if (n->at_cable)
			fprintf(to, "  n%u([\"%s<br/>%s\"])\n", i, n->name, ip);
		else
			fprintf(to, "  n%u([\"%s<br/>%s\"]) --- n%u\n", i, n->name, ip,
				n->plug.node);
	}
	for (unsigned i = 0; i < p->ncables; i++) {
		const struct cable_spec *c = &p->cables[i];
		char text[120];
		draw_label(c, text, sizeof text);
		const char *line = k && k->waits[i] ? "-.-" : "---";
		if (*text)
			fprintf(to, "  n%u %s|\"%s\"| n%u\n", c->end[0].node, line, text,
				c->end[1].node);
		else
			fprintf(to, "  n%u %s n%u\n", c->end[0].node, line, c->end[1].node);
	}
	if (k)
		mermaid_styles(p, k, to);
}
