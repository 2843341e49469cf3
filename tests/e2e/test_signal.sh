#!/usr/bin/env bash
# SIGUSR1 and SIGTERM end a run with status 85 and leave no file behind; so does SIGUSR1 sent
# to mpirun, as Slurm's job script does.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

expect_done "$RIATA" simulate -n 600 -p 4000 -o data.h5
# Leave-one-out takes far longer than the signal.
command=("$RIATA" cv data.h5 --folds 600 --threads 1 -o out/run)

# interrupt SIGNAL COMMAND...
interrupt() {
  local signal=$1 job tries=0
  shift
  status=0
  "$@" >out.txt 2>err.txt &
  job=$!
  until grep -q 'read X' err.txt || [ $((tries += 1)) -gt 200 ]; do sleep 0.1; done
  sleep 1
  kill "-$signal" "$job"
  wait "$job" || status=$?
  [ "$status" -eq 85 ] || wrong "SIG$signal: exit status $status, not 85: $*"
  expect_text '^riata: .*interrupted' err.txt
  [ -z "$(find out -type f 2>/dev/null)" ] || wrong "SIG$signal left $(find out -type f)"
}
interrupt USR1 "${command[@]}"
interrupt TERM "${command[@]}"
interrupt USR1 mpirun -n 2 "${command[@]}"
finish
