#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make check: everything that can be tested here, for both lanes; in a tree for
# another architecture everything that concerns its own configuration.
#
#   check.sh            all steps
#   T=WORD check.sh     the steps whose name contains WORD, as in make check
#                       T=stress; builds that they need are made as well
#   KEEP=1 check.sh     leave the object trees and the logs
#   STEP_SECONDS=N      a step that takes longer is ended and has failed (480)
#
# The table at the end of this file is the list of steps. Each runs in object
# trees under one temporary folder and writes a log there. A step whose log has
# lines `N passed, N failed` counts as those many tests, any other as one; `N
# skipped` is what does not apply here. At the end what failed is said once
# more, with what it said; the last line is the sum, and the exit status is 1
# when something failed.

# the Makefile may start us with another shell
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"

set -u

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/tempfiles.sh"
only=${T-}
keep=${KEEP-}
step_seconds=${STEP_SECONDS:-480}
running=
jobs=$(nproc)
passed=0
failed=0
skipped=0
declare -A vars

# A tree for another machine is tested as it is; CC may bring its target along.
if [ "${SRCARCH:-$(uname -m)}" != "$(uname -m)" ]; then
	cross_tree=${objtree:?}
	vars[own]="ARCH=$SRCARCH CC=${CC%% *} W="
	vars[own]+=" CROSS_COMPILE=${CROSS_COMPILE-}"
fi

# What the outer make exported belongs to it, not to the steps.
unset T SECS SEED CC SRCARCH RUNNER srctree objtree O ARCH CROSS_COMPILE
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS
export LC_ALL=C

# --- how steps run

# Adds up the `N passed, N failed` and the `N skipped` lines of a log.
count()
{
	awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3 }
		/^[0-9]+ skipped$/ { s += $1 }
		END { printf "%d %d %d\n", p, f, s }' "$1"
}

verdict()
{
	local name=$1 status=$2 log=$3 p f s also=

	read -r p f s < <(count "$log")
	if [ $((p + f + s)) -eq 0 ]; then
		[ "$status" -ne 0 ] || p=1
	fi
	# whoever fails and counts nothing as failed broke down
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	[ "$s" -eq 0 ] || also=", $s skipped"
	if [ "$f" -eq 0 ]; then
		printf 'ok %s # %d passed%s, %d s\n' "$name" "$p" "$also" "$4"
		return
	fi
	{
		echo "failed: $name"
		grep -E 'error:|undefined reference|^ *not ok|\*\*\* ' \
			-A 3 "$log" | head -n 30
	} | cut -c1-200 | sed 's/^/# /' >> "$work/failures"
	tail -n 30 "$log" | cut -c1-200 | sed 's/^/# /'
	printf 'not ok %s # %d passed, %d failed%s, %d s\n' "$name" "$p" "$f" \
		"$also" "$4"
}

# end_group PID: a process group, whatever it is at
end_group()
{
	kill -TERM -- "-$1" 2> /dev/null && sleep 2
	kill -KILL -- "-$1" 2> /dev/null
}

# limited COMMAND...: in a process group of its own, which is ended when the
# step takes too long: a hang must fail and let the others run.
limited()
{
	local status=0 watch

	set -m
	"$@" < /dev/null &
	running=$!
	{
		sleep "$step_seconds"
		echo "*** not done after $step_seconds s"
		end_group "$running"
	} < /dev/null &
	watch=$!
	set +m
	wait "$running" || status=$?
	kill -KILL -- "-$running" 2> /dev/null # what it has left behind
	running=
	kill -TERM -- "-$watch" 2> /dev/null
	wait "$watch" 2> /dev/null
	return "$status"
}

# step NAME COMMAND...
step()
{
	local name=$1 log=$work/$1.log status=0 begin=$SECONDS

	[[ $name == *"$only"* ]] || return 0
	shift
	limited "$@" > "$log" 2>&1 || status=$?
	verdict "$name" "$status" "$log" $((SECONDS - begin))
}

# make in an object tree: in_tree TREE GOAL... Warnings are errors everywhere,
# and one set of flags for all goals spares building twice.
in_tree()
{
	local tree=$1

	shift
	# shellcheck disable=SC2086  # the tree's variables are words
	make -C "$top" -j "$jobs" O="$work/$tree" W=e ${vars[$tree]-} "$@"
}

configure()
{
	local tree=$1 goal

	shift
	for goal in "$@"; do
		in_tree "$tree" "$goal" || return
	done
}

