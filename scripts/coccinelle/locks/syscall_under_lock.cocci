// SPDX-License-Identifier: MIT
/// A system call with a lock held stops every thread of the shard for as long
/// as the kernel likes. Take what is needed out of the structure, release,
/// then call; places where the call must be covered are in allow.txt.
// Scope: lib mm remote shard init

virtual report

@r exists@
expression L;
identifier f =~ "^(os_(reserve|commit|decommit|purge|map|map_readonly|unmap|move|remap)|sys_.*|syscall[0-9]?|mmap|munmap|mremap|madvise|mprotect|write|read|nanosleep|usleep|sleep|sched_yield)$";
position p1, p2;
@@
 lock_acquire@p1(L);
 ... when != lock_release(L)
 f@p2(...)

@script:python depends on report@
p1 << r.p1;
p2 << r.p2;
f << r.f;
L << r.L;
@@
coccilib.report.print_report(p2[0], "%s() with %s held since line %s" % (f, L, p1[0].line))

@t exists@
expression L;
identifier f =~ "^(os_(reserve|commit|decommit|purge|map|map_readonly|unmap|move|remap)|sys_.*|syscall[0-9]?|mmap|munmap|mremap|madvise|mprotect|write|read|nanosleep|usleep|sleep|sched_yield)$";
position p1, p2;
@@
 if (!lock_try@p1(L))
 {
 ...
 return ...;
 }
 ... when != lock_release(L)
 f@p2(...)

@script:python depends on report@
p1 << t.p1;
p2 << t.p2;
f << t.f;
L << t.L;
@@
coccilib.report.print_report(p2[0], "%s() with %s held since line %s" % (f, L, p1[0].line))
