#!/usr/bin/env bash
# scripts/scaling: a line for each run, with machine and commit, and a picture; the same command goes
# on where it was and measures nothing twice; weak scaling has as many repeats as ranks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
scaling=$RIATA_SOURCE/scripts/scaling

expect_done "$scaling" both --size 60x200 --ranks 1 -o out/s
expect_text '^# machine' out/s.tsv
expect_text '^# riata [0-9]' out/s.tsv
[ -s out/s.svg ] || [ -s out/s.gp ] || wrong 'there is no picture'
grep -v '^#' out/s.tsv >before
expect_done "$scaling" both --size 60x200 --ranks 1,2 -o out/s
[ "$(grep -c '^\(strong\|weak\):' out.txt)" -eq 2 ] || wrong 'what was measured is measured again'
[ "$(grep -cFf <(tail -n +2 before) out/s.tsv)" -eq 2 ] || wrong 'earlier lines are lost'
[ "$(grep '^weak' out/s.tsv | cut -f 4,5 | tr '\t\n' ' ;')" = '1 1;2 2;' ] || wrong 'weak scaling has other repeats'
[ "$(grep '^strong' out/s.tsv | cut -f 4,5 | tr '\t\n' ' ;')" = '1 1;1 2;' ] || wrong 'strong scaling has repeats'
run "$scaling" strong --size 60 -o out/none
[ "$status" -eq 2 ] || wrong "status $status, not 2, for a wrong size"
expect_text "'60': give samples x features" err.txt
finish
