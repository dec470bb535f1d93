// SPDX-License-Identifier: MIT
/*
 * operator new and delete as the C++ standard describes them, also in a fully
 * static program; new_handler.cc has the new-handler's part. <hz3/hz3.h> is
 * good C++.
 * selftest: modes=preload,linked,static
 */
#include <hz3/hz3.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "selftest_cxx.h"

static volatile size_t size;

static void zero_sizes()
{
	size = 0;
	void *a = ::operator new(size);
	void *b = ::operator new(size);
	void *c = ::operator new[](size, std::nothrow);

	CHECK(a && b && c && a != b && b != c);
	::operator delete(a);
	::operator delete(b, size);
	::operator delete[](c, std::nothrow);
	::operator delete(static_cast<void *>(nullptr));
	::operator delete[](static_cast<void *>(nullptr));
	::operator delete(static_cast<void *>(nullptr), std::align_val_t{ 64 });
}

static void failures()
{
	const std::align_val_t page{ 4096 };

	for (size = SIZE_MAX; size > SIZE_MAX - 5000; size -= 7) {
		CHECK(throws([] {
			::operator delete(::operator new(size));
		}));
		CHECK(!::operator new(size, std::nothrow));
		CHECK(!::operator new[](size, page, std::nothrow));
	}
	CHECK(throws([page] {
		::operator delete[](::operator new[](size, page), page);
	}));
	try {
		::operator delete(::operator new(size));
		CHECK(!"thrown");
	} catch (const std::exception &e) {
		CHECK(!strcmp(e.what(), "std::bad_alloc"));
	}
}

struct stop {
	int number;
};

static void throws_its_own()
{
	throw stop{ 42 };
}

static void handler_throws()
{
	bool caught = false;

	std::set_new_handler(throws_its_own);
	size = SIZE_MAX - 100;
	try {
		::operator delete(::operator new(size));
	} catch (const stop &s) {
		caught = s.number == 42;
	}
	CHECK(caught);
	std::set_new_handler(nullptr);
}

struct alignas(256) wide {
	char text[300];
};

static void containers()
{
	std::map<int, std::string> map;
	std::vector<std::unique_ptr<wide>> vector;
	std::vector<std::thread> threads;

	for (int i = 0; i < 10000; i++)
		map[i * 7919 % 10007] = std::string(size_t(i % 200), 'x');
	for (int i = 0; i < 1000; i++) {
		vector.emplace_back(new wide);
		CHECK(!(reinterpret_cast<uintptr_t>(vector.back().get()) %
			256));
	}
	for (int i = 0; i < 4; i++)
		threads.emplace_back([&map] {
			std::map<int, std::string> copy(map);

			CHECK(copy == map);
		});
	for (auto &thread : threads)
		thread.join();
}

/* A block of one is freed by the other: true of libstdc++'s, and kept. */
static void one_heap()
{
	void *p = malloc(100);

	::operator delete(p);
	free(::operator new(100));
	free(::operator new(100, std::align_val_t{ 128 }));
}

int main()
{
	alarm(30);
	zero_sizes();
	failures();
	handler_throws();
	containers();
	one_heap();
	return bad != 0;
}
