/* SPDX-License-Identifier: MIT */
/* vm.c - a machine under QEMU: in software, which works everywhere, unless it asks for KVM. Its
 * plug is QEMU's own VDE client, or a stream that a cable comes to; what its serial console says is
 * kept. Its disk is a throw-away copy: a lab leaves nothing behind. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lab/real/real.h"

#define QEMU "qemu-system-x86_64"

/* The value of `key` among the words of the plan, or NULL; *at goes on from there. */
static const char *option(const struct words *w, const char *key, size_t *at)
{
	size_t len = strlen(key);
	for (; *at < w->count; ++*at)
		if (strncmp(w->v[*at], key, len) == 0 && w->v[*at][len] == '=')
			return w->v[(*at)++] + len + 1;
	return NULL;
}

static int add(struct words *argv, const char *flag, const char *value)
{
	return words_add(argv, flag) | words_add(argv, value);
}

__attribute__((format(printf, 3, 4))) static int addf(struct words *argv, const char *flag,
						      const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return n < (int)sizeof text ? add(argv, flag, text) : -E2BIG;
}

static int add_options(const struct node_spec *s, struct words *argv)
{
	static const char *const flags[][2] = { { "accel", "-accel" },
						{ "kernel", "-kernel" },
						{ "initrd", "-initrd" },
						{ "append", "-append" } };
	int bad = 0;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		size_t at = 0;
		const char *v = option(&s->args, flags[i][0], &at);
		if (v)
			bad |= add(argv, flags[i][1], v);
	}
	size_t at = 0;
	const char *v = option(&s->args, "memory", &at);
	bad |= addf(argv, "-m", "%sB", v ? v : "134217728");
	at = 0;
	if ((v = option(&s->args, "disk", &at)) != NULL)
		bad |= addf(argv, "-drive", "file=%s,if=virtio,snapshot=on", v);
	at = 0;
	while ((v = option(&s->args, "arg", &at)) != NULL)
		bad |= words_add(argv, v);
	return bad;
}

static int add_plug(const struct node *n, struct words *argv)
{
	const struct node_spec *s = n->spec;
	char mac[MAC_TEXT_LEN], path[SOCK_PATH_MAX + 64];
	int bad = addf(argv, "-device",
		       "virtio-net-pci,netdev=n,mac=%s,romfile=", mac_format(mac, s->mac));
	if (s->at_cable) {
		vm_socket(n, path, sizeof path);
		return bad | addf(argv, "-netdev",
				  "stream,id=n,server=on,addr.type=unix,addr.path=%s", path);
	}
	return bad | addf(argv, "-netdev", "vde,id=n,sock=%s/%s,port=%u", n->real->dir,
			  n->real->node[s->plug.node].spec->name, s->plug.port);
}

void vm_socket(const struct node *n, char *out, size_t room)
{
	snprintf(out, room, "%s/%s.plug", n->real->dir, n->spec->name);
}

static void vm_says(struct prog *p)
{
	struct node *n = container_of(p, struct node, vm);
	n->touched++;
	real_happened(n->real);
}

/* A machine may switch itself off. */
static void vm_ended(struct prog *p)
{
	struct node *n = container_of(p, struct node, vm);
	char words[200];
	vm_says(p);
	if (prog_code(p) == 0)
		return;
	prog_last_words(p, words, sizeof words);
	real_trouble(n->real, -EIO, "%s: QEMU ended (%d): %s", n->spec->name, prog_code(p), words);
}

int vm_start(struct node *n, struct err *e)
{
	static const char *const always[] = { "-display", "none",  "-monitor",   "none",
					      "-serial",  "stdio", "-no-reboot", NULL };
	struct words argv = { 0 };
	char path[SELF_DIR_MAX + 32];
	if (!build_program("", QEMU, path, sizeof path))
		return err_set(e, -ENOTSUP,
			       "%s: " QEMU " is not installed: apt install qemu-system-x86",
			       n->spec->name);
	int bad = words_add(&argv, path);
	for (size_t i = 0; always[i]; i++)
		bad |= words_add(&argv, always[i]);
	bad |= add(&argv, "-name", n->spec->name) | add_plug(n, &argv);
	bad |= add_options(n->spec, &argv);
	n->vm = (struct prog){ .on_output = vm_says, .on_exit = vm_ended };
	int r = bad ? -ENOMEM : prog_start(&n->vm, &n->real->spawner, n->real->loop, &argv, NULL);
	words_fini(&argv);
	return r < 0 ? err_set(e, r, "%s: " QEMU ": %s", n->spec->name, strerror(-r)) : 0;
}
