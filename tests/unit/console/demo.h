/* SPDX-License-Identifier: MIT */
/* demo.h - a network to look at: replies as the programs give them, taken into a model. Three
 * switches in a triangle with a spanning tree, a wire, a switch that died, a server of VDE's own,
 * and names that were chosen to do harm. */
#ifndef DW_TESTS_CONSOLE_DEMO_H
#define DW_TESTS_CONSOLE_DEMO_H

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "console/take.h"
#include "lib/base/units.h"

#define DEMO_NOW (INT64_C(1000) * NS_PER_SEC)
#define DEMO_WALL (INT64_C(1767225600) * NS_PER_SEC) /* 2026-01-01 00:00:00 UTC */

static const char demo_help_switch[] =
	"{\"commands\":[{\"path\":\"port\",\"syntax\":\"============\",\"help\":\"PORT STATUS "
	"MENU\",\"menu\":true,\"writes\":false},"
	"{\"path\":\"showinfo\",\"syntax\":\"\",\"help\":\"show\",\"menu\":false,\"writes\":false},"
	"{\"path\":\"port/"
	"print\",\"syntax\":\"[N]\",\"help\":\"p\",\"menu\":false,\"writes\":false},"
	"{\"path\":\"port/"
	"stats\",\"syntax\":\"[N]\",\"help\":\"p\",\"menu\":false,\"writes\":false},"
	"{\"path\":\"port/down\",\"syntax\":\"N\",\"help\":\"d\",\"menu\":false,\"writes\":true},"
	"{\"path\":\"port/up\",\"syntax\":\"N\",\"help\":\"u\",\"menu\":false,\"writes\":true},"
	"{\"path\":\"port/set\",\"syntax\":\"N "
	"key=value...\",\"help\":\"u\",\"menu\":false,\"writes\":true},"
	"{\"path\":\"rstp/print\",\"syntax\":\"\",\"help\":\"r\",\"menu\":false,\"writes\":false},"
	"{\"path\":\"fdb/del\",\"syntax\":\"MAC "
	"[VLAN]\",\"help\":\"f\",\"menu\":false,\"writes\":true},"
	"{\"path\":\"shutdown\",\"syntax\":\"\",\"help\":\"end\",\"menu\":false,\"writes\":true},"
	"{\"path\":\"event/"
	"watch\",\"syntax\":\"[KIND...]\",\"help\":\"e\",\"menu\":false,\"writes\":false},"
	"{\"path\":\"capture/start\",\"syntax\":\"N|all "
	"FILE|-\",\"help\":\"c\",\"menu\":false,\"writes\":false},"
	"{\"path\":\"config/"
	"save\",\"syntax\":\"FILE\",\"help\":\"w\",\"menu\":false,\"writes\":true}]}\n";

static const char demo_help_wire[] =
	"{\"commands\":[{\"path\":\"showinfo\",\"syntax\":\"\",\"help\":\"i\",\"menu\":false,"
	"\"writes\":false},"
	"{\"path\":\"stats\",\"syntax\":\"\",\"help\":\"s\",\"menu\":false,\"writes\":false},"
	"{\"path\":\"set\",\"syntax\":\"KEY=VALUE...\",\"help\":\"s\",\"menu\":false,\"writes\":"
	"true},"
	"{\"path\":\"cut\",\"syntax\":\"[silent]\",\"help\":\"c\",\"menu\":false,\"writes\":true},"
	"{\"path\":\"mend\",\"syntax\":\"\",\"help\":\"m\",\"menu\":false,\"writes\":true}]}\n";

static inline void demo_take(take_fn *fn, struct model *m, struct source *s, const char *text,
			     int64_t now)
{
	int r = fn(m, s, text, strlen(text), now);
	assert(r == 0);
	(void)r;
}

/* A bridge and its two ports to the others; `role`: of each, 'r' root, 'd' designated, 'a'
 * alternate. */
