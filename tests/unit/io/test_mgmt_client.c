/* SPDX-License-Identifier: MIT */
/* test_mgmt_client.c - the client's side, against a server of ours and against one that says what
 * the test wants, as VDE's own would. */
#include "tests/unit/cmocka.h"

#include <errno.h>

#include "tests/unit/io/mgmt_rig.h"

enum { REPLIES = 8 };

struct seen {
	struct mgmt_client *client;
	unsigned count, events, ends;
	int code[REPLIES];
	char text[REPLIES][256], data[REPLIES][256], event[REPLIES][256];
	bool close_in_reply, send_in_reply;
};

static void on_reply(void *ctx, const struct mgmt_reply *r)
{
	struct seen *s = ctx;
	assert_true(s->count < REPLIES);
	s->code[s->count] = r->code;
	snprintf(s->text[s->count], sizeof s->text[0], "%.*s", (int)r->len, r->text);
	snprintf(s->data[s->count], sizeof s->data[0], "%.*s", (int)r->data_len, r->data);
	s->count++;
	if (s->close_in_reply)
		mgmt_client_close(s->client);
	else if (s->send_in_reply && s->count == 1)
		assert_int_equal(mgmt_client_send(s->client, "say again", on_reply, s), 0);
}

static void on_event(void *ctx, const char *line)
{
	struct seen *s = ctx;
	snprintf(s->event[s->events++ % REPLIES], sizeof s->event[0], "%s", line);
}

static void on_end(void *ctx)
{
	((struct seen *)ctx)->ends++;
}

static void open_client(struct rig *r, struct seen *s)
{
	struct err err;
	assert_int_equal(mgmt_client_open(&s->client, r->loop, r->path, &err), 0);
	mgmt_client_on_event(s->client, on_event, s);
	mgmt_client_on_end(s->client, on_end, s);
}

static void ask(struct seen *s, const char *line)
{
	assert_int_equal(mgmt_client_send(s->client, line, on_reply, s), 0);
}

static int set_up(void **state)
{
	return rig_set_up(state) || rig_open(*state, false, NULL);
}

static void settle(struct rig *r)
{
	for (int i = 0; i < 5; i++)
		rig_turns(r);
}

/* ---- our own server ---- */

static void replies_come_in_order_without_their_frames(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	open_client(r, &s);
	assert_null(mgmt_client_prompt(s.client));
	ask(&s, "say one");
	ask(&s, "refuse \"not now\"");
	ask(&s, "json say two");
	ask(&s, "nosuch");
	ask(&s, ""); /* answered by a prompt only */
	ask(&s, "# a comment");
	settle(r);
	assert_string_equal(mgmt_client_prompt(s.client), "vde$ ");
	assert_int_equal(s.count, 6);
	assert_int_equal(s.code[0], 0);
	assert_string_equal(s.text[0], "one\n");
	assert_int_equal(s.code[1], EINVAL);
	assert_string_equal(s.text[1], "not now");
	assert_string_equal(s.text[2], "{\"said\":\"two\"}\n");
	assert_int_equal(s.code[3], ENOSYS);
	assert_string_equal(s.text[3], "Function not implemented");
	assert_int_equal(s.code[4], 0);
	assert_string_equal(s.text[4], "");
	assert_int_equal(s.code[5], 0);
	assert_int_equal(s.ends, 0);
	mgmt_client_close(s.client);
}

static void a_reply_may_ask_the_next_question_or_close(void **state)
{
	struct rig *r = *state;
	struct seen s = { .send_in_reply = true }, t = { .close_in_reply = true };
	open_client(r, &s);
	ask(&s, "say first");
	settle(r);
	assert_int_equal(s.count, 2);
	assert_string_equal(s.text[1], "again\n");
	mgmt_client_close(s.client);
	open_client(r, &t);
	ask(&t, "say first");
	ask(&t, "say never");
	settle(r);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.ends, 0);
}

static void events_are_told_apart_from_replies(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	open_client(r, &s);
	ask(&s, "event/watch port.up");
	settle(r);
	rig_emit(r, EVENT_PORT_UP, 1);
	settle(r);
	ask(&s, "emit"); /* one more, between the prompt and the reply */
	settle(r);
	assert_int_equal(s.events, 2);
	assert_string_equal(s.event[0], "3201 port.up port 1 name a so?it \"is\" [1 0.000000005s]");
	assert_string_equal(s.event[1], "3201 port.up port 9 name a so?it \"is\" [2 0.000000005s]");
	assert_string_equal(s.text[1], "emitted\n");
	ask(&s, "json event/watch port.up");
	settle(r);
	rig_emit(r, EVENT_PORT_UP, 2);
	settle(r);
	assert_int_equal(s.event[2][0], '{');
	mgmt_client_close(s.client);
}

