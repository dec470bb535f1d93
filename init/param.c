// SPDX-License-Identifier: MIT
/*
 * Options at run time, "key:value,key:value", from five places, each of which
 * wins over those before it: the configuration, the program's hz3_conf, a file
 * if the configuration names one, the variable HZ3_CONF, and one variable
 * HZ3_KEY for each option; and from calls of hz3_option_set(), which win over
 * all of them. init/options.txt says what there is. Weaker than all but the
 * configuration is what a user or program tells the C library's malloc.
 *
 * Read once, by the constructor: the C library's environment is set up by
 * then. Nothing is allocated and no locale is asked. A program that was
 * started with privileges its caller lacks reads neither file nor variables.
 */
#include <hz3/atomic.h>
#include <hz3/bug.h>
#include <hz3/delay.h>
#include <hz3/lib/fmt.h>
#include <hz3/mm/large.h>
#include <hz3/mm/limit.h>
#include <hz3/shard/background.h>
#include <hz3/shard/thread.h>

#include <generated/options.h>

#include "internal.h"
#include "libc.h"
#include "libc_names.h"

/* Programs need not define it. */
#pragma weak hz3_conf

/* One option. One of @flag, @ms, @size and @number says where its value is. */
struct param {
	const char *key;
	bool *flag;
	u32 *ms;
	size_t *size;
	u32 *number;
	const char *help;
};

struct init_params init_params;

