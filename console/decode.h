/* SPDX-License-Identifier: MIT */
/* decode.h - a frame as one line: addresses, VLAN, and what is in it. Pure. */
#ifndef DW_CONSOLE_DECODE_H
#define DW_CONSOLE_DECODE_H

#include "console/model.h"

/* Fills src, dst, vlan and text; `there` bytes of it are at `bytes`. What is cut short is said so.
 */
void decode_frame(const uint8_t *bytes, size_t there, struct frame_line *f);

#endif