static void a_script_shows_all_verdicts_and_the_last_one_counts(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	char path[128], line[256], expected[512];
	rig_write_file(r, path, "script", "refuse why\nsay x\n");
	open_client(r, &s);
	snprintf(line, sizeof line, "load %s", path);
	ask(&s, line);
	settle(r);
	snprintf(expected, sizeof expected,
		 "vde[%s]: refuse why\n1022 why\nvde[%s]: say x\nx\n1000 Success\n", path, path);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.code[0], 0);
	assert_string_equal(s.text[0], expected);
	unlink(path);
	mgmt_client_close(s.client);
}

static void logout_is_granted_and_then_the_connection_is_over(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	open_client(r, &s);
	ask(&s, "logout");
	ask(&s, "say late");
	settle(r);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.code[0], 0);
	assert_int_equal(s.code[1], -1);
	assert_int_equal(s.ends, 1);
	assert_int_equal(mgmt_client_send(s.client, "say x", on_reply, &s), -EPIPE);
	mgmt_client_close(s.client);
}

static void every_question_is_answered_when_the_server_dies(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	open_client(r, &s);
	settle(r);
	ask(&s, "close");
	ask(&s, "say x");
	settle(r);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.code[0], -1);
	assert_int_equal(s.code[1], -1);
	assert_int_equal(s.ends, 1);
	mgmt_client_close(s.client);
}

static void a_line_that_is_none_is_refused_at_once(void **state)
{
	static char line[CMD_LINE_MAX + 2];
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	struct err err;
	open_client(r, &s);
	memset(line, 'x', CMD_LINE_MAX + 1);
	assert_int_equal(mgmt_client_send(s.client, line, on_reply, &s), -EINVAL);
	assert_int_equal(mgmt_client_send(s.client, "say a\nsay b", on_reply, &s), -EINVAL);
	mgmt_client_close(s.client);
	mgmt_close(r->mgmt);
	r->mgmt = NULL;
	assert_int_equal(mgmt_client_open(&s.client, r->loop, r->path, &err), -ENOENT);
	assert_non_null(strstr(err.text, r->path));
}

static void a_long_reply_comes_whole(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	open_client(r, &s);
	ask(&s, "big");
	for (int i = 0; i < 100 && !s.count; i++)
		settle(r);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.code[0], 0);
	mgmt_client_close(s.client);
}

/* ---- a server that says what the test wants ---- */

struct fake {
	int listener, fd;
};

static void fake_open(struct rig *r, struct fake *f, struct seen *s)
{
	f->listener = usock_bind(r->path, SOCK_STREAM, 0600, -1, NULL);
	assert_true(f->listener >= 0);
	open_client(r, s);
	f->fd = accept(f->listener, NULL, NULL);
	assert_true(f->fd >= 0);
}

static void fake_close(struct rig *r, struct fake *f)
{
	close(f->fd);
	close(f->listener);
	unlink(r->path);
}

static void fake_says(struct rig *r, struct fake *f, const char *text)
{
	assert_int_equal(send(f->fd, text, strlen(text), 0), strlen(text));
	settle(r);
}

static void the_next_command_waits_for_the_prompt(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	struct fake f;
	fake_open(r, &f, &s);
	ask(&s, "port/print");
	ask(&s, "vlan/print");
	settle(r);
	assert_string_equal(rig_read(r, f.fd, NULL), ""); /* nothing before the welcome is over */
	fake_says(r, &f, "VDE switch V.2.3.2\n(C) Virtual Square\n\nvde$");
	assert_string_equal(rig_read(r, f.fd, NULL), "");
	fake_says(r, &f, " ");
	assert_string_equal(rig_read(r, f.fd, NULL),
			    "port/print\n"); /* VDE: one read, one command */
	fake_says(r, &f, "0000 DATA END WITH '.'\nPort 0001\n.\n1000 Success\n\nvd");
	assert_int_equal(s.count, 0);
	fake_says(r, &f, "e$ ");
	assert_int_equal(s.count, 1);
	assert_string_equal(s.text[0], "Port 0001\n");
	assert_string_equal(rig_read(r, f.fd, NULL), "vlan/print\n");
	mgmt_client_close(s.client);
	fake_close(r, &f);
}

