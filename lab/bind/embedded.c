/* SPDX-License-Identifier: MIT */
/* embedded.c - the files of lab/lua, inside the program: it works wherever it lies. The assembler
 * includes them as they are; lab/build.mk makes this file depend on them. */
#include "lab/bind/bind.h"

#define EMBED(name)                                                                                \
	__asm__(".section .rodata\n"                                                               \
		"lua_" #name "_begin:\n"                                                           \
		".incbin \"lab/lua/" #name ".lua\"\n"                                              \
		"lua_" #name "_end:\n"                                                             \
		".byte 0\n"                                                                        \
		".previous\n");                                                                    \
	extern const char lua_##name##_begin[], lua_##name##_end[]

EMBED(net);
EMBED(switch);
EMBED(cable);
EMBED(station);
EMBED(test);
EMBED(network);
EMBED(faults);
EMBED(chaos);
EMBED(plan);
EMBED(hand);

#define ROW(name)                                                                                  \
	{                                                                                          \
		"=lab/lua/" #name ".lua", lua_##name##_begin, lua_##name##_end                     \
	}
const struct lua_source lua_sources[] = { ROW(net),     ROW(switch),         ROW(cable),
					  ROW(station), ROW(test),           ROW(network),
					  ROW(faults),  ROW(chaos),          ROW(plan),
					  ROW(hand),    { NULL, NULL, NULL } };
