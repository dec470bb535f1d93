/* SPDX-License-Identifier: MIT */
#ifndef HZ3_KCONFIG_H
#define HZ3_KCONFIG_H

/*
 * The configuration, seen from C. Every object is compiled with
 * "-include hz3/kconfig.h", so no file includes this one by hand, and no
 * installed header may depend on it.
 *
 * IS_ENABLED(option) is 1 when the bool option is set and 0 when it is not,
 * in C expressions and in #if. The code behind it is compiled either way,
 * so that a rarely used option cannot rot; the compiler drops what is dead.
 *
 * How: a bool that is set is defined to 1, one that is not set is not defined.
 * Pasting the value to a name gives either __kconfig_hole_1, which brings a
 * comma along and pushes the 1 to the second place, or an unknown name, which
 * leaves the 0 there.
 */
#include <generated/autoconf.h>

#define __kconfig_hole_1            0,
#define __kconfig_second(a, b, ...) b
#define __kconfig_pick(hole)        __kconfig_second(hole 1, 0, 0)
#define __kconfig_paste(value)      __kconfig_pick(__kconfig_hole_##value)

#define IS_ENABLED(option) __kconfig_paste(option)

#endif /* HZ3_KCONFIG_H */
