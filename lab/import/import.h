/* SPDX-License-Identifier: MIT */
/* import.h - reads networks in the formats of others. Pure: text in, a topology out. */
#ifndef DW_LAB_IMPORT_IMPORT_H
#define DW_LAB_IMPORT_IMPORT_H

#include "lab/import/topo.h"

struct import_kind {
	const char *name, *suffixes, *help; /* suffixes: ".dot .gv" */
	/* `text` ends in a NUL. Fills `t`, which is zeroed; not finished yet. 0; -EINVAL with words
	 * (line first, where it has one); -ENOSPC; -ENOMEM. */
	int (*read)(const char *text, size_t len, struct topo *t, struct err *e);
};
extern const struct import_kind import_kinds[]; /* ended by a NULL name */

/* kind NULL: by the end of the file's name. -EINVAL: which one? the words list them. */
int import_kind_of(const char *kind, const char *file, const struct import_kind **out,
		   struct err *e);
/* Reads and finishes; t is the caller's to topo_fini(), also after an error. */
int import_read(const struct import_kind *k, const char *text, size_t len, struct topo *t,
		struct err *e);

int graphml_read(const char *text, size_t len, struct topo *t, struct err *e);
int gml_read(const char *text, size_t len, struct topo *t, struct err *e);
int dot_read(const char *text, size_t len, struct topo *t, struct err *e);
int kathara_read(const char *text, size_t len, struct topo *t, struct err *e);
int containerlab_read(const char *text, size_t len, struct topo *t, struct err *e);

#endif
