/* SPDX-License-Identifier: MIT */
/* test_ep_file.c - file://: what was written is read back the same, at the pace that was asked for.
 */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/base/wire.h"
#include "lib/io/ep.h"
#include "lib/proto/pcapng.h"

enum { FRAMES_MAX = 5000 };

struct world {
	char dir[64], path[128];
	struct loop *loop;
	struct ep *ep;
	unsigned batch; /* frames a call asks for */
	unsigned frames;
	uint32_t number[FRAMES_MAX], len[FRAMES_MAX];
	int64_t at[FRAMES_MAX];
	char closed[256];
	int why;
	uint64_t oversize;
};

static void readable(void *ctx, struct ep *e)
{
	struct world *w = ctx;
	struct frame f[BATCH_MAX];
	unsigned n = ep_rx(e, f, w->batch);
	for (unsigned i = 0; i < n; i++) {
		assert_true(w->frames < FRAMES_MAX);
		w->len[w->frames] = f[i].len;
		w->at[w->frames] = loop_clock(w->loop);
		memcpy(&w->number[w->frames++], f[i].data + 14, sizeof w->number[0]);
	}
	if (n)
		ep_rx_done(e);
}

static void closed(void *ctx, struct ep *e, const char *reason)
{
	struct world *w = ctx;
	snprintf(w->closed, sizeof w->closed, "%s", reason);
	w->why = e->why;
	w->oversize = e->rx_oversize;
	ep_close(e);
	w->ep = NULL;
}

static const struct ep_host host = { .readable = readable, .closed = closed };

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	w->batch = BATCH_MAX;
	strcpy(w->dir, "/tmp/dw-file-XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	snprintf(w->path, sizeof w->path, "%s/x.pcapng", w->dir);
	w->loop = loop_new();
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	ep_close(w->ep);
	loop_free(w->loop);
	unlink(w->path);
	int r = rmdir(w->dir);
	free(w);
	return r;
}

static void open_file(struct world *w, const char *keys)
{
	char locator[256];
	struct err e = { "" };
	snprintf(locator, sizeof locator, "file://%s%s", w->path, keys);
	if (ep_open(&w->ep, w->loop, locator, &host, w, NULL, &e) < 0)
		fail_msg("%s", e.text);
	assert_true(w->ep->is_up);
}

static void run_until_closed(struct world *w)
{
	int64_t end = loop_clock(w->loop) + 20 * NS_PER_SEC;
	while (w->ep && loop_clock(w->loop) < end) {
		bool over;
		loop_turn(w->loop, end, &over);
	}
	assert_null(w->ep);
}

static void send(struct world *w, uint32_t number, uint32_t len)
{
	uint8_t bytes[ETH_FRAME_MAX] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	memcpy(bytes + 14, &number, sizeof number);
	struct frame f = frame_over(bytes, len, NULL);
	struct txv v = txv_plain(&f);
	assert_int_equal(ep_tx(w->ep, &v, 1), 1);
}

/* A capture made by hand: frames of 18 bytes with their number, so many ms after 1970. */
static void write_file(struct world *w, const unsigned *ms, unsigned count, size_t cut)
{
	static uint8_t room[1 << 20];
	struct wr o = wr_over(room, sizeof room);
	pcapng_section(&o, "test", NULL);
	pcapng_interface(&o, &(struct pcapng_interface){ .name = "x" });
	for (uint32_t i = 0; i < count; i++) {
		uint8_t bytes[18] = { 0 };
		memcpy(bytes + 14, &i, sizeof i);
		pcapng_frame(&o, &(struct pcapng_frame){ .ns = ms[i] * NS_PER_MS,
							 .bytes = pieces_over(bytes, 18) });
	}
	FILE *f = fopen(w->path, "w");
	assert_int_equal(fwrite(room, 1, wr_len(&o) - cut, f), wr_len(&o) - cut);
	fclose(f);
}

static void what_was_written_is_read_back(void **state)
{
	struct world *w = *state;
	open_file(w, ",write=yes");
	for (uint32_t i = 0; i < 4000; i++)
		send(w, i, 60 + i % 300);
	send(w, 4000, ETH_FRAME_MAX);
	ep_close(w->ep);
	for (unsigned batch = 1; batch <= BATCH_MAX; batch += 63) {
		w->batch = batch;
		w->frames = 0;
		w->why = -1;
		open_file(w, ",speed=0");
		run_until_closed(w);
		assert_string_equal(w->closed, "the file ended");
		assert_int_equal(w->why, 0);
		assert_int_equal(w->frames, 4001);
		for (uint32_t i = 0; i < 4001; i++) {
			assert_int_equal(w->number[i], i);
			assert_int_equal(w->len[i], i < 4000 ? 60 + i % 300 : ETH_FRAME_MAX);
		}
	}
}

static void frames_come_at_the_pace_that_was_asked_for(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *keys;
		int64_t least_ms; /* between the first and the last */
	} row[] = { { "", 60 },
		    { ",speed=1", 60 },
		    { ",speed=2", 30 },
		    { ",speed=0.5", 120 },
		    { ",speed=0", 0 } };
	static const unsigned ms[] = { 1000, 1020, 1010, 1060 }; /* one out of order */
	write_file(w, ms, 4, 0);
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
		w->frames = 0;
		open_file(w, row[i].keys);
		run_until_closed(w);
		assert_int_equal(w->frames, 4);
		for (uint32_t k = 0; k < 4; k++)
			assert_int_equal(w->number[k], k);
		assert_true(w->at[3] - w->at[0] >= row[i].least_ms * NS_PER_MS);
		assert_true(w->at[1] - w->at[0] >= row[i].least_ms / 3 * NS_PER_MS);
	}
}

