# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Sourced by what needs temporary files: they are gone when the script has
# ended, whatever ended it.

# at_exit COMMAND: run it when the script ends. A signal must end it by exit:
# not every shell that is killed runs its EXIT trap.
at_exit()
{
	# shellcheck disable=SC2064  # a command's name
	trap "$1" EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

remove_doomed()
{
	rm -rf "$doomed"
}

# remove_at_exit PATH: one path a script
remove_at_exit()
{
	doomed=$1
	at_exit remove_doomed
}

# temp_folder NAME: make a folder, print its path
temp_folder()
{
	mktemp -d "${TMPDIR:-/tmp}/hz3-$1.XXXXXX"
}
