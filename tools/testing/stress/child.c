// SPDX-License-Identifier: MIT
/*
 * Forks: a child frees what its parent's main thread had, allocates, makes a
 * thread, and ends. Included by stress.c.
 */
#define CHILD_BLOCKS 50
#define CHILD_OPS    500
#define CHILD_SECS   60

/* What a child does in each of its threads. */
static void *work_in_child(void *arg)
{
	unsigned long rnd = *(unsigned long *)arg;
	struct block b[CHILD_BLOCKS] = { 0 };
	int i;

	self = OWNER_CHILD;
	for (i = 0; i < CHILD_OPS; i++) {
		struct block *x = &b[next_random(&rnd) % CHILD_BLOCKS];

		if (x->p)
			block_drop(x);
		else if (!block_make(x, &rnd))
			complain("out of memory in a child");
	}
	block_drop_all(b, CHILD_BLOCKS);
	return NULL;
}

static void child(struct block *mine, size_t nr, unsigned long seed)
{
	unsigned long before = nr_errors;
	pthread_t thread;

	alarm(CHILD_SECS);
	block_drop_all(mine, nr);
	work_in_child(&seed);
	if (!pthread_create(&thread, NULL, work_in_child, &seed))
		pthread_join(thread, NULL);
	_exit(nr_errors != before);
}

static void fork_one(struct block *mine, size_t nr, unsigned long *rnd)
{
	unsigned long seed = next_random(rnd);
	int status = -1;
	pid_t pid;

	oracle_fork(0);
	pid = fork();
	oracle_fork(1);
	if (pid < 0) {
		complain("fork: %s", strerror(errno));
		return;
	}
	if (!pid)
		child(mine, nr, seed);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		complain("a child ended with status %#x%s", (unsigned)status,
			 WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ?
				 " (it hung)" :
				 "");
	nr_forks++;
}
