/* SPDX-License-Identifier: MIT */
/* term.c - the only file that knows curses. */
#include "console/term.h"

/* curses draws with macros of the names that others need, so it comes last and keeps its own names.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>

#include "console/line.h"
#include "console/text.h"

static struct {
	SCREEN *screen;
	bool open, colors, utf8;
	int w, h;
	char way_out[256]; /* what the terminal needs to be as it was */
	size_t way_out_len;
	struct termios before;
} term;

/* ---- how a meaning looks ---- */

/* The colours, and what tells the same where there are none. */
static const struct look {
	short color; /* -1: that of the terminal */
	attr_t with, without;
} looks[ST_STYLES] = {
	[ST_PLAIN] = { -1, A_NORMAL, A_NORMAL },
	[ST_DIM] = { COLOR_BLACK + 8, A_NORMAL, A_NORMAL },
	[ST_TITLE] = { COLOR_CYAN, A_BOLD, A_BOLD | A_UNDERLINE },
	[ST_HEAD] = { -1, A_BOLD | A_UNDERLINE, A_BOLD | A_UNDERLINE },
	[ST_KEY] = { COLOR_CYAN, A_NORMAL, A_BOLD },
	[ST_GOOD] = { COLOR_GREEN, A_NORMAL, A_NORMAL },
	[ST_WARN] = { COLOR_YELLOW, A_NORMAL, A_UNDERLINE },
	[ST_BAD] = { COLOR_RED, A_BOLD, A_BOLD },
	[ST_NAME] = { -1, A_BOLD, A_NORMAL },
	[ST_BAR] = { COLOR_BLUE, A_NORMAL, A_NORMAL },
};

static void make_colors(bool wanted)
{
	term.colors = wanted && has_colors() && start_color() == OK;
	if (!term.colors)
		return;
	use_default_colors();
	for (int i = 0; i < ST_STYLES; i++) {
		short color = looks[i].color;
		if (color >= COLORS) /* eight colours only: what is dim is plain */
			color = -1;
		init_pair((short)(i + 1), color, -1);
	}
}

static attr_t attributes(const struct cell *c, short *pair)
{
	const struct look *l = &looks[c->style < ST_STYLES ? c->style : ST_PLAIN];
	*pair = term.colors ? (short)(c->style + 1) : 0;
	return (term.colors ? l->with : l->without) | (c->selected ? A_REVERSE : A_NORMAL);
}

/* ---- the way out ---- */

static void add_way_out(const char *capability)
{
	const char *s = tigetstr(capability);
	if (!s || s == (char *)-1)
		return;
	while (*s && term.way_out_len + 1 < sizeof term.way_out) {
		if (s[0] == '$' && s[1] == '<') { /* delays are for paper */
			s += strcspn(s, ">");
			s += *s == '>';
			continue;
		}
		term.way_out[term.way_out_len++] = *s++;
	}
}

/* Only calls that a signal handler may make (POSIX 2.4.3). The signal is then raised again with
 * what would have handled it without us: default action, or a sanitizer's report. */
static struct sigaction before_crash[NSIG];

static void on_crash(int signo)
{
	if (term.open) {
		term.open = false;
		ssize_t n = write(STDOUT_FILENO, term.way_out, term.way_out_len);
		(void)n;
		tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
	}
	sigaction(signo, &before_crash[signo], NULL);
	raise(signo);
}

static void guard_crashes(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP };
	struct sigaction a = { .sa_handler = on_crash, .sa_flags = SA_NODEFER };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &a, &before_crash[signals[i]]);
}

/* ---- open and close ---- */

