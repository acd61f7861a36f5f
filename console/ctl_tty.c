/* SPDX-License-Identifier: MIT */
/* ctl_tty.c - dw-ctl at a terminal: line editing, history and completion by libedit, with the loop
 * running underneath so that events are seen while a line is being written. */
#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <wchar.h>

#include "console/ctl.h"

enum { HISTORY_MAX = 500 };

struct tty {
	struct ctl *ctl;
	EditLine *el;
	History *history;
	struct watch keys;
	bool key_came;
	int stopped_by; /* what the loop said while a line was being read; 0: nothing */
	mbstate_t shift;
};

/* ---- keys ---- */

static void on_key(struct watch *w, uint32_t events)
{
	(void)events;
	container_of(w, struct tty, keys)->key_came = true;
	loop_want(w, 0);
}

/* Waits for a key and lets the loop work meanwhile. false: the end. */
static bool await_key(struct tty *t)
{
	struct ctl *c = t->ctl;
	t->key_came = false;
	loop_want(&t->keys, EPOLLIN);
	while (!t->key_came && !c->ended) {
		bool stopped;
		int r = loop_turn(c->loop, TIME_NEVER, &stopped);
		if (c->hid_prompt)
			el_set(t->el, EL_REFRESH);
		c->hid_prompt = false;
		if (stopped) {
			t->stopped_by = r;
			return false;
		}
	}
	return t->key_came;
}

/* libedit's EL_GETCFN: one character; 1, 0: end of file, -1: error. */
static int get_char(EditLine *el, wchar_t *wc)
{
	struct tty *t;
	el_get(el, EL_CLIENTDATA, &t);
	for (;;) {
		char byte;
		if (!await_key(t))
			return 0;
		ssize_t n = read(STDIN_FILENO, &byte, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		size_t used = mbrtowc(wc, &byte, 1, &t->shift);
		if (used == (size_t)-2) /* more bytes of the same character are to come */
			continue;
		if (used == (size_t)-1) {
			memset(&t->shift, 0, sizeof t->shift);
			*wc = L'?';
		}
		return 1;
	}
}

/* ---- completion ---- */

static bool fits(const char *word, const char *start, size_t len)
{
	return strncmp(word, start, len) == 0;
}

static void list_fitting(const struct words *w, const char *start, size_t len)
{
	putchar('\n');
	for (size_t i = 0; i < w->count; i++)
		if (fits(w->v[i], start, len))
			printf("%s\n", w->v[i]);
	fflush(stdout);
}

/* Completes the command word: the first one, or what follows "json" and "help". */
static unsigned char complete(EditLine *el, int key)
{
	struct tty *t;
	(void)key;
	el_get(el, EL_CLIENTDATA, &t);
	const struct words *w = &t->ctl->words;
	const LineInfo *li = el_line(el);
	const char *start = li->cursor;
	while (start > li->buffer && start[-1] != ' ')
		start--;
	size_t len = (size_t)(li->cursor - start), before = (size_t)(start - li->buffer);
	if (before &&
	    !(before == 5 && (fits("json ", li->buffer, 5) || fits("help ", li->buffer, 5))))
		return CC_ERROR;
	const char *first = NULL;
	size_t count = 0, common = 0;
	for (size_t i = 0; i < w->count; i++) {
		if (!fits(w->v[i], start, len))
			continue;
		if (!count++) {
			first = w->v[i];
			common = strlen(first);
		}
		while (strncmp(first, w->v[i], common) != 0)
			common--;
	}
	if (!count)
		return CC_ERROR;
	char more[128];
	snprintf(more, sizeof more, "%.*s%s", (int)(common - len), first + len,
		 count == 1 ? " " : "");
	if (*more)
		return el_insertstr(el, more) < 0 ? CC_ERROR : CC_REFRESH;
	list_fitting(w, start, len);
	return CC_REDISPLAY;
}

/* ---- the terminal ---- */

static char *prompt(EditLine *el)
{
	static char welcome[] = "> ";
	struct tty *t;
	el_get(el, EL_CLIENTDATA, &t);
	const char *p = mgmt_client_prompt(t->ctl->client);
	static char own[64];
	if (!p)
		return welcome;
	snprintf(own, sizeof own, "%s", p);
	return own;
}

static int tty_open(struct tty *t)
{
	HistEvent ev;
	setlocale(LC_CTYPE, "");
	t->el = el_init("dw-ctl", stdin, stdout, stderr);
	t->history = history_init();
	if (!t->el || !t->history)
		return -ENOMEM;
	history(t->history, &ev, H_SETSIZE, HISTORY_MAX);
	history(t->history, &ev, H_SETUNIQUE, 1);
	el_set(t->el, EL_CLIENTDATA, t);
	el_set(t->el, EL_PROMPT, prompt);
	el_set(t->el, EL_EDITOR, "emacs");
	el_set(t->el, EL_SIGNAL, 1); /* stop, continue, window size */
	el_set(t->el, EL_HIST, history, t->history);
	el_set(t->el, EL_GETCFN, get_char);
	/* the wide call: the narrow one copies its words and never frees them */
	el_wset(t->el, EL_ADDFN, L"dw-complete", L"complete a command", complete);
	el_set(t->el, EL_BIND, "^I", "dw-complete", NULL);
	el_source(t->el, NULL);
	return loop_add(t->ctl->loop, &t->keys, STDIN_FILENO, 0, on_key);
}

static void tty_close(struct tty *t)
{
	loop_del(&t->keys);
	if (t->el)
		el_end(t->el); /* the terminal as it was */
	if (t->history)
		history_end(t->history);
}

/* One line read, sent and answered. false: the last; *r is as of ctl_tty(). */
static bool one_line(struct tty *t, int *r)
{
	struct ctl *c = t->ctl;
	char line[CMD_LINE_MAX + 1];
	HistEvent ev;
	int count = 0;
	const char *text = el_gets(t->el, &count);
	*r = t->stopped_by;
	if (!text || count <= 0 || *r) {
		printf("\n");
		return false;
	}
	snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\r\n"), text);
	if (!line[strspn(line, " \t")])
		return true;
	history(t->history, &ev, H_ENTER, line);
	*r = ctl_ask(c, line);
	return *r == 0 && !c->ended;
}

int ctl_tty(struct ctl *c)
{
	struct tty t = { .ctl = c };
	int r = tty_open(&t);
	if (!r)
		ctl_learn_words(c);
	while (!r && !c->ended && one_line(&t, &r))
		;
	tty_close(&t);
	c->failed = false; /* each refusal was read by the one who caused it */
	return r;
}
