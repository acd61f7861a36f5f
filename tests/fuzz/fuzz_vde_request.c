/* SPDX-License-Identifier: MIT */
/* fuzz_vde_request.c - any bytes as a request and as an answer of the VDE handshake. What is
 * understood must survive being encoded and understood again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/proto/vde.h"
#include "tests/fuzz/fuzz.h"

static void check_request(const uint8_t *data, size_t size)
{
	struct vde_request q, again;
	uint8_t out[VDE_REQUEST_MAX];
	if (vde_request_decode(&q, data, size) < 0)
		return;
	assert(q.version == 1 || q.version == 3);
	assert(q.port >= VDE_PORT_ANY && q.port <= 0xffffff);
	assert(strlen(q.descr) <= VDE_DESCR_MAX);
	for (const char *p = q.descr; *p; p++)
		assert((unsigned char)*p >= 0x20 && *p != 0x7f);
	size_t n = vde_request_encode(&q, out);
	assert(n >= VDE_REQUEST_MIN && n <= VDE_REQUEST_MAX);
	int r = vde_request_decode(&again, out, n);
	assert(r == 0 && again.port == q.port);
	assert(memcmp(again.sun_path, q.sun_path, sizeof q.sun_path) == 0);
	assert(strcmp(again.descr, q.descr) == 0);
}

static void check_answer(const uint8_t *data, size_t size)
{
	char path[VDE_SUN_PATH + 1], again[VDE_SUN_PATH + 1];
	uint8_t out[VDE_ANSWER_LEN];
	if (vde_answer_decode(path, data, size) < 0)
		return;
	assert(path[0] && strlen(path) <= VDE_SUN_PATH);
	vde_answer_encode(path, out);
	int r = vde_answer_decode(again, out, sizeof out);
	assert(r == 0 && strcmp(path, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1); /* exact, so that reading past it shows */
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	check_request(copy, size);
	check_answer(copy, size);
	free(copy);
	return 0;
}