bool term_is_utf8(void)
{
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Whether it can place its cursor; then its way out is known as well. */
static bool look_at_terminal(const char *name)
{
	static const char *const ways_out[] = { "rmkx", "sgr0", "cnorm", "rmcup" };
	int known;
	if (!*name || setupterm(name, STDOUT_FILENO, &known) != OK)
		return false;
	const char *cup = tigetstr("cup");
	bool can = cup && cup != (char *)-1;
	for (size_t i = 0; can && i < sizeof ways_out / sizeof *ways_out; i++)
		add_way_out(ways_out[i]);
	del_curterm(cur_term); /* newterm() makes one of its own */
	return can;
}

int term_open(bool colors, struct err *e)
{
	const char *name = getenv("TERM");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(e, -ENOTTY, "no terminal here; --once or --json will do without");
	term.utf8 = term_is_utf8();
	tcgetattr(STDIN_FILENO, &term.before);
	if (!name || !look_at_terminal(name))
		return err_set(e, -ENODEV,
			       "TERM=%s: a terminal that cannot place its cursor; try --once",
			       name ? name : "");
	term.screen = newterm(name, stdout, stdin);
	if (!term.screen)
		return err_set(e, -ENODEV, "TERM=%s: curses cannot use it; try --once", name);
	term.open = true;
	guard_crashes();
	raw();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	leaveok(stdscr, FALSE);
	curs_set(0);
	make_colors(colors);
	getmaxyx(stdscr, term.h, term.w);
	return 0;
}

void term_close(void)
{
	if (!term.open)
		return;
	curs_set(1);
	endwin();
	delscreen(term.screen);
	term.open = false;
}

void term_size(int *w, int *h)
{
	*w = term.w;
	*h = term.h;
}

void term_resized(void)
{
	struct winsize ws;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || !ws.ws_row || !ws.ws_col)
		return;
	resizeterm(ws.ws_row, ws.ws_col);
	clearok(curscr, TRUE); /* what the terminal did to its picture is not known */
	term.w = ws.ws_col;
	term.h = ws.ws_row;
}

void term_repaint(void)
{
	clearok(curscr, TRUE);
}

/* ---- drawing ---- */

/* A character that the C library sees wider or narrower than we do would shift the line. */
static wchar_t safe(uint32_t ch, bool wide)
{
	if (ch < 0x80)
		return (wchar_t)ch;
	if (!term.utf8)
		return (wchar_t)text_ascii(ch);
	return wcwidth((wchar_t)ch) == (wide ? 2 : 1) ? (wchar_t)ch : L'?';
}

static void draw_cell(const struct grid *g, int x, int y)
{
	const struct cell *c = grid_at(g, x, y), *right = grid_at(g, x + 1, y);
	bool wide = right && !right->ch;
	wchar_t text[2] = { safe(c->ch, wide), L'\0' };
	cchar_t cc;
	short pair;
	attr_t a = attributes(c, &pair);
	setcchar(&cc, text, a, pair, NULL);
	mvadd_wch(y, x, &cc);
	if (wide && text[0] == L'?') {
		setcchar(&cc, L" ", a, pair, NULL);
		mvadd_wch(y, x + 1, &cc);
	}
}

void term_draw(const struct grid *g, int x, int y)
{
	for (int j = 0; j < g->h && j < term.h; j++)
		for (int i = 0; i < g->w && i < term.w; i++)
			if (grid_at(g, i, j)->ch)
				draw_cell(g, i, j);
	curs_set(x >= 0);
	if (x >= 0)
		move(y, x);
	refresh();
}

/* ---- keys ---- */

static int named_key(wint_t key)
{
	static const struct {
		wint_t curses;
		int ui;
	} map[] = {
		{ KEY_UP, UI_UP },         { KEY_DOWN, UI_DOWN },
		{ KEY_LEFT, UI_LEFT },     { KEY_RIGHT, UI_RIGHT },
		{ KEY_HOME, UI_HOME },     { KEY_END, UI_END },
		{ KEY_PPAGE, UI_PAGE_UP }, { KEY_NPAGE, UI_PAGE_DOWN },
		{ KEY_DC, UI_DELETE },     { KEY_BACKSPACE, UI_BACKSPACE },
		{ KEY_ENTER, UI_ENTER },
	};
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (map[i].curses == key)
			return map[i].ui;
	return UI_KEY; /* one that means nothing here */
}

int term_key(void)
{
	wint_t key;
	errno = 0;
	int r = get_wch(&key);
	if (r == KEY_CODE_YES)
		return named_key(key);
	if (r == OK)
		return key < UI_KEY ? (int)key : UI_KEY;
	return errno && errno != EAGAIN && errno != EINTR ? -2 : -1;
}
