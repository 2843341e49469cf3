#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Law: when one rank is killed, the whole job ends by itself within seconds, with a non-zero status
# (137 from mpirun, or 3 where another rank noticed first), no rank lives on, and nothing is left in
# /dev/shm or TMPDIR.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/tmp"
export TMPDIR=$folder/tmp

TMPDIR=$folder/tmp "$MPIEXEC" -n 3 "$TEST_STAGES" linger >"$folder/pids" 2>"$folder/log" &
launcher=$!
for _ in $(seq 100); do
    [[ $(wc -l <"$folder/pids") -eq 3 ]] && break
    sleep 0.1
done
mapfile -t pids <"$folder/pids"
[[ ${#pids[@]} -eq 3 ]] || { echo "the ranks did not start"; cat "$folder/log"; exit 1; }
# Their shared memory has lost its name by then; others may run beside this test, so that only what
# these ranks made is looked for.
shared=()
for _ in $(seq 100); do
    mapfile -t shared < <(grep -ohE '/[^ ]*/riata-[[:alnum:]]+' "/proc/${pids[1]}/maps" | sort -u)
    [[ ${#shared[@]} -gt 0 ]] && break
    sleep 0.1
done
[[ ${#shared[@]} -gt 0 ]] || { echo "nothing is shared"; exit 1; }
sleep 0.5
kill -KILL "${pids[1]}"
SECONDS=0
status=0
wait "$launcher" || status=$?
if ((status != 137 && status != 3)) || ((SECONDS > 10)); then
    echo "mpirun ended with $status after $SECONDS s"
    cat "$folder/log"
    exit 1
fi
for _ in $(seq 50); do
    alive=0
    for pid in "${pids[@]}"; do
        if [[ -e /proc/$pid/stat ]] && ! grep -q ') Z ' "/proc/$pid/stat" 2>/dev/null; then
            alive=1
        fi
    done
    ((alive)) || break
    sleep 0.1
done
((alive == 0)) || { echo "a rank lives on"; exit 1; }
left=$(find "$TMPDIR" -maxdepth 1 -name 'riata-*' | wc -l)
for file in "${shared[@]}"; do
    [[ ! -e $file ]] || left=$((left + 1))
done
[[ $left -eq 0 ]] || { echo "shared memory was left behind"; exit 1; }
