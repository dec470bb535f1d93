// SPDX-License-Identifier: MIT
/*
 * The operating system's memory; its clock is clock.c's.
 *
 * Every system call on memory the allocator makes is here, so that tests can
 * make each of them fail, see os_fail.c. They are raw: errno stays the
 * caller's, and an mmap() that somebody interposed (and that may allocate) is
 * not called.
 *
 * Address space is reserved PROT_NONE and MAP_NORESERVE, which costs neither
 * memory nor commit charge; what is used is committed by mprotect(). Giving
 * back is either a purge (pages go, the range stays usable) or a decommit (a
 * fresh PROT_NONE mapping on top: pages and charge go, in one call).
 *
 * A program may provide the memory itself: then its operations are called in
 * the kernel's place, and what it cannot do is refused, as the kernel might.
 *
 * Context: no locks, any thread, any time.
 */
#include <errno.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <hz3/align.h>
#include <hz3/atomic.h>
#include <hz3/bug.h>
#include <hz3/mm/os.h>
#include <hz3/syscall.h>

#define RESERVE_FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* MREMAP_DONTUNMAP: older C libraries have no name for it. */
#define REMAP_DONTUNMAP 4

size_t os_page_size = 4096;

static long os_call(long nr, const void *addr, size_t size, long c, long d,
		    long e)
{
	if (os_should_fail())
		return -ENOMEM; /* what the kernel says most often */
	return syscall6(nr, (long)addr, (long)size, c, d, e, 0);
}

static void *os_mmap(void *addr, size_t size, int prot, int flags)
{
	long ret = os_call(SYS_mmap, addr, size, prot, flags, -1);

	return syscall_failed(ret) ? NULL : (void *)ret;
}

static struct os_provider provider; /* set before anything is reserved */
static bool is_used;                /* something was reserved; relaxed */

/**
 * os_is_provided() - does the program provide the memory
 *
 * Return: true when the kernel is not asked for any.
 */
bool os_is_provided(void)
{
	return provider.reserve;
}

/**
 * os_provide() - have memory provided by the program
 * @p: its operations, copied
 *
 * Context: one thread, before anything is reserved.
 * Return: 0; -EBUSY when it is too late.
 */
int os_provide(const struct os_provider *p)
{
	if (load_relaxed(&is_used) || os_is_provided())
		return -EBUSY;
	provider = *p;
	return 0;
}

/* Ask the provider to change a range: false when it cannot, or will not. */
static bool provider_does(int (*op)(void *arg, void *addr, size_t size),
			  void *addr, size_t size)
{
	return op && !os_should_fail() && !op(provider.arg, addr, size);
}

static bool provider_commit(void *addr, size_t size)
{
	return !provider.commit || provider_does(provider.commit, addr, size);
}

static void *provider_reserve(size_t size, size_t align)
{
	void *p;

	if (os_should_fail())
		return NULL;
	align = max(align, os_page_size);
	p = provider.reserve(provider.arg, size, align);
	if (unlikely(!IS_ALIGNED((uptr)p, align)))
		hz3_fatal("page provider: range is not aligned", p);
	return p;
}

static void *provider_map(size_t size)
{
	void *p = provider_reserve(size, os_page_size);

	if (!p || provider_commit(p, size))
		return p;
	os_unmap(p, size);
	return NULL;
}

/*
 * What the kernel left behind our stack, if somebody has kept it. Else it is
 * asked: an address within a page is refused even when nothing is to be done.
 */
static size_t find_page_size(void)
{
	size_t size = KERNEL_PAGE_MIN;

	if (IS_ENABLED(CONFIG_HZ3_LIBC))
		return getauxval(AT_PAGESZ);
	while (size < KERNEL_PAGE_MAX &&
	       syscall6(SYS_mprotect, (long)size, 0, 0, 0, 0, 0) == -EINVAL)
		size *= 2;
	return size;
}

/**
 * os_boot() - find out what machine this is
 *
 * Called once, before the first use of memory.
 */
void os_boot(void)
{
	size_t size = find_page_size();

	if (size)
		os_page_size = size;
}

/**
 * os_reserve() - reserve address space
 * @size: bytes, a multiple of the page size
 * @align: alignment of the result, a power of two
 *
 * Return: the range, not accessible until os_commit(); NULL when refused.
 */
void *os_reserve(size_t size, size_t align)
{
	size_t extra = align > os_page_size ? align - os_page_size : 0;
	uptr start;
	uptr end;
	u8 *p;

	store_relaxed(&is_used, true);
	if (os_is_provided())
		return provider_reserve(size, align);
	if (size > SIZE_MAX - extra)
		return NULL;
	p = os_mmap(NULL, size + extra, PROT_NONE, RESERVE_FLAGS);
	if (!p)
		return NULL;
	start = ALIGN_UP((uptr)p, align);
	end = (uptr)p + size + extra;
	if (start > (uptr)p)
		os_unmap(p, start - (uptr)p);
	if (end > start + size)
		os_unmap((void *)(start + size), end - start - size);
	if (IS_ENABLED(CONFIG_HZ3_THP_NEVER))
		/* A hint: on kernels without huge pages it fails, rightly. */
		(void)os_call(SYS_madvise, (void *)start, size, MADV_NOHUGEPAGE,
			      0, 0);
	return (void *)start;
}

/**
 * os_commit() - make a reserved range usable
 * @addr: start, page-aligned
 * @size: bytes
 *
 * Return: 0, or -ENOMEM when the system refuses to promise the memory.
 */
int os_commit(void *addr, size_t size)
{
	long ret;

	if (os_is_provided())
		return provider_commit(addr, size) ? 0 : -ENOMEM;
	ret = os_call(SYS_mprotect, addr, size, PROT_READ | PROT_WRITE, 0, 0);
	return syscall_failed(ret) ? -ENOMEM : 0;
}

