#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Partial interposition mixes two heaps: every name the C library has for its
# allocator, and every name we export, must come from us (TESTING.md class 9).
# selftest: needs=SHARED_LIB,HZ3_OVERRIDE_LIBC timeout=30

. "$(dirname "$0")/lib.sh"

cat >"$work/exporter.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 2; i < argc; i++) {
		void *p = dlsym(RTLD_DEFAULT, argv[i]);
		Dl_info info = { 0 };

		if (p && dladdr(p, &info) && strstr(info.dli_fname, argv[1]))
			continue;
		printf("%s comes from %s\n", argv[i],
		       p ? info.dli_fname : "nowhere");
		bad = 1;
	}
	return bad;
}
END
# shellcheck disable=SC2086
$CC -D_GNU_SOURCE -o "$work/exporter" "$work/exporter.c" -ldl

family='malloc free calloc realloc reallocarray aligned_alloc posix_memalign
	memalign valloc pvalloc malloc_usable_size malloc_trim mallinfo
	mallinfo2 mallopt malloc_stats malloc_info __libc_malloc __libc_free
	__libc_calloc __libc_realloc __libc_memalign __libc_valloc
	__libc_pvalloc free_sized free_aligned_sized cfree
	__posix_memalign
	hz3_version hz3_config hz3_malloc hz3_calloc hz3_realloc hz3_free
	hz3_aligned_alloc hz3_usable_size hz3_zalloc hz3_rezalloc hz3_good_size
	hz3_alloc_at_least hz3_expand hz3_alloc_bulk hz3_free_bulk
	hz3_free_sized hz3_free_aligned_sized hz3_owns hz3_block_of
	hz3_heap_create hz3_heap_destroy hz3_heap_reset hz3_heap_malloc
	hz3_heap_calloc hz3_heap_realloc hz3_heap_aligned_alloc
	hz3_heap_set_limit hz3_heap_of hz3_heap_get_stats hz3_heap_walk
	hz3_purge_all'
cxx='_Znwm _Znam _ZnwmRKSt9nothrow_t _ZnamRKSt9nothrow_t
	_ZnwmSt11align_val_t _ZnamSt11align_val_t
	_ZnwmSt11align_val_tRKSt9nothrow_t _ZnamSt11align_val_tRKSt9nothrow_t
	_ZdlPv _ZdaPv _ZdlPvm _ZdaPvm _ZdlPvRKSt9nothrow_t
	_ZdaPvRKSt9nothrow_t _ZdlPvSt11align_val_t _ZdaPvSt11align_val_t
	_ZdlPvmSt11align_val_t _ZdaPvmSt11align_val_t
	_ZdlPvSt11align_val_tRKSt9nothrow_t
	_ZdaPvSt11align_val_tRKSt9nothrow_t'
cfg HZ3_CXX_OPERATORS || cxx=
exported=$(nm -D --defined-only "$lib" | awk '$2 ~ /[TWiV]/ { print $3 }' |
	sed 's/@.*//')
[ -n "$exported" ] || fail "exports nothing"

# shellcheck disable=SC2086  # lists
preloaded "$work/exporter" libhakozuna_hz3 $family $cxx $exported ||
	fail "not ours, see above"

# And nothing that is not in those families may leak out.
for name in $exported; do
	# shellcheck disable=SC2086,SC2116  # blanks for line ends
	case " $(echo $family $cxx) " in
	*" $name "*) ;;
	*)	case $name in
		hz3_* | __libc_*) ;;
		*) fail "exports $name" ;;
		esac ;;
	esac
done
exit 0
