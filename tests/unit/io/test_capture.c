/* SPDX-License-Identifier: MIT */
/* test_capture.c - captures to files, rings of files, pipes and sockets; readers that are slow or
 * go away. */
#include "tests/unit/cmocka.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/capture.h"
#include "lib/proto/capread.h"

struct world {
	char dir[64], path[128], ended[256];
	struct loop *loop;
	struct capture *capture;
};

static void describe(void *ctx, unsigned point, struct pcapng_interface *i)
{
	static char name[16];
	(void)ctx;
	snprintf(name, sizeof name, "p%u", point);
	i->name = name;
}

static void ended(void *ctx, struct capture *c, const char *reason)
{
	struct world *w = ctx;
	assert_ptr_equal(c, w->capture);
	snprintf(w->ended, sizeof w->ended, "%s", reason);
	capture_close(c, 0);
	w->capture = NULL;
}

static const struct capture_host host = { describe, ended };

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	strcpy(w->dir, "/tmp/dw-capture-XXXXXX");
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
	char command[128];
	capture_close(w->capture, 0);
	loop_free(w->loop);
	snprintf(command, sizeof command, "rm -rf %s", w->dir);
	int r = system(command);
	free(w);
	return r;
}

static void turns(struct world *w)
{
	bool over;
	for (int i = 0; i < 8; i++)
		loop_turn(w->loop, 0, &over);
}

static void start(struct world *w, struct capture_config c)
{
	struct err e = { "" };
	c.application = "test";
	if (capture_open(&w->capture, w->loop, &c, &host, w, &e) < 0)
		fail_msg("%s", e.text);
}

static int refused(struct world *w, struct capture_config c, struct err *e)
{
	struct capture *none;
	e->text[0] = '\0';
	int r = capture_open(&none, w->loop, &c, &host, w, e);
	assert_null(none);
	return r;
}

/* A frame of `len` bytes that begins with its number. */
static void put(struct world *w, unsigned point, uint32_t number, uint32_t len)
{
	static uint8_t bytes[9000];
	const struct capture_note n = { .flags = PCAPNG_IN, .why = DROP_REASONS };
	struct pieces p = pieces_over(bytes, len);
	memcpy(bytes, &number, sizeof number);
	capture_frame(w->capture, point, &n, &p, loop_now(w->loop));
}

/* ---- reading back ---- */

struct read_back {
	unsigned frames;
	uint64_t lost;                /* as the frames say */
	uint32_t first, last, broken; /* numbers; how often one did not follow the other by 1 */
};

static void read_fd(int fd, struct read_back *b)
{
	struct capread *c = capread_new();
	struct capread_frame f;
	struct err e = { "" };
	for (;;) {
		int r = capread_next(c, &f, &e);
		if (r < 0)
			fail_msg("%s", e.text);
		if (r == 0) {
			size_t room;
			uint8_t *to = capread_space(c, &room);
			ssize_t n = read(fd, to, room);
			if (n <= 0)
				break;
			capread_filled(c, (size_t)n);
			continue;
		}
		uint32_t number;
		assert_true(f.len >= sizeof number);
		memcpy(&number, f.bytes, sizeof number);
		b->broken += b->frames && number != b->last + 1;
		b->first = b->frames++ ? b->first : number;
		b->last = number;
		b->lost += f.lost;
	}
	if (capread_end(c, &e) < 0)
		fail_msg("%s", e.text);
	capread_free(c);
	close(fd);
}

static struct read_back read_file(const char *path)
{
	struct read_back b = { 0 };
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	read_fd(fd, &b);
	return b;
}

/* ---- files ---- */

static void a_file_is_whole_when_it_is_stopped(void **state)
{
	struct world *w = *state;
	struct timespec day;
	start(w, (struct capture_config){ .file = w->path });
	clock_gettime(CLOCK_REALTIME, &day);
	for (uint32_t i = 0; i < 1000; i++)
		put(w, i % 3, i, 100);
	capture_stop(w->capture);
	struct read_back b = read_file(w->path);
	assert_int_equal(b.frames, 1000);
	assert_int_equal(b.broken, 0);
	put(w, 0, 1000, 100); /* too late */
	assert_string_equal(w->ended, "");
	turns(w);
	assert_string_equal(w->ended, "stopped");
	assert_null(w->capture);
	assert_int_equal(read_file(w->path).frames, 1000);
	struct capread *c = capread_new();
	struct capread_frame f;
	size_t room;
	uint8_t *to = capread_space(c, &room);
	int fd = open(w->path, O_RDONLY);
	capread_filled(c, (size_t)read(fd, to, room));
	close(fd);
	assert_int_equal(capread_next(c, &f, NULL), 1);
	assert_true(llabs(f.ns / NS_PER_SEC - day.tv_sec) <
		    10); /* the time of day, not of the machine */
	assert_int_equal(f.flags, PCAPNG_IN);
	capread_free(c);
}

