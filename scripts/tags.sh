#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Index the sources for editors, Kconfig symbols included.
#
# usage: srctree=. tags.sh tags|TAGS|cscope

set -eu
: "${srctree:?}"

sources()
{
	find "$srctree/arch" "$srctree/include" "$srctree/lib" "$srctree/mm" \
		"$srctree/remote" "$srctree/shard" "$srctree/init" \
		"$srctree/tools" -name '*.[ch]' ! -path '*/generated/*'
}

kconfigs()
{
	find "$srctree" -name .git -prune -o -name 'Kconfig*' -type f -print |
		grep -v '/build/'
}

need()
{
	command -v "$1" >/dev/null || {
		echo "$1 was not found: install the package $2" >&2
		exit 1
	}
}

# Annotations between a name and its body hide the name from ctags.
index()
{
	need ctags universal-ctags
	{
		sources
		kconfigs
	} | sort | ctags "$@" -L - \
		-I '__acquires+,__releases+,__must_hold+,__try_acquires+' \
		--langdef=Kconf --map-Kconf=+'(Kconfig*)' \
		--regex-Kconf='/^[ \t]*(menu)?config[ \t]+([A-Z0-9_]+)/CONFIG_\2/c,config/'
}

case $1 in
tags) index -f tags ;;
TAGS) index -e -f TAGS ;;
cscope)
	need cscope cscope
	sources | sort >cscope.files
	cscope -b -q -k
	rm -f cscope.files
	;;
esac
