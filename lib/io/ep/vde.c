/* SPDX-License-Identifier: MIT */
/* vde.c - the client side of the VDE switch protocol: a request on DIR/ctl, an answer that names
 * the switch's data socket, then frames. Nothing here blocks; a silent switch is given up in time.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/dgram.h"
#include "lib/io/ep/memif.h"
#include "lib/io/usock.h"
#include "lib/proto/vde.h"

static const int64_t ANSWER_NS =
	5 * NS_PER_SEC; /* vde_switch 2.3.2 never refuses in words: it is silent */
static const int64_t RETRY_NS =
	20 * NS_PER_MS; /* while the switch's queue of connections is full */

struct vde_client {
	struct dgram d;
	struct timer timer;
	int64_t deadline;
	char ctl_path[4096];
	struct vde_request request;
	uint8_t answer[VDE_ANSWER_LEN];
	size_t got;
};

struct wish { /* what the locator asks for */
	char dir[4096];
	int port, mode; /* VDE_PORT_ANY; -1: not given */
	gid_t gid;
	bool has_gid;
};

static void client_close(struct ep *e)
{
	struct vde_client *c = (struct vde_client *)e;
	timer_fini(&c->timer);
	dgram_close(e);
}

static const struct ep_ops client_ops = {
	.rx = dgram_rx,
	.rx_done = rx_block_done,
	.tx = dgram_tx,
	.pause = dgram_pause,
	.close = client_close,
};

/* ---- what is asked for ---- */

static int group_of(const char *text, struct wish *w, struct err *err)
{
	const struct group *g = getgrnam(text);
	uint64_t n;
	if (!g && unit_u64(text, 0, UINT32_MAX - 1, &n, NULL) < 0)
		return err_set(err, -EINVAL, "group=%s: no such group", text);
	w->gid = g ? g->gr_gid : (gid_t)n;
	w->has_gid = true;
	return 0;
}

static int mode_of(const char *text, struct wish *w, struct err *err)
{
	char *end;
	unsigned long mode = strtoul(text, &end, 8);
	if (!*text || *end || mode > 0777)
		return err_set(err, -EINVAL, "perm=%s: not an octal mode (0600, say)", text);
	w->mode = (int)mode;
	return 0;
}

static int port_of(const char *text, struct wish *w, struct err *err)
{
	uint64_t n;
	if (unit_u64(text, 0, 65535, &n, NULL) < 0)
		return err_set(err, -EINVAL, "port=%s: not a number from 0 to 65535", text);
	w->port = (int)n;
	return 0;
}

/* VDE's own suffix: [N], or [port=N/group=G/mode=M]. */
static int bracket(char *text, struct wish *w, struct err *err)
{
	char *save = NULL;
	for (char *tag = strtok_r(text, "/", &save); tag; tag = strtok_r(NULL, "/", &save)) {
		char *eq = strchr(tag, '=');
		const char *value = eq ? eq + 1 : tag, *name = "port";
		if (eq) {
			*eq = '\0';
			name = tag;
		}
		int r;
		if (strcmp(name, "port") == 0 || strcmp(name, "portgroup") == 0)
			r = port_of(value, w, err);
		else if (strcmp(name, "group") == 0)
			r = group_of(value, w, err);
		else if (strcmp(name, "mode") == 0)
			r = mode_of(value, w, err);
		else
			r = err_set(err, -EINVAL, "[%s=%s]: VDE knows port, group and mode", name,
				    value);
		if (r < 0)
			return r;
	}
	return 0;
}

/* libvdeplug's search for a switch that is not named. */
static void default_dir(char *out, size_t room)
{
	const char *home = getenv("HOME");
	static const char *const at[] = { "%s/.vdeplug/default", "%s/.vde2/default.switch",
					  "/var/run/vde.ctl", "/tmp/vde.ctl" };
	for (size_t i = 0; i < 4; i++) {
		snprintf(out, room, "%s%s", i < 2 && home ? home : "", at[i] + (i < 2 ? 2 : 0));
		if ((i >= 2 || home) && access(out, F_OK) == 0)
			return;
	}
}

static int wish_of(struct wish *w, const char *rest, const struct ep_keys *keys, struct err *err)
{
	*w = (struct wish){ .port = VDE_PORT_ANY, .mode = -1 };
	snprintf(w->dir, sizeof w->dir, "%s", rest);
	ep_unquote(w->dir);
	size_t n = strlen(w->dir);
	char *open = n && w->dir[n - 1] == ']' ? strrchr(w->dir, '[') : NULL;
	int r = 0;
	if (open) {
		w->dir[n - 1] = '\0';
		*open = '\0';
		r = bracket(open + 1, w, err);
	}
	const char *v;
	if (r == 0 && (v = ep_key(keys, "port")))
		r = port_of(v, w, err);
	if (r == 0 && (v = ep_key(keys, "group")))
		r = group_of(v, w, err);
	if (r == 0 && (v = ep_key(keys, "perm")))
		r = mode_of(v, w, err);
	if (!w->dir[0])
		default_dir(w->dir, sizeof w->dir);
	return r;
}

/* ---- our data socket ---- */

