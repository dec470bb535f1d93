# SPDX-License-Identifier: MIT
#
# hz3: "make help" lists the goals.

VERSION = 0
PATCHLEVEL = 1
SUBLEVEL = 0
SOVERSION = 0

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error GNU make 4.3 or newer is needed, this is $(MAKE_VERSION))
endif

MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:

# Somebody's CONFIG_ would change the prefix of every symbol, and programs
# that we start should not be grepped in colour.
unexport CONFIG_ GREP_OPTIONS
export LC_ALL := C

PHONY := all FORCE
all:

# ---------------------------------------------------------------------------
# Where: the sources are next to this file, everything that is made goes to
# the current folder. O= starts over in the other folder.

abs_srctree := $(realpath $(dir $(lastword $(MAKEFILE_LIST))))
ifneq ($(words $(subst :, ,$(abs_srctree))),1)
$(error the path of the sources must not contain spaces or colons)
endif

ifeq ("$(origin O)","command line")
ifneq ($(realpath $(O)),$(CURDIR))
elsewhere := $(shell mkdir -p '$(O)' && cd '$(O)' && pwd -P)
$(if $(elsewhere),,$(error cannot make the folder $(O)))
endif
endif

ifdef elsewhere
PHONY += elsewhere
$(filter-out all Makefile,$(MAKECMDGOALS)) all: elsewhere
	@:
elsewhere:
	@$(MAKE) -C $(elsewhere) -f $(abs_srctree)/Makefile \
		O=$(elsewhere) $(MAKECMDGOALS)
Makefile: ;
else

objtree := .
ifeq ($(abs_srctree),$(CURDIR))
srctree := .
srcprefix :=
else
srctree := $(abs_srctree)
srcprefix := $(abs_srctree)/
endif
export srctree objtree srcprefix

# ---------------------------------------------------------------------------
# Which goals: configuration, cleaning and benchmarks run one after another;
# some goals need no .config.

config-goals := $(filter-out checkkconfig,$(filter config %config,\
	$(MAKECMDGOALS)))
clean-goals := $(filter clean mrproper distclean,$(MAKECMDGOALS))
# They make the same programs, and want the machine for themselves.
alone-goals := $(filter bench bench-% bench_%,$(MAKECMDGOALS))
plain-goals := help hz3version clean mrproper distclean tags TAGS cscope \
	check demo checklayers checkstyle checkkconfig coccicheck format-check \
	all_ldpreload_% bench bench-% bench_% headers_install install_lanes \
	uninstall footprint htmldocs deb-pkg

ifneq ($(config-goals)$(clean-goals)$(alone-goals),)
ifneq ($(words $(MAKECMDGOALS)),1)
one-by-one := y
endif
endif

ifneq ($(filter-out $(plain-goals) %config,$(or $(MAKECMDGOALS),all)),)
need-config := $(if $(config-goals),,y)
endif

ifdef one-by-one
PHONY += one-by-one
$(MAKECMDGOALS): one-by-one
	@:
one-by-one:
	@set -e; for goal in $(MAKECMDGOALS); do \
		$(MAKE) -f $(srctree)/Makefile $$goal; done
else

# ---------------------------------------------------------------------------
# User variables. Those in capitals count on the command line only, so that
# an O or a V in the environment is harmless; ARCH and CROSS_COMPILE may be
# exported.

ifeq ("$(origin V)","command line")
verbose := $(V)
endif
ifeq ($(verbose),1)
quiet :=
Q :=
else
quiet := quiet_
Q := @
endif
ifneq ($(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),)
quiet := silent_
endif
export quiet Q

ifeq ("$(origin C)","command line")
KBUILD_CHECKSRC := $(C)
endif
ifeq ("$(origin W)","command line")
KBUILD_EXTRA_WARN := $(W)
endif
ifneq ("$(origin CF)","command line")
CF :=
endif
export KBUILD_CHECKSRC

