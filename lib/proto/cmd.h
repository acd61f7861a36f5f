/* SPDX-License-Identifier: MIT */
/* cmd.h - the management language: rows {path, syntax, help, flags, run}, one dispatcher, one help.
 * Pure. VDE's framing of replies: "0000 DATA END WITH '.'" ... "." then "1000 Success", or
 * "1EEE text" (EEE: errno). "json " before a command: one JSON object as one line of data, or 1EEE.
 * The command word ends at the first blank; exact match first, VDE's prefix rule (first row whose
 * path is a prefix of the input) only for rows marked CMD_VDE. Values with blanks or commas stand
 * in double quotes. An unknown command is "1038 Function not implemented", VDE's exact words; with
 * "json " and in cmd_call() the nearest right word follows. A data line of one "." would end the
 * data for the reader and is sent as " .". */
#ifndef DW_PROTO_CMD_H
#define DW_PROTO_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/proto/out.h"

enum {
	CMD_LINE_MAX = 4096,
	CMD_ARGS_MAX = 64,
};

enum {                 /* cmd_row.flags */
       CMD_VDE = 1,    /* VDE's own: found by VDE's prefix rule too */
       CMD_DATA = 2,   /* text replies are framed as data even when empty */
       CMD_WRITES = 4, /* changes something: a read-only client greys it out */
       CMD_RAW = 8,    /* word[0] is the whole tail, unsplit and never NULL (VDE's own parsers) */
       CMD_BARE =
	       16, /* text goes before the code line as it is, without the frame of data (load) */
};

struct args {
	unsigned count;
	char *word[CMD_ARGS_MAX]; /* NUL-terminated, quotes removed */
	const char *tail;         /* all after the command word, blanks trimmed, untouched */
	int64_t now;
};

/* 0: done; else negative errno. The words of an error go into `e` (empty: strerror's). Output is
 * discarded on error, except rows with CMD_DATA|CMD_VDE where VDE prints both. State is untouched
 * on error. */
typedef int cmd_fn(void *ctx, const struct args *a, struct out *o, struct err *e);

struct cmd_row {
	const char *path;   /* "port/print"; NULL ends a table. run NULL: the heading of a menu
			     * ("port",   syntax "============"), not a command */
	const char *syntax; /* "[N]" */
	const char *help;   /* one line */
	unsigned flags;
	cmd_fn *run;
};

struct cmd_table {                  /* borrowed; a core exports one, its shell adds one */
	const struct cmd_row *rows; /* ended by a NULL path */
	void *ctx;
};

struct cmd_set { /* searched in order */
	const struct cmd_table *tables;
	size_t count;
};

const struct cmd_row *cmd_find(const struct cmd_set *s, const char *line, void **ctx,
			       const char **tail);
bool cmd_is_command(const struct cmd_set *s,
		    const char *line); /* its first word names a row exactly */

/* Runs one line (no newline; NUL-terminated; may start with "json ") and appends the whole framed
 * reply to `reply` (a text-mode out). Empty lines and lines that begin with '#' append nothing.
 * Returns what the command returned (0 or negative errno; -ENOSYS unknown: "1038 ..."). */
int cmd_run(const struct cmd_set *s, const char *line, int64_t now, struct out *reply);

/* The same without framing, for callers in the same process: data (text or JSON) into `data`,
 * the reason into `e`. */
int cmd_call(const struct cmd_set *s, const char *line, bool json, int64_t now, struct out *data,
	     struct err *e);

/* The rows of `help [prefix]`, in VDE's columns, for all tables of the set; also as JSON. */
void cmd_help(const struct cmd_set *s, const char *prefix, struct out *o);

/* Splits at blanks, honouring double quotes with \" and \\ inside; `text` is cut up in place.
 * 0, -EINVAL: quote not closed, -E2BIG: more than CMD_ARGS_MAX words. */
int args_split(struct args *a, char *text, struct err *e);
/* A fact as one word that args_split() gives back: quoted where it must be. */
void out_word(struct out *o, const char *key, const char *text);
/* "key=value" -> key, value (value NULL where there is no '='). '_' in the key becomes '-'. In
 * place. */
void args_keyval(char *word, char **key, char **value);

#endif
