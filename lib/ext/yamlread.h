/* SPDX-License-Identifier: MIT */
/* yamlread.h - reads one YAML document and tells what is in it, in order; every scalar is a text,
 * aliases are what they stand for. By libyaml; no I/O. */
#ifndef DW_EXT_YAMLREAD_H
#define DW_EXT_YAMLREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

struct yaml_sink { /* 0, or a negative errno that ends the reading. A key comes before its value. */
	int (*scalar)(void *ctx, const char *text);
	int (*open)(void *ctx, bool list);
	int (*key)(void *ctx, const char *name);
	int (*close)(void *ctx, bool list);
};

/* 0; -EINVAL with words (line first): not YAML, or nested or repeated beyond all reason; -ENOMEM;
 * or what the sink said. An empty text tells nothing. */
int yaml_read(const char *text, size_t len, const struct yaml_sink *sink, void *ctx, struct err *e);

#endif
