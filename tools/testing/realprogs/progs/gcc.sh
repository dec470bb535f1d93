#!/bin/bash
# SPDX-License-Identifier: MIT
#
# g++ compiles a large C++ file; the program it makes runs, too.

. "$(dirname "$0")/../common.sh"
. "$(dirname "$0")/cxx.inc"

needs=g++

prog_setup()
{
	make_source "$(pick 3 14 150)" > "$work/big.cc"
}

prog_run()
{
	compile_and_run g++
}

realprog_main "$@"
