/* SPDX-License-Identifier: MIT */
/* test_mgmt.c - sessions of a management server: bytes in and bytes out, events, limits, sockets.
 */
#include "tests/unit/cmocka.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/io/mgmt_rig.h"
#include "tests/unit/json.h"

static int set_up(void **state)
{
	return rig_set_up(state) || rig_open(*state, false, NULL);
}

static void the_welcome_is_banner_blank_line_and_prompt(void **state)
{
	struct rig *r = *state;
	int fd = rig_connect(r);
	assert_string_equal(rig_read(r, fd, NULL), "VDE switch V.0\n(C) us\n\nvde$ ");
	close(fd);
}

static void a_reply_ends_with_the_prompt(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	assert_string_equal(rig_ask(r, fd, "say x\n"),
			    "0000 DATA END WITH '.'\nx\n.\n1000 Success\n\nvde$ ");
	assert_string_equal(rig_ask(r, fd, "refuse\n"), "1006 No such device or address\n\nvde$ ");
	assert_string_equal(rig_ask(r, fd, "nosuch\n"), "1038 Function not implemented\n\nvde$ ");
	assert_string_equal(rig_ask(r, fd, "\n"), "\nvde$ ");
	assert_string_equal(rig_ask(r, fd, "# x\n"), "\nvde$ ");
	close(fd);
}

static void commands_come_with_and_without_newlines_and_in_packs(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	assert_string_equal(rig_ask(r, fd, "refuse"), "1006 No such device or address\n\nvde$ ");
	assert_string_equal(rig_ask(r, fd, "refu"), "");
	assert_string_equal(rig_ask(r, fd, "se\r\n"), "1006 No such device or address\n\nvde$ ");
	assert_string_equal(rig_ask(r, fd, "refuse\nrefuse a\nref"),
			    "1006 No such device or address\n\nvde$ "
			    "1022 a\n\nvde$ ");
	close(fd);
}

static void an_overlong_line_is_refused_and_the_session_goes_on(void **state)
{
	static char line[3 * CMD_LINE_MAX];
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	memset(line, 'x', sizeof line - 1);
	assert_string_equal(rig_ask(r, fd, line),
			    "1090 the line is longer than 4096 bytes\n\nvde$ ");
	assert_string_equal(rig_ask(r, fd, "\nrefuse a\n"), "1022 a\n\nvde$ ");
	close(fd);
}

static void logout_says_so_and_closes(void **state)
{
	struct rig *r = *state;
	bool eof;
	int fd = rig_welcomed(r);
	assert_int_equal(send(fd, "logout", 6, 0), 6);
	rig_turns(r);
	assert_string_equal(rig_read(r, fd, &eof), "9999 END OF SESSION");
	assert_true(eof);
	assert_int_equal(r->shutdowns, 0);
	close(fd);
}

static void shutdown_says_so_and_tells_the_program_once(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	assert_string_equal(rig_ask(r, fd, "shutdown\nshutdown\n"), "9999 END OF SESSION");
	assert_int_equal(r->shutdowns, 1);
	assert_false(mgmt_stdin_ended(r->mgmt));
	close(fd);
}

static void a_half_closed_session_gets_its_replies_and_then_the_end(void **state)
{
	struct rig *r = *state;
	bool eof;
	int fd = rig_welcomed(r);
	assert_int_equal(send(fd, "refuse a\nrefuse b", 17, 0), 17);
	shutdown(fd, SHUT_WR);
	rig_turns(r);
	assert_string_equal(rig_read(r, fd, &eof), "1022 a\n\nvde$ 1022 b\n\nvde$ ");
	assert_true(eof);
	close(fd);
}

static void a_session_that_vanishes_in_the_middle_hurts_nobody(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r), other = rig_welcomed(r);
	assert_int_equal(send(fd, "big\nbig\nbig\n", 12, 0), 12);
	close(fd);
	rig_turns(r);
	assert_string_equal(rig_ask(r, other, "refuse a\n"), "1022 a\n\nvde$ ");
	close(other);
}

/* ---- events ---- */

