// SPDX-License-Identifier: MIT
/*
 * tiny - what does an object cost that dies almost at once? (as in cfrac,
 * espresso, and the temporaries of any interpreter)
 *
 * Evaluates expressions over numbers of many limbs: leaves of 8 to 56 bytes,
 * and for each inner node a result one limb longer than the longer operand,
 * whose operands are then freed. Nearly everything is freed in the reverse
 * order of its making; one value in eight is kept for a while.
 */
#include "program.h"

#define DEPTH 6 /* 64 leaves in an expression */
#define LIMB  8
#define KEPT  4096 /* values that live longer */

static void *evaluate(struct worker *w, unsigned int depth)
{
	void *left, *right, *result;
	size_t size, other;

	w->ops++;
	if (depth == 0)
		return take(LIMB * between(&w->rng, 1, 7));
	left = evaluate(w, depth - 1);
	right = evaluate(w, depth - 1);
	size = verify(left);
	other = verify(right);
	result = take((size > other ? size : other) + LIMB);
	drop(right);
	drop(left);
	return result;
}

static void work(struct worker *w)
{
	void **kept = map(KEPT * sizeof(*kept));
	uint64_t n;

	for (n = share(8000); n; n--) {
		void **place = &kept[below(&w->rng, KEPT)];
		void *value = evaluate(w, DEPTH);

		if (below(&w->rng, 8)) {
			drop(value);
		} else {
			drop(*place);
			*place = value;
		}
	}
	drop_all(kept, KEPT);
}

static const struct program self = {
	.name = "tiny",
	.threads = 1,
	.work = work,
};
