/* SPDX-License-Identifier: MIT */
/* vlan_truth.h - tag in -> mode -> tag out, as data: test_vlan.c runs every cell,
 * tests/tools/vlan_table.c prints it for the man page. Tags are written outermost first, "10/20";
 * "": untagged, "0": a priority tag, "-": dropped (in), not sent (out). */
#ifndef DW_TESTS_UNIT_BRIDGE_VLAN_TRUTH_H
#define DW_TESTS_UNIT_BRIDGE_VLAN_TRUTH_H

enum { TRUTH_COLUMNS = 7, TRUTH_ROWS = 10 };

/* What a frame carries: coming in at the port (and what a transparent port then sees of it), or
 * coming in at a transparent port (and what the port then sends). */
static const char *const truth_tags[TRUTH_COLUMNS] = { "", "0", "10", "20", "30", "40", "10/20" };

struct truth {
	const char *mode, *settings;
	const char *in[TRUTH_COLUMNS], *out[TRUTH_COLUMNS];
};

/* clang-format off */
static const struct truth truth[TRUTH_ROWS] = {
	{ "transparent", "",
	  { "",   "",     "10",    "20",    "30",    "40",    "10/20" },
	  { "",   "",     "10",    "20",    "30",    "40",    "10/20" } },
	{ "access", "pvid=10",
	  { "10", "10",   "-",     "-",     "-",     "-",     "-" },
	  { "-",  "-",    "",      "-",     "-",     "-",     "20" } },
	{ "trunk", "allow=20",
	  { "-",  "-",    "-",     "20",    "-",     "-",     "-" },
	  { "-",  "-",    "-",     "20",    "-",     "-",     "-" } },
	{ "trunk", "allow=all",
	  { "-",  "-",    "10",    "20",    "30",    "40",    "10/20" },
	  { "-",  "-",    "10",    "20",    "30",    "40",    "10/20" } },
	{ "hybrid", "pvid=10 untagged=10,30 allow=20",
	  { "10", "10",   "10",    "20",    "30",    "-",     "10/20" },
	  { "-",  "-",    "",      "20",    "",      "-",     "20" } },
	{ "hybrid", "pvid=0 untagged=0 allow=20",
	  { "",   "",     "-",     "20",    "-",     "-",     "-" },
	  { "",   "",     "-",     "20",    "-",     "-",     "-" } },
	{ "native-tagged", "pvid=10 allow=20",
	  { "10", "10",   "10",    "20",    "-",     "-",     "10/20" },
	  { "-",  "-",    "10",    "20",    "-",     "-",     "10/20" } },
	{ "native-untagged", "pvid=10 allow=20",
	  { "10", "10",   "10",    "20",    "-",     "-",     "10/20" },
	  { "-",  "-",    "",      "20",    "-",     "-",     "20" } },
	{ "dot1q-tunnel", "pvid=10",
	  { "10", "10/0", "10/10", "10/20", "10/30", "10/40", "10/10/20" },
	  { "-",  "-",    "",      "-",     "-",     "-",     "20" } },
	{ "dot1q-tunnel", "pvid=10 cvlans=0,20",
	  { "10", "10/0", "-",     "10/20", "-",     "-",     "-" },
	  { "-",  "-",    "",      "-",     "-",     "-",     "20" } },
};
/* clang-format on */

#endif
