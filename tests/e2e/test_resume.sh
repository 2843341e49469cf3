#!/usr/bin/env bash
# A run that was killed goes on where it was, on other ranks and threads, to the bytes of a run that
# was left alone; a checkpoint that is in the way or of another run is refused by the name of what
# differs; one that cannot be written costs a warning and nothing else.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

command -v h5diff >/dev/null || skip "h5diff is not installed"

same_result() { # same_result PREFIX PREFIX WHAT
  local table
  for table in curve.tsv features.tsv; do
    cmp "$1.$table" "$2.$table" || wrong "$3: $table differs"
  done
  h5diff "$1.h5" "$2.h5" /result >difference.txt || wrong "$3: the result differs"
}

# killed_at FILES PREFIX OPTIONS...: a cv of data.h5 that is killed once its checkpoint has that many
# unit files; it is slowed down by writing at each window, so that it is not done by then.
killed_at() {
  local files=$1 prefix=$2 job
  shift 2
  "$RIATA" cv data.h5 --threads 1 --checkpoint-every 0 -o "$prefix" "$@" >killed.txt 2>&1 &
  job=$!
  for _ in $(seq 3000); do
    [ "$(find "$prefix.checkpoint" -name 'unit-?-??????' 2>/dev/null | wc -l)" -lt "$files" ] || break
    sleep 0.005
  done
  kill -KILL "$job" 2>/dev/null || true
  wait "$job" 2>/dev/null || true
  [ -d "$prefix.checkpoint" ] || wrong "$prefix: it was over before it was killed"
}

expect_done "$RIATA" simulate -n 300 -p 3000 --support 30 -o data.h5
options=(--folds 4 --eps 0.005 --alphas 60)
expect_done "$RIATA" cv data.h5 --threads 2 -o whole "${options[@]}"
[ ! -e whole.checkpoint ] || wrong 'a finished run leaves its checkpoint'

killed_at 5 killed "${options[@]}"
expect_error 1 'unfinished run; --resume goes on from there, --fresh starts' \
  "$RIATA" cv data.h5 -o killed "${options[@]}"
expect_error 1 "'alphas' was 60 there and is 61 now" \
  "$RIATA" cv data.h5 -o killed "${options[@]}" --alphas 61 --resume
expect_error 1 "'--tol' was 1e-06 there and is 1e-05 now" \
  env SLURM_RESTART_COUNT=1 "$RIATA" cv data.h5 -o killed "${options[@]}" --tol 1e-5
expect_done "$RIATA" simulate -n 300 -p 3000 --support 30 --seed 9 -o other.h5
expect_error 1 "other data: 'dataset' differs" \
  "$RIATA" cv other.h5 -o killed "${options[@]}" --resume
cp -r killed.checkpoint kept.checkpoint

expect_done mpirun -n 3 "$RIATA" cv data.h5 --threads 1 -o killed "${options[@]}" --resume
expect_text '^resuming from killed.checkpoint: [0-9]+ of 300 points' err.txt
same_result whole killed 'three ranks'
[ ! -e killed.checkpoint ] || wrong 'a resumed run leaves its checkpoint'

# a requeued job, damaged files, another place
cp -r kept.checkpoint elsewhere
printf 'x' >>elsewhere/unit-0-000000
truncate -s 1000 elsewhere/unit-0-000001
expect_done env SLURM_RESTART_COUNT=2 "$RIATA" cv data.h5 --threads 2 -o requeued \
  --checkpoint elsewhere "${options[@]}"
expect_text 'warning: elsewhere/unit-0-000000 holds more than it should: its fit starts anew' err.txt
expect_text 'warning: elsewhere/unit-0-000001 is cut short: its fit starts anew' err.txt
expect_text '^resuming from elsewhere' err.txt
same_result whole requeued 'damaged files'

# nothing to resume from; anew
expect_done "$RIATA" cv data.h5 -o first "${options[@]}" --resume
expect_text 'no checkpoint in first.checkpoint: the run begins' err.txt
same_result whole first 'no checkpoint'
cp -r kept.checkpoint anew.checkpoint
expect_done "$RIATA" cv data.h5 -o anew "${options[@]}" --fresh
same_result whole anew 'anew'
expect_error 1 'give one of the two' "$RIATA" cv data.h5 -o anew --resume --fresh
expect_error 1 'not with --checkpoint none' "$RIATA" cv data.h5 -o anew --resume --checkpoint none

# a place that cannot be: asked for, or by default
touch file
expect_error 3 'file.*(cannot|is not|Not a directory)' \
  "$RIATA" cv data.h5 --checkpoint file/below -o nowhere "${options[@]}"
touch barred.checkpoint
expect_done "$RIATA" cv data.h5 -o barred "${options[@]}"
expect_text 'warning: .*barred.checkpoint.*the run goes on without a checkpoint' err.txt
same_result whole barred 'no place for a checkpoint'

# a folder that vanishes while the run goes on
"$RIATA" cv data.h5 --threads 1 --checkpoint-every 0 -o gone "${options[@]}" >out.txt 2>err.txt &
job=$!
for _ in $(seq 3000); do
  [ ! -e gone.checkpoint/unit-0-000000 ] || break
  sleep 0.005
done
mv gone.checkpoint elsewhere.checkpoint || wrong 'there was no checkpoint to take away'
status=0
wait "$job" || status=$?
[ "$status" -eq 0 ] || wrong "without its checkpoint the run ended with $status"
same_result whole gone 'a vanished checkpoint'

# by moments, by shooting, with early stopping, with blocks
while read -r name extra; do
  read -ra more <<<"$extra"
  expect_done "$RIATA" cv data.h5 -o "whole.$name" "${options[@]}" "${more[@]}"
  killed_at 3 "killed.$name" "${options[@]}" "${more[@]}"
  expect_done mpirun -n 2 "$RIATA" cv data.h5 --threads 2 -o "killed.$name" "${options[@]}" \
    "${more[@]}" --resume
  same_result "whole.$name" "killed.$name" "$name"
done <<'END'
blocks --alpha-blocks 3
stop --early-stop --patience 5
net --l1-ratio 1,0.5
shooting --solver shooting --tol 1e-4
repeats --repeats 2
finer --refine 10
END
finish
