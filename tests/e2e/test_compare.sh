#!/usr/bin/env bash
# Two textbook settings, each over many seeds. Few of many features matter: lasso and elastic net
# predict better than ridge, ridge better than least squares of minimum norm, and the lasso's small
# set has most of the true features. Few features, strong signal: at a fixed alpha the lasso finds
# exactly the true ones and pays with shrinkage; an alpha chosen by cross-validation does not.
# And: the table is the same for any number of ranks and threads, and wrong input is refused.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

for seed in $(seq 1 10); do
  expect_done "$RIATA" simulate -n 600 -p 500 --support 20 --snr 3 --rho 0 --seed "$seed" \
    -o sparse.h5
  expect_done "$RIATA" compare sparse.h5 --test-fraction 0.6666667 --test-seed "$seed" --folds 5 \
    --alphas 50 --threads 1 -o "sparse.$seed"
  expect_done "$RIATA" simulate -n 200 -p 10 --coefficients 3,-2,1.5 --noise-sd 0.5 --rho 0 \
    --seed "$seed" -o small.h5
  expect_done "$RIATA" compare small.h5 --alpha 0.1 --test-repeats 2 --test-seed "$seed" \
    --threads 1 -o "small.$seed"
  for alpha in 0 0.1; do
    expect_done "$RIATA" fit small.h5 --alpha "$alpha" --test-fraction 0.2 --test-seed "$seed" \
      --threads 1 -o "fit.$alpha.$seed"
  done
done
python3 - <<'PYTHON' || wrong "the textbook says otherwise"
import json

SEEDS = range(1, 11)


def models(prefix):
    for seed in SEEDS:
        result = json.load(open(f"{prefix}.{seed}.json"))
        yield {m["model"]: m for m in result["models"]}


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def rmse(runs, name):
    return mean(run[name]["rmse_mean"] for run in runs)


sparse, small = list(models("sparse")), list(models("small"))
assert all(m["certified"] == [1.0] * len(m["certified"]) for run in sparse + small for m in run.values())
order = {name: rmse(sparse, name) for name in ("least squares", "ridge", "lasso", "elastic net")}
print("sparse", order)
assert order["lasso"] < order["ridge"] and order["elastic net"] < order["ridge"]
assert order["ridge"] < order["least squares"]
kept = mean(run["lasso"]["features_mean"] for run in sparse)
found = mean(run["lasso"]["true_features_mean"] for run in sparse)
print("kept", kept, "true", found)
assert kept < 125 and found > 15

order = {name: rmse(small, name) for name in ("least squares", "lasso", "lasso at --alpha")}
print("small", order)
assert order["lasso at --alpha"] > order["least squares"]
assert order["lasso"] <= order["least squares"]


def coefficients(alpha, seed):
    lines = open(f"fit.{alpha}.{seed}.features.tsv").read().splitlines()
    header = lines[0].split("\t")
    rows = [dict(zip(header, line.split("\t"))) for line in lines[1:]]
    return {row["feature"]: float(row["standardized_coefficient"]) for row in rows}


exact, shrinkage = 0, []
for seed in SEEDS:
    free, shrunk = coefficients("0", seed), coefficients("0.1", seed)
    signals = sorted(free, key=lambda name: -abs(free[name]))[:3]
    exact += set(shrunk) == set(signals)
    shrinkage += [abs(free[name]) - abs(shrunk[name]) for name in signals]
print("exactly the signals in", exact, "of", len(SEEDS), "shrunk by", mean(shrinkage))
assert exact > len(SEEDS) / 2
assert all(0 < by < 0.25 for by in shrinkage) and 0.085 < mean(shrinkage) < 0.115
PYTHON
run "$RIATA" compare small.h5 --alpha 0.1 --test-repeats 20 -o words
expect_text 'At alpha 0.1 the lasso keeps 3.* shrinkage bias' out.txt
expect_text 'Lowest test error: ' out.txt
cp out.txt words.txt

