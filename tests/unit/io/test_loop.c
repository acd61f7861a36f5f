/* SPDX-License-Identifier: MIT */
/* test_loop.c - the event loop: order, removal inside callbacks, signals, nested turns. No test
 * sleeps: what is waited for has happened already, or is a deadline a few microseconds away. */
#include "tests/unit/cmocka.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/loop.h"

enum { PIPES = 5 };

struct rig {
	struct loop *loop;
	struct watch w[PIPES];
	int far[PIPES];
	unsigned served[PIPES];
	unsigned deferred, polled, code;
	struct timer timers[4];
	char order[16];
	int64_t fired_at;
};

static struct rig *the_rig; /* callbacks without a context of their own find it here */

static int set_up(void **state)
{
	struct rig *r = the_rig = calloc(1, sizeof(*r));
	r->loop = loop_new();
	assert_non_null(r->loop);
	for (int i = 0; i < PIPES; i++) {
		int fds[2];
		assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
		r->w[i].fd = fds[0];
		r->far[i] = fds[1];
	}
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *r = *state;
	for (int i = 0; i < PIPES; i++) {
		int fd = r->w[i].fd;
		loop_del(&r->w[i]);
		close(fd);
		close(r->far[i]);
	}
	loop_free(r->loop);
	free(r);
	return 0;
}

static void turn(struct rig *r)
{
	bool ended;
	assert_int_equal(loop_turn(r->loop, 0, &ended), 0);
	assert_false(ended);
}

static void make_ready(struct rig *r, int i)
{
	assert_int_equal(write(r->far[i], "x", 1), 1);
}

static void on_ready(struct watch *w, uint32_t events)
{
	char c;
	assert_true(events & EPOLLIN);
	assert_int_equal(read(w->fd, &c, 1), 1);
	the_rig->served[w - the_rig->w]++;
}

static void watch_all(struct rig *r, void (*ready)(struct watch *, uint32_t))
{
	for (int i = 0; i < PIPES; i++)
		assert_int_equal(loop_add(r->loop, &r->w[i], r->w[i].fd, EPOLLIN, ready), 0);
}

static void ready_descriptors_are_served_and_others_are_not(void **state)
{
	struct rig *r = *state;
	watch_all(r, on_ready);
	make_ready(r, 1);
	make_ready(r, 3);
	turn(r);
	turn(r);
	for (unsigned i = 0; i < PIPES; i++)
		assert_int_equal(r->served[i], i == 1 || i == 3);
}

static void what_is_not_wanted_is_not_served(void **state)
{
	struct rig *r = *state;
	watch_all(r, on_ready);
	make_ready(r, 0);
	loop_want(&r->w[0], 0);
	turn(r);
	assert_int_equal(r->served[0], 0);
	loop_want(&r->w[0], EPOLLIN);
	turn(r);
	assert_int_equal(r->served[0], 1);
}

/* The first one served lets go of all others and fills their memory with nonsense. */
static void remove_all_others(struct watch *w, uint32_t events)
{
	on_ready(w, events);
	for (int i = 0; i < PIPES; i++) {
		struct watch *other = &the_rig->w[i];
		int fd = other->fd;
		if (other == w)
			continue;
		loop_del(other);
		memset(other, 0xee, sizeof(*other));
		other->fd = fd;
		other->loop = NULL;
	}
}

static void a_watch_removed_by_an_earlier_callback_of_the_batch_is_not_called(void **state)
{
	struct rig *r = *state;
	unsigned served = 0;
	watch_all(r, remove_all_others);
	for (int i = 0; i < PIPES; i++)
		make_ready(r, i);
	turn(r);
	turn(r);
	for (int i = 0; i < PIPES; i++)
		served += r->served[i];
	assert_int_equal(served, 1);
}

static void run_a_turn_inside(struct watch *w, uint32_t events)
{
	on_ready(w, events);
	for (int i = 0; i < PIPES; i++) /* others must not wait for us when nested */
		if (&the_rig->w[i] != w)
			loop_want(&the_rig->w[i], EPOLLIN);
	turn(the_rig);
}

