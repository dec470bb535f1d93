// SPDX-License-Identifier: MIT
/*
 * A stranger's program: built with what was installed and nothing else. It
 * fails unless hz3 answers, under its own names and under the C library's.
 */
#include <hz3/hz3.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	char *p = hz3_malloc(100);
	char *q = malloc(100);
	int ok = p && q && hz3_usable_size(p) >= 100;

	/* either may be freed by either: they are of one heap */
	free(p);
	hz3_free(q);
	printf("%s\n", hz3_version());
	return !ok;
}