ARCH ?= $(shell uname -m)
SRCARCH := $(patsubst arm64,aarch64,$(patsubst amd64,x86_64,$(ARCH)))
ifeq ($(wildcard $(srctree)/arch/$(SRCARCH)/Kconfig),)
$(error ARCH=$(ARCH) is not known; there are: $(patsubst \
	$(srctree)/arch/%/Kconfig,%,$(wildcard $(srctree)/arch/*/Kconfig)))
endif
HOSTARCH := $(shell uname -m)

CC = $(CROSS_COMPILE)gcc
CXX = $(if $(cc-is-clang),$(subst clang,clang++,$(CC)),$(CROSS_COMPILE)g++)
LD = $(CROSS_COMPILE)ld
AR = $(CROSS_COMPILE)ar
OBJCOPY = $(CROSS_COMPILE)objcopy
NM = $(CROSS_COMPILE)nm
CHECK = sparse
INSTALL = install
prefix = /usr/local
exec_prefix = $(prefix)
bindir = $(exec_prefix)/bin
libdir = $(exec_prefix)/lib
includedir = $(prefix)/include
datarootdir = $(prefix)/share
mandir = $(datarootdir)/man

HZ3VERSION := $(VERSION).$(PATCHLEVEL).$(SUBLEVEL)
CC_VERSION_TEXT := $(subst $$,,$(shell $(CC) --version 2>/dev/null | \
	sed -n '1{s/["\#\\]//g;p}'))
cc-is-clang := $(findstring clang,$(CC_VERSION_TEXT))
ifdef cc-is-clang
CLANG_TARGET := $(addprefix --target=,$(notdir $(CROSS_COMPILE:%-=%)))
endif

export ARCH SRCARCH HOSTARCH CROSS_COMPILE HZ3VERSION CC_VERSION_TEXT
export CC CXX LD AR OBJCOPY CHECK CLANG_TARGET

include $(srctree)/scripts/Kbuild.include

# ---------------------------------------------------------------------------
# Configuration

# Was this tree configured for this architecture?
tree-arch := $(shell cat .arch 2>/dev/null)
arch-differs := $(filter-out $(SRCARCH),$(tree-arch))

ifneq ($(config-goals),)

config: FORCE
	$(Q)$(MAKE) -f $(srctree)/scripts/kconfig/Makefile $@
%config: FORCE
	$(Q)$(MAKE) -f $(srctree)/scripts/kconfig/Makefile $@

else

ifdef need-config
ifdef arch-differs
$(error this tree was configured with ARCH=$(tree-arch): give that, or \
another folder with O=, or configure it again for $(SRCARCH): make \
ARCH=$(ARCH) CROSS_COMPILE=$(CROSS_COMPILE) olddefconfig)
endif
ifeq ($(CC_VERSION_TEXT),)
$(error the compiler $(CC) was not found$(if $(CROSS_COMPILE),,: install gcc))
endif

# auto.conf.cmd names the Kconfig files relative to the sources
vpath %Kconfig $(srctree)
vpath %Kconfig.debug $(srctree)

include include/config/auto.conf
-include include/config/auto.conf.cmd

include/config/auto.conf include/config/auto.conf.cmd \
include/generated/autoconf.h &: .config $(srctree)/scripts/toolchain.sh
	$(Q)$(MAKE) -f $(srctree)/scripts/kconfig/Makefile syncconfig

.config:
	@echo "hz3 is not configured yet: taking fast_defconfig"
	$(Q)$(MAKE) -f $(srctree)/scripts/kconfig/Makefile defconfig
else
-include include/config/auto.conf
endif

# ---------------------------------------------------------------------------
# Flags

# As "#define _GNU_SOURCE" does it: a file that has the line gets no warning.
KBUILD_CPPFLAGS := -D_GNU_SOURCE= -I $(srcprefix)arch/$(SRCARCH)/include \
	$(if $(srcprefix),-I include) -I $(srcprefix)include \
	-I $(srcprefix)include/uapi -include $(srcprefix)include/hz3/kconfig.h
KBUILD_CFLAGS := $(CLANG_TARGET) -std=gnu11 -fPIC -fvisibility=hidden \
	-fno-builtin-malloc -fno-semantic-interposition -fno-plt \
	-fno-strict-aliasing -fno-stack-protector
KBUILD_PROGFLAGS := $(CLANG_TARGET) -O2 -g -fno-builtin \
	-I $(srcprefix)include/uapi -pthread
KBUILD_LDFLAGS := $(CLANG_TARGET)

ifdef srcprefix
KBUILD_CFLAGS += -fmacro-prefix-map=$(srcprefix)=
endif
ifdef CONFIG_DEBUG_INFO
KBUILD_CFLAGS += -g
endif

# A compiler that knows the C library makes calls of it out of loops.
ifndef CONFIG_HZ3_LIBC
KBUILD_CFLAGS += -ffreestanding \
	$(if $(cc-is-clang),,-fno-tree-loop-distribute-patterns)
endif

# Function by function, so that a program's linker takes what it needs.
ifdef CONFIG_CC_OPTIMIZE_FOR_SIZE
KBUILD_CFLAGS += -Os -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables
else
KBUILD_CFLAGS += -O2
endif

sanitize-y :=
sanitize-$(CONFIG_SANITIZE_ADDRESS) := -fsanitize=address
sanitize-$(CONFIG_SANITIZE_THREAD) := -fsanitize=thread
sanitize-$(CONFIG_SANITIZE_UNDEFINED) := -fsanitize=undefined \
	-fno-sanitize-recover=undefined
ifneq ($(sanitize-y),)
KBUILD_CFLAGS += $(sanitize-y) -fno-omit-frame-pointer
KBUILD_LDFLAGS += $(sanitize-y)
else
KBUILD_CFLAGS += -fomit-frame-pointer
endif

include $(srctree)/arch/Makefile
include $(srctree)/scripts/Makefile.extrawarn

# sparse takes every flag of the compiler, but it is built for one machine.
CHECKFLAGS := -std=gnu11 -Wbitwise -Wcontext -Wdecl $(CF)
ifneq ($(KBUILD_CHECKSRC),)
sparse-arch-x86_64 := x86_64
sparse-arch-aarch64 := arm64
# it does not say which floats are passed how, and C libraries ask
sparse-arch-riscv64 := riscv64 -D__riscv_float_abi_double
ifneq ($(SRCARCH),$(HOSTARCH))
gcc-base := $(shell $(CROSS_COMPILE)gcc -print-file-name=)
CHECKFLAGS += --arch=$(sparse-arch-$(SRCARCH)) -gcc-base-dir $(gcc-base) \
	-multiarch-dir $(SRCARCH)-linux-gnu -nostdinc \
	-isystem $(shell $(CROSS_COMPILE)gcc -print-file-name=include) \
	-isystem /usr/$(SRCARCH)-linux-gnu/include
endif
endif

export KBUILD_CPPFLAGS KBUILD_CFLAGS KBUILD_PROGFLAGS KBUILD_LDFLAGS CHECKFLAGS
export KBUILD_SANITIZE := $(sanitize-y)

# ---------------------------------------------------------------------------
# Build

core-y := arch/$(SRCARCH) lib mm remote shard init
core-archives := $(core-y:%=%/built-in.a)

soname := libhakozuna_hz3.so.$(SOVERSION)
libs-$(CONFIG_SHARED_LIB) += $(soname) libhakozuna_hz3.so
libs-$(CONFIG_STATIC_LIB) += libhakozuna_hz3.a

all: $(core-archives) $(libs-y)
	@:

PHONY += prepare $(core-y)
generated := include/generated/version.h include/generated/conf_table.h \
	include/generated/options.h
prepare: $(generated)

$(core-y): prepare
	$(Q)$(MAKE) $(build)=$@
$(core-archives): %/built-in.a: % ;

release = $(HZ3VERSION)$(patsubst "%",%,$(CONFIG_LOCALVERSION))
filechk_version = echo '$(pound)define HZ3_VERSION "$(release)"'
include/generated/version.h: FORCE
	$(call filechk,version)

filechk_conf_table = sh $(srctree)/scripts/mkconftable.sh .config
include/generated/conf_table.h: FORCE
	$(call filechk,conf_table)

# $(call options,form): init/options.txt for the parser and for people
options = sh $(srctree)/scripts/mkoptions.sh $1 .config \
	$(srctree)/init/options.txt
filechk_options = $(call options,c)
include/generated/options.h: FORCE
	$(call filechk,options)

# The shared library. Names that the export list has and this configuration
# has not are no error; -z defs makes everything else that is missing one.
export-map := $(srcprefix)init/export.map
shared-flags := -shared -Wl,-soname,$(soname) \
	-Wl,--version-script=$(export-map) \
	-Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,--build-id \
	-Wl,-O1 -Wl,--hash-style=gnu -Wl,--as-needed
ifdef CONFIG_LD_HAS_UNDEFINED_VERSION
shared-flags += -Wl,--undefined-version
endif
# clang leaves the sanitizer's runtime to the program
ifeq ($(and $(cc-is-clang),$(sanitize-y)),)
shared-flags += -Wl,-z,defs
endif

quiet_cmd_ld_so = LD      $@
      cmd_ld_so = $(CC) $(KBUILD_LDFLAGS) $(shared-flags) -o $@ \
	-Wl,--whole-archive $(core-archives) -Wl,--no-whole-archive \
	-pthread -ldl $(KCFLAGS) $(KLDFLAGS)
$(soname): $(core-archives) $(export-map) FORCE
	$(call if_changed,ld_so)

quiet_cmd_symlink = LN      $@
      cmd_symlink = ln -sf $< $@
libhakozuna_hz3.so: $(soname)
	$(if $(wildcard $@),@:,$(call cmd,symlink))

# The static library is one object: whoever needs one function gets them all,
# so the C library's malloc is never pulled in beside ours, and names that
# are not exported become local and cannot meet a program's own. Its sections
# stay apart (--unique), also when static functions of two files have one name,
# so that --gc-sections can leave out what a program does not use.
#
# With a prefix of its own it comes with headers of its own.
prefix-is := $(filter-out hz3_,$(CONFIG_HZ3_API_PREFIX:"%"=%))
ifneq ($(prefix-is),)
header-root := include/prefixed
set-prefix = ; NM='$(NM)' OBJCOPY='$(OBJCOPY)' \
	sh $(srctree)/scripts/prefix.sh $(prefix-is) $@ $(header-root)
else
header-root := $(srctree)/include/uapi
endif

# Without a C library it also has what the compiler wants of libgcc.
ifndef CONFIG_HZ3_LIBC
libgcc = --no-whole-archive $(shell $(CC) $(CLANG_TARGET) \
	-print-libgcc-file-name)
endif

quiet_cmd_ld_o = LD      $@
      cmd_ld_o = $(LD) -r --unique -o $@ \
		--whole-archive $(core-archives) $(libgcc); \
	$(OBJCOPY) --localize-hidden $@$(set-prefix)
hz3.o: $(core-archives) FORCE
	$(call if_changed,ld_o)

quiet_cmd_ar_lib = AR      $@
      cmd_ar_lib = rm -f $@; $(AR) rcsD $@ $<
libhakozuna_hz3.a: hz3.o FORCE
	$(call if_changed,ar_lib)

include $(srctree)/scripts/Makefile.goals

link-targets := $(soname) hz3.o libhakozuna_hz3.a $(unit-prog)
-include $(foreach t,$(wildcard $(link-targets)),$(call cmd-file,$t))

endif # config-goals
endif # one-by-one
endif # elsewhere

FORCE:
.PHONY: $(PHONY)
