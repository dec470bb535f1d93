/* SPDX-License-Identifier: MIT */
/*
 * What the selftests in C++ share; selftest.h is C. Whether hz3 answers is
 * for the programs in C to prove.
 */
#ifndef SELFTEST_CXX_H
#define SELFTEST_CXX_H

#include <cstdio>
#include <new>

static int bad;

/* Note a failure and go on. */
#define CHECK(cond)                                                        \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#cond);                                    \
			bad++;                                             \
		}                                                          \
	} while (0)

/* Does f() end by std::bad_alloc? */
template <typename F> static bool throws(F f)
{
	try {
		f();
	} catch (const std::bad_alloc &) {
		return true;
	}
	return false;
}

#endif
