// SPDX-License-Identifier: MIT
/*
 * The command line. Included by stress.c.
 */
struct options opt = {
	.threads = 64,
	.run_ms = 10000,
	.max_size = 2 * MIB,
	.live = 256 * MIB,
	.remote_pct = 50,
	.bound_pct = 200,
};

/* In the order of the enums. */
static const char *const dest_names[] = {
	"random", "ring", "all-to-one", "one-to-all", "burst", NULL,
};
static const char *const broken_names[] = {
	"nothing", "dup", "overlap", "lost", NULL,
};

static void usage(void)
{
	fprintf(stderr,
		"usage: stress [-t threads] [-s seconds] [-S seed] "
		"[--max-size bytes]\n"
		"       [--live MiB] [--remote-pct n] [--churn[=ms]] "
		"[--fork[=ms]]\n"
		"       [--dest random|ring|all-to-one|one-to-all|burst]\n"
		"       [--oracle] [--break dup|overlap|lost] "
		"[--bound percent] [--no-bound]\n");
	exit(2);
}

const char *dest_name(void)
{
	return dest_names[opt.dest];
}

static unsigned int one_of(const char *const *names, const char *name)
{
	unsigned int i;

	for (i = 0; names[i]; i++)
		if (!strcmp(names[i], name))
			return i;
	usage();
	return 0;
}

/* Options that make no sense alone or together; a seed if there is none. */
static void settle_options(void)
{
	if (!opt.threads || opt.threads > MAX_THREADS || !opt.max_size ||
	    opt.remote_pct > 100)
		usage();
	/* The other patterns need somebody else. */
	if (opt.threads < 2 && opt.dest != DEST_RANDOM)
		usage();
	if (opt.broken)
		opt.oracle = true;
	while (!opt.seed)
		opt.seed = (unsigned long)time(NULL) ^ (unsigned long)getpid()
							       << 32;
}

static void parse_one(int c, const char *arg)
{
	unsigned long n = arg ? strtoul(arg, NULL, 0) : 0;

	switch (c) {
	case 't':
		opt.threads = (unsigned int)n;
		break;
	case 's':
		opt.run_ms = (unsigned int)(strtod(arg, NULL) * 1000);
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
	case 'd':
		opt.dest = one_of(dest_names, arg);
		break;
	case 'c':
		opt.churn_ms = arg ? (unsigned int)n : 300;
		break;
	case 'f':
		opt.fork_ms = arg ? (unsigned int)n : 500;
		break;
	case 'o':
		opt.oracle = true;
		break;
	case 'k':
		opt.broken = one_of(broken_names, arg);
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

void parse_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "threads", required_argument, NULL, 't' },
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'S' },
		{ "max-size", required_argument, NULL, 'm' },
		{ "live", required_argument, NULL, 'l' },
		{ "remote-pct", required_argument, NULL, 'r' },
		{ "dest", required_argument, NULL, 'd' },
		{ "churn", optional_argument, NULL, 'c' },
		{ "fork", optional_argument, NULL, 'f' },
		{ "oracle", no_argument, NULL, 'o' },
		{ "break", required_argument, NULL, 'k' },
		{ "bound", required_argument, NULL, 'b' },
		{ "no-bound", no_argument, NULL, 'n' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "t:s:S:", names, NULL)) != -1)
		parse_one(c, optarg);
	if (optind != argc)
		usage();
	settle_options();
}
