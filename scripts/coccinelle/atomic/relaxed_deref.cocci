// SPDX-License-Identifier: MIT
/// A pointer read with a relaxed load is dereferenced: nothing says that what
/// it points at has been written yet. Read it with load_acquire(), or say in
/// scripts/coccinelle/allow.txt which lock orders it.
// Scope: lib mm remote shard init include

virtual report

@r exists@
expression P, E;
type T;
identifier f;
position p1, p2;
@@
(
 P = load_relaxed@p1(E)
|
 P = (T)load_relaxed@p1(E)
)
 ... when != P = ...
(
 P->f@p2
|
 *P@p2
|
 P[...]@p2
)

@script:python depends on report@
p1 << r.p1;
p2 << r.p2;
P << r.P;
@@
coccilib.report.print_report(p2[0], "%s comes from the relaxed load on line %s" % (P, p1[0].line))

@d@
expression E;
type T;
identifier f;
position p;
@@
(
 load_relaxed@p(E)->f
|
 *load_relaxed@p(E)
|
 load_relaxed@p(E)[...]
|
 ((T)load_relaxed@p(E))->f
|
 *(T)load_relaxed@p(E)
)

@script:python depends on report@
p << d.p;
@@
coccilib.report.print_report(p[0], "the result of a relaxed load is dereferenced")
