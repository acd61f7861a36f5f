/* SPDX-License-Identifier: MIT */
/* settings.c - from options to the configuration of a wire. */
#include "wire/settings.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/units.h"

static const struct opt shared[] = {
	{ 'M', "mgmt", "SOCKET", "serve the management language there", NULL },
	{ 0, "mgmtmode", "MODE", "its mode, octal (0600)", NULL },
	{ 0, "name", "NAME", "name of the wire in reports and random streams", NULL },
	{ 0, "seed", "N", "seed of all chance; the same seed gives the same losses", NULL },
	{ 'f', "rcfile", "FILE", "run these management commands first", NULL },
	{ 0, "timing", "easy|precise",
	  "sleep until a departure, or spin before it to be on time to microseconds", NULL },
	{ 0, "capture", "FILE",
	  "write all frames there as pcapng, lost ones with the reason; -: to stdout", NULL },
	{ 0, "explain", NULL, "print the stages and what to expect of them, and end", NULL },
	{ 'd', "daemon", NULL, "go to the background when all is ready", NULL },
	{ 'p', "pidfile", "FILE", "write the process number there", NULL },
	{ 0, "ready-fd", "N", "write a newline to that descriptor when all is ready", NULL },
	{ 0 },
};

void settings_init(struct settings *s, struct wire_files *files)
{
	*s = (struct settings){ .mgmt_mode = 0600, .ready_fd = -1 };
	wire_config_default(&s->config);
	s->config.files = files;
}

static size_t copy_rows(struct opt *table, size_t n, const struct opt *rows)
{
	for (; rows->name; rows++) {
		assert(n + 1 < SETTINGS_OPTS_MAX);
		table[n++] = *rows;
	}
	return n;
}

/* "ab.delay" for each key: made once, kept as long as the program runs. */
static const char *prefixed(const char *prefix, size_t key)
{
	static char names[2][SETTINGS_OPTS_MAX][32];
	char *name = names[prefix[0] == 'b'][key];
	snprintf(name, sizeof names[0][0], "%s.%s", prefix, wire_key_at(NULL, key));
	return name;
}

void settings_table(struct opt *table, const struct opt *own)
{
	size_t n = copy_rows(table, 0, own);
	n = copy_rows(table, n, shared);
	for (size_t i = 0; wire_key_at(NULL, i); i++) {
		assert(n + 3 < SETTINGS_OPTS_MAX);
		struct opt o = { 0, wire_key_at(NULL, i), wire_key_arg(i), wire_key_help(i), NULL };
		table[n++] = o;
		o.help = ""; /* taken and completed, one line is enough to read */
		o.name = prefixed("ab", i);
		table[n++] = o;
		o.name = prefixed("ba", i);
		table[n++] = o;
	}
	table[n] = (struct opt){ 0 };
}

static int take_mode(struct settings *s, const char *arg, struct err *e)
{
	char *end;
	unsigned long mode = strtoul(arg, &end, 8);
	if (!*arg || *end || mode > 0777)
		return err_set(e, -EINVAL, "%s is no octal mode (0660, say)", arg);
	s->mgmt_mode = (int)mode;
	return 0;
}

static int take_fd(struct settings *s, const char *arg, struct err *e)
{
	uint64_t n;
	int r = unit_u64(arg, 0, 1 << 20, &n, e);
	if (!r)
		s->ready_fd = (int)n;
	return r;
}

static int take_name(struct settings *s, const char *arg, struct err *e)
{
	if (strlen(arg) >= sizeof s->config.name)
		return err_set(e, -EINVAL, "%.20s...: longer than %zu letters", arg,
			       sizeof s->config.name - 1);
	if (!isalpha((unsigned char)arg[0]))
		return err_set(e, -EINVAL, "'%s' does not begin with a letter", arg);
	for (const char *p = arg; *p; p++)
		if (!isgraph((unsigned char)*p))
			return err_set(e, -EINVAL, "a name has no blanks");
	memcpy(s->config.name, arg, strlen(arg) + 1);
	s->has_name = true;
	return 0;
}

static int take_seed(struct settings *s, const char *arg, struct err *e)
{
	s->has_seed = true;
	return unit_u64(arg, 0, UINT64_MAX, &s->config.seed, e);
}

