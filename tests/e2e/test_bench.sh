#!/usr/bin/env bash
# The benchmark on a tiny workload: every measured thing gets a whole row, its independent gap is the
# one that riata records and verify confirms, and a second start measures only what is not there.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python numpy h5py
BENCH=$RIATA_SOURCE/scripts/bench

measure() { expect_done "$BENCH" --quick --workload d --work work --riata "$RIATA" --no-install; }
Q=work/quick

# every row whole; everything that riata is asked for is there, and certified
measure
cat out.txt
for table in results runs tune targets; do
  awk -F '\t' 'NR == 1 {n = NF} NF != n || /\t\t/ {exit 1}' "$Q/$table.tsv" ||
    wrong "$table.tsv has a row that is not whole"
done
for setting in 'cv t2' 'cv t1' 'cv r2' 'cv t2 shooting' 'path t1' 'path t2'; do
  awk -F '\t' -v setting="$setting" '
    $1 == "d" && $2 == "riata" && $4 == setting && $5 == "1e-06" && $7 > 0 && $10 <= 1e-6 && $11 <= 1e-6 &&
    $12 > 0 && $13 > 0 {found++} END {exit found != 1}' "$Q/results.tsv" ||
    wrong "results.tsv has no good row of riata, $setting"
done
expect_text '^\| \(d\) passes over X \| at most 30 \|' "$Q/report.md"
! grep -q 'failed' "$Q/results.tsv" || wrong "something failed"

# the peers that are installed: at the target, and within it
for peer in glmnet sklearn; do
  grep -q "$peer: not installed" out.txt && continue
  for setting in 'cv p2' 'path p1'; do
    awk -F '\t' -v peer=$peer -v setting="$setting" '
      $2 == peer && $4 == setting && $7 > 0 && $10 <= 2e-6 {found++} END {exit !found}' \
      "$Q/results.tsv" || wrong "no row of $peer, $setting, at the target"
  done
  expect_text '^\| \(d\) times faster at gap 1e-6.*\| (met|missed) \|$' "$Q/report.md"
done

# the judge agrees with riata, whose record verify confirms, and sees a wrong coefficient
data=$Q/data/d.h5
expect_done "$RIATA" cv "$data" --folds 3 --fold-scheme modulo --alphas 20 --eps 0.01 --tol 1e-3 \
  --solver shooting --quiet -o loose
expect_done "$RIATA" verify loose.h5 "$data"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$RIATA_SOURCE/scripts/bench.d "$PYTHON" - "$Q" <<'END' ||
import sys
import h5py
import judge, problem, workloads

workload = next(w for w in workloads.QUICK if w.name == "d")
data = problem.Problem(sys.argv[1], workload)
assert data.missing > 0
paths, alphas = judge.read_riata("loose.h5", workload.fits())
verdicts = judge.judge(data, paths, alphas)
largest = 0
with h5py.File("loose.h5") as file:
    for fit, verdict in verdicts.items():
        name = "refit" if fit == "refit" else f"fold_{fit}"
        stored = file["result/paths/0/fits"][name]
        recorded, null = stored["gap"][:], stored.attrs["null_loss"]
        assert abs(verdict.gap - recorded).max() < 1e-12, (fit, verdict.gap, recorded)
        assert abs(verdict.primal * null - stored["objective"][:]).max() < 1e-12 * null, fit
        largest = max(largest, recorded.max())
assert largest > 1e-8, "nothing but zeros was compared"
gap, subopt = judge.summary(verdicts, {})
assert gap == max(v.gap.max() for v in verdicts.values()) and subopt <= gap + 1e-15
start, feature, coefficient, intercept = paths[1]
paths[1] = (start, feature, coefficient * 1.1, intercept)
assert judge.summary(judge.judge(data, paths, alphas), {})[0] > 10 * gap
END
  wrong "the judge and riata disagree"

# a second start runs nothing; one that was cut short goes on where it was
cat "$Q"/{results,runs,tune,targets}.tsv >before.txt
measure
cat "$Q"/{results,runs,tune,targets}.tsv | cmp -s before.txt - || wrong "something was measured twice"
runs=$(wc -l <"$Q/runs.tsv")
results=$(wc -l <"$Q/results.tsv")
grep -v 'cv t2 shooting' "$Q/results.tsv" >kept && mv kept "$Q/results.tsv"
grep -v 'cv t2 shooting' "$Q/runs.tsv" >kept && mv kept "$Q/runs.tsv"
printf 'd\triata\tcut sho' >>"$Q/runs.tsv"
measure
[ "$(wc -l <"$Q/runs.tsv")" -eq $((runs + 1)) ] || wrong "not one run was made again"
[ "$(wc -l <"$Q/results.tsv")" -eq "$results" ] || wrong "the lost row is not back"
grep -c 'cv t2 shooting' "$Q/results.tsv" | grep -qx 1 || wrong "the lost row is not back once"

run "$BENCH" --workload z --work work --riata "$RIATA" --no-install
[ "$status" -eq 1 ] || wrong "an unknown workload gives exit status $status"
expect_text "^bench: there is no workload 'z'" err.txt
expect_done "$BENCH" --quick --list --work work --riata "$RIATA" --no-install
expect_text '^d +genotypes, n=100, p=400 +rows of this riata: +[0-9]+' out.txt
finish
