// SPDX-License-Identifier: MIT
/*
 * The clock of the operating system.
 *
 * It is looked at on every slow path, also while a lock is held. There the C
 * library's clock_gettime() must not be called: it may be the program's own,
 * which may allocate, or wait for somebody who does. A system call would take
 * longer than the rest of the slow path. So the kernel's function, which it
 * maps into every process (vdso(7)), is looked up once, and called directly.
 *
 * Where there is none (valgrind, older emulators), libc's is called after all;
 * without a C library it is a system call.
 *
 * Context: any thread, any time, whatever locks are held; keeps errno.
 */
#include <elf.h>
#include <sys/syscall.h>
#include <time.h>

#include <hz3/align.h>
#include <hz3/atomic.h>
#include <hz3/mm/os.h>
#include <hz3/syscall.h>

/* The vDSO's clock_gettime(), or NULL; set once, relaxed: nothing is behind. */
static int (*kernel_gettime)(clockid_t clock, struct timespec *now);

/* The tables of an ELF image. */
struct image {
	const Elf64_Sym *symbols;
	const char *names;
	const u32 *sysv_hash;
	const u32 *gnu_hash;
};

static bool is_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static void read_dynamic(struct image *im, uptr base, const Elf64_Dyn *d)
{
	for (; d->d_tag != DT_NULL; d++) {
		const void *p = (const void *)(base + d->d_un.d_ptr);

		if (d->d_tag == DT_SYMTAB)
			im->symbols = p;
		else if (d->d_tag == DT_STRTAB)
			im->names = p;
		else if (d->d_tag == DT_HASH)
			im->sysv_hash = p;
		else if (d->d_tag == DT_GNU_HASH)
			im->gnu_hash = p;
	}
}

/* The end of the last chain: buckets hold the first symbols of theirs. */
static u32 nr_in_gnu_hash(const u32 *hash)
{
	u32 nr_buckets = hash[0];
	u32 first = hash[1];
	const u32 *bucket = hash + 4 + 2 * hash[2]; /* behind the filter */
	const u32 *chain = bucket + nr_buckets;
	u32 last = 0;
	u32 i;

	for (i = 0; i < nr_buckets; i++)
		last = max(last, bucket[i]);
	if (last < first)
		return 0;
	while (!(chain[last - first] & 1))
		last++;
	return last + 1;
}

/* How many symbols there are; only the hash tables tell, of which one is. */
static u32 nr_symbols(const struct image *im)
{
	if (!im->symbols || !im->names)
		return 0;
	if (im->sysv_hash)
		return im->sysv_hash[1];
	return im->gnu_hash ? nr_in_gnu_hash(im->gnu_hash) : 0;
}

/* The address of a function in the image at @base, which is linked to 0. */
static uptr find_function(uptr base, const char *name)
{
	const Elf64_Ehdr *e = (const Elf64_Ehdr *)base;
	const Elf64_Phdr *ph = (const Elf64_Phdr *)(base + e->e_phoff);
	struct image im = {};
	u32 nr;
	u32 i;

	for (i = 0; i < e->e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD && ph[i].p_vaddr != ph[i].p_offset)
			return 0; /* before Linux 3.16 */
		if (ph[i].p_type == PT_DYNAMIC)
			read_dynamic(&im, base,
				     (const void *)(base + ph[i].p_offset));
	}
	nr = nr_symbols(&im);
	for (i = 0; i < nr; i++) {
		const Elf64_Sym *s = &im.symbols[i];

		if (s->st_shndx != SHN_UNDEF &&
		    is_same(im.names + s->st_name, name))
			return base + s->st_value;
	}
	return 0;
}

/**
 * os_set_clock() - say where the kernel's clock is
 * @vdso: the image that the kernel maps into the process, or 0
 *
 * Context: once; who looks at the clock before gets libc's.
 */
void os_set_clock(uptr vdso)
{
	uptr fn = vdso ? find_function(vdso, VDSO_CLOCK_GETTIME) : 0;

	store_relaxed(&kernel_gettime,
		      (int (*)(clockid_t, struct timespec *))fn);
}

/**
 * os_now_ms() - a clock for decay, good to a few milliseconds
 *
 * Return: milliseconds since an arbitrary moment, monotonic.
 */
u64 os_now_ms(void)
{
	int (*gettime)(clockid_t, struct timespec *) =
		load_relaxed(&kernel_gettime);
	struct timespec ts = { 0 };

	if (likely(gettime))
		(void)gettime(CLOCK_MONOTONIC_COARSE, &ts);
	else if (IS_ENABLED(CONFIG_HZ3_LIBC))
		(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	else
		(void)syscall6(SYS_clock_gettime, CLOCK_MONOTONIC_COARSE,
			       (long)&ts, 0, 0, 0, 0);
	return (u64)ts.tv_sec * 1000 + (u64)ts.tv_nsec / 1000000;
}
