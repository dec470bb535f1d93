// SPDX-License-Identifier: MIT
/// errno is the caller's: free() must keep it, and only the front door in
/// init/ sets it. Below, functions return 0 or -errno.
// Scope: lib mm remote shard include

virtual report

@r@
position p;
@@
(
 errno@p
|
 __errno_location@p(...)
)

@script:python depends on report@
p << r.p;
@@
coccilib.report.print_report(p[0], "errno belongs to init/; return 0 or -errno")
