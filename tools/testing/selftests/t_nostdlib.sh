#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The library without a C library: no name is missing but those that compilers
# ask of every program, and one that has nothing else works, with a region of
# its own and with memory from the kernel.
# selftest: needs=STATIC_LIB,!HZ3_LIBC timeout=60

. "$(dirname "$0")/lib.sh"

dir=$work/nostdlib
mkdir -p "$dir"
cross=
native || cross=$(cat "$OBJTREE/.arch")-linux-gnu-
"${cross}nm" -u "$OBJTREE/hz3.o" >"$dir/missing"
# the linker makes the table, and the program may have the function
if grep -v -E -x ' *(U mem(cpy|set|move|cmp)|U _GLOBAL_OFFSET_TABLE_|w hz3_setup)' \
	"$dir/missing"; then
	fail 'hz3.o refers to more than it may'
fi

cat >"$dir/program.c" <<'END'
#include <hz3/embed.h>
#include <hz3/hz3.h>

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\tcall start\n");
#define EXIT "mov %0, %%edi\n\tmov $231, %%eax\n\tsyscall"
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tbl start\n");
#define EXIT "mov w0, %w0\n\tmov x8, 94\n\tsvc 0"
#else
__asm__(".globl _start\n_start:\n\t.option push\n\t.option norelax\n"
	"\tla gp, __global_pointer$\n\t.option pop\n\tcall start\n");
#define EXIT "mv a0, %0\n\tli a7, 94\n\tecall"
#endif

static void leave(int status)
{
	for (;;)
		__asm__ volatile(EXIT : : "r"(status) : "memory");
}

void *memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((char *)to)[i] = ((const char *)from)[i];
	return to;
}

void *memset(void *to, int c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((char *)to)[i] = (char)c;
	return to;
}

/* The line is the exit status, and must not look like success: see below. */
#define MUST(cond)                       \
	do {                             \
		if (!(cond))             \
			leave(__LINE__); \
	} while (0)

#define NR 2000
static char *block[NR];

static size_t used(void)
{
	struct hz3_stats stats = { .size = sizeof(stats) };

	hz3_get_stats(&stats);
	return stats.used_bytes;
}

static void allocate(struct hz3_context *context)
{
	for (size_t i = 0; i < NR; i++) {
		block[i] = context ? hz3_context_malloc(context, i + 1) :
				     hz3_malloc(i + 1);
		MUST(block[i]);
		memset(block[i], (int)i, i + 1);
	}
	for (size_t i = 0; i < NR; i++) {
		MUST(block[i][i] == (char)i);
		/* either may free it */
		if (context && i % 2)
			hz3_context_free(context, block[i]);
		else
			hz3_free(block[i]);
	}
}

static void use_heap(void)
{
	struct hz3_heap *heap = hz3_heap_create();

	MUST(heap);
	for (size_t i = 0; i < NR; i++) {
		char *p = hz3_heap_malloc(heap, i);

		MUST(p && hz3_heap_of(p) == heap);
		if (i % 3 == 0)
			hz3_free(p);
	}
	MUST(hz3_heap_calloc(heap, 1000, 1000));
	hz3_heap_destroy(heap);
}

/* Sizes of spans, of runs of granules and of whole segments. */
static const size_t sizes[] = { 1, 100, 5000, 40000, 300000, 1500000 };
#define NR_SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void use_sizes(void)
{
	for (size_t i = 0; i < NR_SIZES; i++) {
		size_t size = sizes[i];
		char *p = hz3_calloc(1, size);

		MUST(p && hz3_usable_size(p) >= size);
		for (size_t j = 0; j < size; j++)
			MUST(!p[j]);
		memset(p, 7, size);
		p = hz3_realloc(p, 3 * size);
		MUST(p);
		for (size_t j = 0; j < size; j++)
			MUST(p[j] == 7);
		memset(p + size, 8, 2 * size);
		p = hz3_realloc(p, size);
		MUST(p && p[0] == 7 && p[size - 1] == 7);
		hz3_free(p);
	}
}

static void use_aligned(void)
{
	for (size_t align = 16; align <= 1 << 20; align *= 4) {
		for (size_t i = 0; i < NR_SIZES; i++) {
			block[i] = hz3_aligned_alloc(align, sizes[i]);
			MUST(block[i] && (size_t)block[i] % align == 0);
			memset(block[i], (int)i, sizes[i]);
		}
		for (size_t i = 0; i < NR_SIZES; i++) {
			MUST(block[i][0] == (char)i);
			MUST(block[i][sizes[i] - 1] == (char)i);
			hz3_free(block[i]);
		}
	}
}

static void use_large(void)
{
	char *p = hz3_calloc(1, 3000000);

	MUST(p && !p[0] && !p[2999999]);
	p[0] = 1;
	p = hz3_realloc(p, 5000000);
	MUST(p && p[0] == 1);
	hz3_free(p);
	MUST(!hz3_malloc((size_t)1 << 60));
}

#ifdef REGION
static char region[64 << 20];
#endif

void start(void)
{
	struct hz3_context *context;

#ifdef REGION
	MUST(!hz3_set_page_region(region, sizeof(region)));
#endif
	/* No constructor has run: options need none. */
	MUST(!hz3_option_set("decay_ms", "0"));
	MUST(hz3_option_set("no_such_option", "0"));
	allocate(NULL);
#ifdef REGION
	block[0] = hz3_malloc(1);
	MUST(block[0] >= region && block[0] < region + sizeof(region));
	hz3_free(block[0]);
#endif
	context = hz3_context_create();
	MUST(context);
	allocate(context);
	use_heap();
	use_sizes();
	use_aligned();
	use_large();
	hz3_context_destroy(context);
	hz3_purge_all();
	MUST(!used());
	leave(0);
}
_Static_assert(__LINE__ < 256, "an exit status is one byte");
END
for from in REGION KERNEL; do
	# shellcheck disable=SC2086  # a compiler and its flags
	$CC -std=gnu11 -O1 -Wall -Wextra -Werror -ffreestanding \
		-fno-stack-protector -D$from -I "$top/include/uapi" \
		-nostdlib -static -o "$dir/$from" "$dir/program.c" \
		"$OBJTREE/libhakozuna_hz3.a"
	plain "$dir/$from" || fail "$from: exit status $?"
done
