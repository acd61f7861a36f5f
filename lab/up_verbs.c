/* SPDX-License-Identifier: MIT */
/* up_verbs.c - the verbs for labs that stay: their options, and those that only ask. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/real/real.h"
#include "lab/up.h"

/* ---- options ---- */

static int take_lab(void *ctx, const char *arg, struct err *e)
{
	(void)e;
	((struct up *)ctx)->lab = arg;
	return 0;
}

static int take_backend(void *ctx, const char *arg, struct err *e)
{
	if (strcmp(arg, "ns") != 0 && strcmp(arg, "proc") != 0)
		return err_set(e, -EINVAL, "'%s' is no backend that stays: ns or proc", arg);
	((struct up *)ctx)->backend = arg;
	return 0;
}

static const struct opt up_opts[] = {
	{ 'b', "backend", "ns|proc", "namespaces or processes only (default: the best there is)",
	  take_backend },
	{ 'n', "name", "LAB", "what it is called from then on (default: as the file)", take_lab },
	{ 0 },
};

static const struct opt lab_opts[] = {
	{ 'l', "lab", "LAB", "which lab; needed only when several are up", take_lab },
	{ 0 },
};

/* ---- down, ps ---- */

static int do_down(struct up *u)
{
	int code = up_choose(u);
	char *text = NULL;
	if (code == 0)
		code = up_ask(u, "shutdown", &text);
	free(text);
	if (code == 0 && rundir_wait_gone(u->dir, 30) < 0)
		code = log_verdict(3, "it does not end");
	return code;
}

struct listing {
	struct up *up;
	bool json, first;
	int code;
};

static void list_one(void *ctx, const char *name, const char *path)
{
	struct listing *l = ctx;
	if (l->json)
		fputs(l->first ? "" : ",", stdout);
	else
		printf("%s%s\n", l->first ? "" : "\n", name);
	l->first = false;
	snprintf(l->up->name, sizeof l->up->name, "%s", name);
	snprintf(l->up->dir, sizeof l->up->dir, "%s", path);
	char *text = NULL;
	int code = up_ask(l->up, l->json ? "json lab/ps" : "lab/ps", &text);
	if (code == 0 && l->json)
		text[strcspn(text, "\n")] = '\0';
	if (code == 0)
		fputs(text, stdout);
	free(text);
	l->code = code ? code : l->code;
}

static int do_ps(struct up *u)
{
	struct listing l = { .up = u, .json = opt_json, .first = true };
	if (u->lab) {
		int code = up_choose(u);
		if (code)
			return code;
	}
	if (l.json)
		fputs("{\"labs\":[", stdout);
	size_t n = rundir_labs(u->lab, list_one, &l);
	if (l.json)
		puts("]}");
	else if (n == 0)
		log_say("no lab is up");
	return l.code;
}

/* ---- those that ask one thing ---- */

static int do_path(struct up *u)
{
	char line[200];
	int code = up_choose(u);
	snprintf(line, sizeof line, "lab/path \"%.100s\"", u->words.v[0]);
	return code ? code : up_ask(u, line, NULL);
}

static int do_power(struct up *u)
{
	char line[200];
	int code = up_choose(u);
	snprintf(line, sizeof line, "lab/power \"%.100s\" \"%.50s\"", u->words.v[0], u->words.v[1]);
	return code ? code : up_ask(u, line, NULL);
}

/* A path of a file belongs to the folder of the call, not to that of the lab. */
static int do_attach(struct up *u)
{
	char line[1400], cwd[600] = "";
	const char *at = u->words.v[2];
	int code = up_choose(u);
	if (at[0] != '/' && at[0] != '-' && !strstr(at, "://") && !getcwd(cwd, sizeof cwd))
		return log_verdict(-errno, "this folder");
	if (snprintf(line, sizeof line, "lab/attach \"%s\" \"%s\" \"%s%s%s\"", u->words.v[0],
		     u->words.v[1], cwd, *cwd ? "/" : "", at) >= (int)sizeof line)
		return log_verdict(2, "the locator is too long");
	return code ? code : up_ask(u, line, NULL);
}

static int do_save(struct up *u)
{
	char *lua = NULL;
	int code = up_choose(u);
	if (code == 0)
		code = up_ask(u, "lab/save", &lua);
	if (code)
		return code;
	const char *file = u->words.v[0];
	FILE *f = strcmp(file, "-") == 0 ? stdout : fopen(file, "we");
	bool good = f && fputs(lua, f) >= 0 && fflush(f) == 0;
	if (f && f != stdout)
		good &= fclose(f) == 0;
	free(lua);
	return good ? 0 : log_verdict(-errno, file);
}

/* ---- those that dw-ctl does ---- */

