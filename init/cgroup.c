// SPDX-License-Identifier: MIT
/*
 * The limits of the control group (version 2) that the process is in: read
 * once, by the constructor, when option limit_cgroup asks for it. A file that
 * is not there, or says "max", limits nothing.
 *
 *	/proc/self/cgroup		0::/a/b
 *	/sys/fs/cgroup/a/b/memory.max	and the same in /a, and in the root
 *
 * Lines of version 1 are before the one we want; more than a page of them is
 * not expected.
 */
#include <string.h>

#include <hz3/lib/fmt.h>
#include <hz3/mm/limit.h>

#include "internal.h"
#include "libc.h"

#define ROOT     "/sys/fs/cgroup"
#define OWN_LINE "0::"

/* The group's path, not ending in a /; NULL when there is no version 2. */
static char *own_group(void)
{
	static char text[4096];
	char *line = text;
	char *end;

	if (!libc_read_file("/proc/self/cgroup", text, sizeof(text) - 1))
		return NULL;
	while (strncmp(line, OWN_LINE, strlen(OWN_LINE))) {
		line = strchr(line, '\n');
		if (!line++)
			return NULL;
	}
	line += strlen(OWN_LINE);
	end = line + strcspn(line, "\n");
	while (end > line && end[-1] == '/')
		end--;
	*end = '\0';
	return line;
}

/* Lower @limit, where 0 is none, to the number in a group's file. */
static void lower(size_t *limit, const char *group, const char *file)
{
	static char path[4096];
	char text[24] = { 0 };
	size_t value = 0;
	const char *s;

	fmt_format(path, sizeof(path), ROOT "%s/%s", group, file);
	if (!libc_read_file(path, text, sizeof(text) - 1))
		return;
	for (s = text; *s >= '0' && *s <= '9'; s++)
		value = value * 10 + (size_t)(*s - '0');
	if (s > text && (!*limit || value < *limit))
		*limit = value;
}

/**
 * cgroup_init() - lower the limits to those of the control group
 *
 * Context: constructor.
 */
void cgroup_init(void)
{
	char *group = own_group();
	size_t hard = 0;
	size_t soft;

	while (group) {
		lower(&hard, group, "memory.max");
		lower(&limits.soft, group, "memory.high");
		if (!*group)
			break;
		*strrchr(group, '/') = '\0';
	}
	if (!hard)
		return;
	if (!limits.hard || hard < limits.hard)
		limits.hard = hard;
	/* Give back before the kernel looks for somebody to kill. */
	soft = hard - hard / 8;
	if (!limits.soft || soft < limits.soft)
		limits.soft = soft;
}
