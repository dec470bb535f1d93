/* SPDX-License-Identifier: MIT */
/* From the kernel's interface; <linux/futex.h> is not for lib/. */
#ifndef LIB_INTERNAL_H
#define LIB_INTERNAL_H

#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

#endif