static void turns_may_nest_and_nobody_is_served_twice(void **state)
{
	struct rig *r = *state;
	watch_all(r, run_a_turn_inside);
	for (int i = 0; i < PIPES; i++)
		make_ready(r, i);
	/* on_ready() asserts that there is something to read: a second call for one byte fails it
	 */
	for (int n = 0; n < PIPES; n++) {
		bool ended;
		struct pollfd p = { .fd = loop_fd(r->loop), .events = POLLIN };
		if (poll(&p, 1, 0) == 1)
			loop_turn(r->loop, 0, &ended);
	}
	for (int i = 0; i < PIPES; i++)
		assert_int_equal(r->served[i], 1);
}

static void remove_itself(struct watch *w, uint32_t events)
{
	on_ready(w, events);
	loop_del(w);
	loop_del(w); /* fine when not watched */
}

static void a_watch_may_remove_itself_and_be_added_again(void **state)
{
	struct rig *r = *state;
	assert_int_equal(loop_add(r->loop, &r->w[0], r->w[0].fd, EPOLLIN, remove_itself), 0);
	make_ready(r, 0);
	make_ready(r, 0);
	turn(r);
	turn(r);
	assert_int_equal(r->served[0], 1);
	assert_int_equal(loop_add(r->loop, &r->w[0], r->w[0].fd, EPOLLIN, remove_itself), 0);
	turn(r);
	assert_int_equal(r->served[0], 2);
}

static void read_file(struct watch *w, uint32_t events)
{
	char buf[64];
	assert_true(events & EPOLLIN);
	the_rig->served[0]++;
	if (read(w->fd, buf, sizeof buf) == 0)
		loop_del(w);
}

static void a_regular_file_is_always_ready(void **state)
{
	struct rig *r = *state;
	FILE *f = tmpfile();
	struct watch w = { .fd = 0 };
	assert_non_null(f);
	assert_int_equal(write(fileno(f), "hello", 5), 5);
	rewind(f);
	assert_int_equal(loop_add(r->loop, &w, fileno(f), EPOLLIN, read_file), 0);
	for (int i = 0; i < 5; i++)
		turn(r);
	assert_int_equal(r->served[0], 2); /* the bytes, then the end */
	fclose(f);
}

static void on_timer(struct timer *t, int64_t now)
{
	struct rig *r = the_rig;
	r->order[strlen(r->order)] = (char)('0' + (t - r->timers));
	r->fired_at = now;
	assert_true(t->d.due <= now);
}

static void timers_fire_once_in_the_order_of_their_deadlines(void **state)
{
	struct rig *r = *state;
	int64_t now = loop_clock(r->loop);
	for (int i = 0; i < 4; i++)
		timer_init(&r->timers[i], r->loop, on_timer);
	timer_set(&r->timers[0], now - 1);
	timer_set(&r->timers[1], now - 3);
	timer_set(&r->timers[2], now - 1); /* a tie: in the order of birth */
	timer_set(&r->timers[3], now - 2);
	turn(r);
	turn(r);
	assert_string_equal(r->order, "1302");
	for (int i = 0; i < 4; i++)
		timer_fini(&r->timers[i]);
}

static void a_timer_taken_back_does_not_fire(void **state)
{
	struct rig *r = *state;
	for (int i = 0; i < 4; i++)
		timer_init(&r->timers[i], r->loop, on_timer);
	for (int i = 0; i < 4; i++)
		timer_set(&r->timers[i], 1);
	timer_set(&r->timers[1], TIME_NEVER);
	timer_fini(&r->timers[2]);
	turn(r);
	assert_string_equal(r->order, "03");
}

static void set_itself_to_the_past(struct timer *t, int64_t now)
{
	(void)now;
	the_rig->served[1]++;
	timer_set(t, 1);
}

