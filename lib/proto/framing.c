/* SPDX-License-Identifier: MIT */
/* framing.c - frames out of a byte stream, whatever way the bytes were cut up. */
#include "lib/proto/framing.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/wire.h"

/* Enough for many frames a read. The room is at least twice a full frame, so that moving what is
 * left to the front costs less than reading it did. */
enum { ROOM_LEAST = 65536 };

int deframe_init(struct deframe *d, unsigned head, uint32_t max)
{
	assert(head == 2 || head == 4);
	size_t room = 2 * ((size_t)max + head);
	if (room < ROOM_LEAST)
		room = ROOM_LEAST;
	*d = (struct deframe){ .head = head, .max = max, .room = room, .buf = malloc(room) };
	return d->buf ? 0 : -ENOMEM;
}

void deframe_fini(struct deframe *d)
{
	free(d->buf);
	*d = (struct deframe){ .head = d->head, .max = d->max };
}

uint8_t *deframe_space(struct deframe *d, size_t *room)
{
	if (d->start == d->end) {
		d->start = d->end = 0;
	} else if (d->room - d->end < d->head + (size_t)d->max) {
		memmove(d->buf, d->buf + d->start, d->end - d->start);
		d->end -= d->start;
		d->start = 0;
	}
	*room = d->room - d->end;
	return d->buf + d->end;
}

void deframe_filled(struct deframe *d, size_t n)
{
	assert(n <= d->room - d->end);
	d->end += n;
}

/* Throws away what is here of an over-long frame. */
static void skip_some(struct deframe *d)
{
	size_t here = d->end - d->start, n = d->skip < here ? d->skip : here;
	d->start += n;
	d->skip -= n;
}

int deframe_next(struct deframe *d, const uint8_t **frame, uint32_t *len)
{
	for (;;) {
		skip_some(d);
		if (d->end - d->start < d->head)
			return 0;
		struct rd r = rd_over(d->buf + d->start, d->head);
		uint32_t n = d->head == 2 ? rd_be16(&r) : rd_be32(&r);
		if (n > d->max && d->head == 4)
			return -EMSGSIZE;
		if (n > d->max) {
			d->start += d->head;
			d->skip = n;
			d->oversize++;
			continue;
		}
		if (d->end - d->start - d->head < n)
			return 0;
		*frame = d->buf + d->start + d->head;
		*len = n;
		d->start += d->head + n;
		if (n)
			return 1;
	}
}

size_t deframe_pending(const struct deframe *d)
{
	return d->end - d->start;
}

void frame_head(uint8_t *out, unsigned head, uint32_t len)
{
	assert(head == 4 || (head == 2 && len <= UINT16_MAX));
	struct wr w = wr_over(out, head);
	if (head == 2)
		wr_be16(&w, len);
	else
		wr_be32(&w, len);
}
