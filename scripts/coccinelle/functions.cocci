// SPDX-License-Identifier: MIT
/// Not a check: names every function spatch understood. coccicheck compares
/// the list with the functions in the text, because a function spatch cannot
/// parse is skipped in silence, and so is the bug in it.
// Scope: none

virtual report

@f@
identifier fn;
position p;
@@
 fn@p(...) { ... }

@script:python depends on report@
p << f.p;
fn << f.fn;
@@
print("%s:%s" % (p[0].file, fn))
