#!/bin/bash
# SPDX-License-Identifier: MIT
#
# clang++ compiles a large C++ file; the program it makes runs, too.

. "$(dirname "$0")/../common.sh"
. "$(dirname "$0")/cxx.inc"

needs=clang++

prog_setup()
{
	make_source "$(pick 3 14 150)" > "$work/big.cc"
}

prog_run()
{
	compile_and_run clang++
}

realprog_main "$@"
