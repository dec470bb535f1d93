// SPDX-License-Identifier: MIT
/*
 * The command line. Included by stress.c.
 */
struct options opt = {
	.threads = 64,
	.seconds = 10,
	.max_size = 2 * MIB,
	.live = 256 * MIB,
	.remote_pct = 50,
	.bound_pct = 200,
};

static void usage(void)
{
	fprintf(stderr,
		"usage: stress [-t threads] [-s seconds] [-S seed] "
		"[--max-size bytes]\n"
		"       [--live MiB] [--remote-pct n] [--churn[=ms]] "
		"[--fork[=ms]] [--oracle] [--bound percent] [--no-bound]\n");
	exit(2);
}

void parse_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "threads", required_argument, NULL, 't' },
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'S' },
		{ "max-size", required_argument, NULL, 'm' },
		{ "live", required_argument, NULL, 'l' },
		{ "remote-pct", required_argument, NULL, 'r' },
		{ "churn", optional_argument, NULL, 'c' },
		{ "fork", optional_argument, NULL, 'f' },
		{ "oracle", no_argument, NULL, 'o' },
		{ "bound", required_argument, NULL, 'b' },
		{ "no-bound", no_argument, NULL, 'n' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "t:s:S:", names, NULL)) != -1) {
		unsigned long n = optarg ? strtoul(optarg, NULL, 0) : 0;

		switch (c) {
		case 't':
			opt.threads = (unsigned int)n;
			break;
		case 's':
			opt.seconds = (unsigned int)n;
			break;
		case 'S':
			opt.seed = n;
			break;
		case 'm':
			opt.max_size = n;
			break;
		case 'l':
			opt.live = n * MIB;
			break;
		case 'r':
			opt.remote_pct = (unsigned int)n;
			break;
		case 'c':
			opt.churn_ms = optarg ? (unsigned int)n : 300;
			break;
		case 'f':
			opt.fork_ms = optarg ? (unsigned int)n : 500;
			break;
		case 'o':
			opt.oracle = true;
			break;
		case 'b':
			opt.bound_pct = (unsigned int)n;
			break;
		case 'n':
			opt.bound_pct = 0;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || !opt.threads || opt.threads > MAX_THREADS ||
	    !opt.max_size || opt.remote_pct > 100)
		usage();
	while (!opt.seed)
		opt.seed = (unsigned long)time(NULL) ^ (unsigned long)getpid()
							       << 32;
}
