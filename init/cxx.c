// SPDX-License-Identifier: MIT
/*
 * The C++ operators new and delete, by their mangled names.
 *
 * Written in C, so that a program without C++ needs no C++ library: what we
 * want of that is looked for with weak references. A program that calls
 * operator new has a C++ library, and that has them.
 *
 * new asks again as long as there is a new-handler and it returns; then it
 * throws std::bad_alloc through our frames (hence -fexceptions), or returns
 * NULL in the nothrow forms.
 */
#include <hz3/align.h>
#include <hz3/bug.h>
#include <hz3/shard/cache.h>

#include "internal.h"
#include "libc.h"

typedef void (*new_handler)(void);

/* std::get_new_handler(), std::__throw_bad_alloc() */
new_handler _ZSt15get_new_handlerv(void) __weak;
void __noreturn _ZSt17__throw_bad_allocv(void) __weak;
/* The C++ ABI, and std::bad_alloc: vtable, type, destructor. */
void *__cxa_allocate_exception(size_t size) __weak;
void __noreturn __cxa_throw(void *object, void *type, void (*destroy)(void *))
	__weak;
extern void *_ZTVSt9bad_alloc[] __weak;
extern char _ZTISt9bad_alloc[] __weak;
void _ZNSt9bad_allocD1Ev(void *object) __weak;

/*
 * A program in C that loads C++ at run time (an interpreter's extension) has
 * no C++ library yet when our references are bound.
 */
#define LATE_LIBRARY "libstdc++.so.6"

/*
 * libc++ has no std::__throw_bad_alloc(), and a static program may not have
 * linked it: then build the exception by hand. The object is its vtable
 * pointer, which skips the vtable's first two words.
 */
static void __noreturn throw_bad_alloc(void)
{
	void **object;
	void (*late)(void);

	if (_ZSt17__throw_bad_allocv)
		_ZSt17__throw_bad_allocv();
	if (__cxa_allocate_exception && __cxa_throw && _ZNSt9bad_allocD1Ev) {
		object = __cxa_allocate_exception(sizeof(*object));
		*object = &_ZTVSt9bad_alloc[2];
		__cxa_throw(object, _ZTISt9bad_alloc, _ZNSt9bad_allocD1Ev);
	}
	late = libc_loaded_symbol(LATE_LIBRARY, "_ZSt17__throw_bad_allocv");
	if (late)
		late();
	hz3_fatal("operator new: out of memory, and no std::bad_alloc", NULL);
}

static new_handler handler(void)
{
	new_handler (*late)(void);

	if (_ZSt15get_new_handlerv)
		return _ZSt15get_new_handlerv();
	late = libc_loaded_symbol(LATE_LIBRARY, "_ZSt15get_new_handlerv");
	return late ? late() : NULL;
}

static void *try_new(size_t size, size_t align)
{
	return align ? heap_memalign(align, size) : heap_malloc_slow(size);
}

/*
 * No memory at the first try: ask the new-handler and try again, until there
 * is a block, or no handler any more. @align 0: none was asked for.
 */
static void *__cold new_retry(size_t size, size_t align)
{
	new_handler call;
	void *ptr = NULL;

	while (!ptr && (call = handler())) {
		call();
		ptr = try_new(size, align);
	}
	return ptr;
}

static void *__cold new_failed(size_t size, size_t align)
{
	void *ptr = new_retry(size, align);

	if (!ptr)
		throw_bad_alloc();
	return ptr;
}

/* operator new when the magazine is empty; throws std::bad_alloc. */
static __noinline void *new_slow(size_t size)
{
	void *ptr = heap_malloc_slow(size);

	return likely(ptr) ? ptr : new_failed(size, 0);
}

/*
 * The nothrow forms: a new-handler may throw, which must end here as NULL. C
 * cannot catch, so with a handler the whole of it is left to the C++ library's
 * own form, which calls our throwing one. Where there is none (in a static
 * program) such an exception ends the program.
 */
static void *__cold nothrow_failed(size_t size, const void *tag)
{
	void *(*next)(size_t size, const void *tag);

	if (!handler())
		return NULL;
	next = libc_next_symbol("_ZnwmRKSt9nothrow_t");
	return next ? next(size, tag) : new_retry(size, 0);
}

static void *__cold nothrow_aligned_failed(size_t size, size_t align,
					   const void *tag)
{
	void *(*next)(size_t size, size_t align, const void *tag);

	if (!handler())
		return NULL;
	next = libc_next_symbol("_ZnwmSt11align_val_tRKSt9nothrow_t");
	return next ? next(size, align, tag) : new_retry(size, align);
}

/* std::align_val_t is an enum in C++ and a size_t to the machine. */
void *_Znwm(size_t size) __public;
void *_ZnwmRKSt9nothrow_t(size_t size, const void *tag) __public;
void *_ZnwmSt11align_val_t(size_t size, size_t align) __public;
void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, size_t align,
					 const void *tag) __public;
