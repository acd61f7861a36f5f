/* SPDX-License-Identifier: MIT */
/* cpu.h - processor time of another process. */
#ifndef DW_PLUG_LOAD_CPU_H
#define DW_PLUG_LOAD_CPU_H

#include <stdint.h>

/* Nanoseconds that all its threads have run; -1: no such process, or the kernel does not count. */
int64_t cpu_of(uint64_t pid);

#endif
