/* SPDX-License-Identifier: MIT */
/* ui.h - what the user sees and does: the page shown, prompts, questions, answers. Pure: keys go
 * in, a drawn grid and calls of the host come out. */
#ifndef DW_CONSOLE_UI_H
#define DW_CONSOLE_UI_H

#include "console/line.h"
#include "console/list.h"
#include "console/record.h"

enum ui_mode { UI_BROWSE, UI_HELP, UI_PROMPT, UI_ASK, UI_OUTPUT };

struct ui_host { /* notices: they may queue and ui_say(), nothing more of the ui */
	void *ctx;
	/* Send `line` to that source; ui_answer() tells what came of it, once. */
	void (*send)(void *ctx, unsigned source, const char *line);
	/* What is done by hand is about to be saved: ask how the sources were. */
	void (*prepare)(void *ctx);
	/* Write this text to a file; the words to show. */
	void (*save)(void *ctx, const char *path, const char *text, size_t len, char *words,
		     size_t size);
	/* Show the frames of a port or a wire (`what`: N, all, ab, ba); NULL: no longer. The words
	 * to show. */
	void (*watch)(void *ctx, unsigned source, const char *what, char *words, size_t size);
	/* The same in Wireshark. */
	void (*wireshark)(void *ctx, unsigned source, const char *what, char *words, size_t size);
};

struct ui {
	const struct ui_host *host;
	bool read_only, quit;
	bool leads;       /* the time of a lab can be led */
	char folder[512]; /* files without a '/' in front belong there; "" : nowhere known */
	int page;
	enum ui_mode mode;
	struct list list[PAGES];
	bool seen[SOURCES_MAX]; /* sources with anything on the screen */
	int body;               /* lines of the list, as drawn last */

	struct line line; /* UI_PROMPT */
	char label[96];
	/* What is done with the line: Enter (done), each change (typed; may be NULL), Escape (typed
	 * with what was before). */
	void (*done)(struct ui *u, const struct model *m, const char *text);
	void (*typed)(struct ui *u, const struct model *m, const char *text);
	char before[LIST_WORD];
	struct line_history history;
	bool completes; /* words are commands of the source */
	char candidates[256];

	unsigned target;                  /* source of the prompt, the question, the output */
	char template[128];               /* UI_PROMPT for a value: the command with one %s */
	char command[LINE_MAX_LEN + 128]; /* UI_ASK */

	char *output; /* UI_OUTPUT: text of a reply */
	size_t output_len, output_top, output_lines;
	bool expects; /* a command was sent and no key pressed since: its answer may take the screen
		       */
	char message[256];
	enum style message_style;
	struct record record;
};

void ui_init(struct ui *u, const struct ui_host *host);
void ui_fini(struct ui *u);
void ui_key(struct ui *u, const struct model *m, int key);
/* Sizes under GRID_MIN_W x GRID_MIN_H get a clear word instead. The cursor's place in *x, *y; -1:
 * none. */
void ui_draw(struct ui *u, const struct model *m, struct grid *g, int *x, int *y);
void ui_answer(struct ui *u, const struct model *m, unsigned source, const char *line, int code,
	       const char *text, size_t len);
unsigned ui_wants(const struct ui *u); /* WANT_ bits of what is shown */

/* ---- for pages and their keys ---- */
__attribute__((format(printf, 3, 4))) void ui_say(struct ui *u, enum style style, const char *fmt,
						  ...);
/* Asks one line, and sends the command if the answer is yes. */
__attribute__((format(printf, 3, 4))) void ui_ask(struct ui *u, unsigned source, const char *fmt,
						  ...);
/* Asks for a value, then as ui_ask() with it in the place of the one %s of `template`. In double
 * quotes it is a file, whose whole path is sent: the source may run elsewhere. */
void ui_ask_value(struct ui *u, unsigned source, const char *label, const char *preset,
		  const char *template);
/* Sends at once what needs no question. */
void ui_send(struct ui *u, unsigned source, const char *line);
void ui_go(struct ui *u, int page);
void ui_prompt(struct ui *u, const char *label, const char *preset,
	       void (*done)(struct ui *, const struct model *, const char *),
	       void (*typed)(struct ui *, const struct model *, const char *));

extern const struct key ui_keys[];   /* that every page has */
extern const struct key lead_keys[]; /* and those that lead the time of a lab */
/* Where that time stands, at the left of a line; the columns it took, 0: nobody leads. */
int lead_draw(const struct model *m, struct grid *g, int y);
/* The help as rows, and a line of hints. */
void help_draw(const struct ui *u, const struct model *m, struct grid *g);
size_t help_lines(const struct ui *u); /* rows of it */
void help_hints(const struct ui *u, struct grid *g, int x, int y);

#endif
