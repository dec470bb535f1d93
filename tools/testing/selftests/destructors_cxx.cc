// SPDX-License-Identifier: MIT
/*
 * C++ objects of thread and of static storage duration that own memory, and
 * allocate in their destructors (TESTING.md class 4).
 * selftest: modes=preload,linked,static
 */
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

static int nr_destroyed;

struct Owner {
	std::map<int, std::string> m;
	std::vector<std::unique_ptr<char[]>> blocks;

	void use(int n)
	{
		for (int i = 0; i < n; i++) {
			m[i] = std::string(static_cast<size_t>(i), 'x');
			blocks.emplace_back(new char[static_cast<size_t>(i) * 97 + 1]);
		}
	}

	~Owner()
	{
		std::vector<int> late(5000, 1);
		size_t sum = 0;

		for (auto &e : m)
			sum += e.second.size();
		if (sum != m.size() * (m.size() - 1) / 2 && !m.empty())
			_exit(1);
		__atomic_fetch_add(&nr_destroyed, late[4999], __ATOMIC_RELAXED);
	}
};

static thread_local Owner per_thread;
static Owner global;

int main()
{
	alarm(30);
	global.use(500);
	per_thread.use(10);
	for (int i = 0; i < 100; i++) {
		std::thread a([] { per_thread.use(100); });
		std::thread b([] { per_thread.use(200); });

		a.join();
		b.join();
	}
	return nr_destroyed != 200;
}
