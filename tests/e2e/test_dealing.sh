#!/usr/bin/env bash
# Units are taken by whoever is ready: while one rank is held up in what it began with, the others do
# all the rest, and then wait for it; the result is that of a single rank. Which units it began with is
# known from scripts/schedule.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
use_faults

expect_done "$RIATA" simulate -n 80 -p 2500 --support 8 -o data.h5
options=(--folds 4 --alphas 64 --eps 0.05 --alpha-blocks 16 --threads 1)
expect_done "$RIATA" cv data.h5 -o out/alone "${options[@]}"
expect_done "$RIATA_SOURCE/scripts/schedule" out/alone.json --deal 5
cp out.txt dealt
begun=$(awk '$5 == 1' dealt | wc -l) rest=$(awk '$5 == "rest"' dealt | wc -l)
[ "$begun" -gt 0 ] || wrong 'rank 1 begins with nothing'
[ "$rest" -ge 5 ] || wrong "only $rest units are kept back"

# done_units: of the run that is under way, as its checkpoint tells.
done_units() {
  "$RIATA" status out/held 2>/dev/null | grep -c ' done$' || true
}

mpirun -n 5 -x LD_PRELOAD="$faults" -x RIATA_FAULT='hold 1 0' -x RIATA_HOLD="$WORK/go" \
  "$RIATA" cv data.h5 -o out/held "${options[@]}" --checkpoint-every 0 >run.txt 2>&1 &
job=$!
for _ in $(seq 500); do
  finished=$(done_units)
  [ "$finished" -lt $((80 - begun)) ] || break
  sleep 0.1
done
[ "$finished" -ge $((80 - begun)) ] || wrong "$finished units are done without rank 1, not $((80 - begun))"
touch go
status=0
wait "$job" || status=$?
[ "$status" -eq 0 ] || {
  wrong "exit status $status"
  sed 's/^/    /' run.txt
}
python3 - <<'PYTHON' || failures=$((failures + 1))
import json
done = json.load(open("out/held.json"))["units"]
dealt = [line.split() for line in open("dealt")][1:]
first = {tuple(map(int, line[:4])): line[4] for line in dealt}
taken = {tuple(u[c] for c in ("path", "fold", "first", "count")): u["rank"] for u in done}
assert len(done) == 80 and taken.keys() == first.keys()
for unit, rank in first.items():
    assert rank == "rest" or taken[unit] == int(rank), (unit, rank, taken[unit])
mine = {unit for unit, rank in taken.items() if rank == 1}
assert mine == {unit for unit, rank in first.items() if rank == "1"}, mine
PYTHON
cmp out/alone.curve.tsv out/held.curve.tsv || wrong 'the curve depends on who does what'
cmp out/alone.features.tsv out/held.features.tsv || wrong 'the features depend on who does what'
finish
