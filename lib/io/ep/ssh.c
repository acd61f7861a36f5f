/* SPDX-License-Identifier: MIT */
/* ssh.c - "ssh://": dw-plug on another machine, over the user's own OpenSSH with its keys and
 * configuration. All plugs of a user to one host share one connection (ssh's multiplexing), so one
 * password or touch of a token is enough; it stays for a minute after the last one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/cmd.h"

/* Adds `text` to the remote command as one word of the remote shell. false: no room. */
static bool add_word(char *out, size_t room, const char *text)
{
	size_t at = strlen(out);
	for (; *text && at + 5 < room; text++) {
		if (*text == '\'') {
			memcpy(out + at, "'\\''", 4);
			at += 4;
		} else {
			out[at++] = *text;
		}
	}
	out[at] = '\0';
	return !*text;
}

static bool has_tty(void) /* somebody can be asked for a password */
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

struct far {
	char host[256]; /* with USER@ */
	char port[6];   /* "": ssh's own */
	char locator[EP_TEXT_MAX];
};

/* HOST, HOST:PORT or [V6]:PORT behind an optional USER@; ssh wants the IPv6 address without its
 * brackets. */
static int host_of(struct far *f, char *text, struct err *err)
{
	char *at = strrchr(text, '@'), *name = at ? at + 1 : text;
	char *open = *name == '[' ? name : NULL, *close = open ? strchr(open, ']') : NULL;
	char *colon = strchr(close ? close : name, ':');
	if (colon) {
		*colon = '\0';
		uint64_t n;
		if (unit_u64(colon + 1, 1, 65535, &n, NULL) < 0)
			return err_set(err, -EINVAL,
				       "ssh://%s: port '%s' is not a number from 1 to 65535", text,
				       colon + 1);
		snprintf(f->port, sizeof f->port, "%u", (unsigned)n);
	}
	if (close) {
		*close = '\0';
		memmove(open, open + 1, strlen(open));
	}
	if (!*name || text[0] == '-' || text[0] == '@')
		return err_set(err, -EINVAL, "ssh://%s: no host", text);
	if (snprintf(f->host, sizeof f->host, "%s", text) >= (int)sizeof f->host)
		return err_set(err, -EINVAL, "ssh://%.40s...: the host's name is too long", text);
	return 0;
}

/* HOST/LOCATOR: the slash before another scheme's locator is not part of it. */
static int far_of(struct far *f, const char *rest, struct err *err)
{
	char text[EP_TEXT_MAX];
	*f = (struct far){ .port = "" };
	snprintf(text, sizeof text, "%s", rest);
	char *slash = strchr(text, '/');
	if (slash) {
		char *sep = strstr(slash, "://");
		bool scheme = sep && !memchr(slash + 1, '/', (size_t)(sep - slash - 1));
		snprintf(f->locator, sizeof f->locator, "%s", slash + scheme);
		*slash = '\0';
	}
	return host_of(f, text, err);
}

static int meaning(int code, char *words, size_t room)
{
	if (code == 127) {
		snprintf(words, room, "the far side has no dw-plug in its PATH");
		return -ENOENT;
	}
	if (code != 255) /* ssh's own; the others are the far command's */
		return 0;
	snprintf(words, room, "ssh could not connect, or lost the connection%s",
		 has_tty() ? "" : " (without a terminal it asks for no password)");
	return -ECONNREFUSED;
}

static bool is_ours(const char *dir) /* a folder that nobody else gets into */
{
	struct stat st;
	return (mkdir(dir, 0700) == 0 || errno == EEXIST) && lstat(dir, &st) == 0 &&
	       S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 077);
}

/* Where the connections that are shared have their sockets. %C (40 hex digits) is for ssh: local
 * host, far host, port and user. With ssh's own temporary suffix of 17 it must fit sun_path. */
static bool shared_path(char *out, size_t room)
{
	char dir[64];
	const char *run = getenv("XDG_RUNTIME_DIR");
	int n = run && *run == '/'
			? snprintf(dir, sizeof dir, "%s/dw-ssh", run)
			: snprintf(dir, sizeof dir, "/tmp/dw-ssh-%u", (unsigned)geteuid());
	if (n < 0 || n + 1 + 40 + 17 >= 108 || (size_t)n >= sizeof dir || strpbrk(dir, "% \"") ||
	    !is_ours(dir))
		return false;
	snprintf(out, room, "ControlPath=%s/%%C", dir);
	return true;
}

static bool far_command(char *line, size_t room, const struct far *f, const struct ep_keys *keys)
{
	snprintf(line, room, "exec dw-plug '");
	bool fits = add_word(line, room, f->locator[0] ? f->locator : "vde://");
	for (unsigned i = 0; i < keys->count && fits; i++)
		fits = add_word(line, room, ",") && add_word(line, room, keys->key[i].name) &&
		       add_word(line, room, "=") && add_word(line, room, keys->key[i].value);
	if (!fits || strlen(line) + 2 > room)
		return false;
	memcpy(line + strlen(line), "'", 2);
	return true;
}

/* A far side that falls silent is given up after 15 s, so that --reconnect has its chance. */
static char o[] = "-o", ssh[] = "ssh", no_tty[] = "-T", p[] = "-p", dashes[] = "--",
	    batch[] = "BatchMode=yes", alive[] = "ServerAliveInterval=5",
	    alive_max[] = "ServerAliveCountMax=3", master[] = "ControlMaster=auto",
	    persist[] = "ControlPersist=60";

EP_OPEN(ep_ssh_open)
{
	struct far f;
	char line[2 * EP_TEXT_MAX], path[128];
	*e = NULL;
	int r = far_of(&f, rest, err);
	if (r < 0)
		return r;
	if (!far_command(line, sizeof line, &f, keys))
		return err_set(err, -EINVAL, "ssh://%s: too long", f.host);
	char *argv[20] = { ssh, no_tty, o, alive, o, alive_max };
	int n = 6;
	if (!has_tty()) {
		argv[n++] = o;
		argv[n++] = batch;
	}
	if (shared_path(path, sizeof path)) {
		char *const share[] = { o, master, o, persist, o, path };
		memcpy(argv + n, share, sizeof share);
		n += 6;
	}
	if (f.port[0]) {
		argv[n++] = p;
		argv[n++] = f.port;
	}
	argv[n++] = dashes;
	argv[n++] = f.host;
	argv[n++] = line;
	return ep_command(e, l, argv, false, meaning, host, ctx, err);
}