static void events_reach_those_who_watch_their_kind(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r), other = rig_welcomed(r);
	assert_int_equal(mgmt_event_mask(r->mgmt), 0);
	assert_string_equal(rig_ask(r, fd, "event/watch port.* plug\n"), "1000 Success\n\nvde$ ");
	assert_int_equal(mgmt_event_mask(r->mgmt), event_bit(EVENT_PORT_UP) |
							   event_bit(EVENT_PORT_DOWN) |
							   event_bit(EVENT_PLUG));
	rig_emit(r, EVENT_PORT_UP, 3);
	rig_emit(r, EVENT_UNPLUG, 3);
	rig_emit(r, EVENT_PLUG, 4);
	rig_turns(r);
	assert_string_equal(rig_read(r, fd, NULL),
			    "3201 port.up port 3 name a so?it \"is\" [1 0.000000005s]\n"
			    "3203 plug port 4 name a so?it \"is\" [2 0.000000005s]\n");
	assert_string_equal(rig_read(r, other, NULL), "");
	assert_string_equal(rig_ask(r, fd, "event/unwatch port.up\n"), "1000 Success\n\nvde$ ");
	rig_emit(r, EVENT_PORT_UP, 3);
	rig_turns(r);
	assert_string_equal(rig_read(r, fd, NULL), "");
	close(fd);
	rig_turns(r);
	assert_int_equal(mgmt_event_mask(r->mgmt), 0);
	close(other);
}

static void an_event_tells_all_its_facts(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r), json = rig_welcomed(r);
	rig_ask(r, fd, "event/watch\n");
	rig_ask(r, json, "json event/watch\n");
	const struct event ev = { .kind = EVENT_FDB_MOVE,
				  .at = 7,
				  .port = 1,
				  .port2 = 2,
				  .vid = 10,
				  .mac = { 2, 0, 0, 0, 0, 1 } };
	mgmt_event(r->mgmt, &ev);
	rig_turns(r);
	assert_string_equal(
		rig_read(r, fd, NULL),
		"3212 fdb.move 02:00:00:00:00:01 vlan 10 port 1 from 2 [1 0.000000007s]\n");
	assert_string_equal(rig_read(r, json, NULL),
			    "{\"event\":\"fdb.move\",\"seq\":1,\"at_ns\":7,\"port\":1,\"from_"
			    "port\":2,\"vlan\":10,"
			    "\"mac\":\"02:00:00:00:00:01\",\"name\":null,\"text\":null}\n");
	rig_emit(r, EVENT_DROP, 1);
	rig_turns(r);
	rig_read(r, json, NULL);
	assert_true(json_is_valid(r->text));
	close(fd);
	close(json);
}

static void an_event_made_by_a_command_stays_outside_of_its_reply(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	rig_ask(r, fd, "event/watch port.up\n");
	assert_string_equal(rig_ask(r, fd, "emit\n"),
			    "3201 port.up port 9 name a so?it \"is\" [1 0.000000005s]\n"
			    "0000 DATA END WITH '.'\nemitted\n.\n1000 Success\n\nvde$ ");
	close(fd);
}

static void a_kind_that_is_none_is_refused_with_words(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	assert_string_equal(rig_ask(r, fd, "event/watch port.up prot.*\n"),
			    "1022 prot.*: no such kind of event; event/list shows them\n\nvde$ ");
	assert_int_equal(mgmt_event_mask(r->mgmt), 0);
	close(fd);
}

static void event_list_names_every_kind_with_its_tag(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	rig_ask(r, fd, "event/watch drop\n");
	rig_ask(r, fd, "event/list\n");
	assert_non_null(strstr(r->text, "drop             241 ON\n"));
	assert_non_null(strstr(r->text, "port.up          201 OFF\n"));
	for (int k = 0; k < EVENT_KINDS; k++)
		assert_non_null(strstr(r->text, event_name((enum event_kind)k)));
	close(fd);
}

static void a_session_that_does_not_read_loses_events_and_is_told_how_many(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	unsigned long told = 0, lost = 0;
	rig_ask(r, fd, "event/watch\n");
	for (unsigned i = 0; i < 100000; i++)
		rig_emit(r, EVENT_DROP, i);
	rig_read(r, fd, NULL);
	for (const char *p = r->text; *p; p = strchr(p, '\n') + 1) {
		if (strncmp(p, "3277 event.lost ", 16) == 0) {
			lost += strtoul(p + 16, NULL, 10);
			continue;
		}
		assert_memory_equal(p, "3241 drop ", 10);
		told++;
		const char *number = memchr(p, '[', strcspn(p, "\n")); /* lost ones have theirs */
		assert_non_null(number);
		assert_int_equal(strtoul(number + 1, NULL, 10), told + lost);
	}
	assert_true(told > 1000);
	assert_true(lost > 0);
	assert_int_equal(told + lost, 100000);
	assert_string_equal(rig_ask(r, fd, "refuse a\n"), "1022 a\n\nvde$ ");
	close(fd);
}