static inline void demo_switch(struct model *m, struct source *s, unsigned mac, const char *peer1,
			       const char *peer2, const char *roles, unsigned up1, unsigned up2)
{
	static const char *const names[] = {
		['r'] = "root", ['d'] = "designated", ['a'] = "alternate"
	};
	char text[4000];
	demo_take(take_help, m, s, demo_help_switch, DEMO_NOW);
	snprintf(text, sizeof text,
		 "{\"version\":\"0.1.0\",\"pid\":%u,\"mac\":\"00:ff:00:00:00:%02x\",\"uptime_ns\":"
		 "3600000000000}",
		 mac, mac);
	demo_take(take_showinfo, m, s, text, DEMO_NOW);
	snprintf(text, sizeof text,
		 "{\"ports\":[{\"port\":1,\"name\":\"%s\",\"active\":true,\"endpoints\":[{\"id\":1,"
		 "\"module\":\"unix "
		 "prog\",\"descr\":\"dw-cable: user=kim pid=%u\",\"lost\":0}]},"
		 "{\"port\":2,\"name\":\"%s\",\"active\":true,\"endpoints\":[{\"id\":1,\"module\":"
		 "\"unix prog\","
		 "\"descr\":\"dw-cable: user=kim pid=%u\",\"lost\":2}]},"
		 "{\"port\":3,\"name\":\"vm\\u001b[31m\",\"active\":true,\"endpoints\":[{\"id\":1,"
		 "\"module\":\"tap\","
		 "\"descr\":\"tap0\",\"lost\":0},{\"id\":2,\"module\":\"tap\",\"descr\":\"tap1\","
		 "\"lost\":0}]},"
		 "{\"port\":4,\"name\":\"\\u65e5\\u672c\",\"active\":false,\"endpoints\":[]}]}",
		 peer1, 100 + mac, peer2, 200 + mac);
	demo_take(take_port_print, m, s, text, DEMO_NOW);
	demo_take(take_port_config, m, s,
		  "{\"ports\":[{\"port\":1,\"mode\":\"transparent\",\"pvid\":0,\"allow\":[],\"up\":"
		  "true},"
		  "{\"port\":2,\"mode\":\"trunk\",\"pvid\":1,\"allow\":[\"10\",\"20-30\"],\"up\":"
		  "true},"
		  "{\"port\":3,\"mode\":\"access\",\"pvid\":10,\"allow\":[],\"up\":true},"
		  "{\"port\":4,\"mode\":\"access\",\"pvid\":20,\"allow\":[],\"up\":false}]}",
		  DEMO_NOW);
	snprintf(
		text, sizeof text,
		"{\"enabled\":true,\"root\":\"32768.00:ff:00:00:00:01\",\"root_port\":%u,"
		"\"bridge\":\"32768.00:ff:00:00:00:%02x\",\"ports\":["
		"{\"port\":1,\"role\":\"%s\",\"state\":\"%s\",\"cost\":20000,\"designated_bridge\":"
		"\"32768.00:ff:00:00:00:%02x\"},{\"port\":2,\"role\":\"%s\",\"state\":\"%s\","
		"\"cost\":20000,"
		"\"designated_bridge\":\"32768.00:ff:00:00:00:%02x\"},{\"port\":3,\"role\":"
		"\"designated\","
		"\"state\":\"learning\",\"cost\":2000000}]}",
		roles[0] == 'r', mac, names[(unsigned char)roles[0]],
		roles[0] == 'a' ? "discarding" : "forwarding", up1, names[(unsigned char)roles[1]],
		roles[1] == 'a' ? "discarding" : "forwarding", up2);
	demo_take(take_rstp, m, s, text, DEMO_NOW);
}

