#!/usr/bin/env bash
# The command line: help names every option with its default, wrong usage gets one sentence that
# names the option, the value and what is legal, and exit status 1.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

expect_done "$RIATA" --version
for line in '^riata [0-9]+\.[0-9]+\.[0-9]+$' '^MPI ' '^HDF5 ' '^OpenMP ' '^SIMD ' '^compiler '; do
  expect_text "$line" out.txt
done

expect_done "$RIATA" --help
expect_text 'lambda is alpha' out.txt
expect_text '^ +85 ' out.txt
commands=(import simulate info cv stability path fit predict verify report status)
for command in "${commands[@]}"; do
  grep -qE "^  $command " out.txt || wrong "--help does not list $command"
done
for command in "${commands[@]}"; do
  expect_done "$RIATA" "$command" --help
  expect_text '^Example$' out.txt
  expect_text '^Exit status$' out.txt
  options=$(grep -cE '^  (-., )?--' out.txt)
  defaults=$(tr '\n' ' ' <out.txt | tr -s ' ' | grep -oE 'Default: |Needed\.' | wc -l)
  [ "$((options - 1))" -eq "$defaults" ] || wrong "$command: $options options, $defaults defaults"
  awk 'length > 100 { exit 1 }' out.txt || wrong "$command: help is too wide"
done
# X is in memory, whole, where it is made and where results are recomputed from it.
for command in simulate verify; do
  expect_done "$RIATA" "$command" --help
  expect_text '^  --threads T$' out.txt
  ! grep -E -e '--(memory|stream|shard)' out.txt || wrong "$command: options that have no meaning there"
  expect_error 1 "unknown option '--memory'|'--memory'" "$RIATA" "$command" --memory 1G
done
expect_done "$RIATA" cv --help
for option in 'threads T' 'memory SIZE' stream 'shard N'; do
  expect_text "^  --$option\$" out.txt
done
expect_done "$RIATA" --man
for command in "${commands[@]}"; do
  expect_text "^\.SS riata $command" out.txt
done

expect_error 1 'subcommand is needed' "$RIATA"
expect_error 1 "'cvv'; did you mean 'cv'" "$RIATA" cvv
expect_error 1 "'--foldz'; did you mean --folds" "$RIATA" cv data.h5 --foldz 5
expect_error 1 "'--fold'.* --folds and --fold-file" "$RIATA" cv data.h5 --fold 5
expect_error 1 "'--folds' needs a value" "$RIATA" cv data.h5 --folds
expect_error 1 '--positive takes no value' "$RIATA" cv data.h5 --positive=yes
expect_error 1 'DATA is needed' "$RIATA" cv
expect_error 1 'one argument too many' "$RIATA" cv a.h5 b.h5
expect_error 1 'DATA is needed' "$RIATA" predict a.h5
expect_error 1 '--alpha A is needed' "$RIATA" fit data.h5
expect_error 1 '--output FILE is needed' "$RIATA" import table.csv --response y

# Option, value, legal range.
while read -r option value legal; do
  expect_error 1 "--$option: '$value' is not allowed; give .*$legal" \
    "$RIATA" cv data.h5 "--$option" "$value"
done <<'END'
folds 1 at least 2
folds ten whole number
folds 2.5 whole number
folds 10x whole number
alphas 0 at least 1
eps 0 above 0
eps 1 below 1
alpha-list -2 at least 0
alpha-list nan at least 0
l1-ratio 1.5 at most 1
l1-ratio x at most 1
tol 0 above 0
tol inf below 1
threads 0 at least 1
alpha-blocks 0 at least 1
solver fast auto, shooting, newton
fold-scheme any random, modulo, contiguous, grouped
select max min, 1se
missing drop error, mean
layout other auto, features-first, samples-first
END
expect_error 1 "--alpha: '-1' is not allowed; give a number at least 0" \
  "$RIATA" fit data.h5 --alpha -1
expect_error 1 "--alpha-list: .*absent.txt" "$RIATA" cv data.h5 --alpha-list @absent.txt
expect_error 1 'either a table or VCF, or --bfile' "$RIATA" import -o data.h5
expect_error 1 '--response NAME is needed' "$RIATA" import table.csv -o data.h5
expect_error 1 'either -o FILE or --bfile' "$RIATA" simulate
expect_error 1 'at most the number of features' "$RIATA" simulate -p 10 --support 11 -o data.h5

# Under mpirun the same status, and one sentence for all ranks.
expect_error 1 "--folds: '1' is not allowed" mpirun -n 2 "$RIATA" cv data.h5 --folds 1
finish
