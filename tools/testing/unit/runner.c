// SPDX-License-Identifier: MIT
/*
 * Runs the suites of the section hz3test_suites; see hz3test.h.
 *
 *	hz3-unit [-l] [-n] [SUITE[/CASE]]...
 *
 * A filter is a shell pattern for the suite, and after a slash for the case;
 * after a ! it names what is left out.
 * -l lists, -n runs the cases in this process (for a debugger).
 *
 * The runner prints with write(2) from a buffer on the stack: it must work
 * while the allocator it is linked with does not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hz3test.h"

#define CASE_SECONDS 120
#define EXIT_SKIPPED 4

extern const struct hz3test_suite *const __start_hz3test_suites[];
extern const struct hz3test_suite *const __stop_hz3test_suites[];

static sigjmp_buf leave_case;
static bool in_process;
static bool only_list;
static int nr_passed;
static int nr_failed;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say_all(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void say(const char *format, ...)
{
	char line[1024];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (len >= (int)sizeof(line))
		len = (int)sizeof(line) - 1;
	if (len > 0)
		say_all(line, (size_t)len);
}

void hz3test_fail(struct hz3test *t, const char *file, int line,
		  const char *format, ...)
{
	char text[700];
	va_list ap;

	/* A broken loop would print for ever. */
	if (__atomic_fetch_add(&t->failed, 1, __ATOMIC_RELAXED) >= 20)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	say("    # %s:%d: %s\n", file, line, text);
}

void hz3test_leave(struct hz3test *t)
{
	(void)t;
	siglongjmp(leave_case, 1);
}

void hz3test_skip(struct hz3test *t, const char *why)
{
	say("    # skipped: %s\n", why);
	t->skipped = 1;
	siglongjmp(leave_case, 1);
}

/* What the child writes to its fd 2, up to @size - 1 bytes. */
static void drain(int fd, char *text, size_t size)
{
	size_t len = 0;

	for (;;) {
		char rest[256];
		ssize_t n;

		if (len < size - 1)
			n = read(fd, text + len, size - 1 - len);
		else
			n = read(fd, rest, sizeof(rest));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (len < size - 1)
			len += (size_t)n;
	}
	text[len] = '\0';
}

/* Is there one line only? An emulator adds its own. */
static bool one_line(const char *text)
{
	const char *eol = strchr(text, '\n');

	return eol && (!eol[1] || !strncmp(eol + 1, "qemu: ", 6));
}

static int wait_for(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

bool hz3test_dies(struct hz3test *t, void (*fn)(void *), void *arg,
		  const char *text)
{
	char out[512];
	int status;
	int fd[2];
	pid_t pid;

	if (pipe(fd))
		return false;
	pid = fork();
	if (!pid) {
		alarm(20);
		dup2(fd[1], STDERR_FILENO);
		close(fd[0]);
		close(fd[1]);
		fn(arg);
		_exit(0);
	}
	close(fd[1]);
	drain(fd[0], out, sizeof(out));
	close(fd[0]);
	status = wait_for(pid);
	if (WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGILL ||
	     WTERMSIG(status) == SIGTRAP) &&
	    strstr(out, text) && one_line(out))
		return true;
	hz3test_fail(t, __FILE__, __LINE__,
		     "expected death with '%s', got status %#x and '%s'", text,
		     (unsigned int)status, out);
	return false;
}

void hz3test_start(struct hz3test *t, pthread_t *thread, unsigned long n,
		   void *(*fn)(void *))
{
	unsigned long i;

	for (i = 0; i < n; i++)
		ASSERT_EQ(t, pthread_create(&thread[i], NULL, fn, (void *)i),
			  0);
}