static void a_timer_that_always_wants_to_fire_lets_others_live(void **state)
{
	struct rig *r = *state;
	assert_int_equal(loop_add(r->loop, &r->w[0], r->w[0].fd, EPOLLIN, on_ready), 0);
	timer_init(&r->timers[0], r->loop, set_itself_to_the_past);
	timer_set(&r->timers[0], 1);
	make_ready(r, 0);
	turn(r);
	assert_int_equal(r->served[0], 1);
	assert_int_equal(r->served[1], 1);
	turn(r);
	assert_int_equal(r->served[1], 2);
	timer_fini(&r->timers[0]);
}

static void a_sleeping_turn_ends_at_the_deadline_and_not_before(void **state)
{
	struct rig *r = *state;
	bool ended;
	int64_t due = loop_clock(r->loop) + 50 * NS_PER_US;
	timer_init(&r->timers[0], r->loop, on_timer);
	timer_set(&r->timers[0], due);
	for (int i = 0; i < 3 && !r->fired_at; i++)
		loop_turn(r->loop, TIME_NEVER, &ended);
	assert_true(r->fired_at >= due);
	due = loop_clock(r->loop) + 50 * NS_PER_US;
	while (loop_now(r->loop) < due) /* `until` wakes it without any timer */
		loop_turn(r->loop, due, &ended);
	timer_fini(&r->timers[0]);
}

static void the_epoll_descriptor_shows_work_and_deadlines(void **state)
{
	struct rig *r = *state;
	struct pollfd p = { .fd = loop_fd(r->loop), .events = POLLIN };
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(loop_add(r->loop, &r->w[0], r->w[0].fd, EPOLLIN, on_ready), 0);
	make_ready(r, 0);
	assert_int_equal(poll(&p, 1, 0), 1);
	turn(r);
	assert_int_equal(poll(&p, 1, 0), 0);
	timer_init(&r->timers[0], r->loop, on_timer);
	timer_set(&r->timers[0], loop_clock(r->loop) + NS_PER_US);
	assert_int_equal(poll(&p, 1, 10000), 1);
	turn(r);
	assert_string_equal(r->order, "0");
	timer_fini(&r->timers[0]);
}

static void count_job(void *ctx)
{
	(*(unsigned *)ctx)++;
}

static void defer_another(void *ctx)
{
	loop_defer(the_rig->loop, count_job, ctx);
}

static void defer_when_ready(struct watch *w, uint32_t events)
{
	on_ready(w, events);
	loop_defer(the_rig->loop, count_job, &the_rig->deferred);
	assert_int_equal(the_rig->deferred, 0);
}

static void deferred_calls_run_once_after_the_callbacks(void **state)
{
	struct rig *r = *state;
	assert_int_equal(loop_add(r->loop, &r->w[0], r->w[0].fd, EPOLLIN, defer_when_ready), 0);
	make_ready(r, 0);
	turn(r);
	assert_int_equal(r->deferred, 1);
	turn(r);
	assert_int_equal(r->deferred, 1);
}

static void what_a_deferred_call_defers_comes_in_the_next_turn_without_sleep(void **state)
{
	struct rig *r = *state;
	bool ended;
	loop_defer(r->loop, defer_another, &r->deferred);
	turn(r);
	assert_int_equal(r->deferred, 0);
	loop_turn(r->loop, TIME_NEVER, &ended); /* would sleep for ever */
	assert_int_equal(r->deferred, 1);
}

static bool poll_twice(struct poller *p, int64_t now)
{
	(void)p, (void)now;
	return ++the_rig->polled < 3;
}

static bool poll_and_leave(struct poller *p, int64_t now)
{
	(void)now;
	loop_del_poller(the_rig->loop, p);
	the_rig->polled++;
	return true;
}