static int take_timing(struct settings *s, const char *arg, struct err *e)
{
	if (strcmp(arg, "easy") != 0 && strcmp(arg, "precise") != 0)
		return err_set(e, -EINVAL, "%s is not easy or precise", arg);
	s->precise = strcmp(arg, "precise") == 0;
	s->config.tolerance_ns = s->precise ? 100 * NS_PER_US : NS_PER_MS;
	return 0;
}

static int take_key(struct settings *s, const char *name, const char *arg, struct err *e)
{
	s->impaired = true;
	return wire_set_key(&s->config, name, arg, e);
}

int settings_take(struct settings *s, const struct opt *o, const char *arg, struct err *e)
{
	const char *name = o->name;
	if (strcmp(name, "mgmt") == 0)
		s->mgmt = arg;
	else if (strcmp(name, "mgmtmode") == 0)
		return take_mode(s, arg, e);
	else if (strcmp(name, "name") == 0)
		return take_name(s, arg, e);
	else if (strcmp(name, "seed") == 0)
		return take_seed(s, arg, e);
	else if (strcmp(name, "rcfile") == 0)
		s->rcfile = arg;
	else if (strcmp(name, "timing") == 0)
		return take_timing(s, arg, e);
	else if (strcmp(name, "capture") == 0)
		s->capture = arg;
	else if (strcmp(name, "daemon") == 0)
		s->daemon = true;
	else if (strcmp(name, "explain") == 0)
		s->explain = true;
	else if (strcmp(name, "pidfile") == 0)
		s->pidfile = arg;
	else if (strcmp(name, "ready-fd") == 0)
		return take_fd(s, arg, e);
	else
		return take_key(s, name, arg, e);
	return 0;
}

static void end_name(char *out, size_t room, const char *what)
{
	const char *slash = strrchr(what, '/');
	if (slash && slash[1])
		what = slash + 1;
	snprintf(out, room, "%.*s", (int)strcspn(what, ",[ \t"), what);
}

/* Frames and a capture cannot share stdout. */
static int check_stdout(const struct settings *s, const char *first, const char *second,
			struct err *e)
{
	if (!s->capture || strcmp(s->capture, "-") != 0)
		return 0;
	if (s->daemon)
		return err_set(e, -EINVAL, "--capture: with -d stdout stays behind; name a file");
	if (strcmp(first, "-") == 0 || strcmp(second, "-") == 0)
		return err_set(e, -EINVAL,
			       "--capture: stdout carries the frames of '-'; name a file");
	return 0;
}

int settings_finish(struct settings *s, const char *first, const char *second, struct err *e)
{
	int r = wire_check(&s->config, e);
	if (!r)
		r = check_stdout(s, first, second, e);
	if (r < 0)
		return r;
	if (!s->has_name) {
		char a[40], b[40];
		end_name(a, sizeof a, first);
		end_name(b, sizeof b, second);
		snprintf(s->config.name, sizeof s->config.name, "%s--%s", a, b);
	}
	if (!s->has_seed &&
	    getrandom(&s->config.seed, sizeof s->config.seed, 0) != sizeof s->config.seed)
		return err_set(e, -errno, "no random seed: %s", strerror(errno));
	return 0;
}

void settings_say_seed(const struct settings *s, const char *whose)
{
	if (!s->has_seed && s->impaired)
		log_say("%s%sseed %" PRIu64, whose ? whose : "", whose ? ": " : "", s->config.seed);
}

void settings_explain(const struct settings *s)
{
	struct out o;
	out_init(&o, opt_json);
	out_json_str(&o, "name", s->config.name);
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		wire_explain(&s->config, d, &o);
	out_done(&o);
	printf("%s%s", o.text ? o.text : "", opt_json ? "\n" : "");
	out_fini(&o);
}

int settings_capture(const struct settings *s, struct cable *c, struct err *e)
{
	int r = s->capture ? captures_start(cable_captures(c), CAPTURES_ALL, s->capture, e) : 0;
	return r < 0 ? err_prefix(e, r, "--capture") : 0;
}

void settings_timing(const struct settings *s, struct cable *c)
{
	if (s->precise && !cable_precise(c))
		log_say("--timing: half of the processors spin for other wires already; this one "
			"sleeps");
}