static inline void demo_traffic(struct model *m, struct source *s, unsigned many)
{
	char text[1000];
	for (unsigned i = 0; i <= 8; i++) {
		unsigned frames = many * i * (i + 1);
		snprintf(text, sizeof text,
			 "{\"ports\":[{\"port\":1,\"rx_frames\":%u,\"rx_bytes\":%u,\"tx_frames\":%"
			 "u,\"tx_bytes\":%u,"
			 "\"drops\":{\"queue-full\":%u,\"vlan-ingress\":3}},{\"port\":2,\"rx_"
			 "frames\":7,\"rx_bytes\":448,"
			 "\"tx_frames\":0,\"tx_bytes\":0,\"drops\":{}}]}",
			 frames, frames * 100, frames / 2, frames * 50, i > 7 ? 12 : 0);
		demo_take(take_port_stats, m, s, text, DEMO_NOW - (8 - (int)i) * 250 * NS_PER_MS);
	}
}

static inline void demo_wire(struct model *m, struct source *s)
{
	demo_take(take_help, m, s, demo_help_wire, DEMO_NOW);
	demo_take(take_showinfo, m, s,
		  "{\"name\":\"s1--s2\",\"seed\":13794295743684707175,\"state\":\"up\",\"carrier_"
		  "a\":true,"
		  "\"carrier_b\":true,\"ab\":{\"delay\":\"5ms\",\"jitter\":\"0s\",\"loss\":\"10%\","
		  "\"rate\":\"0bit\","
		  "\"limit\":\"1000p\"},\"ba\":{\"delay\":\"0s\",\"loss\":\"0%\",\"limit\":"
		  "\"1000p\"}}",
		  DEMO_NOW);
	for (unsigned i = 1; i <= 6; i++) {
		char text[1000];
		snprintf(text, sizeof text,
			 "{\"ab\":{\"rx_frames\":%u,\"rx_bytes\":%u,\"tx_frames\":%u,\"tx_bytes\":%"
			 "u,\"duplicates\":1,"
			 "\"held\":4,\"delay_min_ns\":5000000,\"delay_avg_ns\":5023000,\"delay_max_"
			 "ns\":5100000,"
			 "\"late_max_ns\":81000,\"drops\":{\"loss\":%u}},\"ba\":{\"rx_frames\":0,"
			 "\"rx_bytes\":0,"
			 "\"tx_frames\":0,\"tx_bytes\":0,\"drops\":{}}}",
			 1000 * i, 1000000 * i, 900 * i, 900000 * i, 100 * i);
		demo_take(take_wire_stats, m, s, text, DEMO_NOW - (6 - (int)i) * 250 * NS_PER_MS);
	}
}

static inline void demo_addresses(struct model *m, struct source *s)
{
	demo_take(take_fdb, m, s,
		  "{\"entries\":[{\"mac\":\"02:00:00:00:00:0a\",\"vlan\":10,\"port\":3,\"age_ns\":"
		  "12000000000,"
		  "\"kind\":\"learned\"},{\"mac\":\"02:00:00:00:00:01\",\"vlan\":0,\"port\":1,"
		  "\"age_ns\":1000000000,"
		  "\"kind\":\"learned\"},{\"mac\":\"02:00:00:00:00:02\",\"vlan\":0,\"port\":2,"
		  "\"age_ns\":0,"
		  "\"kind\":\"static\"}]}",
		  DEMO_NOW);
	demo_take(take_fdb_stats, m, s, "{\"entries\":3}", DEMO_NOW);
	demo_take(take_event, m, s,
		  "{\"event\":\"fdb.move\",\"at_ns\":999000000000,\"port\":2,\"from_port\":1,"
		  "\"vlan\":0,"
		  "\"mac\":\"02:00:00:00:00:01\",\"name\":\"s2\",\"text\":null}",
		  DEMO_NOW);
	demo_take(take_event, m, s,
		  "{\"event\":\"fdb.flap\",\"at_ns\":999500000000,\"port\":3,\"from_port\":1,"
		  "\"vlan\":10,"
		  "\"mac\":\"02:00:00:00:00:0a\",\"name\":\"\",\"text\":null}",
		  DEMO_NOW);
}

