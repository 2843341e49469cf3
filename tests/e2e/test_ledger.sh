#!/usr/bin/env bash
# The ledger: a line for each rank in the log and the JSON, which together have done all units and
# points, and no account is longer than the run; each unit's cost is recorded.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"

expect_done "$RIATA" simulate -n 100 -p 2000 --support 10 -o data.h5
for ranks in 1 3 5; do
  expect_done mpirun -n "$ranks" "$RIATA" cv data.h5 --folds 4 --alphas 40 --threads 1 -o "out/$ranks"
  expect_text '^Ledger: ' "out/$ranks.log"
  [ "$(grep -cE '^ *[0-9]+( +[0-9.]+){7}' "out/$ranks.log")" -eq "$ranks" ] ||
    wrong "the log of $ranks ranks has another number of lines"
  python3 - "out/$ranks.json" "$ranks" <<'PYTHON' || failures=$((failures + 1))
import json, sys
result, ranks = json.load(open(sys.argv[1])), int(sys.argv[2])
ledger, units = result["ledger"], result["units"]
assert len(ledger) == ranks, len(ledger)
assert sum(l["units"] for l in ledger) == len(units) == 5, units
assert sum(l["points"] for l in ledger) == 200
assert [u["fold"] for u in units] == [0, 1, 2, 3, -1] and all(u["seconds"] > 0 for u in units)
for l in ledger:
    spent = sum(l[key] for key in ("planning", "screening", "descent", "waiting"))
    assert 0 < spent <= result["seconds"] * 1.02, (spent, result["seconds"])
    assert (l["units"] > 0) == (l["flops"] > 0), l
passes = sum(l["bytes"] for l in ledger) / (8 * result["n"] * result["p"])
# the report reads X once more, when the run is over
assert abs(passes - result["passes_over_x"] + 0.5) < 0.5 + 1e-9, (passes, result["passes_over_x"])
assert result["imbalance"] >= 0
PYTHON
done

# The progress line counts passes as the results do, by passes over X and by second moments.
expect_done "$RIATA" simulate -n 600 -p 60 --support 10 -o tall.h5
for data in data tall; do
  for ranks in 1 3; do
    expect_done mpirun -n "$ranks" "$RIATA" cv "$data.h5" --folds 4 --alphas 40 --threads 1 \
      --proxies 0 -o "out/$data.$ranks"
    python3 - "out/$data.$ranks" <<'PYTHON' || failures=$((failures + 1))
import json, re, sys
passes = json.load(open(sys.argv[1] + ".json"))["passes_over_x"]
told = re.findall(r"200/200 points, 5/5 fits.* ([0-9.]+) passes over X", open(sys.argv[1] + ".log").read())
assert told and abs(float(told[-1]) - passes) <= 0.0501, (told, passes)
PYTHON
  done
done

# Ranks that cannot have their share of the units in hand: the rest goes to whoever is done first, and
# the result is the same. Nobody begins with more than the others, and all units are done.
expect_done "$RIATA" simulate -n 200 -p 3000 --support 10 -o small.h5
options='--folds 5 --repeats 3 --alphas 30'
# shellcheck disable=SC2086 # words
expect_done "$RIATA" cv small.h5 $options --threads 1 -o out/free
# shellcheck disable=SC2086
expect_error 1 'about [0-9]+ MB' mpirun -n 3 "$RIATA" cv small.h5 $options --threads 1 --memory 1M -o out/none
needed=$(grep -oE 'about [0-9]+ MB' err.txt | grep -oE '[0-9]+')
# shellcheck disable=SC2086
expect_done mpirun -n 3 "$RIATA" cv small.h5 $options --threads 1 --memory "$((needed + 2))M" -o out/tight
cmp out/free.curve.tsv out/tight.curve.tsv || wrong 'the curve depends on who does what'
python3 - <<'PYTHON' || failures=$((failures + 1))
import json
result = json.load(open("out/tight.json"))
done = [u["rank"] for u in result["units"]]
print("units by rank:", [done.count(r) for r in range(3)], "passes:", result["passes_over_x"])
assert len(done) == 16 and sum(l["units"] for l in result["ledger"]) == 16
assert all(l["units"] == done.count(r) for r, l in enumerate(result["ledger"]))
PYTHON
finish
