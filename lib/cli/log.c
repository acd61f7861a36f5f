/* SPDX-License-Identifier: MIT */
/* log.c - one line of words, to stderr or to syslog. */
#include "lib/cli/log.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/cli/opts.h"

enum { LINE_MAX_LEN = 1024 };

static const char *name = "drahtwerk";
static bool to_syslog;

void log_name(const char *program)
{
	const char *slash = strrchr(program, '/');
	name = slash ? slash + 1 : program;
}

void log_to_syslog(void)
{
	openlog(name, LOG_PID, LOG_DAEMON);
	to_syslog = true;
}

/* What peers and files put into words must not steer a terminal or forge a second line. */
static void blank_controls(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

__attribute__((format(printf, 2, 0))) static void say(int priority, const char *fmt, va_list ap)
{
	char line[LINE_MAX_LEN];
	int head = snprintf(line, sizeof line / 2, "%s: ", name);
	if (head < 0 || head >= (int)sizeof line / 2)
		head = 0;
	if (vsnprintf(line + head, sizeof line - 1 - (size_t)head, fmt, ap) < 0)
		line[head] = '\0';
	size_t len = strlen(line);
	while (len > 0 && line[len - 1] == '\n')
		line[--len] = '\0';
	blank_controls(line);
	if (to_syslog) {
		syslog(priority, "%s", line + head);
		return;
	}
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) <
	    0)          /* one write: lines of several processes stay whole */
		return; /* and nobody is left to be told */
}

void log_error(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(LOG_ERR, fmt, ap);
	va_end(ap);
}

void log_say(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (!opt_quiet)
		say(LOG_NOTICE, fmt, ap);
	va_end(ap);
}

void log_verbose(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (opt_verbose)
		say(LOG_INFO, fmt, ap);
	va_end(ap);
}

int log_verdict(int code, const char *words)
{
	if (words && *words)
		log_error("%s", words);
	else if (code < 0)
		log_error("%s", strerror(-code));
	if (code >= 0)
		return code;
	return code == -EINVAL || code == -ERANGE ? 2 : 3;
}

int die_by(int signo)
{
	sigset_t set;
	fflush(NULL);
	signal(signo, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(signo);
	return 128 + signo; /* as a shell would say it, should its default be to go on */
}
