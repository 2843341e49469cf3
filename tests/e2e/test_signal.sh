#!/usr/bin/env bash
# SIGUSR1 and SIGTERM end a run with status 85 and leave no file behind but the checkpoint, which the
# message names; so does SIGUSR1 sent to mpirun, as Slurm's job script does. Who insists is obeyed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

expect_done "$RIATA" simulate -n 600 -p 4000 -o data.h5
# Leave-one-out takes far longer than the signal.
command=("$RIATA" cv data.h5 --folds 600 --threads 1 --checkpoint-every 0 -o out/run)

# until_kept: waits until something is worth keeping.
until_kept() {
  local tries=0
  until [ -e out/run.checkpoint/unit-0-000000 ] || [ $((tries += 1)) -gt 600 ]; do sleep 0.1; done
}

# interrupt SIGNAL COMMAND...
interrupt() {
  local signal=$1 job
  shift
  status=0
  rm -rf out
  "$@" >out.txt 2>err.txt &
  job=$!
  until_kept
  kill "-$signal" "$job"
  wait "$job" || status=$?
  [ "$status" -eq 85 ] || wrong "SIG$signal: exit status $status, not 85: $*"
  expect_text '^riata: .*interrupted.*in out/run.checkpoint: the same command with --resume' err.txt
  left=$(find out -type f -not -path 'out/run.checkpoint/*')
  [ -z "$left" ] || wrong "SIG$signal left $left"
  [ -z "$(find out -name '*.tmp*')" ] || wrong "SIG$signal left $(find out -name '*.tmp*')"
}
interrupt USR1 "${command[@]}"
interrupt TERM "${command[@]}"
interrupt USR1 mpirun -n 2 "${command[@]}"

# A second one ends the run at once.
status=0
rm -rf out
"${command[@]}" >out.txt 2>err.txt &
job=$!
until_kept
kill -TERM "$job"
sleep 2.1
kill -TERM "$job" 2>/dev/null || true # it may have been done
wait "$job" || status=$?
[ "$status" -eq 85 ] || wrong "the second SIGTERM: exit status $status, not 85"
finish
