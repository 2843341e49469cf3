#!/usr/bin/env bash
# A rank that cannot read, has no memory or loses its connection ends all ranks within seconds, with
# one sentence, and without touching what was there; a disk that is full while the checkpoint is
# written costs a warning, and what was written before stays good.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_faults

expect_done "$RIATA" simulate -n 300 -p 3000 --support 30 -o data.h5
options=(--folds 4 --alphas 60 --eps 0.005 --threads 1)
expect_done "$RIATA" cv data.h5 -o whole "${options[@]}"
expect_done "$RIATA" fit data.h5 --alpha 0.5 -o out/run
before=$(cat out/run.[!c]* out/run.curve.tsv | cksum)

# fault WHAT RANK FIRST RANKS OPTIONS...: a run with that fault
fault() {
  local what="$1 $2 $3" ranks=$4
  shift 4
  SECONDS=0
  run timeout 120 mpirun -n "$ranks" -x LD_PRELOAD="$faults" -x RIATA_FAULT="$what" \
    "$RIATA" cv data.h5 -o out/run "${options[@]}" "$@"
  [ "$SECONDS" -lt 60 ] || wrong "$what on $ranks ranks: it took $SECONDS s"
}
same_as_before() {
  [ "$(cat out/run.[!c]* out/run.curve.tsv | cksum)" = "$before" ] || wrong "$*: the old files are not as they were"
  rm -rf out/run.checkpoint
}

for first in 0 6 12 20; do
  for rank in 0 1; do
    fault read "$rank" "$first" 2
    if [ "$status" -ne 0 ]; then # the call was made by then
      { [ "$status" -eq 3 ] || [ "$status" -eq 1 ]; } || wrong "read $rank $first: status $status"
      [ "$(grep -c '^riata: .*data.h5' err.txt)" -eq 1 ] || {
        wrong "read $rank $first: no single sentence that names the file"
        sed 's/^/    /' err.txt
      }
      same_as_before "read $rank $first"
    elif [ "$first" -eq 0 ]; then
      wrong "read $rank: nothing failed"
    fi
  done
done

# from the first block to the last: wherever memory ends, the run does
failed=0
for first in 0 3 10 30 60 100 150 250 400 700; do
  fault memory $((first % 3)) "$first" 3
  [ "$status" -ne 0 ] || break
  failed=$((failed + 1))
  [ "$status" -eq 3 ] || wrong "memory, from block $first on: status $status"
  [ "$(grep -cE '^riata: .*not enough memory' err.txt)" -eq 1 ] || {
    wrong "memory, from block $first on: no single sentence"
    sed 's/^/    /' err.txt
  }
  same_as_before "memory, from block $first on"
done
[ "$failed" -ge 4 ] || wrong "memory failed $failed times only"

for first in 0 2; do
  fault send 1 "$first" 3
  [ "$status" -eq 3 ] || wrong "send $first: status $status"
  [ "$(grep -c '^riata: rank 1 on .*: another rank, or the connection to it, is lost (' err.txt)" -eq 1 ] || {
    wrong "send $first: no single sentence"
    sed 's/^/    /' err.txt
  }
  same_as_before "send $first"
done

# over the quota nothing can be written, the result neither
fault quota -1 1 2 --checkpoint-every 0
[ "$status" -eq 3 ] || wrong "over the quota: status $status"
[ "$(grep '^riata: ' err.txt | grep -v '^riata: warning' | grep -c 'out/run\..*Disk quota exceeded')" -eq 1 ] || {
  wrong 'over the quota: no single sentence'
  sed 's/^/    /' err.txt
}
expect_text '^riata: warning: out/run\.checkpoint/.*Disk quota exceeded; the run goes on' err.txt
same_as_before 'over the quota'

# a full disk: a warning, and the result; then a killed run whose last writings failed
fault disk -1 0 2 --checkpoint-every 0
[ "$status" -eq 0 ] || wrong "a full disk ended the run with $status"
expect_text '^riata: warning: .*unit-.*No space left on device; the run goes on' err.txt
[ ! -e out/run.checkpoint ] || wrong 'a full disk leaves a checkpoint'
cmp whole.curve.tsv out/run.curve.tsv || wrong 'a full disk changes the result'

# A slow disk makes writings rare, but fits that are done do not wait for the next one of all: of a
# first writing that took 2 s, the next is due after more than a minute.
expect_done "$RIATA" simulate -n 3000 -p 1500 --support 100 -o tall.h5
LD_PRELOAD="$faults" RIATA_FAULT='hold -1 0' RIATA_HOLD=$PWD/go "$RIATA" cv tall.h5 --folds 200 \
  --threads 1 -o out/slow -q &
job=$!
written() { [ "$(find out/slow.checkpoint -name "$1" 2>/dev/null | wc -l)" -ge "$2" ]; }
await() { # await SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}
await 60 written 'unit-*.tmp*' 1 || wrong 'no fit is written'
sleep 2
touch go
await 30 written 'unit-?-??????' 3 || wrong 'fits that are done are not written within seconds'
kill -0 "$job" || wrong 'the run was over too soon'
kill -KILL "$job"
wait "$job" 2>/dev/null || true
finish
