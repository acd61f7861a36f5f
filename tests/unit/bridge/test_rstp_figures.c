/* SPDX-License-Identifier: MIT */
/* test_rstp_figures.c - the example networks of 802.1D-2004, figures 17-4 to 17-7, with the roles
 * that the standard draws; and how a lost link moves them. Letters are LANs, as in the figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/bridge/rstp_net.h"

struct figure_bridge {
	const char *lan;  /* one letter a port, from port 1; '-': nothing plugged in */
	const char *role; /* R root, D designated, A alternate, B backup, X disabled */
};

static const struct figure_bridge figure_17_4[] = {
	{ "abec", "DDDD" },     { "abdf", "RADD" }, { "cdljhg", "RADDDD" },
	{ "efnmki", "RADDDD" }, { "gi--", "RADD" }, { "hk--", "RADD" },
	{ "jm--", "RADD" },     { "ln--", "RADD" }, { NULL, NULL },
};

/* The last bridge has two ports on one LAN: one of them backs the other up. */
static const struct figure_bridge figure_17_5[] = {
	{ "abec", "DDDD" },     { "abdf", "RADD" }, { "cdljhg", "RADDDD" },
	{ "efnmki", "RADDDD" }, { "gi--", "RADD" }, { "hk--", "RADD" },
	{ "jm--", "RADD" },     { "lnoo", "RADB" }, { NULL, NULL },
};

static const struct figure_bridge figure_17_6[] = {
	{ "abl", "DDD" }, { "bcd", "RDD" }, { "def", "RDD" }, { "fgh", "RDA" },
	{ "jhi", "RDD" }, { "ljk", "RDD" }, { NULL, NULL },
};

static const struct figure_bridge figure_17_7[] = {
	{ "b", "D" },
	{ "abdfhgec", "DRDDDDDD" },
	{ "ghjlnmki", "ARDDDDDD" },
	{ NULL, NULL },
};

static char letter(enum rstp_role r)
{
	return "XRDAB"[r];
}

/* The other end of a LAN, among the ports before this one. */
static bool find_end(const struct figure_bridge *f, int bridge, unsigned port, int *b, unsigned *p)
{
	char lan = f[bridge].lan[port - 1];
	for (*b = 0; *b <= bridge; (*b)++)
		for (*p = 1; *p <= strlen(f[*b].lan); (*p)++)
			if (f[*b].lan[*p - 1] == lan && (*b < bridge || *p < port))
				return true;
	return false;
}

static struct net *built(const struct figure_bridge *f)
{
	struct net *n = net_new();
	for (int i = 0; f[i].lan; i++)
		net_add(n, 32768, NULL); /* addresses in the order of the figure */
	for (int i = 0; f[i].lan; i++)
		for (unsigned p = 1; p <= strlen(f[i].lan); p++) {
			int b;
			unsigned q;
			if (f[i].lan[p - 1] != '-' && find_end(f, i, p, &b, &q)) {
				net_join(n, b, q, i, p);
			} else {
				net_port(n, i, p, NULL); /* nobody else there, as yet */
				net_link_up(n, i, p, true);
			}
		}
	net_run(n, SEC(10));
	return n;
}

static void assert_roles(const struct net *n, int bridge, const char *role)
{
	char got[NET_PORTS + 1] = "";
	for (unsigned p = 1; p <= strlen(role); p++)
		got[p - 1] = letter(n->b[bridge].role[p]);
	assert_string_equal(got, role);
	for (unsigned p = 1; p <= strlen(role); p++)
		assert_int_equal(net_forwards(n, bridge, p), strchr("RD", role[p - 1]) != NULL);
}

static void assert_figure(const struct figure_bridge *f)
{
	struct net *n = built(f);
	for (int i = 0; f[i].lan; i++)
		assert_roles(n, i, f[i].role);
	net_free(n);
}

static void figure_17_4_three_layers(void **state)
{
	(void)state;
	assert_figure(figure_17_4);
}

static void figure_17_5_a_backup_port(void **state)
{
	(void)state;
	assert_figure(figure_17_5);
}

static void figure_17_6_a_ring(void **state)
{
	(void)state;
	assert_figure(figure_17_6);
}

static void figure_17_7_two_links_between_two_bridges(void **state)
{
	(void)state;
	assert_figure(figure_17_7);
}

static void figure_17_7_port_priority_chooses_between_them(void **state)
{
	(void)state;
	struct net *n = built(figure_17_7);
	struct rstp_port_config c;
	rstp_port_config_default(&c);
	c.priority = 112;
	net_port(n, 1, 6, &c); /* LAN g, at the Designated end */
	net_run(n, SEC(20));
	assert_roles(n, 2, "RADDDDDD");
	net_free(n);
}

static void a_triangle_loses_a_link(void **state)
{
	(void)state;
	static const struct figure_bridge f[] = {
		{ "ab", "DD" }, { "ac", "RD" }, { "bc", "RA" }, { NULL, NULL }
	};
	assert_figure(f);
	struct net *n = built(f);
	net_link_up(n, 2, 1, false);
	net_run(n, SEC(20));
	assert_roles(n, 1, "RD");
	assert_roles(n, 2, "XR");
	struct rstp_view v;
	rstp_view(n->b[2].r, &v);
	assert_int_equal(v.root.cost, 40000);
	net_free(n);
}

static void five_bridges_lose_two_links_and_get_another_root(void **state)
{
	(void)state;
	static const struct figure_bridge f[] = { { "ab", "DD" },   { "acd", "RDD" },
						  { "bce", "RAD" }, { "df", "RD" },
						  { "ef", "RA" },   { NULL, NULL } };
	struct net *n = built(f);
	for (int i = 0; f[i].lan; i++)
		assert_roles(n, i, f[i].role);
	net_link_up(n, 2, 1, false); /* b */
	net_run(n, SEC(20));
	assert_roles(n, 2, "XRD");
	assert_roles(n, 3, "RD"); /* 40000 by d; e is 60000 away now */
	assert_roles(n, 4, "RA");
	net_link_up(n, 4, 1, false); /* e */
	net_run(n, SEC(30));
	assert_roles(n, 4, "XR");
	struct rstp_port_config pc;
	rstp_port_config_default(&pc);
	pc.cost = 10000;
	net_port(n, 4, 2, &pc);
	net_run(n, SEC(40));
	struct rstp_view v;
	rstp_view(n->b[4].r, &v);
	assert_int_equal(v.root.cost, 50000);
	struct rstp_config c = *rstp_config(n->b[4].r);
	c.priority = 28672;
	rstp_apply(n->b[4].r, &c, n->now);
	net_run(n, SEC(50));
	for (int i = 0; i < 5; i++) {
		rstp_view(n->b[i].r, &v);
		assert_int_equal(v.root.root >> 48, 28672);
	}
	assert_roles(n, 4, "XD");
	net_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figure_17_4_three_layers),
		cmocka_unit_test(figure_17_5_a_backup_port),
		cmocka_unit_test(figure_17_6_a_ring),
		cmocka_unit_test(figure_17_7_two_links_between_two_bridges),
		cmocka_unit_test(figure_17_7_port_priority_chooses_between_them),
		cmocka_unit_test(a_triangle_loses_a_link),
		cmocka_unit_test(five_bridges_lose_two_links_and_get_another_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
