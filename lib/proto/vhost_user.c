/* SPDX-License-Identifier: MIT */
/* vhost_user.c - the messages of vhost-user. */
#include "lib/proto/vhost_user.h"

#include <errno.h>

#include "lib/base/wire.h"

enum { VERSION = 1, VERSION_MASK = 3, REPLY = 4, NEED_REPLY = 8 };

static uint64_t rd_host64(struct rd *r)
{
	uint64_t v;
	rd_bytes(r, &v, sizeof v);
	return v;
}

int vhost_user_head(struct vhost_user_msg *m, const uint8_t head[static VHOST_USER_HEAD])
{
	struct rd r = rd_over(head, VHOST_USER_HEAD);
	*m = (struct vhost_user_msg){ .request = rd_host32(&r) };
	uint32_t flags = rd_host32(&r);
	m->body_len = rd_host32(&r);
	m->wants_ack = flags & NEED_REPLY;
	bool fits = (flags & VERSION_MASK) == VERSION && !(flags & REPLY);
	return fits && m->body_len <= VHOST_USER_BODY_MAX ? 0 : -EPROTO;
}

static void read_regions(struct vhost_user_msg *m, struct rd *r)
{
	m->regions = rd_host32(r);
	rd_host32(r); /* padding */
	if (m->regions > VHOST_USER_REGIONS_MAX)
		r->bad = true;
	for (uint32_t i = 0; i < m->regions && !r->bad; i++) {
		struct vhost_user_region *g = &m->region[i];
		g->guest = rd_host64(r);
		g->size = rd_host64(r);
		g->user = rd_host64(r);
		g->offset = rd_host64(r);
	}
}

int vhost_user_body(struct vhost_user_msg *m, const uint8_t *body)
{
	struct rd r = rd_over(body, m->body_len);
	switch (m->request) {
	case VHOST_USER_SET_MEM_TABLE:
		read_regions(m, &r);
		break;
	case VHOST_USER_SET_VRING_NUM:
	case VHOST_USER_SET_VRING_BASE:
	case VHOST_USER_GET_VRING_BASE:
	case VHOST_USER_SET_VRING_ENABLE:
		m->ring = rd_host32(&r);
		m->num = rd_host32(&r);
		break;
	case VHOST_USER_SET_VRING_ADDR:
		m->ring = rd_host32(&r);
		rd_host32(&r); /* flags: of logging, which is not offered */
		m->desc = rd_host64(&r);
		m->used = rd_host64(&r);
		m->avail = rd_host64(&r);
		break;
	case VHOST_USER_SET_FEATURES:
	case VHOST_USER_SET_PROTOCOL_FEATURES:
		m->value = rd_host64(&r);
		break;
	case VHOST_USER_SET_VRING_KICK:
	case VHOST_USER_SET_VRING_CALL:
	case VHOST_USER_SET_VRING_ERR:
		m->value = rd_host64(&r);
		m->ring = m->value & 0xff;
		break;
	}
	return r.bad ? -EPROTO : 0;
}

size_t vhost_user_reply(uint8_t out[static VHOST_USER_HEAD + 8], uint32_t request, int ring,
			uint64_t value)
{
	struct wr w = wr_over(out, VHOST_USER_HEAD + 8);
	wr_host32(&w, request);
	wr_host32(&w, VERSION | REPLY);
	wr_host32(&w, 8);
	if (ring >= 0) {
		wr_host32(&w, (uint32_t)ring);
		wr_host32(&w, (uint32_t)value);
	} else {
		wr_bytes(&w, &value, sizeof value);
	}
	return wr_len(&w);
}
