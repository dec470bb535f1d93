// SPDX-License-Identifier: MIT
/// The OS may refuse memory at any time: whatever os_reserve(), os_commit(),
/// os_decommit(), os_map() and os_move() return is looked at.
// Scope: mm shard init remote lib

virtual report

// thrown away
@dropped@
identifier f =~ "^os_(reserve|commit|decommit|map|map_readonly|move|remap)$";
position p;
@@
(
 f@p(...);
|
 (void)f@p(...);
)

@script:python depends on report@
p << dropped.p;
f << dropped.f;
@@
coccilib.report.print_report(p[0], "the result of %s() is dropped" % f)

// used before a test
@used exists@
identifier f =~ "^os_(reserve|commit|decommit|map|map_readonly|move|remap)$";
type T;
expression P, E;
identifier m;
position p1, p2;
@@
(
 P = f@p1(...)
|
 P = (T)f@p1(...)
)
 ... when != P == E
     when != P != E
     when != !P
     when != P
     when != P = E
(
 P->m@p2
|
 *P@p2
|
 P[...]@p2
)

@script:python depends on report@
p1 << used.p1;
p2 << used.p2;
f << used.f;
P << used.P;
@@
coccilib.report.print_report(p2[0], "%s is used, but %s() on line %s may have failed" % (P, f, p1[0].line))

// kept in a local variable that nobody reads
@kept@
identifier f =~ "^os_(reserve|commit|decommit|map|map_readonly|move|remap)$";
local idexpression X;
position p;
@@
 X = f@p(...)

@looked exists@
local idexpression X;
position kept.p;
identifier f;
expression E;
@@
 X = f@p(...)
 ... when != X = E
 X

@script:python depends on report && kept && !looked@
p << kept.p;
f << kept.f;
X << kept.X;
@@
coccilib.report.print_report(p[0], "%s keeps the result of %s(), but nobody looks" % (X, f))
