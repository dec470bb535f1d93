#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Usage: selftest-checks.sh
#
# A check that cannot fail is worth nothing.  This copies the sources, plants
# bugs there, runs each check and demands that it fails and names every one.

. "$(dirname "$0")/check-common.sh"

tree=$tmp/tree
nr=0
missed=0

# copy: a fresh copy of the sources
copy()
{
	rm -rf "$tree"
	mkdir "$tree"
	for file in Kconfig Makefile arch include $code_dirs scripts tools \
		    .clang-format; do
		[ ! -e "$file" ] || cp -R "$file" "$tree"
	done
	rm -rf "$tree/include/generated" "$tree/include/config"
}

# plant FILE: append stdin to a file of the copy
plant()
{
	mkdir -p "$(dirname "$tree/$1")"
	cat >>"$tree/$1"
}

# expect COMMAND TEXT...: it must fail, and print each TEXT
expect()
{
	command=$1
	shift
	status=0
	# shellcheck disable=SC2086  # a script and its arguments
	(cd "$tree" && exec sh $command) >"$tmp/output" 2>&1 || status=$?
	nr=$((nr + 1))
	if [ "$status" -ne 1 ]; then
		echo "$command: status $status with bugs planted" >&2
		cat "$tmp/output" >&2
		missed=$((missed + 1))
	fi
	for text; do
		nr=$((nr + 1))
		grep -q -F -e "$text" "$tmp/output" && continue
		echo "$command: does not say \"$text\"" >&2
		missed=$((missed + 1))
	done
}

# expect_not PATTERN: the last run must not have said it
expect_not()
{
	nr=$((nr + 1))
	if grep -e "$1" "$tmp/output"; then
		echo "$command: complains about good code" >&2
		missed=$((missed + 1))
	fi
}

test_layers()
{
	copy
	plant mm/planted.c <<-'END'
		#include <hz3/shard/heap.h>
		#include <sys/mman.h>
		#include "../init/libc.h"
		/* #include <hz3/shard/comment.h> is not an include */
		extern void shard_of(void *ptr);
	END
	plant remote/planted.c <<-'END'
		#include <hz3/mm/os.h>
		#include <pthread.h>
		#include <asm/atomic.h>
		#include <hz3/hz3.h>
	END
	plant include/hz3/planted.h <<-'END'
		#include <hz3/mm/os.h>
	END
	plant include/hz3/lib/planted.h <<-'END'
		#include <hz3/init/libc.h>
	END
	plant include/uapi/hz3/hz3.h <<-'END'
		#ifdef CONFIG_PLANTED
		#endif
	END
	expect scripts/checklayers.sh \
		'mm/planted.c:1: mm/ may not include <hz3/shard/heap.h>' \
		'mm/planted.c:2: mm/ may not include <sys/mman.h>' \
		'mm/planted.c:3: "../"' \
		'mm/planted.c:5: extern' \
		'remote/planted.c:1: remote/ may not include <hz3/mm/os.h>' \
		'remote/planted.c:2: remote/ may not include <pthread.h>' \
		'remote/planted.c:3: remote/ may not include <asm/atomic.h>' \
		'remote/planted.c:4: remote/ may not include <hz3/hz3.h>' \
		'include/hz3/planted.h:1: include/hz3/ may not' \
		'include/hz3/lib/planted.h:1: lib/ may not' \
		'CONFIG_ in an installed header'
	expect_not 'comment.h'
}

test_headers()
{
	copy
	plant include/hz3/mm/planted.h <<-'END'
		struct planted {
			u32 undeclared;
		};
	END
	plant include/uapi/hz3/planted.h <<-'END'
		static inline int planted(int class) { return class; }
	END
	plant include/uapi/hz3/pedantic.h <<-'END'
		struct pedantic { int array[0]; };
	END
	expect scripts/headercheck.sh \
		'include/hz3/mm/planted.h: does not compile alone' \
		'include/uapi/hz3/planted.h (-std=c++11): does not' \
		'include/uapi/hz3/pedantic.h (-std=c11): does not'
}

