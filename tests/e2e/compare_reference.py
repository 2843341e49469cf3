#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""compare_reference.py REFERENCE RESULT.json MODEL FOLDS CURVE_LIMIT COEFFICIENTS(yes|no)

Compares a JSON summary with a reference answer; says what differs and exits with 1."""
import json
import sys

reference_file, result_file, model, folds, limit, coefficients = sys.argv[1:7]
with open(reference_file) as file:
    reference = json.load(file)["models"][model]
with open(result_file) as file:
    result = json.load(file)
curve = reference["cv"][folds]["mse"]
failures = []


def differ(name, ours, theirs, relative):
    if len(ours) != len(theirs):
        failures.append(f"{name}: {len(ours)} values, not {len(theirs)}")
        return
    worst = max(abs(a - b) / max(abs(b), 1e-300) for a, b in zip(ours, theirs))
    print(f"{result_file}: {name} within {worst:.1e}")
    if not worst <= relative:
        failures.append(f"{name}: relative difference {worst:.2e}, allowed {relative:.0e}")


strict = float(limit) <= 1e-6
differ("alphas", result["alphas"], reference["alphas"], 1e-12)
differ("cv_mean", result["cv_mean"], curve["mean"], float(limit))
differ("objective", result["objective"], reference["path_all_rows"]["objective"], 1e-10)
if strict:
    differ("cv_se", result["cv_se"], curve["se"], float(limit))
    differ("cv_mean_weighted", result["cv_mean_weighted"], curve["mean_weighted_by_fold_size"],
           float(limit))
    for index in ("index_min", "index_1se"):
        if result[index] != curve[index]:
            failures.append(f"{index}: {result[index]}, not {curve[index]}")
else:  # several answers are optimal: the choice must be as good
    here = curve["mean"][result["index_min"]]
    if here > 1.01 * min(curve["mean"]):
        failures.append(f"the reference's error at index_min is {here}, not {min(curve['mean'])}")
if result["status"] != "certified" or not result["max_relative_gap"] <= 1e-10:
    failures.append(f"status {result['status']}, gap {result['max_relative_gap']}")

if coefficients == "yes":
    table = result_file[: -len(".json")] + ".features.tsv"
    with open(table) as file:
        header = file.readline().rstrip("\n").split("\t")
        rows = [dict(zip(header, line.rstrip("\n").split("\t"))) for line in file]
    ours = {row["feature"]: float(row["standardized_coefficient"]) for row in rows}
    theirs = {
        row["name"]: row["standardized"]
        for row in reference["refit"][f"K{folds}_alpha_min"]["coefficients"]
    }
    agreement = reference["agreement"]["sklearn_working_set"]["coef_rel"]
    largest = max(abs(value) for value in theirs.values())
    for name in sorted(set(ours) | set(theirs)):
        off = abs(ours.get(name, 0.0) - theirs.get(name, 0.0)) / largest
        if off > max(agreement, 1e-9):
            failures.append(f"coefficient of {name}: {ours.get(name)}, not {theirs.get(name)}")

for failure in failures:
    print(f"FAILED: {result_file}: {failure}")
sys.exit(1 if failures else 0)
