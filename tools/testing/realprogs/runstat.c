// SPDX-License-Identifier: MIT
/*
 * runstat - run a command, measure it, and leave no process behind
 *
 *   runstat [-o FILE] [-t SECONDS] [-p PRELOAD] COMMAND [ARG...]
 *
 * Appends one line to FILE: wall seconds, user seconds, system seconds, the
 * largest resident set in KiB of the command or of any process it waited for,
 * and how many page faults were minor and major ones. PRELOAD becomes
 * LD_PRELOAD of the command only, so that this program itself always runs with
 * libc's allocator.
 *
 * It is also the keeper of everything it started. It makes itself the reaper
 * of orphans: when the command ends, runs out of time, or when runstat is told
 * to stop or its own parent dies, what is left of the process tree is killed.
 * A server under test therefore cannot survive the test.
 *
 * Exit status: the command's; 128 + signal when a signal ended it; 124 when
 * the time was up; 125 when runstat itself failed; 127 when there is no such
 * command.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	STATUS_TIMEOUT = 124,
	STATUS_BROKEN = 125,
	STATUS_NO_COMMAND = 127,
};

/* seconds a stopped server may take to write its files */
#define GRACE_SECONDS 10

static volatile sig_atomic_t stop_signal;
static volatile sig_atomic_t command_pid;

/*
 * The first signal is passed on, so that a server can shut down cleanly. The
 * second one, or the alarm that follows, ends it whatever it does.
 */
static void on_signal(int sig)
{
	if (stop_signal == 0) {
		stop_signal = sig;
		if (command_pid > 0)
			kill(command_pid, sig == SIGALRM ? SIGKILL : sig);
		alarm(GRACE_SECONDS);
	} else if (command_pid > 0) {
		kill(command_pid, SIGKILL);
	}
}

static void catch_signals(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };
	struct sigaction sa = { .sa_handler = on_signal };
	size_t i;

	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		sigaction(sigs[i], &sa, NULL);
}

static void die(const char *what)
{
	fprintf(stderr, "runstat: %s: %s\n", what, strerror(errno));
	exit(STATUS_BROKEN);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double seconds(const struct timeval *tv)
{
	return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}

/* Kills and reaps every process that was handed to us as an orphan. */
static void kill_orphans(void)
{
	char path[64];
	FILE *list;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children",
		 (int)getpid());
	do {
		list = fopen(path, "re");
		if (!list)
			return;
		while (fscanf(list, "%d", &pid) == 1)
			kill(pid, SIGKILL);
		fclose(list);
	} while (waitpid(-1, NULL, 0) > 0);
}

static void exec_command(char **argv, const char *preload)
{
	/* the keeper's death must not leave the command alone */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (preload && *preload)
		setenv("LD_PRELOAD", preload, 1);
	else
		unsetenv("LD_PRELOAD");
	execvp(argv[0], argv);
	fprintf(stderr, "runstat: %s: %s\n", argv[0], strerror(errno));
	_exit(STATUS_NO_COMMAND);
}

static void report(const char *file, double wall, const struct rusage *ru)
{
	FILE *out = file ? fopen(file, "ae") : stderr;

	if (!out)
		die(file);
	fprintf(out, "%.6f %.6f %.6f %ld %ld %ld\n", wall,
		seconds(&ru->ru_utime), seconds(&ru->ru_stime), ru->ru_maxrss,
		ru->ru_minflt, ru->ru_majflt);
	if (file && fclose(out))
		die(file);
}

static int exit_status(int status)
{
	if (stop_signal == SIGALRM)
		return STATUS_TIMEOUT;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static int run(char **argv, const char *file, const char *preload,
	       unsigned int limit)
{
	struct rusage ru = { 0 };
	double start = now();
	int status = 0;
	pid_t pid, got;

	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		exec_command(argv, preload);
	command_pid = pid;
	if (stop_signal) /* came before the handler knew whom to tell */
		kill(pid, SIGKILL);
	else if (limit)
		alarm(limit);
	do {
		got = wait4(-1, &status, 0, &ru);
	} while (got != pid && (got > 0 || errno == EINTR));
	command_pid = 0;
	alarm(0);
	if (got != pid)
		die("wait4");
	report(file, now() - start, &ru);
	kill_orphans();
	return exit_status(status);
}

int main(int argc, char **argv)
{
	const char *file = NULL, *preload = NULL;
	unsigned int limit = 0;
	int opt;

	while ((opt = getopt(argc, argv, "+o:t:p:")) != -1) {
		if (opt == 'o')
			file = optarg;
		else if (opt == 'p')
			preload = optarg;
		else if (opt == 't')
			limit = (unsigned int)strtoul(optarg, NULL, 10);
		else
			return STATUS_BROKEN;
	}
	if (optind == argc) {
		fputs("usage: runstat [-o FILE] [-t SECONDS] [-p PRELOAD] "
		      "COMMAND...\n",
		      stderr);
		return STATUS_BROKEN;
	}
	catch_signals();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return run(argv + optind, file, preload, limit);
}
