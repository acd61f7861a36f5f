/* SPDX-License-Identifier: MIT */
/* iplog.h - what vde_plug tells syslog when it serves remote users: who came and went, and with
 * which IP addresses. */
#ifndef DW_PLUG_IPLOG_H
#define DW_PLUG_IPLOG_H

#include "lib/base/frame.h"

/* "START", "STOP" or "FAILED", with the user and the address that ssh came from. */
void iplog_say(const char *what);
/* A frame that came in from them: a source address not seen lately is told. */
void iplog_frame(const struct frame *f);

#endif