# The page of a result shows the table: its numbers are those of the JSON and of the TSV, its words
# those of the screen, names are escaped.
cp small.h5 '<b>&.h5'
expect_done "$RIATA" cv small.h5 --folds 3 --alphas 10 -o first
expect_done "$RIATA" compare '<b>&.h5' --folds 3 --alphas 10 -o once
for name in words once; do
  expect_done "$RIATA" report first --compare "$name" -o "$name.html"
  expect_done "$RIATA" report first.h5 --compare "$name.h5" --quiet -o tables
  cmp -s "$name.html" tables.html || wrong "$name: two ways to the page, two pages"
  python3 "$RIATA_SOURCE/tests/e2e/check_page.py" "$name.html" tables || wrong "the page with $name"
done
python3 - <<'PYTHON' || wrong "the page says otherwise"
import csv
import json
import statistics
import xml.etree.ElementTree as tree

XHTML = "{http://www.w3.org/1999/xhtml}"
for name in ("words", "once"):
    page = open(f"{name}.html", encoding="utf-8").read()
    sections = tree.fromstring(page.split("\n", 1)[1]).iter(XHTML + "section")
    section = next(s for s in sections if s.get("aria-labelledby") == "comparison")
    result = json.load(open(f"{name}.json"))
    means = list(csv.DictReader(open(f"{name}.comparison.tsv"), delimiter="\t"))
    rows = list(next(section.iter(XHTML + "tbody")))
    assert len(rows) == len(means) == len(result["models"]) == (5 if name == "words" else 4)
    assert len(list(next(section.iter(XHTML + "thead"))[0])) == len(rows[0])
    for row, mean, model in zip(rows, means, result["models"]):
        assert row[0].text == mean["model"] == model["model"]
        shown = [float(e.get("value")) for e in row.iter(XHTML + "data")]
        columns = ["rmse"] + ["rmse_se"] * (name == "words") + ["r2", "features", "true_features"]
        expected = [float(mean[c]) for c in columns] + [statistics.median_low(model["alpha"])]
        if model["model"] != "least squares":
            expected.append(statistics.median_low(model["l1_ratio"]))
        assert shown == expected, (shown, expected)
    said = [p.text for p in section.iter(XHTML + "p")][1:]
    if name == "words":
        screen = open("words.txt", encoding="utf-8").read().splitlines()
        start = next(i for i, line in enumerate(screen) if line.startswith("Lowest test error"))
        assert said == screen[start:start + len(said)] and len(said) == 3, said
    else:
        assert "from <b>&.h5: each" in "".join(section.itertext())
PYTHON
expect_error 1 'first.h5: is not a comparison' "$RIATA" report first --compare first -o bad.html
expect_error 1 'words.json: is not an HDF5 file' "$RIATA" report first --compare words.json -o bad.html
expect_error 1 'nothing: cannot be read' "$RIATA" report first --compare nothing -o bad.html
expect_error 1 'words.h5: is the table of riata compare' "$RIATA" report words -o bad.html
expect_done "$RIATA" compare sparse.h5 --folds 3 --alphas 5 -o other
expect_error 1 "other.h5: compares models of .* in sparse.h5" "$RIATA" report first --compare other -o bad.html
head -c 3000 words.h5 >cut.h5
expect_error 1 'cut.h5: .*damaged' "$RIATA" report first --compare cut -o bad.html
[ ! -e bad.html ] || wrong 'a page in spite of a wrong file'

for ranks in 2 3; do
  expect_done mpirun -n "$ranks" "$RIATA" compare sparse.h5 --folds 4 --alphas 10 --test-repeats 2 \
    --threads 2 -o "ranks.$ranks"
done
expect_done "$RIATA" compare sparse.h5 --folds 4 --alphas 10 --test-repeats 2 --threads 1 -o ranks.1
for ranks in 2 3; do
  cmp -s <(cut -f 1-10 ranks.1.repeats.tsv) <(cut -f 1-10 "ranks.$ranks.repeats.tsv") ||
    wrong "$ranks ranks make a difference"
done

expect_error 1 'the same in every draw' "$RIATA" compare small.h5 --test-repeats 3 --test-file sparse.h5
expect_error 1 'alpha-blocks is not for compare' "$RIATA" compare small.h5 --alpha-blocks 2
expect_error 1 'not allowed' "$RIATA" compare small.h5 --alpha 0
expect_error 1 'give at most as many' "$RIATA" simulate -p 2 --coefficients 1,2,3 -o bad.h5
expect_error 1 'not allowed' "$RIATA" simulate --noise-sd 0 -o bad.h5
finish
