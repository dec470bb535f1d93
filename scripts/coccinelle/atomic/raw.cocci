// SPDX-License-Identifier: MIT
/// Raw atomics and volatile accesses belong in arch/ and include/hz3/: their
/// wrappers carry the order in the name and are what the checkers know.
// Scope: lib mm remote shard init

virtual report

@call@
identifier f =~ "^(__atomic_|__sync_|atomic_.*_explicit$|atomic_(load|store|exchange|fetch_|compare_|thread_fence))";
position p;
@@
 f@p(...)

@script:python depends on report@
p << call.p;
f << call.f;
@@
coccilib.report.print_report(p[0], "raw %s(); use <hz3/atomic.h>" % f)

@access@
type T;
expression E;
position p;
@@
 (volatile T *)E@p

@script:python depends on report@
p << access.p;
@@
coccilib.report.print_report(p[0], "volatile access; use load_relaxed() or store_relaxed()")

@decl@
type T;
identifier x;
position p;
@@
(
 volatile T x@p;
|
 volatile T *x@p;
|
 volatile T x@p = ...;
|
 volatile T *x@p = ...;
)

@script:python depends on report@
p << decl.p;
x << decl.x;
@@
coccilib.report.print_report(p[0], "volatile %s; use load_relaxed() or store_relaxed()" % x)
