// SPDX-License-Identifier: MIT
/*
 * Options at run time: HZ3_CONF="key:value,key:value", then HZ3_KEY=value for
 * each, later ones winning. One table says what there is.
 *
 * Read once, by the constructor: the C library's environment is set up by
 * then. Nothing is allocated and no locale is asked. A program that was
 * started with privileges its caller lacks reads nothing at all.
 */
#include <hz3/bug.h>
#include <hz3/delay.h>
#include <hz3/lib/fmt.h>
#include <hz3/shard/thread.h>

#include "internal.h"
#include "libc.h"

/* One option. One of @flag, @ms and @number says where its value is. */
struct param {
	const char *key;
	bool *flag;
	u32 *ms;
	u32 *number;
	const char *standard; /* its value when nobody says anything */
	const char *help;
};

struct init_params init_params;

#define __text(x) #x
#define text(x)   __text(x)

static const struct param params[] = {
	{ "confirm_conf", &init_params.confirm_conf, NULL, NULL, "false",
	  "print the configuration and all options at start" },
	{ "abort_conf", &init_params.abort_conf, NULL, NULL, "false",
	  "stop when an option is unknown or has a bad value" },
	{ "stats_print", &init_params.stats_print, NULL, NULL, "false",
	  "print the figures of malloc_stats() at exit" },
	{ "decay_ms", NULL, &heap_decay_ms, NULL, text(CONFIG_HZ3_DECAY_MS),
	  "how long free memory stays before the system gets it" },
#ifdef CONFIG_HZ3_DEBUG_DELAY
	{ "delay_seed", NULL, NULL, &debug_delay_seed, text(DELAY_SEED),
	  "which ordering points are delayed" },
	{ "delay_every", NULL, NULL, &debug_delay_every, text(DELAY_EVERY),
	  "one ordering point in so many is delayed; 0: none" },
#endif
};

#define ENV_PREFIX     "HZ3_"
#define ENV_PREFIX_LEN (sizeof(ENV_PREFIX) - 1)
#define NUMBER_MAX     1000000000U

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
	*flag = yes;
	return true;
}

/* The digits @w begins with, up to NUMBER_MAX; what follows stays in @w. */
static bool take_number(struct word *w, u64 *value)
{
	size_t len = w->len;

	*value = 0;
	while (w->len && *w->text >= '0' && *w->text <= '9') {
		*value = *value * 10 + (u64)(*w->text - '0');
		if (*value > NUMBER_MAX)
			return false;
		w->text++;
		w->len--;
	}
	return w->len < len;
}

/* Milliseconds: a number, alone or followed by ms or s. */
static bool parse_ms(struct word w, u32 *ms)
{
	u64 value;

	if (!take_number(&w, &value))
		return false;
	if (word_is(w, "s"))
		value *= 1000;
	else if (w.len && !word_is(w, "ms"))
		return false;
	if (value > NUMBER_MAX)
		return false;
	*ms = (u32)value;
	return true;
}

static bool parse_number(struct word w, u32 *number)
{
	u64 value;

	if (!take_number(&w, &value) || w.len)
		return false;
	*number = (u32)value;
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

static void set(const struct param *p, struct word value)
{
	bool ok;

	if (p->flag)
		ok = parse_flag(value, p->flag);
	else if (p->ms)
		ok = parse_ms(value, p->ms);
	else
		ok = parse_number(value, p->number);
	if (!ok)
		complain("bad value for option", p->key, value);
}

/* The characters of @s up to one of @a and @b, or the end. */
static struct word word_until(const char *s, char a, char b)
{
	struct word w = { .text = s, .len = 0 };

	while (s[w.len] && s[w.len] != a && s[w.len] != b)
		w.len++;
	return w;
}

static void parse_conf(const char *s)
{
	const struct param *p;
	struct word value;
	struct word key;

	while (*s) {
		key = word_until(s, ':', ',');
		s += key.len;
		s += *s == ':';
		value = word_until(s, ',', ',');
		s += value.len;
		s += *s == ',';
		p = find(key);
		if (p)
			set(p, value);
		else if (key.len)
			complain("unknown option in", "HZ3_CONF", key);
	}
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
		key = word_until(s + ENV_PREFIX_LEN, '=', '=');
		s = key.text + key.len;
		s += *s == '=';
		if (word_is(key, "conf")) {
			if (conf)
				parse_conf(s);
			continue;
		}
		p = conf ? NULL : find(key);
		if (p)
			set(p, word_until(s, '\0', '\0'));
	}
}

/**
 * param_init() - read the options
 *
 * Context: constructor.
 */
void param_init(void)
{
	if (!IS_ENABLED(CONFIG_HZ3_RUNTIME_CONF) || libc_is_secure())
		return;
	read_environ(true);
	read_environ(false);
	if (nr_bad && init_params.abort_conf)
		hz3_fatal("stopped by abort_conf", NULL);
}

/**
 * param_print() - print every option with its value
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
		else
			fmt_print(FMT_STDERR, "hz3: %s:%u", p->key,
				  p->ms ? *p->ms : *p->number);
		fmt_print(FMT_STDERR, " (default %s; %s)\n", p->standard,
			  p->help);
	}
}
