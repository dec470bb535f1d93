#!/bin/bash
# SPDX-License-Identifier: MIT
#
#   emulated.sh OBJTREE
#
# Debian's programs for the architecture of an object tree, which is not this
# machine's, in an emulator with the tree's library preloaded: the tests of
# progs/, with commands in front of the machine's own that start the others.

set -eu

export OBJTREE=${1:?usage: emulated.sh OBJTREE}
realprogs=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/testing/selftests/lib.sh
. "$realprogs/../selftests/lib.sh"
find_tools
! native || fail "this is for a tree of another architecture"
# shellcheck disable=SC2154  # top, target and lib are lib.sh's
. "$top/scripts/tempfiles.sh"

declare -A debian=([aarch64]=arm64)
root=$top/build/debian-${debian[$target]}
"$top/scripts/install-deps.sh" --unpack "$root" "${debian[$target]}" \
	python3-minimal libpython3-stdlib redis-server

machine=$(temp_folder machine)
remove_at_exit "$machine"
mkdir "$machine/bin"

# The shell cannot load the library, and says so; the emulated program can.
for program in python3 redis-server; do
	cat > "$machine/bin/$program" <<-END
	#!/bin/sh
	exec qemu-$target -L '$root' -E "LD_PRELOAD=\$LD_PRELOAD" \\
		'$root/usr/bin/$program' "\$@"
	END
done
printf '#!/bin/sh\nexec %s "$@"\n' "$CC" > "$machine/cc"
echo "/lib/$target-linux-gnu/libc.so.6" > "$machine/libc"
chmod -R a+rx "$machine"

REALPROG_MACHINE=$machine "$realprogs/run-all.sh" --short \
	--lib "$target=$lib" python3 redis
