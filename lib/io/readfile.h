/* SPDX-License-Identifier: MIT */
/* readfile.h - the bytes of a file, for tables that wires keep. */
#ifndef DW_IO_READFILE_H
#define DW_IO_READFILE_H

#include <stddef.h>

#include "lib/base/err.h"

/* As wire_files_new() wants it; `ctx` is not used. Files over 256 MiB are refused. */
int readfile(void *ctx, const char *path, char **text, size_t *len, struct err *e);

#endif