test_kconfig()
{
	copy
	cat >"$tmp/planted-kconfig" <<-'END'

		config PLANTED_INT
			int "Planted"
			depends on PLANTED_TYPO
			default 7
			help
			  One line.

		config PLANTED_RANGE
			int
			range 1 5
			default 9

		config PLANTED_LOOP
			bool "Planted"
			default y
			depends on PLANTED_POOL

		config PLANTED_POOL
			bool "Planted"
			default y
			depends on PLANTED_LOOP
	END
	plant mm/Kconfig <"$tmp/planted-kconfig"
	plant mm/planted.c <<-'END'
		int planted = CONFIG_PLANTED_CODE; /* CONFIG_PLANTED_COMMENT */
		int range = CONFIG_PLANTED_RANGE;
	END
	plant tools/testing/configs/planted.config <<-'END'
		CONFIG_PLANTED_FRAGMENT=y
	END
	plant "arch/$SRCARCH/configs/scale_defconfig" <<-'END'
		CONFIG_PLANTED_DEFCONFIG=y
	END
	expect scripts/checkkconfig.sh \
		'recursive dependency' \
		'scale_defconfig: is not what savedefconfig writes' \
		'PLANTED_TYPO is not defined anywhere' \
		'PLANTED_INT: a number without a range' \
		'PLANTED_INT: help of fewer than two lines' \
		'PLANTED_INT: no code or Makefile uses' \
		'PLANTED_RANGE: default 9 is outside 1..5' \
		'PLANTED_RANGE: no static_assert()' \
		'CONFIG_PLANTED_CODE is in no Kconfig' \
		'CONFIG_PLANTED_FRAGMENT is not defined' \
		'CONFIG_PLANTED_DEFCONFIG is not defined'
	expect_not PLANTED_COMMENT
}

test_style()
{
	copy
	{
		cat <<-'END'
			int planted_licence;
			/* a line that is longer than eighty columns, which is more than this house will take */
			int planted_blanks;@
			static int __attribute__((unused)) planted_attribute;
			static volatile int planted_volatile;
			#ifdef CONFIG_A
			#endif
			#if defined(CONFIG_B)
			#endif
			#ifndef CONFIG_C
			#endif
			int planted_undocumented(int *p)
			{
				int a = load_acquire(p);


				store_relaxed(p, 0);

				return a;
			}
		END
		echo
		echo 'static void planted_long(void)'
		echo '{'
		yes '	planted();' | head -n 79
		echo '}'
		yes '' | head -n 400
	} | tr @ ' ' | plant mm/planted.c
	plant mm/commented.c <<-'END'
		// SPDX-License-Identifier: MIT
		/**
		 * commented() - a function as it should be
		 */
		int commented(int *p)
		{
			/* (A) pairs with (B) */
			return load_acquire(p);
		}
	END
	plant scripts/planted.sh <<-'END'
		#!/bin/sh
		echo $1
	END
	expect scripts/checkstyle.sh \
		'mm/planted.c:1: line 1 is not the SPDX line' \
		'mm/planted.c:2: 88 columns' \
		'mm/planted.c:3: blanks at the end' \
		'mm/planted.c:4: __attribute__' \
		'mm/planted.c:5: raw atomics' \
		'mm/planted.c:1: 3 conditionals' \
		'planted_undocumented(): no kernel-doc' \
		'mm/planted.c:14: ordered access' \
		'planted_long(): 82 lines' \
		'a file of 500 lines or more' \
		'scripts/planted.sh:1: no SPDX' \
		'SC2086'
	expect_not 'mm/commented.c'
}

test_format()
{
	copy
	plant mm/planted.c <<-'END'
		int planted( int a ){ return a; }
	END
	expect scripts/format-check.sh 'mm/planted.c:1:'
}

