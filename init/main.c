// SPDX-License-Identifier: MIT
/*
 * The beginning and the end: constructor, destructor, and who we are.
 *
 * malloc works before the constructor (the loader calls it) and after the
 * destructor (others' destructors do). What the constructor adds is what only
 * a running C library offers: thread exit, fork handlers, the environment.
 *
 * The configuration is in the binary as text: strings "CONFIG_X=value" in the
 * section hz3.config, which "readelf -p hz3.config" shows.
 */
#include <hz3/lib/fmt.h>
#include <hz3/mm/os.h>

#include <generated/conf_table.h>
#include <generated/version.h>

#include "internal.h"
#include "libc.h"

/* Before constructors of programs and C++ libraries; 0 to 100 are libc's. */
#define INIT_PRIORITY 101

#define CONF_STRING(name, value) name "=" value "\0"
#define CONF_ENTRY(name, value)  { name, value },

static const char conf_section[] __used __section("hz3.config") =
	"HZ3_VERSION=" HZ3_VERSION "\0" HZ3_CONF_TABLE(CONF_STRING);

/* The same for hz3_config(), whose callers want name and value apart. */
static const struct conf_entry {
	const char *name;
	const char *value;
} conf_entries[] = { HZ3_CONF_TABLE(CONF_ENTRY) };

/**
 * hz3_version() - see <hz3/hz3.h>
 *
 * Return: a constant string.
 */
const char *hz3_version(void)
{
	return HZ3_VERSION;
}

/**
 * hz3_config() - see <hz3/hz3.h>
 * @cb: called for each option
 * @arg: handed through
 */
void hz3_config(void (*cb)(void *arg, const char *name, const char *value),
		void *arg)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(conf_entries); i++)
		cb(arg, conf_entries[i].name, conf_entries[i].value);
}

/* Reading the section itself also keeps --gc-sections from dropping it. */
static void confirm(void)
{
	const char *end = conf_section + sizeof(conf_section) - 1;
	const char *s;

	for (s = conf_section; s < end; s += fmt_length(s) + 1)
		fmt_print(FMT_STDERR, "hz3: %s\n", s);
	param_print();
}

#define IF(option, function) (IS_ENABLED(option) ? (function) : NULL)

static void setup(void)
{
	os_set_clock(libc_vdso());
	hook_setup();
}

/*
 * There from the start: a library that is initialised before us may already
 * have started threads.
 */
struct heap_ops heap_ops = {
	.setup = setup,
	.thread_attaching = IF(CONFIG_HZ3_FORK, fork_init),
	.thread_attached = thread_attached,
	.out_of_memory = hook_out_of_memory,
	.foreign_free = IF(CONFIG_HZ3_FOREIGN_LIBC, foreign_free),
	.foreign_realloc = IF(CONFIG_HZ3_FOREIGN_LIBC, foreign_realloc),
	.foreign_usable_size = IF(CONFIG_HZ3_FOREIGN_LIBC, foreign_usable_size),
};

/* Can an option ask for something at start and exit? Else it takes no code. */
#define HAS_OPTIONS                             \
	(IS_ENABLED(CONFIG_HZ3_RUNTIME_CONF) || \
	 sizeof(CONFIG_HZ3_CONF_DEFAULT) > 1)

static void __constructor(INIT_PRIORITY) init_start(void)
{
	if (IS_ENABLED(CONFIG_HZ3_FOREIGN_LIBC))
		foreign_init();
	thread_init();
	if (IS_ENABLED(CONFIG_HZ3_FORK))
		fork_init();
	if (!HAS_OPTIONS)
		return;
	param_init();
	if (IS_ENABLED(CONFIG_HZ3_LIBC) && init_params.limit_cgroup)
		cgroup_init();
	if (init_params.confirm_conf)
		confirm();
}

static void __destructor(INIT_PRIORITY) init_end(void)
{
	if (HAS_OPTIONS && init_params.stats_print)
		stats_print(FMT_STDERR);
}
