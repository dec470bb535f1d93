// SPDX-License-Identifier: MIT
/*
 * operator new: the new-handler is called until it helps or throws, nothrow
 * forms answer NULL, array and aligned forms wrap nothing (TESTING.md class
 * 20), sized and aligned deletes.
 * selftest: modes=preload,linked
 */
#include <new>

#include <cstdint>
#include <cstdlib>
#include <unistd.h>

#include "selftest_cxx.h"

static int calls;

static void third_time_throws()
{
	if (++calls == 3)
		throw std::bad_alloc();
}

static void uninstalls()
{
	calls++;
	std::set_new_handler(nullptr);
}

static const volatile size_t huge = SIZE_MAX / 2 + 100;
static const std::align_val_t wide{ 4096 };

int main()
{
	alarm(20);
	CHECK(throws([] { ::operator delete(::operator new(huge)); }));
	CHECK(throws([] { ::operator delete[](::operator new[](huge)); }));
	CHECK(throws([] { ::operator delete(::operator new(huge, wide), wide); }));
	CHECK(throws([] { ::operator delete(::operator new(SIZE_MAX - 5, wide),
					    wide); }));
	CHECK(!::operator new(huge, std::nothrow));
	CHECK(!::operator new[](huge, std::nothrow));
	CHECK(!::operator new(huge, wide, std::nothrow));
	CHECK(!::operator new[](huge, wide, std::nothrow));

	std::set_new_handler(third_time_throws);
	CHECK(throws([] { ::operator delete(::operator new(huge)); }));
	CHECK(calls == 3);
	calls = 0;
	CHECK(!::operator new(huge, std::nothrow));
	CHECK(calls == 3);
	calls = 0;
	std::set_new_handler(uninstalls);
	CHECK(throws([] { ::operator delete(::operator new(huge, wide)); }));
	CHECK(calls == 1);

	for (size_t size = 0; size < 100000; size += size / 5 + 1) {
		char *a = static_cast<char *>(::operator new(size));
		char *b = static_cast<char *>(::operator new[](size));
		char *c = static_cast<char *>(::operator new(size, wide));
		void *d = ::operator new[](size, wide, std::nothrow);

		CHECK(a && b && c && d);
		CHECK(!(reinterpret_cast<uintptr_t>(c) % 4096));
		CHECK(!(reinterpret_cast<uintptr_t>(d) % 4096));
		::operator delete(a, size);
		::operator delete[](b);
		::operator delete(c, size, wide);
		::operator delete[](d, wide, std::nothrow);
	}
	::operator delete(nullptr);
	return bad != 0;
}
