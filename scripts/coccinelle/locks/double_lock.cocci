// SPDX-License-Identifier: MIT
/// The same lock is taken again while it is held: the thread waits for itself.
// Scope: lib mm remote shard init include

virtual report

@r exists@
expression L;
position p1, p2;
@@
 lock_acquire@p1(L);
 ... when != lock_release(L)
     when != L = ...
 lock_acquire@p2(L);

@script:python depends on report@
p1 << r.p1;
p2 << r.p2;
L << r.L;
@@
if p1[0].line != p2[0].line:
	coccilib.report.print_report(p2[0], "%s is already held since line %s" % (L, p1[0].line))

@twice exists@
expression L;
position p1, p2;
@@
 lock_release@p1(L);
 ... when != lock_acquire(L)
     when != lock_try(L)
     when != L = ...
 lock_release@p2(L);

@script:python depends on report@
p1 << twice.p1;
p2 << twice.p2;
L << twice.L;
@@
if p1[0].line != p2[0].line:
	coccilib.report.print_report(p2[0], "%s is already released on line %s" % (L, p1[0].line))
