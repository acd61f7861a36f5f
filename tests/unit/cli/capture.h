/* SPDX-License-Identifier: MIT */
/* capture.h - what is written to stdout and stderr while something runs. */
#ifndef DW_TESTS_UNIT_CLI_CAPTURE_H
#define DW_TESTS_UNIT_CLI_CAPTURE_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/cmocka.h"

struct capture {
	int saved[3], file[3];
	char out[8192], err[2048]; /* after capture_end() */
};

static inline void capture_begin(struct capture *c)
{
	fflush(NULL);
	for (int fd = 1; fd <= 2; fd++) {
		c->saved[fd] = dup(fd);
		c->file[fd] = memfd_create("capture", MFD_CLOEXEC);
		assert_true(c->saved[fd] >= 0 && c->file[fd] >= 0);
		dup2(c->file[fd], fd);
	}
}

static inline void capture_end(struct capture *c)
{
	fflush(NULL);
	for (int fd = 1; fd <= 2; fd++) {
		char *text = fd == 1 ? c->out : c->err;
		size_t room = fd == 1 ? sizeof c->out : sizeof c->err;
		dup2(c->saved[fd], fd);
		ssize_t n = pread(c->file[fd], text, room - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		close(c->saved[fd]);
		close(c->file[fd]);
	}
}

#endif
