/* SPDX-License-Identifier: MIT */
/* worlds.c - the worlds there are, and what this machine can do of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/lab.h"
#include "lib/cli/opts.h"
#include "lib/ext/filter.h"
#include "lib/io/readfile.h"
#include "lib/proto/out.h"
#include "wire/core/wire.h"

const struct world_kind *const *world_kinds(void)
{
	static const struct world_kind *const all[] = {
		&world_sim,
		&world_proc,
		&world_ns,
		NULL,
	};
	return all;
}

const struct world_kind *world_named(const char *name)
{
	for (const struct world_kind *const *k = world_kinds(); *k; k++)
		if (strcmp((*k)->name, name) == 0)
			return *k;
	return NULL;
}

struct wire_files *lab_files_new(void)
{
	struct wire_files *f = wire_files_new(readfile, NULL);
	if (f)
		wire_files_filters(f, filter_compile);
	return f;
}

bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char file[4096];
	for (const char *p = path ? path : "/usr/bin:/bin"; *p;) {
		size_t len = strcspn(p, ":");
		snprintf(file, sizeof file, "%.*s/%s", (int)len, p, program);
		if (access(file, X_OK) == 0)
			return true;
		p += len + (p[len] == ':');
	}
	/* What needs root to be useful is often not in a user's PATH. */
	snprintf(file, sizeof file, "/usr/sbin/%s", program);
	return access(file, X_OK) == 0;
}

/* Programs that scenarios and reports like to have, and the package they are in. */
static const struct {
	const char *program, *package, *what_for;
} programs[] = {
	{ "ping", "iputils-ping", "hosts of backend ns" },
	{ "ip", "iproute2", "hosts of backend ns" },
	{ "iperf3", "iperf3", "throughput between hosts" },
	{ "tcpdump", "tcpdump", "looking into captures" },
	{ "ssh", "openssh-client", "cables between machines" },
	{ "qemu-system-x86_64", "qemu-system-x86", "virtual machines" },
	{ "vde_switch", "vde2", "foreign VDE networks" },
	{ "dot", "graphviz", "pictures from draw --dot" },
	{ "gnuplot", "gnuplot-nox", "plots of measures" },
};

static const char *package_of(const char *program)
{
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (strcmp(programs[i].program, program) == 0)
			return programs[i].package;
	return program;
}

int lab_need(const char *what, const char *backend, struct err *why)
{
	for (const char *const *b = (const char *const[]){ "sim", "proc", "ns", NULL }; *b; b++) {
		if (strcmp(*b, what) != 0)
			continue;
		return strcmp(what, backend) == 0
			       ? 0
			       : err_set(why, -ENOTSUP, "needs --backend %s", what);
	}
	if (in_path(what))
		return 0;
	return err_set(why, -ENOTSUP, "%s is not installed: apt install %s", what,
		       package_of(what));
}

/* ---- doctor ---- */

static void tell(struct out *o, const char *what, bool ok, const char *words)
{
	out_object(o, NULL);
	out_text(o, "%-4s ", ok ? "yes" : "no");
	out_str(o, "what", "%-20s ", what);
	out_bool(o, "ok", NULL, ok);
	out_str(o, "words", "%s\n", words);
	out_end_object(o);
}

static void tell_devices(struct out *o)
{
	bool tun = access("/dev/net/tun", R_OK | W_OK) == 0;
	bool kvm = access("/dev/kvm", R_OK | W_OK) == 0;
	tell(o, "/dev/net/tun", tun,
	     tun ? "taps can be opened"
		 : "no taps for this user; veth and packet sockets do as well");
	tell(o, "/dev/kvm", kvm,
	     kvm ? "machines run at full speed" : "machines are emulated in software, slowly");
}

int doctor_best(const char *self)
{
	const char *best =
		"sim"; /* the last of the list that can be had: they go from least to most real */
	struct err why;
	for (const struct world_kind *const *k = world_kinds(); *k; k++)
		if ((*k)->probe(self, &why) == 0)
			best = (*k)->name;
	puts(best);
	return 0;
}

int doctor(const char *self)
{
	struct out o;
	out_init(&o, opt_json);
	out_list(&o, "checks");
	for (const struct world_kind *const *k = world_kinds(); *k; k++) {
		struct err why = { "" };
		char name[32];
		int r = (*k)->probe(self, &why);
		snprintf(name, sizeof name, "backend %s", (*k)->name);
		tell(&o, name, r == 0, r == 0 ? "scenarios can run on it" : why.text);
	}
	tell_devices(&o);
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		char words[160];
		bool ok = in_path(programs[i].program);
		snprintf(words, sizeof words, "%s%s%s", programs[i].what_for,
			 ok ? "" : ": apt install ", ok ? "" : programs[i].package);
		tell(&o, programs[i].program, ok, words);
	}
	out_end_list(&o);
	out_done(&o);
	if (o.text)
		fwrite(o.text, 1, o.len, stdout);
	if (opt_json)
		putchar('\n');
	out_fini(&o);
	return 0;
}
