/* SPDX-License-Identifier: MIT */
/*
 * Make the kernel refuse system calls of this process with ENOMEM, by a
 * seccomp filter. There is no way back: use a child.
 */
#ifndef REFUSE_H
#define REFUSE_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum refuse_what {
	REFUSE_MMAP = 1,
	REFUSE_MUNMAP = 2,
	REFUSE_MREMAP = 4,
	REFUSE_MPROTECT = 8,
	REFUSE_MADVISE = 16,
	REFUSE_OTHER = 32, /* membarrier, getrandom, rseq, sched_getaffinity */
	REFUSE_MEMORY = 31,
};

/*
 * When: always, or if any of these bits is set in the low half of the first
 * argument (an address) or of the second (a size): as good as at random.
 */
#define REFUSE_ALL 0xFFFFFFFFU

#define REFUSE_NR(nr_)                                                         \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr_), 0, 1)
#define REFUSE_IT BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM)
#define REFUSE_ARG(n, bits_)                              \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                \
		 offsetof(struct seccomp_data, args[n])), \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits_), 0, 1), REFUSE_IT

static bool refuse_filter(struct sock_filter *code, size_t nr)
{
	struct sock_fprog program = { .len = (unsigned short)nr,
				      .filter = code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static bool refuse_one(int nr, unsigned int bits)
{
	struct sock_filter always[] = {
		REFUSE_NR((unsigned int)nr),
		REFUSE_IT,
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_filter some[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)nr, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		REFUSE_ARG(0, bits),
		REFUSE_ARG(1, bits),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	if (bits == REFUSE_ALL)
		return refuse_filter(always, sizeof(always) / sizeof(*always));
	return refuse_filter(some, sizeof(some) / sizeof(*some));
}

/* False when this system has no seccomp filters. */
static bool refuse_calls(unsigned int what, unsigned int bits)
{
	static const struct {
		unsigned int what;
		int nr;
	} call[] = {
		{ REFUSE_MUNMAP, SYS_munmap },
		{ REFUSE_MREMAP, SYS_mremap },
		{ REFUSE_MPROTECT, SYS_mprotect },
		{ REFUSE_MADVISE, SYS_madvise },
		{ REFUSE_OTHER, SYS_membarrier },
		{ REFUSE_OTHER, SYS_getrandom },
		{ REFUSE_OTHER, SYS_sched_getaffinity },
		{ REFUSE_OTHER, SYS_getcpu },
		{ REFUSE_MMAP, SYS_mmap },
	};
	size_t i;

	for (i = 0; i < sizeof(call) / sizeof(*call); i++)
		if ((what & call[i].what) && !refuse_one(call[i].nr, bits))
			return false;
	return true;
}

#endif