#define PARAM(name, type, variable, text) \
	{ .key = #name, .type = &(variable), .help = text },

static const struct param params[] = { OPTION_TABLE(PARAM) };

/* Where a value comes from: the last place that had one. */
enum place {
	PLACE_BUILT_IN,
	PLACE_CONFIGURATION,
	PLACE_HINT,
	PLACE_PROGRAM,
	PLACE_FILE,
	PLACE_HZ3_CONF,
	PLACE_VARIABLE,
	PLACE_CALL,
};

static const char *const place_names[] = {
	[PLACE_BUILT_IN] = "built in",
	[PLACE_CONFIGURATION] = "CONFIG_HZ3_CONF_DEFAULT",
	[PLACE_HINT] = "a hint for the C library",
	[PLACE_PROGRAM] = "hz3_conf",
	[PLACE_FILE] = CONFIG_HZ3_CONF_FILE,
	[PLACE_HZ3_CONF] = "HZ3_CONF",
	[PLACE_VARIABLE] = "a variable of its own",
	[PLACE_CALL] = "hz3_option_set()",
};

static u8 places[ARRAY_SIZE(params)];

#define ENV_PREFIX     "HZ3_"
#define ENV_PREFIX_LEN (sizeof(ENV_PREFIX) - 1)
#define NUMBER_MAX     1000000000U
/* No machine has more; a digit more does not overflow. */
#define SIZE_NUMBER_MAX (1UL << 60)

/* A piece of a string that somebody else owns. */
struct word {
	const char *text;
	size_t len;
};

static u32 nr_bad; /* options that were wrong */

static void complain(const char *what, const char *key, struct word w)
{
	char copy[64];
	size_t len = min(w.len, sizeof(copy) - 1);

	__builtin_memcpy(copy, w.text, len);
	copy[len] = '\0';
	fmt_print(FMT_STDERR, "hz3: %s %s: %s\n", what, key, copy);
	nr_bad++;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool word_is(struct word w, const char *text)
{
	size_t i;

	for (i = 0; i < w.len; i++)
		if (!text[i] || lower(w.text[i]) != text[i])
			return false;
	return !text[w.len];
}

static bool parse_flag(struct word w, bool *flag)
{
	bool yes = word_is(w, "true") || word_is(w, "1");

	if (!yes && !word_is(w, "false") && !word_is(w, "0"))
		return false;
	store_relaxed(flag, yes);
	return true;
}

/* The digits @w begins with, up to @most; what follows stays in @w. */
static bool take_number(struct word *w, u64 most, u64 *value)
{
	size_t len = w->len;

	*value = 0;
	while (w->len && *w->text >= '0' && *w->text <= '9') {
		*value = *value * 10 + (u64)(*w->text - '0');
		if (*value > most)
			return false;
		w->text++;
		w->len--;
	}
	return w->len < len;
}

/* Milliseconds: a number, alone or followed by ms or s; -1: never. */
static bool parse_ms(struct word w, u32 *ms)
{
	u64 value;

	if (word_is(w, "-1")) {
		store_relaxed(ms, MS_NEVER);
		return true;
	}
	if (!take_number(&w, NUMBER_MAX, &value))
		return false;
	if (word_is(w, "s"))
		value *= 1000;
	else if (w.len && !word_is(w, "ms"))
		return false;
	if (value > NUMBER_MAX)
		return false;
	store_relaxed(ms, (u32)value);
	return true;
}

/* Bytes: a number, alone or followed by K, M or G; -1: no limit, as 0. */
static bool parse_size(struct word w, size_t *size)
{
	static const char unit[][2] = { "", "k", "m", "g" };
	u64 value;
	u32 i;

	if (word_is(w, "-1")) {
		store_relaxed(size, (size_t)0);
		return true;
	}
	if (!take_number(&w, SIZE_NUMBER_MAX, &value))
		return false;
	for (i = 0; i < ARRAY_SIZE(unit); i++) {
		if (!word_is(w, unit[i]) || value > SIZE_NUMBER_MAX >> 10 * i)
			continue;
		store_relaxed(size, value << 10 * i);
		return true;
	}
	return false;
}

static bool parse_number(struct word w, u32 *number)
{
	u64 value;

	if (!take_number(&w, NUMBER_MAX, &value) || w.len)
		return false;
	store_relaxed(number, (u32)value);
	return true;
}

static const struct param *find(struct word key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(params); i++)
		if (word_is(key, params[i].key))
			return &params[i];
	return NULL;
}

static bool parse(const struct param *p, struct word value, enum place place)
{
	bool ok;

	/* A constructor of the program's may have been here before ours. */
	if (places[p - params] > place)
		return true;
	if (p->flag)
		ok = parse_flag(value, p->flag);
	else if (p->ms)
		ok = parse_ms(value, p->ms);
	else if (p->size)
		ok = parse_size(value, p->size);
	else
		ok = parse_number(value, p->number);
	if (ok)
		places[p - params] = (u8)place;
	return ok;
}

static void set(const struct param *p, struct word value, enum place place)
{
	if (!parse(p, value, place))
		complain("bad value for option", p->key, value);
}

/* The characters of @s up to one of @ends, or the end. */
static struct word word_until(const char *s, const char *ends)
{
	struct word w = { .text = s, .len = 0 };
	const char *end;

	for (; s[w.len]; w.len++)
		for (end = ends; *end; end++)
			if (s[w.len] == *end)
				return w;
	return w;
}

/* What is between options: commas, and in a file blanks and comments. */
static const char *skip_separators(const char *s)
{
	for (;;) {
		if (*s == '#')
			s += word_until(s, "\n").len;
		else if (*s == ',' || *s == ' ' || *s == '\t' || *s == '\n')
			s++;
		else
			return s;
	}
}

static void parse_conf(const char *s, enum place place)
{
	const struct param *p;
	struct word value;
	struct word key;

	for (s = skip_separators(s); *s; s = skip_separators(s)) {
		key = word_until(s, ":, \t\n#");
		s += key.len;
		s += *s == ':';
		value = word_until(s, ", \t\n#");
		s += value.len;
		p = find(key);
		if (p)
			set(p, value, place);
		else if (key.len)
			complain("unknown option in", place_names[place], key);
	}
}

/* The file's first kilobyte; one that is not there says nothing. */
static void read_file(void)
{
	static char text[1024];

	if (sizeof(CONFIG_HZ3_CONF_FILE) > 1 &&
	    libc_read_file(CONFIG_HZ3_CONF_FILE, text, sizeof(text) - 1))
		parse_conf(text, PLACE_FILE);
}

static bool has_prefix(const char *s, const char *prefix)
{
	while (*prefix && *s == *prefix) {
		s++;
		prefix++;
	}
	return !*prefix;
}

/*
 * Each variable that starts with our prefix: HZ3_CONF with @conf, the others
 * without. Names we do not know are none of our business there.
 */
static void read_environ(bool conf)
{
	const struct param *p;
	struct word key;
	const char *s;
	char **env;

	for (env = libc_environ(); env && *env; env++) {
		s = *env;
		if (!has_prefix(s, ENV_PREFIX))
			continue;
		key = word_until(s + ENV_PREFIX_LEN, "=");
		s = key.text + key.len;
		s += *s == '=';
		if (word_is(key, "conf")) {
			if (conf)
				parse_conf(s, PLACE_HZ3_CONF);
			continue;
		}
		p = conf ? NULL : find(key);
		if (p)
			set(p, word_until(s, ""), PLACE_VARIABLE);
	}
}

/**
 * param_hint() - what the C library's malloc would be told
 * @which: parameter of mallopt()
 * @value: its value
 */
void param_hint(int which, const char *value)
{
	struct word w = word_until(value, "");
	const char *key = NULL;

	if (which == MALLOPT_ARENA_MAX)
		key = "shards";
	/* A threshold in between is about a heap that is not like ours. */
	if (which == MALLOPT_TRIM_THRESHOLD &&
	    (word_is(w, "0") || word_is(w, "-1")))
		key = "decay_ms";
	if (key)
		parse(find(word_until(key, "")), w, PLACE_HINT);
}

/* The variables in which glibc looks for them. */
static void read_hints(void)
{
	static const struct {
		const char *name;
		int which;
	} hints[] = {
		{ "MALLOC_ARENA_MAX=", MALLOPT_ARENA_MAX },
		{ "MALLOC_TRIM_THRESHOLD_=", MALLOPT_TRIM_THRESHOLD },
	};
	char **env;
	size_t i;

	for (env = libc_environ(); env && *env; env++)
		for (i = 0; i < ARRAY_SIZE(hints); i++)
			if (has_prefix(*env, hints[i].name))
				param_hint(
					hints[i].which,
					*env + __builtin_strlen(hints[i].name));
}

/**
 * param_init() - read the options
 *
 * Context: constructor.
 */
void param_init(void)
{
	bool runtime = IS_ENABLED(CONFIG_HZ3_RUNTIME_CONF);

	parse_conf(CONFIG_HZ3_CONF_DEFAULT, PLACE_CONFIGURATION);
	if (runtime && &hz3_conf && hz3_conf)
		parse_conf(hz3_conf, PLACE_PROGRAM);
	if (runtime && !libc_is_secure()) {
		if (IS_ENABLED(CONFIG_HZ3_OVERRIDE_LIBC))
			read_hints();
		read_file();
		read_environ(true);
		read_environ(false);
	}
	if (nr_bad && init_params.abort_conf)
		hz3_fatal("stopped by abort_conf", NULL);
}

/**
 * hz3_option_set() - see <hz3/embed.h>
 * @key: the option
 * @value: its value
 *
 * Return: 0, ENOENT or EINVAL.
 */
int hz3_option_set(const char *key, const char *value)
{
	const struct param *p = find(word_until(key, ""));

	if (!p)
		return ENOENT;
	return parse(p, word_until(value, ""), PLACE_CALL) ? 0 : EINVAL;
}

/**
 * param_print() - print every option with its value and its source
 */
void param_print(void)
{
	const struct param *p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		p = &params[i];
		if (p->flag)
			fmt_print(FMT_STDERR, "hz3: %s:%s", p->key,
				  *p->flag ? "true" : "false");
		else if (p->size)
			fmt_print(FMT_STDERR, "hz3: %s:%zu", p->key, *p->size);
		else
			fmt_print(FMT_STDERR, "hz3: %s:%d", p->key,
				  (int)(p->ms ? *p->ms : *p->number));
		fmt_print(FMT_STDERR, " (%s; %s)\n", place_names[places[i]],
			  p->help);
	}
}
