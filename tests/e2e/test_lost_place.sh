#!/usr/bin/env bash
# The file system of a run's results and checkpoint fills up, turns read-only or is taken away while the
# run goes on: it comes to an end, without a result it exits with 3 and names the folder's file; old
# results are as they were, and once there is room again the same command goes on from what was written
# before, to the bytes of a run left alone. The file systems are small ones of a name space of their own.
set -euo pipefail
self=$(realpath "$0")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip 'h5diff is not installed'
use_faults
if [ -z "${RIATA_TEST_MOUNTS:-}" ]; then
  unshare --mount true 2>/dev/null || skip 'mount name spaces are not allowed here'
  status=0
  RIATA_TEST_MOUNTS=1 unshare --mount bash "$self" || status=$?
  exit "$status"
fi

mkdir place
mount -t tmpfs -o size=4m tmpfs place || skip 'mounting is not allowed here'
trap 'cd /; umount -l "$WORK/place" "$WORK/kept" 2>/dev/null || true; rm -rf "$WORK"' EXIT
expect_done "$RIATA" simulate -n 300 -p 3000 --support 30 -o data.h5
cv=(cv data.h5 --folds 4 --alphas 60 --eps 0.005 --checkpoint-every 0)
expect_done "$RIATA" "${cv[@]}" -o whole
expect_done "$RIATA" fit data.h5 --alpha 0.5 -o place/old
cp -r place before

# begin: a run of two ranks that waits once something is written, until there is a file named go
begin() {
  rm -f go
  mpirun -n 2 -x LD_PRELOAD="$faults" -x RIATA_FAULT='hold -1 4' -x RIATA_HOLD="$PWD/go" \
    "$RIATA" "${cv[@]}" --threads 1 -o place/run >out.txt 2>err.txt &
  job=$!
  for _ in $(seq 600); do
    [ ! -e place/run.checkpoint/unit-0-000000 ] || return 0
    sleep 0.1
  done
  wrong 'nothing is written'
}
# ended WHAT PATTERN: without a result, by a sentence
ended() {
  status=0
  touch go
  wait "$job" || status=$?
  [ "$status" -eq 3 ] || wrong "$1: exit status $status, not 3"
  [ "$(grep '^riata: ' err.txt | grep -v '^riata: warning: ' | grep -cE "$2")" -eq 1 ] || {
    wrong "$1: no single sentence like '$2'"
    sed 's/^/    /' err.txt
  }
  expect_text '^riata: warning: .*place/run.checkpoint.*the run goes on' err.txt
}
# mended WHAT: old files are whole, and the run is not lost
mended() {
  diff -r -x 'run.*' before place || wrong "$1: the old files are not as they were"
  rm -f place/run.log.tmp*
  touch place/run.log.tmp4194305 # of a process that is surely no more
  expect_done "$RIATA" "${cv[@]}" --resume -o place/run
  expect_text '^resuming from place/run.checkpoint' err.txt
  cmp whole.curve.tsv place/run.curve.tsv || wrong "$1: the curve is not that of a run left alone"
  [ -z "$(find place -name '*.tmp*')" ] || wrong "$1: parts of files are left"
  rm -rf place/run*
}

begin
head -c 8M /dev/zero >place/filler 2>/dev/null || true
ended full 'place/run\.h5: .*(disk full|No space)'
rm place/filler
mended full

begin # a view of the folder that cannot be written to, for all files opened from now on
mount --bind place place
mount -o remount,bind,ro place
ended read-only 'place/run\..*Read-only file system'
umount place
mended read-only

begin # what is made anew in its place is whole, but for the log, which was open
mkdir kept
mount --bind place kept
umount -l place
rmdir place
ended vanished '^riata: place/run\.log: cannot be written: No such file'
diff -r -x 'run.*' before kept || wrong 'vanished: the old files are not as they were'
cmp whole.curve.tsv place/run.curve.tsv || wrong 'vanished: the curve is not that of a run left alone'
h5diff whole.h5 place/run.h5 /result >difference.txt || wrong 'vanished: another result'
finish