static void lines_of_debugging_reach_those_who_asked(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r), other = rig_welcomed(r);
	rig_ask(r, fd, "debug\n");
	assert_int_equal(mgmt_debug_mask(r->mgmt), 4);
	assert_null(mgmt_debug(r->mgmt));
	mgmt_debug_line(r->mgmt, 4, "3021 port/+ 01");
	mgmt_debug_line(r->mgmt, 8, "3022 port/- 01");
	rig_turns(r);
	assert_string_equal(rig_read(r, fd, NULL), "3021 port/+ 01\n");
	assert_string_equal(rig_read(r, other, NULL), "");
	close(fd);
	close(other);
}

/* ---- limits ---- */

static void a_session_that_does_not_read_runs_no_more_commands_until_it_does(void **state)
{
	struct rig *r = *state;
	int fd = rig_welcomed(r);
	enum { ASKED = 60 };
	for (int i = 0; i < ASKED; i++)
		assert_int_equal(send(fd, "big\n", 4, MSG_DONTWAIT), 4);
	rig_turns(r);
	/* each reply is half a megabyte, and two of them are over the bound */
	assert_true(r->calls >= 2 && r->calls <= 5);
	unsigned long replies = 0;
	for (int i = 0; i < ASKED && replies < ASKED; i++) {
		rig_read(r, fd, NULL);
		for (const char *p = r->text; (p = strstr(p, "\nvde$ ")); p++)
			replies++;
	}
	assert_int_equal(replies, ASKED);
	assert_int_equal(r->calls, ASKED);
	close(fd);
}

static void one_session_too_many_is_told_and_closed(void **state)
{
	struct rig *r = *state;
	int fds[MGMT_SESSIONS_MAX];
	bool eof;
	for (int i = 0; i < MGMT_SESSIONS_MAX; i++)
		fds[i] = rig_welcomed(r);
	int fd = rig_connect(r);
	assert_string_equal(rig_read(r, fd, &eof),
			    "1011 Resource temporarily unavailable: too many sessions\n");
	assert_true(eof);
	close(fd);
	close(fds[0]);
	rig_turns(r);
	fd = rig_welcomed(r);
	assert_string_equal(rig_ask(r, fd, "refuse a\n"), "1022 a\n\nvde$ ");
	close(fd);
	for (int i = 1; i < MGMT_SESSIONS_MAX; i++)
		close(fds[i]);
}

/* ---- the socket ---- */

