#!/usr/bin/env bash
# The ledger: lines for each rank in the log and the JSON, which together have done all units and
# points; no account is longer than the run, and together they are most of it, also where X stays in
# its file (whose reading has an account of its own), is split over nodes, or a ridge is decomposed. The
# log says what the JSON does, and how much of the machine's measured best that is. Each unit's cost is
# recorded.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"

# same_in_log RESULT GB/S GFLOP/S: its log has the ledger of its JSON, of at most 85 columns, with shares
# of what the machine was measured to do.
same_in_log() {
  python3 - "$@" <<'PYTHON' || failures=$((failures + 1))
import json, re, sys
result, most = json.load(open(sys.argv[1] + ".json")), [float(v) for v in sys.argv[2:]]
log = open(sys.argv[1] + ".log").read().split("\nLedger: ")[1].splitlines()
assert max(map(len, log)) <= 85, max(log, key=len)
number = re.compile(r"^ *(\d+|all)((?: +(?:[\d.]+|-)(?: %)?)+)$")
rows = [(m[1], m[2].replace("%", "").split()) for m in map(number.match, log) if m]
ledger, x = result["ledger"], 8 * result["n"] * result["p"]
ranks = len(ledger)
def near(said, value, digits):
    assert abs(float(said) - value) <= 0.51 * 10**-digits, (said, value)
assert len(rows) == 2 * ranks + (ranks > 1), rows
for r, l in enumerate(ledger):
    assert rows[r][0] == rows[ranks + r][0] == str(r)
    seconds, passes = rows[r][1], rows[ranks + r][1]
    for said, key in zip(seconds, ("reading", "planning", "screening", "descent", "waiting")):
        near(said, l[key], 2)
    assert int(seconds[5]) == l["units"] and len(seconds) == 6
    near(passes[0], l["bytes"] / x, 1)
    near(passes[1], l["bytes"] / 1e9, 2)
    near(passes[4], l["flops"] / 1e9, 2)
    assert len(passes) == 7
    for at, key, limit in ((2, "bytes", most[0]), (5, "flops", most[1])):
        rate = l[key] / l["screening"] / 1e9
        near(passes[at], rate, 1)
        near(passes[at + 1], 100 * rate * ranks / limit, 0)
if ranks > 1:
    assert rows[-1][0] == "all"
    for said, key, unit, digits in zip(rows[-1][1], ("bytes", "bytes", "flops"), (x, 1e9, 1e9), (1, 2, 2)):
        near(said, sum(l[key] for l in ledger) / unit, digits)
for text in ("Imbalance: ", "was measured to do, 40.0 GB/s and 80 GFLOP/s"):
    assert any(text in line for line in log), text
PYTHON
}

export XDG_CACHE_HOME=$WORK/cache
mkdir -p cache/riata
cat >cache/riata/calibration.json <<'END'
{"gflops": 80.0, "gbytes": 40.0, "read_gbytes": 0.0, "inflate_gbytes": 0.0, "cores": 2,
 "slowness": 1.0, "host": "here", "simd": "avx2", "measured": "2026-01-01T00:00:00Z"}
END
expect_done "$RIATA" simulate -n 100 -p 2000 --support 10 -o data.h5
for ranks in 1 3 5; do
  expect_done mpirun -n "$ranks" "$RIATA" cv data.h5 --folds 4 --alphas 40 --threads 1 -o "out/$ranks"
  same_in_log "out/$ranks" 40 80
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

# The accounts of every rank are most of the run: of an X that stays in its file, whose reading in passes
# is seen, of a ridge, and of an X split over nodes.
accounted() {
  python3 - "$@" <<'PYTHON' || failures=$((failures + 1))
import json, sys
result = json.load(open(sys.argv[1] + ".json"))
for l in result["ledger"]:
    spent = sum(l[key] for key in ("planning", "screening", "descent", "waiting"))
    read = l["reading"] - result["seconds_reading"]
    print(f"{sys.argv[1]}: {spent + max(read, 0):.2f} of {result['seconds']:.2f} s, {l['reading']:.3f} s reading")
    assert 0.6 * result["seconds"] < spent + max(read, 0) < 1.02 * result["seconds"], l
    assert min(l[key] for key in ("planning", "screening", "descent", "waiting")) >= 0, l
    assert read > 0 or "streamed" not in sys.argv[1], read
PYTHON
}
expect_done "$RIATA" simulate -n 400 -p 20000 --support 10 -o wide.h5
wide=(wide.h5 --folds 4 --alphas 40 --threads 1)
expect_done mpirun -n 2 "$RIATA" cv "${wide[@]}" --stream -o out/streamed
accounted out/streamed
expect_done mpirun -n 2 "$RIATA" cv "${wide[@]}" --l1-ratio 0 -o out/ridge
accounted out/ridge
if unshare --uts true 2>/dev/null; then
  use_nodes
  expect_done on_nodes 1+1 cv "${wide[@]}" --shard 2 --alpha-blocks 1 -o out/shard
  accounted out/shard
fi

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