/**
 * os_guard() - make a committed range inaccessible, until os_commit()
 * @addr: start, page-aligned
 * @size: bytes
 *
 * Return: 0, or -ENOMEM (too many mappings): the range is then unchanged.
 */
int os_guard(void *addr, size_t size)
{
	if (os_is_provided())
		return -ENOMEM;
	return syscall_failed(
		       os_call(SYS_mprotect, addr, size, PROT_NONE, 0, 0)) ?
		       -ENOMEM :
		       0;
}

/**
 * os_decommit() - give back pages and commit charge, keep the addresses
 * @addr: start, page-aligned
 * @size: bytes
 *
 * Return: 0, or -ENOMEM (too many mappings): the range is then unchanged.
 */
int os_decommit(void *addr, size_t size)
{
	void *p;

	if (os_is_provided())
		return provider_does(provider.decommit, addr, size) ? 0 :
								      -ENOMEM;
	p = os_mmap(addr, size, PROT_NONE, RESERVE_FLAGS | MAP_FIXED);
	if (!p)
		return -ENOMEM;
	if (IS_ENABLED(CONFIG_HZ3_THP_NEVER))
		/* The same flags as its neighbours, so that they merge. */
		(void)os_call(SYS_madvise, addr, size, MADV_NOHUGEPAGE, 0, 0);
	return 0;
}

/**
 * os_purge() - give back the pages of a range that stays usable
 * @addr: start, page-aligned
 * @size: bytes
 *
 * Return: 1 when the range now reads as zero, 0 when its contents are
 * undefined (MADV_FREE), -ENOMEM when refused and nothing changed.
 */
int os_purge(void *addr, size_t size)
{
	if (os_is_provided())
		return provider_does(provider.purge, addr, size) ? 1 : -ENOMEM;
	if (IS_ENABLED(CONFIG_HZ3_PURGE_FREE) &&
	    !syscall_failed(os_call(SYS_madvise, addr, size, MADV_FREE, 0, 0)))
		return 0;
	if (syscall_failed(
		    os_call(SYS_madvise, addr, size, MADV_DONTNEED, 0, 0)))
		return -ENOMEM;
	return 1;
}

/**
 * os_map() - readable and writable zero pages for our own records
 * @size: bytes, rounded up to pages
 *
 * Return: the pages, or NULL.
 */
void *os_map(size_t size)
{
	size = ALIGN_UP(size, os_page_size);
	store_relaxed(&is_used, true);
	if (os_is_provided())
		return provider_map(size);
	return os_mmap(NULL, size, PROT_READ | PROT_WRITE, RESERVE_FLAGS);
}

/**
 * os_map_readonly() - a range of zeros that costs nothing until committed
 * @size: bytes, rounded up to pages
 *
 * Return: the range, or NULL.
 */
void *os_map_readonly(size_t size)
{
	if (os_is_provided())
		return os_map(size);
	return os_mmap(NULL, ALIGN_UP(size, os_page_size), PROT_READ,
		       RESERVE_FLAGS);
}

/**
 * os_unmap() - give back address space
 * @addr: start, page-aligned
 * @size: bytes
 *
 * When the kernel refuses (it may have to split a mapping, and there is a
 * limit on those) the range stays reserved: address space is lost, not memory.
 */
void os_unmap(void *addr, size_t size)
{
	if (os_is_provided()) {
		if (provider.release)
			provider.release(provider.arg, addr, size);
		return;
	}
	if (syscall_failed(os_call(SYS_munmap, addr, size, 0, 0, 0)))
		(void)os_call(SYS_madvise, addr, size, MADV_DONTNEED, 0, 0);
}

static long remap(const void *from, size_t size, int flags, const void *to)
{
	return os_call(SYS_mremap, from, size, (long)size, flags, (long)to);
}

static bool page_is_zero(const u64 *word)
{
	size_t n = os_page_size / sizeof(*word);
	size_t i;

	for (i = 0; i < n && !word[i]; i++)
		;
	return i == n;
}

/* What was never touched stays so, in a block of any size. */
static void copy_back(u8 *to, const u8 *from, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += os_page_size)
		if (!page_is_zero((const u64 *)(from + i)))
			__builtin_memcpy(to + i, from + i, os_page_size);
}

/**
 * os_move() - move pages to another committed range without copying
 * @from: start, page-aligned; afterwards committed and zero
 * @size: bytes
 * @to: destination, page-aligned, @size committed bytes of ours
 *
 * In two steps. The first, to wherever the kernel likes, fails cleanly: when
 * the program has split the range by an madvise() or mprotect() of its own, or
 * before Linux 5.7 (MREMAP_DONTUNMAP, without which there would be a hole that
 * somebody else's mmap() can take). The second may fail before it has unmapped
 * the destination (the first one's mapping was the last there may be) or after
 * that, and nobody can tell which. Nor can the pages go back as they came: that
 * may fail in the same two ways. But @from is still there: they are copied.
 *
 * Return: 0; -ENOMEM with both ranges unchanged: copy instead; -EFAULT with
 * @from unchanged and @to lost: there may be nothing any more.
 */
int os_move(void *from, size_t size, void *to)
{
	long tmp;

	if (os_is_provided())
		return -ENOMEM;
	tmp = remap(from, size, MREMAP_MAYMOVE | REMAP_DONTUNMAP, NULL);
	if (syscall_failed(tmp))
		return -ENOMEM;
	if (!syscall_failed(remap((void *)tmp, size,
				  MREMAP_MAYMOVE | MREMAP_FIXED, to)))
		return 0;
	copy_back(from, (const u8 *)tmp, size);
	os_unmap((void *)tmp, size);
	return -EFAULT;
}
