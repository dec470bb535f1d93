// SPDX-License-Identifier: MIT
/*
 * whoami - a preloaded witness: which library's malloc does this program use?
 *
 * Loaded into the program under test before the allocator, it asks the dynamic
 * linker at start who answers the names of the malloc family and appends one
 * line to the file named by REALPROG_WITNESS:
 *
 *   PROGRAM PROVIDER VERSION
 *
 * PROVIDER is the path of the object that defines malloc, or "mixed:NAME" when
 * another one defines NAME: half an allocator is worse than none. VERSION is
 * hz3_version()'s answer or "-" when there is no such function. Nothing here
 * allocates.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const family[] = {
	"malloc",         "calloc",        "realloc",  "free",
	"posix_memalign", "aligned_alloc", "memalign", "malloc_usable_size",
};

/*
 * A program that is not position independent and takes the address of malloc
 * seems to define it: the name leads to the stub in the program, whose symbol
 * is still undefined. Its real definition is the next one. So this library
 * must stand before the allocator in LD_PRELOAD.
 */
static const void *object_of(const char *name, const char **path)
{
	void *sym = dlsym(RTLD_DEFAULT, name);
	const ElfW(Sym) *entry = NULL;
	Dl_info info;

	if (!sym || !dladdr1(sym, &info, (void **)&entry, RTLD_DL_SYMENT))
		return NULL;
	if (entry && entry->st_shndx == SHN_UNDEF) {
		sym = dlsym(RTLD_NEXT, name);
		if (!sym || !dladdr(sym, &info))
			return NULL;
	}
	*path = info.dli_fname;
	return info.dli_fbase;
}

/* Returns the first name that another object than malloc's defines. */
static const char *stranger(const void *base)
{
	const char *path;
	size_t i;

	for (i = 0; i < sizeof(family) / sizeof(family[0]); i++)
		if (object_of(family[i], &path) != base)
			return family[i];
	return NULL;
}

__attribute__((constructor)) static void testify(void)
{
	const char *file = getenv("REALPROG_WITNESS");
	const char *path = "none", *odd, *version = "-";
	const char *(*hz3_version)(void);
	int saved_errno = errno;
	char line[512];
	int fd, len;

	if (!file)
		return;
	fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return;
	odd = stranger(object_of("malloc", &path));
	*(void **)&hz3_version = dlsym(RTLD_DEFAULT, "hz3_version");
	if (hz3_version)
		version = hz3_version();
	len = snprintf(line, sizeof(line), "%s %s%s %s\n",
		       program_invocation_short_name, odd ? "mixed:" : "",
		       odd ? odd : path, version);
	/* a lost line shows up as a missing witness: the test fails */
	if (len > 0 && (size_t)len < sizeof(line) &&
	    write(fd, line, (size_t)len) != len)
		_exit(125);
	close(fd);
	errno = saved_errno;
}