test_context()
{
	copy
	plant mm/planted.c <<-'END'
		#include <hz3/lock.h>
		struct box {
			struct lock a;
			struct lock b;
		};
		static void needs(struct box *x) __must_hold(&x->a);
		static void needs(struct box *x)
		{
			(void)x;
		}
		void planted_held(struct box *x)
		{
			lock_acquire(&x->a);
		}
		void planted_other(struct box *x)
		{
			lock_acquire(&x->a);
			lock_release(&x->b);
		}
		void planted_call(struct box *x)
		{
			needs(x);
		}
		void planted_twice(struct box *x)
		{
			lock_acquire(&x->a);
			lock_acquire(&x->a);
			lock_release(&x->a);
		}
		int planted_try(struct box *x)
		{
			if (lock_try(&x->a))
				return 1;
			return 0;
		}
		int good_try(struct box *x)
		{
			if (!lock_try(&x->a))
				return 0;
			needs(x);
			lock_release(&x->a);
			return 1;
		}
	END
	expect 'scripts/context-analysis.sh mm/planted.c' \
		'mm/planted.c:14:1: error:' \
		"mm/planted.c:18:1: error: releasing lock 'x->b'" \
		"mm/planted.c:22:1: error: calling function 'needs'" \
		"mm/planted.c:27:1: error: acquiring lock 'x->a' that is" \
		'mm/planted.c:35:1: error:'
	expect_not 'planted.c:\(3[6-9]\|4[0-9]\)'
}

# The annotations as sparse reads them; "make C=2" runs it on the real files.
test_sparse()
{
	need sparse sparse
	copy
	plant mm/planted.c <<-'END'
		#include <hz3/lock.h>
		static int deref(int __remote *p)
		{
			return *p;
		}
		static int *mix(int __remote *p)
		{
			return p;
		}
		static void held(struct lock *l)
		{
			lock_acquire(l);
		}
		static bool good(struct lock *l, int __remote *p)
		{
			if (!lock_try(l))
				return false;
			lock_release(l);
			return p;
		}
		void all(struct lock *l, int __remote *p);
		void all(struct lock *l, int __remote *p)
		{
			deref(p);
			mix(p);
			held(l);
			good(l, p);
		}
	END
	sparse_tree=$(configured_tree "$SRCARCH")
	echo "sparse -Wsparse-error -Wcontext -Wbitwise" \
		"$(cpp_flags "$SRCARCH" "$sparse_tree") mm/planted.c" \
		>"$tree/planted-sparse.sh"
	expect planted-sparse.sh \
		'dereference of noderef expression' \
		'incorrect type in return expression' \
		"context imbalance in 'held'"
	expect_not "'good'"
}

test_cocci()
{
	copy
	plant mm/planted.c <<-'END'
		int planted(int *p)
		{
			return *(int *)malloc(4);
		}

		int planted_invisible(int *p)
		{
			_Alignas(64) int x = (int)malloc(4);

			return x;
		}
	END
	echo 'libc/alloc mm/planted.c nobody' |
		plant scripts/coccinelle/allow.txt
	expect scripts/coccicheck \
		'mm/planted.c:3: malloc() may allocate' \
		'mm/planted.c:6: planted_invisible() is invisible' \
		'not needed any more: libc/alloc mm/planted.c nobody'

	# every patch finds its bugs, and would be missed if it did not
	nr=$((nr + 1))
	(cd "$tree" && sh scripts/coccicheck --selftest) || {
		echo "coccicheck --selftest: failed" >&2
		missed=$((missed + 1))
	}
	sed -i 's/lock_acquire@p1/lock_nothing@p1/' \
		"$tree/scripts/coccinelle/locks/double_lock.cocci"
	expect 'scripts/coccicheck --selftest' \
		'-double_lock.c:8: &s->lock is already held'
}

test_layers
test_headers
test_kconfig
test_style
test_format
test_context
test_sparse
test_cocci
verdict "$missed" "$nr demands met"