void _ZdlPv(void *ptr) __public;
void _ZdlPvRKSt9nothrow_t(void *ptr, const void *tag) __public;
void _ZdlPvm(void *ptr, size_t size) __public;
void _ZdlPvSt11align_val_t(void *ptr, size_t align) __public;
void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *ptr, size_t align,
					 const void *tag) __public;
void _ZdlPvmSt11align_val_t(void *ptr, size_t size, size_t align) __public;

/**
 * _Znwm() - operator new(std::size_t)
 * @size: bytes
 *
 * Return: the block; throws std::bad_alloc.
 */
void *_Znwm(size_t size)
{
	return heap_malloc(size, new_slow);
}
libc_alias(_Znam, _Znwm);

/**
 * _ZnwmRKSt9nothrow_t() - operator new(std::size_t, const std::nothrow_t &)
 * @size: bytes
 * @tag: std::nothrow
 *
 * Return: the block, or NULL.
 */
void *_ZnwmRKSt9nothrow_t(size_t size, const void *tag)
{
	void *ptr = hz3_malloc(size);

	return likely(ptr) ? ptr : nothrow_failed(size, tag);
}
libc_alias(_ZnamRKSt9nothrow_t, _ZnwmRKSt9nothrow_t);

/**
 * _ZnwmSt11align_val_t() - operator new(std::size_t, std::align_val_t)
 * @size: bytes
 * @align: a power of two
 *
 * Return: the block; throws std::bad_alloc.
 */
void *_ZnwmSt11align_val_t(size_t size, size_t align)
{
	void *ptr;

	if (unlikely(!is_power_of_2(align)))
		throw_bad_alloc();
	ptr = heap_memalign(align, size);
	return likely(ptr) ? ptr : new_failed(size, align);
}
libc_alias(_ZnamSt11align_val_t, _ZnwmSt11align_val_t);

/**
 * _ZnwmSt11align_val_tRKSt9nothrow_t() - the aligned operator new, nothrow
 * @size: bytes
 * @align: a power of two
 * @tag: std::nothrow
 *
 * Return: the block, or NULL.
 */
void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, size_t align,
					 const void *tag)
{
	void *ptr;

	if (unlikely(!is_power_of_2(align)))
		return NULL;
	ptr = heap_memalign(align, size);
	return likely(ptr) ? ptr : nothrow_aligned_failed(size, align, tag);
}
libc_alias(_ZnamSt11align_val_tRKSt9nothrow_t,
	   _ZnwmSt11align_val_tRKSt9nothrow_t);

/**
 * _ZdlPv() - operator delete(void *)
 * @ptr: a block of operator new, or NULL
 */
void _ZdlPv(void *ptr)
{
	heap_free(ptr);
}
libc_alias(_ZdaPv, _ZdlPv);

/**
 * _ZdlPvRKSt9nothrow_t() - operator delete(void *, const std::nothrow_t &)
 * @ptr: a block of operator new, or NULL
 * @tag: std::nothrow
 */
void _ZdlPvRKSt9nothrow_t(void *ptr, const void *tag)
{
	(void)tag;
	heap_free(ptr);
}
libc_alias(_ZdaPvRKSt9nothrow_t, _ZdlPvRKSt9nothrow_t);

/**
 * _ZdlPvm() - operator delete(void *, std::size_t)
 * @ptr: a block of operator new, or NULL
 * @size: the size it was allocated with; checked in debug builds
 */
void _ZdlPvm(void *ptr, size_t size)
{
	if (IS_ENABLED(CONFIG_HZ3_DEBUG) && ptr)
		heap_check_size(ptr, size, 0);
	heap_free(ptr);
}
libc_alias(_ZdaPvm, _ZdlPvm);

/**
 * _ZdlPvSt11align_val_t() - operator delete(void *, std::align_val_t)
 * @ptr: a block of operator new, or NULL
 * @align: the alignment it was allocated with
 */
void _ZdlPvSt11align_val_t(void *ptr, size_t align)
{
	(void)align;
	heap_free(ptr);
}
libc_alias(_ZdaPvSt11align_val_t, _ZdlPvSt11align_val_t);

/**
 * _ZdlPvSt11align_val_tRKSt9nothrow_t() - the aligned delete, nothrow
 * @ptr: a block of operator new, or NULL
 * @align: the alignment it was allocated with
 * @tag: std::nothrow
 */
void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *ptr, size_t align,
					 const void *tag)
{
	(void)align;
	(void)tag;
	heap_free(ptr);
}
libc_alias(_ZdaPvSt11align_val_tRKSt9nothrow_t,
	   _ZdlPvSt11align_val_tRKSt9nothrow_t);

/**
 * _ZdlPvmSt11align_val_t() - the aligned delete with a size
 * @ptr: a block of operator new, or NULL
 * @size: the size it was allocated with; checked in debug builds
 * @align: the alignment it was allocated with; checked in debug builds
 */
void _ZdlPvmSt11align_val_t(void *ptr, size_t size, size_t align)
{
	if (IS_ENABLED(CONFIG_HZ3_DEBUG) && ptr)
		heap_check_size(ptr, size, align);
	heap_free(ptr);
}
libc_alias(_ZdaPvmSt11align_val_t, _ZdlPvmSt11align_val_t);
