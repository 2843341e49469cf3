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
