/* SPDX-License-Identifier: MIT */
/* jsonread.c - JSON by jansson: the only file that knows it. */
#include "lib/ext/jsonread.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

static void tell(const json_t *v, const struct json_sink *s, void *ctx)
{
	switch (json_typeof(v)) {
	case JSON_NULL:
		s->null(ctx);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		s->boolean(ctx, json_is_true(v));
		break;
	case JSON_INTEGER:
		s->integer(ctx, json_integer_value(v));
		break;
	case JSON_REAL:
		s->real(ctx, json_real_value(v));
		break;
	case JSON_STRING:
		s->string(ctx, json_string_value(v), json_string_length(v));
		break;
	case JSON_ARRAY:
		s->open(ctx, true);
		for (size_t i = 0; i < json_array_size(v); i++)
			tell(json_array_get(v, i), s, ctx);
		s->close(ctx, true);
		break;
	case JSON_OBJECT:
		s->open(ctx, false);
		/* jansson's iterators take no const; they change nothing. */
		for (void *it = json_object_iter((json_t *)(uintptr_t)v); it;
		     it = json_object_iter_next((json_t *)(uintptr_t)v, it)) {
			s->key(ctx, json_object_iter_key(it));
			tell(json_object_iter_value(it), s, ctx);
		}
		s->close(ctx, false);
		break;
	}
}

int json_read(const char *text, size_t len, const struct json_sink *sink, void *ctx, struct err *e)
{
	json_error_t why;
	json_t *v = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
	if (!v && json_error_code(&why) == json_error_out_of_memory)
		return err_set(e, -ENOMEM, "out of memory");
	if (!v)
		return err_set(e, -EINVAL, "line %d, column %d: %s", why.line, why.column,
			       why.text);
	tell(v, sink, ctx); /* jansson bounds the depth (JSON_PARSER_MAX_DEPTH 2048) */
	json_decref(v);
	return 0;
}
