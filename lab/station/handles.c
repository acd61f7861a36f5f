/* SPDX-License-Identifier: MIT */
/* handles.c - small numbers for what a caller holds: the lowest free one, a bounded table. */
#include <errno.h>
#include <stdlib.h>

#include "lab/station/inner.h"

int handles_put(struct handles *h, void *thing)
{
	unsigned i = 0;
	while (i < h->room && h->v[i])
		i++;
	if (i == STATION_HANDLES)
		return -ENOSPC;
	if (i == h->room) {
		unsigned room = h->room ? h->room * 2 : 4;
		void **v = realloc(h->v, room * sizeof *v);
		if (!v)
			return -ENOMEM;
		for (unsigned k = h->room; k < room; k++)
			v[k] = NULL;
		h->v = v;
		h->room = room;
	}
	h->v[i] = thing;
	return (int)i;
}

void *handles_get(const struct handles *h, int handle)
{
	return handle >= 0 && (unsigned)handle < h->room ? h->v[handle] : NULL;
}

void *handles_take(struct handles *h, int handle)
{
	void *thing = handles_get(h, handle);
	if (thing)
		h->v[handle] = NULL;
	return thing;
}

void handles_fini(struct handles *h)
{
	free(h->v);
	*h = (struct handles){ 0 };
}
