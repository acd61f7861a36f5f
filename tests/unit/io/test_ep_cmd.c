/* SPDX-License-Identifier: MIT */
/* test_ep_cmd.c - commands as endpoints: their frames, their end, and what is said about it. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/io/listener.h"

static void run(struct loop *l, struct listener *h, const char *locator)
{
	struct err err = { "" };
	if (ep_open(&h->ep, l, locator, &listener_host, h, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(h->ep->is_up);
}

static void frames_go_through_a_command_and_come_back(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener h = { 0 };
	run(l, &h, "cmd://cat");
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(send_frame(h.ep, 1514, (uint8_t)i), 1);
	UNTIL(l, h.count == 20);
	assert_false(h.wrong);
	ep_close(h.ep);
	loop_free(l);
}

static void the_end_of_a_command_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *locator, *reason;
		int why;
	} row[] = {
		{ "cmd://true", "the command ended", 0 },
		{ "cmd://exit 3", "the command ended with status 3", -ECHILD },
		{ "cmd://no-such-command-here 2>/dev/null",
		  "the command ended with status 127 (command not found)", -ECHILD },
		{ "cmd://kill -9 $$", "the command was killed by SIGKILL", -ECHILD },
		{ "cmd://printf '\\0\\100cut'", "the command ended: end of file in mid-frame",
		  -EPROTO },
		{ "cmd://\"printf '\\0\\2ab'; exit 4\"", "the command ended with status 4",
		  -ECHILD },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct loop *l = loop_new();
		struct listener h = { 0 };
		run(l, &h, row[i].locator);
		UNTIL(l, h.closes == 1);
		assert_string_equal(h.reason, row[i].reason);
		assert_int_equal(h.why, row[i].why);
		loop_free(l);
	}
}

static void what_a_command_said_last_is_delivered(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener h = { 0 };
	run(l, &h,
	    "cmd://i=0; while [ $i -lt 200 ]; do printf '\\0\\100'; printf '%064d' $i; i=$((i+1)); "
	    "done");
	UNTIL(l, h.closes == 1);
	assert_int_equal(h.count, 200);
	loop_free(l);
}

/* They all hold the writing end of a pipe: its end of file says that the last one has ended. */
static void a_command_that_is_let_go_ends_with_all_it_started(void **state)
{
	(void)state;
	static const char *const commands[] = {
		"cmd://sleep 1000",
		"cmd://sleep 1000 | cat; true",
		"cmd://sleep 1000 & sleep 1000; wait",
	};
	while (wait(NULL) > 0) /* of the tests before, whose loops have gone */
		;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct loop *l = loop_new();
		struct listener h = { 0 };
		int held[2];
		char byte;
		assert_int_equal(pipe(held), 0);
		assert_int_equal(fcntl(held[0], F_SETFL, O_NONBLOCK), 0);
		run(l, &h, commands[i]);
		close(held[1]);
		int64_t before = loop_clock(l);
		ep_close(h.ep);
		UNTIL(l, waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED | WNOHANG | WNOWAIT) < 0 &&
				 errno == ECHILD); /* the loop has reaped it */
		UNTIL(l, read(held[0], &byte, 1) == 0);
		assert_true(loop_clock(l) - before < 1900000000); /* asked, not killed */
		close(held[0]);
		loop_free(l);
	}
}

static void a_command_can_be_given_word_by_word(void **state)
{
	(void)state;
	struct loop *l = loop_new();
	struct listener h = { 0 };
	char printf_word[] = "printf", text[] = "\\0\\020 a 'b\" $c  23456";
	char *argv[] = { printf_word, text, NULL };
	assert_int_equal(ep_open_command(&h.ep, l, argv, &listener_host, &h, NULL), 0);
	UNTIL(l, h.closes == 1);
	assert_int_equal(h.count, 1);
	assert_int_equal(h.len[0], 16);
	loop_free(l);
}

/* A stand-in for ssh in front of PATH prints its words and ends as told. */
static void ssh_gets_the_right_words_and_its_end_is_explained(void **state)
{
	(void)state;
	struct folder d = folder_new();
	char script[128], out[128], path[4200], before[4000];
	snprintf(before, sizeof before, "%.3990s", getenv("PATH"));
	snprintf(script, sizeof script, "%s/ssh", d.path);
	snprintf(out, sizeof out, "%s/words", d.path);
	snprintf(path, sizeof path, "%s:%s", d.path, before);
	FILE *f = fopen(script, "w");
	fprintf(f,
		"#!/bin/sh\nfor w; do last=$w; echo \"[$w]\"; done >%s\nlast=${last##*=}\nexit "
		"${last%%\\'}\n",
		out);
	fclose(f);
	assert_int_equal(chmod(script, 0700), 0);
	assert_int_equal(setenv("PATH", path, 1), 0);
	static const struct {
		const char *locator, *words, *reason;
	} row[] = {
		{ "ssh://me@host:2222/run/sw,port=0127",
		  "[-p]\n[2222]\n[--]\n[me@host]\n[exec dw-plug '/run/sw,port=0127']\n",
		  "the far side has no dw-plug in its PATH" },
		{ "ssh://host/tap://x,netns=255",
		  "[--]\n[host]\n[exec dw-plug 'tap://x,netns=255']\n",
		  "ssh could not connect, or lost the connection" },
		{ "ssh://[::1]:22/run/a'b,port=3",
		  "[-p]\n[22]\n[--]\n[::1]\n[exec dw-plug '/run/a'\\''b,port=3']\n",
		  "the command ended with status 3" },
		{ "ssh://host,port=0", "[--]\n[host]\n[exec dw-plug 'vde://,port=0']\n",
		  "the command ended" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct loop *l = loop_new();
		struct listener h = { 0 };
		run(l, &h, row[i].locator);
		UNTIL(l, h.closes == 1);
		char words[1000] = "";
		f = fopen(out, "r");
		words[fread(words, 1, sizeof words - 1, f)] = '\0';
		fclose(f);
		if (!strstr(words, row[i].words))
			fail_msg("%s: %s", row[i].locator, words);
		/* how it begins: without a terminal, a word on passwords follows */
		if (strncmp(h.reason, row[i].reason, strlen(row[i].reason)))
			fail_msg("%s: %s", row[i].locator, h.reason);
		loop_free(l);
	}
	setenv("PATH", before, 1);
	unlink(script);
	unlink(out);
	rmdir(d.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_go_through_a_command_and_come_back),
		cmocka_unit_test(the_end_of_a_command_is_named),
		cmocka_unit_test(what_a_command_said_last_is_delivered),
		cmocka_unit_test(a_command_that_is_let_go_ends_with_all_it_started),
		cmocka_unit_test(a_command_can_be_given_word_by_word),
		cmocka_unit_test(ssh_gets_the_right_words_and_its_end_is_explained),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
