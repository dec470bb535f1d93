#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Print a C header with the configuration as a list of strings, for
# hz3_config() and the hz3.config section. A bool that is not set is "n".
# What the compiler can do is left out: it is no choice of anybody.
#
# usage: mkconftable.sh .config

set -eu

cat <<'EOF'
/* Made by scripts/mkconftable.sh: X(name, value) for every symbol. */
#define HZ3_CONF_TABLE(X) \
EOF
awk '
/^CONFIG_(CC|LD)_HAS_/ || /^# CONFIG_(CC|LD)_HAS_/ { next }
/^CONFIG_/ {
	eq = index($0, "=")
	value = substr($0, eq + 1)
	if (value !~ /^"/)
		value = "\"" value "\""
	printf "\tX(\"%s\", %s) \\\n", substr($0, 1, eq - 1), value
}
/^# CONFIG_.* is not set$/ { printf "\tX(\"%s\", \"n\") \\\n", $2 }
END { print "\t/* end */" }
' "$1"
