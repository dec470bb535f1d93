#!/bin/bash
# SPDX-License-Identifier: MIT
#
# git: clone of a repository made from what is installed here (headers, Perl
# and Python modules, documentation), gc --aggressive, fsck. Which deltas two
# packing threads choose is a matter of timing, so the objects are compared,
# not the pack.

. "$(dirname "$0")/../common.sh"

needs=git

# Every commit adds a slice of the files and changes those before.
commit_slices()
{
	local slices=$1 i

	for i in $(seq 0 $((slices - 1))); do
		awk -v n="$slices" -v i="$i" 'NR % n == i' "$work/files" |
			tar -P -chf - --no-recursion -T - 2> "$work/tar.log" |
			tar -C repo -xf -
		find repo -name '*.h' -o -name '*.pm' | sort |
			awk -v i="$i" 'NR % 5 == i % 5' |
			xargs -r -d '\n' sed -i "1i /* slice $i */"
		git -C repo add -A
		git -C repo commit -q -m "slice $i"
	done
}

prog_setup()
{
	export GIT_AUTHOR_DATE='1700000000 +0000'
	export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
	cat > "$work/gitconfig" <<-END
	[user]
		name = hz3
		email = hz3@example.org
	[init]
		defaultBranch = main
	[gc]
		auto = 0
	[pack]
		threads = 2
	[safe]
		directory = *
	[maintenance]
		auto = false
	END
	export GIT_CONFIG_GLOBAL=$work/gitconfig
	cd "$work"
	find /usr/include /usr/share/perl /usr/lib/python3 \
		/usr/lib/python3.* /usr/lib/gcc /usr/share/doc \
		-xdev -type f -size -200k ! -name '*.pyc' ! -path '*/test/*' \
		-readable -printf '%H/%P\n' 2> "$work/find.log" | sort |
		awk -v most="$(pick 1200 2500 60000)" 'NR <= most' \
		> "$work/files" || :
	git init -q repo
	commit_slices "$(pick 3 3 8)"
}

prog_run()
{
	export GIT_CONFIG_GLOBAL=$work/gitconfig
	rm -rf clone
	under git clone -q --no-local "file://$work/repo" clone
	cd clone
	under git gc -q --aggressive --prune=now
	under git fsck --full --no-progress
	under git log --stat --format='%H %s' | sha256sum
	under git rev-list --objects --all | sort | sha256sum
	under git archive HEAD | sha256sum
	git rev-list --objects --all | wc -l
	cd ..
	rm -rf clone
}

realprog_main "$@"
