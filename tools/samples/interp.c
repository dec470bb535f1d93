// SPDX-License-Identifier: MIT
/*
 * A heap for each interpreter: a Lisp of numbers in 50 lines that never frees
 * a cell. What an interpreter had goes with its heap; after 10,000 of them
 * nothing is left, neither in the figures nor in memory.
 */
#include "sample.h"

/* A number, or a list: its first element and the rest. */
struct cell {
	struct cell *first; /* NULL: a number */
	struct cell *rest;
	long number;
};

struct interp {
	struct hz3_heap *heap;
	const char *text;
};

static struct cell *cell(struct interp *in, struct cell *first,
			 struct cell *rest, long number)
{
	struct cell *c = hz3_heap_malloc(in->heap, sizeof(*c));

	MUST(c);
	*c = (struct cell){ first, rest, number };
	return c;
}

static struct cell *read_list(struct interp *in);

/* A character that is neither a digit nor a bracket is a number as well. */
static struct cell *read_cell(struct interp *in)
{
	char *end;
	long number = strtol(in->text, &end, 10);

	if (end == in->text) {
		number = *in->text++;
		if (number == '(')
			return read_list(in);
		return cell(in, NULL, NULL, number);
	}
	in->text = end;
	return cell(in, NULL, NULL, number);
}

static struct cell *read_list(struct interp *in)
{
	struct cell *first;

	while (*in->text == ' ')
		in->text++;
	if (*in->text == ')') {
		in->text++;
		return NULL;
	}
	first = read_cell(in);
	return cell(in, first, read_list(in), 0);
}

static struct cell *eval(struct interp *in, struct cell *c)
{
	long op;
	long sum;

	if (!c->first)
		return c;
	op = c->first->number;
	sum = op == '*';
	for (c = c->rest; c; c = c->rest) {
		long number = eval(in, c->first)->number;

		sum = op == '*' ? sum * number : sum + number;
	}
	return cell(in, NULL, NULL, sum);
}

static long run_interp(const char *text)
{
	struct interp in = { hz3_heap_create(), text };
	long result;

	MUST(in.heap);
	result = eval(&in, read_cell(&in))->number;
	hz3_heap_destroy(in.heap);
	return result;
}

int main(void)
{
	double begin = now_ms();
	long before = 0;
	long more;
	int i;

	for (i = 0; i < 10000; i++) {
		if (i == 100)
			before = anonymous_kib();
		MUST(run_interp("(+ 1 (* 2 3 (+ 4 5)) (+ 6 (* 7 8)))") == 117);
	}
	must_be_gone();
	more = anonymous_kib() - before;
	printf("10000 interpreters: %.1f ms, %ld KiB more than after 100\n",
	       now_ms() - begin, more);
	/* 10 bytes of each would show. */
	MUST(more < 96);
	return 0;
}