void hz3test_join(const pthread_t *thread, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

/* In the child, or with -n in the runner itself. */
static int run_here(const struct hz3test_suite *suite,
		    const struct hz3test_case *c)
{
	static struct hz3test t;

	t = (struct hz3test){ .suite = suite->name, .name = c->name };
	if (!sigsetjmp(leave_case, 1)) {
		if (suite->init)
			suite->init(&t);
		c->run(&t);
	}
	/* exit() may fail an expectation too, but not leave twice. */
	if (suite->exit && !sigsetjmp(leave_case, 1))
		suite->exit(&t);
	if (t.failed)
		return EXIT_FAILURE;
	return t.skipped ? EXIT_SKIPPED : EXIT_SUCCESS;
}

static int run_in_child(const struct hz3test_suite *suite,
			const struct hz3test_case *c)
{
	pid_t pid = fork();
	int status;

	if (pid < 0) {
		say("    # fork: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	if (!pid) {
		alarm(CASE_SECONDS);
		_exit(run_here(suite, c));
	}
	status = wait_for(pid);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	say("    # ended by signal %d%s\n", WTERMSIG(status),
	    WTERMSIG(status) == SIGALRM ? " (hangs)" : "");
	return EXIT_FAILURE;
}

static bool case_wanted(const char *filter, const struct hz3test_suite *suite,
			const struct hz3test_case *c)
{
	char name[256];

	if (!strchr(filter, '/'))
		return !fnmatch(filter, suite->name, 0);
	snprintf(name, sizeof(name), "%s/%s", suite->name, c->name);
	return !fnmatch(filter, name, 0);
}

static bool wanted(char *const *filters, const struct hz3test_suite *suite,
		   const struct hz3test_case *c)
{
	bool all = true;
	bool named = false;

	for (; *filters; filters++) {
		if (**filters != '!') {
			all = false;
			named |= case_wanted(*filters, suite, c);
		} else if (case_wanted(*filters + 1, suite, c)) {
			return false;
		}
	}
	return all || named;
}

static int count(char *const *filters, const struct hz3test_suite *suite)
{
	const struct hz3test_case *c;
	int n = 0;

	for (c = suite->cases; c->run; c++)
		n += wanted(filters, suite, c);
	return n;
}

static void run_suite(char *const *filters, const struct hz3test_suite *suite,
		      int number)
{
	const struct hz3test_case *c;
	int bad = nr_failed;
	int i = 0;

	say("    KTAP version 1\n    # Subtest: %s\n    1..%d\n", suite->name,
	    count(filters, suite));
	for (c = suite->cases; c->run; c++) {
		int rc;

		if (!wanted(filters, suite, c))
			continue;
		rc = in_process ? run_here(suite, c) : run_in_child(suite, c);
		if (rc == EXIT_SUCCESS || rc == EXIT_SKIPPED)
			nr_passed++;
		else
			nr_failed++;
		say("    %sok %d %s%s\n",
		    rc == EXIT_SUCCESS || rc == EXIT_SKIPPED ? "" : "not ", ++i,
		    c->name, rc == EXIT_SKIPPED ? " # SKIP" : "");
	}
	say("%sok %d %s\n", nr_failed > bad ? "not " : "", number, suite->name);
}

static void list_suite(char *const *filters, const struct hz3test_suite *suite)
{
	const struct hz3test_case *c;

	for (c = suite->cases; c->run; c++)
		if (wanted(filters, suite, c))
			say("%s/%s\n", suite->name, c->name);
}

int main(int argc, char **argv)
{
	const struct hz3test_suite *const *s;
	char *const *filters;
	int number = 0;
	int nr = 0;
	int opt;

	while ((opt = getopt(argc, argv, "ln")) != -1) {
		if (opt == 'l')
			only_list = true;
		else if (opt == 'n')
			in_process = true;
		else
			return 2;
	}
	filters = argv + optind;
	(void)argc;
	for (s = __start_hz3test_suites; s < __stop_hz3test_suites; s++)
		nr += count(filters, *s) != 0;
	if (!only_list)
		say("KTAP version 1\n1..%d\n", nr);
	for (s = __start_hz3test_suites; s < __stop_hz3test_suites; s++) {
		if (!count(filters, *s))
			continue;
		if (only_list)
			list_suite(filters, *s);
		else
			run_suite(filters, *s, ++number);
	}
	if (only_list)
		return 0;
	if (!nr)
		say("# no test has such a name\n");
	say("# %d passed, %d failed\n", nr_passed, nr_failed);
	say("%d passed, %d failed\n", nr_passed, nr_failed);
	return nr_failed || !nr;
}