# Configures and builds; what this configuration has no use for is no goal.
build_tree()
{
	local tree=$1

	configure "$@" && in_tree "$tree" -k all objects
}

# tree NAME 'VARIABLES' CONFIGURATION...: a build, the steps after it use it
tree()
{
	local name=$1

	vars[$name]=$2
	shift 2
	if [[ -n $only && build-$name != *"$only"* ]]; then
		# not asked for: quietly, and only if some step needs it
		pending[$name]=$*
		return
	fi
	step "build-$name" build_tree "$name" "$@"
}

# on TREES STEP COMMAND...: a step that works in these trees
on()
{
	local trees=$1 name=$2-${1// /-} tree

	shift 2
	[[ $name == *"$only"* ]] || return 0
	for tree in $trees; do
		if [ -n "${pending[$tree]-}" ]; then
			# shellcheck disable=SC2086
			build_tree "$tree" ${pending[$tree]} \
				> "$work/build-$tree.log" 2>&1
			unset "pending[$tree]"
		fi
	done
	step "$name" "$@"
}

# Steps that keep one processor busy, and measure no time, run beside others.

# In a process of its own: the steps of a function, and what they add up to
run_group()
{
	trap '[ -z "$running" ] || end_group "$running"; exit 143' TERM
	running=
	passed=0
	failed=0
	skipped=0
	jobs=1
	step_seconds=$((step_seconds * 2))
	"$1"
	echo "$passed $failed $skipped" > "$work/$1.sums"
}

# beside GROUP: start the steps of a function, in trees that nobody else uses
# meanwhile; a make of theirs gets one job, and a step twice the time.
beside()
{
	run_group "$1" > "$work/$1.lines" < /dev/null &
	groups[$1]=$!
}

# join GROUP: wait for it; its lines and its sums are ours now
join()
{
	local p=0 f=1 s=0

	wait "${groups[$1]}"
	unset "groups[$1]"
	cat "$work/$1.lines"
	# without sums it broke down
	read -r p f s < "$work/$1.sums" ||
		echo "# failed: $1" >> "$work/failures"
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
}

declare -A pending groups

# --- what steps do

static_check()
{
	in_tree static "$1"
}

real_programs()
{
	"$top/tools/testing/realprogs/run-all.sh" --short \
		--lib "fast=$work/fast-gcc/libhakozuna_hz3.so" \
		--lib "scale=$work/scale-gcc/libhakozuna_hz3.so"
}

# The two commands of the predecessor, and its benchmark with either library:
# it must name us as its allocator.
old_commands()
{
	local lane dir=$work/old

	vars[old]=
	in_tree old all_ldpreload_fast all_ldpreload_scale \
		bench_mt_remote_malloc || return
	for lane in fast scale; do
		LD_PRELOAD=$dir/libhakozuna_hz3_$lane.so \
			"$dir/out/bench_random_mixed_mt_remote_malloc" \
			4 300000 400 16 2048 50 --touch --matched |
			tee "$work/bench.out" || return
		grep -q '^\[ALLOCATOR\] hz3 ' "$work/bench.out" || return
	done
}

# The benchmark runner works and is not fooled; no figure is judged.
bench_tools()
{
	in_tree fast-gcc bench_mt_remote_malloc bench_malloc_args \
		bench_malloc_dist &&
	"$top/tools/bench/test.sh" "$work/fast-gcc"
}

# stress_patterns TREE THREADS...: every pattern, for a moment each
stress_patterns()
{
	local tree=$1

	shift
	SECS=0.2 sh "$top/tools/testing/stress/run.sh" --patterns \
		"$work/$tree" "$@"
}

bench_programs()
{
	in_tree fast-gcc bench-programs &&
		"$top/tools/bench/selftest.sh" "$work/fast-gcc" \
			"fast=$work/fast-gcc/libhakozuna_hz3.so" \
			"scale=$work/scale-gcc/libhakozuna_hz3.so"
}

finish()
{
	local group

	for group in "${groups[@]}"; do
		kill -TERM "$group" && wait "$group"
	done 2> /dev/null
	[ -z "$running" ] || end_group "$running"
	if [ -n "$keep" ]; then
		echo "trees and logs are in $work"
	else
		rm -rf "$work"
	fi
}

# --- the table

# text and rules
static_steps()
{
	local goal

	vars[static]=
	for goal in checkstyle checklayers checkkconfig headercheck \
		format-check context-analysis coccicheck; do
		step "$goal" static_check "$goal"
	done
	step shellcheck "$top/scripts/shellcheck.sh"
	step coccicheck-selftest "$top/scripts/coccicheck" --selftest
	step selftest-checks "$top/scripts/selftest-checks.sh"
}

# the other architectures; aarch64's selftests have a place below
emulated_steps()
{
	local goal

	for goal in fast-aarch64 scale-riscv64; do
		on $goal sparse in_tree $goal sparse
	done
	for goal in fast-aarch64 scale-aarch64 lse-aarch64 llsc-aarch64 \
		scale-riscv64; do
		on $goal unit in_tree $goal unit
	done
	JOBS=1 on scale-riscv64 selftests in_tree scale-riscv64 selftests
}

# what others get: files, packages, manuals, programs that embed us, where
# malloc is the C library's and where not
package_steps()
{
	local goal

	vars[package]=
	pending[package]=fast_defconfig
	on package packaging in_tree package packaging
	for goal in embed fast-prefix package; do
		on $goal samples in_tree $goal samples
	done
	step old-commands old_commands
	# slow, and counts instructions: neighbours do not matter
	on fast-aarch64 budget in_tree fast-aarch64 budget
}

all_steps()
{
	local cc lane seed seeds goal
	local aarch64='ARCH=aarch64 CROSS_COMPILE=aarch64-linux-gnu-'
	local riscv64='ARCH=riscv64 CROSS_COMPILE=riscv64-linux-gnu-'

	beside static_steps

	# build matrix; the lanes are tested below
	for cc in gcc clang; do
		for lane in fast scale; do
			tree $lane-$cc CC=$cc ${lane}_defconfig
		done
		tree allyes-$cc CC=$cc allyesconfig
		tree allno-$cc CC=$cc allnoconfig
		# no seed is built twice
		seeds='1 2'
		[ $cc = gcc ] || seeds='3 4'
		for seed in $seeds; do
			tree "random$seed-$cc" "CC=$cc KCONFIG_SEED=$seed" \
				randconfig
		done
	done
	# the numbers' ends; each compiler has the other stash
	tree min-gcc CC=gcc fast_defconfig min.config
	tree max-gcc CC=gcc fast_defconfig max.config
	tree min-clang CC=clang fast_defconfig min.config dense.config
	tree max-clang CC=clang fast_defconfig max.config dense.config
	tree sparse8-gcc CC=gcc fast_defconfig sparse.config
	tree fast-prefix '' fast_defconfig prefix.config
	tree fast-notls '' fast_defconfig notls.config
	tree embed '' embed_defconfig
	tree nolibc '' fast_defconfig nolibc.config
	tree nolibc-aarch64 "$aarch64" embed_defconfig nolibc.config
	tree nolibc-riscv64 "$riscv64" embed_defconfig nolibc.config
	tree embed-aarch64 "$aarch64" embed_defconfig
	tree embed-riscv64 "$riscv64" embed_defconfig
	# answers that no lane gives
	tree choices '' fast_defconfig choices.config
	tree key '' scale_defconfig key.config
	for lane in fast scale; do
		tree $lane-aarch64 "$aarch64" ${lane}_defconfig
		for goal in tsan asan ubsan delay; do
			tree $lane-$goal '' ${lane}_defconfig $goal.config
		done
	done

	# the lanes choose their atomics at run time
	tree lse-aarch64 "$aarch64" fast_defconfig lse.config tbi.config
	tree llsc-aarch64 "$aarch64" scale_defconfig llsc.config

	tree scale-riscv64 "$riscv64" scale_defconfig

	join static_steps

	beside emulated_steps
	step models sh "$top/tools/testing/model/run.sh"
	for goal in fast-gcc scale-gcc; do
		on $goal sparse in_tree $goal sparse
	done

	# unit tests; the numbers' ends count as configurations of their own
	for goal in fast-gcc scale-gcc fast-clang scale-clang \
		allyes-gcc min-gcc max-gcc embed fast-prefix fast-notls \
		choices key fast-tsan scale-tsan fast-asan scale-asan \
		fast-ubsan scale-ubsan fast-delay scale-delay; do
		on $goal unit in_tree $goal unit
	done
	join emulated_steps

	# the instructions of the hit paths and of the slow ones and the
	# exported names, both lanes and both targets
	for goal in fast-gcc scale-gcc fast-clang fast-aarch64 scale-aarch64; do
		on $goal hotpath "$top/scripts/hotpath.sh" \
			"$work/$goal/libhakozuna_hz3.so"
		on $goal checkabi in_tree $goal checkabi
	done
	for goal in scale-aarch64 lse-aarch64 llsc-aarch64; do
		on $goal checkatomics \
			"$top/scripts/checkatomics.sh" "$work/$goal"
	done
	# the built libraries
	on scale-aarch64 selftests in_tree scale-aarch64 selftests
	on scale-aarch64 machines in_tree scale-aarch64 machines
	# marks in the top byte of pointers
	on lse-aarch64 selftests sh "$top/tools/testing/selftests/run.sh" \
		"$work/lse-aarch64" 'marked misuse'
	for lane in fast scale; do
		# some sleep
		JOBS=3 on $lane-gcc selftests in_tree $lane-gcc selftests
		on $lane-gcc stress in_tree $lane-gcc SECS=6 stress
		for goal in tsan asan; do
			on $lane-$goal stress in_tree $lane-$goal SECS=3 stress
		done
	done
	# who frees what: 1, 8, 32 and 255 shards, both stashes, fewer threads
	# than shards and more
	for goal in min-gcc min-clang fast-gcc sparse8-gcc scale-gcc \
		max-gcc max-clang fast-delay scale-delay; do
		on $goal stress-patterns stress_patterns $goal 2 16 128
	done
	for goal in fast-tsan scale-tsan; do
		on $goal stress-patterns stress_patterns $goal 4 32
	done
	on fast-gcc stress-finds \
		sh "$top/tools/testing/stress/run.sh" --self-test \
		"$work/fast-gcc"
	# wrong sizes stop a debug build
	for goal in sized misuse; do
		on allyes-gcc "$goal" \
			sh "$top/tools/testing/selftests/run.sh" \
			"$work/allyes-gcc" $goal
	done
	# with delays where locks are taken, and free for a moment
	for goal in fast-delay scale-delay; do
		on $goal selftests sh "$top/tools/testing/selftests/run.sh" \
			"$work/$goal" 'trim_race fork_early'
	done
	# what is embedded stays small
	on embed selftests sh "$top/tools/testing/selftests/run.sh" \
		"$work/embed" 't_embed t_prefix'
	for goal in embed-aarch64 embed-riscv64; do
		on $goal selftests sh "$top/tools/testing/selftests/run.sh" \
			"$work/$goal" t_prefix
	done
	# and needs no C library; its unit tests would
	for goal in nolibc nolibc-aarch64 nolibc-riscv64; do
		on $goal selftests sh "$top/tools/testing/selftests/run.sh" \
			"$work/$goal" t_nostdlib
	done
	# threads without state
	on fast-notls selftests sh "$top/tools/testing/selftests/run.sh" \
		"$work/fast-notls" 'contexts heaps hooks provider fork_storm'
	# what only a change of a choice can break
	on choices selftests sh "$top/tools/testing/selftests/run.sh" \
		"$work/choices" 'api_foreign calloc_zero purge'
	on key selftests sh "$top/tools/testing/selftests/run.sh" \
		"$work/key" 't_opened destructors* thread_churn'

	beside package_steps
	on 'fast-gcc scale-gcc' realprogs real_programs
	on scale-aarch64 realprogs \
		"$top/tools/testing/realprogs/emulated.sh" "$work/scale-aarch64"
	for goal in fast-gcc scale-gcc; do
		on $goal budget in_tree $goal budget
	done
	# what a thread's state takes, both lanes and both targets
	for goal in fast-gcc fast-aarch64; do
		on $goal footprint in_tree $goal footprint
	done
	on 'fast-gcc scale-gcc' bench-programs bench_programs
	on fast-gcc bench-tools bench_tools
	join package_steps
}

# The rest of the table knows the lanes and makes trees of its own.
cross_steps()
{
	local goal

	ln -s "$cross_tree" "$work/own"
	step build in_tree own all objects
	for goal in unit selftests machines checkabi; do
		step $goal in_tree own $goal
	done
	[[ ${vars[own]} != *ARCH=aarch64* ]] || step realprogs \
		"$top/tools/testing/realprogs/emulated.sh" "$work/own"
}

work=$(temp_folder check-all)
at_exit finish
chmod 755 "$work"

if [ -n "${cross_tree-}" ]; then
	"$top/scripts/install-deps.sh" build cross demo || exit
	cross_steps
else
	"$top/scripts/install-deps.sh" build check cross demo deb docs \
		package samples || exit
	all_steps
fi
if [ -f "$work/failures" ]; then
	cat "$work/failures"
elif [ $((passed + skipped)) -eq 0 ]; then
	echo "# no step is called $only"
	failed=1
fi
[ "$skipped" -eq 0 ] || echo "# $skipped skipped"
echo "# $SECONDS s"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