static void a_lost_frame_is_flagged_and_the_filter_chooses(void **state)
{
	struct world *w = *state;
	static const struct bpf_op second_byte_is_2[] = {
		{ 0x30, 0, 0, 1 }, { 0x15, 0, 1, 2 }, { 6, 0, 0, 1 }, { 6, 0, 0, 0 }
	};
	struct bpf *filter;
	assert_int_equal(bpf_new(&filter, second_byte_is_2, 4, NULL), 0);
	start(w,
	      (struct capture_config){ .file = w->path, .filter = filter, .filter_text = "such" });
	static const uint8_t bytes[] = { 1, 2, 3, 4, 1, 3 };
	const struct capture_note n = { .why = DROP_RUNT, .text = "more" };
	struct pieces p = { .p = { bytes, bytes + 1 }, .len = { 1, 3 } },
		      other = pieces_over(bytes + 4, 2);
	capture_frame(w->capture, 5, &n, &p, 0);
	capture_frame(w->capture, 5, &n, &other, 0);
	struct capture_counts k;
	capture_count(w->capture, &k);
	assert_int_equal(k.seen, 2);
	assert_int_equal(k.dropped, 2);
	assert_int_equal(k.frames, 1);
	capture_close(w->capture, 0);
	w->capture = NULL;
	FILE *f = fopen(w->path, "r");
	char text[4096];
	size_t len = fread(text, 1, sizeof text, f);
	fclose(f);
	assert_non_null(memmem(text, len, "dropped: runt; more", 19));
	assert_non_null(memmem(text, len, "dropped: runt 2", 15)); /* in the statistics */
	assert_non_null(memmem(text, len, "p5", 2));
	assert_non_null(memmem(text, len, "such", 4));
	struct capread *c = capread_new();
	struct capread_frame g;
	size_t room;
	memcpy(capread_space(c, &room), text, len);
	capread_filled(c, len);
	assert_int_equal(capread_next(c, &g, NULL), 1);
	assert_int_equal(g.flags, PCAPNG_TOO_SHORT);
	assert_int_equal(capread_next(c, &g, NULL), 0);
	capread_free(c);
}

static void a_ring_keeps_the_last_files_each_of_them_whole(void **state)
{
	struct world *w = *state;
	start(w, (struct capture_config){ .file = w->path, .ring_bytes = 8192, .ring_files = 3 });
	for (uint32_t i = 0; i < 1000; i++) {
		put(w, i % 2, i, 200);
		if (i % 10 == 0)
			turns(w);
	}
	capture_close(w->capture, 0);
	w->capture = NULL;
	unsigned files = 0, lowest = UINT32_MAX, highest = 0;
	DIR *d = opendir(w->dir);
	for (struct dirent *n; (n = readdir(d));) {
		unsigned number;
		if (sscanf(n->d_name, "x_%5u.pcapng", &number) != 1)
			continue;
		files++;
		lowest = number < lowest ? number : lowest;
		highest = number > highest ? number : highest;
	}
	closedir(d);
	assert_int_equal(files, 3);
	assert_int_equal(highest - lowest, 2);
	uint32_t next = 0;
	for (unsigned n = lowest; n <= highest; n++) {
		char path[160];
		struct stat st;
		snprintf(path, sizeof path, "%s/x_%05u.pcapng", w->dir, n);
		struct read_back b = read_file(path);
		assert_int_equal(stat(path, &st), 0);
		assert_true(st.st_size <= 8192 + 2 * PCAPNG_STATS_MAX);
		assert_true(b.frames > (n < highest ? 20u : 0u));
		assert_int_equal(b.broken, 0);
		if (n > lowest)
			assert_int_equal(b.first, next);
		next = b.last + 1;
	}
	assert_int_equal(next, 1000);
}

static void a_full_disk_ends_it_with_a_word(void **state)
{
	struct world *w = *state;
	start(w, (struct capture_config){ .file = "/dev/full" });
	put(w, 0, 0, 100);
	turns(w);
	assert_null(w->capture);
	assert_string_equal(w->ended, "/dev/full: No space left on device");
}

static void what_cannot_be_written_is_refused(void **state)
{
	struct world *w = *state;
	struct err e;
	char fifo[128];
	snprintf(fifo, sizeof fifo, "%s/fifo", w->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(refused(w, (struct capture_config){ .file = fifo }, &e), -ENXIO);
	assert_non_null(strstr(e.text, "nobody reads"));
	assert_int_equal(refused(w, (struct capture_config){ .file = "/no/such/place" }, &e),
			 -ENOENT);
	assert_string_equal(e.text, "/no/such/place: No such file or directory");
	assert_int_equal(refused(w, (struct capture_config){ .fd = -1 }, &e), -EBADF);
	const struct capture_config rings[] = {
		{ .fd = -1, .ring_bytes = 8192, .ring_files = 2 },
		{ .file = w->path, .ring_bytes = 8192, .ring_files = 1 },
		{ .file = w->path, .ring_bytes = CAPTURE_RING_LEAST - 1, .ring_files = 2 },
		{ .file = w->path, .ring_bytes = 8192, .ring_files = CAPTURE_RING_FILES + 1 },
	};
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(refused(w, rings[i], &e), -EINVAL);
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0) {
		int tty = open(ptsname(master), O_RDWR | O_NOCTTY);
		assert_int_equal(refused(w, (struct capture_config){ .fd = tty }, &e), -EINVAL);
		assert_non_null(strstr(e.text, "terminal"));
	}
	close(master);
}