static void a_pause_holds_the_frames_back(void **state)
{
	struct world *w = *state;
	static const unsigned ms[] = { 0, 1, 2 };
	write_file(w, ms, 3, 0);
	open_file(w, ",speed=0");
	ep_pause(w->ep, true);
	for (unsigned i = 0; i < 50; i++) {
		bool over;
		loop_turn(w->loop, 0, &over);
	}
	assert_int_equal(w->frames, 0);
	assert_non_null(w->ep);
	ep_pause(w->ep, false);
	run_until_closed(w);
	assert_int_equal(w->frames, 3);
}

static void a_reader_takes_nothing(void **state)
{
	struct world *w = *state;
	static const unsigned ms[] = { 0, 3600000 };
	write_file(w, ms, 2, 0);
	open_file(w, "");
	send(w, 0, 60);
	assert_int_equal(w->ep->tx_dropped, 1);
}

static void foreign_and_giant_frames_are_counted_not_given(void **state)
{
	struct world *w = *state;
	static uint8_t room[65536], bytes[ETH_FRAME_MAX + 1];
	struct wr o = wr_over(room, sizeof room);
	pcapng_section(&o, "test", NULL);
	pcapng_interface(&o, &(struct pcapng_interface){ .name = "x" });
	uint8_t *other = o.p;
	pcapng_interface(&o, &(struct pcapng_interface){ .name = "y" });
	other[8] = 101; /* LINKTYPE_RAW */
	for (uint32_t i = 0; i < 4; i++)
		pcapng_frame(&o, &(struct pcapng_frame){ .iface = i % 2,
							 .bytes = pieces_over(bytes, 60) });
	pcapng_frame(&o, &(struct pcapng_frame){ .bytes = pieces_over(bytes, ETH_FRAME_MAX + 1) });
	FILE *f = fopen(w->path, "w");
	fwrite(room, 1, wr_len(&o), f);
	fclose(f);
	open_file(w, ",speed=0");
	run_until_closed(w);
	assert_int_equal(w->frames, 2);
	assert_int_equal(w->oversize, 1);
	assert_string_equal(w->closed, "the file ended; 2 frames were not Ethernet");
}

static void a_broken_file_gives_what_was_whole_and_then_a_word(void **state)
{
	struct world *w = *state;
	static const unsigned ms[] = { 0, 1, 2 };
	write_file(w, ms, 3, 5);
	open_file(w, ",speed=0");
	run_until_closed(w);
	assert_int_equal(w->frames, 2);
	assert_int_equal(w->why, -EBADMSG);
	assert_non_null(strstr(w->closed, "in the middle of a block"));
	FILE *f = fopen(w->path, "w");
	fputs("no capture at all", f);
	fclose(f);
	open_file(w, "");
	run_until_closed(w);
	assert_int_equal(w->why, -EBADMSG);
	assert_string_equal(w->closed, "neither pcapng nor pcap");
}

static void a_full_disk_closes_the_writer(void **state)
{
	struct world *w = *state;
	assert_int_equal(
		ep_open(&w->ep, w->loop, "file:///dev/full,write=yes", &host, w, NULL, NULL), 0);
	send(w, 0, 60);
	run_until_closed(w);
	assert_int_equal(w->why, -EIO);
	assert_string_equal(w->closed, "/dev/full: No space left on device");
}

static void bad_locators_are_refused_with_words(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *locator, *words;
	} row[] = {
		{ "file://", "which name" },
		{ "file:///no/such/file", "No such file" },
		{ "file:///no/such/file,write=yes", "No such file" },
		{ "file:///x,write=maybe", "write" },
		{ "file:///x,write=yes,speed=1", "goes with reading" },
		{ "file:///x,speed=", "speed" },
		{ "file:///x,speed=fast", "speed" },
		{ "file:///x,speed=-1", "speed" },
		{ "file:///x,speed=1.", "speed" },
		{ "file:///x,speed=1.0001", "speed" },
		{ "file:///x,speed=1000001", "speed" },
		{ "file:///x,speed=99999999999999999999", "speed" },
		{ "file:///x,sped=1", "speed?" },
	};
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
		struct err e = { "" };
		assert_true(ep_open(&w->ep, w->loop, row[i].locator, &host, w, NULL, &e) < 0);
		assert_null(w->ep);
		if (!strstr(e.text, row[i].words))
			fail_msg("%s: '%s' does not say '%s'", row[i].locator, e.text,
				 row[i].words);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read_back),
		TEST(frames_come_at_the_pace_that_was_asked_for),
		TEST(a_pause_holds_the_frames_back),
		TEST(a_reader_takes_nothing),
		TEST(foreign_and_giant_frames_are_counted_not_given),
		TEST(a_broken_file_gives_what_was_whole_and_then_a_word),
		TEST(a_full_disk_closes_the_writer),
		TEST(bad_locators_are_refused_with_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