static void the_socket_has_its_mode_and_goes_away_with_the_server(void **state)
{
	struct rig *r = *state;
	struct stat st;
	assert_int_equal(stat(r->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0640);
	mgmt_close(r->mgmt);
	r->mgmt = NULL;
	assert_int_equal(stat(r->path, &st), -1);
}

static void a_living_socket_is_refused_and_a_dead_one_taken_over(void **state)
{
	struct rig *r = *state;
	struct mgmt *first = r->mgmt;
	struct err err;
	char aside[160];
	assert_int_equal(rig_open(r, false, &err), -EADDRINUSE);
	assert_non_null(strstr(err.text, r->path));
	snprintf(aside, sizeof aside, "%s.aside", r->path);
	assert_int_equal(rename(r->path, aside), 0); /* so that the first one does not clean up */
	mgmt_close(first);
	assert_int_equal(rename(aside, r->path), 0);
	assert_int_equal(rig_open(r, false, &err), 0);
	int fd = rig_welcomed(r);
	assert_string_equal(rig_ask(r, fd, "refuse a\n"), "1022 a\n\nvde$ ");
	close(fd);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct rig *r = *state;
	char path[128];
	struct err err;
	mgmt_close(r->mgmt);
	rig_write_file(r, path, "mgmt", "precious\n");
	assert_true(rig_open(r, false, &err) < 0);
	assert_non_null(strstr(err.text, "not a socket"));
	assert_int_equal(unlink(path), 0);
}

static void a_command_may_close_the_server(void **state)
{
	struct rig *r = *state;
	bool eof;
	int fd = rig_welcomed(r);
	assert_int_equal(send(fd, "close\nrefuse\n", 13, 0), 13);
	rig_turns(r);
	rig_read(r, fd, &eof);
	assert_true(eof);
	assert_int_equal(r->calls, 0);
	close(fd);
}

/* ---- scripts ---- */

static void load_echoes_lines_and_results_as_vde_does(void **state)
{
	struct rig *r = *state;
	char path[128], ask[256], expected[1024];
	int fd = rig_welcomed(r);
	rig_write_file(r, path, "script", "say x\r\n# note\n\nnosuch\nlogout\nrefuse why");
	snprintf(ask, sizeof ask, "load %s\n", path);
	snprintf(expected, sizeof expected,
		 "vde[%s]: say x\n0000 DATA END WITH '.'\nx\n.\n1000 Success\n"
		 "vde[%s]: # note\n"
		 "vde[%s]: nosuch\n1038 Function not implemented\n"
		 "vde[%s]: logout\n1000 Success\n"
		 "vde[%s]: refuse why\n1022 why\n"
		 "1000 Success\n\nvde$ ",
		 path, path, path, path, path);
	assert_string_equal(rig_ask(r, fd, ask), expected);
	unlink(path);
	close(fd);
}

static void load_in_json_lists_the_results(void **state)
{
	struct rig *r = *state;
	char path[128], ask[256];
	int fd = rig_welcomed(r);
	rig_write_file(r, path, "script", "say x\nrefuse why\n");
	snprintf(ask, sizeof ask, "json load %s\n", path);
	rig_ask(r, fd, ask);
	assert_non_null(strstr(
		r->text, "{\"line\":1,\"command\":\"say x\",\"code\":0,\"error\":null,"
			 "\"data\":{\"said\":\"x\"}},"
			 "{\"line\":2,\"command\":\"refuse why\",\"code\":22,\"error\":\"why\","
			 "\"data\":null}],\"failed\":1}\n.\n1000 Success\n"));
	unlink(path);
	close(fd);
}

static void load_refuses_what_it_cannot_read_without_waiting(void **state)
{
	struct rig *r = *state;
	char path[128], ask[256];
	int fd = rig_welcomed(r);
	snprintf(path, sizeof path, "%s/fifo", r->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(ask, sizeof ask, "load %s\n", path);
	assert_non_null(strstr(rig_ask(r, fd, ask), "1022 "));
	unlink(path);
	assert_non_null(strstr(rig_ask(r, fd, ask), "1002 "));
	assert_non_null(strstr(rig_ask(r, fd, "load /\n"), "1021 "));
	assert_non_null(strstr(rig_ask(r, fd, "load\n"), "1022 which file?"));
	close(fd);
}

static void a_script_that_loads_itself_ends(void **state)
{
	struct rig *r = *state;
	char path[128], text[256];
	struct err err;
	snprintf(text, sizeof text, "say x\nload %s/loop\n", r->dir);
	rig_write_file(r, path, "loop", text);
	assert_int_equal(mgmt_load(r->mgmt, path, &err),
			 0); /* load itself is granted, as with VDE */
	assert_int_equal(r->calls, MGMT_SCRIPT_DEPTH);
	unlink(path);
}

static void a_start_up_script_tells_file_line_and_reason_of_the_first_failure(void **state)
{
	struct rig *r = *state;
	char path[128], expected[256];
	struct err err;
	rig_write_file(r, path, "rc", "say x\n\nrefuse why\nrefuse\nsay y\nevent/watch\n");
	assert_int_equal(mgmt_load(r->mgmt, path, &err), -EINVAL);
	snprintf(expected, sizeof expected, "%s:3: why (and 2 more)", path);
	assert_string_equal(err.text, expected);
	assert_int_equal(r->calls, 4); /* what follows an error runs */
	rig_write_file(r, path, "rc", "say x\nshutdown\n");
	assert_int_equal(mgmt_load(r->mgmt, path, &err), 0);
	assert_int_equal(r->shutdowns, 1);
	unlink(path);
	assert_int_equal(mgmt_load(r->mgmt, path, &err), -ENOENT);
}

/* ---- the console ---- */

struct console {
	int saved_in, saved_out, in, out;
};

/* Puts `in` and `out` in the places of stdin and stdout; the tests' own output waits meanwhile. */
static void console_begin(struct console *c, int in, int out)
{
	fflush(stdout);
	c->saved_in = dup(STDIN_FILENO);
	c->saved_out = dup(STDOUT_FILENO);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(in);
	if (out != in)
		close(out);
}

static void console_end(struct console *c)
{
	dup2(c->saved_in, STDIN_FILENO);
	dup2(c->saved_out, STDOUT_FILENO);
	close(c->saved_in);
	close(c->saved_out);
}

static size_t read_pipe(int fd, char *text, size_t room)
{
	ssize_t n = read(fd, text, room - 1);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static void a_console_on_pipes_shows_replies_only_and_its_end_is_a_shutdown(void **state)
{
	struct rig *r = *state;
	struct console c;
	int in[2], out[2];
	char text[1024];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	console_begin(&c, in[0], out[1]);
	int opened = rig_open(r, true, NULL);
	rig_turns(r);
	size_t before = read_pipe(out[0], text, sizeof text);
	ssize_t sent = write(in[1], "say x\nlogout\nrefuse a\n", 22);
	rig_turns(r);
	read_pipe(out[0], text, sizeof text);
	unsigned shutdowns = r->shutdowns;
	close(in[1]);
	rig_turns(r);
	bool ended = mgmt_stdin_ended(r->mgmt);
	console_end(&c);
	close(out[0]);
	assert_int_equal(opened, 0);
	assert_int_equal(before, 0);
	assert_int_equal(sent, 22);
	assert_string_equal(text, "0000 DATA END WITH '.'\nx\n.\n1000 Success\n1022 a\n");
	assert_int_equal(shutdowns, 0);
	assert_int_equal(r->shutdowns, 1);
	assert_true(ended);
}

static void a_console_both_ways_has_a_prompt_after_its_first_command(void **state)
{
	struct rig *r = *state;
	struct console c;
	int pair[2];
	char text[1024], *none = text;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
			 0);
	console_begin(&c, pair[0], pair[0]);
	rig_open(r, true, NULL);
	rig_turns(r);
	size_t before = read_pipe(pair[1], none, sizeof text);
	ssize_t sent = write(pair[1], "refuse a\n", 9);
	rig_turns(r);
	read_pipe(pair[1], text, sizeof text);
	console_end(&c);
	close(pair[1]);
	assert_int_equal(before, 0);
	assert_int_equal(sent, 9);
	assert_string_equal(text, "1022 a\n\nvde$ ");
}

static void a_console_whose_reader_went_away_goes_on(void **state)
{
	struct rig *r = *state;
	struct console c;
	int in[2], out[2];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	console_begin(&c, in[0], out[1]);
	rig_open(r, true, NULL);
	close(out[0]);
	ssize_t sent = write(in[1], "refuse a\nrefuse b\n", 18);
	rig_turns(r);
	unsigned calls = r->calls, shutdowns = r->shutdowns;
	close(in[1]);
	console_end(&c);
	assert_int_equal(sent, 18);
	assert_int_equal(calls, 2);
	assert_int_equal(shutdowns, 0);
}

#define rigged(f) cmocka_unit_test_setup_teardown(f, set_up, rig_tear_down)
#define bare(f) cmocka_unit_test_setup_teardown(f, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rigged(the_welcome_is_banner_blank_line_and_prompt),
		rigged(a_reply_ends_with_the_prompt),
		rigged(commands_come_with_and_without_newlines_and_in_packs),
		rigged(an_overlong_line_is_refused_and_the_session_goes_on),
		rigged(logout_says_so_and_closes),
		rigged(shutdown_says_so_and_tells_the_program_once),
		rigged(a_half_closed_session_gets_its_replies_and_then_the_end),
		rigged(a_session_that_vanishes_in_the_middle_hurts_nobody),
		rigged(events_reach_those_who_watch_their_kind),
		rigged(an_event_tells_all_its_facts),
		rigged(an_event_made_by_a_command_stays_outside_of_its_reply),
		rigged(a_kind_that_is_none_is_refused_with_words),
		rigged(event_list_names_every_kind_with_its_tag),
		rigged(a_session_that_does_not_read_loses_events_and_is_told_how_many),
		rigged(lines_of_debugging_reach_those_who_asked),
		rigged(a_session_that_does_not_read_runs_no_more_commands_until_it_does),
		rigged(one_session_too_many_is_told_and_closed),
		rigged(the_socket_has_its_mode_and_goes_away_with_the_server),
		rigged(a_living_socket_is_refused_and_a_dead_one_taken_over),
		rigged(a_file_that_is_no_socket_is_left_alone),
		rigged(a_command_may_close_the_server),
		rigged(load_echoes_lines_and_results_as_vde_does),
		rigged(load_in_json_lists_the_results),
		rigged(load_refuses_what_it_cannot_read_without_waiting),
		rigged(a_script_that_loads_itself_ends),
		rigged(a_start_up_script_tells_file_line_and_reason_of_the_first_failure),
		bare(a_console_on_pipes_shows_replies_only_and_its_end_is_a_shutdown),
		bare(a_console_both_ways_has_a_prompt_after_its_first_command),
		bare(a_console_whose_reader_went_away_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
