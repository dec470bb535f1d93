// SPDX-License-Identifier: MIT
/*
 * server - what if threads come and go, and each goes on with the objects of
 * the one before? (known as larson)
 *
 * A connection is a table of 5000 objects of 8 to 1000 bytes. A thread
 * replaces objects at random and then starts its successor, which inherits
 * the table. So most of what a thread frees was allocated by one that is no
 * more, at first by the main thread, which dealt neighbours out to different
 * connections. THREADS is how many connections there are.
 */
#include <semaphore.h>

#include "program.h"

#define OBJECTS     5000
#define GENERATIONS 50
#define LEAST       8
#define MOST        1000

struct connection {
	_Alignas(CACHE_LINE) sem_t closed;
	uint32_t rng;
	unsigned int generation;
	void *objects[OBJECTS];
};

static struct connection *connections;

static void setup(void)
{
	uint32_t rng = 1;
	unsigned int i, t;

	connections = map(threads * sizeof(*connections));
	for (i = 0; i < OBJECTS; i++)
		for (t = 0; t < threads; t++)
			connections[t].objects[i] =
				take(between(&rng, LEAST, MOST));
}

static void *serve(void *arg)
{
	struct connection *c = arg;
	uint64_t n;
	pthread_t next;

	pthread_detach(pthread_self());
	for (n = share(600000) / GENERATIONS; n; n--) {
		void **object = &c->objects[below(&c->rng, OBJECTS)];

		drop(*object);
		*object = take(between(&c->rng, LEAST, MOST));
	}
	if (++c->generation < GENERATIONS)
		start_thread(&next, serve, c);
	else
		sem_post(&c->closed);
	return NULL;
}

static void work(struct worker *w)
{
	struct connection *c = &connections[w->id];
	pthread_t first;

	sem_init(&c->closed, 0, 0);
	c->rng = w->rng;
	start_thread(&first, serve, c);
	sem_wait(&c->closed);
	w->ops = share(600000);
}

static void finish(void)
{
	unsigned int t;

	for (t = 0; t < threads; t++)
		drop_all(connections[t].objects, OBJECTS);
}

static const struct program self = {
	.name = "server",
	.threads = 2,
	.setup = setup,
	.work = work,
	.finish = finish,
};
