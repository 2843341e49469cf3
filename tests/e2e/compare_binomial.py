#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""compare_binomial.py REFERENCE RESULT.json FOLDS

Compares a JSON summary of --family binomial with a reference answer of glmnet and scikit-learn;
says what differs and exits with 1."""
import json
import sys

reference_file, result_file, folds = sys.argv[1:4]
with open(reference_file) as file:
    reference = json.load(file)["models"]["lasso"]
with open(result_file) as file:
    result = json.load(file)
curve = reference["cv"][folds]
failures = []


def differ(name, ours, theirs, limit):
    """Relative to the larger of the value and 1e-3, None standing for an undefined one."""
    worst = 0
    for a, b in zip(ours, theirs):
        if (a is None) != (b is None):
            failures.append(f"{name}: {a}, not {b}")
        elif a is not None:
            worst = max(worst, abs(a - b) / max(abs(b), 1e-3))
    print(f"{result_file}: {name} within {worst:.1e}")
    if len(ours) != len(theirs) or not worst <= limit:
        failures.append(f"{name}: difference {worst:.2e}, allowed {limit:.0e}")


digits = reference["agreement"]["glmnet"]
differ("alphas", result["alphas"], reference["alphas"], 1e-12)
differ("objective", result["objective"], reference["path_all_rows"]["objective"], 1e-12)
differ("deviance", result["cv_mean"], curve["deviance"]["mean"], 2 * digits["cv_score_rel"])
differ("its error", result["cv_se"], curve["deviance"]["se"], 2e-6)
differ("weighted", result["cv_mean_weighted"], curve["deviance"]["mean_weighted_by_fold_size"],
       2 * digits["cv_score_rel"])
differ("misclassified", result["cv_class"], curve["misclassification"]["mean"], 1e-12)
for k, fold in enumerate(result["fold_auc"]):
    theirs = curve["auc_per_fold"][k] or [None] * len(fold)  # one class: not defined
    differ(f"AUC of fold {k}", fold, theirs, 1e-12)
for k, fold in enumerate(result["fold_deviance"]):
    differ(f"deviance of fold {k}", fold, curve["deviance"]["per_fold"][k], 2e-6)
for index in ("index_min", "index_1se"):
    if result[index] != curve["deviance"][index]:
        failures.append(f"{index}: {result[index]}, not {curve['deviance'][index]}")

with open(result_file[: -len(".json")] + ".features.tsv") as file:
    header = file.readline().rstrip("\n").split("\t")
    rows = [dict(zip(header, line.rstrip("\n").split("\t"))) for line in file]
ours = {row["feature"]: float(row["standardized_coefficient"]) for row in rows}
refit = reference["refit"][f"K{folds}_alpha_min"]
theirs = {row["name"]: row["standardized"] for row in refit["coefficients"]}
largest = max(abs(value) for value in theirs.values())
worst = max(abs(ours.get(n, 0) - theirs.get(n, 0)) for n in set(ours) | set(theirs)) / largest
print(f"{result_file}: coefficients within {worst:.1e}")
if not worst <= 2 * digits["coef_rel"]:
    failures.append(f"coefficients: difference {worst:.2e}")
off = abs(result["intercept_selected"] - refit["intercept_original"])
if not off <= 1e-6 * abs(refit["intercept_original"]):
    failures.append(f"intercept: {result['intercept_selected']}, not {refit['intercept_original']}")

for failure in failures:
    print(f"FAILED: {result_file}: {failure}")
sys.exit(1 if failures else 0)