static void a_busy_poller_keeps_the_loop_awake(void **state)
{
	struct rig *r = *state;
	bool ended;
	struct poller p = { .poll = poll_twice };
	loop_add_poller(r->loop, &p);
	loop_turn(r->loop, TIME_NEVER, &ended); /* would sleep for ever if it did not listen */
	loop_turn(r->loop, TIME_NEVER, &ended);
	assert_int_equal(r->polled, 2);
	loop_del_poller(r->loop, &p);
	turn(r);
	assert_int_equal(r->polled, 2);
}

static void pollers_may_leave_while_they_are_asked(void **state)
{
	struct rig *r = *state;
	struct poller p[3] = { { .poll = poll_and_leave },
			       { .poll = poll_and_leave },
			       { .poll = poll_and_leave } };
	for (int i = 0; i < 3; i++)
		loop_add_poller(r->loop, &p[i]);
	turn(r);
	turn(r);
	assert_int_equal(r->polled, 3);
}

static void termination_ends_the_run_with_the_number_of_the_signal(void **state)
{
	struct rig *r = *state;
	raise(SIGTERM);
	assert_int_equal(loop_run(r->loop), SIGTERM);
	raise(SIGINT);
	assert_int_equal(loop_run(r->loop), SIGINT);
	raise(SIGHUP);
	assert_int_equal(loop_run(r->loop), SIGHUP);
}

static void on_signal(void *ctx, int signo)
{
	struct rig *r = ctx;
	r->code = (unsigned)signo;
	loop_stop(r->loop, 7);
}

static void a_handler_takes_a_signal_and_stop_gives_its_code(void **state)
{
	struct rig *r = *state;
	assert_int_equal(loop_on_signal(r->loop, SIGUSR1, on_signal, r), 0);
	assert_int_equal(loop_on_signal(r->loop, SIGTERM, on_signal, r), 0);
	raise(SIGUSR1);
	assert_int_equal(loop_run(r->loop), 7);
	assert_int_equal(r->code, SIGUSR1);
	raise(SIGTERM);
	assert_int_equal(loop_run(r->loop), 7);
	assert_int_equal(loop_on_signal(r->loop, SIGTERM, NULL, NULL), 0);
	raise(SIGTERM);
	assert_int_equal(loop_run(r->loop), SIGTERM);
	assert_true(loop_on_signal(r->loop, 0, on_signal, r) < 0);
}

static void a_broken_pipe_is_an_error_and_not_a_death(void **state)
{
	struct rig *r = *state;
	int fds[2];
	(void)r;
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(write(fds[1], "x", 1), -1);
	close(fds[1]);
}

static void a_child_gets_back_the_signals_a_program_expects(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		loop_child();
		raise(SIGPIPE); /* its default action ends us; a blocked or ignored one would not */
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
}

#define rigged(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rigged(ready_descriptors_are_served_and_others_are_not),
		rigged(what_is_not_wanted_is_not_served),
		rigged(a_watch_removed_by_an_earlier_callback_of_the_batch_is_not_called),
		rigged(turns_may_nest_and_nobody_is_served_twice),
		rigged(a_watch_may_remove_itself_and_be_added_again),
		rigged(a_regular_file_is_always_ready),
		rigged(timers_fire_once_in_the_order_of_their_deadlines),
		rigged(a_timer_taken_back_does_not_fire),
		rigged(a_timer_that_always_wants_to_fire_lets_others_live),
		rigged(a_sleeping_turn_ends_at_the_deadline_and_not_before),
		rigged(the_epoll_descriptor_shows_work_and_deadlines),
		rigged(deferred_calls_run_once_after_the_callbacks),
		rigged(what_a_deferred_call_defers_comes_in_the_next_turn_without_sleep),
		rigged(a_busy_poller_keeps_the_loop_awake),
		rigged(pollers_may_leave_while_they_are_asked),
		rigged(termination_ends_the_run_with_the_number_of_the_signal),
		rigged(a_handler_takes_a_signal_and_stop_gives_its_code),
		rigged(a_broken_pipe_is_an_error_and_not_a_death),
		rigged(a_child_gets_back_the_signals_a_program_expects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
