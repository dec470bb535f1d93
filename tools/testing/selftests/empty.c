// SPDX-License-Identifier: MIT
/*
 * An empty program: prints its private resident KiB, for t_footprint.sh.
 * selftest: modes=none
 */
#include "selftest.h"

int main(void)
{
	printf("%lu %lu\n", proc_value("/proc/self/smaps_rollup", "Rss:"),
	       proc_value("/proc/self/smaps_rollup", "Private_Dirty:"));
	return 0;
}