/* As libvdeplug: beside the switch's socket if we may write there, else in a common folder. */
static int bind_data(struct vde_client *c, const char *dir)
{
	static unsigned counter;
	const char *const folders[] = { dir, "/var/run", "/var/tmp", "/tmp" };
	int r = -EACCES;
	unsigned n = counter++;
	for (size_t i = 0; i < 4; i++) {
		char path[sizeof c->d.own_path];
		int len = snprintf(path, sizeof path, "%s/%s.%05d-%05u", folders[i], i ? "vde" : "",
				   (int)getpid(), n);
		if (len < 0 || (size_t)len >= sizeof path)
			continue;
		r = usock_bind(path, SOCK_DGRAM, 0600, -1, NULL);
		if (r < 0)
			continue;
		memcpy(c->d.own_path, path, sizeof path);
		c->d.data.fd = r;
		return 0;
	}
	return r;
}

/* Who may write to our socket: libvdeplug's rules. Without a wish it is ours alone, unless the
 * switch runs as somebody else, who then must get in by its group or, failing that, by everybody's
 * right. */
static int open_data(const struct vde_client *c, const struct wish *w)
{
	const char *path = c->d.own_path;
	unsigned mode = w->mode < 0 ? 0700 : (unsigned)w->mode;
	struct stat ctl;
	if (w->has_gid) {
		if (chown(path, (uid_t)-1, w->gid) < 0)
			return -errno;
	} else if (!(mode & 077) && stat(c->ctl_path, &ctl) == 0 && ctl.st_uid != 0 &&
		   ctl.st_uid != geteuid()) {
		mode |= chown(path, (uid_t)-1, ctl.st_gid) == 0 ? 070 : 077;
	}
	return chmod(path, mode) < 0 ? -errno : 0;
}

/* ---- handshake ---- */

static void give_up(struct vde_client *c, int why, const char *words)
{
	timer_set(&c->timer, TIME_NEVER);
	loop_del(&c->d.ctl);
	ep_end_say(&c->d.end, why, "%s", words);
}

/* The switch names its data socket "DIR/NNN.FD", NNN being the port (VDE 2 datasock.c). */
static int port_in(const char *path)
{
	const char *name = strrchr(path, '/');
	unsigned port, fd;
	char rest;
	return name && sscanf(name, "/%5u.%9u%c", &port, &fd, &rest) == 2 ? (int)port : -1;
}

static void joined(struct vde_client *c)
{
	char path[VDE_SUN_PATH + 1];
	if (vde_answer_decode(path, c->answer, sizeof c->answer) < 0) {
		give_up(c, -EPROTO, "the switch's answer is no socket address");
		return;
	}
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	memcpy(sun.sun_path, path, sizeof sun.sun_path);
	if (connect(c->d.data.fd, (struct sockaddr *)&sun, sizeof sun) < 0) {
		ep_end_say(&c->d.end, -errno, "the switch's data socket %s: %s", path,
			   strerror(errno));
		return;
	}
	c->d.ep.port = port_in(path);
	unlink(c->d.own_path); /* both ends know each other: the name has done its work */
	c->d.own_path[0] = '\0';
	timer_set(&c->timer, TIME_NEVER);
	loop_del(&c->d.ctl);
	int r = dgram_start(&c->d);
	if (r < 0)
		ep_end_say(&c->d.end, r, "%s", strerror(-r));
	else
		ep_say_up(&c->d.ep);
}

static void ctl_ready(struct watch *w, uint32_t events)
{
	struct vde_client *c = container_of(w, struct vde_client, d.ctl);
	(void)events;
	ssize_t n = recv(w->fd, c->answer + c->got, sizeof c->answer - c->got, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		give_up(c, -EACCES, "the switch refused the plug");
		return;
	}
	c->got += (size_t)n;
	if (c->got == sizeof c->answer)
		joined(c);
}

