// SPDX-License-Identifier: MIT
/// A loop on a try-lock never sleeps: on an oversubscribed machine it burns
/// the time slice the holder waits for. lock_acquire() spins a bounded while.
// Scope: lib mm remote shard init

virtual report

@r@
expression L;
statement S;
position p;
@@
(
 while (!lock_try@p(L)) S
|
 for (...; !lock_try@p(L); ...) S
)

@script:python depends on report@
p << r.p;
L << r.L;
@@
coccilib.report.print_report(p[0], "spins on %s without a bound" % L)
