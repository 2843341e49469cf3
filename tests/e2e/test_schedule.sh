#!/usr/bin/env bash
# scripts/schedule deals as the program does: the ranks that a run records for its units are those that
# the simulator gives them, and of the rest, which are kept back where a rank has many, those go to one
# rank that the simulator puts into one hand. Its efficiencies are between 0 and 1 and fall with the ranks, and no rank
# count beats what the longest unit allows.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
schedule=$RIATA_SOURCE/scripts/schedule

expect_done "$RIATA" simulate -n 80 -p 400 --support 8 -o data.h5
for ranks in 2 3 5; do
  for blocks in 15 1 4; do
    expect_done mpirun -n "$ranks" "$RIATA" cv data.h5 --folds 4 --alphas 30 --alpha-blocks "$blocks" \
      --threads 1 -o out/run
    expect_done "$schedule" out/run.json --deal "$ranks"
    python3 - "$ranks" <<'PYTHON' || failures=$((failures + 1))
import json, sys
units = json.load(open("out/run.json"))["units"]
dealt = [line.split() for line in open("out.txt")][1:]
assert len(dealt) == len(units)
for unit, line in zip(units, dealt):
    assert [int(f) for f in line[:4]] == [unit[c] for c in ("path", "fold", "first", "count")], (unit, line)
    assert line[4] == "rest" or int(line[4]) == unit["rank"], (unit, line)
# a hand of the rest goes to one rank, whoever that is
hands = {}
for unit, line in zip(units, dealt):
    assert (line[4] == "rest") == (line[5] != "-"), line
    if line[4] == "rest":
        hands.setdefault(int(line[5]), []).append(unit["rank"])
assert all(len(set(owners)) == 1 for owners in hands.values()), hands
sizes = [len(hands[h]) for h in sorted(hands)]
assert not sizes or (max(sizes) > 1 and len(sizes) > 1), sizes
kept = sum(line[4] == "rest" for line in dealt)
assert (kept > 0) == (len(units) == 75), (kept, len(units))
assert {unit["rank"] for unit in units} == set(range(int(sys.argv[1])))
PYTHON
  done
done

expect_done "$schedule" out/run.json --repeats 5 --ranks 1,2,4,16,64,10000
python3 - <<'PYTHON' || failures=$((failures + 1))
lines = [line.split() for line in open("out.txt") if not line.startswith("#")][1:]
efficiency = [float(line[2]) for line in lines]
bound = [float(line[3]) for line in lines]
assert abs(efficiency[0] - 1) < 1e-3, efficiency
assert all(a >= b - 0.02 for a, b in zip(efficiency, efficiency[1:])), efficiency
assert all(0 < e <= b + 0.01 for e, b in zip(efficiency, bound)), (efficiency, bound)
PYTHON
# 10 folds x 5 repeats on 64 ranks, of units that take up to 1.7 times as long as others of their cost:
# what is kept back makes up for that
python3 - <<'PYTHON'
import json, random
draw, units = random.Random(1), []
for fold in [*range(10), -1]:
    for first in range(0, 96, 6):
        cost = sum(0.2 + (a / 96) ** 1.5 for a in range(first, first + 6)) * draw.uniform(0.75, 1.25)
        units.append({"path": 0, "fold": fold, "first": first, "count": 6, "rank": 0, "seconds": cost / 50})
whole = sum(u["seconds"] for u in units)
ledger = [{"screening": 0.25 * whole, "planning": 0.01}]
alphas = [[0.95**a for a in range(96)]]
json.dump({"units": units, "ledger": ledger, "threads": 1, "ranks": 1, "paths": [{"alphas": alphas[0]}]},
          open("made.json", "w"))
PYTHON
for how in '' --at-once; do
  expect_done "$schedule" made.json --repeats 5 --ranks 64 $how
  expect_text '^# 816 units' out.txt
  awk '$1 == 64 { print $3 }' out.txt >>on64
done
awk '{ print; e[NR] = $1 } END { exit !(e[1] >= 0.9 && e[1] > e[2] + 0.03 && e[2] > 0.5) }' on64 ||
  wrong 'units that are kept back do not pay'
# 100 fits in hands of 4 on 8 ranks: all of the rest is handed out
expect_done "$schedule" out/run.json --fits 100 --hand 4 --ranks 8
expect_text '^# 400 units' out.txt
expect_done "$schedule" out/run.json --fits 100 --hand 4 --deal 8
[ "$(awk '$5 == "rest"' out.txt | wc -l)" -eq 368 ] || wrong 'ranks begin with more than a hand, or less'

# refused STATUS PATTERN ARGUMENTS...: with one sentence
refused() {
  local expected=$1 pattern=$2
  shift 2
  run timeout 60 "$schedule" "$@"
  [ "$status" -eq "$expected" ] || wrong "status $status, not $expected: $*"
  [ "$(grep -cE '^schedule: |Traceback' err.txt)" -eq 1 ] || wrong "no single sentence: $*"
  expect_text "$pattern" err.txt
}
refused 1 'data\.h5: is not JSON' data.h5
refused 1 'nowhere\.json: No such file' nowhere.json
for text in '[]' '{}' 'null' '{"units": [{}], "ledger": [{}], "paths": [], "threads": 1, "ranks": 1}'; do
  printf '%s\n' "$text" >other.json
  refused 1 'other\.json: does not say what units cost' other.json
done
for option in --ranks --threads --node --repeats --deal; do
  refused 2 "argument $option: '0': give a whole number from 1" made.json "$option" 0
done
refused 2 "argument --hand: '-1': give a whole number from 0" made.json --hand -1
refused 2 "argument --ranks: '4x': give" made.json --ranks 2,4x
run bash -c "set -o pipefail; '$schedule' made.json | head -n 1"
[ "$status $(cat err.txt)" = '0 ' ] || wrong 'a reader that has enough is an error'
finish
