/* SPDX-License-Identifier: MIT */
/* jsonread.h - reads one JSON text and tells what is in it, in order. By jansson; no I/O. */
#ifndef DW_EXT_JSONREAD_H
#define DW_EXT_JSONREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/* Called for each thing in the text; all are needed. A member's key comes before its value. */
struct json_sink {
	void (*null)(void *ctx);
	void (*boolean)(void *ctx, bool v);
	void (*integer)(void *ctx, int64_t v);
	void (*real)(void *ctx, double v);
	void (*string)(void *ctx, const char *s, size_t len);
	void (*open)(void *ctx, bool list);
	void (*key)(void *ctx, const char *name);
	void (*close)(void *ctx, bool list);
};

/* 0; -EINVAL with words (line and column): not JSON, nothing was called; -ENOMEM. */
int json_read(const char *text, size_t len, const struct json_sink *sink, void *ctx, struct err *e);

#endif
