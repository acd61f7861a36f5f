/* SPDX-License-Identifier: MIT */
/* xmlread.h - reads one XML text and tells what is in it, in order. By expat; no I/O, nothing
 * outside of the text is looked at. */
#ifndef DW_EXT_XMLREAD_H
#define DW_EXT_XMLREAD_H

#include <stddef.h>

#include "lib/base/err.h"

struct xml_sink { /* 0, or a negative errno that ends the reading */
	/* attrs: name, value, name, value, NULL. Names as they stand, prefix and all. */
	int (*open)(void *ctx, const char *name, const char **attrs);
	int (*text)(void *ctx, const char *bytes, size_t len); /* perhaps in pieces */
	int (*close)(void *ctx, const char *name);
};

/* 0; -EINVAL with words (line first): not XML; -ENOMEM; or what the sink said. */
int xml_read(const char *text, size_t len, const struct xml_sink *sink, void *ctx, struct err *e);

#endif