static void any_cut_of_a_reply_gives_the_same_answer(void **state)
{
	static const char reply[] =
		"3021 port/+ 01\n0000 DATA END WITH '.'\nNAME\n1000 no verdict\n3021 no event\n\n"
		"vde$ no prompt\n.\n1002 No such file\n\nvde$ 3022 port/- 01\n";
	struct rig *r = *state;
	for (size_t cut = 1; cut < sizeof reply - 1; cut++) {
		struct seen s = { .count = 0 };
		struct fake f;
		char half[sizeof reply];
		fake_open(r, &f, &s);
		ask(&s, "plugin/list");
		fake_says(r, &f, "VDE\n\nvde$ ");
		snprintf(half, sizeof half, "%.*s", (int)cut, reply);
		fake_says(r, &f, half);
		fake_says(r, &f, reply + cut);
		assert_int_equal(s.count, 1);
		assert_int_equal(s.code[0], ENOENT);
		assert_string_equal(s.text[0], "No such file");
		assert_string_equal(s.data[0],
				    "NAME\n1000 no verdict\n3021 no event\n\nvde$ no prompt\n");
		assert_int_equal(s.events, 2);
		assert_string_equal(s.event[0], "3021 port/+ 01");
		assert_string_equal(s.event[1], "3022 port/- 01");
		mgmt_client_close(s.client);
		fake_close(r, &f);
	}
}

static void being_turned_away_is_told_in_the_servers_words(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	struct fake f;
	fake_open(r, &f, &s);
	ask(&s, "showinfo");
	fake_says(r, &f, "1011 too many sessions\n");
	close(f.fd);
	f.fd = -1;
	settle(r);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.code[0], -1);
	assert_string_equal(s.text[0], "1011 too many sessions");
	mgmt_client_close(s.client);
	fake_close(r, &f);
}

static void a_welcome_without_end_is_given_up(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	struct fake f;
	char noise[1024];
	memset(noise, 'x', sizeof noise - 1);
	noise[sizeof noise - 1] = '\0';
	fake_open(r, &f, &s);
	ask(&s, "showinfo");
	for (int i = 0; i < 70 && !s.ends; i++)
		fake_says(r, &f, noise);
	assert_int_equal(s.ends, 1);
	assert_int_equal(s.code[0], -1);
	assert_non_null(strstr(s.text[0], "no welcome came"));
	mgmt_client_close(s.client);
	fake_close(r, &f);
}

static void what_cannot_be_a_server_is_named(void **state)
{
	struct rig *r = *state;
	struct seen s = { .count = 0 };
	struct err err;
	char path[128];
	assert_int_equal(mgmt_client_open(&s.client, r->loop, r->dir, &err), -ECONNREFUSED);
	assert_non_null(strstr(err.text, "a folder"));
	rig_write_file(r, path, "file", "");
	assert_int_equal(mgmt_client_open(&s.client, r->loop, path, &err), -ECONNREFUSED);
	assert_non_null(strstr(err.text, "not a socket"));
	unlink(path);
	close(usock_bind(r->path, SOCK_STREAM, 0600, -1, NULL));
	assert_int_equal(mgmt_client_open(&s.client, r->loop, r->path, &err), -ECONNREFUSED);
	assert_non_null(strstr(err.text, "nobody serves"));
	unlink(r->path);
}

#define rigged(f) cmocka_unit_test_setup_teardown(f, set_up, rig_tear_down)
#define bare(f) cmocka_unit_test_setup_teardown(f, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rigged(replies_come_in_order_without_their_frames),
		rigged(a_reply_may_ask_the_next_question_or_close),
		rigged(events_are_told_apart_from_replies),
		rigged(a_script_shows_all_verdicts_and_the_last_one_counts),
		rigged(logout_is_granted_and_then_the_connection_is_over),
		rigged(every_question_is_answered_when_the_server_dies),
		rigged(a_line_that_is_none_is_refused_at_once),
		rigged(a_long_reply_comes_whole),
		bare(the_next_command_waits_for_the_prompt),
		bare(any_cut_of_a_reply_gives_the_same_answer),
		bare(being_turned_away_is_told_in_the_servers_words),
		bare(a_welcome_without_end_is_given_up),
		bare(what_cannot_be_a_server_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