/* A lab whose time is led: it ended 1.5 s into its test. */
static inline void demo_leader(struct model *m)
{
	struct source *s = model_add(m, "@lab", "r1-1", "/run/drahtwerk/r1-1/@lab.mgmt");
	demo_take(take_help, m, s,
		  "{\"commands\":[{\"path\":\"time/step\",\"syntax\":\"[N]\",\"help\":\"s\","
		  "\"menu\":false,\"writes\":true}]}\n",
		  DEMO_NOW);
	model_set_state(m, s, SRC_UP, "", DEMO_NOW);
	demo_take(take_time, m, s,
		  "{\"state\":\"ended\",\"now_ns\":1500000000,\"next_ns\":null,\"file\":"
		  "\"ring.lua\",\"test\":\"one cut\",\"number\":1,\"tests\":2,\"seed\":7,"
		  "\"verdict\":\"failed\",\"by_hand\":3,\"stopped_by\":\"s1 rstp.change\"}\n",
		  DEMO_NOW);
}

static inline void demo_frames(struct model *m)
{
	static const char *const texts[] = { "ARP who has 10.0.0.2 tell 10.0.0.1",
					     "10.0.0.1 > 10.0.0.2 ICMP echo request id 7 seq 1" };
	for (int i = 0; i < 2; i++) {
		struct frame_line *f = model_frame(m);
		f->wall_ns = DEMO_WALL + i * NS_PER_MS;
		f->len = i ? 98 : 42;
		f->vlan = i ? 10 : 0;
		f->way = i ? 'o' : 'i';
		snprintf(f->src, sizeof f->src, "02:00:00:00:00:01");
		snprintf(f->dst, sizeof f->dst, i ? "02:00:00:00:00:02" : "ff:ff:ff:ff:ff:ff");
		snprintf(f->text, sizeof f->text, "%s", texts[i]);
		snprintf(f->where, sizeof f->where, "1");
		snprintf(f->drop, sizeof f->drop, "%s", i ? "stp-state" : "");
	}
	snprintf(m->watched, sizeof m->watched, "s1 1");
}

static inline void demo_model(struct model *m)
{
	int r = model_init(m);
	assert(r == 0);
	(void)r;
	m->now = DEMO_NOW;
	m->wall_ns = DEMO_WALL;
	static const char *const names[] = { "s1", "s2", "s3", "s1--s2", "s4", "old" };
	for (int i = 0; i < 6; i++) {
		char path[64];
		snprintf(path, sizeof path, "/run/user/1/drahtwerk/demo/%s.mgmt", names[i]);
		struct source *s = model_add(m, names[i], "demo", path);
		model_set_state(m, s, SRC_UP, "", DEMO_NOW - 65 * NS_PER_SEC);
	}
	demo_switch(m, m->source[0], 1, "s2", "s3", "dd", 1, 1);
	demo_switch(m, m->source[1], 2, "s1", "s3", "rd", 1, 2);
	demo_switch(m, m->source[2], 3, "s1", "s2", "ra", 1, 2);
	demo_wire(m, m->source[3]);
	demo_switch(m, m->source[4], 4, "", "", "dd", 4, 4);
	model_set_state(m, m->source[4], SRC_DEAD, "nobody serves this socket",
			DEMO_NOW - 5 * NS_PER_SEC);
	demo_take(take_help_text, m, m->source[5],
		  "COMMAND PATH       SYNTAX          HELP\n------------       --------------  "
		  "------------\n"
		  "port               ============    PORT STATUS MENU\nport/print         [N]     "
		  "        print\n",
		  DEMO_NOW);
	demo_traffic(m, m->source[0], 1000);
	demo_traffic(m, m->source[1], 10);
	demo_addresses(m, m->source[0]);
	demo_take(take_event, m, m->source[2],
		  "{\"event\":\"unplug\",\"at_ns\":999900000000,\"port\":7,\"from_port\":0,"
		  "\"vlan\":0,\"mac\":null,"
		  "\"name\":\"a\\u0007b\\u202e\",\"text\":null}",
		  DEMO_NOW);
	demo_take(take_event, m, m->source[3], "3251 wire.cut name s1--s2", DEMO_NOW);
	demo_frames(m);
}

#endif