/* ---- readers ---- */

static void a_slow_reader_loses_frames_and_nobody_waits(void **state)
{
	struct world *w = *state;
	int p[2];
	assert_int_equal(pipe(p), 0);
	start(w, (struct capture_config){ .fd = dup(p[1]) });
	enum { FRAMES = 10000 }; /* of 1000 bytes: more than fits, whatever the pipe holds */
	for (uint32_t i = 0; i < FRAMES; i++) {
		put(w, 0, i, 1000);
		if (i % 100 == 0)
			turns(w);
	}
	struct capture_counts k;
	capture_count(w->capture, &k);
	assert_true(k.lost > FRAMES / 4);
	assert_int_equal(k.frames + k.lost, FRAMES);
	assert_false(fcntl(p[1], F_GETFL) &
		     O_NONBLOCK); /* others share it: not to be changed for them */
	close(p[1]);
	/* It catches up: what was kept is read, a late frame tells how many are missing, then it
	 * ends. */
	static uint8_t room[65536];
	int file = open(w->path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(fcntl(p[0], F_SETFL, O_NONBLOCK), 0);
	bool late = false;
	for (unsigned idle = 0; idle < 20;) {
		ssize_t n = read(p[0], room, sizeof room);
		if (n == 0)
			break;
		idle = n > 0 ? 0 : idle + 1;
		if (n > 0)
			assert_int_equal(write(file, room, (size_t)n), n);
		turns(w);
		if (idle == 10 && !late) {
			put(w, 0, FRAMES, 1000);
			capture_stop(w->capture);
			late = true;
			idle = 0;
		}
	}
	assert_string_equal(w->ended, "stopped");
	close(p[0]);
	close(file);
	struct read_back b = read_file(w->path);
	assert_int_equal(b.frames, k.frames + 1);
	assert_int_equal(b.lost, k.lost);
	assert_int_equal(b.last, FRAMES);
}

static void it_ends_when_its_reader_goes(void **state)
{
	struct world *w = *state;
	for (unsigned idle = 0; idle < 2; idle++)
		for (unsigned socket = 0; socket < 2; socket++) {
			int p[2];
			assert_int_equal(socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, p) : pipe(p),
					 0);
			start(w, (struct capture_config){ .fd = p[1] });
			turns(w);
			w->ended[0] = '\0';
			close(p[0]);
			if (!idle)
				put(w, 0, 0, 100);
			turns(w);
			assert_string_equal(w->ended, "the reader went away");
			assert_null(w->capture);
		}
}

static void closing_waits_a_little_for_a_reader_that_is_behind(void **state)
{
	struct world *w = *state;
	int p[2];
	assert_int_equal(pipe(p), 0);
	start(w, (struct capture_config){ .fd = p[1] });
	for (uint32_t i = 0; i < 2000; i++)
		put(w, 0, i, 1000);
	pid_t child = fork();
	if (child == 0) { /* reads all, slowly enough that the pipe is full meanwhile */
		struct read_back b = { 0 };
		for (int fd = 3; fd < 256; fd++) /* no copy of the writing end stays */
			if (fd != p[0])
				close(fd);
		read_fd(p[0], &b);
		_exit(b.frames == 2000 && !b.broken ? 0 : 1);
	}
	close(p[0]);
	capture_close(w->capture, 20 * NS_PER_SEC);
	w->capture = NULL;
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void closing_does_not_wait_for_one_that_never_reads(void **state)
{
	struct world *w = *state;
	int p[2];
	assert_int_equal(pipe(p), 0);
	start(w, (struct capture_config){ .fd = p[1] });
	for (uint32_t i = 0; i < 2000; i++)
		put(w, 0, i, 1000);
	capture_close(w->capture, 10 * NS_PER_MS);
	w->capture = NULL;
	close(p[0]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_whole_when_it_is_stopped),
		TEST(a_lost_frame_is_flagged_and_the_filter_chooses),
		TEST(a_ring_keeps_the_last_files_each_of_them_whole),
		TEST(a_full_disk_ends_it_with_a_word),
		TEST(what_cannot_be_written_is_refused),
		TEST(a_slow_reader_loses_frames_and_nobody_waits),
		TEST(it_ends_when_its_reader_goes),
		TEST(closing_waits_a_little_for_a_reader_that_is_behind),
		TEST(closing_does_not_wait_for_one_that_never_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