/* Becomes dw-ctl on the socket of `name`. */
static int become_ctl(struct up *u, const char *name, const char *const *words, size_t n)
{
	char line[200], dir[SELF_DIR_MAX], ctl[SELF_DIR_MAX + 32], *sock = NULL;
	const char *slash = strrchr(u->self, '/');
	int code = up_choose(u);
	snprintf(line, sizeof line, "lab/mgmt \"%.100s\"", name);
	if (code == 0)
		code = up_ask(u, line, &sock);
	if (code)
		return code;
	sock[strcspn(sock, "\n")] = '\0';
	snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - u->self) : 0, u->self);
	if (!build_program(dir, "dw-ctl", ctl, sizeof ctl)) {
		free(sock);
		return log_verdict(3, "dw-ctl is neither beside dw-lab nor in PATH");
	}
	struct words argv = { 0 };
	int bad = words_add(&argv, "dw-ctl") | (opt_json ? words_add(&argv, "--json") : 0) |
		  words_add(&argv, sock);
	free(sock);
	for (size_t i = 0; i < n; i++)
		bad |= words_add(&argv, words[i]);
	char **list = bad ? NULL : realloc(argv.v, (argv.count + 1) * sizeof *list);
	if (list) {
		argv.v = list;
		list[argv.count] = NULL;
		execv(ctl, list);
	}
	int why = list ? -errno : -ENOMEM;
	words_fini(&argv);
	return log_verdict(why, ctl);
}

static int do_ctl(struct up *u)
{
	return become_ctl(u, u->words.v[0], (const char *const *)u->words.v + 1,
			  u->words.count - 1);
}

static int do_capture(struct up *u)
{
	static const char *const words[] = { "capture/start", "all", "-" };
	if (isatty(STDOUT_FILENO))
		return log_verdict(2, "a capture is no text: dw-lab capture CABLE >FILE, or | "
				      "tcpdump -r -");
	return become_ctl(u, u->words.v[0], words, 3);
}

/* ---- the table ---- */

#define ANY (~0u)
const struct up_verb up_verbs[] = {
	{ "up", "up [OPTION...] FILE", "Builds the lab of a scenario and leaves it up.", up_opts, 1,
	  1, false, up_up },
	{ "down", "down [-l LAB]", "Ends a lab: every process, socket and namespace of it.",
	  lab_opts, 0, 0, false, do_down },
	{ "ps", "ps [-l LAB]", "Lists the labs that are up, and what is in them.", lab_opts, 0, 0,
	  false, do_ps },
	{ "ctl", "ctl [-l LAB] NODE|CABLE [COMMAND...]",
	  "Speaks to a switch or a cable; without a command, in a terminal.", lab_opts, 1, ANY,
	  true, do_ctl },
	{ "path", "path [-l LAB] NODE", "Prints what other programs plug into.", lab_opts, 1, 1,
	  false, do_path },
	{ "exec", "exec [-l LAB] HOST [--] COMMAND...", "Runs a program on a host.", lab_opts, 2,
	  ANY, true, up_exec },
	{ "shell", "shell [-l LAB] HOST", "Runs a shell on a host.", lab_opts, 1, 1, false,
	  up_shell },
	{ "capture", "capture [-l LAB] NODE|CABLE",
	  "Writes the frames that cross to stdout, as pcapng.", lab_opts, 1, 1, false, do_capture },
	{ "power", "power [-l LAB] SWITCH kill|restart|pause|resume",
	  "Takes a switch's power, gives it back, halts it.", lab_opts, 2, 2, false, do_power },
	{ "attach", "attach [-l LAB] NAME SWITCH LOCATOR", "Plugs something into a switch.",
	  lab_opts, 3, 3, false, do_attach },
	{ "save", "save [-l LAB] FILE", "Writes the lab as it is now, as Lua.", lab_opts, 1, 1,
	  false, do_save },
	{ 0 },
};

static int take_word(void *ctx, const char *word, struct err *e)
{
	struct up *u = ctx;
	return words_add(&u->words, word) < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int take_last_word(void *ctx, const char *word, struct err *e)
{
	int r = take_word(ctx, word, e);
	return r < 0 ? r : 1;
}

int up_main(const struct up_verb *v, const char *self, int argc, char **argv)
{
	struct up u = { .self = self };
	struct err e = { "" };
	struct program p = {
		.name = "dw-lab",
		.usage = v->usage,
		.about = v->about,
		.opts = v->opts,
		.word = v->stops ? take_last_word : take_word,
	};
	int rest = argc;
	int code = opts_parse(&p, &u, argc, argv, &rest);
	for (int i = rest; code < 0 && i < argc; i++)
		if (take_word(&u, argv[i], &e) < 0)
			code = log_verdict(3, e.text);
	if (code < 0 && (u.words.count < v->least || u.words.count > v->most)) {
		log_error("%s: dw-lab %s",
			  u.words.count < v->least ? "something is missing" : "too many words",
			  v->usage);
		code = 2;
	}
	if (code < 0)
		code = v->run(&u);
	words_fini(&u.words);
	return code;
}
