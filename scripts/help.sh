#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The text of "make help".
#
# usage: ARCH=x86_64 LANES="fast scale" help.sh

set -eu

cat <<'EOF'
Cleaning:
  clean                   - Remove what was built, keep the configuration
  mrproper                - Remove the configuration and all generated files too
  distclean               - mrproper, and editor backups and test litter

Configuration:
  menuconfig              - Choose in a menu
  nconfig                 - Choose in a menu, ncurses style
  config                  - Answer one question after another
  oldconfig               - Ask only what the present .config leaves open
  olddefconfig            - Take defaults for what .config leaves open
  defconfig               - The default configuration, fast_defconfig
  savedefconfig           - Write the difference to the defaults to ./defconfig
  listnewconfig           - List symbols that .config does not mention
  randconfig              - Answer at random (KCONFIG_SEED= repeats)
  allyesconfig            - Answer yes to everything
  allnoconfig             - Answer no to everything
  alldefconfig            - Every symbol at its default
  syncconfig              - Carry .config over to include/ (done by the build)
EOF
for lane in $LANES; do
	printf '  %-24s- The %s lane for %s\n' "${lane}_defconfig" \
		"$lane" "$ARCH"
done
cat <<'EOF'
  embed_defconfig         - A small static library with hz3_ names only
  NAME.config             - Lay the fragment NAME.config over .config; they are
                            in tools/testing/configs and arch/*/configs

Build:
  all                     - Build all goals marked with [*]
* libhakozuna_hz3.so      - The library to preload or to link
* libhakozuna_hz3.a       - The library to embed
  dir/file.[ois]          - One file: object, preprocessed, assembler
EOF
for lane in $LANES; do
	printf '  %-24s- libhakozuna_hz3_%s.so, built in %s\n' \
		"all_ldpreload_$lane" "$lane" "build/$lane"
done
cat <<'EOF'
  bench_mt_remote_malloc  - out/bench_random_mixed_mt_remote_malloc
  bench_malloc_args       - out/bench_random_mixed_malloc_args
  bench_malloc_dist       - out/bench_random_mixed_malloc_dist
  install                 - Install everything but the lanes
  install_bins            - Install the library and the command hz3
  install_dev             - Install what compiling needs: static library,
                            files for pkg-config and CMake
  install_man             - Install manuals
  headers_install         - Install headers
  install_lanes           - Install both lanes, for hz3 run --lane
  deb-pkg                 - Debian packages, in build/deb
  uninstall               - Remove what all of these installed
  hz3version              - Print the version
  footprint               - Bytes that a thread and a shard take, as a table
  compile_commands.json   - For clangd and clang-tidy
  tags TAGS cscope        - Indexes for editors

Static analysers:
  sparse                  - Check every source file with sparse
  coccicheck              - Semantic patches of scripts/coccinelle
  context-analysis        - Locks, with clang -Wthread-safety
  headercheck             - Each header compiles alone
  checklayers             - Includes point downwards only
  checkkconfig            - Kconfig files and the use of their symbols
  checkstyle              - What our style wants and no compiler says
  checkabi                - Exported names, as in init/abi.txt (FIX=1 renews)
  format-check            - Formatting, with clang-format

Tests:
  check                   - Everything: installs what is missing, then tests;
                            with ARCH= of another machine what concerns that
  unit                    - Unit tests (T=name runs one suite)
  selftests               - Programs against the libraries
  machines                - Unit tests and selftests with other pages, address
                            spaces and cores, when ARCH= is emulated
  stress                  - Threads, random sizes, checksums (SEED= SECS=)
  samples                 - Programs that embed the library (T=pattern)
  packaging               - What is installed and packed (T=pattern)
  budget                  - Instructions of hot and slow paths within bounds
  models                  - Models of the remote path, with spin (T=pattern)
  bench-matrix            - Compare with other allocators (ARGS=, see
                            tools/bench/matrix --help)
  demo                    - Real programs on both lanes, one table

Benchmarks:
  bench                   - Everything against PEERS=, results in out/bench
  bench-quick             - A part of it, in less than ten minutes
  bench-report            - Tables and pictures of the last results again
  bench-readme            - The same, and the table into README.rst
  bench-programs          - Only build the programs of tools/bench

Documentation:
  htmldocs                - Documentation/ and the functions of <hz3/hz3.h> as
                            HTML, in build/docs/html

Variables:
  V=1                     - Show commands
  C=1, C=2                - Run sparse on what is compiled, on everything
  CF=                     - Flags for sparse
  W=1, 2, 3, e            - More warnings, warnings as errors; W=1e does both
  O=dir                   - Put everything that is made into dir
  ARCH=                   - x86_64, aarch64 (arm64) or riscv64, default: this
                            machine
  CROSS_COMPILE=          - Prefix of the tools, as aarch64-linux-gnu-
  CC=clang                - Another compiler
  KCFLAGS=                - More flags for the compiler, as -march=native
  DESTDIR= prefix=        - Where install goes, also bindir= libdir=
                            includedir= mandir= and so on, as GNU has them
  RUNNER=                 - How to run foreign programs, default: qemu-user
  PEERS=                  - For bench: jemalloc mimalloc tcmalloc NAME=FILE.so
  ARGS=                   - For bench: options of tools/bench/compare
  RESULTS=                - For bench-report: a folder in out/bench

Run "make defconfig && make" to begin with.
EOF
