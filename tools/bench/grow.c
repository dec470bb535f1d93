// SPDX-License-Identifier: MIT
/*
 * grow - what does memory cost that never comes back? (programs that load,
 * index or leak; compilers)
 *
 * Objects of 24 to 527 bytes are added to a list for good, one of four is a
 * temporary that dies at the next. No free object helps: the cost is that of
 * fresh memory, and the resident set over the live bytes says what the
 * allocator adds to them.
 */
#include "program.h"

struct node {
	uint32_t size; /* take() writes it */
	struct node *next;
};

static struct node *lists[MAX_THREADS];
static uint64_t live_bytes[MAX_THREADS];

static void work(struct worker *w)
{
	struct node *node, *list = NULL;
	void *temporary = NULL;
	uint64_t bytes = 0, n;

	w->ops = share(50000);
	for (n = w->ops; n; n--) {
		node = take(sizeof(*node) + skewed(&w->rng, 3, 8));
		if (n % 4 == 0) {
			drop(temporary);
			temporary = node;
			continue;
		}
		node->next = list;
		list = node;
		bytes += node->size;
	}
	drop(temporary);
	lists[w->id] = list;
	live_bytes[w->id] = bytes;
}

static void finish(void)
{
	uint64_t live = 0;
	struct node *node;
	unsigned int i;

	for (i = 0; i < threads; i++) {
		uint64_t bytes = live_bytes[i];

		live += bytes;
		/* a node that was given out twice makes the list a ring */
		for (node = lists[i]; node; node = node->next) {
			if (verify(node) > bytes)
				fail("the list is damaged");
			bytes -= node->size;
		}
		if (bytes)
			fail("the list is damaged");
	}
	printf("[GROW] live=%lu\n", (unsigned long)(live / 1024));
}

static const struct program self = {
	.name = "grow",
	.threads = 1,
	.work = work,
	.finish = finish,
};
