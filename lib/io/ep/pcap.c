/* SPDX-License-Identifier: MIT */
/* pcap.c - "pcap://INTERFACE": an interface by libpcap, promiscuous, what comes in and not what
 * this machine itself sends there. Bundles that a card has put together are longer than any frame
 * and counted as such; packet:// cuts them. */
#include "lib/io/ep/netdev.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/io/ep/netns.h"

struct live {
	struct device d;
	struct netdev netdev;
	pcap_t *pcap;
	char name[IFNAMSIZ];
};

enum { SNAP = RX_STRIDE - RX_FRONT }; /* longer than a frame: seen as such */

static unsigned live_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct live *p = (struct live *)e;
	struct rx_block *b = rx_block_take(e);
	struct pcap_pkthdr *h;
	const u_char *bytes;
	unsigned n = 0;
	int r = 1;
	for (unsigned tries = 0; n < max && n < BATCH_MAX && tries < 2 * BATCH_MAX; tries++) {
		r = p->d.watch.loop ? pcap_next_ex(p->pcap, &h, &bytes) : 0;
		if (r <= 0)
			break;
		if (h->len > ETH_FRAME_MAX) {
			e->rx_oversize++;
			continue;
		}
		memcpy(b->slot[n] + RX_FRONT, bytes, h->caplen);
		f[n] = (struct frame){ .data = b->slot[n] + RX_FRONT,
				       .len = h->caplen,
				       .rx_ns = loop_now(e->loop) };
		n++;
	}
	if (r < 0)
		device_lost(&p->d, EIO, pcap_geterr(p->pcap));
	if (!n)
		rx_block_give();
	return n;
}

static unsigned live_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct live *p = (struct live *)e;
	uint8_t frame[ETH_FRAME_MAX];
	unsigned done = 0;
	for (; done < n; done++) {
		uint32_t len = txv_len(&v[done]);
		if (len <= sizeof frame)
			txv_copy(&v[done], frame);
		if (len <= sizeof frame && pcap_inject(p->pcap, frame, len) >= 0)
			continue;
		if (len <= sizeof frame && errno == EAGAIN)
			break;
		e->tx_dropped++; /* its queue is full; it is down; longer than its MTU */
	}
	if (done < n)
		device_full(&p->d);
	return done;
}

static void live_close(struct ep *e)
{
	struct live *p = (struct live *)e;
	loop_del(&p->d.watch);
	timer_fini(&p->d.end.timer);
	netdev_fini(&p->netdev);
	if (p->pcap)
		pcap_close(p->pcap);
	ep_dead(e);
}

static const struct ep_ops live_ops = {
	.rx = live_rx,
	.rx_done = rx_block_done,
	.tx = live_tx,
	.pause = device_pause,
	.close = live_close,
};

/* ---- opening ---- */

static int trouble(struct live *p, int status, struct err *err)
{
	const char *words = pcap_geterr(p->pcap);
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return err_set(err, -EPERM, "pcap://%s: not permitted (root, or CAP_NET_RAW)",
			       p->name);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return err_set(err, -ENODEV, "pcap://%s: no such interface", p->name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return err_set(err, -ENETDOWN, "pcap://%s: the interface is not up", p->name);
	default:
		return err_set(err, -EIO, "pcap://%s: %s", p->name,
			       *words ? words : pcap_statustostr(status));
	}
}

static int activate(void *arg, struct err *err)
{
	struct live *p = arg;
	char words[PCAP_ERRBUF_SIZE];
	p->pcap = pcap_create(p->name, words);
	if (!p->pcap)
		return err_set(err, -EIO, "pcap://%s: %s", p->name, words);
	pcap_set_snaplen(p->pcap, SNAP);
	pcap_set_promisc(p->pcap, 1);
	pcap_set_immediate_mode(p->pcap, 1);
	int r = pcap_activate(p->pcap); /* positive: a warning */
	return r < 0 ? trouble(p, r, err) : 0;
}

static int set_filter(struct live *p, const char *text, struct err *err)
{
	struct bpf_program code;
	if (!text)
		return 0;
	if (pcap_compile(p->pcap, &code, text, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return err_set(err, -EINVAL, "filter '%.200s': %s", text, pcap_geterr(p->pcap));
	int r = pcap_setfilter(p->pcap, &code);
	pcap_freecode(&code);
	return r < 0 ? trouble(p, r, err) : 0;
}

static int open_live(struct live *p, const struct ep_keys *keys, struct err *err)
{
	char words[PCAP_ERRBUF_SIZE];
	int r = netns_visit(ep_key(keys, "netns"), activate, p, err);
	if (r < 0)
		return r;
	if (pcap_datalink(p->pcap) != DLT_EN10MB)
		return err_set(err, -EINVAL, "pcap://%s: its frames are not Ethernet", p->name);
	r = set_filter(p, ep_key(keys, "filter"), err);
	if (!r && pcap_setdirection(p->pcap, PCAP_D_IN) < 0)
		r = trouble(p, PCAP_ERROR, err);
	if (!r && pcap_setnonblock(p->pcap, 1, words) < 0)
		r = err_set(err, -EIO, "pcap://%s: %s", p->name, words);
	return r;
}

EP_OPEN(ep_pcap_open)
{
	*e = NULL;
	if (!*rest || strlen(rest) >= IFNAMSIZ)
		return err_set(err, -EINVAL, "pcap://%.40s: not the name of an interface", rest);
	int changes = netns_open(ep_key(keys, "netns"), netdev_listen, NULL, err);
	if (changes < 0)
		return changes;
	struct live *p = (struct live *)ep_born(sizeof *p, &live_ops, l, host, ctx);
	if (!p) {
		close(changes);
		return err_set(err, -ENOMEM, "pcap://%s: out of memory", rest);
	}
	snprintf(p->name, sizeof p->name, "%s", rest);
	ep_end_init(&p->d.end, &p->d.ep);
	netdev_init(&p->netdev, &p->d, changes);
	int r = open_live(p, keys, err);
	if (r < 0) {
		ep_close(&p->d.ep);
		return r;
	}
	r = device_start(&p->d, pcap_get_selectable_fd(p->pcap), device_failed);
	if (r == 0 && (r = netdev_start(&p->netdev)) < 0)
		ep_close(&p->d.ep);
	if (r < 0)
		return err_set(err, r, "pcap://%s: %s", rest, strerror(-r));
	*e = &p->d.ep;
	return 0;
}