/* 0: asked; -EAGAIN: the switch is busy; else why not. */
static int ask(struct vde_client *c)
{
	int fd = usock_connect(c->ctl_path, SOCK_STREAM);
	if (fd < 0)
		return fd;
	c->d.ctl.fd = fd;
	uint8_t bytes[VDE_REQUEST_MAX];
	size_t len = vde_request_encode(&c->request, bytes);
	if (send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
		return -EPIPE;
	timer_set(&c->timer, c->deadline);
	return loop_add(c->d.ep.loop, &c->d.ctl, fd, EPOLLIN, ctl_ready);
}

static void timer_fire(struct timer *t, int64_t now)
{
	struct vde_client *c = container_of(t, struct vde_client, timer);
	if (now >= c->deadline) {
		give_up(c, -ETIMEDOUT,
			c->d.ctl.fd < 0 ? "the switch takes no connections"
					: "the switch does not answer (has it no such port?)");
		return;
	}
	int r = ask(c);
	if (r == -EAGAIN)
		timer_set(t, now + RETRY_NS);
	else if (r < 0)
		give_up(c, r, strerror(-r));
}

static void describe(struct vde_client *c, const struct ep_keys *keys)
{
	const struct passwd *pw = getpwuid(geteuid());
	const char *descr = ep_key(keys, "descr"), *ssh = getenv("SSH_CLIENT");
	char own[64], uid[16];
	snprintf(own, sizeof own, "%.60s:", program_invocation_short_name);
	snprintf(uid, sizeof uid, "%u", (unsigned)geteuid());
	snprintf(c->request.descr, VDE_DESCR_MAX + 1, "%s user=%s pid=%d%s%.*s",
		 descr ? descr : own, pw ? pw->pw_name : uid, (int)getpid(), ssh ? " SSH=" : "",
		 ssh ? (int)strcspn(ssh, " ") : 0, ssh ? ssh : "");
}

static int begin(struct vde_client *c, const struct wish *w, const struct ep_keys *keys,
		 struct err *err)
{
	char dir[4096];
	if (!realpath(w->dir, dir))
		return err_set(err, -errno, "%s: %s", w->dir, strerror(errno));
	/* dynamips and old scripts name the socket itself */
	size_t n = strlen(dir);
	if (n > 4 && strcmp(dir + n - 4, "/ctl") == 0)
		dir[n - 4] = '\0';
	if (snprintf(c->ctl_path, sizeof c->ctl_path, "%s/ctl", dir) >= (int)sizeof c->ctl_path)
		return err_set(err, -ENAMETOOLONG, "%s: %s", w->dir, strerror(ENAMETOOLONG));
	int r = bind_data(c, dir);
	if (r == 0)
		r = open_data(c, w);
	if (r < 0)
		return err_set(err, r, "%s: no data socket: %s", w->dir, strerror(-r));
	c->request.version = 3;
	c->request.port = w->port;
	memcpy(c->request.sun_path, c->d.own_path, sizeof c->request.sun_path);
	describe(c, keys);
	c->deadline = loop_clock(c->d.ep.loop) + ANSWER_NS;
	r = ask(c);
	if (r == -EAGAIN) {
		timer_set(&c->timer, loop_now(c->d.ep.loop) + RETRY_NS);
		r = 0;
	}
	if (r == -ECONNREFUSED)
		return err_set(err, r, "%s: no switch runs there (its socket is left over)",
			       w->dir);
	if (r == -ENOENT)
		return err_set(err, r, "%s: no switch there (no socket %s)", w->dir, c->ctl_path);
	return r < 0 ? err_set(err, r, "%s: %s", w->dir, strerror(-r)) : 0;
}

/* A regular file in the place of the folder: its first line is the locator (libvdeplug 4; so
 * ~/.vdeplug/default can be a link to a folder or a file). */
static int open_named_in(struct ep **e, struct loop *l, const char *path,
			 const struct ep_host *host, void *ctx, struct err *err)
{
	static _Thread_local unsigned depth; /* a file may name a file, but not for ever */
	char line[EP_TEXT_MAX] = "";
	FILE *f = fopen(path, "re");
	bool got = f && fgets(line, sizeof line, f);
	if (f)
		fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	if (!got || !line[0] || depth == 4)
		return err_set(err, -EINVAL, "%s: its first line names no switch", path);
	depth++;
	int r = ep_open(e, l, line, host, ctx, NULL, err);
	depth--;
	return r < 0 ? err_prefix(err, r, path) : 0;
}

/* A switch of ours offers rings beside. Port 0 cannot be asked for there. true: they are tried. */
static bool open_rings(struct ep **e, struct loop *l, const struct wish *w,
		       const struct ep_keys *keys, const struct ep_host *host, void *ctx)
{
	char path[sizeof w->dir + sizeof "/memif"];
	size_t n = strlen(w->dir);
	if (n > 4 && strcmp(w->dir + n - 4, "/ctl") == 0)
		n -= 4;
	snprintf(path, sizeof path, "%.*s/memif", (int)n, w->dir);
	return w->port != 0 && memif_client_open(e, l, path, w->port < 0 ? 0 : (uint32_t)w->port,
						 ep_key(keys, "descr"), NULL, host, ctx, NULL) == 0;
}

EP_OPEN(ep_vde_open)
{
	struct wish w;
	struct stat st;
	bool rings = true;
	*e = NULL;
	int r = wish_of(&w, rest, keys, err);
	if (r == 0)
		r = ep_key_bool(keys, "rings", &rings, err);
	if (r < 0)
		return r;
	if (stat(w.dir, &st) == 0 && S_ISREG(st.st_mode))
		return open_named_in(e, l, w.dir, host, ctx, err);
	if (rings && open_rings(e, l, &w, keys, host, ctx))
		return 0;
	struct vde_client *c =
		(struct vde_client *)dgram_born(sizeof *c, &client_ops, l, host, ctx);
	if (!c)
		return err_set(err, -ENOMEM, "%s: out of memory", w.dir);
	timer_init(&c->timer, l, timer_fire);
	c->d.lost_words = "the switch ended the connection";
	snprintf(c->d.ep.descr, sizeof c->d.ep.descr, "vde://%.100s", w.dir);
	r = begin(c, &w, keys, err);
	if (r < 0) {
		ep_close(&c->d.ep);
		return r;
	}
	*e = &c->d.ep;
	return 0;
}
