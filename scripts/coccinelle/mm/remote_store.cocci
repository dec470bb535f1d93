// SPDX-License-Identifier: MIT
/// A block in the stash belongs to another shard: it is carried, never looked
/// into. sparse checks what is marked __remote; this finds the casts that
/// sparse was told to believe, in the folder where every block is a stranger.
// Scope: remote

virtual report

@cast@
type T;
identifier v =~ "^(ptr|obj|object|block)$";
identifier m;
expression E;
position p;
@@
(
 ((T *)v@p)->m
|
 *(T *)v@p
|
 ((T *)v@p)[...]
|
 ((T *)E->v@p)->m
|
 *(T *)E->v@p
|
 ((T *)E.v@p)->m
|
 *(T *)E.v@p
|
 ((T *)E->v@p)[...]
|
 *v@p = E
|
 v@p[...] = E
|
 v@p->m
)

@script:python depends on report@
p << cast.p;
v << cast.v;
@@
coccilib.report.print_report(p[0], "%s is another shard's block: not to be dereferenced" % v)

@bulk@
identifier f =~ "^(memset|memcpy|memmove|bzero|__builtin_memset|__builtin_memcpy)$";
identifier v =~ "^(ptr|obj|object|block)$";
expression E;
position p;
@@
(
 f(v@p, ...)
|
 f(E->v@p, ...)
|
 f(E.v@p, ...)
)

@script:python depends on report@
p << bulk.p;
f << bulk.f;
v << bulk.v;
@@
coccilib.report.print_report(p[0], "%s() writes into %s, another shard's block" % (f, v))
