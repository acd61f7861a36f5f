/* SPDX-License-Identifier: MIT */
/* cmocka.h - <cmocka.h> with the headers that it wants before it. */
#ifndef DW_TESTS_UNIT_CMOCKA_H
#define DW_TESTS_UNIT_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
