/* SPDX-License-Identifier: MIT */
/* schemes.c - the table of locator schemes and the way from a locator to its scheme. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/io/ep/impl.h"

static const char *const no_keys[] = { NULL };
static const char *const vde_keys[] = { "port", "group", "perm", "rings", NULL };
static const char *const foreign_keys[] = { "port", "group", "perm", NULL };
static const char *const memif_keys[] = { "port", "secret", NULL };
static const char *const netns_keys[] = { "netns", NULL };
static const char *const file_keys[] = { "speed", "write", NULL };
static const char *const socket_keys[] = { "listen", "framing", NULL };
static const char *const pcap_keys[] = { "netns", "filter", NULL };
static const char *const udp_keys[] = { "listen", "local", "netns", NULL };
static const char *const vxlan_keys[] = { "vni", "local", "ttl", "df", "interface", "netns", NULL };
static const char *const listen_keys[] = { "listen", NULL };
static const char *const dgram_keys[] = { "listen", "local", NULL };
/* ssh:// hands them on: what they mean is the far side's word. */
static const char *const far_keys[] = { "port",      "group",  "perm",  "netns",  "listen", "local",
					"framing",   "vni",    "ttl",   "df",     "speed",  "write",
					"interface", "filter", "rings", "secret", NULL };

const struct scheme schemes[] = {
	{ "", "DIR[,port=N][,group=G][,perm=OCTAL][,rings=no]",
	  "a switch: by shared memory if it is ours, else by the VDE protocol", vde_keys,
	  ep_vde_open },
	{ "vde", "vde://DIR[,port=N][,group=G][,perm=OCTAL][,rings=no]", "the same", vde_keys,
	  ep_vde_open },
	{ "dw", "dw://DIR[,port=N]", "a switch of ours, by shared memory only", memif_keys,
	  ep_dw_open },
	{ "memif", "memif://SOCKET[,port=ID][,secret=WORD]",
	  "shared memory of who serves memif 2.0 there (VPP, DPDK, a switch of ours)", memif_keys,
	  ep_memif_open },
	{ "-", "-", "stdin and stdout, each frame after its length (2 bytes, big-endian)", no_keys,
	  ep_stdio_open },
	{ "tap", "tap://NAME[,netns=PATH]", "a tap interface, made if absent", netns_keys,
	  ep_tap_open },
	{ "packet", "packet://INTERFACE[,netns=PATH]",
	  "all frames of an interface, by packet socket", netns_keys, ep_packet_open },
	{ "pcap", "pcap://INTERFACE[,filter=EXPR][,netns=PATH]",
	  "all frames of an interface, by libpcap", pcap_keys, ep_pcap_open },
	{ "file", "file://CAPTURE[,speed=N][,write=yes]",
	  "frames of a capture (speed=0: without waiting), or into one", file_keys, ep_file_open },
	{ "ssh", "ssh://[USER@]HOST[:PORT]/LOCATOR", "dw-plug on another machine", far_keys,
	  ep_ssh_open },
	{ "cmd", "cmd://COMMAND", "a command whose stdin and stdout speak the framing of '-'",
	  no_keys, ep_cmd_open },
	{ "stream+unix", "stream+unix://PATH[,listen=yes][,framing=2|4]",
	  "frames on a Unix stream socket (QEMU: framing=4)", socket_keys, ep_stream_unix_open },
	{ "stream+tcp", "stream+tcp://HOST:PORT[,listen=yes][,framing=2|4]",
	  "frames on a TCP connection", socket_keys, ep_stream_tcp_open },
	{ "dgram+unix", "dgram+unix://PATH[,local=PATH|,listen=yes]",
	  "a frame a datagram on Unix sockets, as QEMU's dgram", dgram_keys, ep_dgram_unix_open },
	{ "udp", "udp://HOST:PORT[,local=[ADDR:]PORT|,listen=yes]", "a frame a datagram of UDP",
	  udp_keys, ep_udp_open },
	{ "vxlan", "vxlan://HOST|GROUP[:PORT][,vni=N][,local=ADDR]",
	  "RFC 7348, to one host or to a multicast group", vxlan_keys, ep_vxlan_open },
	{ "vhost-user", "vhost-user://PATH[,listen=no]",
	  "a virtual machine's network card, in memory that it shares", listen_keys,
	  ep_vhost_user_open },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct scheme foreign = { "*", "SCHEME://...",
				       "any other scheme: handed to libvdeplug", foreign_keys,
				       ep_foreign_open };

static const struct scheme *scheme_of(char *base, const char **rest)
{
	char *sep = strstr(base, "://");
	size_t len = sep ? (size_t)(sep - base) : 0;
	bool stdio = strcmp(base, "-") == 0;
	/* A path with "://" somewhere behind a slash is a path. */
	if (sep && memchr(base, '/', len))
		len = 0, sep = NULL;
	for (const struct scheme *s = schemes; s->name; s++) {
		if (stdio ? strcmp(s->name, "-") == 0
			  : strlen(s->name) == len && memcmp(s->name, base, len) == 0) {
			*rest = sep ? sep + 3 : base;
			return s;
		}
	}
	*rest = base;
	return &foreign;
}

static bool listed(const char *const *keys, const char *name)
{
	if (ep_key_is(name, "descr"))
		return true;
	for (; *keys; keys++)
		if (ep_key_is(name, *keys))
			return true;
	return false;
}

static const char *key_at(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

/* Splits the keys: the scheme's own stay in `k`, the others go to `rest` as text. */
static int sort_keys(const struct scheme *s, struct ep_keys *k, struct ep_rest *rest,
		     struct err *err)
{
	unsigned own = 0;
	size_t len = 0;
	for (unsigned i = 0; i < k->count; i++) {
		if (listed(s->keys, k->key[i].name)) {
			ep_unquote(k->key[i].value);
			k->key[own++] = k->key[i];
			continue;
		}
		if (!rest) {
			const char *near = nearest_word(k->key[i].name, key_at, s->keys);
			return err_set(err, -EINVAL,
				       near ? "%s: no key '%s' here (%s?)" : "%s: no key '%s' here",
				       k->base, k->key[i].name, near);
		}
		int n = snprintf(rest->text + len, sizeof rest->text - len, "%s%s=%s",
				 len ? "," : "", k->key[i].name, k->key[i].value);
		if (n < 0 || (size_t)n >= sizeof rest->text - len)
			return err_set(err, -EINVAL, "%s: its keys are too long", k->base);
		len += (size_t)n;
	}
	k->count = own;
	return 0;
}

static void remember(struct ep *e, const struct ep_keys *k)
{
	size_t room = sizeof e->locator;
	int at = snprintf(e->locator, room, "%s", k->base);
	for (unsigned i = 0; i < k->count && at > 0 && (size_t)at < room; i++)
		at += snprintf(e->locator + at, room - (size_t)at, ",%s=%s", k->key[i].name,
			       k->key[i].value);
	if (!e->descr[0])
		snprintf(e->descr, sizeof e->descr, "%.127s", e->locator);
}

int ep_open(struct ep **e, struct loop *l, const char *locator, const struct ep_host *host,
	    void *ctx, struct ep_rest *rest, struct err *err)
{
	struct ep_keys k;
	*e = NULL;
	if (rest)
		rest->text[0] = '\0';
	int r = ep_keys_parse(&k, locator, err);
	if (r < 0)
		return r;
	ep_unquote(k.base); /* "/a,b" in quotes, commas and all */
	const char *where;
	const struct scheme *s = scheme_of(k.base, &where);
	r = sort_keys(s, &k, rest, err);
	if (r < 0)
		return r;
	r = s->open(e, l, where, &k, host, ctx, err);
	assert((r < 0) == !*e);
	if (r < 0)
		return r;
	remember(*e, &k);
	return 0;
}

void ep_close(struct ep *e)
{
	if (e)
		e->ops->close(e);
}

static void put_json(FILE *f, const char *text) /* our own table: no control bytes in it */
{
	putc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', f);
		putc(*text, f);
	}
	putc('"', f);
}

static void list_row(FILE *f, bool json, const struct scheme *s, bool first)
{
	if (!json) {
		fprintf(f, "%-52s %s\n", s->syntax, s->help);
		return;
	}
	fputs(first ? "" : ",", f);
	fputs("{\"scheme\":", f);
	put_json(f, s->name);
	fputs(",\"syntax\":", f);
	put_json(f, s->syntax);
	fputs(",\"help\":", f);
	put_json(f, s->help);
	putc('}', f);
}

void ep_list(FILE *f, bool json)
{
	fputs(json ? "{\"locators\":[" : "", f);
	for (const struct scheme *s = schemes; s->name; s++)
		list_row(f, json, s, s == schemes);
	list_row(f, json, &foreign, false);
	fputs(json ? "]}\n" : "", f);
}
