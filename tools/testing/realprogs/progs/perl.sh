#!/bin/bash
# SPDX-License-Identifier: MIT
#
# perl: hashes, sorting, regular expressions, growing strings, fork.

. "$(dirname "$0")/../common.sh"

needs=perl

prog_setup()
{
	cat > "$work/work.pl" <<-'END'
	use strict;
	use warnings;
	use Digest::SHA qw(sha256_hex);

	my $count = shift;
	my %h;
	for my $i (1 .. $count) {
		my $k = $i * 7919 % 1000003;
		$h{"key $k"} = [ $i, "v" x ($i % 50), { id => $k } ];
	}
	my @keys = sort keys %h;
	print scalar(@keys), " $keys[0] $keys[-1]\n";
	my $text = '';
	for my $k (@keys) {
		(my $t = $k) =~ s/(\d)(\d)/$2-$1/g;
		$text .= "$t=$h{$k}[1];";
		delete $h{$k} if $h{$k}[0] % 3;
	}
	print length($text), ' ', scalar(keys %h), ' ', sha256_hex($text), "\n";
	my @parts = split /;/, $text;
	print scalar(@parts), ' ', sha256_hex(join '|', reverse @parts), "\n";
	$| = 1;
	for my $n (1 .. 5) {
		my $pid = open(my $pipe, '-|') // die "fork: $!";
		if (!$pid) {
			my @copy = map { uc } @parts[0 .. 4000 * $n];
			print sha256_hex("@copy"), "\n";
			exit 0;
		}
		print <$pipe>;
		close $pipe or die "child: $?";
	}
	END
}

prog_run()
{
	under perl "$work/work.pl" "$(pick 80000 300000 2000000)"
}

realprog_main "$@"
