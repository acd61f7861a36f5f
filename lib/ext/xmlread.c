/* SPDX-License-Identifier: MIT */
/* xmlread.c - XML by expat: the only file that knows it. */
#include "lib/ext/xmlread.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>

struct reader {
	XML_Parser parser;
	const struct xml_sink *sink;
	void *ctx;
	int code;
};

static void after(struct reader *r, int code)
{
	if (code >= 0 || r->code < 0)
		return;
	r->code = code;
	XML_StopParser(r->parser, XML_FALSE);
}

static void opened(void *user, const XML_Char *name, const XML_Char **attrs)
{
	struct reader *r = user;
	if (r->code == 0)
		after(r, r->sink->open(r->ctx, name, attrs));
}

static void closed(void *user, const XML_Char *name)
{
	struct reader *r = user;
	if (r->code == 0)
		after(r, r->sink->close(r->ctx, name));
}

static void text_came(void *user, const XML_Char *s, int len)
{
	struct reader *r = user;
	if (r->code == 0)
		after(r, r->sink->text(r->ctx, s, (size_t)len));
}

int xml_read(const char *text, size_t len, const struct xml_sink *sink, void *ctx, struct err *e)
{
	struct reader r = { .parser = XML_ParserCreate(NULL), .sink = sink, .ctx = ctx };
	if (!r.parser)
		return err_set(e, -ENOMEM, "out of memory");
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, opened, closed);
	XML_SetCharacterDataHandler(r.parser, text_came);
	if (len > INT_MAX)
		r.code = err_set(e, -EINVAL, "too long");
	else if (XML_Parse(r.parser, text, (int)len, 1) != XML_STATUS_OK && r.code == 0)
		r.code = err_set(
			e, XML_GetErrorCode(r.parser) == XML_ERROR_NO_MEMORY ? -ENOMEM : -EINVAL,
			"line %lu: %s", XML_GetCurrentLineNumber(r.parser),
			XML_ErrorString(XML_GetErrorCode(r.parser)));
	XML_ParserFree(r.parser);
	return r.code;
}
