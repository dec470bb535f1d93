// SPDX-License-Identifier: MIT
/// A path returns with the lock held. A function that means to is named in
/// scripts/coccinelle/allow.txt (and says __acquires() for the other tools).
// Scope: lib mm remote shard init include

virtual report

// what is named x_lock() or x_fork() is a lock operation itself
@wrapper exists@
identifier fn =~ "_(lock|fork)$";
position w;
@@
 fn(...)
 {
 ... when any
 lock_acquire@w(...);
 ... when any
 }

// the caller's lock, let go for a while and taken again
@lent exists@
identifier fn;
expression L;
position w;
@@
 fn(...)
 {
 ... when != lock_acquire(L)
 lock_release(L);
 ... when any
 lock_acquire@w(L);
 ... when any
 }

@taken exists@
expression L;
position p1 != { wrapper.w, lent.w };
position p2;
@@
 lock_acquire@p1(L);
 ... when != lock_release(L)
 return@p2 ...;

@script:python depends on report@
p1 << taken.p1;
p2 << taken.p2;
L << taken.L;
@@
coccilib.report.print_report(p2[0], "returns with %s held since line %s" % (L, p1[0].line))

@tried exists@
expression L;
position p1, p2;
@@
 if (!lock_try@p1(L))
 {
 ...
 return ...;
 }
 ... when != lock_release(L)
 return@p2 ...;

@script:python depends on report@
p1 << tried.p1;
p2 << tried.p2;
L << tried.L;
@@
coccilib.report.print_report(p2[0], "returns with %s held since line %s" % (L, p1[0].line))

@inside exists@
expression L;
statement S;
position p1, p2;
@@
 if (lock_try@p1(L)) {
 ... when != lock_release(L)
 return@p2 ...;
 ... when any
 } else S

@script:python depends on report@
p1 << inside.p1;
p2 << inside.p2;
L << inside.L;
@@
coccilib.report.print_report(p2[0], "returns with %s held since line %s" % (L, p1[0].line))
