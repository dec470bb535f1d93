// SPDX-License-Identifier: MIT
/*
 * strings - how well does text processing do, with libc's own functions?
 *
 * A line of random words is put together in a buffer that grows by realloc,
 * split into copies of its words, and joined again by asprintf. The joined
 * line must be the first and replaces an older one in a table.
 */
#include "program.h"

#define LINES     4096
#define MAX_WORDS 24

static const char letters[] = "the quick brown fox jumps over the lazy dog";

struct buffer {
	char *text;
	size_t len, room;
};

static void append(struct buffer *b, const char *text, size_t len)
{
	if (b->len + len + 1 > b->room) {
		b->room = 2 * b->room + len + 1;
		b->text = realloc(b->text, b->room);
		if (!b->text)
			fail("an allocation failed");
	}
	memcpy(b->text + b->len, text, len);
	b->len += len;
	b->text[b->len] = '\0';
}

static void compose(struct worker *w, struct buffer *b)
{
	size_t words = between(&w->rng, 1, MAX_WORDS);

	while (words--) {
		size_t len = between(&w->rng, 1, 20);

		append(b, letters + below(&w->rng, 20), len);
		append(b, "|", 1);
	}
}

/* The line once more, by way of its words. */
static char *rejoin(struct worker *w, const char *line)
{
	char *words[MAX_WORDS], *joined = strdup(""), *longer;
	size_t nr = 0, i;
	const char *end;

	for (; (end = strchr(line, '|')); line = end + 1)
		words[nr++] = strndup(line, (size_t)(end - line));
	for (i = 0; i < nr; i++) {
		if (asprintf(&longer, "%s%s|", joined, words[i]) < 0)
			fail("an allocation failed");
		free(joined);
		joined = longer;
		free(words[i]);
	}
	w->ops += nr;
	return joined;
}

static void work(struct worker *w)
{
	char **lines = map(LINES * sizeof(*lines));
	uint64_t n;
	size_t i;

	for (n = share(5000); n; n--) {
		char **line = &lines[below(&w->rng, LINES)];
		struct buffer b = {};

		compose(w, &b);
		free(*line);
		*line = rejoin(w, b.text);
		if (strcmp(*line, b.text) != 0)
			fail("a line is damaged");
		free(b.text);
	}
	for (i = 0; i < LINES; i++)
		free(lines[i]);
}

static const struct program self = {
	.name = "strings",
	.threads = 1,
	.work = work,
};
