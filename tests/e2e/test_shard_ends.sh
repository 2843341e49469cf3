#!/usr/bin/env bash
# X split over nodes, and something goes wrong: a rank that cannot read, has no memory, loses its
# connection or is killed ends all ranks within seconds; a run that is interrupted goes on from its
# checkpoint to the bytes of an undisturbed one, with X split or not.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "no h5diff"
use_nodes
use_faults

expect_done "$RIATA" simulate -n 300 -p 3000 --support 30 -o data.h5
options=(--folds 4 --alphas 30 --threads 1)

# fault WHAT RANK FIRST: a run with that fault; $status says whether it ended well.
fault() {
  local MPIRUN=(-x LD_PRELOAD="$faults" -x RIATA_FAULT="$1 $2 $3")
  SECONDS=0
  run on_nodes 1+2 cv data.h5 -o out/run "${options[@]}" --shard 2
  [ "$SECONDS" -lt 60 ] || wrong "$*: it took $SECONDS s"
  [ "$status" -ne 0 ] || [ -e out/run.h5 ] || wrong "$*: no result"
  rm -rf out
}
for rank in 0 1 2; do
  fault read "$rank" 0
  [ "$status" -ne 0 ] || wrong "read $rank: nothing failed"
  [ "$(grep -c '^riata: .*data.h5' err.txt)" -eq 1 ] || wrong "read $rank: no sentence that names the file"
done
failed=0
for first in 0 30 70 120 180 250 400; do
  fault memory $((first / 10 % 3)) "$first"
  [ "$status" -ne 0 ] || break
  failed=$((failed + 1))
  [ "$(grep -v '^riata: warning' err.txt | grep -cE '^riata: .*(not enough memory|cannot be read)')" -eq 1 ] || {
    wrong "memory, from block $first on: no single sentence"
    sed 's/^/    /' err.txt
  }
done
[ "$failed" -ge 4 ] || wrong "memory failed $failed times only"
fault send 1 5
[ "$status" -ne 0 ] || wrong 'send: nothing failed'

# a chunk of the second node's part of the file is damaged
if command -v h5repack >/dev/null; then
  expect_done h5repack -l X:CHUNK=100x300 -f X:GZIP=3 data.h5 chunks.h5
  expect_done "$RIATA" cv chunks.h5 "${options[@]}" -o out/whole
  expect_done on_nodes 1+2 cv chunks.h5 "${options[@]}" --shard 2 -o out/run
  cmp out/whole.features.tsv out/run.features.tsv || wrong 'chunks: other features'
  head -c 3000 /dev/zero |
    dd of=chunks.h5 bs=1 seek=$(($(stat -c %s chunks.h5) * 3 / 4)) conv=notrunc 2>/dev/null
  expect_error 1 'chunks.h5: .* chunk .* is damaged' \
    on_nodes 1+2 cv chunks.h5 "${options[@]}" --shard 2 -o out/no
  rm -rf out
fi

# A run of some seconds; the first units of its checkpoint come early.
long=(cv data.h5 --folds 60 --alphas 50 --eps 0.003 --threads 1 --checkpoint-every 0)
expect_done "$RIATA" "${long[@]}" -o out/whole

# until_kept: waits until the checkpoint of out/run holds something, or the job is done.
until_kept() {
  local tries=0
  until [ -e out/run.checkpoint/unit-0-000000 ] || [ -e out/run.h5 ] || [ $((tries += 1)) -gt 600 ]; do
    sleep 0.1
  done
}
# ranks_of PREFIX: process numbers of the ranks of this test that write there.
ranks_of() {
  local process
  for process in $(pgrep -x riata); do
    if tr '\0' ' ' <"/proc/$process/cmdline" | grep -F -e "-o $WORK/$1" >/dev/null; then
      printf '%d\n' "$process"
    fi
  done
}
# same_as_whole WHAT
same_as_whole() {
  cmp out/whole.curve.tsv out/run.curve.tsv || wrong "$1: another curve"
  h5diff out/whole.h5 out/run.h5 /result /result >/dev/null || wrong "$1: another /result"
  rm -rf out/run.*
}

on_nodes 1+1 "${long[@]}" --shard 2 -o "$WORK/out/run" >out.txt 2>err.txt &
job=$!
until_kept
ranks_of out/run | sed -n '$p' | xargs -r kill -9 || true # it may be done
SECONDS=0
status=0
wait "$job" || status=$?
[ "$SECONDS" -lt 60 ] || wrong "killed: the others took $SECONDS s"
[ "$status" -ne 0 ] || [ -e out/run.h5 ] || wrong 'killed: status 0 and no result'
expect_done "$RIATA" "${long[@]}" --resume -o "$WORK/out/run"
same_as_whole 'killed, and resumed on one node'

on_nodes 1+1 "${long[@]}" --shard 2 -o "$WORK/out/run" >out.txt 2>err.txt &
job=$!
until_kept
ranks_of out/run | sed -n 1p | xargs -r kill -USR1 || true
status=0
wait "$job" || status=$?
[ "$status" -eq 85 ] || [ -e out/run.h5 ] || wrong "interrupted: status $status"
expect_done on_nodes 2+1 "${long[@]}" --shard 2 --resume -o "$WORK/out/run"
same_as_whole 'interrupted, and resumed on more ranks'

"$RIATA" "${long[@]}" -o "$WORK/out/run" >out.txt 2>err.txt &
job=$!
until_kept
kill -TERM "$job" || true
wait "$job" || true
expect_done on_nodes 1+1 "${long[@]}" --shard 2 --resume -o "$WORK/out/run"
same_as_whole 'interrupted on one node, and resumed on two'

finish
